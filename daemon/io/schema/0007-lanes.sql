-- Deliveries are looked for lane by lane: each endpoint is one, and all else of one kind of route.
-- One that is dead, with however much for it, then costs the others nothing.
DROP INDEX outbox_queued;
CREATE INDEX outbox_lane ON outbox (iif(route IN ('webhook', 'teams'), recipient, route),
                                    priority, next_try_us)
    WHERE state = 'queued';

PRAGMA user_version = 7;
