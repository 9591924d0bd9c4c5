-- All rows of an entity along publication and record time, up to %(position)s; %(id)s is a canonical
-- id. Who holds these rows can answer any point of the clocks by testing it against them. With a day
-- %(known_at)s, and %(since)s the same as the position, they are the rows of that point alone.

-- name: held
-- The rows that it is in, as their scope or their subject.
scope = %(id)s
AND rectangle(scope, known, recorded) && rectangle(
    %(id)s, %(known_at)s::int, %(known_at)s::int, %(since)s::bigint, %(position)s::bigint
)
OR subject = %(id)s
AND rectangle(subject, known, recorded) && rectangle(
    %(id)s, %(known_at)s::int, %(known_at)s::int, %(since)s::bigint, %(position)s::bigint
)

-- name: size
-- How many rows of each kind it has up to the position, counted up to a limit.
SELECT
    (
        SELECT count(*) FROM (
            SELECT FROM intervals
            WHERE ({held})
            LIMIT %(limit)s::int
        ) AS intervals
    ) AS intervals,
    (
        SELECT count(*) FROM (
            SELECT FROM versions
            WHERE subjects @> ARRAY[%(id)s::text] AND lower(recorded) <= %(position)s::bigint
                AND type = ANY (%(types)s::text[])
            LIMIT %(limit)s::int
        ) AS reports
    ) AS reports;

-- name: fluents
-- The fluents that it has had up to the position, whether as their subject, and how many rows of each
-- there are, of so many at the most.
SELECT fluent, inverse, count(*) FROM (
    SELECT fluent, subject = %(id)s AND scope <> %(id)s AS inverse FROM intervals
    WHERE ({held})
    LIMIT %(limit)s::int
) AS told
GROUP BY fluent, inverse;

-- name: intervals
-- The episodes of its fluents, from either side: all, or any so many where there are more, since
-- those who ask can't use a part, and need not wait for all to be read and put in order.
SELECT * FROM (
    SELECT
        fluent, scope, subject, ordinal, possible, certain,
        start_earliest, start_latest, end_earliest, end_latest, since, until, ended,
        contested, disputed, facts, alternatives, announced_ends, attested, sources, known, recorded
    FROM intervals
    WHERE ({held})
    LIMIT %(limit)s::int
) AS told
ORDER BY fluent, scope COLLATE "C", subject COLLATE "C", ordinal, lower(recorded), lower(known);

-- name: reports
-- The facts about it that begin and end nothing: statements, visits, numbers and the like.
SELECT fact AS id, type, version, earliest, latest, disputed, set_aside_by, sources, known, recorded
FROM versions
WHERE subjects @> ARRAY[%(id)s::text]
    AND recorded && int8range(%(since)s::bigint, %(position)s::bigint, '[]')
    AND (%(known_at)s::int IS NULL OR known @> %(known_at)s::int)
    AND type = ANY (%(types)s::text[])
ORDER BY earliest, latest, fact COLLATE "C", lower(recorded), lower(known)
LIMIT %(limit)s::int;

-- name: cited
-- How far in the world's time sources looked, along R, and what they are called.
SELECT id, observed, coalesce(source ->> 'publisher', source ->> 'title') AS name, recorded
FROM sources
WHERE id = ANY (%(ids)s::text[]) AND lower(recorded) <= %(position)s::bigint
ORDER BY lower(recorded);

-- name: names
-- What entities are called, along X, K and R.
SELECT id, kind, names, iso3166, location, valid, known, recorded
FROM entities
WHERE id = ANY (%(ids)s::text[]) AND lower(recorded) <= %(position)s::bigint
ORDER BY id COLLATE "C", lower(recorded), lower(known), lower(valid);

-- name: recorded_on
-- The days on which there were records, each with the first and the last position of it: a look at
-- each end of each day, since time never runs backwards along the log.
WITH RECURSIVE ended AS (
    SELECT recorded_at FROM events WHERE position <= %(position)s::bigint ORDER BY position DESC LIMIT 1
),
begun AS (
    (SELECT recorded_at, position FROM events ORDER BY recorded_at, position LIMIT 1)
    UNION ALL
    SELECT later.recorded_at, later.position FROM begun CROSS JOIN LATERAL (
        SELECT recorded_at, position FROM events
        WHERE recorded_at >= begun.recorded_at::date + 1
            AND recorded_at <= (SELECT recorded_at FROM ended) AND position <= %(position)s::bigint
        ORDER BY recorded_at, position LIMIT 1
    ) AS later
)
SELECT
    begun.recorded_at::date - date '1970-01-01' AS day,
    begun.position AS first, last.position AS last
FROM begun CROSS JOIN LATERAL (
    SELECT position FROM events
    WHERE recorded_at < begun.recorded_at::date + 1
        AND recorded_at <= (SELECT recorded_at FROM ended) AND position <= %(position)s::bigint
    ORDER BY recorded_at DESC, position DESC LIMIT 1
) AS last
LIMIT %(limit)s::int;
