SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.id AS "id"
      FROM (
        SELECT t0.id AS id
        FROM flow_run AS t0
        WHERE t0.id = ANY ($1::uuid[]) AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id))
        ORDER BY t0.id ASC) AS r0) AS o2), 'null')::text
-- ["{\"00000006-0000-4000-8000-000000000001\",\"00000006-0000-4000-8000-000000000003\"}"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.id AS "id"
      FROM (
        SELECT t0.id AS id
        FROM flow_run AS t0
        WHERE t0.id <> ALL ($1::uuid[]) AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id))
        ORDER BY t0.id ASC) AS r0) AS o2), 'null')::text
-- ["{\"00000006-0000-4000-8000-000000000001\",\"00000006-0000-4000-8000-000000000003\"}"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT t0.id AS "id"
      FROM flow_run AS t0
      WHERE t0.id = ANY ($1::uuid[]) AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x1
          WHERE x1.flow_run_id = t0.id))) AS o2), 'null')::text
-- ["{}"]

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
        WHERE t0.name <> ALL ($1::text[]) AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x3
            WHERE x3.flow_run_id = t0.id))) AS a1) AS o4), 'null')::text
-- ["{}"]

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
        WHERE t0.name <> ALL ($1::text[]) AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x3
            WHERE x3.flow_run_id = t0.id))) AS a1) AS o4), 'null')::text
-- ["{\"x\"}"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT t0.id AS "id"
      FROM flow_run AS t0
      WHERE t0.id = ANY ($1::uuid[]) AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x1
          WHERE x1.flow_run_id = t0.id))) AS o2), 'null')::text
-- ["{\"00000006-0000-4000-8000-000000000003\"}"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT t0.id AS "id", t0.version AS "version"
      FROM flow_run AS t0
      WHERE t0.version = ANY ($1::integer[]) AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x1
          WHERE x1.flow_run_id = t0.id))) AS o2), 'null')::text
-- ["{0}"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.name AS "name"
      FROM (
        SELECT t0.name AS name
        FROM flow_run AS t0
        WHERE t0.name = ANY ($1::text[]) AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id))
        ORDER BY t0.name ASC) AS r0) AS o2), 'null')::text
-- ["{\"brave-otter\",\"a_b%c\"}"]
