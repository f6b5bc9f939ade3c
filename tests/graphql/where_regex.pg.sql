SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.name AS "name"
      FROM (
        SELECT t0.name AS name
        FROM flow_run AS t0
        WHERE t0.name ~ $1::text AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id))
        ORDER BY t0.name ASC) AS r0) AS o2), 'null')::text
-- ["^[a-z]+-[a-z]+$"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.name AS "name"
      FROM (
        SELECT t0.name AS name
        FROM flow_run AS t0
        WHERE t0.name ~* $1::text COLLATE "folding" AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id))
        ORDER BY t0.name ASC) AS r0) AS o2), 'null')::text
-- ["^ÄRGER"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.name AS "name"
      FROM (
        SELECT t0.name AS name
        FROM flow_run AS t0
        WHERE t0.name ~ $1::text AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id))
        ORDER BY t0.name ASC) AS r0) AS o2), 'null')::text
-- ["^ÄRGER"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.name AS "name"
      FROM (
        SELECT t0.name AS name
        FROM flow_run AS t0
        WHERE t0.name !~ $1::text AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id))
        ORDER BY t0.name ASC) AS r0) AS o2), 'null')::text
-- ["[ae]"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.name AS "name"
      FROM (
        SELECT t0.name AS name
        FROM flow_run AS t0
        WHERE t0.name !~* $1::text COLLATE "folding" AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id))
        ORDER BY t0.name ASC) AS r0) AS o2), 'null')::text
-- ["(OTTER|LEOPARD)$"]

SELECT coalesce((
    SELECT coalesce(json_agg(o1), '[]')
    FROM (
      SELECT t0.name AS "name", t0.description AS "description"
      FROM project AS t0
      WHERE t0.description ~ $1::text) AS o1), 'null')::text
-- ["\"yes\".and"]

SELECT coalesce((
    SELECT coalesce(json_agg(o1), '[]')
    FROM (
      SELECT t0.name AS "name"
      FROM project AS t0
      WHERE t0.description ~ $1::text) AS o1), 'null')::text
-- ["yes\"$"]
