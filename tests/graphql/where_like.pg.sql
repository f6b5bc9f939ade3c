SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT t0.name AS "name"
      FROM flow_run AS t0
      WHERE t0.name LIKE $1::text AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x1
          WHERE x1.flow_run_id = t0.id))) AS o2), 'null')::text
-- ["%otter"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT t0.name AS "name"
      FROM flow_run AS t0
      WHERE t0.name LIKE $1::text AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x1
          WHERE x1.flow_run_id = t0.id))) AS o2), 'null')::text
-- ["%OTTER"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT t0.name AS "name"
      FROM flow_run AS t0
      WHERE t0.name ILIKE $1::text COLLATE "folding" AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x1
          WHERE x1.flow_run_id = t0.id))) AS o2), 'null')::text
-- ["ÄRGER%"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT t0.name AS "name"
      FROM flow_run AS t0
      WHERE t0.name ILIKE $1::text COLLATE "folding" AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x1
          WHERE x1.flow_run_id = t0.id))) AS o2), 'null')::text
-- ["BRAVE_OTTER"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT t0.name AS "name"
      FROM flow_run AS t0
      WHERE t0.name LIKE $1::text AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x1
          WHERE x1.flow_run_id = t0.id))) AS o2), 'null')::text
-- ["a\\_b\\%c"]

SELECT coalesce((
    SELECT coalesce(json_agg(o1), '[]')
    FROM (
      SELECT t0.name AS "name"
      FROM flow AS t0
      WHERE t0.name LIKE $1::text) AS o1), 'null')::text
-- ["100\\%*"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT t0.name AS "name"
      FROM flow_run AS t0
      WHERE t0.name NOT LIKE $1::text AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x1
          WHERE x1.flow_run_id = t0.id))) AS o2), 'null')::text
-- ["%-%"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT t0.name AS "name"
      FROM flow_run AS t0
      WHERE t0.name NOT ILIKE $1::text COLLATE "folding" AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x1
          WHERE x1.flow_run_id = t0.id))) AS o2), 'null')::text
-- ["%E%"]
