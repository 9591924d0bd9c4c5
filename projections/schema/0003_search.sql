-- What search looks words up by: text folded alike on both sides, and trigram indexes on it. The
-- words are of the rows that are there: nothing more is kept of them.

CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public;

-- Text without what people write differently: case, width, accents, tashkeel, tatweel, the forms
-- of alef, hamza, ya and kaf, ta marbuta, the digits of other scripts, punctuation.
CREATE FUNCTION folded(given text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN btrim(regexp_replace(
    CASE
        WHEN octet_length(given) = length(given) THEN casefold(given COLLATE pg_unicode_fast)
        ELSE translate(
            regexp_replace(
                casefold(normalize(given, NFKD) COLLATE pg_unicode_fast),
                U&'[\0300-\036F\0610-\061A\0640\064B-\065F\0670\06D6-\06ED\200B-\200F\FEFF]', '', 'g'
            ),
            U&'\0671\0649\06CC\06D2\0629\06C1\06D5\06A9٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹',
            U&'\0627\064A\064A\064A\0647\0647\0647\064301234567890123456789'
        )
    END COLLATE pg_unicode_fast,
    '[^[:alnum:]]+', ' ', 'g'
));

-- The folded texts of something, each a line that begins and ends with a space.
CREATE FUNCTION entity_words(id text, names json) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN (
    SELECT string_agg(' ' || folded(value) || ' ', E'\n')
    FROM (SELECT value FROM json_each_text(names) UNION ALL SELECT id) AS said
);

CREATE FUNCTION source_words(source json) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN (
    SELECT string_agg(' ' || folded(source ->> key) || ' ', E'\n')
    FROM unnest(ARRAY['title', 'publisher', 'author', 'id']) AS key
    WHERE source ->> key IS NOT NULL
);

-- Of a fact what is said in its own words, folded as one. A line is at most a megabyte, and a
-- tsvector, too, so that the longest is cut: folding makes some texts longer.
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

-- How well words answer what is asked: a whole text, its beginning, a word's, a part; then likeness.
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

CREATE INDEX entities_words ON entities USING gin (entity_words(id, names) public.gin_trgm_ops);
CREATE INDEX sources_words ON sources USING gin (source_words(source) public.gin_trgm_ops);
-- By whole words and their beginnings: trigrams of long texts would cost the follower too much. Most
-- facts say nothing in words of their own, and cost a look at their text alone.
CREATE INDEX versions_words ON versions USING gin (to_tsvector('simple', fact_words(version)))
WHERE version::text LIKE ANY (
    ARRAY['%"gist":%', '%"venue":%', '%"measure":%', '%"quote":%', '%"attributedTo":%']
);
