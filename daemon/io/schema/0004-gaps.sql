-- Gaps with what showed them, what became of them, and when people are to be told; who brings a
-- source's events; the counters a source had before the one it counts by now.

ALTER TABLE gap ADD COLUMN how TEXT NOT NULL DEFAULT 'event';  -- or 'heartbeat'
ALTER TABLE gap ADD COLUMN state TEXT NOT NULL DEFAULT 'open'; -- then 'filled' or 'gone'
ALTER TABLE gap ADD COLUMN operator_us INTEGER; -- when the operator is to be told; NULL: told
ALTER TABLE gap ADD COLUMN board_us INTEGER;    -- when the board's team is; NULL: told
UPDATE gap SET state = 'filled' WHERE closed_us IS NOT NULL;
-- The operator was told of these when they were found.
UPDATE gap SET board_us = found_us + 1800000000 WHERE closed_us IS NULL;
CREATE INDEX gap_operator ON gap (operator_us) WHERE closed_us IS NULL AND operator_us IS NOT NULL;
CREATE INDEX gap_board ON gap (board_us) WHERE closed_us IS NULL AND board_us IS NOT NULL;

ALTER TABLE source ADD COLUMN key TEXT;         -- whose events brought it last
ALTER TABLE source ADD COLUMN feed TEXT;        -- by which feed; NULL: the acknowledged plane
ALTER TABLE source ADD COLUMN best_effort INTEGER NOT NULL DEFAULT 0;
ALTER TABLE source ADD COLUMN duplicates INTEGER NOT NULL DEFAULT 0;
ALTER TABLE source ADD COLUMN resync_us INTEGER; -- since when a snapshot is wanted

CREATE TABLE former_epoch (
    source   TEXT NOT NULL,
    seqepoch TEXT NOT NULL,
    high     INTEGER NOT NULL,
    PRIMARY KEY (source, seqepoch)
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 4;
