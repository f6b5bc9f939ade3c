SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT t0.name AS "name"
      FROM flow_run AS t0
      WHERE t0.name SIMILAR TO $1::text AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x1
          WHERE x1.flow_run_id = t0.id))) AS o2), 'null')::text
-- ["brave"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.name AS "name"
      FROM (
        SELECT t0.name AS name
        FROM flow_run AS t0
        WHERE t0.name SIMILAR TO $1::text AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id))
        ORDER BY t0.name ASC) AS r0) AS o2), 'null')::text
-- ["%(otter|leopard)"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.name AS "name"
      FROM (
        SELECT t0.name AS name
        FROM flow_run AS t0
        WHERE t0.name SIMILAR TO $1::text AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id))
        ORDER BY t0.name ASC) AS r0) AS o2), 'null')::text
-- ["a_b_c"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.name AS "name"
      FROM (
        SELECT t0.name AS name
        FROM flow_run AS t0
        WHERE t0.name SIMILAR TO $1::text AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id))
        ORDER BY t0.name ASC) AS r0) AS o2), 'null')::text
-- ["a\\_b\\%c"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.name AS "name"
      FROM (
        SELECT t0.name AS name
        FROM flow_run AS t0
        WHERE t0.name SIMILAR TO $1::text AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id))
        ORDER BY t0.name ASC) AS r0) AS o2), 'null')::text
-- ["brave.otter"]

SELECT coalesce((
    SELECT coalesce(json_agg(o1), '[]')
    FROM (
      SELECT r0.name AS "name"
      FROM (
        SELECT t0.name AS name
        FROM flow AS t0
        WHERE t0.name SIMILAR TO $1::text
        ORDER BY t0.id ASC) AS r0) AS o1), 'null')::text
-- ["[[:lower:]-]+"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.name AS "name"
      FROM (
        SELECT t0.name AS name
        FROM flow_run AS t0
        WHERE t0.name NOT SIMILAR TO $1::text AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id))
        ORDER BY t0.name ASC) AS r0) AS o2), 'null')::text
-- ["[^-]+"]
