-- Keys by which entities are found whose names are written in another way: in the other script, with
-- words in another order, or with a slip of the pen. How alike the names are is decided elsewhere.

-- The consonants of each word of a folded name, in the order of the alphabet: سوريا, Syria and Suriya
-- are sr. Letters that transliterations mix up are one; vowels, h, hamza and ayn go, since they are
-- written or left out as people like. A word without a consonant stays as it is.
CREATE FUNCTION sounded(folded text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN (
    SELECT string_agg(sound, ' ' ORDER BY sound COLLATE "C")
    FROM (
        SELECT coalesce(nullif(regexp_replace(translate(
            word,
            'qcpvj' || 'پبتثجچخدذرزژسشصضطظغفڤقكگلمن' || 'aeiouywhاحعهوي',
            'kkbfg' || 'bbttgskddrzzsssdtdgffkkglmn'
        ), '(.)\1+', '\1', 'g'), ''), word) AS sound
        FROM regexp_split_to_table(
            regexp_replace(
                replace(replace(replace(
                    regexp_replace(folded, '\m(?:the|of|and|و) ', '', 'g'), 'ph', 'f'
                ), 'x', 'ks'), 'qu', 'k'),
                'c(?=[eiy])|t?s?ch|t?sh|تش', 's', 'g'
            ),
            ' '
        ) AS word
    ) AS sounds
);

-- The keys of a name: how it sounds, with the Arabic article and without, and of a short one its
-- letters, all of them and without each one of them: two names with a letter more, less, changed or
-- swapped share a key. Of long names trigrams of their sounds find the same (entities_sounds).
CREATE FUNCTION name_keys(name text) RETURNS integer[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN (
    WITH given AS MATERIALIZED (SELECT folded(name) AS letters)
    SELECT array_agg(DISTINCT hashtext(key))
    FROM (
        SELECT 'sound ' || sounded(
            regexp_replace(letters, '\m(?:[ae]l|a[dnrstz]|ash) (?=\w)', 'l', 'g')
        ) AS key
        FROM given
        UNION ALL
        SELECT 'sound ' || sounded(
            regexp_replace(letters, '\m(?:ال(?=\w\w)|(?:[ae]l|a[dnrstz]|ash) (?=\w))', '', 'g')
        )
        FROM given
        WHERE letters ~ '\m(?:ال\w\w|(?:[ae]l|a[dnrstz]|ash) \w)'  -- else it is the same
        UNION ALL
        SELECT 'letters ' || left(letters, place - 1) || substr(letters, place + 1)
        FROM given, generate_series(1, length(letters) + 1) AS place
        WHERE length(letters) BETWEEN 3 AND 12
    ) AS keys
);

-- The key of an identifier, such as iso3166 SY.
CREATE FUNCTION identifier_key(scheme text, identifier text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN hashtext('identifier ' || scheme || ' ' || identifier);

CREATE FUNCTION entity_keys(
    names json, aliases json, identifiers json, iso3166 text, wikidata text
) RETURNS integer[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT array_agg(DISTINCT key)
    FROM (
        SELECT unnest(name_keys(value)) AS key FROM json_each_text(names)
        UNION ALL
        SELECT unnest(name_keys(alias)) FROM json_each(aliases) AS by_language (language, named),
            json_array_elements_text(named) AS alias
        UNION ALL
        SELECT identifier_key(key, value) FROM json_each_text(identifiers)
        UNION ALL
        SELECT identifier_key('iso3166', iso3166) WHERE iso3166 IS NOT NULL
        UNION ALL
        SELECT identifier_key('wikidata', wikidata) WHERE wikidata IS NOT NULL
    ) AS keys
);

-- How the longer names of an entity sound, a line each. These are letters of ASCII, whose trigrams no
-- locale changes.
CREATE FUNCTION entity_sounds(names json, aliases json) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN (
    SELECT string_agg(sounded(letters), E'\n')
    FROM (
        SELECT folded(value) AS letters FROM json_each_text(names)
        UNION ALL
        SELECT folded(alias) FROM json_each(aliases) AS by_language (language, named),
            json_array_elements_text(named) AS alias
    ) AS said
    WHERE length(letters) >= 10
);

CREATE INDEX entities_sounds
ON entities USING gin (entity_sounds(names, aliases) public.gin_trgm_ops);
CREATE INDEX entities_keys
ON entities USING gin (entity_keys(names, aliases, identifiers, iso3166, wikidata));
