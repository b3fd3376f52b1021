-- Events that wait until what is missing before them has come, or is given up.  Each is a line of
-- the record like any other; this says only that it has had no effect yet.
CREATE TABLE parked (
    source    TEXT NOT NULL,
    id        TEXT NOT NULL,
    seqepoch  TEXT NOT NULL,
    sequence  INTEGER NOT NULL,
    board     TEXT NOT NULL,
    reference TEXT NOT NULL,
    record    INTEGER NOT NULL, -- the number of its line
    key       TEXT NOT NULL,    -- who brought it; '' in a rehearsal
    feed      INTEGER NOT NULL, -- 1: by a subscribed feed
    since_us  INTEGER NOT NULL, -- when it came
    until_us  INTEGER NOT NULL, -- when what is missing before it is given up
    PRIMARY KEY (source, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX parked_order ON parked (source, seqepoch, sequence);
CREATE INDEX parked_until ON parked (until_us);
CREATE INDEX parked_about ON parked (reference, board);

PRAGMA user_version = 5;
