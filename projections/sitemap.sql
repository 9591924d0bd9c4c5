-- What a sitemap lists (the parameters are those of asof.sql).

-- name: addresses
-- The first step of an address and the id of each entity and source, in order.
SELECT step, id
FROM (
    SELECT 'e' AS step, id FROM entities
    WHERE canonical = id AND valid @> %(as_of_latest)s::int
        AND known @> %(known_at)s::int AND recorded @> %(position)s::bigint
    UNION ALL
    SELECT 's', id FROM sources
    WHERE known @> %(known_at)s::int AND recorded @> %(position)s::bigint
) AS address
ORDER BY step, id
OFFSET %(offset)s::int LIMIT %(limit)s::int;

-- name: total
-- How many there are, up to %(limit)s.
SELECT count(*)
FROM (
    SELECT FROM entities
    WHERE canonical = id AND valid @> %(as_of_latest)s::int
        AND known @> %(known_at)s::int AND recorded @> %(position)s::bigint
    UNION ALL
    SELECT FROM sources
    WHERE known @> %(known_at)s::int AND recorded @> %(position)s::bigint
    LIMIT %(limit)s::int
) AS address;
