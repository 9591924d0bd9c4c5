-- A session in which the projections say what they would say if: temporary views of the same
-- names stand before them, with other rows for what the supposition bears on. Nothing is written
-- that outlives the session.

-- name: shadow
CREATE TEMPORARY TABLE supposed_events (LIKE projections.events);
CREATE TEMPORARY TABLE supposed_sources (LIKE projections.sources);
CREATE TEMPORARY TABLE supposed_entities (LIKE projections.entities);
CREATE TEMPORARY TABLE supposed_versions (LIKE projections.versions);
CREATE TEMPORARY TABLE supposed_intervals (LIKE projections.intervals);
CREATE TEMPORARY TABLE supposed_ids (kind text, id text, PRIMARY KEY (kind, id));
CREATE TEMPORARY TABLE supposed_progress (position bigint);

-- name: views
CREATE TEMPORARY VIEW events AS
    SELECT * FROM projections.events UNION ALL SELECT * FROM supposed_events;
CREATE TEMPORARY VIEW sources AS
    SELECT * FROM projections.sources AS live WHERE NOT EXISTS (
        SELECT FROM supposed_ids WHERE kind = 'source' AND supposed_ids.id = live.id
    )
    UNION ALL SELECT * FROM supposed_sources;
CREATE TEMPORARY VIEW entities AS
    SELECT * FROM projections.entities AS live WHERE NOT EXISTS (
        SELECT FROM supposed_ids WHERE kind = 'entity' AND supposed_ids.id = live.id
    )
    UNION ALL SELECT * FROM supposed_entities;
CREATE TEMPORARY VIEW versions AS
    SELECT * FROM projections.versions AS live WHERE NOT EXISTS (
        SELECT FROM supposed_ids WHERE kind = 'fact' AND supposed_ids.id = live.fact
    )
    UNION ALL SELECT * FROM supposed_versions;
CREATE TEMPORARY VIEW intervals AS
    SELECT * FROM projections.intervals AS live WHERE NOT EXISTS (
        SELECT FROM supposed_ids
        WHERE kind = 'fluent'
            AND supposed_ids.id = live.fluent || '/' || live.scope || '/' || live.subject
    )
    UNION ALL SELECT * FROM supposed_intervals;
CREATE TEMPORARY VIEW progress AS
    SELECT is_only, supposed_progress.position, recorded_at, stopped_at, stopped_why
    FROM projections.progress CROSS JOIN supposed_progress;

-- name: sources_of
-- The sources that a supposition leaves out, by publisher or grade, as graded now.
SELECT id FROM sources
WHERE upper_inf(recorded) AND upper_inf(known)
    AND (source ->> 'publisher' = ANY (%(publishers)s::text[])
        OR source ->> 'reliability' > %(reliability)s::text
        OR (source ->> 'credibility')::int > %(credibility)s::int);

-- name: unknown_sources
SELECT id FROM unnest(%(ids)s::text[]) AS id
WHERE NOT EXISTS (SELECT FROM sources WHERE sources.id = id.id);

-- name: unknown_facts
SELECT id FROM unnest(%(ids)s::text[]) AS id
WHERE NOT EXISTS (
    SELECT FROM events WHERE events.id = id.id AND type = ANY (%(types)s::text[])
);
