-- What nobody has accepted goes on by another route, and then to people (core/escalation.h).

-- The line of the record that tells of the notification: from it, it is written again.
ALTER TABLE outbox ADD COLUMN record INTEGER;
-- When the row was put on its way: its time runs from then, not from when it was to be told.
ALTER TABLE outbox ADD COLUMN queued_us INTEGER;
-- Of a notification's first row (position 0): when to look at it again; NULL: it is settled.
ALTER TABLE outbox ADD COLUMN escalate_us INTEGER;
-- The same: when people were told that nobody accepted it; NULL: they were not, or it was since.
ALTER TABLE outbox ADD COLUMN undelivered_us INTEGER;

-- What waits in an older store has waited since its first try.
UPDATE outbox SET queued_us = ifnull(first_tried_us, at_us),
                  escalate_us = ifnull(first_tried_us, at_us) + 600000000
    WHERE state = 'queued' AND position = 0;

CREATE INDEX outbox_escalate ON outbox (escalate_us) WHERE escalate_us IS NOT NULL;
CREATE INDEX outbox_undelivered ON outbox (undelivered_us) WHERE undelivered_us IS NOT NULL;

PRAGMA user_version = 3;
