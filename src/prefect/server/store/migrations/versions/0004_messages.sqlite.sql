-- The oldest of all, for retention.

CREATE INDEX message_by_age ON message (created);
