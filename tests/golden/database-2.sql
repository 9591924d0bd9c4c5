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
-- Name: identifier_key(text, text); Type: FUNCTION; Schema: projections; Owner: -
--

CREATE FUNCTION projections.identifier_key(scheme text, identifier text) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN hashtext(((('identifier '::text || scheme) || ' '::text) || identifier));


--
-- Name: sounded(text); Type: FUNCTION; Schema: projections; Owner: -
--

CREATE FUNCTION projections.sounded(folded text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (SELECT string_agg(sounds.sound, ' '::text ORDER BY (sounds.sound COLLATE "C")) AS string_agg FROM (SELECT COALESCE(NULLIF(regexp_replace(translate(word.word, (('qcpvj'::text || 'پبتثجچخدذرزژسشصضطظغفڤقكگلمن'::text) || 'aeiouywhاحعهوي'::text), ('kkbfg'::text || 'bbttgskddrzzsssdtdgffkkglmn'::text)), '(.)\1+'::text, '\1'::text, 'g'::text), ''::text), word.word) AS sound FROM regexp_split_to_table(regexp_replace(replace(replace(replace(regexp_replace(sounded.folded, '\m(?:the|of|and|و) '::text, ''::text, 'g'::text), 'ph'::text, 'f'::text), 'x'::text, 'ks'::text), 'qu'::text, 'k'::text), 'c(?=[eiy])|t?s?ch|t?sh|تش'::text, 's'::text, 'g'::text), ' '::text) word(word)) sounds);


--
-- Name: name_keys(text); Type: FUNCTION; Schema: projections; Owner: -
--

CREATE FUNCTION projections.name_keys(name text) RETURNS integer[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (WITH given AS MATERIALIZED (SELECT projections.folded(name_keys.name) AS letters) SELECT array_agg(DISTINCT hashtext(keys.key)) AS array_agg FROM (SELECT ('sound '::text || projections.sounded(regexp_replace(given.letters, '\m(?:[ae]l|a[dnrstz]|ash) (?=\w)'::text, 'l'::text, 'g'::text))) AS key FROM given UNION ALL SELECT ('sound '::text || projections.sounded(regexp_replace(given.letters, '\m(?:ال(?=\w\w)|(?:[ae]l|a[dnrstz]|ash) (?=\w))'::text, ''::text, 'g'::text))) FROM given WHERE (given.letters ~ '\m(?:ال\w\w|(?:[ae]l|a[dnrstz]|ash) \w)'::text) UNION ALL SELECT (('letters '::text || "left"(given.letters, (place.place - 1))) || substr(given.letters, (place.place + 1))) FROM given, LATERAL generate_series(1, (length(given.letters) + 1)) place(place) WHERE ((length(given.letters) >= 3) AND (length(given.letters) <= 12))) keys);


--
-- Name: entity_keys(json, json, json, text, text); Type: FUNCTION; Schema: projections; Owner: -
--

CREATE FUNCTION projections.entity_keys(names json, aliases json, identifiers json, iso3166 text, wikidata text) RETURNS integer[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (SELECT array_agg(DISTINCT keys.key) AS array_agg FROM (SELECT unnest(projections.name_keys(json_each_text.value)) AS key FROM json_each_text(entity_keys.names) json_each_text(key, value) UNION ALL SELECT unnest(projections.name_keys(alias.value)) AS unnest FROM json_each(entity_keys.aliases) by_language(language, named), LATERAL json_array_elements_text(by_language.named) alias(value) UNION ALL SELECT projections.identifier_key(json_each_text.key, json_each_text.value) AS identifier_key FROM json_each_text(entity_keys.identifiers) json_each_text(key, value) UNION ALL SELECT projections.identifier_key('iso3166'::text, entity_keys.iso3166) AS identifier_key WHERE (entity_keys.iso3166 IS NOT NULL) UNION ALL SELECT projections.identifier_key('wikidata'::text, entity_keys.wikidata) AS identifier_key WHERE (entity_keys.wikidata IS NOT NULL)) keys);


--
-- Name: entity_sounds(json, json); Type: FUNCTION; Schema: projections; Owner: -
--

CREATE FUNCTION projections.entity_sounds(names json, aliases json) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (SELECT string_agg(projections.sounded(said.letters), '
'::text) AS string_agg FROM (SELECT projections.folded(json_each_text.value) AS letters FROM json_each_text(entity_sounds.names) json_each_text(key, value) UNION ALL SELECT projections.folded(alias.value) AS folded FROM json_each(entity_sounds.aliases) by_language(language, named), LATERAL json_array_elements_text(by_language.named) alias(value)) said WHERE (length(said.letters) >= 10));


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
    CONSTRAINT documents_media_type_check CHECK ((media_type = ANY (ARRAY['text/plain'::text, 'text/html'::text, 'application/pdf'::text, 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'::text, 'application/vnd.oasis.opendocument.spreadsheet'::text])))
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

INSERT INTO projections.events VALUES (1, '2026-11-30 06:56:06.978463+00', 'SourceRegistered', 'march', 'someone');
INSERT INTO projections.events VALUES (2, '2026-11-30 06:56:07.139999+00', 'SourceRegistered', 'may', 'someone');
INSERT INTO projections.events VALUES (3, '2026-11-30 06:56:07.200363+00', 'SourceRegistered', 'june', 'someone');
INSERT INTO projections.events VALUES (4, '2026-11-30 06:56:07.224649+00', 'SourceRegistered', 'july', 'someone');
INSERT INTO projections.events VALUES (5, '2026-11-30 06:56:07.230726+00', 'SourceRegistered', 'never', 'someone');
INSERT INTO projections.events VALUES (6, '2026-11-30 06:56:07.339311+00', 'SourceRegistered', 'undated', 'someone');
INSERT INTO projections.events VALUES (7, '2026-11-30 06:56:07.356056+00', 'EntityRegistered', 'union', 'someone');
INSERT INTO projections.events VALUES (8, '2026-11-30 06:56:07.37898+00', 'EntityRegistered', 'league', 'someone');
INSERT INTO projections.events VALUES (9, '2026-11-30 06:56:07.390671+00', 'EntityRegistered', 'syria', 'someone');
INSERT INTO projections.events VALUES (10, '2026-11-30 06:56:07.403802+00', 'EntityRegistered', 'iraq', 'someone');
INSERT INTO projections.events VALUES (11, '2026-11-30 06:56:07.529333+00', 'MemberJoined', 'first', 'someone');
INSERT INTO projections.events VALUES (12, '2026-11-30 06:56:07.540045+00', 'MemberJoined', 'second', 'someone');
INSERT INTO projections.events VALUES (13, '2026-11-30 06:56:07.563809+00', 'MemberLeft', 'third', 'someone');
INSERT INTO projections.events VALUES (14, '2026-11-30 06:56:07.591772+00', 'FactCorrected', 'fourth', 'someone');


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

INSERT INTO projections.progress VALUES (true, 14, '2026-11-30 06:56:07.591772+00', NULL, NULL, '2026-11-30 06:56:07.820845+00');


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

INSERT INTO public.checkpoints VALUES (14, 'sijill.local/5f1f7885
14
n1s/Km0kI7aBp9DKOZA/CQ1VqLXhd2xDzviGAbsyNAo=

— sijill.local/5f1f7885 tZPJ+4g+AzD/Aq7rZUfxwdF70Wu5IkD1ckJqk7+pCd+lutWANMgdUcjwV+eUnr3Zdo4vXvJ1IXhOtc7NTLtMDVtMgwE=
', '2026-11-30 06:56:07.627497+00');


--
-- Data for Name: documents; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: keys; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: leaves; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.leaves VALUES (0, 1, '\x5cb2b7550ad996d18805ad4f519c22b96d4561cdcbcce93230b65a5bd92d9288', '\x');
INSERT INTO public.leaves VALUES (1, 2, '\x8173843c4d214d038ca4fbe61e8f22fb99df43738fb02b00bf82d5303fc5c15d', '\x725056536c10c5052b21576f34ac2bd682c5f89f89e75df0dd72309340149643');
INSERT INTO public.leaves VALUES (2, 3, '\xdcbc2d61d73e6fab5b7b2656ee3656c717659195e2e02855dceecfd648527db5', '\x');
INSERT INTO public.leaves VALUES (3, 4, '\x8f571b3b047d451b3d63dd89574da2dd9de26e003bab0b81257b14e38ac99f43', '\xa230596531224cbdd3387c7cc8e295d4e3250bdbde45892c0feb1e08a124e38015e9ba543e79651b1daf1426a836449eb368501fd40e30290709e214ee34122a');
INSERT INTO public.leaves VALUES (4, 5, '\x3cba586bf6968a490e402c219c8e94ff5d2efed6ad0773b3b13663161cc42614', '\x');
INSERT INTO public.leaves VALUES (5, 6, '\x1a56e8e2a02eb1ef181d372ba8aeb05f894f01f13453d1db1b3acbf06ee7a653', '\xc4d2043f07cc5d6940e3edf7894a9a47842bbe4ec97abf30a3248f914edcd4ec');
INSERT INTO public.leaves VALUES (6, 7, '\x8f555aa202c937255cbfbc23e32b086d4569a23ed59e0e3f16814a57eae48015', '\x');
INSERT INTO public.leaves VALUES (7, 8, '\x68201737f5304e1c274d6ae4dea0b4363c12c51226103518ec824e0a8367a98e', '\x2a42a8ad826fcb7a973860f0bf3d958021d010a486b392d4ad7c451d46a6eceedfc41d8e9ed3e3d886cd5ef09c1f6c2352d8df813c202959764e41e29891de01b9db1145f77ca3abdc306cea49bb9aae75511b36e4ac7815705a32777ff30fd8');
INSERT INTO public.leaves VALUES (8, 9, '\xef4611d0131df0dc79145657fe86a74e051e6e2b885657c5063dbad672c0db45', '\x');
INSERT INTO public.leaves VALUES (9, 10, '\x105c4669ae100b9de2f1a13096065b77ef45d9f5238599710486abf7256c6f05', '\xf45caa85226b1380a4e5f35be4ebb3df2af296d88d57eb81d0b8e1b1c4232b2a');
INSERT INTO public.leaves VALUES (10, 11, '\xe88525f089037085393ada9985ffd293f011f3d5258e6c4070be746457c357de', '\x');
INSERT INTO public.leaves VALUES (11, 12, '\x34e8e5b66580bfb6bdaad69db212551d18da6defbb56c4a9bd76f53bd1a18286', '\xfd963c4f4954380b91d2cdb980ec15078a994c1057e7930e8cc5fc2149c75a7cff19b5bf7d936d9663f2b3c77eb684f00c10bb78709557a57bdaab0e25f700f9');
INSERT INTO public.leaves VALUES (12, 13, '\x5c9a5f807f5fa1bd0996b6dd93f7e6c82daae9c80b0679f87470d102b1252ff9', '\x');
INSERT INTO public.leaves VALUES (13, 14, '\xdd52266b797647d46579f4040d82bea10581d05c07a745748529a22f95eb99f0', '\x3ded225ce926df87deb23d98687a5dd47173c308b70e1392341d36d74df9d507');


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

INSERT INTO public.schema_migrations VALUES ('store/0001_record', '2026-11-30 06:56:05.74735+00');
INSERT INTO public.schema_migrations VALUES ('store/0002_workbooks', '2026-11-30 06:56:05.74735+00');
INSERT INTO public.schema_migrations VALUES ('projections/0001_answers', '2026-11-30 06:56:05.74735+00');
INSERT INTO public.schema_migrations VALUES ('projections/0002_name_keys', '2026-11-30 06:56:05.74735+00');


--
-- Data for Name: sijill_events_tt_main; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.sijill_events_tt_main VALUES (1, 'SourceRegistered/1', '\x7b226163746f72223a22736f6d656f6e65222c22656e747279223a7b226964223a226d61726368222c227075626c6973686564223a22323031352d30332d3031222c227469746c65223a226d61726368227d2c227265636f726465644174223a22323032362d31312d33305430363a35363a30362e3937383436332b30303a3030222c2273616c74223a223436396465306266353034366537353939623433386638333031356264653665227d', '{source:march,request:2a59d59e3809f827ce709d3815e3950e/request-0}');
INSERT INTO public.sijill_events_tt_main VALUES (2, 'SourceRegistered/1', '\x7b226163746f72223a22736f6d656f6e65222c22656e747279223a7b226964223a226d6179222c227075626c6973686564223a22323031352d30352d3031222c227469746c65223a226d6179227d2c227265636f726465644174223a22323032362d31312d33305430363a35363a30372e3133393939392b30303a3030222c2273616c74223a223132623961613865303930643438346363396261393361326534366131316165227d', '{source:may,request:2a59d59e3809f827ce709d3815e3950e/request-1}');
INSERT INTO public.sijill_events_tt_main VALUES (3, 'SourceRegistered/1', '\x7b226163746f72223a22736f6d656f6e65222c22656e747279223a7b226964223a226a756e65222c227075626c6973686564223a22323031352d3036222c227469746c65223a226a756e65227d2c227265636f726465644174223a22323032362d31312d33305430363a35363a30372e3230303336332b30303a3030222c2273616c74223a223839373836663036363231663136333837643861333238623939313231626134227d', '{source:june,request:2a59d59e3809f827ce709d3815e3950e/request-2}');
INSERT INTO public.sijill_events_tt_main VALUES (4, 'SourceRegistered/1', '\x7b226163746f72223a22736f6d656f6e65222c22656e747279223a7b226964223a226a756c79222c227075626c6973686564223a22323031352d30372d3031222c227469746c65223a226a756c79227d2c227265636f726465644174223a22323032362d31312d33305430363a35363a30372e3232343634392b30303a3030222c2273616c74223a226264373565313466656236356461323838313436666465373338333738323265227d', '{source:july,request:2a59d59e3809f827ce709d3815e3950e/request-3}');
INSERT INTO public.sijill_events_tt_main VALUES (5, 'SourceRegistered/1', '\x7b226163746f72223a22736f6d656f6e65222c22656e747279223a7b226964223a226e65766572222c227075626c6973686564223a225b323031352d30312e2e5d222c227469746c65223a226e65766572227d2c227265636f726465644174223a22323032362d31312d33305430363a35363a30372e3233303732362b30303a3030222c2273616c74223a223433393330616665636539303265363137383461616534376566363562356566227d', '{source:never,request:2a59d59e3809f827ce709d3815e3950e/request-4}');
INSERT INTO public.sijill_events_tt_main VALUES (6, 'SourceRegistered/1', '\x7b226163746f72223a22736f6d656f6e65222c22656e747279223a7b226964223a22756e6461746564222c227469746c65223a22756e6461746564227d2c227265636f726465644174223a22323032362d31312d33305430363a35363a30372e3333393331312b30303a3030222c2273616c74223a223862373962616438643833626461396663356537313465666633313763646663227d', '{source:undated,request:2a59d59e3809f827ce709d3815e3950e/request-5}');
INSERT INTO public.sijill_events_tt_main VALUES (7, 'EntityRegistered/1', '\x7b226163746f72223a22736f6d656f6e65222c22656e747279223a7b226964223a22756e696f6e222c226b696e64223a22434f414c4954494f4e222c226e616d6573223a5b5b22656e222c22556e696f6e225d5d7d2c227265636f726465644174223a22323032362d31312d33305430363a35363a30372e3335363035362b30303a3030222c2273616c74223a223765623139323965393532316263653466393164326133366536663734336564227d', '{entity:union,request:2a59d59e3809f827ce709d3815e3950e/request-6}');
INSERT INTO public.sijill_events_tt_main VALUES (8, 'EntityRegistered/1', '\x7b226163746f72223a22736f6d656f6e65222c22656e747279223a7b226964223a226c6561677565222c226b696e64223a22434f414c4954494f4e222c226e616d6573223a5b5b22656e222c224c6561677565225d5d7d2c227265636f726465644174223a22323032362d31312d33305430363a35363a30372e3337383938302b30303a3030222c2273616c74223a226633336430636438383835326335323736363531613461343631663030383438227d', '{entity:league,request:2a59d59e3809f827ce709d3815e3950e/request-7}');
INSERT INTO public.sijill_events_tt_main VALUES (9, 'EntityRegistered/1', '\x7b226163746f72223a22736f6d656f6e65222c22656e747279223a7b226964223a227379726961222c226b696e64223a22434f554e545259222c226e616d6573223a5b5b22656e222c225379726961225d5d7d2c227265636f726465644174223a22323032362d31312d33305430363a35363a30372e3339303637312b30303a3030222c2273616c74223a223135306235396338613261653866363137643337386530356439303636333765227d', '{entity:syria,request:2a59d59e3809f827ce709d3815e3950e/request-8}');
INSERT INTO public.sijill_events_tt_main VALUES (10, 'EntityRegistered/1', '\x7b226163746f72223a22736f6d656f6e65222c22656e747279223a7b226964223a2269726171222c226b696e64223a22434f554e545259222c226e616d6573223a5b5b22656e222c2249726171225d5d7d2c227265636f726465644174223a22323032362d31312d33305430363a35363a30372e3430333830322b30303a3030222c2273616c74223a223266393062363434636161383261313237336565643832313731366335633432227d', '{entity:iraq,request:2a59d59e3809f827ce709d3815e3950e/request-9}');
INSERT INTO public.sijill_events_tt_main VALUES (11, 'MemberJoined/1', '\x7b226163746f72223a22736f6d656f6e65222c22656e747279223a7b226369746174696f6e73223a5b7b22736f75726365223a226d6179227d5d2c22636f616c6974696f6e223a22756e696f6e222c226964223a226669727374222c226d656d626572223a227379726961222c227768656e223a22323031342d3039227d2c227265636f726465644174223a22323032362d31312d33305430363a35363a30372e3532393333332b30303a3030222c2273616c74223a223663383635376661613930323730333438326637396261613435386662316439227d', '{fact:first,cites:may,about:union,about:syria,fluent:membership/union/syria,request:2a59d59e3809f827ce709d3815e3950e/request-10}');
INSERT INTO public.sijill_events_tt_main VALUES (12, 'MemberJoined/1', '\x7b226163746f72223a22736f6d656f6e65222c22656e747279223a7b226369746174696f6e73223a5b7b22736f75726365223a226a756e65227d5d2c22636f616c6974696f6e223a22756e696f6e222c226964223a227365636f6e64222c226d656d626572223a227379726961222c227768656e223a22323031342d30392d3130227d2c227265636f726465644174223a22323032362d31312d33305430363a35363a30372e3534303034352b30303a3030222c2273616c74223a223862656432313538383635303535623733666534353162633136623365316561227d', '{fact:second,cites:june,about:union,about:syria,fluent:membership/union/syria,request:2a59d59e3809f827ce709d3815e3950e/request-11}');
INSERT INTO public.sijill_events_tt_main VALUES (13, 'MemberLeft/1', '\x7b226163746f72223a22736f6d656f6e65222c22656e747279223a7b226369746174696f6e73223a5b7b22736f75726365223a226a756c79227d5d2c22636f616c6974696f6e223a22756e696f6e222c226964223a227468697264222c226d656d626572223a227379726961222c227768656e223a2232303136227d2c227265636f726465644174223a22323032362d31312d33305430363a35363a30372e3536333830392b30303a3030222c2273616c74223a223566633939353132613064306430396430306464343932383163326665306362227d', '{fact:third,cites:july,about:union,about:syria,fluent:membership/union/syria,request:2a59d59e3809f827ce709d3815e3950e/request-12}');
INSERT INTO public.sijill_events_tt_main VALUES (14, 'FactCorrected/1', '\x7b226163746f72223a22736f6d656f6e65222c22656e747279223a7b226368616e676573223a7b227768656e223a2232303137227d2c2266616374223a227468697264222c226964223a22666f75727468222c22726561736f6e223a226120726561736f6e227d2c227265636f726465644174223a22323032362d31312d33305430363a35363a30372e3539313737322b30303a3030222c2273616c74223a223732643337626565363239316562373734646166306239633433323231323839227d', '{fact:fourth,fact:third,request:2a59d59e3809f827ce709d3815e3950e/request-13}');


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

INSERT INTO public.tree_head VALUES (true, 14, 14, '{"\\xb9db1145f77ca3abdc306cea49bb9aae75511b36e4ac7815705a32777ff30fd8","\\xff19b5bf7d936d9663f2b3c77eb684f00c10bb78709557a57bdaab0e25f700f9","\\x3ded225ce926df87deb23d98687a5dd47173c308b70e1392341d36d74df9d507"}');


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
-- Name: entities_keys; Type: INDEX; Schema: projections; Owner: -
--

CREATE INDEX entities_keys ON projections.entities USING gin (projections.entity_keys(names, aliases, identifiers, iso3166, wikidata));


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
-- Name: entities_sounds; Type: INDEX; Schema: projections; Owner: -
--

CREATE INDEX entities_sounds ON projections.entities USING gin (projections.entity_sounds(names, aliases) public.gin_trgm_ops);


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


