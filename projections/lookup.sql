-- What is looked up by id, searched or listed at a point of the clocks (its parameters are those of
-- asof.sql). {conditions} narrow a list and carry on after a cursor.

-- name: generation
-- Which projections these are, and how far they have come.
SELECT tableoid::bigint, position FROM progress;

-- name: growth
-- How many events the log has beyond a position, and its last position.
SELECT count(*), coalesce(max(id), %(after)s::bigint) FROM sijill_events_tt_main
WHERE id > %(after)s::bigint;

-- name: behind
-- How many events of the log are not projected yet.
SELECT count(*) FROM sijill_events_tt_main WHERE id > (SELECT position FROM progress);

-- name: log
-- The events up to a position, in order.
SELECT position, type, id, recorded_at, actor FROM events
WHERE position > %(after)s::bigint AND position <= %(position)s::bigint
ORDER BY position
LIMIT %(limit)s::int;

-- name: entities
-- Those of a kind, or with a name (in any language, of any day) or an id that has the words; what
-- is merged into another is found as that one. In the order of their names, then ids.
WITH found AS (
    SELECT DISTINCT canonical FROM entities
    WHERE known @> %(known_at)s::int AND recorded @> %(position)s::bigint AND {conditions}
),
named AS (
    SELECT
        entity.id, entity.kind, entity.names, entity.aliases, entity.identifiers,
        entity.iso3166, entity.wikidata, entity.location,
        casefold(
            coalesce(
                entity.names ->> %(lang)s, entity.names ->> 'en',
                (SELECT value FROM json_each_text(entity.names) LIMIT 1)
            ) COLLATE pg_unicode_fast
        ) COLLATE "C" AS folded
    FROM found JOIN entities AS entity ON entity.id = found.canonical
        AND entity.valid @> %(as_of_latest)s::int
        AND entity.known @> %(known_at)s::int AND entity.recorded @> %(position)s::bigint
    WHERE %(kind)s::text IS NULL OR entity.kind = %(kind)s
)
SELECT * FROM named
WHERE %(after_folded)s::text IS NULL
    OR (folded, id COLLATE "C")
        > (%(after_folded)s::text COLLATE "C", %(after_id)s::text COLLATE "C")
ORDER BY folded, id COLLATE "C"
LIMIT %(limit)s::int;

-- name: entity_of_kind
-- A condition of `entities`: whom others were merged into is of a kind.
canonical = id AND kind = %(kind)s

-- name: sources
-- Every source recorded so far, in the order of their ids.
SELECT id, source, withdrawn FROM sources
WHERE known @> %(known_at)s::int AND recorded @> %(position)s::bigint AND {conditions}
    AND (%(after)s::text IS NULL OR id COLLATE "C" > %(after)s::text COLLATE "C")
ORDER BY id COLLATE "C"
LIMIT %(limit)s::int;

-- name: facts_of_types
-- The same as `facts`, of some types: each is read in that order up to the limit.
SELECT found.* FROM unnest(%(types)s::text[]) AS of (type) CROSS JOIN LATERAL (
    SELECT
        fact AS id, type, version, earliest, latest, disputed, set_aside_by, subjects, sources
    FROM versions
    WHERE type = of.type AND known @> %(known_at)s::int AND recorded @> %(position)s::bigint AND {conditions}
    ORDER BY earliest, latest, fact COLLATE "C"
    LIMIT %(limit)s::int
) AS found
ORDER BY earliest, latest, id COLLATE "C"
LIMIT %(limit)s::int;

-- name: facts
-- Facts that count or are set aside, in the order of their dates, then ids.
SELECT
    fact AS id, type, version, earliest, latest, disputed, set_aside_by, subjects, sources
FROM versions
WHERE known @> %(known_at)s::int AND recorded @> %(position)s::bigint AND {conditions}
ORDER BY earliest, latest, fact COLLATE "C"
LIMIT %(limit)s::int;

-- name: fact_of_entity
-- A condition of `facts`, like the next ones.
subjects @> ARRAY[%(entity)s::text]

-- name: fact_of_source
sources @> ARRAY[%(source)s::text]

-- name: fact_of_type
type = %(type)s

-- name: fact_of_measure
version ->> 'measure' = %(measure)s

-- name: fact_counts
set_aside_by = '{}'

-- name: fact_reported
-- Of a day, or a period, that is over on the last day of X.
latest <= %(as_of_latest)s::int AND coalesce(version ->> 'modality', 'OCCURRED') = 'OCCURRED'

-- name: fact_after
-- Beyond a cursor.
(earliest, latest, fact COLLATE "C")
    > (%(after_earliest)s::int, %(after_latest)s::int, %(after_id)s::text COLLATE "C")

-- name: files
-- The events of each fact: its own, and the corrections of it, in order. One row for each tag.
SELECT tag.tag, main.id AS position, main.type, main.data, event.recorded_at
FROM sijill_events_tt_tag AS tag
JOIN sijill_events_tt_main AS main ON main.id = tag.main_id
JOIN events AS event ON event.position = main.id
WHERE tag.tag = ANY (%(tags)s::text[]) AND main.id <= %(position)s::bigint
ORDER BY main.id;

-- name: rectangles
-- Every version that a fact has had up to a position, where along K and R it stands.
SELECT fact AS id, type, version, disputed, set_aside_by, subjects, sources, known, recorded
FROM versions
WHERE fact = ANY (%(ids)s::text[]) AND lower(recorded) <= %(position)s::bigint
ORDER BY lower(recorded), lower(known) NULLS FIRST;

-- name: first_recorded
-- When some sources were registered.
SELECT id, recorded_at FROM events
WHERE id = ANY (%(ids)s::text[]) AND type = 'SourceRegistered' AND position <= %(position)s::bigint;

-- name: listen
-- Hear of every step of the projections and of every swap by a rebuild.
LISTEN sijill_projected;

-- name: entity_index
-- What every entity was called on any day and where it is, by all that is known and recorded.
SELECT id, canonical, kind, names, aliases, identifiers, iso3166, wikidata, location FROM entities
WHERE known @> %(known_at)s::int AND upper_inf(recorded);

-- name: fact_ids
-- The facts that count or are set aside, by all that is known and recorded, whose ids begin so.
SELECT DISTINCT fact FROM versions
WHERE known @> %(known_at)s::int AND upper_inf(recorded) AND starts_with(fact, %(prefix)s);

-- name: source_ids
-- The sources of the record whose ids begin so.
SELECT DISTINCT id FROM sources WHERE starts_with(id, %(prefix)s);
