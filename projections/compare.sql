-- Two copies of a table side by side. {key} names what a row is about, {cells} are its columns, JSON
-- as text, since json has no equality. Rows that are about the same are of the same part.

-- name: columns
SELECT column_name, data_type = 'json' FROM information_schema.columns
WHERE table_schema = %(schema)s AND table_name = %(table)s
ORDER BY ordinal_position;

-- name: parts
-- The parts of a table in which two schemas differ, by the count and the sum of its rows' hashes.
WITH ours AS (
    SELECT hashtext({key}) & 1023 AS part, count(*), sum(hash_record_extended(ROW({cells}), 0))
    FROM {one}.{table} GROUP BY part
),
theirs AS (
    SELECT hashtext({key}) & 1023 AS part, count(*), sum(hash_record_extended(ROW({cells}), 0))
    FROM {other}.{table} GROUP BY part
)
SELECT coalesce(ours.part, theirs.part) FROM ours FULL JOIN theirs
    ON (ours.part, ours.count, ours.sum) = (theirs.part, theirs.count, theirs.sum)
WHERE ours.part IS NULL OR theirs.part IS NULL;

-- name: differing
-- The rows of some parts that only one of two schemas has: of which, whose, and what they say.
WITH ours AS (
    SELECT {key} AS key, here::text AS row FROM {one}.{table} AS here
    WHERE hashtext({key}) & 1023 = ANY (%(parts)s::int[])
),
theirs AS (
    SELECT {key} AS key, here::text AS row FROM {other}.{table} AS here
    WHERE hashtext({key}) & 1023 = ANY (%(parts)s::int[])
)
(SELECT true AS is_first, key, row FROM (TABLE ours EXCEPT ALL TABLE theirs) AS lost)
UNION ALL
(SELECT false AS is_first, key, row FROM (TABLE theirs EXCEPT ALL TABLE ours) AS won)
ORDER BY key, is_first DESC, row
LIMIT %(limit)s;
