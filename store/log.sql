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

-- name: definitions_after
-- The definitions in the log after a position, in order.
SELECT id AS position, type, data
FROM sijill_events_tt_main
WHERE id IN (
    SELECT main_id FROM sijill_events_tt_tag WHERE tag = %(tag)s AND main_id > %(after)s
)
ORDER BY id;

-- name: positions_tagged
-- Where those events are, so many of them at the most.
SELECT DISTINCT main_id FROM sijill_events_tt_tag
WHERE tag = ANY (%(tags)s::text[]) AND main_id <= %(upto)s
LIMIT %(limit)s;

-- name: head
-- The position of the last event, 0 for an empty log.
SELECT coalesce(max(id), 0) AS head FROM sijill_events_tt_main;

-- name: look
-- The head of the log with the time, what some request ids were used for, and the events that have
-- any of some tags, in order: a row each, the head alone first.
SELECT coalesce(max(id), 0) AS position, NULL AS type, NULL::bytea AS data, NULL::text[] AS tags,
    NULL::integer AS recorded, NULL::integer AS unchanged, clock_timestamp() AS now
FROM sijill_events_tt_main
UNION ALL
SELECT request.position AS answered, request.id, request.digest, NULL,
    request.recorded, request.unchanged, NULL
FROM requests AS request
WHERE request.id = ANY (%(requests)b::text[])
UNION ALL
(
    SELECT main.id, main.type, main.data, main.tags, NULL, NULL, NULL
    FROM sijill_events_tt_main AS main
    WHERE main.id IN (
        SELECT main_id FROM sijill_events_tt_tag WHERE tag = ANY (%(tags)b::text[])
    )
    ORDER BY main.id
);

-- name: append
SELECT append_commands(
    %(conditions)b::text[], %(afters)b::bigint[], %(counts)b::integer[],
    %(types)b::text[], %(datas)b::bytea[], %(tags)b::text[],
    %(request_ids)b::text[], %(digests)b::bytea[], %(recorded)b::integer[], %(unchanged)b::integer[]
);

-- name: written_beside
-- The head of the log, and the tags of the events after a position but for those in a range.
SELECT (SELECT coalesce(max(id), 0) FROM sijill_events_tt_main) AS head, ARRAY (
    SELECT DISTINCT unnest(event.tags)
    FROM (
        SELECT tags FROM sijill_events_tt_main
        WHERE id > %(after)s::bigint AND id < %(first)s::bigint
        UNION ALL
        SELECT tags FROM sijill_events_tt_main WHERE id > greatest(%(after)s::bigint, %(last)s)
    ) AS event
) AS tags;

-- name: events_at
-- The events at some positions.
SELECT id AS position, type, data, tags
FROM sijill_events_tt_main
WHERE id = ANY (%(positions)s::bigint[])
ORDER BY id;

-- name: listen
-- Hear of every append, which notifies as it commits.
LISTEN sijill_events_tt_main;
