-- What FeedIngest knows of each listing: the photo set it last read, and how far that set has been announced.
CREATE TABLE feed_listing (
    feed             TEXT    NOT NULL,
    listing_key      TEXT    NOT NULL,
    listing_uid      TEXT    NOT NULL,
    listing_id       TEXT,
    generation       BIGINT  NOT NULL,
    ask              INTEGER NOT NULL,
    asked_at         BIGINT  NOT NULL,
    next_ask_at      BIGINT  NOT NULL,
    withdrawn        TEXT,
    fingerprint      TEXT    NOT NULL,
    photos           TEXT    NOT NULL,
    changed_at       BIGINT  NOT NULL,
    seen_at          BIGINT  NOT NULL,
    announcement     BIGINT  NOT NULL DEFAULT 0,
    final_generation BIGINT  NOT NULL DEFAULT 0,
    missing          TEXT    NOT NULL DEFAULT '[]',
    failed           INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (feed, listing_key)
);
CREATE INDEX feed_listing_not_final ON feed_listing (feed, next_ask_at) WHERE final_generation < generation OR failed > 0;

-- One row per listing: the saga's whole state in body; beside it what the signaller looks for, and what it alone writes.
CREATE TABLE listing_saga (
    correlation_id   TEXT    NOT NULL PRIMARY KEY,
    version          INTEGER NOT NULL,
    body             TEXT    NOT NULL,
    updated_at       BIGINT  NOT NULL,
    feed             TEXT,
    listing_key      TEXT,
    generation       BIGINT  NOT NULL,
    photos           INTEGER NOT NULL,
    stored           INTEGER NOT NULL,
    rejected         INTEGER NOT NULL,
    failed           INTEGER NOT NULL,
    announcement     BIGINT  NOT NULL,
    asked            INTEGER NOT NULL,
    settled          INTEGER NOT NULL,
    complete         INTEGER NOT NULL,
    deadline_from    BIGINT,
    removing         INTEGER NOT NULL,
    announced        BIGINT  NOT NULL DEFAULT 0,
    announced_asked  INTEGER NOT NULL DEFAULT 0,
    announced_at     BIGINT,
    claimed_by       TEXT,
    claimed_until    BIGINT  NOT NULL DEFAULT 0
);
CREATE INDEX listing_saga_due ON listing_saga (updated_at)
    WHERE announcement > announced OR asked > announced_asked OR removing = 1;
CREATE INDEX listing_saga_feed ON listing_saga (feed);
