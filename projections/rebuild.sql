-- Making the projections anew, in a schema of their own. `grouped` says which events belong
-- together; it and `source_days` are dropped when all rows are there.

-- name: scratch
-- `recorded_at` is there where an event's own time is not the effective one.
CREATE UNLOGGED TABLE grouped (
    group_id bigint NOT NULL,
    position bigint NOT NULL,
    recorded_at timestamptz
)
    WITH (autovacuum_enabled = off);
CREATE INDEX grouped_position ON grouped (position);
CREATE UNLOGGED TABLE source_days (id text PRIMARY KEY, day integer NOT NULL)
    WITH (autovacuum_enabled = off);

-- name: hurry
-- A vacuum of the old tables gives way to a lock that waited this long; the default is a second. Only
-- some roles may set it.
SELECT set_config('deadlock_timeout', '50ms', false)
WHERE has_parameter_privilege('deadlock_timeout', 'SET');

-- name: copy_grouped
COPY grouped (group_id, position, recorded_at) FROM STDIN;

-- name: copy_source_days
COPY source_days (id, day) FROM STDIN;

-- name: scanned
-- The log between two positions, in order.
SELECT id, type, data, array_to_string(tags, ' ') FROM sijill_events_tt_main
WHERE id > %(above)s AND id <= %(upto)s ORDER BY id;

-- name: scan_anew
TRUNCATE events, grouped, source_days;

-- name: homes
-- The groups of some ids: that of the first event which each names.
SELECT named.id, grouped.group_id
FROM unnest(%(ids)s::text[]) AS named (id)
CROSS JOIN LATERAL (
    SELECT main_id FROM sijill_events_tt_tag
    WHERE tag = 'fact:' || named.id ORDER BY main_id LIMIT 1
) AS first
JOIN grouped ON grouped.position = first.main_id;

-- name: index_groups
CREATE INDEX grouped_group ON grouped (group_id, position);

-- name: tie
UPDATE grouped SET group_id = tied.root
FROM unnest(%(groups)s::bigint[], %(roots)s::bigint[]) AS tied (id, root)
WHERE group_id = tied.id;

-- name: bounds
-- The last groups of slices of about so many events.
SELECT group_id FROM (
    SELECT group_id, row_number() OVER (ORDER BY group_id, position) AS number FROM grouped
) AS numbered
WHERE number %% %(size)s = 0
ORDER BY group_id;

-- name: slice
-- The events of some groups, in the order of the log within each. Each event is looked up by its
-- position: any other join reads the whole log for one slice.
SELECT grouped.group_id, main.id, main.type, main.data, grouped.recorded_at
FROM grouped CROSS JOIN LATERAL (
    SELECT id, type, data FROM sijill_events_tt_main WHERE id = grouped.position LIMIT 1
) AS main
WHERE group_id > %(above)s::bigint AND group_id <= %(upto)s::bigint
ORDER BY group_id, position;

-- name: source_days
SELECT id, day FROM source_days WHERE id = ANY (%(ids)s::text[]);

-- name: drop_scratch
DROP TABLE grouped, source_days;

-- name: indexes
-- How to drop and to make again the indexes that no constraint needs.
SELECT index.relname, pg_get_indexdef(index.oid)
FROM pg_index JOIN pg_class AS index ON index.oid = indexrelid
WHERE index.relnamespace = %(schema)s::regnamespace
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = index.oid)
ORDER BY index.relname;

-- name: lock
-- Wait until no other rebuild runs in this database.
SELECT pg_advisory_lock(%(lock)s);

-- name: one_state
-- For the transaction: see one state of the database.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;

-- name: drop
DROP SCHEMA IF EXISTS {schema} CASCADE;

-- name: leave_alone
-- Autovacuum would read a table again and again while it grows.
ALTER TABLE {schema}.{table} SET (autovacuum_enabled = off);

-- name: look_after
ALTER TABLE {table} RESET (autovacuum_enabled);

-- name: drop_index
DROP INDEX {index};

-- name: analyze
ANALYZE {table};

-- name: hold
-- The live follower waits at the row of progress, and goes on in the new tables.
LOCK TABLE {schema}.progress IN EXCLUSIVE MODE;

-- name: stopped
-- At which event the projections stopped, if they did.
SELECT stopped_at FROM {schema}.progress;

-- name: rename
ALTER SCHEMA {schema} RENAME TO {name};

-- name: notify
-- Tell who listens that other tables answer from now on.
NOTIFY sijill_projected, 'swapped';
