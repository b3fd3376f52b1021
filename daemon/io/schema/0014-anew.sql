-- How many of the attempts were made before it was sent anew: the waits between them begin again.
ALTER TABLE outbox ADD COLUMN attempts_before INTEGER NOT NULL DEFAULT 0;

PRAGMA user_version = 14;
