-- Questions of two points of the clocks. {asked} is a condition on intervals.

-- name: scanned_twice
-- The planner does not know how many fluents differ. Where it expects few, it reads all intervals again
-- for each of them.
SET LOCAL enable_nestloop = off;

-- name: changed
-- The stretches that may give a row at one of the points, or on the way from one to the other, of the
-- fluents whose rows may differ: in their order, after one of them. A fluent may have another row
-- where one of its stretches is there at one of the points alone, or is certain otherwise at the
-- other one; where the days asked about are several, two stretches may be certain together.
WITH there AS (
    SELECT
        fluent, scope, subject, certain,
        recorded @> %(position_old)s::bigint AND known @> %(known_at_old)s::int
            AND possible && int4range(%(as_of_old_earliest)s::int, %(as_of_old_latest)s::int, '[]') AS was,
        recorded @> %(position_new)s::bigint AND known @> %(known_at_new)s::int
            AND possible && int4range(%(as_of_new_earliest)s::int, %(as_of_new_latest)s::int, '[]') AS is_now,
        int4range(%(as_of_old_earliest)s::int, %(as_of_old_latest)s::int, '[]') AS old,
        int4range(%(as_of_new_earliest)s::int, %(as_of_new_latest)s::int, '[]') AS new
    FROM intervals
    WHERE {asked} AND (fluent, scope, subject) > (%(fluent)s, %(scope)s, %(subject)s)
),
changed AS (
    SELECT DISTINCT fluent, scope, subject FROM there
    WHERE was <> is_now OR was AND old <> new AND (
        (certain @> old) <> (certain @> new)
        OR (certain && old) <> (certain && new)
        OR certain && old AND NOT certain @> old
    )
    ORDER BY fluent, scope, subject
    LIMIT %(limit)s
)
SELECT
    fluent, scope, subject, ordinal, possible, certain,
    start_earliest, start_latest, end_earliest, end_latest, since, until,
    ended, contested, facts, announced_ends, known, recorded
FROM intervals JOIN changed USING (fluent, scope, subject)
WHERE recorded && int8range(%(position_low)s::bigint, %(position_high)s::bigint, '[]')
    AND known && int4range(%(known_at_low)s::int, %(known_at_high)s::int, '[]')
    AND possible && int4range(%(as_of_low)s::int, %(as_of_high)s::int, '[]')
ORDER BY fluent, scope, subject;

-- name: facts
-- When facts say that they happened, as known at a point, and where they were recorded.
SELECT fact, version ->> 'when', position
FROM versions JOIN events ON events.id = fact
WHERE fact = ANY (%(ids)s::text[]) AND known @> %(known_at)s::int AND recorded @> %(position)s::bigint;

-- name: all
true

-- name: supposed
-- Of a session that answers as if: what the supposition bears on.
(fluent, scope, subject) IN (SELECT fluent, scope, subject FROM supposed_intervals)

-- name: about
-- Whom stretches are of, and where they are.
(
    scope = ANY (%(ids)s::text[]) AND rectangle(scope, known, recorded) && ANY (ARRAY(
        SELECT rectangle(id, %(known_at_low)s::int, %(known_at_high)s::int, %(position_low)s::bigint, %(position_high)s::bigint)
        FROM unnest(%(ids)s::text[]) AS id
    ))
    OR subject = ANY (%(ids)s::text[]) AND rectangle(subject, known, recorded) && ANY (ARRAY(
        SELECT rectangle(id, %(known_at_low)s::int, %(known_at_high)s::int, %(position_low)s::bigint, %(position_high)s::bigint)
        FROM unnest(%(ids)s::text[]) AS id
    ))
)
