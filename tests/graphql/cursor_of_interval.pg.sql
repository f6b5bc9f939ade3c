SELECT coalesce((
    SELECT coalesce(json_agg(o1), '[]')
    FROM (
      SELECT r0.name AS "name", r0.retry_delay AS "retry_delay"
      FROM (
        SELECT t0.name AS name, t0.retry_delay AS retry_delay
        FROM task AS t0
        WHERE ((t0.retry_delay < $1::interval OR t0.retry_delay IS NULL) OR t0.retry_delay = $2::interval AND t0.id > $3::uuid)
        ORDER BY t0.retry_delay DESC NULLS LAST, t0.id ASC
        LIMIT $4) AS r0) AS o1), 'null')::text
-- ["1 day 01:01:01.5", "1 day 01:01:01.5", "00000004-0000-4000-8000-000000000002", 3]
