-- name: counts_reported
-- The reports of a coalition's member count that a question at a point answers with.
SELECT fact FROM (
    SELECT fact, rank() OVER (ORDER BY latest DESC) AS place FROM versions
    WHERE type = %(type)s AND subjects @> ARRAY[%(id)s::text] AND latest <= %(as_of_latest)s::int
        AND known @> %(known_at)s::int AND recorded @> %(position)s::bigint AND set_aside_by = '{}'
        AND coalesce(version ->> 'modality', 'OCCURRED') = 'OCCURRED'
) AS report
WHERE place = 1;
