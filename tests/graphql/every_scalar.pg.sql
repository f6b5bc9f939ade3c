SELECT coalesce((
    SELECT coalesce(json_agg(o1), '[]')
    FROM (
      SELECT t0.id AS "id", t0.created AS "created", t0.max_retries AS "max_retries", t0.retry_delay AS "retry_delay", t0.mapped AS "mapped", t0.tags AS "tags", t0.name AS "name", t0.trigger AS "trigger", t0.description AS "description"
      FROM task AS t0
      WHERE t0.slug = $1::text) AS o1), 'null')::text
-- ["mapped-1"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT (
        SELECT n.sequence
        FROM flow_run_sequence AS n
        WHERE n.flow_run_id = t0.id) AS "sequence", t0.owner_host AS "owner_host", t0.owner_pid AS "owner_pid", t0.owner_started AS "owner_started", t0.state_result AS "state_result"
      FROM flow_run AS t0
      WHERE t0.name = $1::text AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x1
          WHERE x1.flow_run_id = t0.id))) AS o2), 'null')::text
-- ["woodoo-leopard"]

SELECT coalesce((
    SELECT coalesce(json_agg(o4), '[]')
    FROM (
      SELECT t0.message AS "message", t0.info AS "info", t0.client_sequence AS "client_sequence", (
        SELECT row_to_json(o2)
        FROM (
          SELECT t1.name AS "name"
          FROM flow_run AS t1
          WHERE t1.id = t0.flow_run_id) AS o2) AS "flow_run"
      FROM log AS t0
      WHERE t0.task_run_id = $1::uuid AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x3
          WHERE x3.flow_run_id = t0.flow_run_id))) AS o4), 'null')::text
-- ["00000007-0000-4000-8000-000000000001"]

SELECT coalesce((
    SELECT coalesce(json_agg(o1), '[]')
    FROM (
      SELECT t0.text AS "text", t0.read AS "read", t0.content AS "content"
      FROM message AS t0) AS o1), 'null')::text
-- []

SELECT coalesce((
    SELECT coalesce(json_agg(o1), '[]')
    FROM (
      SELECT r0.name AS "name", r0.description AS "description"
      FROM (
        SELECT t0.name AS name, t0.description AS description
        FROM project AS t0
        ORDER BY t0.id ASC) AS r0) AS o1), 'null')::text
-- []

SELECT coalesce((
    SELECT coalesce(json_agg(o3), '[]')
    FROM (
      SELECT t0.name AS "name", t0.settings AS "settings", (
        SELECT coalesce(json_agg(o2), '[]')
        FROM (
          SELECT t1.name AS "name", t1.labels AS "labels"
          FROM agent AS t1
          WHERE t1.agent_config_id = t0.id) AS o2) AS "agents"
      FROM agent_config AS t0) AS o3), 'null')::text
-- []

SELECT coalesce((
    SELECT coalesce(json_agg(o1), '[]')
    FROM (
      SELECT t0.type AS "type", t0.active AS "active", t0.states AS "states", t0.config AS "config"
      FROM cloud_hook AS t0) AS o1), 'null')::text
-- []

SELECT coalesce((
    SELECT coalesce(json_agg(o5), '[]')
    FROM (
      SELECT r0.key AS "key", r0.mapped AS "mapped", (
        SELECT row_to_json(o2)
        FROM (
          SELECT t1.slug AS "slug"
          FROM task AS t1
          WHERE t1.id = r0.upstream_task_id) AS o2) AS "upstream_task", (
        SELECT row_to_json(o4)
        FROM (
          SELECT t3.slug AS "slug"
          FROM task AS t3
          WHERE t3.id = r0.downstream_task_id) AS o4) AS "downstream_task"
      FROM (
        SELECT t0.key AS key, t0.mapped AS mapped, t0.upstream_task_id AS upstream_task_id, t0.downstream_task_id AS downstream_task_id
        FROM edge AS t0
        ORDER BY t0.id ASC) AS r0) AS o5), 'null')::text
-- []

SELECT coalesce((
    SELECT coalesce(json_agg(o5), '[]')
    FROM (
      SELECT r0.name AS "name", r0.labels AS "labels", (
        SELECT row_to_json(o4)
        FROM (
          SELECT (
            SELECT row_to_json(o3)
            FROM (
              SELECT a2.m0 AS "count") AS o3) AS "aggregate"
          FROM (
            SELECT count(*) AS m0
            FROM flow AS t1
            WHERE t1.flow_group_id = r0.id) AS a2) AS o4) AS "flows_aggregate"
      FROM (
        SELECT t0.name AS name, t0.labels AS labels, t0.id AS id
        FROM flow_group AS t0
        ORDER BY t0.id ASC) AS r0) AS o5), 'null')::text
-- []

SELECT coalesce((
    SELECT coalesce(json_agg(o4), '[]')
    FROM (
      SELECT t0.kind AS "kind", t0.data AS "data", (
        SELECT row_to_json(o2)
        FROM (
          SELECT t1.id AS "id"
          FROM task_run AS t1
          WHERE t1.id = t0.task_run_id) AS o2) AS "task_run"
      FROM task_run_artifact AS t0
      WHERE (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x3
          WHERE x3.flow_run_id = t0.flow_run_id))) AS o4), 'null')::text
-- []

SELECT coalesce((
    SELECT coalesce(json_agg(o1), '[]')
    FROM (
      SELECT t0.task_id AS "task_id", t0.depth AS "depth"
      FROM (
        SELECT NULL::uuid AS tenant_id, NULL::uuid AS task_id, NULL::integer AS depth
        WHERE false) AS t0) AS o1), 'null')::text
-- []
