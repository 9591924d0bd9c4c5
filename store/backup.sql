-- name: export_snapshot
-- Let pg_dump see the database as this transaction does.
SELECT pg_export_snapshot();

-- name: head
-- The log: events, position of the last one, and the newest checkpoint.
SELECT size, position, (SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1) FROM tree_head;

-- name: others
-- Programs that are connected to this database beside this session.
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend';

-- name: last_leaf
SELECT idx, hash FROM leaves ORDER BY idx DESC LIMIT 1;
