-- Two copies of a table side by side. {key} names what a row is about, {cells} are its columns, JSON
-- as text, since json has no equality. Rows that are about the same are of the same part.

-- name: columns
SELECT column_name, data_type = 'json' FROM information_schema.columns
WHERE table_schema = %(schema)s AND table_name = %(table)s
ORDER BY ordinal_position;

-- name: positions
-- How far two schemas have come.
SELECT ours.position, theirs.position
FROM {one}.progress AS ours CROSS JOIN {other}.progress AS theirs;

-- name: all_rows
true

-- name: rows_at
-- Rectangles that were there at a position, to be read with `recorded_at`. The only change to a
-- rectangle is that it is closed.
lower(recorded) <= %(position)s

-- name: recorded_at
-- The recorded range as it was at a position.
CASE WHEN upper(recorded) <= %(position)s THEN recorded ELSE int8range(lower(recorded), NULL) END

-- name: rows_since
-- Those that were opened or closed after it.
(lower(recorded) <= %(position)s AND coalesce(upper(recorded), 0) <= %(position)s) IS NOT TRUE

-- name: events_at
position <= %(position)s

-- name: events_since
position > %(position)s

-- name: parts
-- The parts of a table in which two schemas differ, by the count and the sum of its rows' hashes.
WITH ours AS (
    SELECT hashtext({key}) & 1023 AS part, count(*), sum(hash_record_extended(ROW({cells}), 0))
    FROM {one}.{table} WHERE {which} GROUP BY part
),
theirs AS (
    SELECT hashtext({key}) & 1023 AS part, count(*), sum(hash_record_extended(ROW({cells}), 0))
    FROM {other}.{table} WHERE {which} GROUP BY part
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

-- name: group_by_hash
-- For the transaction. The planner does not know how many rows a part has, and would sort them all.
SET LOCAL enable_sort = off;
