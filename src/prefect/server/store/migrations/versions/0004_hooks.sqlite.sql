-- Hooks tell from an outbox, filtered, in words of one's own, signed; automations do more than telling.

ALTER TABLE cloud_hook ADD COLUMN run_filter TEXT CHECK (run_filter IS NULL OR json_valid(run_filter));
ALTER TABLE cloud_hook ADD COLUMN template TEXT CHECK (template IS NULL OR json_valid(template));

-- Whom a hook tells, with what is secret in it: never shown. `cloud_hook.config` has what may be.
CREATE TABLE cloud_hook_config (
    cloud_hook_id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT,
    config TEXT NOT NULL CHECK (json_valid(config))
) WITHOUT ROWID;

INSERT INTO cloud_hook_config (cloud_hook_id, tenant_id, config) SELECT id, tenant_id, config FROM cloud_hook;

UPDATE cloud_hook SET config = CASE
    WHEN type = 'EMAIL' THEN json_object('to', json_extract(config, '$.to'))
    WHEN type IN ('WEBHOOK', 'SLACK_WEBHOOK') THEN json_object('url', (
        SELECT CASE WHEN scheme = '' OR host = '' OR instr(host, '@') > 0 THEN '…' ELSE scheme || host || '/…' END
        FROM (
            SELECT scheme, substr(rest, 1, instr(rest, '/') - 1) AS host
            FROM (
                SELECT scheme,
                    replace(replace(replace(substr(url, length(scheme) + 1), '?', '/'), '#', '/'), '\', '/') || '/' AS rest
                FROM (
                    SELECT url, CASE WHEN lower(substr(url, 1, 8)) = 'https://' THEN 'https://'
                        WHEN lower(substr(url, 1, 7)) = 'http://' THEN 'http://' ELSE '' END AS scheme
                    FROM (SELECT trim(coalesce(json_extract(config, '$.url'), '')) AS url)
                )
            )
        )
    ))
    ELSE '{}'
END;

-- What the requests of hooks are signed with: sealed, never shown.
CREATE TABLE cloud_hook_secret (
    cloud_hook_id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT,
    sealed TEXT NOT NULL
) WITHOUT ROWID;

-- What hooks have to tell, written together with what it tells of, and how the telling goes.
CREATE TABLE hook_delivery (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    cloud_hook_id TEXT NOT NULL,
    flow_run_id TEXT,
    -- The event: what happened, and the title and text that are told.
    content TEXT NOT NULL CHECK (json_valid(content)),
    status TEXT NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'delivered', 'given up')),
    attempts INTEGER NOT NULL DEFAULT 0,
    -- When it is to be tried; while somebody tries, when another may. Null when nobody shall any more.
    due TEXT,
    claimed_by TEXT,
    finished TEXT,
    -- What went wrong the last time: no address and nothing secret.
    last_error TEXT
);

-- What is to be told next.
CREATE INDEX hook_delivery_by_due ON hook_delivery (due) WHERE due IS NOT NULL;
-- What is old enough to be forgotten.
CREATE INDEX hook_delivery_by_finished ON hook_delivery (finished) WHERE finished IS NOT NULL;
-- What was told of a run.
CREATE INDEX hook_delivery_by_flow_run ON hook_delivery (flow_run_id) WHERE flow_run_id IS NOT NULL;
-- What a hook has told, the latest first.
CREATE INDEX hook_delivery_by_hook ON hook_delivery (cloud_hook_id, created);

-- What is done by itself when something happens.
CREATE TABLE automation (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    name TEXT NOT NULL,
    active INTEGER NOT NULL DEFAULT 1,
    -- What happened up to here before it was made, or made active, sets nothing off.
    active_since TEXT NOT NULL,
    trigger TEXT NOT NULL CHECK (json_valid(trigger)),
    actions TEXT NOT NULL CHECK (json_valid(actions))
);

-- The automations of a tenant.
CREATE INDEX automation_by_tenant ON automation (tenant_id);

-- What has set an automation off, once for each subject, and how far its actions are done.
CREATE TABLE automation_event (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    automation_id TEXT NOT NULL,
    -- What tells it from every other event of its automation.
    subject TEXT NOT NULL,
    flow_run_id TEXT,
    content TEXT NOT NULL CHECK (json_valid(content)),
    -- How many automations led to it, one after another.
    depth INTEGER NOT NULL DEFAULT 1,
    actions_done INTEGER NOT NULL DEFAULT 0,
    finished TEXT,
    last_error TEXT,
    UNIQUE (automation_id, subject)
);

-- Events whose actions are to be done.
CREATE INDEX automation_event_by_created ON automation_event (created) WHERE finished IS NULL;
-- Events that are old enough to be forgotten.
CREATE INDEX automation_event_by_finished ON automation_event (finished) WHERE finished IS NOT NULL;
-- What a run has set off.
CREATE INDEX automation_event_by_flow_run ON automation_event (flow_run_id) WHERE flow_run_id IS NOT NULL;

-- The runs that automations have started.
CREATE TABLE automation_run (
    flow_run_id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    automation_id TEXT NOT NULL,
    automation_event_id TEXT NOT NULL,
    depth INTEGER NOT NULL
) WITHOUT ROWID;
