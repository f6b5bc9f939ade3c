SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.id AS "id", r0.map_index AS "map_index", r0.version AS "version"
      FROM (
        SELECT t0.id AS id, t0.map_index AS map_index, t0.version AS version
        FROM task_run AS t0
        WHERE t0.map_index > $1::integer AND t0.version <= $2::integer AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.flow_run_id))
        ORDER BY t0.id ASC) AS r0) AS o2), 'null')::text
-- [-1, 2]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.id AS "id", r0.start_time AS "start_time"
      FROM (
        SELECT t0.id AS id, t0.start_time AS start_time
        FROM flow_run AS t0
        WHERE t0.start_time >= $1::timestamptz AND t0.start_time < $2::timestamptz AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id))
        ORDER BY t0.id ASC) AS r0) AS o2), 'null')::text
-- ["2021-05-12T17:00:31+00:00", "2021-05-12T17:03:20+00:00"]

SELECT coalesce((
    SELECT row_to_json(o4)
    FROM (
      SELECT (
        SELECT row_to_json(o2)
        FROM (
          SELECT a1.m0 AS "count") AS o2) AS "aggregate"
      FROM (
        SELECT count(*) AS m0
        FROM task_run_state AS t0
        WHERE t0.sequence > $1::bigint AND t0.sequence <= $2::bigint AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x3
            WHERE x3.flow_run_id = t0.flow_run_id))) AS a1) AS o4), 'null')::text
-- [5, 12]

SELECT coalesce((
    SELECT coalesce(json_agg(o1), '[]')
    FROM (
      SELECT r0.name AS "name", r0.retry_delay AS "retry_delay"
      FROM (
        SELECT t0.name AS name, t0.retry_delay AS retry_delay
        FROM task AS t0
        WHERE t0.retry_delay >= $1::interval
        ORDER BY t0.retry_delay ASC) AS r0) AS o1), 'null')::text
-- ["00:00:05"]

SELECT coalesce((
    SELECT coalesce(json_agg(o1), '[]')
    FROM (
      SELECT t0.name AS "name"
      FROM task AS t0
      WHERE t0.retry_delay = $1::interval) AS o1), 'null')::text
-- ["1 day 01:01:01.5"]

SELECT coalesce((
    SELECT coalesce(json_agg(o1), '[]')
    FROM (
      SELECT t0.name AS "name", t0.retry_delay AS "retry_delay"
      FROM task AS t0
      WHERE t0.retry_delay IS NULL) AS o1), 'null')::text
-- []

SELECT coalesce((
    SELECT coalesce(json_agg(o1), '[]')
    FROM (
      SELECT t0.id AS "id", t0.archived AS "archived", t0.is_schedule_active AS "is_schedule_active"
      FROM flow AS t0
      WHERE t0.archived = ANY ($1::boolean[])) AS o1), 'null')::text
-- ["{t}"]
