-- Large appends: what was found dear in one of 100,000 events.

-- To look an event up for every row of a tag cost a third of an append, and locked each event's row.
-- append_commands makes both in one statement, and an audit compares every tag with its event.
ALTER TABLE sijill_events_tt_tag ALTER CONSTRAINT sijill_events_tt_tag_main_id_fkey NOT ENFORCED;

-- Give every event after the tree's last one its leaf (domain/leaf.py, domain/merkle.py). The
-- caller holds the lock under which the log grows.
CREATE OR REPLACE FUNCTION grow_tree() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    head tree_head;
    positions bigint[];
    hashes bytea[];
    aboves bytea[];
    nodes bytea[];      -- the peaks
    top integer;        -- how many of them are in use
    grown bigint;       -- the size that the tree has come to
    at bigint;          -- the index of the subtree that a leaf has completed so far
    node bytea;
    above bytea;
BEGIN
    SELECT * INTO head FROM tree_head;
    LOOP
        SELECT array_agg(leaf.id ORDER BY leaf.id), array_agg(leaf.hash ORDER BY leaf.id)
        INTO positions, hashes
        FROM (
            SELECT event.id, CASE
                WHEN framed.frame IS NULL OR array_position(event.tags, NULL) IS NOT NULL
                    THEN decode(repeat('00', 32), 'hex')
                WHEN length(framed.frame) > 65535
                    THEN sha256('\x00'::bytea || convert_to(E'sijill/event-digest/1\n', 'UTF8')
                        || sha256(framed.frame))
                ELSE sha256('\x00'::bytea || framed.frame)
            END AS hash
            FROM (
                SELECT * FROM sijill_events_tt_main AS later
                WHERE later.id > head.position ORDER BY later.id LIMIT 10000
            ) AS event
            CROSS JOIN LATERAL (
                SELECT convert_to(E'sijill/event/1\n', 'UTF8') || int8send(event.id)
                    || int4send(octet_length(event.type)) || convert_to(event.type, 'UTF8')
                    || int4send(length(event.data)) || event.data
                    || int4send(cardinality(event.tags)) || coalesce((
                        SELECT string_agg(
                            int4send(octet_length(tag)) || convert_to(tag, 'UTF8'), ''::bytea
                            ORDER BY number
                        )
                        FROM unnest(event.tags) WITH ORDINALITY AS each (tag, number)
                    ), ''::bytea) AS frame
                OFFSET 0  -- else it is made anew wherever it is named
            ) AS framed
        ) AS leaf;
        EXIT WHEN positions IS NULL;
        grown := head.size;
        nodes := head.peaks;
        top := cardinality(nodes);
        aboves := '{}';
        FOR number IN 1 .. cardinality(positions) LOOP
            node := hashes[number];
            above := ''::bytea;
            at := grown;
            WHILE at & 1 = 1 LOOP
                node := sha256('\x01'::bytea || nodes[top] || node);
                above := above || node;
                top := top - 1;
                at := at >> 1;
            END LOOP;
            top := top + 1;
            nodes[top] := node;
            aboves[number] := above;
            grown := grown + 1;
        END LOOP;
        INSERT INTO leaves (idx, position, hash, above)
        SELECT head.size + leaf.number - 1, leaf.position, leaf.hash, leaf.above
        FROM unnest(positions, hashes, aboves) WITH ORDINALITY
            AS leaf (position, hash, above, number);
        UPDATE tree_head
        SET size = grown, position = positions[cardinality(positions)], peaks = nodes[1:top]
        RETURNING * INTO head;
    END LOOP;
END
$$;

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
    positions bigint[] := '{}';
    first integer;
    last integer := 0;
    head bigint;
    reached bigint;
BEGIN
    -- In this order positions become visible, so that no follower passes one by.
    LOCK TABLE public.sijill_events_tt_main IN EXCLUSIVE MODE;
    SELECT coalesce(max(id), 0) INTO head FROM public.sijill_events_tt_main;
    FOR command IN 1 .. cardinality(counts) LOOP
        first := last + 1;
        last := last + counts[command];
        reached := NULL;
        IF (head <= afters[command] OR NOT EXISTS (
            SELECT FROM public.sijill_events_tt_tag AS other
            WHERE other.tag = ANY (string_to_array(conditions[command], E'\n'))
                AND other.main_id > afters[command]
        )) AND NOT EXISTS (
            SELECT FROM public.requests AS request WHERE request.id = request_ids[command]
        ) THEN
            WITH inserted AS (
                INSERT INTO public.sijill_events_tt_main AS main (type, data, tags)
                SELECT event.type, event.data, string_to_array(event.tags, E'\n')
                FROM unnest(types[first:last], datas[first:last], append_commands.tags[first:last])
                    AS event (type, data, tags)
                RETURNING main.id, main.tags
            ), tagged AS (
                INSERT INTO public.sijill_events_tt_tag (tag, main_id)
                SELECT tag, id FROM (
                    SELECT unnest(inserted.tags) AS tag, inserted.id FROM inserted
                ) AS each
                ORDER BY tag, id  -- as the index has them, which takes them much faster so
            )
            SELECT max(id) INTO reached FROM inserted;
            head := reached;
            IF request_ids[command] IS NOT NULL THEN
                INSERT INTO public.requests (id, digest, position, recorded, unchanged)
                VALUES (
                    request_ids[command], digests[command], reached,
                    append_commands.recorded[command], append_commands.unchanged[command]
                );
            END IF;
        END IF;
        positions[command] := reached;
    END LOOP;
    IF array_remove(positions, NULL) <> '{}' THEN
        PERFORM public.grow_tree();
        NOTIFY sijill_events_tt_main;
    END IF;
    RETURN positions;
END
$$;
