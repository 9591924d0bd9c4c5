-- name: lock_progress
-- The follower's lock: whoever holds it projects, the others wait.
SELECT position, recorded_at FROM progress FOR UPDATE;

-- name: progress
-- How far the projections have come, and how many seconds ago a follower last reported.
SELECT position, recorded_at, stopped_at, stopped_why,
    extract(epoch FROM clock_timestamp() - followed_at)::float8 AS silence
FROM progress;

-- name: report
-- The follower is there, whether or not it had anything to project.
UPDATE progress SET followed_at = clock_timestamp();

-- name: advance
UPDATE progress
SET position = %(position)s, recorded_at = %(recorded_at)s, stopped_at = NULL, stopped_why = NULL,
    followed_at = clock_timestamp();

-- name: stop
UPDATE progress SET stopped_at = %(position)s, stopped_why = %(why)s;

-- name: copy_events
COPY events (position, recorded_at, type, id, actor) FROM STDIN;

-- name: copy_sources
COPY sources (id, source, observed, withdrawn, known, recorded) FROM STDIN;

-- name: close_sources
UPDATE sources SET recorded = int8range(lower(sources.recorded), closed.position)
FROM unnest(%s, %s::int4range[], %s)
    AS closed (id, known, position)
WHERE sources.id = closed.id AND sources.known = closed.known
    AND upper(sources.recorded) IS NULL;

-- name: copy_entities
COPY entities (
    id, canonical, kind, names, aliases, identifiers, iso3166, wikidata, location, lookalikes,
    keys, sounds, valid, known, recorded
) FROM STDIN;

-- name: close_entities
UPDATE entities SET recorded = int8range(lower(entities.recorded), closed.position)
FROM unnest(%s, %s::int4range[], %s::int4range[], %s)
    AS closed (id, valid, known, position)
WHERE entities.id = closed.id AND entities.valid = closed.valid AND entities.known = closed.known
    AND upper(entities.recorded) IS NULL;

-- name: copy_versions
COPY versions (
    fact, type, version, earliest, latest, disputed, set_aside_by, subjects, sources,
    known, recorded
) FROM STDIN;

-- name: close_versions
UPDATE versions SET recorded = int8range(lower(versions.recorded), closed.position)
FROM unnest(%s, %s::int4range[], %s)
    AS closed (fact, known, position)
WHERE versions.fact = closed.fact AND versions.known = closed.known
    AND upper(versions.recorded) IS NULL;

-- name: copy_intervals
COPY intervals (
    fluent, scope, subject, ordinal, possible, certain,
    start_earliest, start_latest, end_earliest, end_latest, since, until,
    ended, contested, disputed, facts, alternatives, announced_ends, attested, sources, known,
    recorded
) FROM STDIN;

-- name: close_intervals
UPDATE intervals SET recorded = int8range(lower(intervals.recorded), closed.position)
FROM unnest(%s, %s, %s, %s::smallint[], %s::int4range[], %s)
    AS closed (fluent, scope, subject, ordinal, known, position)
WHERE intervals.scope = closed.scope AND intervals.subject = closed.subject
    AND intervals.known = closed.known AND upper_inf(intervals.recorded)
    AND intervals.fluent = closed.fluent AND intervals.ordinal = closed.ordinal;

-- name: recorded_at
-- The effective recorded times of some events.
SELECT position, recorded_at FROM events WHERE position = ANY (%(positions)s);
