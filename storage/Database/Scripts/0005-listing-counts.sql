-- For counting listings by feed and state without reading their bodies, and for knowing the first final announcement of a generation.
ALTER TABLE listing_saga ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0;
ALTER TABLE listing_saga ADD COLUMN announced_final BIGINT NOT NULL DEFAULT 0;
UPDATE listing_saga SET withdrawn = 1 WHERE body LIKE '%"currentState":"Withdrawn"%';
UPDATE listing_saga SET announced_final = generation WHERE settled = 1 AND asked <= announced_asked;
CREATE INDEX listing_saga_counts ON listing_saga (feed, withdrawn, complete, settled);
-- The new one begins with the same column.
DROP INDEX listing_saga_feed;
