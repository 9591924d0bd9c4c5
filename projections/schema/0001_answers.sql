-- The schema of the projections: the rows from which questions are answered. The follower derives
-- them from the log, and a rebuild derives them again. Later files of this folder only add to it.
--
-- Rows are rectangles: `known` is a range of days of publication, `recorded` a range of log
-- positions. When a later event changes an answer, the row's `recorded` range gets an end; no row is
-- deleted, so that an answer at an old position stays the same. Days are int4, 1970-01-01 is 0.

CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public;

-- The position up to which events are projected. One row; the process that locks it is the follower.
CREATE TABLE progress (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    position bigint NOT NULL,
    recorded_at timestamptz, -- the effective time of that position
    stopped_at bigint,       -- the event that can't be projected, and why
    stopped_why text,
    -- When a follower last reported, which it does every second. A server tells by it that the
    -- follower has ended or stands still.
    followed_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO progress (position) VALUES (0);

-- Every event: who recorded what, and when. recorded_at never runs backwards.
CREATE TABLE events (
    position bigint PRIMARY KEY,
    recorded_at timestamptz NOT NULL,
    type text NOT NULL,
    id text NOT NULL,
    actor text NOT NULL
);
CREATE INDEX events_recorded_at ON events (recorded_at, position);
CREATE INDEX events_id ON events (id);

CREATE TABLE sources (
    id text NOT NULL,
    source jsonb NOT NULL,                -- what a record file has of it
    observed integer,                     -- how far in the world's time it looked: the latest day
    withdrawn boolean NOT NULL,
    known int4range NOT NULL,
    recorded int8range NOT NULL
);

CREATE TABLE entities (
    id text NOT NULL,
    canonical text NOT NULL,              -- what it is merged into, or itself
    kind text NOT NULL,
    names json NOT NULL,                  -- in the author's order, which jsonb would lose
    aliases json NOT NULL,                -- {language: [names]}
    identifiers json NOT NULL,            -- {scheme: text}
    iso3166 text,
    wikidata text,
    location json,
    lookalikes text[] NOT NULL,           -- what its names may be read as (domain/lookalike.py)
    valid int4range NOT NULL,             -- the days on which it has these names
    known int4range NOT NULL,
    recorded int8range NOT NULL
);

-- A fact while it counts or is set aside.
CREATE TABLE versions (
    fact text NOT NULL,
    type text NOT NULL,
    version json NOT NULL,                -- as a record file has it, as corrected
    earliest integer NOT NULL,
    latest integer NOT NULL,
    disputed boolean NOT NULL,
    set_aside_by text[] NOT NULL,
    subjects text[] NOT NULL,             -- canonical ids
    sources text[] NOT NULL,              -- of the supporting citations that count
    known int4range NOT NULL,
    recorded int8range NOT NULL
);
CREATE INDEX versions_subjects ON versions USING gin (subjects);
CREATE INDEX versions_sources ON versions USING gin (sources);

-- An episode of a fluent, or its announcement (ordinal 30000, which is never certain). `possible` has
-- the day of the end, `certain` has not.
CREATE TABLE intervals (
    fluent text NOT NULL,
    scope text NOT NULL,
    subject text NOT NULL,
    ordinal smallint NOT NULL,
    possible int4range NOT NULL,
    certain int4range NOT NULL,
    start_earliest integer,               -- bounds; null is unbounded
    start_latest integer,
    end_earliest integer,
    end_latest integer,
    since text,
    until text,
    ended boolean NOT NULL,
    contested boolean NOT NULL,
    disputed boolean NOT NULL,
    facts json NOT NULL,                  -- [{id, type, when}]
    alternatives json NOT NULL,           -- [{since, until: {edtf, earliest, latest}, fact, setAside,
                                          --   sources}]
    announced_ends json NOT NULL,         -- the same, with `until` alone
    attested integer,                     -- the last day that its own facts attest
    sources text[] NOT NULL,
    known int4range NOT NULL,
    recorded int8range NOT NULL
);

-- A day number as YYYY-MM-DD, with a minus for years before 0. PostgreSQL's dates begin in 4713 BC
-- and have no year 0, so that early days are read 10,000 years later: the calendar is the same.
CREATE FUNCTION iso_day(day integer) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN day >= -719162 THEN to_char('1970-01-01'::date + day, 'YYYY-MM-DD')
    WHEN date_part('year', '1970-01-01'::date + (day + 3652425)) < 10000 THEN
        '-' || lpad((10000 - date_part('year', '1970-01-01'::date + (day + 3652425)))::text, 4, '0')
        || to_char('1970-01-01'::date + (day + 3652425), '-MM-DD')
    ELSE '0000' || to_char('1970-01-01'::date + (day + 3652425), '-MM-DD')
END;

-- Most questions ask for the newest state. These indexes have only its rows, however often a fact was
-- corrected, and cost a sixth of a GiST entry to write. A query must repeat their condition.
CREATE INDEX entities_now ON entities (id) WHERE upper_inf(known) AND upper_inf(recorded);
CREATE INDEX sources_now ON sources (id) WHERE upper_inf(known) AND upper_inf(recorded);
CREATE INDEX versions_reported ON versions USING gin (subjects) WHERE type = 'MemberCountReported';

-- Notify servers of the new position when the transaction that reaches it commits. The table's oid
-- distinguishes these projections from those of a rebuild in progress.
CREATE FUNCTION tell_progress() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('sijill_projected', TG_RELID || ' ' || NEW.position);
    RETURN NULL;
END
$$;
CREATE TRIGGER tell_progress AFTER UPDATE OF position ON progress
    FOR EACH ROW EXECUTE FUNCTION tell_progress();

-- A day number as JSON. iso_day writes the years that PostgreSQL's dates would write differently.
CREATE FUNCTION json_day(day integer) RETURNS json
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN day >= -719162 THEN to_json('1970-01-01'::date + day) ELSE to_json(iso_day(day))
END;

-- A fact is written far more often than it is looked up, and a B-tree costs a fifth of GiST to write.
-- The second column separates old versions from the newest one; versions_type has the order in which
-- facts are listed.
CREATE INDEX versions_fact ON versions (fact, upper(recorded));
CREATE INDEX versions_type ON versions (type, earliest, latest, fact COLLATE "C");

-- A row of a fluent's history as a box: days of publication by log positions. A GiST index of boxes
-- finds the rows at any point of the two clocks, however long the history, and inserts a row in a
-- seventh of the time that GiST over text and ranges takes. Each name has a strip of the plane by its
-- hash, 2^33 positions wide; since two names may share a strip, a query must also compare the name.
-- The numbers are whole and below 2^53, hence exact. Buffering speeds up building the index at once.
CREATE FUNCTION rectangle(
    name text, first_day integer, last_day integer, first_position bigint, last_position bigint
) RETURNS box
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN box(
    point(
        (hashtextextended(name, 0) & 1048575)::float8 * 8589934592 + coalesce(first_position, 0),
        coalesce(first_day, -2147483648)
    ),
    point(
        (hashtextextended(name, 0) & 1048575)::float8 * 8589934592
        + coalesce(last_position, 8589934591),
        coalesce(last_day, 2147483647)
    )
);

CREATE FUNCTION rectangle(name text, known int4range, recorded int8range) RETURNS box
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN rectangle(
    name, lower(known), upper(known) - 1, lower(recorded), upper(recorded) - 1
);

CREATE INDEX intervals_scope ON intervals USING gist (rectangle(scope, known, recorded))
    WITH (buffering = on);
CREATE INDEX intervals_subject ON intervals USING gist (rectangle(subject, known, recorded))
    WITH (buffering = on);
-- The newest state again; a query must repeat the condition.
CREATE INDEX intervals_scope_open ON intervals (scope, subject)
    WHERE upper_inf(known) AND upper_inf(recorded);
CREATE INDEX intervals_subject_open ON intervals (subject, scope)
    WHERE upper_inf(known) AND upper_inf(recorded);
-- The rows that the follower ends.
CREATE INDEX intervals_standing ON intervals (scope, subject, known) WHERE upper_inf(recorded);
-- Few rows are about existence, and a list of organisations reads all of these.
CREATE INDEX intervals_existence ON intervals (scope) WHERE fluent = 'existence';

-- As for versions_fact, the second column separates old rows from the newest one.
CREATE INDEX entities_id ON entities (id, upper(recorded));
CREATE INDEX sources_id ON sources (id, upper(recorded));

-- The last change of a source.
CREATE INDEX sources_ended ON sources (upper(recorded)) WHERE NOT upper_inf(recorded);

-- Entities whose names look alike. The condition must be repeated.
CREATE INDEX entities_lookalikes ON entities USING gin (lookalikes)
    WHERE upper_inf(known) AND upper_inf(recorded);

-- The order of lists.
CREATE INDEX entities_kind ON entities (kind) WHERE canonical = id;
CREATE INDEX sources_listed ON sources (id COLLATE "C");

-- Search: names, titles and texts are folded as the words asked for are, with indexes on the folded
-- text. No folded text is stored beside its row.

CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public;

-- Text without differences of case, width, accents, tashkeel, tatweel, the forms of alef, ya and kaf,
-- ta marbuta, digits of other scripts and punctuation. Hamza goes with its seat, so that رءوف is رؤوف,
-- and apostrophes go without a gap: Sana’a is Sanaa. Letters that Unicode does not take apart are
-- those that people write for them: ı i, ł l, ø o, ə a, æ ae.
CREATE FUNCTION folded(given text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN btrim(regexp_replace(
    CASE
        WHEN octet_length(given) = length(given)
        THEN translate(casefold(given COLLATE pg_unicode_fast), '''`', '')
        ELSE translate(
            regexp_replace(
                replace(replace(replace(casefold(normalize(translate(
                    normalize(given, NFC),
                    U&'''`\00B4\02B9\02BB\02BC\02BD\02BE\02BF\02C8\055A\2018\2019\201B\2032\FF07\0621\0624\0626', ''
                ), NFKD) COLLATE pg_unicode_fast), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
                U&'[\0300-\036F\0610-\061A\0640\064B-\065F\0670\06D6-\06ED\200B-\200F\FEFF]', '', 'g'
            ),
            U&'ıłđðøħŧŋəɓɗƒ\0671\0649\06CC\06D2\0629\06C1\06D5\06A9٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹',
            U&'ilddohtnabdf\0627\064A\064A\064A\0647\0647\0647\064301234567890123456789'
        )
    END COLLATE pg_unicode_fast,
    '[^[:alnum:]]+', ' ', 'g'
));

-- The folded texts of an entity or a source, each a line that begins and ends with a space.
CREATE FUNCTION entity_words(id text, names json, aliases json, identifiers json) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN (
    SELECT string_agg(' ' || folded(value) || ' ', E'\n')
    FROM (
        SELECT value FROM json_each_text(names)
        UNION ALL
        SELECT alias FROM json_each(aliases) AS by_language (language, named),
            json_array_elements_text(named) AS alias
        UNION ALL
        SELECT value FROM json_each_text(identifiers)
        UNION ALL
        SELECT id
    ) AS said
);

CREATE FUNCTION source_words(source jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN (
    SELECT string_agg(' ' || folded(source ->> key) || ' ', E'\n')
    FROM unnest(ARRAY['title', 'publisher', 'author', 'id']) AS key
    WHERE source ->> key IS NOT NULL
);

-- The texts of a fact, folded as one. They are cut, since a tsvector holds at most a megabyte and
-- folding lengthens some texts.
CREATE FUNCTION fact_words(version json) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN ' ' || left(folded(
    coalesce(version ->> 'gist', '')
    || ' ' || coalesce(version ->> 'venue', '')
    || ' ' || coalesce(version ->> 'measure', '')
    || CASE
        WHEN version::text LIKE ANY (ARRAY['%"quote":%', '%"attributedTo":%']) THEN (
            SELECT string_agg(
                ' ' || coalesce(said ->> 'quote', '') || ' ' || coalesce(said ->> 'attributedTo', ''),
                ''
            )
            FROM json_array_elements(version -> 'citations') AS said
        )
        ELSE ''
    END
), 200000) || ' ';

-- The rank of a match: a whole text, its beginning, a word's beginning, a part; then by similarity.
CREATE FUNCTION likeness(asked text, words text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN round((
    CASE
        WHEN position(E'\n ' || asked || E' \n' IN E'\n' || words || E'\n') > 0 THEN 4
        WHEN position(E'\n ' || asked IN E'\n' || words) > 0 THEN 3
        WHEN position(' ' || asked IN words) > 0 THEN 2
        WHEN position(asked IN words) > 0 THEN 1
        ELSE 0
    END + public.word_similarity(asked, words)
)::numeric, 4);

CREATE INDEX entities_words ON entities
USING gin (entity_words(id, names, aliases, identifiers) public.gin_trgm_ops);
CREATE INDEX sources_words ON sources USING gin (source_words(source) public.gin_trgm_ops);
-- Facts are searched by words and their beginnings: trigrams of long texts would cost the follower too
-- much. Most facts have no such text and are not in the index.
CREATE INDEX versions_words ON versions USING gin (to_tsvector('simple', fact_words(version)))
WHERE version::text LIKE ANY (
    ARRAY['%"gist":%', '%"venue":%', '%"measure":%', '%"quote":%', '%"attributedTo":%']
);
