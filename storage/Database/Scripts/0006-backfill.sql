-- Each backfill ever begun: its number puts what it tells in order with what others tell.
CREATE TABLE backfill (
    number     BIGINT NOT NULL PRIMARY KEY,
    feed       TEXT,
    profile    TEXT   NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at   BIGINT
);
-- The latest backfill that a listing has heard of, for whoever waits until it has.
ALTER TABLE listing_saga ADD COLUMN backfill BIGINT NOT NULL DEFAULT 0;
