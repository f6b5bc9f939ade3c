-- insert_service: how it is doing is kept from now on.
INSERT INTO service (name) VALUES (?1) ON CONFLICT DO NOTHING;

-- service_began: when its last pass began, and whose turn it is.
SELECT started, holder FROM service WHERE name = ?1;

-- take_turn: it is this process's turn, if it is nobody's and the last pass began long enough ago.
UPDATE service SET holder = ?2, held_until = ?3, host = ?4, started = ?5
WHERE name = ?1 AND (holder IS NULL OR holder = ?2 OR held_until <= ?5 OR held_until > ?3)
AND (started IS NULL OR started <= ?6 OR started > ?5);

-- prolong_turn: it still is.
UPDATE service SET held_until = ?3 WHERE name = ?1 AND holder = ?2;

-- give_back_turn: it is nobody's.
UPDATE service SET holder = NULL, held_until = NULL WHERE name = ?1 AND holder = ?2;

-- finish_turn: it is nobody's; a pass went well.
UPDATE service SET holder = NULL, held_until = NULL, finished = ?3, duration = ?4, passes = passes + 1,
last_work = coalesce(?5, last_work), last_work_at = CASE WHEN ?5 IS NULL THEN last_work_at ELSE ?3 END
WHERE name = ?1 AND holder = ?2;

-- fail_turn: it is nobody's; a pass went wrong.
UPDATE service SET holder = NULL, held_until = NULL, failures = failures + 1, last_error = ?4, last_error_at = ?3
WHERE name = ?1 AND holder = ?2;

-- services: how each is doing.
SELECT name, host, started, finished, duration, passes, failures, last_work, last_work_at, last_error, last_error_at,
held_until FROM service ORDER BY name;
