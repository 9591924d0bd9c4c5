-- name: events_after
-- The next events of the log, in order. Positions are visible in order, since every append is
-- made under an exclusive lock.
SELECT id AS position, type, data, tags
FROM sijill_events_tt_main
WHERE id > %(after)s
ORDER BY id
LIMIT %(limit)s;

-- name: events_tagged
-- The events up to a position that have any of the tags.
SELECT id AS position, type, data, tags
FROM sijill_events_tt_main
WHERE id IN (
    SELECT main_id FROM sijill_events_tt_tag
    WHERE tag = ANY (%(tags)s::text[]) AND main_id <= %(upto)s
);

-- name: head
-- The position of the last event, 0 for an empty log.
SELECT coalesce(max(id), 0) AS head FROM sijill_events_tt_main;

-- name: find_request
SELECT id, digest, position, recorded, unchanged FROM requests WHERE id = %(id)s;

-- name: keep_request
INSERT INTO requests (id, digest, position, recorded, unchanged)
VALUES (%(id)s, %(digest)s, %(position)s, %(recorded)s, %(unchanged)s);

-- name: events_at
-- The events at some positions.
SELECT id AS position, type, data, tags
FROM sijill_events_tt_main
WHERE id = ANY (%(positions)s::bigint[])
ORDER BY id;
