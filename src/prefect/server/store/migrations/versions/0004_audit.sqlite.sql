-- Who changed what, and who is logged in with a browser.

-- Who changed what: one row for each mutation that came over HTTP, but for what runs and agents report all day. Values
-- that could be secret are not in `input`. Kept for `server.audit.retention_days`.
CREATE TABLE audit (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT,
    created TEXT NOT NULL,
    who TEXT NOT NULL,
    key_id TEXT,
    key_name TEXT,
    role TEXT NOT NULL,
    agent_id TEXT,
    operation TEXT NOT NULL,
    ids TEXT NOT NULL CHECK (json_valid(ids)),
    input TEXT NOT NULL CHECK (json_valid(input)),
    outcome TEXT NOT NULL,
    address TEXT,
    user_agent TEXT,
    core_version TEXT
);

-- The latest of a tenant.
CREATE INDEX audit_by_tenant ON audit (tenant_id, created);

-- The oldest of all, for retention.
CREATE INDEX audit_by_age ON audit (created);

-- Browsers that logged in with a key. SHA-256 of what the cookie holds, and nothing else of it.
CREATE TABLE auth_session (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    created TEXT NOT NULL,
    api_key_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    expires_at TEXT NOT NULL
);

-- The sessions that end with a key.
CREATE INDEX auth_session_by_key ON auth_session (api_key_id);
