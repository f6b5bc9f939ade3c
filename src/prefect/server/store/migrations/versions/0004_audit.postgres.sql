-- Who changed what, and who is logged in with a browser.

-- Who changed what: one row for each mutation that came over HTTP, but for what runs and agents report all day. Values
-- that could be secret are not in `input`. Kept for `server.audit.retention_days`.
CREATE TABLE audit (
    id uuid NOT NULL PRIMARY KEY,
    tenant_id uuid,
    created timestamptz NOT NULL,
    who text COLLATE "C" NOT NULL,
    key_id uuid,
    key_name text COLLATE "C",
    role text COLLATE "C" NOT NULL,
    agent_id text COLLATE "C",
    operation text COLLATE "C" NOT NULL,
    ids jsonb NOT NULL,
    input jsonb NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    address text COLLATE "C",
    user_agent text COLLATE "C",
    core_version text COLLATE "C"
);

-- The latest of a tenant.
CREATE INDEX audit_by_tenant ON audit (tenant_id, created);

-- The oldest of all, for retention.
CREATE INDEX audit_by_age ON audit (created);

-- Browsers that logged in with a key. SHA-256 of what the cookie holds, and nothing else of it.
CREATE TABLE auth_session (
    id uuid NOT NULL PRIMARY KEY,
    tenant_id uuid NOT NULL,
    created timestamptz NOT NULL,
    api_key_id uuid NOT NULL,
    hash text COLLATE "C" NOT NULL,
    expires_at timestamptz NOT NULL
);

-- The sessions that end with a key.
CREATE INDEX auth_session_by_key ON auth_session (api_key_id);
