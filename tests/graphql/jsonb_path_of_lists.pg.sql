SELECT coalesce((
    SELECT coalesce(json_agg(o1), '[]')
    FROM (
      SELECT jsonb_path_query_first(r0.storage, $1::jsonpath, '{}', true) AS "a", jsonb_path_query_first(r0.storage, $2::jsonpath, '{}', true) AS "b", jsonb_path_query_first(r0.storage, $3::jsonpath, '{}', true) AS "c", jsonb_path_query_first(r0.parameters, $4::jsonpath, '{}', true) AS "d", jsonb_path_query_first(r0.parameters, $5::jsonpath, '{}', true) AS "e"
      FROM (
        SELECT t0.storage AS storage, t0.parameters AS parameters
        FROM flow AS t0
        ORDER BY t0.id ASC
        LIMIT $6) AS r0) AS o1), 'null')::text
-- ["strict $.\"deep list\"[1].\"x\"", "strict $.\"labels\"", "strict $.\"type\"", "strict $[0].\"name\"", "strict $[7]", 1]
