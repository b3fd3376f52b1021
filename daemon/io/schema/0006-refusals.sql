-- How often each key was refused with which code, over restarts.
CREATE TABLE refusal (
    key     TEXT NOT NULL, -- Z85; '' for all that found no room in memory
    code    TEXT NOT NULL,
    count   INTEGER NOT NULL,
    told    INTEGER NOT NULL, -- the count when a person was last told
    last_us INTEGER NOT NULL,
    PRIMARY KEY (key, code)
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 6;
