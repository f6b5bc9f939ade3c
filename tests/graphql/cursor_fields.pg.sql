SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.name AS "name", encode(convert_to('["111a7750",' || coalesce(to_json(r0.id)::text, 'null') || ']', 'UTF8'), 'hex') AS "cursor"
      FROM (
        SELECT t0.name AS name, t0.id AS id
        FROM flow_run AS t0
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id))
        ORDER BY t0.id ASC
        LIMIT $1) AS r0) AS o2), 'null')::text
-- [2]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.name AS "name", encode(convert_to('["baf2b86a",' || coalesce(to_json(r0.start_time)::text, 'null') || ',' || coalesce(to_json(r0.id)::text, 'null') || ']', 'UTF8'), 'hex') AS "again"
      FROM (
        SELECT t0.name AS name, t0.start_time AS start_time, t0.id AS id
        FROM flow_run AS t0
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id))
        ORDER BY t0.start_time DESC, t0.id ASC
        LIMIT $1) AS r0) AS o2), 'null')::text
-- [2]

SELECT coalesce((
    SELECT coalesce(json_agg(o4), '[]')
    FROM (
      SELECT encode(convert_to('["cbb9d21a",' || coalesce(to_json((
                SELECT t1.name
                FROM flow AS t1
                WHERE t1.id = r0.flow_id))::text, 'null') || ',' || coalesce(to_json(r0.id)::text, 'null') || ']', 'UTF8'), 'hex') AS "cursor"
      FROM (
        SELECT t0.flow_id AS flow_id, t0.id AS id
        FROM flow_run AS t0
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x3
            WHERE x3.flow_run_id = t0.id))
        ORDER BY (
          SELECT t2.name
          FROM flow AS t2
          WHERE t2.id = t0.flow_id) ASC, t0.id DESC
        LIMIT $1) AS r0) AS o4), 'null')::text
-- [1]

SELECT coalesce((
    SELECT coalesce(json_agg(o5), '[]')
    FROM (
      SELECT encode(convert_to('["148f0c6a",' || coalesce(to_json((
                SELECT max(t1.version)
                FROM flow_run AS t1
                WHERE t1.flow_id = r0.id AND (NOT EXISTS (
                    SELECT 1
                    FROM flow_run_deletion) OR NOT EXISTS (
                    SELECT 1
                    FROM flow_run_deletion AS x2
                    WHERE x2.flow_run_id = t1.id))))::text, 'null') || ',' || coalesce(to_json(r0.id)::text, 'null') || ']', 'UTF8'), 'hex') AS "cursor"
      FROM (
        SELECT t0.id AS id
        FROM flow AS t0
        ORDER BY (
          SELECT max(t3.version)
          FROM flow_run AS t3
          WHERE t3.flow_id = t0.id AND (NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion) OR NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion AS x4
              WHERE x4.flow_run_id = t3.id))) DESC NULLS LAST, t0.id ASC
        LIMIT $1) AS r0) AS o5), 'null')::text
-- [1]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.message AS "message", encode(convert_to('["58f02496",' || coalesce(to_json(r0.timestamp)::text, 'null') || ',' || coalesce(to_json(r0.flow_run_id)::text, 'null') || ',' || coalesce(to_json(r0.sequence)::text, 'null') || ']', 'UTF8'), 'hex') AS "cursor"
      FROM (
        SELECT t0.message AS message, t0.timestamp AS timestamp, t0.flow_run_id AS flow_run_id, t0.sequence AS sequence
        FROM log AS t0
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.flow_run_id))
        ORDER BY t0.timestamp DESC, t0.flow_run_id ASC, t0.sequence ASC
        LIMIT $1) AS r0) AS o2), 'null')::text
-- [1]

SELECT coalesce((
    SELECT row_to_json(o1)
    FROM (
      SELECT encode(convert_to('["cd3fbe36",' || coalesce(to_json(t0.id)::text, 'null') || ']', 'UTF8'), 'hex') AS "cursor"
      FROM flow AS t0
      WHERE t0.id = $1::uuid) AS o1), 'null')::text
-- ["00000003-0000-4000-8000-000000000001"]

SELECT coalesce((
    SELECT coalesce(json_agg(o3), '[]')
    FROM (
      SELECT encode(convert_to('["ea20e195",' || coalesce(to_json(r0.id)::text, 'null') || ']', 'UTF8'), 'hex') AS "cursor", (
        SELECT coalesce(json_agg(o2), '[]')
        FROM (
          SELECT encode(convert_to('["494b5be4",' || coalesce(to_json(r1.name)::text, 'null') || ',' || coalesce(to_json(r1.id)::text, 'null') || ']', 'UTF8'), 'hex') AS "cursor"
          FROM (
            SELECT t1.name AS name, t1.id AS id
            FROM flow AS t1
            WHERE t1.project_id = r0.id
            ORDER BY t1.name DESC, t1.id ASC) AS r1) AS o2) AS "flows"
      FROM (
        SELECT t0.id AS id
        FROM project AS t0
        ORDER BY t0.id ASC) AS r0) AS o3), 'null')::text
-- []

SELECT coalesce((
    SELECT row_to_json(o3)
    FROM (
      SELECT a1.m0 AS "nodes"
      FROM (
        SELECT coalesce(json_agg((
              SELECT row_to_json(o2)
              FROM (
                SELECT r0.name AS "name", encode(convert_to('["122a9267",' || coalesce(to_json(r0.retry_delay)::text, 'null') || ',' || coalesce(to_json(r0.id)::text, 'null') || ']', 'UTF8'), 'hex') AS "cursor") AS o2)), '[]') AS m0
        FROM (
          SELECT t0.name AS name, t0.retry_delay AS retry_delay, t0.id AS id
          FROM task AS t0
          ORDER BY t0.retry_delay DESC NULLS LAST
          LIMIT $1) AS r0) AS a1) AS o3), 'null')::text
-- [2]
