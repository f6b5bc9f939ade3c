-- key_value_by_key: whether the key is there.
SELECT id FROM key_value WHERE tenant_id = ?1 AND key = ?2;

-- insert_key_value: a value under a new key.
INSERT INTO key_value (id, tenant_id, created, updated, key, value) VALUES (?1, ?2, ?3, ?3, ?4, ?5);

-- set_key_value: another value.
UPDATE key_value SET value = ?2, updated = ?3 WHERE id = ?1;

-- delete_key_value: the key and its value.
DELETE FROM key_value WHERE id = ?1;

-- secret_by_name: as it is stored.
SELECT id, sealed FROM secret WHERE tenant_id = ?1 AND name = ?2;

-- insert_secret: sealed.
INSERT INTO secret (id, tenant_id, created, updated, name, sealed) VALUES (?1, ?2, ?3, ?3, ?4, ?5);

-- set_secret: another value, sealed.
UPDATE secret SET sealed = ?2, updated = ?3 WHERE id = ?1;

-- delete_secret: by its name.
DELETE FROM secret WHERE tenant_id = ?1 AND name = ?2;

-- secret_names: in order.
SELECT name FROM secret WHERE tenant_id = ?1 ORDER BY name;

-- insert_api_key: all of it that can be asked about.
INSERT INTO auth_api_key (id, tenant_id, created, updated, name, user_id, default_tenant_id, expires_at, role)
VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?2, ?6, ?7);

-- insert_api_key_hash: by which it is known again.
INSERT INTO api_key_hash (id, hash) VALUES (?1, ?2);

-- api_key: what a key opens, and how it is known.
SELECT h.hash, k.tenant_id, k.expires_at, k.user_id, k.role, k.id, k.name, NULL
FROM auth_api_key AS k JOIN api_key_hash AS h ON h.id = k.id WHERE k.id = ?1;

-- auth_session: what the key opens that somebody logged in with, and how the session is known.
SELECT s.hash, k.tenant_id, k.expires_at, k.user_id, k.role, k.id, k.name, s.expires_at
FROM auth_session AS s JOIN auth_api_key AS k ON k.id = s.api_key_id WHERE s.id = ?1;

-- insert_session: somebody logged in.
INSERT INTO auth_session (id, tenant_id, created, api_key_id, hash, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6);

-- delete_session: somebody logged out.
DELETE FROM auth_session WHERE id = ?1;

-- delete_sessions_of_key: whoever logged in with it is out.
DELETE FROM auth_session WHERE api_key_id = ?1;

-- delete_old_sessions: they open nothing any more.
DELETE FROM auth_session WHERE expires_at <= ?1;

-- any_admin_key: whether anybody can manage keys over the network.
SELECT id FROM auth_api_key WHERE role = 'admin' AND (expires_at IS NULL OR expires_at > ?1) LIMIT 1;

-- delete_api_key: it opens nothing any more.
DELETE FROM auth_api_key WHERE id = ?1;

-- delete_api_key_hash: nor is it known.
DELETE FROM api_key_hash WHERE id = ?1;
