-- name: system
-- Which cluster a server is of: the same on a primary and its physical replicas.
SELECT system_identifier FROM pg_control_system();
