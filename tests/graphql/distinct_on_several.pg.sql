SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.flow_id AS "flow_id", r0.state AS "state", r0.name AS "name"
      FROM (
        SELECT d0.flow_id, d0.state, d0.name
        FROM (
          SELECT t0.flow_id AS flow_id, t0.state AS state, t0.name AS name, t0.flow_id AS key0, t0.state AS key1, t0.state AS key2, t0.id AS key3, row_number() OVER (PARTITION BY t0.state, t0.flow_id
            ORDER BY t0.flow_id ASC, t0.state ASC NULLS FIRST, t0.state DESC, t0.id DESC) AS number
          FROM flow_run AS t0
          WHERE (NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion) OR NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion AS x1
              WHERE x1.flow_run_id = t0.id))) AS d0
        WHERE d0.number = 1
        ORDER BY d0.key0 ASC, d0.key1 ASC NULLS FIRST, d0.key2 DESC, d0.key3 DESC) AS r0) AS o2), 'null')::text
-- []

SELECT coalesce((
    SELECT row_to_json(o4)
    FROM (
      SELECT (
        SELECT row_to_json(o2)
        FROM (
          SELECT a1.m0 AS "count") AS o2) AS "aggregate"
      FROM (
        SELECT count(*) AS m0
        FROM (
          SELECT 1
          FROM (
            SELECT 1, row_number() OVER (PARTITION BY t0.flow_id, t0.state) AS number
            FROM flow_run AS t0
            WHERE (NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion) OR NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion AS x3
                WHERE x3.flow_run_id = t0.id))) AS d0
          WHERE d0.number = 1) AS r0) AS a1) AS o4), 'null')::text
-- []

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.state AS "state", r0.name AS "name"
      FROM (
        SELECT d0.state, d0.name
        FROM (
          SELECT t0.state AS state, t0.name AS name, t0.state AS key0, t0.id AS key1, row_number() OVER (PARTITION BY t0.state
            ORDER BY t0.state DESC, t0.id ASC) AS number
          FROM flow_run AS t0
          WHERE (NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion) OR NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion AS x1
              WHERE x1.flow_run_id = t0.id))) AS d0
        WHERE d0.number = 1
        ORDER BY d0.key0 DESC, d0.key1 ASC) AS r0) AS o2), 'null')::text
-- []

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.state AS "state", r0.name AS "name"
      FROM (
        SELECT d0.state, d0.name
        FROM (
          SELECT t0.state AS state, t0.name AS name, t0.state AS key0, t0.id AS key1, row_number() OVER (PARTITION BY t0.state
            ORDER BY t0.state ASC, t0.id ASC) AS number
          FROM flow_run AS t0
          WHERE (NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion) OR NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion AS x1
              WHERE x1.flow_run_id = t0.id))) AS d0
        WHERE d0.number = 1
        ORDER BY d0.key0 ASC, d0.key1 ASC
        LIMIT $1 OFFSET $2) AS r0) AS o2), 'null')::text
-- [2, 1]

SELECT coalesce((
    SELECT coalesce(json_agg(o4), '[]')
    FROM (
      SELECT r0.name AS "name", (
        SELECT coalesce(json_agg(o3), '[]')
        FROM (
          SELECT r1.state AS "state", r1.name AS "name"
          FROM (
            SELECT d1.state, d1.name
            FROM (
              SELECT t1.state AS state, t1.name AS name, t1.state AS key0, t1.name AS key1, row_number() OVER (PARTITION BY t1.state
                ORDER BY t1.state ASC, t1.name ASC) AS number
              FROM flow_run AS t1
              WHERE t1.flow_id = r0.id AND (NOT EXISTS (
                  SELECT 1
                  FROM flow_run_deletion) OR NOT EXISTS (
                  SELECT 1
                  FROM flow_run_deletion AS x2
                  WHERE x2.flow_run_id = t1.id))) AS d1
            WHERE d1.number = 1
            ORDER BY d1.key0 ASC, d1.key1 ASC) AS r1) AS o3) AS "flow_runs"
      FROM (
        SELECT t0.name AS name, t0.id AS id
        FROM flow AS t0
        ORDER BY t0.id ASC) AS r0) AS o4), 'null')::text
-- []

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.labels AS "labels", r0.name AS "name"
      FROM (
        SELECT d0.labels, d0.name
        FROM (
          SELECT t0.labels AS labels, t0.name AS name, t0.labels AS key0, t0.id AS key1, row_number() OVER (PARTITION BY t0.labels
            ORDER BY t0.labels ASC, t0.id ASC) AS number
          FROM flow_run AS t0
          WHERE (NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion) OR NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion AS x1
              WHERE x1.flow_run_id = t0.id))) AS d0
        WHERE d0.number = 1
        ORDER BY d0.key0 ASC, d0.key1 ASC) AS r0) AS o2), 'null')::text
-- []
