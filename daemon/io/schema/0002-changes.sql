-- How often a start of a deadline moved, was stopped or ran on: SEQUENCE of its calendar entry.
ALTER TABLE deadline ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;

PRAGMA user_version = 2;
