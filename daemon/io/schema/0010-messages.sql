-- Messages of plain words about no disagreement: what they say, to be written for another route.
CREATE TABLE message (
    delivery TEXT PRIMARY KEY, -- the id of the first one
    subject  TEXT NOT NULL,
    words    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 10;
