SELECT coalesce((
    SELECT coalesce(json_agg(o4), '[]')
    FROM (
      SELECT r0.name AS "name", r0.version AS "version", r0.created AS "created", r0.id AS "id", (
        SELECT row_to_json(o2)
        FROM (
          SELECT t1.name AS "name"
          FROM project AS t1
          WHERE t1.id = r0.project_id) AS o2) AS "project"
      FROM (
        SELECT d0.name, d0.version, d0.created, d0.id, d0.project_id
        FROM (
          SELECT t0.name AS name, t0.version AS version, t0.created AS created, t0.id AS id, t0.project_id AS project_id, t0.name AS key0, t0.version AS key1, row_number() OVER (PARTITION BY t0.name
            ORDER BY t0.name ASC, t0.version DESC) AS number
          FROM flow AS t0
          WHERE t0.project_id IN (
            SELECT t3.id
            FROM project AS t3)) AS d0
        WHERE d0.number = 1
        ORDER BY d0.key0 ASC, d0.key1 DESC
        LIMIT $1) AS r0) AS o4), 'null')::text
-- [10]
