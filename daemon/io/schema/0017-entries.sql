-- The deadlines in readers' calendars, by mailbox: what each was last sent.  One that waits in a
-- message which gathers several is owed to it.
CREATE TABLE calendar_entry (
    disagreement INTEGER NOT NULL REFERENCES disagreement (number),
    recipient    TEXT NOT NULL,    -- the mailbox
    deadline     TEXT NOT NULL,
    entry        INTEGER NOT NULL, -- which of its starts
    person       TEXT NOT NULL,    -- whom it was sent to there, and in which role
    role         TEXT NOT NULL,
    title        TEXT NOT NULL,
    sequence     INTEGER NOT NULL, -- SEQUENCE, as last sent; -1: never yet
    due_us       INTEGER,          -- as last sent; NULL: owed
    cancelled    INTEGER NOT NULL,
    PRIMARY KEY (disagreement, recipient, deadline, entry)
) STRICT, WITHOUT ROWID;

-- What the mail of a notification that waits shows and drops, should it go as it is: a line
-- "DEADLINE ENTRY SEQUENCE DUE_US CANCELLED" for each.  Where gathering.dates begins with the line
-- "*", it tells of nothing but calendar entries, and of all that has become of them.
ALTER TABLE gathering ADD COLUMN entries TEXT NOT NULL DEFAULT '';

PRAGMA user_version = 17;
