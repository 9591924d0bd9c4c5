-- Grouped appends: what was found dear in appending one event for each of many commands.

-- Append the events of some commands, in order, as one: for each the position of its last event,
-- null where its condition does not hold or its request is kept already.
--
-- `conditions` has for each command the tags, one a line, that no event after `afters` may have;
-- `counts` how many of the events are its own. An event's tags are one a line, too. A command
-- without a request has null for its id.
CREATE OR REPLACE FUNCTION append_commands(
    conditions text[], afters bigint[], counts integer[],
    types text[], datas bytea[], tags text[],
    request_ids text[], digests bytea[], recorded integer[], unchanged integer[]
) RETURNS bigint[] LANGUAGE plpgsql SET work_mem = '64MB' AS $$
DECLARE
    owners integer[];   -- for each event the command that it is of
    head bigint;
    taken integer[];    -- the commands that are appended
    ids bigint[];       -- the positions of their events
    positions bigint[] := '{}';
    first integer;
    last integer := 0;
BEGIN
    -- In this order positions become visible, so that no follower passes one by.
    LOCK TABLE public.sijill_events_tt_main IN EXCLUSIVE MODE;
    SELECT array_agg(command.number ORDER BY command.number) INTO owners
    FROM unnest(counts) WITH ORDINALITY AS command (size, number), generate_series(1, command.size);

    -- Where one has a tag or a request of another, the later is told by what the earlier came to.
    IF cardinality(counts) > 1 AND (
        EXISTS (
            SELECT FROM unnest(append_commands.tags, owners) AS earlier (tags, command)
            CROSS JOIN LATERAL string_to_table(earlier.tags, E'\n') AS own (tag)
            JOIN (
                unnest(conditions) WITH ORDINALITY AS later (tags, command)
                CROSS JOIN LATERAL string_to_table(later.tags, E'\n') AS other (tag)
            ) ON other.tag = own.tag AND later.command > earlier.command
        ) OR (SELECT count(id) > count(DISTINCT id) FROM unnest(request_ids) AS request (id))
    ) THEN
        FOR command IN 1 .. cardinality(counts) LOOP
            first := last + 1;
            last := last + counts[command];
            positions := positions || public.append_commands(
                conditions[command:command], afters[command:command], counts[command:command],
                types[first:last], datas[first:last], append_commands.tags[first:last],
                request_ids[command:command], digests[command:command],
                append_commands.recorded[command:command],
                append_commands.unchanged[command:command]
            );
        END LOOP;
        RETURN positions;
    END IF;

    SELECT coalesce(max(id), 0) INTO head FROM public.sijill_events_tt_main;
    -- OFFSET 0 has each looked up by itself, whatever the planner believes of a log that grows.
    -- A tag may stand there for a position that no event has yet: it means nothing.
    SELECT coalesce(array_agg(command.number), '{}') INTO taken
    FROM unnest(conditions, afters, request_ids) WITH ORDINALITY
        AS command (tags, after, request, number)
    WHERE (head <= command.after OR NOT EXISTS (
        SELECT FROM public.sijill_events_tt_tag AS other
        WHERE other.tag = ANY (string_to_array(command.tags, E'\n'))
            AND other.main_id > command.after AND other.main_id <= head
        OFFSET 0
    )) AND NOT EXISTS (
        SELECT FROM public.requests AS request WHERE request.id = command.request OFFSET 0
    );
    IF taken = '{}' THEN
        RETURN array_fill(NULL::bigint, ARRAY[cardinality(counts)]);
    END IF;
    WITH inserted AS (
        INSERT INTO public.sijill_events_tt_main AS main (type, data, tags)
        SELECT event.type, event.data, string_to_array(event.tags, E'\n')
        FROM unnest(types, datas, append_commands.tags, owners) AS event (type, data, tags, command)
        WHERE event.command = ANY (taken)
        RETURNING main.id, main.tags
    ), tagged AS (
        INSERT INTO public.sijill_events_tt_tag (tag, main_id)
        SELECT tag, id FROM (
            SELECT unnest(inserted.tags) AS tag, inserted.id FROM inserted
        ) AS each
        ORDER BY tag, id  -- as the index has them, which takes them much faster so
    )
    SELECT array_agg(inserted.id ORDER BY inserted.id) INTO ids FROM inserted;
    FOR command IN 1 .. cardinality(counts) LOOP
        IF command = ANY (taken) THEN
            last := last + counts[command];
            positions[command] := ids[last];
        ELSE
            positions[command] := NULL;
        END IF;
    END LOOP;
    INSERT INTO public.requests (id, digest, position, recorded, unchanged)
    SELECT request.* FROM unnest(
        request_ids, digests, positions, append_commands.recorded, append_commands.unchanged
    ) AS request (id, digest, position, recorded, unchanged)
    WHERE request.id IS NOT NULL AND request.position IS NOT NULL;
    PERFORM public.grow_tree();
    NOTIFY sijill_events_tt_main;
    RETURN positions;
END
$$;
