SELECT coalesce((
    SELECT coalesce(json_agg(o5), '[]')
    FROM (
      SELECT r0.name AS "name", r0.created AS "created", r0.description AS "description", (
        SELECT row_to_json(o4)
        FROM (
          SELECT (
            SELECT row_to_json(o3)
            FROM (
              SELECT a2.m0 AS "count") AS o3) AS "aggregate"
          FROM (
            SELECT count(*) AS m0
            FROM (
              SELECT 1
              FROM (
                SELECT 1, row_number() OVER (PARTITION BY t1.name) AS number
                FROM flow AS t1
                WHERE t1.project_id = r0.id) AS d1
              WHERE d1.number = 1) AS r1) AS a2) AS o4) AS "flows_aggregate"
      FROM (
        SELECT t0.name AS name, t0.created AS created, t0.description AS description, t0.id AS id
        FROM project AS t0
        ORDER BY t0.name ASC) AS r0) AS o5), 'null')::text
-- []
