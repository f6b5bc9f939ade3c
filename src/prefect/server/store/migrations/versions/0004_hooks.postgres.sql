-- Hooks tell from an outbox, filtered, in words of one's own, signed; automations do more than telling.

ALTER TABLE cloud_hook ADD COLUMN run_filter jsonb;
ALTER TABLE cloud_hook ADD COLUMN template jsonb;

-- Whom a hook tells, with what is secret in it: never shown. `cloud_hook.config` has what may be.
CREATE TABLE cloud_hook_config (
    cloud_hook_id uuid NOT NULL PRIMARY KEY,
    tenant_id uuid,
    config jsonb NOT NULL
);

INSERT INTO cloud_hook_config (cloud_hook_id, tenant_id, config) SELECT id, tenant_id, config FROM cloud_hook;

UPDATE cloud_hook SET config = CASE
    WHEN type = 'EMAIL' THEN jsonb_build_object('to', config -> 'to')
    WHEN type IN ('WEBHOOK', 'SLACK_WEBHOOK') THEN jsonb_build_object('url', CASE
        WHEN config ->> 'url' ~* '^\s*https?://[^/?#\\@]+([/?#\\]|$)' THEN
            regexp_replace(config ->> 'url', '^\s*(https?://[^/?#\\@]+).*$', '\1/…', 'i')
        ELSE '…'
    END)
    ELSE '{}'
END;

-- What the requests of hooks are signed with: sealed, never shown.
CREATE TABLE cloud_hook_secret (
    cloud_hook_id uuid NOT NULL PRIMARY KEY,
    tenant_id uuid,
    sealed text COLLATE "C" NOT NULL
);

-- What hooks have to tell, written together with what it tells of, and how the telling goes.
CREATE TABLE hook_delivery (
    id uuid NOT NULL PRIMARY KEY,
    tenant_id uuid,
    created timestamptz NOT NULL,
    updated timestamptz NOT NULL,
    cloud_hook_id uuid NOT NULL,
    flow_run_id uuid,
    -- The event: what happened, and the title and text that are told.
    content jsonb NOT NULL,
    status text COLLATE "C" NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'delivered', 'given up')),
    attempts integer NOT NULL DEFAULT 0,
    -- When it is to be tried; while somebody tries, when another may. Null when nobody shall any more.
    due timestamptz,
    claimed_by text COLLATE "C",
    finished timestamptz,
    -- What went wrong the last time: no address and nothing secret.
    last_error text COLLATE "C"
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
    id uuid NOT NULL PRIMARY KEY,
    tenant_id uuid NOT NULL,
    created timestamptz NOT NULL,
    updated timestamptz NOT NULL,
    name text COLLATE "C" NOT NULL,
    active boolean NOT NULL DEFAULT true,
    -- What happened up to here before it was made, or made active, sets nothing off.
    active_since timestamptz NOT NULL,
    trigger jsonb NOT NULL,
    actions jsonb NOT NULL
);

-- The automations of a tenant.
CREATE INDEX automation_by_tenant ON automation (tenant_id);

-- What has set an automation off, once for each subject, and how far its actions are done.
CREATE TABLE automation_event (
    id uuid NOT NULL PRIMARY KEY,
    tenant_id uuid NOT NULL,
    created timestamptz NOT NULL,
    updated timestamptz NOT NULL,
    automation_id uuid NOT NULL,
    -- What tells it from every other event of its automation.
    subject text COLLATE "C" NOT NULL,
    flow_run_id uuid,
    content jsonb NOT NULL,
    -- How many automations led to it, one after another.
    depth integer NOT NULL DEFAULT 1,
    actions_done integer NOT NULL DEFAULT 0,
    finished timestamptz,
    last_error text COLLATE "C",
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
    flow_run_id uuid NOT NULL PRIMARY KEY,
    tenant_id uuid NOT NULL,
    automation_id uuid NOT NULL,
    automation_event_id uuid NOT NULL,
    depth integer NOT NULL
);
