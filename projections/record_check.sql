-- What may be warned of, by everything known and recorded so far. Each query of a code finds at least
-- the facts that it may be about, in the order of their ids; the rules decide (domain/warnings.py).
-- %(since)s narrows it to what was changed after a position, %(after)s to later ids.

-- name: one_state
-- As the first of a transaction.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;

-- name: candidates
-- What a query below finds, each once, up to a number of them, if that is given.
SELECT DISTINCT fact COLLATE "C" AS fact
FROM ({found}) AS found
WHERE fact COLLATE "C" > %(after)s::text COLLATE "C"
ORDER BY 1
LIMIT %(limit)s::bigint;

-- name: ends
-- Facts of an episode of unknown start.
SELECT told ->> 'id' AS fact
FROM intervals, json_array_elements(facts) AS told
WHERE upper_inf(known) AND upper_inf(recorded) AND lower(recorded) > %(since)s::bigint
    AND ended AND since IS NULL

-- name: starts
-- Starts that contradict others.
SELECT alternative #>> '{fact,id}' AS fact
FROM intervals, json_array_elements(alternatives) AS alternative
WHERE upper_inf(known) AND upper_inf(recorded) AND lower(recorded) > %(since)s::bigint
    AND contested AND alternative ->> 'since' IS NOT NULL
    AND NOT (alternative ->> 'setAside')::boolean

-- name: swallowed
-- Facts of an episode that has several, where an end of the fluent may lie within its start.
SELECT told ->> 'id' AS fact
FROM intervals AS episode, json_array_elements(facts) AS told
WHERE upper_inf(known) AND upper_inf(recorded) AND lower(recorded) > %(since)s::bigint
    AND ordinal < 30000 AND json_array_length(facts) > 1
    AND (json_array_length(facts) > 2 OR NOT ended)
    AND EXISTS (
        SELECT FROM intervals AS other
        WHERE upper_inf(other.known) AND upper_inf(other.recorded) AND other.ended
            AND other.scope = episode.scope AND other.subject = episode.subject
            AND other.fluent = episode.fluent
            AND coalesce(other.end_earliest <= episode.start_latest, true)
            AND coalesce(other.end_latest >= episode.start_earliest, true)
    )

-- name: beyond
-- Facts dated after the end of the existence of what they are about.
SELECT version.fact
FROM intervals AS life
JOIN versions AS version
    ON version.subjects @> ARRAY[life.scope] AND version.earliest > life.end_latest
WHERE life.fluent = 'existence' AND life.ended
    AND upper_inf(life.known) AND upper_inf(life.recorded)
    AND upper_inf(version.known) AND upper_inf(version.recorded)
    AND greatest(lower(life.recorded), lower(version.recorded)) > %(since)s::bigint

-- name: itself
-- Facts that name something twice.
SELECT fact FROM versions
WHERE upper_inf(known) AND upper_inf(recorded) AND lower(recorded) > %(since)s::bigint
    AND (subjects[1] = ANY (subjects[2:]) OR subjects[2] = ANY (subjects[3:]))

-- name: future
-- Facts dated after the day on which they were recorded. That day is looked up only for facts dated
-- after the log began.
SELECT fact
FROM versions
WHERE upper_inf(known) AND upper_inf(recorded) AND lower(recorded) > %(since)s::bigint
    AND earliest > (
        SELECT (recorded_at AT TIME ZONE 'UTC')::date - '1970-01-01'::date
        FROM events ORDER BY position LIMIT 1
    )
    AND earliest > (
        SELECT (event.recorded_at AT TIME ZONE 'UTC')::date - '1970-01-01'::date
        FROM events AS event
        WHERE event.id = versions.fact AND event.type = versions.type
        LIMIT 1
    )

-- name: kinds
-- Facts that name an entity of another kind than expected: %(types)s, %(keys)s and %(kinds)s, with
-- commas between them, say what is.
SELECT version.fact
FROM unnest(%(types)s::text[], %(keys)s::text[], %(kinds)s::text[]) AS expected (type, key, kinds)
JOIN versions AS version ON version.type = expected.type
CROSS JOIN LATERAL json_array_elements_text(
    CASE json_typeof(version.version -> expected.key)
        WHEN 'array' THEN version.version -> expected.key
        WHEN 'string' THEN json_build_array(version.version -> expected.key)
        ELSE '[]'
    END
) AS named (id)
JOIN entities AS entity ON entity.id = named.id
JOIN entities AS own ON own.id = entity.canonical
WHERE upper_inf(version.known) AND upper_inf(version.recorded)
    AND upper_inf(entity.known) AND upper_inf(entity.recorded) AND upper_inf(entity.valid)
    AND upper_inf(own.known) AND upper_inf(own.recorded) AND upper_inf(own.valid)
    AND own.kind <> ALL (string_to_array(expected.kinds, ','))
    AND greatest(lower(version.recorded), lower(own.recorded)) > %(since)s::bigint

-- name: single
-- Facts of what is certain on a day on which another subject of its scope is, of fluents (%(single)s)
-- that are expected to have one.
SELECT told ->> 'id' AS fact
FROM intervals AS episode
JOIN intervals AS other ON other.fluent = episode.fluent AND other.scope = episode.scope
    AND other.subject <> episode.subject AND other.certain && episode.certain
