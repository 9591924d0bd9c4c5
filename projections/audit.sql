-- name: reached
SELECT position, recorded_at FROM projections.progress;

-- name: replayed
SELECT position, recorded_at FROM progress;

-- name: clock
SELECT clock_timestamp();

-- name: ahead
-- The first event whose recorded time the database's clock has not come to by a bound.
SELECT position, recorded_at, clock_timestamp() AS now
FROM projections.events
WHERE recorded_at > clock_timestamp() + %(bound)s::interval
ORDER BY recorded_at, position
LIMIT 1;

-- name: tables
-- The tables that a replay fills, and the column that tells which event opened a row.
SELECT table_name, max(column_name) FILTER (WHERE column_name IN ('position', 'recorded'))
FROM information_schema.columns
WHERE table_schema = current_schema() AND table_name <> 'progress'
GROUP BY table_name
ORDER BY table_name;

-- name: names
-- What the events at some positions are called: by their projection, and as they are stored.
SELECT event.id, stored.type, stored.data, projected.id
FROM unnest(%(positions)s::bigint[]) AS event (id)
LEFT JOIN sijill_events_tt_main AS stored ON stored.id = event.id
LEFT JOIN projections.events AS projected ON projected.position = event.id;

-- name: rows_beside
-- The rows of a table that another one like it does not have.
SELECT {position} AS position, row::text FROM {there} AS row
EXCEPT ALL
SELECT {position}, row::text FROM {replayed} AS row
ORDER BY 1, 2 LIMIT {most};
