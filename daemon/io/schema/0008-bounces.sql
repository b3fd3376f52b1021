-- What a mail system further on says of a mail that a mail server had accepted.

-- Each thing that was said of a delivery, once: the same report may come many times.
CREATE TABLE bounce (
    outbox INTEGER NOT NULL REFERENCES outbox (number),
    action TEXT NOT NULL, -- of RFC 3464: failed, delayed, delivered, relayed, expanded; or answered
    status TEXT NOT NULL, -- of RFC 3463: 5.1.1; '' where none was said
    at_us  INTEGER NOT NULL,
    PRIMARY KEY (outbox, action, status)
) STRICT, WITHOUT ROWID;

-- Since when an accepted delivery is known to be stuck further on; NULL: it is not.
ALTER TABLE outbox ADD COLUMN delayed_us INTEGER;

PRAGMA user_version = 8;
