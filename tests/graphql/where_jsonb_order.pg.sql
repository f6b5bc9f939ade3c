SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.name AS "name"
      FROM (
        SELECT t0.name AS name
        FROM flow_run AS t0
        WHERE t0.parameters > $1::jsonb AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id))
        ORDER BY t0.name ASC) AS r0) AS o2), 'null')::text
-- ["{\"n\":2}"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.name AS "name", r0.labels AS "labels"
      FROM (
        SELECT t0.name AS name, t0.labels AS labels
        FROM flow_run AS t0
        WHERE t0.labels > $1::jsonb AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id))
        ORDER BY t0.name ASC) AS r0) AS o2), 'null')::text
-- ["[\"x\"]"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.name AS "name", r0.labels AS "labels"
      FROM (
        SELECT t0.name AS name, t0.labels AS labels
        FROM flow_run AS t0
        WHERE t0.labels <= $1::jsonb AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id))
        ORDER BY t0.name ASC) AS r0) AS o2), 'null')::text
-- ["[]"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.name AS "name", r0.labels AS "labels"
      FROM (
        SELECT t0.name AS name, t0.labels AS labels
        FROM flow_run AS t0
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id))
        ORDER BY t0.labels ASC, t0.id ASC) AS r0) AS o2), 'null')::text
-- []

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.name AS "name", r0.context AS "context", r0.parameters AS "parameters"
      FROM (
        SELECT t0.name AS name, t0.context AS context, t0.parameters AS parameters
        FROM flow_run AS t0
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id))
        ORDER BY t0.context DESC, t0.parameters DESC, t0.id ASC) AS r0) AS o2), 'null')::text
-- []
