-- The whole database of a fresh PostgreSQL schema. Columns follow server/catalog.py (a test compares), tables and indexes
-- are those of schema.sqlite.sql.
--
-- Texts have COLLATE "C": they compare and sort by bytes whatever the locale of the database, as they do on SQLite.
--
-- There are no foreign keys: every row is written by an operation that has just read its parent under the run's lock,
-- deletion goes by index in bounded batches, and checking a parent again for each state would cost a tenth of its write.
-- Every index names the query that it serves; one that serves none slows every transition down.

-- By this table a database is known as ours; its one row says which version of this file made the others.
CREATE TABLE quaestor (
    version integer NOT NULL
);

CREATE TABLE tenant (
    id uuid NOT NULL PRIMARY KEY,
    created timestamptz NOT NULL,
    updated timestamptz NOT NULL,
    name text COLLATE "C" NOT NULL,
    slug text COLLATE "C" NOT NULL UNIQUE,
    info jsonb,
    settings jsonb NOT NULL DEFAULT '{}'
);

CREATE TABLE project (
    id uuid NOT NULL PRIMARY KEY,
    tenant_id uuid,
    created timestamptz NOT NULL,
    updated timestamptz NOT NULL,
    name text COLLATE "C" NOT NULL,
    description text COLLATE "C",
    -- Finished runs of the project are deleted when they are older than this; null keeps them.
    retention_days integer CHECK (retention_days IS NULL OR retention_days >= 0),
    UNIQUE (tenant_id, name)
);

CREATE TABLE flow_group (
    id uuid NOT NULL PRIMARY KEY,
    tenant_id uuid,
    created timestamptz NOT NULL,
    updated timestamptz NOT NULL,
    name text COLLATE "C",
    labels jsonb,
    schedule jsonb,
    settings jsonb NOT NULL DEFAULT '{}',
    default_parameters jsonb NOT NULL DEFAULT '{}',
    run_config jsonb,
    description text COLLATE "C"
);

-- The group of a version group id, when a flow is registered or started by it.
CREATE INDEX flow_group_by_name ON flow_group (name);

CREATE TABLE flow (
    id uuid NOT NULL PRIMARY KEY,
    tenant_id uuid,
    created timestamptz NOT NULL,
    updated timestamptz NOT NULL,
    version integer,
    name text COLLATE "C" NOT NULL,
    description text COLLATE "C",
    environment jsonb,
    parameters jsonb DEFAULT '{}',
    project_id uuid NOT NULL,
    archived boolean NOT NULL DEFAULT false,
    version_group_id text COLLATE "C",
    storage jsonb,
    core_version text COLLATE "C",
    settings jsonb NOT NULL DEFAULT '{}',
    serialized_flow jsonb,
    schedule jsonb,
    is_schedule_active boolean NOT NULL DEFAULT false,
    flow_group_id uuid NOT NULL,
    run_config jsonb
);

-- Versions of a flow, newest first; the next version number at registration.
CREATE INDEX flow_by_group ON flow (flow_group_id, version);
-- Flows of a project by name: registration, `prefect run --name --project`.
CREATE INDEX flow_by_project ON flow (project_id, name);
-- Flows by name alone: FlowView.from_flow_name.
CREATE INDEX flow_by_name ON flow (name);

CREATE TABLE task (
    id uuid NOT NULL PRIMARY KEY,
    tenant_id uuid,
    created timestamptz NOT NULL,
    updated timestamptz NOT NULL,
    flow_id uuid NOT NULL,
    name text COLLATE "C",
    slug text COLLATE "C",
    description text COLLATE "C",
    type text COLLATE "C",
    max_retries integer,
    retry_delay interval,
    trigger text COLLATE "C",
    mapped boolean NOT NULL DEFAULT false,
    auto_generated boolean NOT NULL DEFAULT false,
    cache_key text COLLATE "C",
    is_root_task boolean NOT NULL DEFAULT false,
    is_terminal_task boolean NOT NULL DEFAULT false,
    is_reference_task boolean NOT NULL DEFAULT false,
    tags jsonb NOT NULL DEFAULT '[]',
    -- Also serves: the tasks of a flow; a task run by its task's slug.
    UNIQUE (flow_id, slug)
);

