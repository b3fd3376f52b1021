-- When whoever was told said that he has seen it, on every row of the notification; NULL: not yet.
ALTER TABLE outbox ADD COLUMN acknowledged_us INTEGER;

PRAGMA user_version = 12;
