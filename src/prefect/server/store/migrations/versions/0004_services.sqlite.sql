-- The server plans runs ahead of time and does other things without being asked: where it stands with them.

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

-- Active schedules begin anew: nothing was planned for them.
INSERT INTO flow_schedule (flow_id, tenant_id, revision, planned_until, looked_at, due)
SELECT id, tenant_id, id, strftime('%Y-%m-%dT%H:%M:%S', 'now') || '+00:00', strftime('%Y-%m-%dT%H:%M:%S', 'now') || '+00:00', strftime('%Y-%m-%dT%H:%M:%S', 'now') || '+00:00' FROM flow
WHERE is_schedule_active = 1 AND archived = 0;