CREATE TABLE edge (
    id uuid NOT NULL PRIMARY KEY,
    tenant_id uuid,
    created timestamptz NOT NULL,
    updated timestamptz NOT NULL,
    flow_id uuid NOT NULL,
    upstream_task_id uuid NOT NULL,
    downstream_task_id uuid NOT NULL,
    key text COLLATE "C",
    mapped boolean NOT NULL DEFAULT false
);

-- The edges of a flow, and whether one is registered already.
CREATE INDEX edge_by_flow ON edge (flow_id, downstream_task_id, upstream_task_id);
-- `upstream_edges` of a task.
CREATE INDEX edge_by_downstream ON edge (downstream_task_id);
-- `downstream_edges` of a task.
CREATE INDEX edge_by_upstream ON edge (upstream_task_id);

CREATE TABLE agent_config (
    id uuid NOT NULL PRIMARY KEY,
    tenant_id uuid NOT NULL,
    created timestamptz NOT NULL,
    updated timestamptz NOT NULL,
    name text COLLATE "C",
    settings jsonb NOT NULL DEFAULT '{}'
);

CREATE TABLE agent (
    id uuid NOT NULL PRIMARY KEY,
    tenant_id uuid NOT NULL,
    created timestamptz NOT NULL,
    updated timestamptz NOT NULL,
    agent_config_id uuid,
    name text COLLATE "C",
    type text COLLATE "C",
    core_version text COLLATE "C",
    labels jsonb NOT NULL DEFAULT '[]',
    last_queried timestamptz
);

CREATE TABLE cloud_hook (
    id uuid NOT NULL PRIMARY KEY,
    tenant_id uuid,
    created timestamptz NOT NULL,
    updated timestamptz NOT NULL,
    name text COLLATE "C",
    states jsonb,
    type text COLLATE "C" NOT NULL,
    config jsonb NOT NULL DEFAULT '{}',
    active boolean NOT NULL DEFAULT true,
    version_group_id text COLLATE "C",
    run_filter jsonb,
    template jsonb
);

CREATE TABLE message (
    id uuid NOT NULL PRIMARY KEY,
    tenant_id uuid NOT NULL,
    created timestamptz NOT NULL,
    updated timestamptz NOT NULL,
    read boolean NOT NULL DEFAULT false,
    type text COLLATE "C",
    text text COLLATE "C",
    content jsonb NOT NULL DEFAULT '{}'
);

-- The oldest of all, for retention.
CREATE INDEX message_by_age ON message (created);

CREATE TABLE key_value (
    id uuid NOT NULL PRIMARY KEY,
    tenant_id uuid NOT NULL,
    created timestamptz NOT NULL,
    updated timestamptz NOT NULL,
    key text COLLATE "C" NOT NULL,
    value jsonb,
    UNIQUE (tenant_id, key)
);

-- How many task runs with a tag may run at once.
CREATE TABLE task_tag_limit (
    id uuid NOT NULL PRIMARY KEY,
    tenant_id uuid NOT NULL,
    created timestamptz NOT NULL,
    updated timestamptz NOT NULL,
    tag text COLLATE "C" NOT NULL,
    "limit" integer NOT NULL CHECK ("limit" >= 0),
    UNIQUE (tenant_id, tag)
);

-- The same limits under the name that the user interface of 1.x has for them.
CREATE VIEW task_concurrency_limit (id, tenant_id, created, updated, name, "limit") AS
SELECT id, tenant_id, created, updated, tag, "limit" FROM task_tag_limit;

-- Which task runs have taken a slot of a limit. Whether one still holds it is asked of the task run itself, so nothing is
-- to be given back and nothing can drift; rows of those that run no longer are removed when a slot is next asked for.
CREATE TABLE task_tag_slot (
    tenant_id uuid NOT NULL,
    tag text COLLATE "C" NOT NULL,
    task_run_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, tag, task_run_id)
);

-- How many flow runs with a label may run at once. Who holds a slot is asked of the runs.
CREATE TABLE flow_concurrency_limit (
    id uuid NOT NULL PRIMARY KEY,
    tenant_id uuid NOT NULL,
    created timestamptz NOT NULL,
    updated timestamptz NOT NULL,
    name text COLLATE "C" NOT NULL,
    "limit" integer NOT NULL CHECK ("limit" >= 0),
    UNIQUE (tenant_id, name)
);

-- Encrypted with a key that is not in this file.
CREATE TABLE secret (
    id uuid NOT NULL PRIMARY KEY,
    tenant_id uuid NOT NULL,
    created timestamptz NOT NULL,
    updated timestamptz NOT NULL,
    name text COLLATE "C" NOT NULL,
    sealed text COLLATE "C" NOT NULL,
    UNIQUE (tenant_id, name)
);

