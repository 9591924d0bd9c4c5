-- name: counts_reported
-- The reports of a coalition's member count, whatever they say and for which day.
SELECT DISTINCT fact FROM versions
WHERE type = %(type)s AND lower(recorded) <= %(r)s::bigint
    AND subjects && ARRAY(SELECT DISTINCT canonical FROM entities WHERE id = %(id)s);
