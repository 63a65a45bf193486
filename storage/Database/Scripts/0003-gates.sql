-- A row for each gate that a process has closed, so that all others close it too; it goes when one of them finds the trouble over.
CREATE TABLE gate (
    name         TEXT    NOT NULL PRIMARY KEY,
    closed_since BIGINT  NOT NULL,
    closed_until BIGINT  NOT NULL,
    why          TEXT    NOT NULL,
    refusals     INTEGER NOT NULL
);
