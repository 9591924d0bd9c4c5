-- How many of a question's rows there are on each day, at the point of the other clocks.

-- name: intervals
-- The intervals of a fluent from one side, at %(known_at)s and %(position)s: {other} is who answers.
SELECT {other} AS whom, ordinal, possible, certain
FROM intervals
WHERE fluent = {fluent} AND {asked}
ORDER BY {other} COLLATE "C", ordinal
LIMIT %(limit)s::int;

-- name: reports
-- The member counts that count, each for its last day; several sources may give one.
SELECT
    latest AS day, (version ->> 'value')::float8 AS value,
    coalesce(version ->> 'comparator', '=') AS comparator, fact, sources
FROM versions
WHERE type = 'MemberCountReported' AND subjects @> ARRAY[%(id)s::text] AND set_aside_by = '{{}}'
    AND coalesce(version ->> 'modality', 'OCCURRED') = 'OCCURRED'
    AND known @> %(known_at)s::int AND recorded @> %(position)s::bigint
ORDER BY latest, fact COLLATE "C"
LIMIT %(limit)s::int;
