-- Who may do what, and who did: roles of API keys, and the author of each state. Keys had no roles and could do anything.

ALTER TABLE auth_api_key ADD COLUMN role TEXT NOT NULL DEFAULT 'admin'
    CHECK (role IN ('read-only', 'user', 'admin'));
ALTER TABLE flow_run_state ADD COLUMN set_by TEXT;
ALTER TABLE task_run_state ADD COLUMN set_by TEXT;
