SELECT coalesce((
    SELECT coalesce(json_agg(o6), '[]')
    FROM (
      SELECT t0.name AS "name", (
        SELECT row_to_json(o4)
        FROM (
          SELECT t1.name AS "name", (
            SELECT row_to_json(o3)
            FROM (
              SELECT t2.slug AS "slug"
              FROM tenant AS t2
              WHERE t2.id = t1.tenant_id AND t2.id = $1::uuid) AS o3) AS "tenant"
          FROM flow AS t1
          WHERE t1.id = t0.flow_id AND t1.tenant_id = $2::uuid) AS o4) AS "flow"
      FROM flow_run AS t0
      WHERE (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x5
          WHERE x5.flow_run_id = t0.id)) AND t0.tenant_id = $3::uuid) AS o6), 'null')::text
-- ["00000000-0000-4000-8000-00000000d002", "00000000-0000-4000-8000-00000000d002", "00000000-0000-4000-8000-00000000d002"]

SELECT coalesce((
    SELECT coalesce(json_agg(o3), '[]')
    FROM (
      SELECT t0.message AS "message"
      FROM log AS t0
      WHERE (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x1
          WHERE x1.flow_run_id = t0.flow_run_id)) AND (t0.flow_run_id IS NOT NULL AND t0.flow_run_id IN (
          SELECT t2.id
          FROM flow_run AS t2
          WHERE t2.tenant_id = $1::uuid))) AS o3), 'null')::text
-- ["00000000-0000-4000-8000-00000000d002"]

SELECT coalesce((
    SELECT coalesce(json_agg(o3), '[]')
    FROM (
      SELECT t0.slug AS "slug", (
        SELECT coalesce(json_agg(o2), '[]')
        FROM (
          SELECT t1.name AS "name"
          FROM flow AS t1
          WHERE t1.tenant_id = t0.id AND t1.tenant_id = $1::uuid) AS o2) AS "flows"
      FROM tenant AS t0
      WHERE t0.id = $2::uuid) AS o3), 'null')::text
-- ["00000000-0000-4000-8000-00000000d002", "00000000-0000-4000-8000-00000000d002"]

SELECT coalesce((
    SELECT coalesce(json_agg(o4), '[]')
    FROM (
      SELECT t0.name AS "name"
      FROM project AS t0
      WHERE EXISTS (
        SELECT 1
        FROM flow AS t1
        WHERE t1.project_id = t0.id AND EXISTS (
          SELECT 1
          FROM flow_run AS t2
          WHERE t2.flow_id = t1.id AND (NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion) OR NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion AS x3
              WHERE x3.flow_run_id = t2.id)) AND t2.tenant_id = $1::uuid) AND t1.tenant_id = $2::uuid) AND t0.tenant_id = $3::uuid) AS o4), 'null')::text
-- ["00000000-0000-4000-8000-00000000d002", "00000000-0000-4000-8000-00000000d002", "00000000-0000-4000-8000-00000000d002"]

SELECT coalesce((
    SELECT row_to_json(o2)
    FROM (
      SELECT t0.id AS "id"
      FROM flow_run AS t0
      WHERE t0.id = $1::uuid AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x1
          WHERE x1.flow_run_id = t0.id)) AND t0.tenant_id = $2::uuid) AS o2), 'null')::text
-- ["00000006-0000-4000-8000-000000000001", "00000000-0000-4000-8000-00000000d002"]
