-- What people must know of deliveries that failed: the first at once, what follows in one list.
CREATE TABLE word (
    number   INTEGER PRIMARY KEY,
    listener TEXT NOT NULL, -- 'operator', or 'board:' and its id
    kind     TEXT NOT NULL,
    about    TEXT NOT NULL, -- what is told once a day at most
    line     TEXT NOT NULL, -- of the list
    text     TEXT NOT NULL, -- where it is alone; '' for the list all the same
    at_us    INTEGER NOT NULL,
    told_us  INTEGER        -- NULL: it waits
) STRICT;
CREATE UNIQUE INDEX word_once ON word (listener, kind, about);
CREATE INDEX word_waits ON word (listener, kind, number) WHERE told_us IS NULL;
CREATE INDEX word_told ON word (told_us) WHERE told_us IS NOT NULL;
CREATE INDEX word_last ON word (listener, kind, number) WHERE told_us IS NOT NULL;

PRAGMA user_version = 19;
