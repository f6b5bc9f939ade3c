SELECT coalesce((
    SELECT coalesce(json_agg(o9), '[]')
    FROM (
      SELECT r0.name AS "name", (
        SELECT row_to_json(o4)
        FROM (
          SELECT t1.name AS "name", (
            SELECT row_to_json(o3)
            FROM (
              SELECT t2.name AS "name"
              FROM project AS t2
              WHERE t2.id = t1.project_id) AS o3) AS "project"
          FROM flow AS t1
          WHERE t1.id = r0.flow_id) AS o4) AS "flow"
      FROM (
        SELECT t0.name AS name, t0.flow_id AS flow_id
        FROM flow_run AS t0
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x8
            WHERE x8.flow_run_id = t0.id))
        ORDER BY (
          SELECT (
            SELECT t6.name
            FROM project AS t6
            WHERE t6.id = t5.project_id)
          FROM flow AS t5
          WHERE t5.id = t0.flow_id) DESC, (
          SELECT t7.name
          FROM flow AS t7
          WHERE t7.id = t0.flow_id) ASC, t0.id ASC) AS r0) AS o9), 'null')::text
-- []

SELECT coalesce((
    SELECT coalesce(json_agg(o3), '[]')
    FROM (
      SELECT r0.id AS "id"
      FROM (
        SELECT t0.id AS id
        FROM task_run AS t0
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x2
            WHERE x2.flow_run_id = t0.flow_run_id))
        ORDER BY (
          SELECT t1.name
          FROM flow_run AS t1
          WHERE t1.id = t0.flow_run_id) ASC, t0.id DESC
        LIMIT $1) AS r0) AS o3), 'null')::text
-- [2]
