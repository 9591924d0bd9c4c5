-- The database `sijill` and who may log in to it. Run with psql as a superuser; running it again
-- sets the passwords anew and changes nothing else. Passwords are read from the files that
-- secrets.sh made, in the folder $SIJILL_SECRETS or else /run/secrets.
--
--   sijill_owner    owns the database: migrate, rebuild, keys, verify, backup, restore
--   sijill_service  runs everything else. It has no rights of its own
--
-- A session of either takes on one of the roles of store/roles.sql for what needs no owner.
\set ON_ERROR_STOP on
\set owner `sed -n 's/^password=//p' "${SIJILL_SECRETS:-/run/secrets}/sijill_owner"`
\set service `sed -n 's/^password=//p' "${SIJILL_SECRETS:-/run/secrets}/sijill_service"`

-- Passwords stay out of the server's log.
SET log_statement = none;
SET log_min_duration_statement = -1;
SET log_min_error_statement = panic;

SELECT format('CREATE ROLE %I', name)
FROM unnest(ARRAY['sijill_owner', 'sijill_service', 'sijill_writer', 'sijill_follower', 'sijill_reader']) AS name
WHERE to_regrole(name) IS NULL
\gexec
ALTER ROLE sijill_owner LOGIN PASSWORD :'owner';
ALTER ROLE sijill_service LOGIN PASSWORD :'service';
GRANT sijill_writer, sijill_follower, sijill_reader TO sijill_owner, sijill_service
    WITH INHERIT FALSE, SET TRUE;

SELECT $$CREATE DATABASE sijill OWNER sijill_owner TEMPLATE template0 ENCODING 'UTF8'
    LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'$$
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'sijill')
\gexec
REVOKE ALL ON DATABASE sijill FROM PUBLIC;
GRANT CONNECT ON DATABASE sijill TO sijill_service;
