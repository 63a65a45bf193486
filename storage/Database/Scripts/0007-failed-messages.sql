-- A message that failed for good, with all of its bytes; the row stays until it was replayed or archived and its retention is over.
CREATE TABLE failed_message (
    id             TEXT    NOT NULL PRIMARY KEY,
    delivery_key   TEXT    NOT NULL,
    state          TEXT    NOT NULL,
    failure_group  TEXT    NOT NULL,
    kind           TEXT    NOT NULL,
    queue          TEXT    NOT NULL,
    found_in       TEXT    NOT NULL,
    in_process     INTEGER NOT NULL,
    message_id     TEXT,
    message_type   TEXT,
    exception_type TEXT,
    reason         TEXT    NOT NULL,
    pattern        TEXT    NOT NULL,
    frame          TEXT,
    feed           TEXT,
    listing_key    TEXT,
    photo_id       TEXT,
    first_id       TEXT    NOT NULL,
    failures       INTEGER NOT NULL,
    from_replay    BIGINT,
    replay         BIGINT,
    failed_at      BIGINT  NOT NULL,
    taken_at       BIGINT  NOT NULL,
    changed_at     BIGINT  NOT NULL,
    stack_trace    TEXT,
    properties     BYTEA   NOT NULL,
    body           BYTEA   NOT NULL
);
CREATE INDEX failed_message_state ON failed_message (state, failure_group, failed_at);
CREATE INDEX failed_message_delivery ON failed_message (delivery_key);
CREATE INDEX failed_message_message ON failed_message (message_id);
CREATE INDEX failed_message_first ON failed_message (first_id);
CREATE INDEX failed_message_replay ON failed_message (replay, state);
CREATE INDEX failed_message_from_replay ON failed_message (from_replay);

-- What people did with failed messages: each replay, archiving and restoring, who asked for it and how it ended.
CREATE TABLE replay (
    number        BIGINT  NOT NULL PRIMARY KEY,
    action        TEXT    NOT NULL,
    asked_by      TEXT    NOT NULL,
    asked         TEXT    NOT NULL,
    state         TEXT    NOT NULL,
    messages      INTEGER NOT NULL,
    per_second    DOUBLE PRECISION,
    canary        INTEGER NOT NULL DEFAULT 0,
    why           TEXT,
    started_at    BIGINT  NOT NULL,
    ended_at      BIGINT,
    claimed_by    TEXT,
    claimed_until BIGINT  NOT NULL DEFAULT 0
);
