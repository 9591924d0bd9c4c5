-- name: differing
-- The rows of a table that only one of two schemas has: of which, whose ({key} names it), and what
-- they say. Rows are compared as text, since json has no equality.
WITH ours AS (SELECT {key} AS key, here::text AS row FROM {one}.{table} AS here),
theirs AS (SELECT {key} AS key, here::text AS row FROM {other}.{table} AS here)
(SELECT true AS is_first, key, row FROM (TABLE ours EXCEPT ALL TABLE theirs) AS lost)
UNION ALL
(SELECT false AS is_first, key, row FROM (TABLE theirs EXCEPT ALL TABLE ours) AS won)
ORDER BY key, is_first DESC, row
LIMIT %(limit)s;
