-- Who reads a feed, and when it was read: one process at a time, one reading in each interval, whoever does it.
CREATE TABLE feed_cursor (
    feed          TEXT   NOT NULL PRIMARY KEY,
    claimed_by    TEXT,
    claimed_until BIGINT NOT NULL DEFAULT 0,
    tried_at      BIGINT NOT NULL DEFAULT 0,
    read_at       BIGINT
);
