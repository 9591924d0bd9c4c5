-- name: marked
-- Of which position this record is a copy, and whether it is whole; no row where it is none.
SELECT position, is_whole FROM replay;

-- name: mark
INSERT INTO replay (position) VALUES (%(position)s);

-- name: whole
UPDATE replay SET is_whole = true;

-- name: identity
-- Which server this is, and which database of it.
SELECT system_identifier, (SELECT oid FROM pg_database WHERE datname = current_database())
FROM pg_control_system();

-- name: is_foreign
-- Whether a database has tables, and none of them are ours.
SELECT to_regclass('public.schema_migrations') IS NULL AND EXISTS (
    SELECT FROM pg_class JOIN pg_namespace AS place ON place.oid = relnamespace
    WHERE relkind IN ('r', 'p', 'v', 'm', 'f')
        AND nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
);

-- name: exists
SELECT FROM pg_database WHERE datname = %(name)s;

-- name: create
-- As the embedded server's own database is: the same text sorts the same everywhere, and what a letter
-- is for trigrams the server says for all of its databases.
CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'
    LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8';

-- name: size_at
-- How many leaves the tree had when the log stood at a position.
SELECT idx + 1 FROM leaves WHERE position <= %(position)s ORDER BY position DESC LIMIT 1;

-- name: until
-- The last position of the next events of the log.
SELECT max(id) FROM (
    SELECT id FROM sijill_events_tt_main
    WHERE id > %(after)s AND id <= %(upto)s ORDER BY id LIMIT %(limit)s
) AS next;

-- name: events_out
COPY (
    SELECT id, type, data, tags FROM sijill_events_tt_main
    WHERE id > {after} AND id <= {until} ORDER BY id
) TO STDOUT (FORMAT binary);

-- name: events_in
COPY sijill_events_tt_main (id, type, data, tags) FROM STDIN (FORMAT binary);

-- name: index_tags
-- The index of tags, from the events themselves.
INSERT INTO sijill_events_tt_tag (tag, main_id)
SELECT DISTINCT tag, id FROM sijill_events_tt_main, unnest(tags) AS tag
WHERE id > %(after)s AND id <= %(until)s;

-- name: requests_out
COPY (
    SELECT id, digest, position, recorded, unchanged FROM requests WHERE position <= {upto}
) TO STDOUT (FORMAT binary);

-- name: requests_in
COPY requests (id, digest, position, recorded, unchanged) FROM STDIN (FORMAT binary);

-- name: checkpoints_out
COPY (SELECT size, note, signed_at FROM checkpoints WHERE size <= {size})
TO STDOUT (FORMAT binary);

-- name: checkpoints_in
COPY checkpoints (size, note, signed_at) FROM STDIN (FORMAT binary);

-- name: go_on_after
-- Positions go on where the copied log ends.
SELECT setval('sijill_events_tt_main_id_seq', greatest(max(id), 1), max(id) IS NOT NULL)
FROM sijill_events_tt_main;

-- name: lock
-- Whether nobody else copies into this database; if so, nobody will before the session ends.
SELECT pg_try_advisory_lock(%(lock)s);
