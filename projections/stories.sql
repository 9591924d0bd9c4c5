-- name: told
-- The stories that were told up to a position, the newest first, before another position: all of
-- them, or the one whose tag is asked for.
SELECT main.id AS position, main.type, main.data, event.recorded_at
FROM sijill_events_tt_tag AS tag
JOIN sijill_events_tt_main AS main ON main.id = tag.main_id
JOIN events AS event ON event.position = main.id
WHERE tag.tag = %(tag)s AND tag.main_id <= %(position)s::bigint
    AND tag.main_id < %(before)s::bigint AND main.type ^@ 'StoryTold/'
ORDER BY tag.main_id DESC
LIMIT %(limit)s::int;

-- name: withdrawals
-- The withdrawals of some stories up to a position, by the tags of the stories.
SELECT main.id AS position, main.type, main.data, event.recorded_at
FROM sijill_events_tt_main AS main
JOIN events AS event ON event.position = main.id
WHERE main.id IN (
    SELECT main_id FROM sijill_events_tt_tag
    WHERE tag = ANY (%(tags)s::text[]) AND main_id <= %(position)s::bigint
) AND main.type ^@ 'StoryWithdrawn/'
ORDER BY main.id;
