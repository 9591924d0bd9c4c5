-- name: grow
-- Make the leaves that events lack; under the lock of an append.
SELECT grow_tree();

-- name: head
SELECT size, position, peaks FROM tree_head;

-- name: rows
-- The nodes that some leaves complete.
SELECT idx, hash, above FROM leaves WHERE idx = ANY (%(idx)s::bigint[]);

-- name: leaves_of_entries
-- The leaves of the events that recorded some facts, or entries of another kind, and their stored
-- bytes. Of the events with an entry's tag it is the first, since the others name the entry.
SELECT asked.id, leaves.idx, event.type, event.data, event.tags, event.id AS position
FROM unnest(%(ids)s::text[]) AS asked (id)
JOIN sijill_events_tt_main AS event ON event.id = (
    SELECT min(main_id) FROM sijill_events_tt_tag WHERE tag = %(kind)s || ':' || asked.id
)
JOIN leaves ON leaves.position = event.id;

-- name: leaves_from
-- Leaves in order, each with its event as it is stored.
SELECT leaves.idx, leaves.position, leaves.hash, event.type, event.data, event.tags
FROM leaves LEFT JOIN sijill_events_tt_main AS event ON event.id = leaves.position
WHERE leaves.idx >= %(first)s AND leaves.idx < %(until)s
ORDER BY leaves.idx;

-- name: latest_checkpoint
SELECT size, note FROM checkpoints ORDER BY size DESC LIMIT 1;

-- name: keep_checkpoint
INSERT INTO checkpoints (size, note) VALUES (%(size)s, %(note)s) ON CONFLICT DO NOTHING;

-- name: leaves_of
-- The leaves of the events at some positions, with the events as they are stored.
SELECT leaves.idx, leaves.hash, event.type, event.data, event.tags, event.id AS position
FROM sijill_events_tt_main AS event JOIN leaves ON leaves.position = event.id
WHERE event.id = ANY (%(positions)s::bigint[])
ORDER BY leaves.idx;

-- name: size_at
-- How many leaves the tree had when the log stood at a position.
SELECT idx + 1 FROM leaves WHERE position <= %(position)s::bigint ORDER BY position DESC LIMIT 1;
