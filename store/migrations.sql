-- What migrations do beside the files that they run.

-- name: lock
-- Wait until no other session migrates this database.
SELECT pg_advisory_lock(%(lock)s);

-- name: make_list
-- The list of the migrations that the database has had.
CREATE TABLE IF NOT EXISTS public.schema_migrations (
    name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now()
);

-- name: has_list
SELECT to_regclass('public.schema_migrations') IS NOT NULL;

-- name: applied
SELECT name FROM public.schema_migrations;

-- name: note
INSERT INTO public.schema_migrations (name) VALUES (%(name)s) ON CONFLICT DO NOTHING;

-- name: make_schema
CREATE SCHEMA IF NOT EXISTS {schema};

-- name: use_schema
-- Names without a schema are those of this one until the transaction ends.
SELECT set_config('search_path', %(schema)s || ', public', true);
