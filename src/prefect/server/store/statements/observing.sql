-- any_tenant: there is at least one in every database of ours.
SELECT id FROM tenant LIMIT 1;

-- touch_tenants: writes what is there already, to see whether anything can be written.
UPDATE tenant SET slug = slug;

-- flow_runs_by_state: how many runs are in each state.
SELECT state, count(*) FROM flow_run GROUP BY state ORDER BY state;

-- flow_runs_due: runs whose time has come and that no agent has taken, and since when the first of them waits.
SELECT count(*), min(scheduled_start_time) FROM flow_run WHERE state = 'Scheduled' AND scheduled_start_time <= ?1;
