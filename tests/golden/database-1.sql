--
-- PostgreSQL database dump
--


-- Dumped from database version 18.6
-- Dumped by pg_dump version 18.6

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: projections; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA projections;


--
-- Name: btree_gist; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;


--
-- Name: EXTENSION btree_gist; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON EXTENSION btree_gist IS 'support for indexing common datatypes in GiST';


--
-- Name: pg_trgm; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;


--
-- Name: EXTENSION pg_trgm; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON EXTENSION pg_trgm IS 'text similarity measurement and index searching based on trigrams';


--
-- Name: dcb_event_tt; Type: TYPE; Schema: public; Owner: -
--

CREATE TYPE public.dcb_event_tt AS (
	type text,
	data bytea,
	tags text[]
);


--
-- Name: dcb_query_item_tt; Type: TYPE; Schema: public; Owner: -
--

CREATE TYPE public.dcb_query_item_tt AS (
	types text[],
	tags text[]
);


--
-- Name: folded(text); Type: FUNCTION; Schema: projections; Owner: -
--

CREATE FUNCTION projections.folded(given text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN btrim(regexp_replace((CASE WHEN (octet_length(given) = length(given)) THEN translate(casefold((given COLLATE pg_unicode_fast)), '''`'::text, ''::text) ELSE translate(regexp_replace(replace(replace(replace(casefold((NORMALIZE(translate(NORMALIZE(given, NFC), '''`´ʹʻʼʽʾʿˈ՚‘’‛′＇ءؤئ'::text, ''::text), NFKD) COLLATE pg_unicode_fast)), 'æ'::text, 'ae'::text), 'œ'::text, 'oe'::text), 'þ'::text, 'th'::text), '[̀-ͯؐ-ؚـً-ٰٟۖ-ۭ​-‏﻿]'::text, ''::text, 'g'::text), 'ıłđðøħŧŋəɓɗƒٱىیےةہەک٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹'::text, 'ilddohtnabdfايييهههك01234567890123456789'::text) END COLLATE pg_unicode_fast), '[^[:alnum:]]+'::text, ' '::text, 'g'::text));


--
-- Name: entity_words(text, json, json, json); Type: FUNCTION; Schema: projections; Owner: -
--

CREATE FUNCTION projections.entity_words(id text, names json, aliases json, identifiers json) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (SELECT string_agg(((' '::text || projections.folded(said.value)) || ' '::text), '
'::text) AS string_agg FROM (SELECT json_each_text.value FROM json_each_text(entity_words.names) json_each_text(key, value) UNION ALL SELECT alias.value AS alias FROM json_each(entity_words.aliases) by_language(language, named), LATERAL json_array_elements_text(by_language.named) alias(value) UNION ALL SELECT json_each_text.value FROM json_each_text(entity_words.identifiers) json_each_text(key, value) UNION ALL SELECT entity_words.id AS id) said);


--
-- Name: fact_words(json); Type: FUNCTION; Schema: projections; Owner: -
--

CREATE FUNCTION projections.fact_words(version json) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ((' '::text || "left"(projections.folded((((((COALESCE((version ->> 'gist'::text), ''::text) || ' '::text) || COALESCE((version ->> 'venue'::text), ''::text)) || ' '::text) || COALESCE((version ->> 'measure'::text), ''::text)) || CASE WHEN ((version)::text ~~ ANY (ARRAY['%"quote":%'::text, '%"attributedTo":%'::text])) THEN (SELECT string_agg((((' '::text || COALESCE((said.value ->> 'quote'::text), ''::text)) || ' '::text) || COALESCE((said.value ->> 'attributedTo'::text), ''::text)), ''::text) AS string_agg FROM json_array_elements((fact_words.version -> 'citations'::text)) said(value)) ELSE ''::text END)), 200000)) || ' '::text);


--
-- Name: iso_day(integer); Type: FUNCTION; Schema: projections; Owner: -
--

CREATE FUNCTION projections.iso_day(day integer) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN (day >= '-719162'::integer) THEN to_char((('1970-01-01'::date + day))::timestamp with time zone, 'YYYY-MM-DD'::text) WHEN (date_part('year'::text, ('1970-01-01'::date + (day + 3652425))) < (10000)::double precision) THEN (('-'::text || lpad((((10000)::double precision - date_part('year'::text, ('1970-01-01'::date + (day + 3652425)))))::text, 4, '0'::text)) || to_char((('1970-01-01'::date + (day + 3652425)))::timestamp with time zone, '-MM-DD'::text)) ELSE ('0000'::text || to_char((('1970-01-01'::date + (day + 3652425)))::timestamp with time zone, '-MM-DD'::text)) END;


--
-- Name: json_day(integer); Type: FUNCTION; Schema: projections; Owner: -
--

CREATE FUNCTION projections.json_day(day integer) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN (day >= '-719162'::integer) THEN to_json(('1970-01-01'::date + day)) ELSE to_json(projections.iso_day(day)) END;


--
-- Name: likeness(text, text); Type: FUNCTION; Schema: projections; Owner: -
--

CREATE FUNCTION projections.likeness(asked text, words text) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN round((((CASE WHEN (POSITION(((('
 '::text || asked) || ' 
'::text)) IN ((('
'::text || words) || '
'::text))) > 0) THEN 4 WHEN (POSITION((('
 '::text || asked)) IN (('
'::text || words))) > 0) THEN 3 WHEN (POSITION(((' '::text || asked)) IN (words)) > 0) THEN 2 WHEN (POSITION((asked) IN (words)) > 0) THEN 1 ELSE 0 END)::double precision + public.word_similarity(asked, words)))::numeric, 4);


--
-- Name: rectangle(text, integer, integer, bigint, bigint); Type: FUNCTION; Schema: projections; Owner: -
--

CREATE FUNCTION projections.rectangle(name text, first_day integer, last_day integer, first_position bigint, last_position bigint) RETURNS box
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN box(point(((((hashtextextended(name, (0)::bigint) & (1048575)::bigint))::double precision * ('8589934592'::bigint)::double precision) + (COALESCE(first_position, (0)::bigint))::double precision), (COALESCE(first_day, '-2147483648'::integer))::double precision), point(((((hashtextextended(name, (0)::bigint) & (1048575)::bigint))::double precision * ('8589934592'::bigint)::double precision) + (COALESCE(last_position, '8589934591'::bigint))::double precision), (COALESCE(last_day, 2147483647))::double precision));


--
-- Name: rectangle(text, int4range, int8range); Type: FUNCTION; Schema: projections; Owner: -
--

CREATE FUNCTION projections.rectangle(name text, known int4range, recorded int8range) RETURNS box
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN projections.rectangle(name, lower(known), (upper(known) - 1), lower(recorded), (upper(recorded) - 1));


--
-- Name: source_words(jsonb); Type: FUNCTION; Schema: projections; Owner: -
--

CREATE FUNCTION projections.source_words(source jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (SELECT string_agg(((' '::text || projections.folded((source_words.source ->> key.key))) || ' '::text), '
'::text) AS string_agg FROM unnest(ARRAY['title'::text, 'publisher'::text, 'author'::text, 'id'::text]) key(key) WHERE ((source_words.source ->> key.key) IS NOT NULL));


--
-- Name: tell_progress(); Type: FUNCTION; Schema: projections; Owner: -
--

CREATE FUNCTION projections.tell_progress() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM pg_notify('sijill_projected', TG_RELID || ' ' || NEW.position);
    RETURN NULL;
END
$$;


--
-- Name: append_commands(text[], bigint[], integer[], text[], bytea[], text[], text[], bytea[], integer[], integer[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.append_commands(conditions text[], afters bigint[], counts integer[], types text[], datas bytea[], tags text[], request_ids text[], digests bytea[], recorded integer[], unchanged integer[]) RETURNS bigint[]
    LANGUAGE plpgsql
    SET work_mem TO '64MB'
    AS $$
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


--
-- Name: dcb_conditional_append_tt(public.dcb_query_item_tt[], bigint, public.dcb_event_tt[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.dcb_conditional_append_tt(query_items public.dcb_query_item_tt[], after_id bigint, new_events public.dcb_event_tt[]) RETURNS SETOF bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
    conflict_exists boolean;
BEGIN
    -- Step 0: Lock table in exclusive mode (reads can still read)
    SET LOCAL lock_timeout = '2s';
    LOCK TABLE "public"."sijill_events_tt_main" IN EXCLUSIVE MODE;

    -- Step 1: Check for conflicts
    WITH query_items_cte AS (
        SELECT * FROM unnest(query_items) WITH ORDINALITY
    ),
    initial_matches AS (
        SELECT
            t.main_id,
            qi.ordinality,
            t.tag,
            qi.tags AS required_tags,
            qi.types AS allowed_types
        FROM query_items_cte qi
        JOIN "public"."sijill_events_tt_tag" t
          ON t.tag = ANY(qi.tags)
        WHERE t.main_id > COALESCE(after_id, 0)
    ),
    matched_groups AS (
        SELECT
            main_id,
            ordinality,
            COUNT(DISTINCT tag) AS matched_tag_count,
            array_length(required_tags, 1) AS required_tag_count,
            allowed_types
        FROM initial_matches
        GROUP BY main_id, ordinality, required_tag_count, allowed_types
    ),
    qualified_ids AS (
        SELECT main_id, allowed_types
        FROM matched_groups
        WHERE matched_tag_count = required_tag_count
    ),
    filtered_ids AS (
        SELECT m.id
        FROM "public"."sijill_events_tt_main" m
        JOIN qualified_ids q ON q.main_id = m.id
        WHERE
            m.id > COALESCE(after_id, 0)
            AND (
                array_length(q.allowed_types, 1) IS NULL
                OR array_length(q.allowed_types, 1) = 0
                OR m.type = ANY(q.allowed_types)
            )
        LIMIT 1
    )
    SELECT EXISTS (SELECT 1 FROM filtered_ids)
    INTO conflict_exists;

    -- Step 2: Insert if no conflicts
    IF NOT conflict_exists THEN
        RETURN QUERY
        WITH new_data AS (
            SELECT * FROM unnest(new_events)
        ),
        inserted AS (
            INSERT INTO "public"."sijill_events_tt_main" (type, data, tags)
            SELECT type, data, tags
            FROM new_data
            RETURNING id, tags
        ),
        expanded_tags AS (
            SELECT ins.id AS main_id, tag
            FROM inserted ins,
                 unnest(ins.tags) AS tag
        ),
        tag_insert AS (
            INSERT INTO "public"."sijill_events_tt_tag" (tag, main_id)
            SELECT tag, main_id
            FROM expanded_tags
        )
        SELECT MAX(id) FROM inserted;
        NOTIFY "sijill_events_tt_main";

    END IF;

    -- If conflict exists, return empty result
    RETURN;
END
$$;


--
-- Name: dcb_unconditional_append_tt(public.dcb_event_tt[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.dcb_unconditional_append_tt(new_events public.dcb_event_tt[]) RETURNS SETOF bigint
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN QUERY
    WITH new_data AS (
        SELECT * FROM unnest(new_events)
    ),
    inserted AS (
        INSERT INTO "public"."sijill_events_tt_main" (type, data, tags)
        SELECT type, data, tags
        FROM new_data
        RETURNING id, tags
    ),
    expanded_tags AS (
        SELECT ins.id AS main_id, tag
        FROM inserted ins,
             unnest(ins.tags) AS tag
    ),
    tag_insert AS (
        INSERT INTO "public"."sijill_events_tt_tag" (tag, main_id)
        SELECT tag, main_id
        FROM expanded_tags
    )
    SELECT MAX(id) FROM inserted;
    NOTIFY "sijill_events_tt_main";

END
$$;


--
-- Name: grow_tree(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.grow_tree() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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


--
-- Name: refuse_change(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'the log only grows: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: entities; Type: TABLE; Schema: projections; Owner: -
--

CREATE TABLE projections.entities (
    id text NOT NULL,
    canonical text NOT NULL,
    kind text NOT NULL,
    names json NOT NULL,
    aliases json NOT NULL,
    identifiers json NOT NULL,
    iso3166 text,
    wikidata text,
    location json,
    lookalikes text[] NOT NULL,
    valid int4range NOT NULL,
    known int4range NOT NULL,
    recorded int8range NOT NULL
);


--
-- Name: events; Type: TABLE; Schema: projections; Owner: -
--

CREATE TABLE projections.events (
    "position" bigint NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    type text NOT NULL,
    id text NOT NULL,
    actor text NOT NULL
);


--
-- Name: intervals; Type: TABLE; Schema: projections; Owner: -
--

CREATE TABLE projections.intervals (
    fluent text NOT NULL,
    scope text NOT NULL,
    subject text NOT NULL,
    ordinal smallint NOT NULL,
    possible int4range NOT NULL,
    certain int4range NOT NULL,
    start_earliest integer,
    start_latest integer,
    end_earliest integer,
    end_latest integer,
    since text,
    until text,
    ended boolean NOT NULL,
    contested boolean NOT NULL,
    disputed boolean NOT NULL,
    facts json NOT NULL,
    alternatives json NOT NULL,
    announced_ends json NOT NULL,
    attested integer,
    sources text[] NOT NULL,
    known int4range NOT NULL,
    recorded int8range NOT NULL
);


--
-- Name: progress; Type: TABLE; Schema: projections; Owner: -
--

CREATE TABLE projections.progress (
    is_only boolean DEFAULT true NOT NULL,
    "position" bigint NOT NULL,
    recorded_at timestamp with time zone,
    stopped_at bigint,
    stopped_why text,
    followed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT progress_is_only_check CHECK (is_only)
);


--
-- Name: sources; Type: TABLE; Schema: projections; Owner: -
--

CREATE TABLE projections.sources (
    id text NOT NULL,
    source jsonb NOT NULL,
    observed integer,
    withdrawn boolean NOT NULL,
    known int4range NOT NULL,
    recorded int8range NOT NULL
);


--
-- Name: versions; Type: TABLE; Schema: projections; Owner: -
--

CREATE TABLE projections.versions (
    fact text NOT NULL,
    type text NOT NULL,
    version json NOT NULL,
    earliest integer NOT NULL,
    latest integer NOT NULL,
    disputed boolean NOT NULL,
    set_aside_by text[] NOT NULL,
    subjects text[] NOT NULL,
    sources text[] NOT NULL,
    known int4range NOT NULL,
    recorded int8range NOT NULL
);


--
-- Name: captures; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.captures (
    id bigint NOT NULL,
    sha256 text NOT NULL,
    url text,
    shown boolean NOT NULL,
    captured_by text NOT NULL,
    captured_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: captures_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.captures ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.captures_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: checkpoints; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.checkpoints (
    size bigint NOT NULL,
    note text NOT NULL,
    signed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT checkpoints_size_check CHECK ((size >= 0))
);


--
-- Name: documents; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.documents (
    sha256 text NOT NULL,
    media_type text NOT NULL,
    content bytea NOT NULL,
    text text NOT NULL,
    content_type text NOT NULL,
    extracted_by text NOT NULL,
    CONSTRAINT documents_check CHECK ((sha256 = encode(sha256(content), 'hex'::text))),
    CONSTRAINT documents_content_check CHECK (((length(content) >= 1) AND (length(content) <= ((20 * 1024) * 1024)))),
    CONSTRAINT documents_media_type_check CHECK ((media_type = ANY (ARRAY['text/plain'::text, 'text/html'::text, 'application/pdf'::text])))
);


--
-- Name: keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.keys (
    id text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    digest bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT keys_digest_check CHECK ((length(digest) = 32)),
    CONSTRAINT keys_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT keys_role_check CHECK ((role = ANY (ARRAY['reader'::text, 'contributor'::text, 'reviewer'::text, 'admin'::text])))
);


--
-- Name: leaves; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.leaves (
    idx bigint NOT NULL,
    "position" bigint NOT NULL,
    hash bytea NOT NULL,
    above bytea NOT NULL,
    CONSTRAINT leaves_above_check CHECK (((length(above) % 32) = 0)),
    CONSTRAINT leaves_hash_check CHECK ((length(hash) = 32)),
    CONSTRAINT leaves_idx_check CHECK ((idx >= 0))
);


--
-- Name: replay; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.replay (
    is_only boolean DEFAULT true NOT NULL,
    "position" bigint NOT NULL,
    is_whole boolean DEFAULT false NOT NULL,
    CONSTRAINT replay_is_only_check CHECK (is_only),
    CONSTRAINT replay_position_check CHECK (("position" >= 0))
);


--
-- Name: requests; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.requests (
    id text NOT NULL,
    digest bytea NOT NULL,
    "position" bigint NOT NULL,
    recorded integer NOT NULL,
    unchanged integer NOT NULL,
    CONSTRAINT requests_id_check CHECK (((length(id) >= 1) AND (length(id) <= 200)))
);


--
-- Name: schema_migrations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.schema_migrations (
    name text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: shown_documents; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.shown_documents WITH (security_barrier='true') AS
 SELECT sha256,
    media_type,
    content,
    text
   FROM public.documents d
  WHERE ( SELECT c.shown
           FROM public.captures c
          WHERE (c.sha256 = d.sha256)
          ORDER BY c.id DESC
         LIMIT 1);


--
-- Name: sijill_events_tt_main; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.sijill_events_tt_main (
    id bigint NOT NULL,
    type text NOT NULL,
    data bytea,
    tags text[] NOT NULL
)
WITH (autovacuum_enabled='true', autovacuum_vacuum_threshold='100000000', autovacuum_vacuum_scale_factor='0.5', autovacuum_analyze_threshold='1000', autovacuum_analyze_scale_factor='0.01');


--
-- Name: sijill_events_tt_main_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.sijill_events_tt_main_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: sijill_events_tt_main_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.sijill_events_tt_main_id_seq OWNED BY public.sijill_events_tt_main.id;


--
-- Name: sijill_events_tt_tag; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.sijill_events_tt_tag (
    tag text,
    main_id bigint
)
WITH (autovacuum_enabled='true', autovacuum_vacuum_threshold='100000000', autovacuum_vacuum_scale_factor='0.5', autovacuum_analyze_threshold='1000', autovacuum_analyze_scale_factor='0.01');


--
-- Name: tree_head; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.tree_head (
    is_only boolean DEFAULT true NOT NULL,
    size bigint NOT NULL,
    "position" bigint NOT NULL,
    peaks bytea[] NOT NULL,
    CONSTRAINT tree_head_is_only_check CHECK (is_only)
);


--
-- Name: sijill_events_tt_main id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sijill_events_tt_main ALTER COLUMN id SET DEFAULT nextval('public.sijill_events_tt_main_id_seq'::regclass);


--
-- Data for Name: entities; Type: TABLE DATA; Schema: projections; Owner: -
--

INSERT INTO projections.entities VALUES ('union', 'union', 'COALITION', '{"en":"Union"}', '{}', '{}', NULL, NULL, NULL, '{union}', '(,)', '(,)', '[7,)');
INSERT INTO projections.entities VALUES ('league', 'league', 'COALITION', '{"en":"League"}', '{}', '{}', NULL, NULL, NULL, '{league}', '(,)', '(,)', '[8,)');
INSERT INTO projections.entities VALUES ('syria', 'syria', 'COUNTRY', '{"en":"Syria"}', '{}', '{}', NULL, NULL, NULL, '{syria}', '(,)', '(,)', '[9,)');
INSERT INTO projections.entities VALUES ('iraq', 'iraq', 'COUNTRY', '{"en":"Iraq"}', '{}', '{}', NULL, NULL, NULL, '{iraq,lraq}', '(,)', '(,)', '[10,)');


--
-- Data for Name: events; Type: TABLE DATA; Schema: projections; Owner: -
--

INSERT INTO projections.events VALUES (1, '2026-11-29 20:21:48.160947+00', 'SourceRegistered', 'march', 'someone');
INSERT INTO projections.events VALUES (2, '2026-11-29 20:21:48.216614+00', 'SourceRegistered', 'may', 'someone');
INSERT INTO projections.events VALUES (3, '2026-11-29 20:21:48.230857+00', 'SourceRegistered', 'june', 'someone');
INSERT INTO projections.events VALUES (4, '2026-11-29 20:21:48.240623+00', 'SourceRegistered', 'july', 'someone');
INSERT INTO projections.events VALUES (5, '2026-11-29 20:21:48.247624+00', 'SourceRegistered', 'never', 'someone');
INSERT INTO projections.events VALUES (6, '2026-11-29 20:21:48.272802+00', 'SourceRegistered', 'undated', 'someone');
INSERT INTO projections.events VALUES (7, '2026-11-29 20:21:48.293115+00', 'EntityRegistered', 'union', 'someone');
INSERT INTO projections.events VALUES (8, '2026-11-29 20:21:48.307802+00', 'EntityRegistered', 'league', 'someone');
INSERT INTO projections.events VALUES (9, '2026-11-29 20:21:48.324495+00', 'EntityRegistered', 'syria', 'someone');
INSERT INTO projections.events VALUES (10, '2026-11-29 20:21:48.340838+00', 'EntityRegistered', 'iraq', 'someone');
INSERT INTO projections.events VALUES (11, '2026-11-29 20:21:48.365363+00', 'MemberJoined', 'first', 'someone');
INSERT INTO projections.events VALUES (12, '2026-11-29 20:21:48.388704+00', 'MemberJoined', 'second', 'someone');
INSERT INTO projections.events VALUES (13, '2026-11-29 20:21:48.411961+00', 'MemberLeft', 'third', 'someone');
INSERT INTO projections.events VALUES (14, '2026-11-29 20:21:48.428741+00', 'FactCorrected', 'fourth', 'someone');


--
-- Data for Name: intervals; Type: TABLE DATA; Schema: projections; Owner: -
--

INSERT INTO projections.intervals VALUES ('membership', 'union', 'syria', 0, '[16314,)', '[16343,)', 16314, 16343, NULL, NULL, '2014-09', NULL, false, false, false, '[{"id":"first","type":"MemberJoined","when":"2014-09"}]', '[]', '[]', NULL, '{may}', '[16556,)', '[11,12)');
INSERT INTO projections.intervals VALUES ('membership', 'union', 'syria', 0, '[16323,)', '[16323,)', 16323, 16323, NULL, NULL, '2014-09-10', NULL, false, false, false, '[{"id":"first","type":"MemberJoined","when":"2014-09"},{"id":"second","type":"MemberJoined","when":"2014-09-10"}]', '[]', '[]', NULL, '{june,may}', '[16616,)', '[12,13)');
INSERT INTO projections.intervals VALUES ('membership', 'union', 'syria', 0, '[16323,17167)', '[16323,16801)', 16323, 16323, 16801, 17166, '2014-09-10', '2016', true, false, false, '[{"id":"first","type":"MemberJoined","when":"2014-09"},{"id":"second","type":"MemberJoined","when":"2014-09-10"},{"id":"third","type":"MemberLeft","when":"2016"}]', '[]', '[]', NULL, '{july,june,may}', '[16617,)', '[13,14)');
INSERT INTO projections.intervals VALUES ('membership', 'union', 'syria', 0, '[16314,)', '[16343,)', 16314, 16343, NULL, NULL, '2014-09', NULL, false, false, false, '[{"id":"first","type":"MemberJoined","when":"2014-09"}]', '[]', '[]', NULL, '{may}', '[16556,16616)', '[12,)');
INSERT INTO projections.intervals VALUES ('membership', 'union', 'syria', 0, '[16323,)', '[16323,)', 16323, 16323, NULL, NULL, '2014-09-10', NULL, false, false, false, '[{"id":"first","type":"MemberJoined","when":"2014-09"},{"id":"second","type":"MemberJoined","when":"2014-09-10"}]', '[]', '[]', NULL, '{june,may}', '[16616,16617)', '[13,)');
INSERT INTO projections.intervals VALUES ('membership', 'union', 'syria', 0, '[16323,17532)', '[16323,17167)', 16323, 16323, 17167, 17531, '2014-09-10', '2017', true, false, false, '[{"id":"first","type":"MemberJoined","when":"2014-09"},{"id":"second","type":"MemberJoined","when":"2014-09-10"},{"id":"third","type":"MemberLeft","when":"2017"}]', '[]', '[]', NULL, '{july,june,may}', '[16617,)', '[14,)');


--
-- Data for Name: progress; Type: TABLE DATA; Schema: projections; Owner: -
--

INSERT INTO projections.progress VALUES (true, 14, '2026-11-29 20:21:48.428741+00', NULL, NULL, '2026-11-29 20:21:48.58712+00');


--
-- Data for Name: sources; Type: TABLE DATA; Schema: projections; Owner: -
--

INSERT INTO projections.sources VALUES ('march', '{"id": "march", "type": "SourceRegistered", "title": "march", "published": "2015-03-01"}', NULL, false, '(,)', '[1,)');
INSERT INTO projections.sources VALUES ('may', '{"id": "may", "type": "SourceRegistered", "title": "may", "published": "2015-05-01"}', NULL, false, '(,)', '[2,)');
INSERT INTO projections.sources VALUES ('june', '{"id": "june", "type": "SourceRegistered", "title": "june", "published": "2015-06"}', NULL, false, '(,)', '[3,)');
INSERT INTO projections.sources VALUES ('july', '{"id": "july", "type": "SourceRegistered", "title": "july", "published": "2015-07-01"}', NULL, false, '(,)', '[4,)');
INSERT INTO projections.sources VALUES ('never', '{"id": "never", "type": "SourceRegistered", "title": "never", "published": "[2015-01..]"}', NULL, false, '(,)', '[5,)');
INSERT INTO projections.sources VALUES ('undated', '{"id": "undated", "type": "SourceRegistered", "title": "undated"}', NULL, false, '(,)', '[6,)');


--
-- Data for Name: versions; Type: TABLE DATA; Schema: projections; Owner: -
--

INSERT INTO projections.versions VALUES ('third', 'MemberLeft', '{"type":"MemberLeft","id":"third","when":"2016","citations":[{"source":"july"}],"coalition":"union","member":"syria"}', 16801, 17166, false, '{}', '{union,syria}', '{july}', '[16617,)', '[13,14)');
INSERT INTO projections.versions VALUES ('first', 'MemberJoined', '{"type":"MemberJoined","id":"first","when":"2014-09","citations":[{"source":"may"}],"coalition":"union","member":"syria"}', 16314, 16343, false, '{}', '{union,syria}', '{may}', '[16556,)', '[11,)');
INSERT INTO projections.versions VALUES ('second', 'MemberJoined', '{"type":"MemberJoined","id":"second","when":"2014-09-10","citations":[{"source":"june"}],"coalition":"union","member":"syria"}', 16323, 16323, false, '{}', '{union,syria}', '{june}', '[16616,)', '[12,)');
INSERT INTO projections.versions VALUES ('third', 'MemberLeft', '{"type":"MemberLeft","id":"third","when":"2017","citations":[{"source":"july"}],"coalition":"union","member":"syria"}', 17167, 17531, false, '{}', '{union,syria}', '{july}', '[16617,)', '[14,)');


--
-- Data for Name: captures; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: checkpoints; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.checkpoints VALUES (14, 'sijill.local/72b79146
14
pS7jQocPHLC9n74z03ctbOnfDLso8Ti+jmjOTT3NmVI=

— sijill.local/72b79146 h9tKAuSET7+KTmkgOXXDTgqNB+ctOPYxbYFpLquM8G4FsEnnXUPwSIhdur5MfhqM/wc37O1raku9HjEZ6Dr6ynUFAAU=
', '2026-11-29 20:21:48.476237+00');


--
-- Data for Name: documents; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: keys; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: leaves; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.leaves VALUES (0, 1, '\x9b5622d24c76fa8845be7c6b61b95bb0eb9e425e1b8d82d6b2b68159cce00793', '\x');
INSERT INTO public.leaves VALUES (1, 2, '\xf94b383ed1b1b4b1074f51807049e013119e372546eb2d8a7c15b54f9baf4c6b', '\xe2e6961aed060ffe16ae99aba6b6b50a4e50984e7e96bee73f1c90b14c56cf1e');
INSERT INTO public.leaves VALUES (2, 3, '\xc23f6e5b44ae179e6a87e4302dc14c7d49f2936b95841f3046ecbed8d07f728f', '\x');
INSERT INTO public.leaves VALUES (3, 4, '\xa2586eab53ef3b586cbcd9200b043a9ad57d32a04434b8079653d601d60b8b49', '\x56858300f3e0386f37b29e0b9e3bee3ee57087d66bd90a6eeebd344ee8786606220a313644b24f612e8d389e5a62a5c4eee5d0e1ca218747dee78daaaab4795d');
INSERT INTO public.leaves VALUES (4, 5, '\xc68b58c9746b92248bc5b80515b9d282a3188fc1256771e208b69fe18b345071', '\x');
INSERT INTO public.leaves VALUES (5, 6, '\x5dce973d885216b59c12197f88e5fd6be8dc82ef20cbe7bc2e109d3e7027468b', '\x7f4aa4a206b49009f0fd5c305a7e1969b961e1638b85aa9735b47baccfc38346');
INSERT INTO public.leaves VALUES (6, 7, '\xd7724bddff42d69da1c157c2d9bcbcba9640fce2f7ae5e75834782eca1d22cbf', '\x');
INSERT INTO public.leaves VALUES (7, 8, '\xaecc7aa2f33e772739b5c015e7af5709ce45d7c096c32cb5179117e2dd723b74', '\x0a052d4705f9c931630404f952b6be5c6874ac5e3562c55ba45631696a00e9f7f06dec7bc6bbbd097c113ec2d51ca6556524b477c7ae9bcd0188d8d7c253a4fae0accc51809a57538bf955d9ca7b20e717d32c0470f5f28a24d31dfdf57db319');
INSERT INTO public.leaves VALUES (8, 9, '\xaa7ef3589c63bad8c6203417e04df44ab38da5fceea99e06ad05127a742bf279', '\x');
INSERT INTO public.leaves VALUES (9, 10, '\x668851b304f12f27579d01a10427c235ad60ce040b4cb612f60d81870207809b', '\xac7f6273ec259a30500e89c8138a1e3a62190210dceb6fb34cd1f9d96cb8828b');
INSERT INTO public.leaves VALUES (10, 11, '\x8fe611f1f49466292b6dbf424d1920920255c07dfaffab154e9b0e9c156e7a75', '\x');
INSERT INTO public.leaves VALUES (11, 12, '\x401b696eaf018ecaae5135218b239ae735cb80f60b6490aa3b763f8ba900f7ce', '\x5b502db9d7cd85bbb66add307faf3258f64cde44f6bc86994923e0657715432527b9e087b26d68c95acb4c987d0791b620f800b8fc16fb79ee05f76fd79f2a91');
INSERT INTO public.leaves VALUES (12, 13, '\x977d9477b42a721709d3d3d87d96f08750898f141724b8aebc7a56115e3485b9', '\x');
INSERT INTO public.leaves VALUES (13, 14, '\x47be8d860cdb9f716d5654d44b0abb0a7f3f65ea7e29f384177eaec24cf2b1da', '\x59440d3065a8d42b71803c53338f7b954e7428f01e6a3a1514068dc0771489fc');


--
-- Data for Name: replay; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: requests; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.requests VALUES ('2a59d59e3809f827ce709d3815e3950e/request-0', '\xdb44efbaefd2d9b9d010b4e468111da7121a1be6d30b07f2f6a1c9e87a4008af', 1, 1, 0);
INSERT INTO public.requests VALUES ('2a59d59e3809f827ce709d3815e3950e/request-1', '\xfe697b59a4d37dfa2e223c601a9c62fcf3750d26103382a0158c994f3238b93c', 2, 1, 0);
INSERT INTO public.requests VALUES ('2a59d59e3809f827ce709d3815e3950e/request-2', '\x36fa1ee8ad4968a75e545fcace8d809aa5a05a12b0d9c10b8783174d46c93d7d', 3, 1, 0);
INSERT INTO public.requests VALUES ('2a59d59e3809f827ce709d3815e3950e/request-3', '\xa087c49068eede16157bd0fbe0510dd2f046e8601d67c948e8425deb0fadd005', 4, 1, 0);
INSERT INTO public.requests VALUES ('2a59d59e3809f827ce709d3815e3950e/request-4', '\xb518dede23b9d66f9d914830b9345a7e5e728b44fb41aeb72f934b4311bdde48', 5, 1, 0);
INSERT INTO public.requests VALUES ('2a59d59e3809f827ce709d3815e3950e/request-5', '\xc36b3c3a1858b194753bae58a8731a8be54a12dba94940a33faa2e080a78c39b', 6, 1, 0);
INSERT INTO public.requests VALUES ('2a59d59e3809f827ce709d3815e3950e/request-6', '\xfc996cacd9f005bc8547c2298e137f87bcfbfa89157bd5c5eb420279620e322f', 7, 1, 0);
INSERT INTO public.requests VALUES ('2a59d59e3809f827ce709d3815e3950e/request-7', '\xdfbb3a616921f9fde80775dbe947034ddac6e96d24b387b60ed4d55e012511e5', 8, 1, 0);
INSERT INTO public.requests VALUES ('2a59d59e3809f827ce709d3815e3950e/request-8', '\xd567098b15cd089e94e237c60baef5d25623d00f35a9bb369e7a23d955367d65', 9, 1, 0);
INSERT INTO public.requests VALUES ('2a59d59e3809f827ce709d3815e3950e/request-9', '\x073641cf00be54c978275bdce60a8c9d4dd8983e8faeb6a82979c67a83fdeb62', 10, 1, 0);
INSERT INTO public.requests VALUES ('2a59d59e3809f827ce709d3815e3950e/request-10', '\x1159e1ccbb3f00fe7bab2d672ff1a8456447eba0299d2c10d20ce52b076f8bdb', 11, 1, 0);
INSERT INTO public.requests VALUES ('2a59d59e3809f827ce709d3815e3950e/request-11', '\x8e3d4466a85a2d142b212d059ad27fd17dcd0316a0d73da70ac469cc02886b3b', 12, 1, 0);
INSERT INTO public.requests VALUES ('2a59d59e3809f827ce709d3815e3950e/request-12', '\x764798bb8bfe0998ea1de48fa78f879f4b626cfcaf39fc73ff96982f2f279dc2', 13, 1, 0);
INSERT INTO public.requests VALUES ('2a59d59e3809f827ce709d3815e3950e/request-13', '\x39fda36816fd719237c76a110e7c8826cc0b891527637b532bd52200f701d2a6', 14, 1, 0);


--
-- Data for Name: schema_migrations; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.schema_migrations VALUES ('store/0001_record', '2026-11-29 20:21:47.643412+00');
INSERT INTO public.schema_migrations VALUES ('projections/0001_answers', '2026-11-29 20:21:47.643412+00');


--
-- Data for Name: sijill_events_tt_main; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.sijill_events_tt_main VALUES (1, 'SourceRegistered/1', '\x7b226163746f72223a22736f6d656f6e65222c22656e747279223a7b226964223a226d61726368222c227075626c6973686564223a22323031352d30332d3031222c227469746c65223a226d61726368227d2c227265636f726465644174223a22323032362d31312d32395432303a32313a34382e3136303934372b30303a3030222c2273616c74223a226534663039343366666133643635653963353862346639666237346135313830227d', '{source:march,request:2a59d59e3809f827ce709d3815e3950e/request-0}');
INSERT INTO public.sijill_events_tt_main VALUES (2, 'SourceRegistered/1', '\x7b226163746f72223a22736f6d656f6e65222c22656e747279223a7b226964223a226d6179222c227075626c6973686564223a22323031352d30352d3031222c227469746c65223a226d6179227d2c227265636f726465644174223a22323032362d31312d32395432303a32313a34382e3231363631342b30303a3030222c2273616c74223a223531396338303031323839353835366562616162343831353737623166643033227d', '{source:may,request:2a59d59e3809f827ce709d3815e3950e/request-1}');
INSERT INTO public.sijill_events_tt_main VALUES (3, 'SourceRegistered/1', '\x7b226163746f72223a22736f6d656f6e65222c22656e747279223a7b226964223a226a756e65222c227075626c6973686564223a22323031352d3036222c227469746c65223a226a756e65227d2c227265636f726465644174223a22323032362d31312d32395432303a32313a34382e3233303835372b30303a3030222c2273616c74223a223161333463613930396335326230323762626462646636333730326534636266227d', '{source:june,request:2a59d59e3809f827ce709d3815e3950e/request-2}');
INSERT INTO public.sijill_events_tt_main VALUES (4, 'SourceRegistered/1', '\x7b226163746f72223a22736f6d656f6e65222c22656e747279223a7b226964223a226a756c79222c227075626c6973686564223a22323031352d30372d3031222c227469746c65223a226a756c79227d2c227265636f726465644174223a22323032362d31312d32395432303a32313a34382e3234303632332b30303a3030222c2273616c74223a223064356563633034626562313864333038656462376133323964326535646137227d', '{source:july,request:2a59d59e3809f827ce709d3815e3950e/request-3}');
INSERT INTO public.sijill_events_tt_main VALUES (5, 'SourceRegistered/1', '\x7b226163746f72223a22736f6d656f6e65222c22656e747279223a7b226964223a226e65766572222c227075626c6973686564223a225b323031352d30312e2e5d222c227469746c65223a226e65766572227d2c227265636f726465644174223a22323032362d31312d32395432303a32313a34382e3234373632342b30303a3030222c2273616c74223a223165316435343834366637346331626434653266366636663465363735653462227d', '{source:never,request:2a59d59e3809f827ce709d3815e3950e/request-4}');
INSERT INTO public.sijill_events_tt_main VALUES (6, 'SourceRegistered/1', '\x7b226163746f72223a22736f6d656f6e65222c22656e747279223a7b226964223a22756e6461746564222c227469746c65223a22756e6461746564227d2c227265636f726465644174223a22323032362d31312d32395432303a32313a34382e3237323830322b30303a3030222c2273616c74223a223438343664623335363363393630653236376138353230643530326263373466227d', '{source:undated,request:2a59d59e3809f827ce709d3815e3950e/request-5}');
INSERT INTO public.sijill_events_tt_main VALUES (7, 'EntityRegistered/1', '\x7b226163746f72223a22736f6d656f6e65222c22656e747279223a7b226964223a22756e696f6e222c226b696e64223a22434f414c4954494f4e222c226e616d6573223a5b5b22656e222c22556e696f6e225d5d7d2c227265636f726465644174223a22323032362d31312d32395432303a32313a34382e3239333131352b30303a3030222c2273616c74223a223030326663383765663432636430333731396164353863323933633138346636227d', '{entity:union,request:2a59d59e3809f827ce709d3815e3950e/request-6}');
INSERT INTO public.sijill_events_tt_main VALUES (8, 'EntityRegistered/1', '\x7b226163746f72223a22736f6d656f6e65222c22656e747279223a7b226964223a226c6561677565222c226b696e64223a22434f414c4954494f4e222c226e616d6573223a5b5b22656e222c224c6561677565225d5d7d2c227265636f726465644174223a22323032362d31312d32395432303a32313a34382e3330373830322b30303a3030222c2273616c74223a223766306162333961356565316263653865626639653365386237323963303665227d', '{entity:league,request:2a59d59e3809f827ce709d3815e3950e/request-7}');
INSERT INTO public.sijill_events_tt_main VALUES (9, 'EntityRegistered/1', '\x7b226163746f72223a22736f6d656f6e65222c22656e747279223a7b226964223a227379726961222c226b696e64223a22434f554e545259222c226e616d6573223a5b5b22656e222c225379726961225d5d7d2c227265636f726465644174223a22323032362d31312d32395432303a32313a34382e3332343439352b30303a3030222c2273616c74223a223337663761303338306664663938353138376363303435653561636561626364227d', '{entity:syria,request:2a59d59e3809f827ce709d3815e3950e/request-8}');
INSERT INTO public.sijill_events_tt_main VALUES (10, 'EntityRegistered/1', '\x7b226163746f72223a22736f6d656f6e65222c22656e747279223a7b226964223a2269726171222c226b696e64223a22434f554e545259222c226e616d6573223a5b5b22656e222c2249726171225d5d7d2c227265636f726465644174223a22323032362d31312d32395432303a32313a34382e3334303833382b30303a3030222c2273616c74223a226134376262623064363838623966323964323335386132346563666138653566227d', '{entity:iraq,request:2a59d59e3809f827ce709d3815e3950e/request-9}');
INSERT INTO public.sijill_events_tt_main VALUES (11, 'MemberJoined/1', '\x7b226163746f72223a22736f6d656f6e65222c22656e747279223a7b226369746174696f6e73223a5b7b22736f75726365223a226d6179227d5d2c22636f616c6974696f6e223a22756e696f6e222c226964223a226669727374222c226d656d626572223a227379726961222c227768656e223a22323031342d3039227d2c227265636f726465644174223a22323032362d31312d32395432303a32313a34382e3336353336332b30303a3030222c2273616c74223a223931663663306234353636303335653935636337373031643233326637623033227d', '{fact:first,cites:may,about:union,about:syria,fluent:membership/union/syria,request:2a59d59e3809f827ce709d3815e3950e/request-10}');
INSERT INTO public.sijill_events_tt_main VALUES (12, 'MemberJoined/1', '\x7b226163746f72223a22736f6d656f6e65222c22656e747279223a7b226369746174696f6e73223a5b7b22736f75726365223a226a756e65227d5d2c22636f616c6974696f6e223a22756e696f6e222c226964223a227365636f6e64222c226d656d626572223a227379726961222c227768656e223a22323031342d30392d3130227d2c227265636f726465644174223a22323032362d31312d32395432303a32313a34382e3338383730342b30303a3030222c2273616c74223a223363643662306335333863326332623465336439363463666436616533623465227d', '{fact:second,cites:june,about:union,about:syria,fluent:membership/union/syria,request:2a59d59e3809f827ce709d3815e3950e/request-11}');
INSERT INTO public.sijill_events_tt_main VALUES (13, 'MemberLeft/1', '\x7b226163746f72223a22736f6d656f6e65222c22656e747279223a7b226369746174696f6e73223a5b7b22736f75726365223a226a756c79227d5d2c22636f616c6974696f6e223a22756e696f6e222c226964223a227468697264222c226d656d626572223a227379726961222c227768656e223a2232303136227d2c227265636f726465644174223a22323032362d31312d32395432303a32313a34382e3431313936312b30303a3030222c2273616c74223a223539376631303961613032343936616563666361633537316533336532303563227d', '{fact:third,cites:july,about:union,about:syria,fluent:membership/union/syria,request:2a59d59e3809f827ce709d3815e3950e/request-12}');
INSERT INTO public.sijill_events_tt_main VALUES (14, 'FactCorrected/1', '\x7b226163746f72223a22736f6d656f6e65222c22656e747279223a7b226368616e676573223a7b227768656e223a2232303137227d2c2266616374223a227468697264222c226964223a22666f75727468222c22726561736f6e223a226120726561736f6e227d2c227265636f726465644174223a22323032362d31312d32395432303a32313a34382e3432383734312b30303a3030222c2273616c74223a223432666234366236623235396630383866363030346666333731626564653738227d', '{fact:fourth,fact:third,request:2a59d59e3809f827ce709d3815e3950e/request-13}');


--
-- Data for Name: sijill_events_tt_tag; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.sijill_events_tt_tag VALUES ('request:2a59d59e3809f827ce709d3815e3950e/request-0', 1);
INSERT INTO public.sijill_events_tt_tag VALUES ('source:march', 1);
INSERT INTO public.sijill_events_tt_tag VALUES ('request:2a59d59e3809f827ce709d3815e3950e/request-1', 2);
INSERT INTO public.sijill_events_tt_tag VALUES ('source:may', 2);
INSERT INTO public.sijill_events_tt_tag VALUES ('request:2a59d59e3809f827ce709d3815e3950e/request-2', 3);
INSERT INTO public.sijill_events_tt_tag VALUES ('source:june', 3);
INSERT INTO public.sijill_events_tt_tag VALUES ('request:2a59d59e3809f827ce709d3815e3950e/request-3', 4);
INSERT INTO public.sijill_events_tt_tag VALUES ('source:july', 4);
INSERT INTO public.sijill_events_tt_tag VALUES ('request:2a59d59e3809f827ce709d3815e3950e/request-4', 5);
INSERT INTO public.sijill_events_tt_tag VALUES ('source:never', 5);
INSERT INTO public.sijill_events_tt_tag VALUES ('request:2a59d59e3809f827ce709d3815e3950e/request-5', 6);
INSERT INTO public.sijill_events_tt_tag VALUES ('source:undated', 6);
INSERT INTO public.sijill_events_tt_tag VALUES ('entity:union', 7);
INSERT INTO public.sijill_events_tt_tag VALUES ('request:2a59d59e3809f827ce709d3815e3950e/request-6', 7);
INSERT INTO public.sijill_events_tt_tag VALUES ('entity:league', 8);
INSERT INTO public.sijill_events_tt_tag VALUES ('request:2a59d59e3809f827ce709d3815e3950e/request-7', 8);
INSERT INTO public.sijill_events_tt_tag VALUES ('entity:syria', 9);
INSERT INTO public.sijill_events_tt_tag VALUES ('request:2a59d59e3809f827ce709d3815e3950e/request-8', 9);
INSERT INTO public.sijill_events_tt_tag VALUES ('entity:iraq', 10);
INSERT INTO public.sijill_events_tt_tag VALUES ('request:2a59d59e3809f827ce709d3815e3950e/request-9', 10);
INSERT INTO public.sijill_events_tt_tag VALUES ('about:syria', 11);
INSERT INTO public.sijill_events_tt_tag VALUES ('about:union', 11);
INSERT INTO public.sijill_events_tt_tag VALUES ('cites:may', 11);
INSERT INTO public.sijill_events_tt_tag VALUES ('fact:first', 11);
INSERT INTO public.sijill_events_tt_tag VALUES ('fluent:membership/union/syria', 11);
INSERT INTO public.sijill_events_tt_tag VALUES ('request:2a59d59e3809f827ce709d3815e3950e/request-10', 11);
INSERT INTO public.sijill_events_tt_tag VALUES ('about:syria', 12);
INSERT INTO public.sijill_events_tt_tag VALUES ('about:union', 12);
INSERT INTO public.sijill_events_tt_tag VALUES ('cites:june', 12);
INSERT INTO public.sijill_events_tt_tag VALUES ('fact:second', 12);
INSERT INTO public.sijill_events_tt_tag VALUES ('fluent:membership/union/syria', 12);
INSERT INTO public.sijill_events_tt_tag VALUES ('request:2a59d59e3809f827ce709d3815e3950e/request-11', 12);
INSERT INTO public.sijill_events_tt_tag VALUES ('about:syria', 13);
INSERT INTO public.sijill_events_tt_tag VALUES ('about:union', 13);
INSERT INTO public.sijill_events_tt_tag VALUES ('cites:july', 13);
INSERT INTO public.sijill_events_tt_tag VALUES ('fact:third', 13);
INSERT INTO public.sijill_events_tt_tag VALUES ('fluent:membership/union/syria', 13);
INSERT INTO public.sijill_events_tt_tag VALUES ('request:2a59d59e3809f827ce709d3815e3950e/request-12', 13);
INSERT INTO public.sijill_events_tt_tag VALUES ('fact:fourth', 14);
INSERT INTO public.sijill_events_tt_tag VALUES ('fact:third', 14);
INSERT INTO public.sijill_events_tt_tag VALUES ('request:2a59d59e3809f827ce709d3815e3950e/request-13', 14);


--
-- Data for Name: tree_head; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.tree_head VALUES (true, 14, 14, '{"\\xe0accc51809a57538bf955d9ca7b20e717d32c0470f5f28a24d31dfdf57db319","\\x27b9e087b26d68c95acb4c987d0791b620f800b8fc16fb79ee05f76fd79f2a91","\\x59440d3065a8d42b71803c53338f7b954e7428f01e6a3a1514068dc0771489fc"}');


--
-- Name: captures_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.captures_id_seq', 1, false);


--
-- Name: sijill_events_tt_main_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.sijill_events_tt_main_id_seq', 14, true);


--
-- Name: events events_pkey; Type: CONSTRAINT; Schema: projections; Owner: -
--

ALTER TABLE ONLY projections.events
    ADD CONSTRAINT events_pkey PRIMARY KEY ("position");


--
-- Name: progress progress_pkey; Type: CONSTRAINT; Schema: projections; Owner: -
--

ALTER TABLE ONLY projections.progress
    ADD CONSTRAINT progress_pkey PRIMARY KEY (is_only);


--
-- Name: captures captures_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.captures
    ADD CONSTRAINT captures_pkey PRIMARY KEY (id);


--
-- Name: checkpoints checkpoints_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.checkpoints
    ADD CONSTRAINT checkpoints_pkey PRIMARY KEY (size);


--
-- Name: documents documents_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT documents_pkey PRIMARY KEY (sha256);


--
-- Name: keys keys_digest_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.keys
    ADD CONSTRAINT keys_digest_key UNIQUE (digest);


--
-- Name: keys keys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.keys
    ADD CONSTRAINT keys_pkey PRIMARY KEY (id);


--
-- Name: leaves leaves_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.leaves
    ADD CONSTRAINT leaves_pkey PRIMARY KEY (idx);


--
-- Name: leaves leaves_position_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.leaves
    ADD CONSTRAINT leaves_position_key UNIQUE ("position");


--
-- Name: replay replay_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.replay
    ADD CONSTRAINT replay_pkey PRIMARY KEY (is_only);


--
-- Name: requests requests_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.requests
    ADD CONSTRAINT requests_pkey PRIMARY KEY (id);


--
-- Name: schema_migrations schema_migrations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (name);


--
-- Name: tree_head tree_head_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tree_head
    ADD CONSTRAINT tree_head_pkey PRIMARY KEY (is_only);


--
-- Name: entities_id; Type: INDEX; Schema: projections; Owner: -
--

CREATE INDEX entities_id ON projections.entities USING btree (id, upper(recorded));


--
-- Name: entities_kind; Type: INDEX; Schema: projections; Owner: -
--

CREATE INDEX entities_kind ON projections.entities USING btree (kind) WHERE (canonical = id);


--
-- Name: entities_lookalikes; Type: INDEX; Schema: projections; Owner: -
--

CREATE INDEX entities_lookalikes ON projections.entities USING gin (lookalikes) WHERE (upper_inf(known) AND upper_inf(recorded));


--
-- Name: entities_now; Type: INDEX; Schema: projections; Owner: -
--

CREATE INDEX entities_now ON projections.entities USING btree (id) WHERE (upper_inf(known) AND upper_inf(recorded));


--
-- Name: entities_words; Type: INDEX; Schema: projections; Owner: -
--

CREATE INDEX entities_words ON projections.entities USING gin (projections.entity_words(id, names, aliases, identifiers) public.gin_trgm_ops);


--
-- Name: events_id; Type: INDEX; Schema: projections; Owner: -
--

CREATE INDEX events_id ON projections.events USING btree (id);


--
-- Name: events_recorded_at; Type: INDEX; Schema: projections; Owner: -
--

CREATE INDEX events_recorded_at ON projections.events USING btree (recorded_at, "position");


--
-- Name: intervals_existence; Type: INDEX; Schema: projections; Owner: -
--

CREATE INDEX intervals_existence ON projections.intervals USING btree (scope) WHERE (fluent = 'existence'::text);


--
-- Name: intervals_scope; Type: INDEX; Schema: projections; Owner: -
--

CREATE INDEX intervals_scope ON projections.intervals USING gist (projections.rectangle(scope, known, recorded)) WITH (buffering='on');


--
-- Name: intervals_scope_open; Type: INDEX; Schema: projections; Owner: -
--

CREATE INDEX intervals_scope_open ON projections.intervals USING btree (scope, subject) WHERE (upper_inf(known) AND upper_inf(recorded));


--
-- Name: intervals_standing; Type: INDEX; Schema: projections; Owner: -
--

CREATE INDEX intervals_standing ON projections.intervals USING btree (scope, subject, known) WHERE upper_inf(recorded);


--
-- Name: intervals_subject; Type: INDEX; Schema: projections; Owner: -
--

CREATE INDEX intervals_subject ON projections.intervals USING gist (projections.rectangle(subject, known, recorded)) WITH (buffering='on');


--
-- Name: intervals_subject_open; Type: INDEX; Schema: projections; Owner: -
--

CREATE INDEX intervals_subject_open ON projections.intervals USING btree (subject, scope) WHERE (upper_inf(known) AND upper_inf(recorded));


--
-- Name: sources_ended; Type: INDEX; Schema: projections; Owner: -
--

CREATE INDEX sources_ended ON projections.sources USING btree (upper(recorded)) WHERE (NOT upper_inf(recorded));


--
-- Name: sources_id; Type: INDEX; Schema: projections; Owner: -
--

CREATE INDEX sources_id ON projections.sources USING btree (id, upper(recorded));


--
-- Name: sources_listed; Type: INDEX; Schema: projections; Owner: -
--

CREATE INDEX sources_listed ON projections.sources USING btree (id COLLATE "C");


--
-- Name: sources_now; Type: INDEX; Schema: projections; Owner: -
--

CREATE INDEX sources_now ON projections.sources USING btree (id) WHERE (upper_inf(known) AND upper_inf(recorded));


--
-- Name: sources_words; Type: INDEX; Schema: projections; Owner: -
--

CREATE INDEX sources_words ON projections.sources USING gin (projections.source_words(source) public.gin_trgm_ops);


--
-- Name: versions_fact; Type: INDEX; Schema: projections; Owner: -
--

CREATE INDEX versions_fact ON projections.versions USING btree (fact, upper(recorded));


--
-- Name: versions_reported; Type: INDEX; Schema: projections; Owner: -
--

CREATE INDEX versions_reported ON projections.versions USING gin (subjects) WHERE (type = 'MemberCountReported'::text);


--
-- Name: versions_sources; Type: INDEX; Schema: projections; Owner: -
--

CREATE INDEX versions_sources ON projections.versions USING gin (sources);


--
-- Name: versions_subjects; Type: INDEX; Schema: projections; Owner: -
--

CREATE INDEX versions_subjects ON projections.versions USING gin (subjects);


--
-- Name: versions_type; Type: INDEX; Schema: projections; Owner: -
--

CREATE INDEX versions_type ON projections.versions USING btree (type, earliest, latest, fact COLLATE "C");


--
-- Name: versions_words; Type: INDEX; Schema: projections; Owner: -
--

CREATE INDEX versions_words ON projections.versions USING gin (to_tsvector('simple'::regconfig, projections.fact_words(version))) WHERE ((version)::text ~~ ANY (ARRAY['%"gist":%'::text, '%"venue":%'::text, '%"measure":%'::text, '%"quote":%'::text, '%"attributedTo":%'::text]));


--
-- Name: captures_of_document; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX captures_of_document ON public.captures USING btree (sha256, id);


--
-- Name: sijill_events_tt_main_idx_id_type; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX sijill_events_tt_main_idx_id_type ON public.sijill_events_tt_main USING btree (id) INCLUDE (type);


--
-- Name: sijill_events_tt_tag_idx_tag_main_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX sijill_events_tt_tag_idx_tag_main_id ON public.sijill_events_tt_tag USING btree (tag, main_id);


--
-- Name: progress tell_progress; Type: TRIGGER; Schema: projections; Owner: -
--

CREATE TRIGGER tell_progress AFTER UPDATE OF "position" ON projections.progress FOR EACH ROW EXECUTE FUNCTION projections.tell_progress();


--
-- Name: captures only_grows; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON public.captures FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.captures ENABLE ALWAYS TRIGGER only_grows;


--
-- Name: checkpoints only_grows; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON public.checkpoints FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.checkpoints ENABLE ALWAYS TRIGGER only_grows;


--
-- Name: documents only_grows; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON public.documents FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.documents ENABLE ALWAYS TRIGGER only_grows;


--
-- Name: leaves only_grows; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON public.leaves FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.leaves ENABLE ALWAYS TRIGGER only_grows;


--
-- Name: requests only_grows; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON public.requests FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.requests ENABLE ALWAYS TRIGGER only_grows;


--
-- Name: sijill_events_tt_main only_grows; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON public.sijill_events_tt_main FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.sijill_events_tt_main ENABLE ALWAYS TRIGGER only_grows;


--
-- Name: sijill_events_tt_tag only_grows; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON public.sijill_events_tt_tag FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.sijill_events_tt_tag ENABLE ALWAYS TRIGGER only_grows;


--
-- Name: tree_head only_grows; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER only_grows BEFORE UPDATE ON public.tree_head FOR EACH ROW WHEN (((new.size <= old.size) OR (new."position" <= old."position"))) EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.tree_head ENABLE ALWAYS TRIGGER only_grows;


--
-- Name: tree_head stays; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON public.tree_head FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.tree_head ENABLE ALWAYS TRIGGER stays;


--
-- Name: captures captures_sha256_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.captures
    ADD CONSTRAINT captures_sha256_fkey FOREIGN KEY (sha256) REFERENCES public.documents(sha256);


--
-- Name: sijill_events_tt_tag sijill_events_tt_tag_main_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sijill_events_tt_tag
    ADD CONSTRAINT sijill_events_tt_tag_main_id_fkey FOREIGN KEY (main_id) REFERENCES public.sijill_events_tt_main(id) NOT ENFORCED;


--
-- Name: SCHEMA projections; Type: ACL; Schema: -; Owner: -
--

GRANT USAGE ON SCHEMA projections TO sijill_writer;
GRANT USAGE ON SCHEMA projections TO sijill_follower;
GRANT USAGE ON SCHEMA projections TO sijill_reader;


--
-- Name: SCHEMA public; Type: ACL; Schema: -; Owner: -
--

GRANT USAGE ON SCHEMA public TO sijill_writer;
GRANT USAGE ON SCHEMA public TO sijill_follower;
GRANT USAGE ON SCHEMA public TO sijill_reader;


--
-- Name: FUNCTION append_commands(conditions text[], afters bigint[], counts integer[], types text[], datas bytea[], tags text[], request_ids text[], digests bytea[], recorded integer[], unchanged integer[]); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.append_commands(conditions text[], afters bigint[], counts integer[], types text[], datas bytea[], tags text[], request_ids text[], digests bytea[], recorded integer[], unchanged integer[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.append_commands(conditions text[], afters bigint[], counts integer[], types text[], datas bytea[], tags text[], request_ids text[], digests bytea[], recorded integer[], unchanged integer[]) TO sijill_writer;


--
-- Name: FUNCTION grow_tree(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.grow_tree() FROM PUBLIC;
GRANT ALL ON FUNCTION public.grow_tree() TO sijill_writer;


--
-- Name: TABLE entities; Type: ACL; Schema: projections; Owner: -
--

GRANT SELECT ON TABLE projections.entities TO sijill_writer;
GRANT SELECT,INSERT,UPDATE ON TABLE projections.entities TO sijill_follower;
GRANT SELECT ON TABLE projections.entities TO sijill_reader;


--
-- Name: TABLE events; Type: ACL; Schema: projections; Owner: -
--

GRANT SELECT ON TABLE projections.events TO sijill_writer;
GRANT SELECT,INSERT,UPDATE ON TABLE projections.events TO sijill_follower;
GRANT SELECT ON TABLE projections.events TO sijill_reader;


--
-- Name: TABLE intervals; Type: ACL; Schema: projections; Owner: -
--

GRANT SELECT ON TABLE projections.intervals TO sijill_writer;
GRANT SELECT,INSERT,UPDATE ON TABLE projections.intervals TO sijill_follower;
GRANT SELECT ON TABLE projections.intervals TO sijill_reader;


--
-- Name: TABLE progress; Type: ACL; Schema: projections; Owner: -
--

GRANT SELECT ON TABLE projections.progress TO sijill_writer;
GRANT SELECT,INSERT,UPDATE ON TABLE projections.progress TO sijill_follower;
GRANT SELECT ON TABLE projections.progress TO sijill_reader;


--
-- Name: TABLE sources; Type: ACL; Schema: projections; Owner: -
--

GRANT SELECT ON TABLE projections.sources TO sijill_writer;
GRANT SELECT,INSERT,UPDATE ON TABLE projections.sources TO sijill_follower;
GRANT SELECT ON TABLE projections.sources TO sijill_reader;


--
-- Name: TABLE versions; Type: ACL; Schema: projections; Owner: -
--

GRANT SELECT ON TABLE projections.versions TO sijill_writer;
GRANT SELECT,INSERT,UPDATE ON TABLE projections.versions TO sijill_follower;
GRANT SELECT ON TABLE projections.versions TO sijill_reader;


--
-- Name: TABLE captures; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.captures TO sijill_follower;
GRANT SELECT ON TABLE public.captures TO sijill_reader;
GRANT SELECT,INSERT ON TABLE public.captures TO sijill_writer;


--
-- Name: TABLE checkpoints; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.checkpoints TO sijill_writer;
GRANT SELECT ON TABLE public.checkpoints TO sijill_follower;
GRANT SELECT ON TABLE public.checkpoints TO sijill_reader;


--
-- Name: COLUMN checkpoints.size; Type: ACL; Schema: public; Owner: -
--

GRANT INSERT(size) ON TABLE public.checkpoints TO sijill_writer;


--
-- Name: COLUMN checkpoints.note; Type: ACL; Schema: public; Owner: -
--

GRANT INSERT(note) ON TABLE public.checkpoints TO sijill_writer;


--
-- Name: TABLE documents; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.documents TO sijill_writer;


--
-- Name: COLUMN documents.sha256; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT(sha256) ON TABLE public.documents TO sijill_follower;
GRANT SELECT(sha256) ON TABLE public.documents TO sijill_reader;


--
-- Name: COLUMN documents.media_type; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT(media_type) ON TABLE public.documents TO sijill_follower;
GRANT SELECT(media_type) ON TABLE public.documents TO sijill_reader;


--
-- Name: TABLE keys; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.keys TO sijill_reader;


--
-- Name: TABLE leaves; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.leaves TO sijill_writer;
GRANT SELECT ON TABLE public.leaves TO sijill_follower;
GRANT SELECT ON TABLE public.leaves TO sijill_reader;


--
-- Name: TABLE replay; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.replay TO sijill_writer;
GRANT SELECT ON TABLE public.replay TO sijill_follower;
GRANT SELECT ON TABLE public.replay TO sijill_reader;


--
-- Name: TABLE requests; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.requests TO sijill_writer;
GRANT SELECT ON TABLE public.requests TO sijill_follower;
GRANT SELECT ON TABLE public.requests TO sijill_reader;


--
-- Name: TABLE schema_migrations; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.schema_migrations TO PUBLIC;
GRANT SELECT ON TABLE public.schema_migrations TO sijill_follower;
GRANT SELECT ON TABLE public.schema_migrations TO sijill_reader;


--
-- Name: TABLE shown_documents; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.shown_documents TO sijill_follower;
GRANT SELECT ON TABLE public.shown_documents TO sijill_reader;


--
-- Name: TABLE sijill_events_tt_main; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,MAINTAIN ON TABLE public.sijill_events_tt_main TO sijill_writer;
GRANT SELECT ON TABLE public.sijill_events_tt_main TO sijill_follower;
GRANT SELECT ON TABLE public.sijill_events_tt_main TO sijill_reader;


--
-- Name: COLUMN sijill_events_tt_main.type; Type: ACL; Schema: public; Owner: -
--

GRANT INSERT(type) ON TABLE public.sijill_events_tt_main TO sijill_writer;


--
-- Name: COLUMN sijill_events_tt_main.data; Type: ACL; Schema: public; Owner: -
--

GRANT INSERT(data) ON TABLE public.sijill_events_tt_main TO sijill_writer;


--
-- Name: COLUMN sijill_events_tt_main.tags; Type: ACL; Schema: public; Owner: -
--

GRANT INSERT(tags) ON TABLE public.sijill_events_tt_main TO sijill_writer;


--
-- Name: SEQUENCE sijill_events_tt_main_id_seq; Type: ACL; Schema: public; Owner: -
--

GRANT USAGE ON SEQUENCE public.sijill_events_tt_main_id_seq TO sijill_writer;


--
-- Name: TABLE sijill_events_tt_tag; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.sijill_events_tt_tag TO sijill_writer;
GRANT SELECT ON TABLE public.sijill_events_tt_tag TO sijill_follower;
GRANT SELECT ON TABLE public.sijill_events_tt_tag TO sijill_reader;


--
-- Name: TABLE tree_head; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.tree_head TO sijill_writer;
GRANT SELECT ON TABLE public.tree_head TO sijill_follower;
GRANT SELECT ON TABLE public.tree_head TO sijill_reader;


--
-- PostgreSQL database dump complete
--