CREATE TABLE auth_api_key (
    id uuid NOT NULL PRIMARY KEY,
    tenant_id uuid NOT NULL,
    created timestamptz NOT NULL,
    updated timestamptz NOT NULL,
    name text COLLATE "C" NOT NULL,
    user_id uuid,
    default_tenant_id uuid NOT NULL,
    expires_at timestamptz,
    -- What the key allows: read-only, user or admin.
    role text COLLATE "C" NOT NULL DEFAULT 'admin' CHECK (role IN ('read-only', 'user', 'admin'))
);

-- SHA-256 of each key, and nothing else of it; apart from what can be asked about.
CREATE TABLE api_key_hash (
    id uuid NOT NULL PRIMARY KEY,
    hash text COLLATE "C" NOT NULL
);

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

-- A run as it is now: a projection of its last row in flow_run_state, written in the same transaction.
CREATE TABLE flow_run (
    id uuid NOT NULL PRIMARY KEY,
    tenant_id uuid,
    created timestamptz NOT NULL,
    updated timestamptz NOT NULL,
    flow_id uuid NOT NULL,
    parameters jsonb DEFAULT '{}',
    scheduled_start_time timestamptz NOT NULL,
    auto_scheduled boolean NOT NULL DEFAULT false,
    heartbeat timestamptz,
    start_time timestamptz,
    end_time timestamptz,
    version integer NOT NULL DEFAULT 0,
    state text COLLATE "C",
    state_timestamp timestamptz,
    state_message text COLLATE "C",
    state_result jsonb,
    state_start_time timestamptz,
    serialized_state jsonb,
    name text COLLATE "C",
    context jsonb,
    times_resurrected integer DEFAULT 0,
    idempotency_key text COLLATE "C",
    agent_id uuid,
    labels jsonb NOT NULL DEFAULT '[]',
    run_config jsonb,
    -- The process that executes the run without a server: whoever opens the file can see whether it still lives.
    owner_host text COLLATE "C",
    owner_pid integer,
    owner_started text COLLATE "C",
    -- The interval that its heartbeat announces, in seconds; NULL where it announces none.
    heartbeat_interval integer
) WITH (fillfactor = 70);

-- A repeated create_flow_run finds the first run again.
CREATE UNIQUE INDEX flow_run_by_idempotency_key ON flow_run (idempotency_key, flow_id) WHERE idempotency_key IS NOT NULL;
-- Runs of a flow, newest first; archiving a flow; retention.
CREATE INDEX flow_run_by_flow ON flow_run (flow_id, scheduled_start_time);
-- Runs of a flow that began last.
CREATE INDEX flow_run_by_flow_and_start ON flow_run (flow_id, start_time);
-- Runs in a state: the queue of due runs, the rescue of silent ones, counts by state. What every query asks besides is in
-- it too, so that runs are counted without being looked at: 50,000 of a million in 5 ms instead of 320.
CREATE INDEX flow_run_by_state ON flow_run (state, scheduled_start_time) INCLUDE (id, tenant_id);
-- All runs in the order in which they are due, and newest first.
CREATE INDEX flow_run_by_scheduled_start_time ON flow_run (scheduled_start_time);
-- All runs in the order in which they began, newest first.
CREATE INDEX flow_run_by_start_time ON flow_run (start_time);
-- A run by the name that people remember.
CREATE INDEX flow_run_by_name ON flow_run (name);
-- Runs that wait for their time, the longest due first: what agents ask for. Who has begun is not in it.
CREATE INDEX flow_run_by_due_time ON flow_run (state_start_time) WHERE state_start_time IS NOT NULL;

-- The last number of each run's feed and the time stamped on it. This row is the run's lock: whoever writes to a run
-- reads and moves it first. It is a table of its own because it changes with every write and a run's row is wide.
-- Pages are left nearly empty: a row that changes finds room beside itself, and no index has to follow it.
CREATE TABLE flow_run_sequence (
    flow_run_id uuid NOT NULL PRIMARY KEY,
    sequence bigint NOT NULL,
    timestamp timestamptz NOT NULL
) WITH (fillfactor = 30);

