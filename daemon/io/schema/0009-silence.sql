-- Maintenance silences (core/silence.h), and what they hold.
CREATE TABLE silence (
    number   INTEGER PRIMARY KEY,
    kind     TEXT NOT NULL, -- endpoint, route, person, agency
    target   TEXT NOT NULL,
    since_us INTEGER NOT NULL,
    until_us INTEGER NOT NULL,
    reason   TEXT NOT NULL,
    by       TEXT NOT NULL, -- "uid 1000"
    ended_us INTEGER        -- NULL: in force
) STRICT;
CREATE INDEX silence_in_force ON silence (number) WHERE ended_us IS NULL;

-- Whose role it is told in; '': several agencies'.  NULL, as of all that is older: no silence
-- holds it, for it goes to a board, to the operator, or is about no disagreement.
ALTER TABLE outbox ADD COLUMN agency TEXT;
-- Which silence holds it; after that has ended, until it is let go.
ALTER TABLE outbox ADD COLUMN silence INTEGER REFERENCES silence (number);
CREATE INDEX outbox_silence ON outbox (silence, at_us, number) WHERE silence IS NOT NULL;

PRAGMA user_version = 9;
