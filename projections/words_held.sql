-- How often a record's words are used at a point of the clocks (its parameters are those of
-- asof.sql), with a few examples. Nothing is counted beyond %(limit)s, which bounds the time.

-- name: kinds
-- The entities of each kind.
SELECT given.name, count(found.id) AS count, (array_agg(found.id ORDER BY found.id))[:%(examples)s::int]
FROM unnest(%(names)s::text[]) AS given (name)
LEFT JOIN LATERAL (
    SELECT id FROM entities
    WHERE kind = given.name AND canonical = id AND valid @> %(as_of_latest)s::int
        AND known @> %(known_at)s::int AND recorded @> %(position)s::bigint
    LIMIT %(limit)s::int
) AS found ON true
GROUP BY given.name;

-- name: types
-- The facts of each type, which count or are set aside.
SELECT given.name, count(found.fact) AS count,
    (array_agg(found.fact ORDER BY found.fact))[:%(examples)s::int]
FROM unnest(%(names)s::text[]) AS given (name)
LEFT JOIN LATERAL (
    SELECT fact FROM versions
    WHERE type = given.name AND known @> %(known_at)s::int AND recorded @> %(position)s::bigint
    LIMIT %(limit)s::int
) AS found ON true
GROUP BY given.name;

-- name: fluents
-- The pairs of which each fluent holds or may hold on the days asked about; the examples are scopes.
SELECT given.name, count(found.scope) AS count,
    (array_agg(DISTINCT found.scope ORDER BY found.scope))[:%(examples)s::int]
FROM unnest(%(names)s::text[]) AS given (name)
LEFT JOIN LATERAL (
    SELECT DISTINCT scope, subject FROM intervals
    WHERE fluent = given.name AND known @> %(known_at)s::int AND recorded @> %(position)s::bigint
        AND possible && int4range(%(as_of_earliest)s::int, %(as_of_latest)s::int, '[]')
    LIMIT %(limit)s::int
) AS found ON true
GROUP BY given.name;
