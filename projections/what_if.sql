-- A session in which the projections answer as if: temporary views with their names stand in front of
-- them, with other rows for what a supposition bears on. A session may have several suppositions;
-- the setting sijill.supposition says by number which of them the views answer for. Nothing that is
-- written outlives the session.

-- name: shadow
CREATE TEMPORARY TABLE supposed_ids (
    supposition integer DEFAULT current_setting('sijill.supposition')::integer,
    kind text, id text,
    PRIMARY KEY (supposition, kind, id)
);
CREATE TEMPORARY TABLE supposed_progress (
    supposition integer DEFAULT current_setting('sijill.supposition')::integer,
    position bigint
);
DO $$
DECLARE
    shadowed record;
    columns text;
BEGIN
    FOR shadowed IN SELECT * FROM (VALUES
        ('events', 'event', 'live.id'),
        ('sources', 'source', 'live.id'),
        ('entities', 'entity', 'live.id'),
        ('versions', 'fact', 'live.fact'),
        ('intervals', 'fluent', $key$live.fluent || '/' || live.scope || '/' || live.subject$key$)
    ) AS shadowed (name, kind, id) LOOP
        SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columns
        FROM pg_attribute
        WHERE attrelid = format('projections.%I', shadowed.name)::regclass
            AND attnum > 0 AND NOT attisdropped;
        EXECUTE format(
            'CREATE TEMPORARY TABLE supposed_%I (LIKE projections.%I, supposition integer '
            'DEFAULT current_setting(''sijill.supposition'')::integer)',
            shadowed.name, shadowed.name
        );
        EXECUTE format(
            'CREATE TEMPORARY VIEW %I AS SELECT %s FROM projections.%I AS live %s '
            'UNION ALL SELECT %s FROM supposed_%I '
            'WHERE supposition = current_setting(''sijill.supposition'')::integer',
            shadowed.name, columns, shadowed.name,
            format(
                'WHERE NOT EXISTS (SELECT FROM supposed_ids '
                'WHERE supposition = current_setting(''sijill.supposition'')::integer '
                'AND kind = %L AND supposed_ids.id = %s)',
                shadowed.kind, shadowed.id
            ),
            columns, shadowed.name
        );
    END LOOP;
END
$$;
CREATE TEMPORARY VIEW progress AS
    SELECT is_only, supposed_progress.position, recorded_at, stopped_at, stopped_why,
        followed_at
    FROM projections.progress CROSS JOIN supposed_progress
    WHERE supposition = current_setting('sijill.supposition')::integer;

-- name: choose
-- Have the views answer for the supposition of a number.
SELECT set_config('sijill.supposition', %(number)s::text, false);

-- name: one_state
-- As the first of a transaction. Temporary tables are written.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ WRITE;

-- name: export
-- How far the projections have come, and the name of this state of the database.
SELECT position, pg_export_snapshot() FROM projections.progress;

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
    SELECT FROM events WHERE events.id = id.id AND type <> ALL (%(others)s::text[])
);

-- name: same_state
-- See the state of the database that another transaction exported.
SET TRANSACTION SNAPSHOT {name};

-- name: copy_ids
COPY supposed_ids (kind, id) FROM STDIN;

-- name: copy_progress
COPY supposed_progress (position) FROM STDIN;
