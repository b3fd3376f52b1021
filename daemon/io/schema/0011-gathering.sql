-- Ordinary notifications that wait to go out together (core/gather.h), and what they went in.
CREATE TABLE gathering (
    outbox    INTEGER PRIMARY KEY REFERENCES outbox (number),
    until_us  INTEGER,        -- it waits until then; 0: the end of its turn decides; NULL: it is in
    act_by_us INTEGER,        -- what it asks for is due then
    gist      TEXT NOT NULL,  -- what a digest says of it
    holdings  TEXT NOT NULL,  -- the roles it was told in: "ROLE AGENCY;", of the board "ROLE ;"
    digest    INTEGER REFERENCES outbox (number) -- the first row of what it went in; NULL: it waits
) STRICT;
CREATE INDEX gathering_until ON gathering (until_us) WHERE until_us IS NOT NULL;
CREATE INDEX gathering_digest ON gathering (digest) WHERE digest IS NOT NULL;

PRAGMA user_version = 11;
