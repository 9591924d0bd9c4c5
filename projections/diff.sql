-- Questions of two points of the clocks. {asked} is a condition on intervals.

-- name: stretches
-- Every stretch that may give a row at one of the points, or on the way from one to the other.
SELECT
    fluent, scope, subject, ordinal, possible, certain,
    start_earliest, start_latest, end_earliest, end_latest, since, until,
    ended, contested, facts, alternatives, known, recorded
FROM intervals
WHERE {asked}
    AND recorded && int8range(%(r_low)s::bigint, %(r_high)s::bigint, '[]')
    AND known && int4range(%(k_low)s::int, %(k_high)s::int, '[]')
    AND possible && int4range(%(x_low)s::int, %(x_high)s::int, '[]');

-- name: all
true

-- name: about
-- Whom stretches are of, and where they are.
(
    scope = ANY (%(ids)s::text[]) AND rectangle(scope, known, recorded) && ANY (ARRAY(
        SELECT rectangle(id, %(k_low)s::int, %(k_high)s::int, %(r_low)s::bigint, %(r_high)s::bigint)
        FROM unnest(%(ids)s::text[]) AS id
    ))
    OR subject = ANY (%(ids)s::text[]) AND rectangle(subject, known, recorded) && ANY (ARRAY(
        SELECT rectangle(id, %(k_low)s::int, %(k_high)s::int, %(r_low)s::bigint, %(r_high)s::bigint)
        FROM unnest(%(ids)s::text[]) AS id
    ))
)
