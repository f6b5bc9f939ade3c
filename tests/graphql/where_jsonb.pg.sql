SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT t0.id AS "id"
      FROM flow_run AS t0
      WHERE t0.labels = $1::jsonb AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x1
          WHERE x1.flow_run_id = t0.id))) AS o2), 'null')::text
-- ["[\"x\",\"y\"]"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.id AS "id"
      FROM (
        SELECT t0.id AS id
        FROM flow_run AS t0
        WHERE t0.labels = $1::jsonb AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id))
        ORDER BY t0.id ASC) AS r0) AS o2), 'null')::text
-- ["[]"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT t0.id AS "id"
      FROM flow_run AS t0
      WHERE t0.parameters = $1::jsonb AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x1
          WHERE x1.flow_run_id = t0.id))) AS o2), 'null')::text
-- ["{\"n\":2,\"unit\":{\"a\":[true,null],\"b\":1}}"]

SELECT coalesce((
    SELECT row_to_json(o4)
    FROM (
      SELECT (
        SELECT row_to_json(o2)
        FROM (
          SELECT a1.m0 AS "count") AS o2) AS "aggregate"
      FROM (
        SELECT count(*) AS m0
        FROM flow_run AS t0
        WHERE t0.labels <> $1::jsonb AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x3
            WHERE x3.flow_run_id = t0.id))) AS a1) AS o4), 'null')::text
-- ["[]"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.id AS "id", r0.labels AS "labels"
      FROM (
        SELECT t0.id AS id, t0.labels AS labels
        FROM flow_run AS t0
        WHERE t0.labels = ANY ($1::jsonb[]) AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id))
        ORDER BY t0.id ASC) AS r0) AS o2), 'null')::text
-- ["{\"[\\\"x\\\"]\",\"[\\\"x\\\",\\\"y\\\"]\"}"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.id AS "id"
      FROM (
        SELECT t0.id AS id
        FROM flow_run AS t0
        WHERE t0.parameters @> $1::jsonb AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id))
        ORDER BY t0.id ASC
        LIMIT $2) AS r0) AS o2), 'null')::text
-- ["{\"unit\":{\"b\":1}}", 1]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.id AS "id"
      FROM (
        SELECT t0.id AS id
        FROM flow_run AS t0
        WHERE t0.labels <@ $1::jsonb AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id))
        ORDER BY t0.id ASC
        LIMIT $2) AS r0) AS o2), 'null')::text
-- ["[\"x\",\"y\",\"z\"]", 1]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT t0.id AS "id"
      FROM flow_run AS t0
      WHERE t0.labels ?| $1::text[] AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x1
          WHERE x1.flow_run_id = t0.id))) AS o2), 'null')::text
-- ["{\"y\"}"]

SELECT coalesce((
    SELECT row_to_json(o4)
    FROM (
      SELECT (
        SELECT row_to_json(o2)
        FROM (
          SELECT a1.m0 AS "count") AS o2) AS "aggregate"
      FROM (
        SELECT count(*) AS m0
        FROM flow_run AS t0
        WHERE t0.parameters ?| $1::text[] AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x3
            WHERE x3.flow_run_id = t0.id))) AS a1) AS o4), 'null')::text
-- ["{\"n\",\"zz\"}"]

SELECT coalesce((
    SELECT row_to_json(o4)
    FROM (
      SELECT (
        SELECT row_to_json(o2)
        FROM (
          SELECT a1.m0 AS "count") AS o2) AS "aggregate"
      FROM (
        SELECT count(*) AS m0
        FROM flow_run AS t0
        WHERE t0.parameters ?& $1::text[] AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x3
            WHERE x3.flow_run_id = t0.id))) AS a1) AS o4), 'null')::text
-- ["{\"n\",\"unit\"}"]

SELECT coalesce((
    SELECT row_to_json(o4)
    FROM (
      SELECT (
        SELECT row_to_json(o2)
        FROM (
          SELECT a1.m0 AS "count") AS o2) AS "aggregate"
      FROM (
        SELECT count(*) AS m0
        FROM flow_run AS t0
        WHERE t0.context IS NULL AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x3
            WHERE x3.flow_run_id = t0.id))) AS a1) AS o4), 'null')::text
-- []
