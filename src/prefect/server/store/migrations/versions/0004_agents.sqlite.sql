-- How often a run announces that it gives a sign of life, in seconds.

ALTER TABLE flow_run ADD COLUMN heartbeat_interval INTEGER;
