-- name: counts_reported
-- The reports of a coalition's member count that a question at a point answers with.
SELECT fact FROM (
    SELECT fact, rank() OVER (ORDER BY latest DESC) AS place FROM versions
    WHERE type = %(type)s AND subjects @> ARRAY[%(id)s::text] AND latest <= %(last)s::int
        AND known @> %(k)s::int AND recorded @> %(r)s::bigint AND set_aside_by = '{}'
        AND coalesce(version ->> 'modality', 'OCCURRED') = 'OCCURRED'
) AS report
WHERE place = 1;
