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
UPDATE sources SET recorded = int8range(lower(recorded), %(position)s)
WHERE id = %(id)s AND known = %(known)s AND upper_inf(recorded);

-- name: copy_entities
COPY entities (
    id, canonical, kind, names, iso3166, wikidata, location, valid, known, recorded
) FROM STDIN;

-- name: close_entities
UPDATE entities SET recorded = int8range(lower(recorded), %(position)s)
WHERE id = %(id)s AND valid = %(valid)s AND known = %(known)s AND upper_inf(recorded);

-- name: copy_versions
COPY versions (
    fact, type, version, earliest, latest, disputed, set_aside_by, subjects, sources,
    known, recorded
) FROM STDIN;

-- name: close_versions
UPDATE versions SET recorded = int8range(lower(recorded), %(position)s)
WHERE fact = %(fact)s AND known = %(known)s AND upper_inf(recorded);

-- name: copy_intervals
COPY intervals (
    fluent, scope, subject, ordinal, possible, certain,
    start_earliest, start_latest, end_earliest, end_latest, since, until,
    ended, contested, disputed, facts, alternatives, sources, known, recorded
) FROM STDIN;

-- name: close_intervals
UPDATE intervals SET recorded = int8range(lower(recorded), %(position)s)
WHERE fluent = %(fluent)s AND scope = %(scope)s AND subject = %(subject)s
    AND ordinal = %(ordinal)s AND known = %(known)s AND upper_inf(recorded);

-- name: recorded_at
-- The effective recorded times of some events.
SELECT position, recorded_at FROM events WHERE position = ANY (%(positions)s);
