SELECT coalesce((
    SELECT coalesce(json_agg(o1), '[]')
    FROM (
      SELECT r0.name AS "name", r0.retry_delay AS "retry_delay"
      FROM (
        SELECT t0.name AS name, t0.retry_delay AS retry_delay
        FROM task AS t0
        WHERE t0.retry_delay <= $1::interval
        ORDER BY t0.id ASC) AS r0) AS o1), 'null')::text
-- ["00:00:05"]
