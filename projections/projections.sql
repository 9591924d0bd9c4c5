-- name: lock_progress
-- The follower's lock: whoever holds it projects, the others wait.
SELECT position, recorded_at FROM progress FOR UPDATE;

-- name: progress
SELECT position, recorded_at, stopped_at, stopped_why FROM progress;

-- name: advance
UPDATE progress
SET position = %(position)s, recorded_at = %(recorded_at)s, stopped_at = NULL, stopped_why = NULL;

-- name: stop
UPDATE progress SET stopped_at = %(position)s, stopped_why = %(why)s;

-- name: copy_events
COPY events (position, recorded_at, type, id, actor) FROM STDIN;

-- name: copy_sources
COPY sources (id, source, withdrawn, known, recorded) FROM STDIN;

-- name: close_sources
-- Rows that no longer stand, each found in the index of its half: an open one by the B-tree, one
-- that only K has closed by GiST, like those of the next two.
WITH closed AS (
    SELECT here.place, closed.position
    FROM unnest(%s::text[], %s::int4range[], %s::bigint[])
        AS closed (id, known, position)
    CROSS JOIN LATERAL (
        SELECT ctid AS place FROM sources
        WHERE sources.id = closed.id
            AND sources.known = closed.known
            AND upper_inf(known) AND upper_inf(recorded)
        UNION ALL
        SELECT ctid FROM sources
        WHERE sources.id = closed.id
            AND sources.known = closed.known
            AND NOT (upper_inf(known) AND upper_inf(recorded))
            AND upper_inf(recorded) AND recorded @> 9223372036854775806
    ) AS here
)
UPDATE sources SET recorded = int8range(lower(recorded), closed.position)
FROM closed WHERE sources.ctid = closed.place;

-- name: copy_entities
COPY entities (
    id, canonical, kind, names, iso3166, wikidata, location, valid, known, recorded
) FROM STDIN;

-- name: close_entities
WITH closed AS (
    SELECT here.place, closed.position
    FROM unnest(%s::text[], %s::int4range[], %s::int4range[], %s::bigint[])
        AS closed (id, valid, known, position)
    CROSS JOIN LATERAL (
        SELECT ctid AS place FROM entities
        WHERE entities.id = closed.id
            AND entities.valid = closed.valid
            AND entities.known = closed.known
            AND upper_inf(known) AND upper_inf(recorded)
        UNION ALL
        SELECT ctid FROM entities
        WHERE entities.id = closed.id
            AND entities.valid = closed.valid
            AND entities.known = closed.known
            AND NOT (upper_inf(known) AND upper_inf(recorded))
            AND upper_inf(recorded) AND recorded @> 9223372036854775806
    ) AS here
)
UPDATE entities SET recorded = int8range(lower(recorded), closed.position)
FROM closed WHERE entities.ctid = closed.place;

-- name: copy_versions
COPY versions (
    fact, type, version, earliest, latest, disputed, set_aside_by, subjects, sources,
    known, recorded
) FROM STDIN;

-- name: close_versions
UPDATE versions SET recorded = int8range(lower(versions.recorded), closed.position)
FROM unnest(%s::text[], %s::int4range[], %s::bigint[])
    AS closed (fact, known, position)
WHERE versions.fact = closed.fact AND versions.known = closed.known
    AND upper(versions.recorded) IS NULL;

-- name: copy_intervals
COPY intervals (
    fluent, scope, subject, ordinal, possible, certain,
    start_earliest, start_latest, end_earliest, end_latest, since, until,
    ended, contested, disputed, facts, alternatives, sources, known, recorded
) FROM STDIN;

-- name: close_intervals
WITH closed AS (
    SELECT here.place, closed.position
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::smallint[], %s::int4range[], %s::bigint[])
        AS closed (fluent, scope, subject, ordinal, known, position)
    CROSS JOIN LATERAL (
        SELECT ctid AS place FROM intervals
        WHERE intervals.fluent = closed.fluent
            AND intervals.scope = closed.scope
            AND intervals.subject = closed.subject
            AND intervals.ordinal = closed.ordinal
            AND intervals.known = closed.known
            AND upper_inf(known) AND upper_inf(recorded)
        UNION ALL
        SELECT ctid FROM intervals
        WHERE intervals.fluent = closed.fluent
            AND intervals.scope = closed.scope
            AND intervals.subject = closed.subject
            AND intervals.ordinal = closed.ordinal
            AND intervals.known = closed.known
            AND NOT (upper_inf(known) AND upper_inf(recorded))
            AND upper_inf(recorded) AND recorded @> 9223372036854775806
    ) AS here
)
UPDATE intervals SET recorded = int8range(lower(recorded), closed.position)
FROM closed WHERE intervals.ctid = closed.place;

-- name: recorded_at
-- The effective recorded times of some events.
SELECT position, recorded_at FROM events WHERE position = ANY (%(positions)s);
