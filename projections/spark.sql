-- The grouped log as Spark takes it.

-- name: exported
-- Each event with its group, and the days from which the sources that it cites or speaks of make
-- known: whoever folds the event needs no table beside it.
SELECT grouped.group_id, main.id, main.type, main.data, grouped.recorded_at,
    dated.sources, dated.days
FROM grouped JOIN sijill_events_tt_main AS main ON main.id = grouped.position
CROSS JOIN LATERAL (
    SELECT array_agg(source_days.id) AS sources, array_agg(source_days.day) AS days
    FROM unnest(main.tags) AS tag
    JOIN source_days ON source_days.id = substr(tag, strpos(tag, ':') + 1)
    WHERE tag ^@ 'cites:' OR tag ^@ 'source:'
) AS dated;
