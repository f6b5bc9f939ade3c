SELECT '[' || (
  SELECT group_concat('{"id":' || json_quote(t0.id) || ',"created":' || json_quote(t0.created) || ',"max_retries":' || json_quote(t0.max_retries) || ',"retry_delay":' || json_quote(interval_text(t0.retry_delay)) || ',"mapped":' || CASE t0.mapped WHEN 0 THEN 'false' WHEN 1 THEN 'true' ELSE 'null' END || ',"tags":' || coalesce(t0.tags, 'null') || ',"name":' || json_quote(t0.name) || ',"trigger":' || json_quote(t0.trigger) || ',"description":' || json_quote(t0.description) || '}', ',')
  FROM task AS t0
  WHERE t0.slug = ? HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["mapped-1"]

SELECT '[' || (
  SELECT group_concat('{"sequence":' || coalesce((
        SELECT n.sequence
        FROM flow_run_sequence AS n
        WHERE n.flow_run_id = t0.id), 'null') || ',"owner_host":' || json_quote(t0.owner_host) || ',"owner_pid":' || json_quote(t0.owner_pid) || ',"owner_started":' || json_quote(t0.owner_started) || ',"state_result":' || coalesce(t0.state_result, 'null') || '}', ',')
  FROM flow_run AS t0
  WHERE t0.name = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["woodoo-leopard"]

SELECT '[' || (
  SELECT group_concat('{"message":' || json_quote(t0.message) || ',"info":' || coalesce(t0.info, 'null') || ',"client_sequence":' || coalesce(t0.client_sequence, 'null') || ',"flow_run":' || (
      SELECT json_object('name', t1.name)
      FROM flow_run AS t1
      WHERE t1.id = t0.flow_run_id UNION ALL
      SELECT 'null') || '}', ',')
  FROM log AS t0
  WHERE t0.task_run_id = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x2
      WHERE x2.flow_run_id = t0.flow_run_id)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["00000007-0000-4000-8000-000000000001"]

SELECT '[' || (
  SELECT group_concat('{"text":' || json_quote(t0.text) || ',"read":' || CASE t0.read WHEN 0 THEN 'false' WHEN 1 THEN 'true' ELSE 'null' END || ',"content":' || coalesce(t0.content, 'null') || '}', ',')
  FROM message AS t0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []

SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name, 'description', r0.description), ',')
  FROM (
    SELECT t0.name AS name, t0.description AS description
    FROM project AS t0
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []

SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(t0.name) || ',"settings":' || coalesce(t0.settings, 'null') || ',"agents":[' || (
      SELECT group_concat('{"name":' || json_quote(t1.name) || ',"labels":' || coalesce(t1.labels, 'null') || '}', ',')
      FROM agent AS t1
      WHERE t1.agent_config_id = t0.id HAVING count(*) > 0 UNION ALL
      SELECT '') || ']}', ',')
  FROM agent_config AS t0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []

SELECT '[' || (
  SELECT group_concat('{"type":' || json_quote(t0.type) || ',"active":' || CASE t0.active WHEN 0 THEN 'false' WHEN 1 THEN 'true' ELSE 'null' END || ',"states":' || coalesce(t0.states, 'null') || ',"config":' || coalesce(t0.config, 'null') || '}', ',')
  FROM cloud_hook AS t0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []

SELECT '[' || (
  SELECT group_concat('{"key":' || json_quote(r0.key) || ',"mapped":' || CASE r0.mapped WHEN 0 THEN 'false' WHEN 1 THEN 'true' ELSE 'null' END || ',"upstream_task":' || (
      SELECT json_object('slug', t1.slug)
      FROM task AS t1
      WHERE t1.id = r0.upstream_task_id UNION ALL
      SELECT 'null') || ',"downstream_task":' || (
      SELECT json_object('slug', t2.slug)
      FROM task AS t2
      WHERE t2.id = r0.downstream_task_id UNION ALL
      SELECT 'null') || '}', ',')
  FROM (
    SELECT t0.key AS key, t0.mapped AS mapped, t0.upstream_task_id AS upstream_task_id, t0.downstream_task_id AS downstream_task_id
    FROM edge AS t0
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []

SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(r0.name) || ',"labels":' || coalesce(r0.labels, 'null') || ',"flows_aggregate":' || (
      SELECT '{"aggregate":{"count":' || count(*) || '}}'
      FROM flow AS t1
      WHERE t1.flow_group_id = r0.id) || '}', ',')
  FROM (
    SELECT t0.name AS name, t0.labels AS labels, t0.id AS id
    FROM flow_group AS t0
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []

SELECT '[' || (
  SELECT group_concat('{"kind":' || json_quote(t0.kind) || ',"data":' || coalesce(t0.data, 'null') || ',"task_run":' || (
      SELECT json_object('id', t1.id)
      FROM task_run AS t1
      WHERE t1.id = t0.task_run_id UNION ALL
      SELECT 'null') || '}', ',')
  FROM task_run_artifact AS t0
  WHERE (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x2
      WHERE x2.flow_run_id = t0.flow_run_id)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []

SELECT '[' || (
  SELECT group_concat(json_object('task_id', t0.task_id, 'depth', t0.depth), ',')
  FROM (
    SELECT NULL AS tenant_id, NULL AS task_id, NULL AS depth
    WHERE 0) AS t0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []
