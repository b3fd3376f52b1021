-- Deliveries in whose place the same is told anew: their number is asked for often.
CREATE INDEX outbox_superseded ON outbox (state) WHERE state = 'superseded';

PRAGMA user_version = 18;