-- Every state that a flow run went through; rows are only ever added, or deleted with their run.
CREATE TABLE flow_run_state (
    id uuid NOT NULL PRIMARY KEY,
    tenant_id uuid,
    flow_run_id uuid NOT NULL,
    sequence bigint NOT NULL,
    version integer,
    timestamp timestamptz NOT NULL,
    client_timestamp timestamptz,
    state text COLLATE "C" NOT NULL,
    message text COLLATE "C",
    result jsonb,
    start_time timestamptz,
    serialized_state jsonb NOT NULL,
    created timestamptz NOT NULL,
    updated timestamptz NOT NULL,
    idempotency_id text COLLATE "C",
    -- Who proposed it, where that was not the process of the run: a person's key, an agent, a service.
    set_by text COLLATE "C"
);

-- The feed of a run in order; the state at a sequence; deletion with the run.
CREATE UNIQUE INDEX flow_run_state_by_sequence ON flow_run_state (flow_run_id, sequence);
-- A proposal that was sent twice finds the row it made the first time.
CREATE UNIQUE INDEX flow_run_state_by_idempotency_id ON flow_run_state (idempotency_id) WHERE idempotency_id IS NOT NULL;

-- A task run as it is now: a projection of its last row in task_run_state, written in the same transaction. What a move
-- changes stands in no index, so that it stays within its page as long as there is room.
CREATE TABLE task_run (
    id uuid NOT NULL PRIMARY KEY,
    tenant_id uuid,
    created timestamptz NOT NULL,
    updated timestamptz NOT NULL,
    flow_run_id uuid NOT NULL,
    task_id uuid NOT NULL,
    map_index integer NOT NULL DEFAULT -1,
    version integer NOT NULL DEFAULT 0,
    heartbeat timestamptz,
    start_time timestamptz,
    end_time timestamptz,
    state text COLLATE "C",
    state_timestamp timestamptz,
    state_message text COLLATE "C",
    state_result jsonb,
    state_start_time timestamptz,
    serialized_state jsonb,
    cache_key text COLLATE "C",
    name text COLLATE "C",
    -- The sequence of its first state: from there on the task run exists.
    first_sequence bigint NOT NULL
) WITH (fillfactor = 70);

-- Also serves: the task runs of a flow run; get_or_create_task_run.
CREATE UNIQUE INDEX task_run_by_identity ON task_run (flow_run_id, task_id, map_index);
-- Cached states of a task by its key: Client.get_latest_cached_states.
CREATE INDEX task_run_by_cache_key ON task_run (cache_key, state_timestamp) WHERE cache_key IS NOT NULL;
-- `task_runs` of a task, and its cached states when it has no key.
CREATE INDEX task_run_by_task ON task_run (task_id);
-- Task runs that wait for a retry, whose process may be gone until then. Only they are in it.
CREATE INDEX task_run_by_due_time ON task_run (flow_run_id, state_start_time) WHERE state_start_time IS NOT NULL;

-- Every state that a task run went through; rows are only ever added, or deleted with their run.
CREATE TABLE task_run_state (
    id uuid NOT NULL PRIMARY KEY,
    tenant_id uuid,
    flow_run_id uuid NOT NULL,
    task_run_id uuid NOT NULL,
    sequence bigint NOT NULL,
    version integer,
    timestamp timestamptz NOT NULL,
    client_timestamp timestamptz,
    state text COLLATE "C" NOT NULL,
    message text COLLATE "C",
    result jsonb,
    start_time timestamptz,
    serialized_state jsonb NOT NULL,
    created timestamptz NOT NULL,
    updated timestamptz NOT NULL,
    idempotency_id text COLLATE "C",
    -- Who proposed it, where that was not the process of the run: a person's key, an agent, a service.
    set_by text COLLATE "C"
);

-- The feed of a run in order; deletion with the run.
CREATE UNIQUE INDEX task_run_state_by_sequence ON task_run_state (flow_run_id, sequence);
-- The state of a task run at a sequence (`as_of`); `states` of a task run.
CREATE INDEX task_run_state_by_task_run ON task_run_state (task_run_id, sequence);
-- A proposal that was sent twice finds the row it made the first time.
CREATE UNIQUE INDEX task_run_state_by_idempotency_id ON task_run_state (idempotency_id) WHERE idempotency_id IS NOT NULL;

CREATE TABLE task_run_artifact (
    id uuid NOT NULL PRIMARY KEY,
    tenant_id uuid NOT NULL,
    created timestamptz NOT NULL,
    updated timestamptz NOT NULL,
    flow_run_id uuid NOT NULL,
    task_run_id uuid NOT NULL,
    sequence bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    data jsonb NOT NULL DEFAULT '{}'
);

