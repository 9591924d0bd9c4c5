-- How many changes an entity has in each stretch of a clock. %(id)s is a canonical id. Rows count that
-- were recorded from %(since)s to %(position)s and known at the day %(known_at)s; null is any day.

-- name: changes
-- {ends} are the places along the clock at which a row begins or ceases, {held} is `held` of
-- rectangles.sql. At most %(limit)s rows of each kind are read, which bounds the time. Without %(low)s
-- and %(high)s the stretch is all that has changes, %(first)s, %(last)s and %(today)s, with a margin.
WITH told AS (
    (
        SELECT possible, certain, known, recorded FROM intervals
        WHERE ({held})
        LIMIT %(limit)s::int
    )
    UNION ALL
    (
        SELECT int4range(earliest, NULL), 'empty', known, recorded FROM versions
        WHERE subjects @> ARRAY[%(id)s::text] AND type = ANY (%(types)s::text[])
            AND (%(known_at)s::int IS NULL OR known @> %(known_at)s::int)
            AND recorded && int8range(%(since)s::bigint, %(position)s::bigint, '[]')
        LIMIT %(limit)s::int
    )
),
changes AS MATERIALIZED (
    SELECT at::bigint FROM told CROSS JOIN LATERAL unnest({ends}) AS ends (at)
    WHERE at BETWEEN %(least)s::bigint AND %(most)s::bigint
),
stretch AS (
    SELECT
        coalesce(
            %(low)s::bigint, least(min(at), %(first)s::bigint, %(today)s::bigint) - %(margin)s::int
        ) AS low,
        coalesce(
            %(high)s::bigint, greatest(max(at), %(last)s::bigint, %(today)s::bigint) + %(margin)s::int
        ) AS high,
        max(at) FILTER (WHERE at < %(first)s::bigint) AS before,
        min(at) FILTER (WHERE at > %(last)s::bigint) AS after
    FROM changes
)
SELECT
    low, high, before, after,
    (
        SELECT coalesce(json_object_agg(bucket, many), '{{}}') FROM (
            SELECT
                least(
                    width_bucket(
                        at::float8, low::float8, greatest(high, low + 1)::float8, %(buckets)s::int
                    ),
                    %(buckets)s::int
                ) AS bucket,
                count(*) AS many
            FROM changes WHERE at BETWEEN low AND high
            GROUP BY bucket
        ) AS counted
    ) AS counts
FROM stretch;

-- name: world_ends
ARRAY[lower(possible), upper(possible), lower(certain), upper(certain)]

-- name: published_ends
ARRAY[lower(known), upper(known)]

-- name: recorded_ends
ARRAY[lower(recorded), upper(recorded)]
