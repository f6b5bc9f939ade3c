-- The whole database of a fresh file. Columns follow server/catalog.py (a test compares).
--
-- Stored forms: uuids lower-case text; times UTC text `YYYY-MM-DDTHH:MM:SS[.ffffff]+00:00` without trailing zeros, so
-- that they sort as text; JSON as text, checked; booleans 0 and 1; intervals whole microseconds.
--
-- There are no foreign keys: every row is written by an operation that has just read its parent under the run's lock,
-- deletion goes by index in bounded batches, and checking a parent again for each state would cost a tenth of its write.
-- Every index names the query that it serves; one that serves none slows every transition down.

CREATE TABLE tenant (
    id TEXT NOT NULL PRIMARY KEY,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    name TEXT NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    info TEXT CHECK (info IS NULL OR json_valid(info)),
    settings TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(settings))
);

CREATE TABLE project (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    -- Finished runs of the project are deleted when they are older than this; null keeps them.
    retention_days INTEGER CHECK (retention_days IS NULL OR retention_days >= 0),
    UNIQUE (tenant_id, name)
);

CREATE TABLE flow_group (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    name TEXT,
    labels TEXT CHECK (labels IS NULL OR json_valid(labels)),
    schedule TEXT CHECK (schedule IS NULL OR json_valid(schedule)),
    settings TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(settings)),
    default_parameters TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(default_parameters)),
    run_config TEXT CHECK (run_config IS NULL OR json_valid(run_config)),
    description TEXT
);

-- The group of a version group id, when a flow is registered or started by it.
CREATE INDEX flow_group_by_name ON flow_group (name);

CREATE TABLE flow (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    version INTEGER,
    name TEXT NOT NULL,
    description TEXT,
    environment TEXT CHECK (environment IS NULL OR json_valid(environment)),
    parameters TEXT DEFAULT '{}' CHECK (parameters IS NULL OR json_valid(parameters)),
    project_id TEXT NOT NULL,
    archived INTEGER NOT NULL DEFAULT 0,
    version_group_id TEXT,
    storage TEXT CHECK (storage IS NULL OR json_valid(storage)),
    core_version TEXT,
    settings TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(settings)),
    serialized_flow TEXT CHECK (serialized_flow IS NULL OR json_valid(serialized_flow)),
    schedule TEXT CHECK (schedule IS NULL OR json_valid(schedule)),
    is_schedule_active INTEGER NOT NULL DEFAULT 0,
    flow_group_id TEXT NOT NULL,
    run_config TEXT CHECK (run_config IS NULL OR json_valid(run_config))
);

-- Versions of a flow, newest first; the next version number at registration.
CREATE INDEX flow_by_group ON flow (flow_group_id, version);
-- Flows of a project by name: registration, `prefect run --name --project`.
CREATE INDEX flow_by_project ON flow (project_id, name);
-- Flows by name alone: FlowView.from_flow_name.
CREATE INDEX flow_by_name ON flow (name);

CREATE TABLE task (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    flow_id TEXT NOT NULL,
    name TEXT,
    slug TEXT,
    description TEXT,
    type TEXT,
    max_retries INTEGER,
    retry_delay INTEGER,
    trigger TEXT,
    mapped INTEGER NOT NULL DEFAULT 0,
    auto_generated INTEGER NOT NULL DEFAULT 0,
    cache_key TEXT,
    is_root_task INTEGER NOT NULL DEFAULT 0,
    is_terminal_task INTEGER NOT NULL DEFAULT 0,
    is_reference_task INTEGER NOT NULL DEFAULT 0,
    tags TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(tags)),
    -- Also serves: the tasks of a flow; a task run by its task's slug.
    UNIQUE (flow_id, slug)
);

CREATE TABLE edge (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    flow_id TEXT NOT NULL,
    upstream_task_id TEXT NOT NULL,
    downstream_task_id TEXT NOT NULL,
    key TEXT,
    mapped INTEGER NOT NULL DEFAULT 0
);

-- The edges of a flow, and whether one is registered already.
CREATE INDEX edge_by_flow ON edge (flow_id, downstream_task_id, upstream_task_id);
-- `upstream_edges` of a task.
CREATE INDEX edge_by_downstream ON edge (downstream_task_id);
-- `downstream_edges` of a task.
CREATE INDEX edge_by_upstream ON edge (upstream_task_id);

