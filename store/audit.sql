-- name: events
SELECT id, type, data, tags FROM sijill_events_tt_main ORDER BY id;

-- name: leaves
SELECT position, idx, hash, above FROM leaves ORDER BY position, idx;

-- name: checkpoints
SELECT size, note FROM checkpoints ORDER BY size;

-- name: tags
-- Where the tag rows are not those of the events: tags that are missing, and tags too many.
(
    SELECT id AS position, unnest(tags) AS tag, 'lacks' AS how FROM sijill_events_tt_main
    EXCEPT ALL
    SELECT main_id, tag, 'lacks' FROM sijill_events_tt_tag
)
UNION ALL
(
    SELECT main_id, tag, 'has' FROM sijill_events_tt_tag
    EXCEPT ALL
    SELECT id, unnest(tags), 'has' FROM sijill_events_tt_main
)
ORDER BY position, tag;

-- name: requests
-- Requests whose events are not those that they are kept with.
SELECT id, position, recorded, count(main_id) AS found, max(main_id) AS last
FROM requests LEFT JOIN sijill_events_tt_tag ON tag = 'request:' || id
GROUP BY id
HAVING position IS DISTINCT FROM max(main_id) OR recorded <> count(main_id)
ORDER BY id;

-- name: requests_kept
SELECT id, digest, position, recorded, unchanged FROM requests ORDER BY position, id;

-- name: checkpoint
SELECT FROM checkpoints WHERE note = %(note)s;
