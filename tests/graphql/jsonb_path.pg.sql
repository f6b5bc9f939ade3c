SELECT coalesce((
    SELECT coalesce(json_agg(o1), '[]')
    FROM (
      SELECT jsonb_path_query_first(r0.storage, $1::jsonpath, '{}', true) AS "type", jsonb_path_query_first(r0.storage, $2::jsonpath, '{}', true) AS "second", jsonb_path_query_first(r0.storage, $3::jsonpath, '{}', true) AS "nothing", r0.storage AS "whole", r0.storage AS "also", jsonb_path_query_first(r0.storage, $4::jsonpath, '{}', true) AS "variable"
      FROM (
        SELECT t0.storage AS storage
        FROM flow AS t0
        ORDER BY t0.id ASC
        LIMIT $5) AS r0) AS o1), 'null')::text
-- ["strict $.\"type\"", "strict $.\"deep list\"[1].\"x\"", "strict $.\"a\".\"b\"[3]", "strict $.\"labels\"", 1]
