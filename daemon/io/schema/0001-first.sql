-- The first schema.  Instants are microseconds UTC, NULL where there is none; states and
-- routes are words; what belongs to a procedure is named by its id, never by its place.

PRAGMA application_id = 1668247139; -- "conc"

-- The record: a chain of hashes (record.h).  What a line says, and about whom, is apart from
-- it, so that it can be erased and the chain stays whole.
CREATE TABLE record_line (
    number    INTEGER PRIMARY KEY,
    at_us     INTEGER NOT NULL,
    type      TEXT NOT NULL,
    digest    BLOB NOT NULL,
    hash      BLOB NOT NULL,
    erased_by INTEGER
) STRICT;
CREATE INDEX record_erased ON record_line (erased_by) WHERE erased_by IS NOT NULL;

CREATE TABLE record_payload (
    number    INTEGER PRIMARY KEY,
    salt      BLOB NOT NULL,
    board     TEXT NOT NULL,
    reference TEXT NOT NULL,
    payload   TEXT NOT NULL
) STRICT;
CREATE INDEX record_about ON record_payload (board, reference) WHERE reference <> '';

-- Which events are known; the events themselves are payloads of the record.
CREATE TABLE event (
    source      TEXT NOT NULL,
    id          TEXT NOT NULL,
    record      INTEGER NOT NULL,
    received_us INTEGER NOT NULL,
    sha256      BLOB NOT NULL,
    flags       INTEGER NOT NULL,
    PRIMARY KEY (source, id)
) STRICT, WITHOUT ROWID;

-- How far each source was heard, and what is missing.
CREATE TABLE source (
    source        TEXT NOT NULL PRIMARY KEY,
    seqepoch      TEXT,
    high          INTEGER NOT NULL,
    last_heard_us INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE gap (
    number    INTEGER PRIMARY KEY,
    source    TEXT NOT NULL,
    seqepoch  TEXT NOT NULL,
    first     INTEGER NOT NULL,
    last      INTEGER NOT NULL,
    found_us  INTEGER NOT NULL,
    closed_us INTEGER
) STRICT;
CREATE UNIQUE INDEX gap_open ON gap (source, seqepoch, first) WHERE closed_us IS NULL;

-- Every version of a procedure under which a disagreement was raised.
CREATE TABLE procedure_version (
    hash    TEXT NOT NULL PRIMARY KEY,
    id      TEXT NOT NULL,
    version TEXT NOT NULL,
    text    TEXT NOT NULL
) STRICT;

-- Columns are what is listed or asked for; the rest is in `json` (state.h).
CREATE TABLE disagreement (
    number         INTEGER PRIMARY KEY,
    board          TEXT NOT NULL,
    reference      TEXT NOT NULL,
    procedure      TEXT NOT NULL,
    procedure_hash TEXT NOT NULL,
    challenging    TEXT NOT NULL,
    raised_us      INTEGER NOT NULL,
    state          TEXT NOT NULL,
    closed_us      INTEGER,
    stage          TEXT NOT NULL,
    json           TEXT NOT NULL,
    UNIQUE (reference, board) -- in this order, for people know the reference alone
) STRICT;
CREATE INDEX disagreement_open ON disagreement (number) WHERE state = 'open';

-- The timer queue: one row for each start of a deadline.
CREATE TABLE deadline (
    disagreement   INTEGER NOT NULL REFERENCES disagreement (number),
    deadline       TEXT NOT NULL,
    entry          INTEGER NOT NULL,
    state          TEXT NOT NULL,
    start_us       INTEGER,
    due_us         INTEGER,
    provisional    INTEGER NOT NULL,
    set_by_case_us INTEGER,
    extended       INTEGER NOT NULL,
    acted_until_us INTEGER,
    wake_us        INTEGER,
    done           INTEGER NOT NULL,
    calendar       TEXT NOT NULL,
    PRIMARY KEY (disagreement, deadline, entry)
) STRICT, WITHOUT ROWID;
CREATE INDEX deadline_wake ON deadline (wake_us) WHERE wake_us IS NOT NULL;

-- One row for each rendered notification and route; what is sent is `bytes`.
CREATE TABLE outbox (
    number         INTEGER PRIMARY KEY,
    id             TEXT NOT NULL UNIQUE,
    disagreement   INTEGER REFERENCES disagreement (number), -- NULL: about none
    key            TEXT NOT NULL,
    position       INTEGER NOT NULL,
    person         TEXT NOT NULL,
    role           TEXT NOT NULL,
    route          TEXT NOT NULL,
    recipient      TEXT NOT NULL,
    priority       INTEGER NOT NULL, -- 0 normal, 1 urgent, 2 immediate
    at_us          INTEGER NOT NULL,
    late           INTEGER NOT NULL,
    state          TEXT NOT NULL,
    attempts       INTEGER NOT NULL,
    first_tried_us INTEGER,
    next_try_us    INTEGER,
    bytes          BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX outbox_once ON outbox (ifnull(disagreement, 0), key, position);
CREATE INDEX outbox_queued ON outbox (priority, next_try_us) WHERE state = 'queued';
CREATE INDEX outbox_failed ON outbox (state) WHERE state IN ('refused', 'exhausted');

CREATE TABLE attempt (
    outbox    INTEGER NOT NULL REFERENCES outbox (number),
    attempt   INTEGER NOT NULL,
    at_us     INTEGER NOT NULL,
    outcome   TEXT NOT NULL,
    ambiguous INTEGER NOT NULL,
    code      INTEGER NOT NULL,
    detail    TEXT NOT NULL,
    PRIMARY KEY (outbox, attempt)
) STRICT, WITHOUT ROWID;

CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 1;
