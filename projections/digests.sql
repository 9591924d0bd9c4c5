-- name: digest
-- How many rows of a table answer questions at a position, and a digest of them that does not depend
-- on their order. The end of a row's `recorded` range
-- comes from later events, so it is left out.
SELECT count(*), coalesce(sum(hashtextextended((to_jsonb(each) - 'recorded')::text, 0)), 0)::text
FROM {table} AS each
WHERE {within};
