-- The deadlines that a notification which waits speaks of, and when each was due as it is told:
-- a line "DEADLINE ENTRY DUE_US TITLE" for each, without a date "DEADLINE ENTRY - TITLE".
ALTER TABLE gathering ADD COLUMN dates TEXT NOT NULL DEFAULT '';

PRAGMA user_version = 15;
