SELECT coalesce((
    SELECT coalesce(json_agg(o1), '[]')
    FROM (
      SELECT r0.name AS "name", r0.created AS "created"
      FROM (
        SELECT t0.name AS name, t0.created AS created
        FROM flow AS t0
        WHERE t0.created >= $1::timestamptz AND t0.created < $2::timestamptz
        ORDER BY t0.id ASC) AS r0) AS o1), 'null')::text
-- ["2021-05-12T17:00:02+00:00", "2021-05-12T17:00:04+00:00"]
