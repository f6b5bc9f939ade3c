SELECT coalesce((
    SELECT coalesce(json_agg(o8), '[]')
    FROM (
      SELECT r0.name AS "name", r0.version AS "version", (
        SELECT row_to_json(o5)
        FROM (
          SELECT (
            SELECT row_to_json(o3)
            FROM (
              SELECT a2.m0 AS "count") AS o3) AS "aggregate"
          FROM (
            SELECT count(*) AS m0
            FROM flow_run AS t1
            WHERE t1.flow_id = r0.id AND (NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion) OR NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion AS x4
                WHERE x4.flow_run_id = t1.id))) AS a2) AS o5) AS "flow_runs_aggregate"
      FROM (
        SELECT t0.name AS name, t0.version AS version, t0.id AS id
        FROM flow AS t0
        ORDER BY (
          SELECT count(*)
          FROM flow_run AS t6
          WHERE t6.flow_id = t0.id AND (NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion) OR NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion AS x7
              WHERE x7.flow_run_id = t6.id))) DESC, t0.id ASC) AS r0) AS o8), 'null')::text
-- []

SELECT coalesce((
    SELECT coalesce(json_agg(o9), '[]')
    FROM (
      SELECT r0.name AS "name", r0.version AS "version", (
        SELECT row_to_json(o6)
        FROM (
          SELECT (
            SELECT row_to_json(o4)
            FROM (
              SELECT (
                SELECT row_to_json(o3)
                FROM (
                  SELECT a2.m0 AS "scheduled_start_time") AS o3) AS "max") AS o4) AS "aggregate"
          FROM (
            SELECT max(t1.scheduled_start_time) AS m0
            FROM flow_run AS t1
            WHERE t1.flow_id = r0.id AND (NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion) OR NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion AS x5
                WHERE x5.flow_run_id = t1.id))) AS a2) AS o6) AS "flow_runs_aggregate"
      FROM (
        SELECT t0.name AS name, t0.version AS version, t0.id AS id
        FROM flow AS t0
        ORDER BY (
          SELECT max(t7.scheduled_start_time)
          FROM flow_run AS t7
          WHERE t7.flow_id = t0.id AND (NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion) OR NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion AS x8
              WHERE x8.flow_run_id = t7.id))) DESC NULLS LAST, t0.id ASC) AS r0) AS o9), 'null')::text
-- []

SELECT coalesce((
    SELECT coalesce(json_agg(o9), '[]')
    FROM (
      SELECT r0.name AS "name", r0.version AS "version", (
        SELECT row_to_json(o6)
        FROM (
          SELECT (
            SELECT row_to_json(o4)
            FROM (
              SELECT (
                SELECT row_to_json(o3)
                FROM (
                  SELECT a2.m0 AS "start_time") AS o3) AS "min") AS o4) AS "aggregate"
          FROM (
            SELECT min(t1.start_time) AS m0
            FROM flow_run AS t1
            WHERE t1.flow_id = r0.id AND (NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion) OR NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion AS x5
                WHERE x5.flow_run_id = t1.id))) AS a2) AS o6) AS "flow_runs_aggregate"
      FROM (
        SELECT t0.name AS name, t0.version AS version, t0.id AS id
        FROM flow AS t0
        ORDER BY (
          SELECT min(t7.start_time)
          FROM flow_run AS t7
          WHERE t7.flow_id = t0.id AND (NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion) OR NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion AS x8
              WHERE x8.flow_run_id = t7.id))) DESC, t0.id ASC) AS r0) AS o9), 'null')::text
-- []

SELECT coalesce((
    SELECT coalesce(json_agg(o5), '[]')
    FROM (
      SELECT r0.name AS "name", r0.version AS "version"
      FROM (
        SELECT t0.name AS name, t0.version AS version
        FROM flow AS t0
        ORDER BY (
          SELECT avg(t1.version)::double precision
          FROM flow_run AS t1
          WHERE t1.flow_id = t0.id AND (NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion) OR NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion AS x2
              WHERE x2.flow_run_id = t1.id))) ASC, (
          SELECT count(*)
          FROM flow_run AS t3
          WHERE t3.flow_id = t0.id AND (NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion) OR NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion AS x4
              WHERE x4.flow_run_id = t3.id))) DESC, t0.id DESC) AS r0) AS o5), 'null')::text
-- []

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.name AS "name", r0.version AS "version"
      FROM (
        SELECT t0.name AS name, t0.version AS version
        FROM flow AS t0
        ORDER BY (
          SELECT sum(t1.max_retries)
          FROM task AS t1
          WHERE t1.flow_id = t0.id) ASC NULLS FIRST, t0.id ASC) AS r0) AS o2), 'null')::text
-- []

SELECT coalesce((
    SELECT coalesce(json_agg(o4), '[]')
    FROM (
      SELECT r0.name AS "name"
      FROM (
        SELECT t0.name AS name
        FROM task AS t0
        ORDER BY (
          SELECT (
            SELECT count(*)
            FROM flow_run AS t2
            WHERE t2.flow_id = t1.id AND (NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion) OR NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion AS x3
                WHERE x3.flow_run_id = t2.id)))
          FROM flow AS t1
          WHERE t1.id = t0.flow_id) DESC, t0.name DESC) AS r0) AS o4), 'null')::text
-- []

SELECT coalesce((
    SELECT coalesce(json_agg(o4), '[]')
    FROM (
      SELECT r0.name AS "name", (
        SELECT coalesce(json_agg(o3), '[]')
        FROM (
          SELECT r1.name AS "name"
          FROM (
            SELECT t1.name AS name
            FROM flow AS t1
            WHERE t1.project_id = r0.id
            ORDER BY (
              SELECT count(*)
              FROM task AS t2
              WHERE t2.flow_id = t1.id) DESC, t1.id ASC
            LIMIT $1) AS r1) AS o3) AS "flows"
      FROM (
        SELECT t0.name AS name, t0.id AS id
        FROM project AS t0
        ORDER BY t0.id ASC) AS r0) AS o4), 'null')::text
-- [1]