CREATE TABLE agent_config (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    name TEXT,
    settings TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(settings))
);

CREATE TABLE agent (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    agent_config_id TEXT,
    name TEXT,
    type TEXT,
    core_version TEXT,
    labels TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(labels)),
    last_queried TEXT
);

CREATE TABLE cloud_hook (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    name TEXT,
    states TEXT CHECK (states IS NULL OR json_valid(states)),
    type TEXT NOT NULL,
    config TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(config)),
    active INTEGER NOT NULL DEFAULT 1,
    version_group_id TEXT,
    run_filter TEXT CHECK (run_filter IS NULL OR json_valid(run_filter)),
    template TEXT CHECK (template IS NULL OR json_valid(template))
);

CREATE TABLE message (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    read INTEGER NOT NULL DEFAULT 0,
    type TEXT,
    text TEXT,
    content TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(content))
);

-- The oldest of all, for retention.
CREATE INDEX message_by_age ON message (created);

CREATE TABLE key_value (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT CHECK (value IS NULL OR json_valid(value)),
    UNIQUE (tenant_id, key)
);

-- How many task runs with a tag may run at once.
CREATE TABLE task_tag_limit (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    tag TEXT NOT NULL,
    "limit" INTEGER NOT NULL CHECK ("limit" >= 0),
    UNIQUE (tenant_id, tag)
);

-- The same limits under the name that the user interface of 1.x has for them.
CREATE VIEW task_concurrency_limit (id, tenant_id, created, updated, name, "limit") AS
SELECT id, tenant_id, created, updated, tag, "limit" FROM task_tag_limit;

-- Which task runs have taken a slot of a limit. Whether one still holds it is asked of the task run itself, so nothing is
-- to be given back and nothing can drift; rows of those that run no longer are removed when a slot is next asked for.
CREATE TABLE task_tag_slot (
    tenant_id TEXT NOT NULL,
    tag TEXT NOT NULL,
    task_run_id TEXT NOT NULL,
    PRIMARY KEY (tenant_id, tag, task_run_id)
) WITHOUT ROWID;

-- How many flow runs with a label may run at once. Who holds a slot is asked of the runs.
CREATE TABLE flow_concurrency_limit (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    name TEXT NOT NULL,
    "limit" INTEGER NOT NULL CHECK ("limit" >= 0),
    UNIQUE (tenant_id, name)
);

-- Encrypted with a key that is not in this file.
CREATE TABLE secret (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    name TEXT NOT NULL,
    sealed TEXT NOT NULL,
    UNIQUE (tenant_id, name)
);

CREATE TABLE auth_api_key (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    name TEXT NOT NULL,
    user_id TEXT,
    default_tenant_id TEXT NOT NULL,
    expires_at TEXT,
    -- What the key allows: read-only, user or admin.
    role TEXT NOT NULL DEFAULT 'admin' CHECK (role IN ('read-only', 'user', 'admin'))
);

-- SHA-256 of each key, and nothing else of it; apart from what can be asked about.
CREATE TABLE api_key_hash (
    id TEXT NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL
);

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

-- A run as it is now: a projection of its last row in flow_run_state, written in the same transaction.
CREATE TABLE flow_run (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    flow_id TEXT NOT NULL,
    parameters TEXT DEFAULT '{}' CHECK (parameters IS NULL OR json_valid(parameters)),
    scheduled_start_time TEXT NOT NULL,
    auto_scheduled INTEGER NOT NULL DEFAULT 0,
    heartbeat TEXT,
    start_time TEXT,
    end_time TEXT,
    version INTEGER NOT NULL DEFAULT 0,
    state TEXT,
    state_timestamp TEXT,
    state_message TEXT,
    state_result TEXT CHECK (state_result IS NULL OR json_valid(state_result)),
    state_start_time TEXT,
    serialized_state TEXT CHECK (serialized_state IS NULL OR json_valid(serialized_state)),
    name TEXT,
    context TEXT CHECK (context IS NULL OR json_valid(context)),
    times_resurrected INTEGER DEFAULT 0,
    idempotency_key TEXT,
    agent_id TEXT,
    labels TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(labels)),
    run_config TEXT CHECK (run_config IS NULL OR json_valid(run_config)),
    -- The process that executes the run without a server: whoever opens the file can see whether it still lives.
    owner_host TEXT,
    owner_pid INTEGER,
    owner_started TEXT,
    -- The interval that its heartbeat announces, in seconds; NULL where it announces none.
    heartbeat_interval INTEGER
);

-- A repeated create_flow_run finds the first run again.
CREATE UNIQUE INDEX flow_run_by_idempotency_key ON flow_run (idempotency_key, flow_id) WHERE idempotency_key IS NOT NULL;
-- Runs of a flow, newest first; archiving a flow; retention.
CREATE INDEX flow_run_by_flow ON flow_run (flow_id, scheduled_start_time);
-- Runs of a flow that began last.
CREATE INDEX flow_run_by_flow_and_start ON flow_run (flow_id, start_time);
-- Runs in a state: the queue of due runs, the rescue of silent ones, counts by state.
CREATE INDEX flow_run_by_state ON flow_run (state, scheduled_start_time);
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
CREATE TABLE flow_run_sequence (
    flow_run_id TEXT NOT NULL PRIMARY KEY,
    sequence INTEGER NOT NULL,
    timestamp TEXT NOT NULL
) WITHOUT ROWID;

-- Every state that a flow run went through; rows are only ever added, or deleted with their run.
CREATE TABLE flow_run_state (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT,
    flow_run_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    version INTEGER,
    timestamp TEXT NOT NULL,
    client_timestamp TEXT,
    state TEXT NOT NULL,
    message TEXT,
    result TEXT CHECK (result IS NULL OR json_valid(result)),
    start_time TEXT,
    serialized_state TEXT NOT NULL CHECK (json_valid(serialized_state)),
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    idempotency_id TEXT,
    -- Who proposed it, where that was not the process of the run: a person's key, an agent, a service.
    set_by TEXT
);

-- The feed of a run in order; the state at a sequence; deletion with the run.
CREATE UNIQUE INDEX flow_run_state_by_sequence ON flow_run_state (flow_run_id, sequence);
-- A proposal that was sent twice finds the row it made the first time.
CREATE UNIQUE INDEX flow_run_state_by_idempotency_id ON flow_run_state (idempotency_id) WHERE idempotency_id IS NOT NULL;

-- A task run as it is now: a projection of its last row in task_run_state, written in the same transaction.
CREATE TABLE task_run (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    flow_run_id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    map_index INTEGER NOT NULL DEFAULT -1,
    version INTEGER NOT NULL DEFAULT 0,
    heartbeat TEXT,
    start_time TEXT,
    end_time TEXT,
    state TEXT,
    state_timestamp TEXT,
    state_message TEXT,
    state_result TEXT CHECK (state_result IS NULL OR json_valid(state_result)),
    state_start_time TEXT,
    serialized_state TEXT CHECK (serialized_state IS NULL OR json_valid(serialized_state)),
    cache_key TEXT,
    name TEXT,
    -- The sequence of its first state: from there on the task run exists.
    first_sequence INTEGER NOT NULL
);

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
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT,
    flow_run_id TEXT NOT NULL,
    task_run_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    version INTEGER,
    timestamp TEXT NOT NULL,
    client_timestamp TEXT,
    state TEXT NOT NULL,
    message TEXT,
    result TEXT CHECK (result IS NULL OR json_valid(result)),
    start_time TEXT,
    serialized_state TEXT NOT NULL CHECK (json_valid(serialized_state)),
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    idempotency_id TEXT,
    -- Who proposed it, where that was not the process of the run: a person's key, an agent, a service.
    set_by TEXT
);

-- The feed of a run in order; deletion with the run.
CREATE UNIQUE INDEX task_run_state_by_sequence ON task_run_state (flow_run_id, sequence);
-- The state of a task run at a sequence (`as_of`); `states` of a task run.
CREATE INDEX task_run_state_by_task_run ON task_run_state (task_run_id, sequence);
-- A proposal that was sent twice finds the row it made the first time.
CREATE UNIQUE INDEX task_run_state_by_idempotency_id ON task_run_state (idempotency_id) WHERE idempotency_id IS NOT NULL;

CREATE TABLE task_run_artifact (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    flow_run_id TEXT NOT NULL,
    task_run_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    kind TEXT NOT NULL,
    data TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(data))
);

-- The feed of a run in order; deletion with the run.
CREATE UNIQUE INDEX task_run_artifact_by_sequence ON task_run_artifact (flow_run_id, sequence);
-- The artifacts of a task run.
CREATE INDEX task_run_artifact_by_task_run ON task_run_artifact (task_run_id);

