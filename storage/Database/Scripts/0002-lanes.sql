-- The lanes that exist on the broker: written before the first request is sent to one, read by the workers, who take up each.
CREATE TABLE lane (
    lane        TEXT   NOT NULL PRIMARY KEY,
    declared_at BIGINT NOT NULL
);
