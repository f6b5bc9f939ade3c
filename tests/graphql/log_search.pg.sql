SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.message AS "message"
      FROM (
        SELECT t0.message AS message
        FROM log AS t0
        WHERE log_words(t0.message) @@ $1::text::tsquery AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.flow_run_id))
        ORDER BY t0.timestamp DESC, t0.flow_run_id ASC, t0.sequence ASC) AS r0) AS o2), 'null')::text
-- ["(('flow') & ('run'))"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.message AS "message", r0.level AS "level"
      FROM (
        SELECT t0.message AS message, t0.level AS level
        FROM log AS t0
        WHERE log_words(t0.message) @@ $1::text::tsquery AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.flow_run_id))
        ORDER BY t0.timestamp DESC, t0.flow_run_id ASC, t0.sequence ASC) AS r0) AS o2), 'null')::text
-- ["(('reference' <-> 'tasks') & !('beginning'))"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.message AS "message"
      FROM (
        SELECT t0.message AS message
        FROM log AS t0
        WHERE log_words(t0.message) @@ $1::text::tsquery AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.flow_run_id))
        ORDER BY t0.timestamp ASC) AS r0) AS o2), 'null')::text
-- ["(('begin':*)) | (('quoted'))"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.message AS "message", r0.timestamp AS "timestamp"
      FROM (
        SELECT t0.message AS message, t0.timestamp AS timestamp
        FROM log AS t0
        WHERE t0.flow_run_id = $1::uuid AND t0.level = $2::text AND log_words(t0.message) @@ $3::text::tsquery AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.flow_run_id))
        ORDER BY t0.timestamp DESC, t0.flow_run_id ASC, t0.sequence ASC
        LIMIT $4) AS r0) AS o2), 'null')::text
-- ["00000006-0000-4000-8000-000000000001", "INFO", "(('flow'))", 1]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.message AS "message"
      FROM (
        SELECT t0.message AS message
        FROM log AS t0
        WHERE log_words(t0.message) @@ $1::text::tsquery AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.flow_run_id))
        ORDER BY t0.timestamp DESC, t0.flow_run_id ASC, t0.sequence ASC) AS r0) AS o2), 'null')::text
-- ["(('elephant'))"]

SELECT coalesce((
    SELECT row_to_json(o5)
    FROM (
      SELECT (
        SELECT row_to_json(o3)
        FROM (
          SELECT a1.m0 AS "count", (
            SELECT row_to_json(o2)
            FROM (
              SELECT a1.m1 AS "timestamp") AS o2) AS "max") AS o3) AS "aggregate"
      FROM (
        SELECT count(*) AS m0, max(r0.timestamp) AS m1
        FROM (
          SELECT t0.timestamp AS timestamp
          FROM log AS t0
          WHERE log_words(t0.message) @@ $1::text::tsquery AND (NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion) OR NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion AS x4
              WHERE x4.flow_run_id = t0.flow_run_id))
          ORDER BY t0.timestamp DESC, t0.flow_run_id ASC, t0.sequence ASC) AS r0) AS a1) AS o5), 'null')::text
-- ["(('é'))"]