-- The feed of a run in order; deletion with the run.
CREATE UNIQUE INDEX task_run_artifact_by_sequence ON task_run_artifact (flow_run_id, sequence);
-- The artifacts of a task run.
CREATE INDEX task_run_artifact_by_task_run ON task_run_artifact (task_run_id);

CREATE TABLE log (
    id uuid NOT NULL,
    tenant_id uuid,
    created timestamptz NOT NULL,
    updated timestamptz NOT NULL,
    flow_run_id uuid,
    task_run_id uuid,
    sequence bigint NOT NULL,
    timestamp timestamptz NOT NULL,
    name text COLLATE "C",
    level text COLLATE "C",
    message text COLLATE "C",
    info jsonb,
    is_loaded_from_archive boolean,
    client_id text COLLATE "C",
    client_sequence bigint
);

-- The feed of a run in order; `logs` of a flow run; deletion with the run.
CREATE UNIQUE INDEX log_by_sequence ON log (flow_run_id, sequence);
-- `logs` of a task run.
CREATE INDEX log_by_task_run ON log (task_run_id, sequence) WHERE task_run_id IS NOT NULL;

-- The words of a log line. Only letters and digits make words, as in SQLite's index; "folding" becomes a collation that
-- knows lower case. What a line says after a quarter of a million characters is not searched: an index entry would be
-- too large.
CREATE FUNCTION log_words(message text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_tsvector('pg_catalog.simple'::regconfig, translate(
        lower(left(message, 250000) COLLATE "folding"),
        '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', '                                '
    ))
$$;

-- `log(search: ...)`.
CREATE INDEX log_by_word ON log USING gin (log_words(message));

-- The last line kept of each client that logs to a run: a batch that was sent twice is kept once.
CREATE TABLE log_client (
    flow_run_id uuid NOT NULL,
    client_id text COLLATE "C" NOT NULL,
    sequence bigint NOT NULL,
    PRIMARY KEY (flow_run_id, client_id)
);

-- Runs that somebody asked to delete: hidden from every query at once, then removed in bounded batches.
CREATE TABLE flow_run_deletion (
    flow_run_id uuid NOT NULL PRIMARY KEY,
    requested_at timestamptz NOT NULL
);

-- When the schedule of a flow is to be looked at next: a row for each flow whose schedule is active. A table of its own,
-- because it changes all the time and a flow's row is wide.
CREATE TABLE flow_schedule (
    flow_id uuid NOT NULL PRIMARY KEY,
    tenant_id uuid,
    -- Another one with every change of the schedule: what was worked out for the one before is thrown away.
    revision text COLLATE "C" NOT NULL,
    -- Every event up to here has been dealt with.
    planned_until timestamptz NOT NULL,
    looked_at timestamptz NOT NULL,
    -- Null when no event will come any more.
    due timestamptz,
    -- Why no runs can be planned.
    error text COLLATE "C"
);

-- The schedules that are to be looked at now, the longest due first.
CREATE INDEX flow_schedule_by_due ON flow_schedule (due) WHERE due IS NOT NULL;
-- Schedules that were looked at by a clock that has been put back since.
CREATE INDEX flow_schedule_by_looked_at ON flow_schedule (looked_at);

-- What the server does without being asked: whose turn it is, and how it went the last time.
CREATE TABLE service (
    name text COLLATE "C" NOT NULL PRIMARY KEY,
    -- The process whose turn it is until it gives it back or the time has passed; null when it is nobody's.
    holder text COLLATE "C",
    held_until timestamptz,
    host text COLLATE "C",
    started timestamptz,
    finished timestamptz,
    -- Seconds that the last finished pass took.
    duration double precision,
    passes integer NOT NULL DEFAULT 0,
    failures integer NOT NULL DEFAULT 0,
    -- What the last pass that did something has done.
    last_work text COLLATE "C",
    last_work_at timestamptz,
    last_error text COLLATE "C",
    last_error_at timestamptz
);

-- Whom a hook tells, with what is secret in it: never shown. `cloud_hook.config` has what may be.
CREATE TABLE cloud_hook_config (
    cloud_hook_id uuid NOT NULL PRIMARY KEY,
    tenant_id uuid,
    config jsonb NOT NULL
);

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
