SELECT coalesce((
    SELECT coalesce(json_agg(o7), '[]')
    FROM (
      SELECT r0.name AS "name", r0.state AS "state", (
        SELECT row_to_json(o2)
        FROM (
          SELECT t1.name AS "name"
          FROM flow AS t1
          WHERE t1.id = r0.flow_id) AS o2) AS "flow", r0.start_time AS "start_time"
      FROM (
        SELECT t0.name AS name, t0.state AS state, t0.flow_id AS flow_id, t0.start_time AS start_time
        FROM flow_run AS t0
        WHERE t0.state <> $1::text AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x6
            WHERE x6.flow_run_id = t0.id)) AND (t0.state >= $2::text AND (t0.state > $3::text OR t0.state = $4::text AND ((
                SELECT t4.name
                FROM flow AS t4
                WHERE t4.id = t0.flow_id) < $5::text OR (
                SELECT t5.name
                FROM flow AS t5
                WHERE t5.id = t0.flow_id) = $6::text AND (t0.start_time < $7::timestamptz OR t0.start_time = $8::timestamptz AND t0.id > $9::uuid))))
        ORDER BY t0.state ASC NULLS FIRST, (
          SELECT t3.name
          FROM flow AS t3
          WHERE t3.id = t0.flow_id) DESC, t0.start_time DESC, t0.id ASC) AS r0) AS o7), 'null')::text
-- ["Scheduled", "Failed", "Failed", "Failed", "hello-world", "hello-world", "2021-05-12T17:03:20+00:00", "2021-05-12T17:03:20+00:00", "00000006-0000-4000-8000-000000000003"]
