-- The log's own entries, for those who carry it elsewhere. {narrowing} is a condition on `main`.

-- name: entries
-- The next events up to a position, whole, with their effective recorded times. Events of
-- administration (domain/administration.py) stay here.
SELECT main.id AS position, main.type, main.data, event.recorded_at
FROM sijill_events_tt_main AS main
JOIN events AS event ON event.position = main.id
WHERE main.id > %(after)s::bigint AND main.id <= %(position)s::bigint AND {narrowing}
    AND main.type !~ '^(KeyIssued|KeyRevoked|DocumentCaptured)/'
ORDER BY main.id
LIMIT %(limit)s::int;

-- name: bearing
-- A condition of `entries`: it speaks of an entity, of a fact about it, or of a correction of one.
main.id IN (
    WITH about AS (
        SELECT main_id FROM sijill_events_tt_tag
        WHERE tag = ANY (ARRAY['entity:' || %(entity)s::text, 'about:' || %(entity)s::text])
            AND main_id <= %(position)s::bigint
    )
    SELECT main_id FROM about
    UNION
    SELECT tag.main_id
    FROM about
    JOIN sijill_events_tt_main AS spoken ON spoken.id = about.main_id
    CROSS JOIN unnest(spoken.tags) AS name
    JOIN sijill_events_tt_tag AS tag ON tag.tag = name
    WHERE name LIKE 'fact:%%'
)

-- name: recorded_at
-- The effective recorded time of the last event up to a position.
SELECT recorded_at FROM events WHERE position <= %(position)s::bigint ORDER BY position DESC LIMIT 1;