CREATE TABLE log (
    -- SQLite's own number of the row, in the order of arrival: the index of words points to it.
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    tenant_id TEXT,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    flow_run_id TEXT,
    task_run_id TEXT,
    sequence INTEGER NOT NULL,
    timestamp TEXT NOT NULL,
    name TEXT,
    level TEXT,
    message TEXT,
    info TEXT CHECK (info IS NULL OR json_valid(info)),
    is_loaded_from_archive INTEGER,
    client_id TEXT,
    client_sequence INTEGER
);

-- The feed of a run in order; `logs` of a flow run; deletion with the run.
CREATE UNIQUE INDEX log_by_sequence ON log (flow_run_id, sequence);
-- `logs` of a task run.
CREATE INDEX log_by_task_run ON log (task_run_id, sequence) WHERE task_run_id IS NOT NULL;

-- The words of log lines with the run that they belong to: `log(search: ...)`. Lines come in some time after they were
-- written, many at once (store.index_words): a writer who waited for it would take five times as long. Lines that are
-- not in yet are searched one by one.
CREATE VIRTUAL TABLE log_word USING fts5(
    run, message, content = '', columnsize = 0, tokenize = 'unicode61 remove_diacritics 0'
);

-- The number of the last line whose words are in the index.
CREATE TABLE log_indexed (
    number INTEGER NOT NULL
);

INSERT INTO log_indexed (number) VALUES (0);

-- An index without contents has to be told what it forgets. The number of the last line is given again when that line
-- has gone, so the index must not claim to know it.
CREATE TRIGGER log_deleted AFTER DELETE ON log BEGIN
    INSERT INTO log_word (log_word, rowid, run, message)
    SELECT 'delete', old.number, replace(old.flow_run_id, '-', ''), old.message
    WHERE old.number <= (SELECT number FROM log_indexed);
    UPDATE log_indexed SET number = (SELECT coalesce(max(number), 0) FROM log)
    WHERE number > (SELECT coalesce(max(number), 0) FROM log);
END;

-- The last line kept of each client that logs to a run: a batch that was sent twice is kept once.
CREATE TABLE log_client (
    flow_run_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (flow_run_id, client_id)
) WITHOUT ROWID;

-- Runs that somebody asked to delete: hidden from every query at once, then removed in bounded batches.
CREATE TABLE flow_run_deletion (
    flow_run_id TEXT NOT NULL PRIMARY KEY,
    requested_at TEXT NOT NULL
) WITHOUT ROWID;

-- When the schedule of a flow is to be looked at next: a row for each flow whose schedule is active. A table of its own,
-- because it changes all the time and a flow's row is wide.
CREATE TABLE flow_schedule (
    flow_id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT,
    -- Another one with every change of the schedule: what was worked out for the one before is thrown away.
    revision TEXT NOT NULL,
    -- Every event up to here has been dealt with.
    planned_until TEXT NOT NULL,
    looked_at TEXT NOT NULL,
    -- Null when no event will come any more.
    due TEXT,
    -- Why no runs can be planned.
    error TEXT
) WITHOUT ROWID;

-- The schedules that are to be looked at now, the longest due first.
CREATE INDEX flow_schedule_by_due ON flow_schedule (due) WHERE due IS NOT NULL;
-- Schedules that were looked at by a clock that has been put back since.
CREATE INDEX flow_schedule_by_looked_at ON flow_schedule (looked_at);

-- What the server does without being asked: whose turn it is, and how it went the last time.
CREATE TABLE service (
    name TEXT NOT NULL PRIMARY KEY,
    -- The process whose turn it is until it gives it back or the time has passed; null when it is nobody's.
    holder TEXT,
    held_until TEXT,
    host TEXT,
    started TEXT,
    finished TEXT,
    -- Seconds that the last finished pass took.
    duration REAL,
    passes INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    -- What the last pass that did something has done.
    last_work TEXT,
    last_work_at TEXT,
    last_error TEXT,
    last_error_at TEXT
) WITHOUT ROWID;

-- Whom a hook tells, with what is secret in it: never shown. `cloud_hook.config` has what may be.
CREATE TABLE cloud_hook_config (
    cloud_hook_id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT,
    config TEXT NOT NULL CHECK (json_valid(config))
) WITHOUT ROWID;

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
