-- The schema of the record: the log, its tree, requests, keys, documents. Before it is run, the
-- eventsourcing package makes the tables sijill_events_tt_main and sijill_events_tt_tag; this file
-- makes them append-only. Later files of this folder only add to it.

-- Each request id that was used: the digest of its entries, and the answer to give if it comes again.
CREATE TABLE requests (
    id text PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 200),
    digest bytea NOT NULL,
    position bigint NOT NULL,
    recorded integer NOT NULL,
    unchanged integer NOT NULL
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log only grows: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON sijill_events_tt_main
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON sijill_events_tt_tag
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON requests
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- ALWAYS: the triggers fire under session_replication_role = replica too.
ALTER TABLE sijill_events_tt_main ENABLE ALWAYS TRIGGER only_grows;
ALTER TABLE sijill_events_tt_tag ENABLE ALWAYS TRIGGER only_grows;
ALTER TABLE requests ENABLE ALWAYS TRIGGER only_grows;

-- Enforcing the foreign key cost a third of an append and locked each event's row. append_commands
-- inserts both in one statement, and an audit compares every tag with its event.
ALTER TABLE sijill_events_tt_tag ALTER CONSTRAINT sijill_events_tt_tag_main_id_fkey NOT ENFORCED;

-- The keys of those who may write. Only the SHA-256 of a key is stored: a key is 256 random bits, so
-- that this is enough to recognise it. A key is revoked and never deleted, since events name it.
CREATE TABLE keys (
    id text PRIMARY KEY,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    role text NOT NULL CHECK (role IN ('reader', 'contributor', 'reviewer', 'admin')),
    digest bytea NOT NULL UNIQUE CHECK (length(digest) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz
);

-- The Merkle tree over the log (domain/merkle.py): one leaf an event, numbered without gaps. The
-- transaction that appends an event adds its leaf.
CREATE TABLE leaves (
    idx bigint PRIMARY KEY CHECK (idx >= 0),
    position bigint NOT NULL UNIQUE,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    -- Hashes of the subtrees that the leaf completes, the lowest first: so each node is in one row.
    above bytea NOT NULL CHECK (length(above) % 32 = 0)
);

-- The size of the tree and its peaks. Only grow_tree writes it.
CREATE TABLE tree_head (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    size bigint NOT NULL,
    position bigint NOT NULL,             -- of the last leaf's event
    peaks bytea[] NOT NULL                -- of the complete subtrees, the largest first
);
INSERT INTO tree_head (size, position, peaks) VALUES (0, 0, '{}');

-- The signed tree heads (https://c2sp.org/tlog-checkpoint).
CREATE TABLE checkpoints (
    size bigint PRIMARY KEY CHECK (size >= 0),
    note text NOT NULL,
    signed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON leaves
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER only_grows BEFORE UPDATE ON tree_head
    FOR EACH ROW WHEN (NEW.size <= OLD.size OR NEW.position <= OLD.position)
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON tree_head
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE leaves ENABLE ALWAYS TRIGGER only_grows;
ALTER TABLE checkpoints ENABLE ALWAYS TRIGGER only_grows;
ALTER TABLE tree_head ENABLE ALWAYS TRIGGER only_grows;
ALTER TABLE tree_head ENABLE ALWAYS TRIGGER stays;

-- The documents that sources were captured from, by the SHA-256 of their bytes. They are in the
-- database so that every service process has them and a backup of the record includes them.
CREATE TABLE documents (
    sha256 text PRIMARY KEY CHECK (sha256 = encode(sha256(content), 'hex')),
    media_type text NOT NULL CHECK (media_type IN ('text/plain', 'text/html', 'application/pdf')),
    content bytea NOT NULL CHECK (length(content) BETWEEN 1 AND 20 * 1024 * 1024),
    -- The text that citations point into; the Content-Type of the bytes and the version of the rules
    -- by which the text was extracted from them.
    text text NOT NULL,
    content_type text NOT NULL,
    extracted_by text NOT NULL
);

-- When and from where each document was captured. The last capture says whether it may be shown.
CREATE TABLE captures (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sha256 text NOT NULL REFERENCES documents,
    url text,
    shown boolean NOT NULL,
    captured_by text NOT NULL,
    captured_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX captures_of_document ON captures (sha256, id);

-- The documents that a reader's session may read.
CREATE VIEW shown_documents WITH (security_barrier) AS
SELECT d.sha256, d.media_type, d.content, d.text
FROM documents AS d
WHERE (SELECT c.shown FROM captures AS c WHERE c.sha256 = d.sha256 ORDER BY c.id DESC LIMIT 1);

CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON documents
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON captures
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE documents ENABLE ALWAYS TRIGGER only_grows;
ALTER TABLE captures ENABLE ALWAYS TRIGGER only_grows;

-- One row if this record is a copy of another one up to a position (store/replay.py), else none.
CREATE TABLE replay (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    position bigint NOT NULL CHECK (position >= 0),
    is_whole boolean NOT NULL DEFAULT false  -- false while it is being copied
);

-- Add a leaf for each event after the tree's last one (domain/leaf.py, domain/merkle.py). The caller
-- holds the lock under which the log grows.
CREATE FUNCTION grow_tree() RETURNS void
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
                OFFSET 0  -- else PostgreSQL computes it again for each use
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
REVOKE EXECUTE ON FUNCTION grow_tree FROM PUBLIC;

-- Append the events of several commands in one statement, each with its own condition and request, and
-- add their leaves. Returns for each command the position of its last event, null if its condition
-- does not hold or its request id was used before.
--
-- `conditions` has for each command the tags, one a line, that no event after `afters` may have;
-- `counts` how many of the events are its own. An event's tags are one a line, too. A command
-- without a request has null for its id.
CREATE FUNCTION append_commands(
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
    -- Positions become visible in the order of this lock, so that a follower misses none.
    LOCK TABLE public.sijill_events_tt_main IN EXCLUSIVE MODE;
    SELECT array_agg(command.number ORDER BY command.number) INTO owners
    FROM unnest(counts) WITH ORDINALITY AS command (size, number), generate_series(1, command.size);

    -- Commands that share a tag or a request are appended one after the other, so that the condition
    -- of the later one sees the events of the earlier one.
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
    -- OFFSET 0 makes each a look-up by index, whatever the statistics of a growing log say.
    -- A tag row may name a position that no event has yet: it is ignored.
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
REVOKE EXECUTE ON FUNCTION append_commands FROM PUBLIC;
