-- name: digest
-- How many rows of a table answer questions at a position, and a digest of them that does not depend
-- on their order. Where a row's `recorded` range ends, later events say; so it is left out.
SELECT count(*), coalesce(sum(hashtextextended((to_jsonb(each) - 'recorded')::text, 0)), 0)::text
FROM {table} AS each
WHERE {within};
