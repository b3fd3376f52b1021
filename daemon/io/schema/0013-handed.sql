-- When it was handed out to be sent, while no answer to that is known; NULL: it is not on its way.
ALTER TABLE outbox ADD COLUMN handed_us INTEGER;
-- The version before did not say: what was due may have gone out.
UPDATE outbox SET handed_us = ifnull(queued_us, at_us)
    WHERE state = 'queued' AND attempts = 0 AND next_try_us IS NOT NULL AND silence IS NULL;

PRAGMA user_version = 13;