CROSS JOIN LATERAL json_array_elements(episode.facts) AS told
WHERE episode.fluent = ANY (%(single)s::text[])
    AND upper_inf(episode.known) AND upper_inf(episode.recorded)
    AND upper_inf(other.known) AND upper_inf(other.recorded)
    AND greatest(lower(episode.recorded), lower(other.recorded)) > %(since)s::bigint

-- name: subjects_of
-- The subjects that some fluents have of some scopes.
SELECT DISTINCT interval.fluent, interval.scope, interval.subject
FROM unnest(%(fluents)s::text[], %(scopes)s::text[]) AS asked (fluent, scope)
JOIN intervals AS interval ON interval.fluent = asked.fluent AND interval.scope = asked.scope
WHERE upper_inf(interval.known) AND upper_inf(interval.recorded);

-- name: kinds_of
-- The kinds of some entities now.
SELECT entity.id, own.kind
FROM entities AS entity
JOIN entities AS own ON own.id = entity.canonical
WHERE entity.id = ANY (%(ids)s::text[])
    AND upper_inf(entity.known) AND upper_inf(entity.recorded) AND upper_inf(entity.valid)
    AND upper_inf(own.known) AND upper_inf(own.recorded) AND upper_inf(own.valid);

-- name: lookalikes
-- Entities of a kind whose names look alike: each that came later with the first of them.
WITH named AS (
    SELECT id, kind, skeleton
    FROM entities, unnest(lookalikes) AS skeleton
    WHERE upper_inf(known) AND upper_inf(recorded) AND upper_inf(valid) AND canonical = id
),
alike AS (
    SELECT array_agg(DISTINCT id) AS ids
    FROM named
    GROUP BY kind, skeleton
    HAVING count(DISTINCT id) > 1
),
pairs AS (
    SELECT DISTINCT ON (later.id) later.id AS later, first.id AS first
    FROM alike CROSS JOIN LATERAL (
        SELECT id, position FROM events
        WHERE id = ANY (ids) AND type = 'EntityRegistered'
        ORDER BY position LIMIT 1
    ) AS first CROSS JOIN unnest(ids) AS later (id)
    WHERE later.id <> first.id
    ORDER BY later.id, first.position
)
SELECT later, later_one.names AS later_names, first, first_one.names AS first_names
FROM pairs
JOIN entities AS later_one ON later_one.id = later
JOIN entities AS first_one ON first_one.id = first
WHERE upper_inf(later_one.known) AND upper_inf(later_one.recorded) AND upper_inf(later_one.valid)
    AND upper_inf(first_one.known) AND upper_inf(first_one.recorded) AND upper_inf(first_one.valid)
    AND greatest(lower(later_one.recorded), lower(first_one.recorded)) > %(since)s::bigint
    AND later COLLATE "C" > %(after)s::text COLLATE "C"
ORDER BY later COLLATE "C";

-- name: looking_like
-- The first entities that look like some others, by number: not those others themselves.
SELECT DISTINCT ON (asked.number) asked.number, entity.id, entity.names, event.position
FROM unnest(%(numbers)s::integer[], %(kinds)s::text[], %(skeletons)s::text[])
    AS asked (number, kind, skeleton)
JOIN entities AS entity ON entity.lookalikes @> ARRAY[asked.skeleton] AND entity.kind = asked.kind
JOIN events AS event ON event.id = entity.id AND event.type = 'EntityRegistered'
WHERE upper_inf(entity.known) AND upper_inf(entity.recorded) AND upper_inf(entity.valid)
    AND entity.canonical = entity.id AND entity.id <> ALL (%(ids)s::text[])
ORDER BY asked.number, event.position;

-- name: changed_since
-- Those of some facts that were changed after a position.
SELECT fact FROM versions
WHERE fact = ANY (%(facts)s::text[]) AND upper_inf(recorded)
    AND lower(recorded) > %(since)s::bigint;

-- Rows that a reader may want to look at, though nothing is wrong with them.

-- name: rows
-- A page of what a query below finds, from a place on.
SELECT fluent, scope, subject, ordinal, facts, alternatives, day
FROM ({found}) AS found
WHERE (day, scope COLLATE "C", subject COLLATE "C", fluent COLLATE "C", ordinal) > (
    %(day)s::integer, %(scope)s::text COLLATE "C", %(subject)s::text COLLATE "C",
    %(fluent)s::text COLLATE "C", %(ordinal)s::smallint
)
ORDER BY day, scope COLLATE "C", subject COLLATE "C", fluent COLLATE "C", ordinal
LIMIT %(limit)s::integer;

-- name: contested
SELECT *, 0 AS day FROM intervals
WHERE upper_inf(known) AND upper_inf(recorded) AND contested

-- name: single_source
SELECT *, 0 AS day FROM intervals
WHERE upper_inf(known) AND upper_inf(recorded) AND ordinal < 30000 AND cardinality(sources) = 1

-- name: unattested
-- What has not ended, by the last day on which a source says that it held, or that it began: before
-- %(before)s.
SELECT * FROM (
    SELECT interval.*, coalesce(
        greatest(attested, start_latest, (
            SELECT max(observed) FROM sources
            WHERE id = ANY (interval.sources)
                AND upper_inf(sources.known) AND upper_inf(sources.recorded)
        )),
        start_earliest
    ) AS day
    FROM intervals AS interval
    WHERE upper_inf(known) AND upper_inf(recorded) AND ordinal < 30000 AND NOT ended
        AND coalesce(greatest(attested, start_latest), start_earliest) < %(before)s::integer
) AS open
WHERE day < %(before)s::integer
