SELECT coalesce((
    SELECT coalesce(json_agg(o8), '[]')
    FROM (
      SELECT r0.name AS "name", (
        SELECT coalesce(json_agg(o2), '[]')
        FROM (
          SELECT r1.message AS "message", r1.task_run_id AS "task_run_id"
          FROM (
            SELECT t1.message AS message, t1.task_run_id AS task_run_id
            FROM log AS t1
            WHERE t1.flow_run_id = r0.id AND log_words(t1.message) @@ $1::text::tsquery
            ORDER BY t1.sequence ASC
            LIMIT $2) AS r1) AS o2) AS "logs", (
        SELECT coalesce(json_agg(o6), '[]')
        FROM (
          SELECT (
            SELECT coalesce(json_agg(o5), '[]')
            FROM (
              SELECT r4.message AS "message"
              FROM (
                SELECT t4.message AS message
                FROM log AS t4
                WHERE t4.task_run_id = r3.id AND log_words(t4.message) @@ $3::text::tsquery
                ORDER BY t4.timestamp DESC, t4.flow_run_id ASC, t4.sequence ASC) AS r4) AS o5) AS "logs"
          FROM (
            SELECT t3.id AS id, t3.flow_run_id AS flow_run_id
            FROM task_run AS t3
            WHERE t3.flow_run_id = r0.id
            ORDER BY t3.id ASC
            LIMIT $4) AS r3) AS o6) AS "task_runs"
      FROM (
        SELECT t0.name AS name, t0.id AS id
        FROM flow_run AS t0
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x7
            WHERE x7.flow_run_id = t0.id))
        ORDER BY t0.id ASC
        LIMIT $5) AS r0) AS o8), 'null')::text
-- ["(('task':*)) | (('success'))", 5, "(('quoted'))", 1, 2]
