-- Facts with their place in the log, for exports, at a point of the clocks (its parameters are those
-- of asof.sql).

-- name: facts
-- Facts that meet the conditions, in the order of their dates, then ids.
SELECT
    version.fact AS id, version.type, version.version, version.earliest, version.latest,
    version.disputed, version.set_aside_by, version.subjects, version.sources,
    event.position, event.recorded_at, event.actor
FROM (
    SELECT * FROM versions
    WHERE known @> %(known_at)s::int AND recorded @> %(position)s::bigint AND {conditions}
) AS version
JOIN events AS event ON event.id = version.fact AND event.type = version.type
ORDER BY version.earliest, version.latest, version.fact COLLATE "C";

-- name: as_json
-- The rows of a query, in its order, each as a JSON object.
SELECT to_json(row) FROM ({query}) AS row;

-- name: fact_is_one_of
-- A condition of `facts`.
fact = ANY (%(ids)s::text[])

-- name: latest_entries
-- The last events of some types, among the last ones of the log.
SELECT main.id AS position, main.type, main.data, event.recorded_at
FROM (
    SELECT * FROM events
    WHERE position <= %(position)s::bigint AND position > %(position)s::bigint - 10000
        AND type = ANY (%(types)s::text[])
    ORDER BY position DESC
    LIMIT %(limit)s::int
) AS event
JOIN sijill_events_tt_main AS main ON main.id = event.position
ORDER BY main.id DESC;

-- name: entries_at
-- The events at some positions, without those of administration (domain/administration.py).
SELECT id, type, data
FROM sijill_events_tt_main
WHERE id = ANY (%(positions)s::bigint[])
    AND type !~ '^(KeyIssued|KeyRevoked|DocumentCaptured)/'
ORDER BY id;

-- name: events_about
-- The last events that have any of some tags, those of some types alone if types are given, and of
-- the last 5,000 facts among them what was said of these; newest first, each with the hash of its
-- leaf, without those of administration.
WITH told AS (
    SELECT DISTINCT main.id
    FROM sijill_events_tt_tag AS tag
    JOIN sijill_events_tt_main AS main ON main.id = tag.main_id
    WHERE tag.tag = ANY (%(tags)s::text[])
        AND (%(types)s::text[] IS NULL OR split_part(main.type, '/', 1) = ANY (%(types)s::text[]))
    ORDER BY main.id DESC
    LIMIT 5000
),
said AS (
    SELECT other.main_id AS id
    FROM told
    JOIN sijill_events_tt_tag AS own ON own.main_id = told.id AND own.tag LIKE 'fact:%%'
    JOIN sijill_events_tt_tag AS other ON other.tag = own.tag
    UNION
    SELECT id FROM told
)
SELECT main.id AS position, main.type, main.data, encode(leaf.hash, 'hex') AS hash
FROM said
JOIN sijill_events_tt_main AS main ON main.id = said.id
JOIN leaves AS leaf ON leaf.position = main.id
WHERE main.type !~ '^(KeyIssued|KeyRevoked|DocumentCaptured)/'
ORDER BY main.id DESC
LIMIT %(most)s;

-- name: corroborations
-- The events that corroborate some facts, in order, each with the tag of its fact. Most facts have no
-- event but their own, which need not be looked up.
SELECT tag.tag, main.id AS position, main.type, main.data
FROM (
    SELECT tag, main_id, count(*) OVER (PARTITION BY tag) AS events
    FROM sijill_events_tt_tag
    WHERE tag = ANY (%(tags)s::text[])
) AS tag
JOIN sijill_events_tt_main AS main ON main.id = tag.main_id
WHERE tag.events > 1 AND main.id <= %(position)s::bigint AND main.type LIKE 'FactCorroborated/%%'
ORDER BY main.id;

-- name: said_of
-- The events of some facts and what was said of them, after a position, the newest first. One row for
-- each tag.
SELECT tag.tag, main.id AS position, main.type, main.data, event.recorded_at
FROM sijill_events_tt_tag AS tag
JOIN sijill_events_tt_main AS main ON main.id = tag.main_id
JOIN events AS event ON event.position = main.id
WHERE tag.tag = ANY (%(tags)s::text[])
    AND tag.main_id > %(after)s::bigint AND tag.main_id <= %(position)s::bigint
ORDER BY main.id DESC
LIMIT %(most)s::int;

-- name: read_all
-- For the transaction, before its cursor: all rows will be read.
SET LOCAL cursor_tuple_fraction = 1;
SET LOCAL work_mem = '32MB';

-- name: look_up
-- For the transaction, after its cursor: what a batch of rows names is looked up by ids, few compared
-- with the log.
SET LOCAL enable_seqscan = off;
