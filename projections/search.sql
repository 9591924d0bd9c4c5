-- Search at the day of publication %(known_at)s and the log position %(position)s. The text to search
-- for comes folded: %(asked)s is all of it, %(patterns)s its words for LIKE, %(longest)s the longest.

-- name: fold
SELECT folded(%(text)s::text);

-- name: search
-- What of the {parts} answers best, a page of it, and how much of each kind there is: the latter
-- stands in every row, and in one with no id where the page is empty.
-- Whole names come first, then what begins so, then the rest; of those alike, what has more episodes,
-- which are counted where at most %(most_counted)s were found, or of facts more sources.
WITH found AS ({parts}),
ranked AS (
    SELECT
        *,
        CASE WHEN kind = 'ENTITY' AND count(*) OVER () <= %(most_counted)s::int THEN (
            SELECT count(*) FROM intervals
            WHERE rectangle(scope, known, recorded) @> {here}
        ) + (
            SELECT count(*) FROM intervals
            WHERE rectangle(subject, known, recorded) @> {here}
        ) ELSE sources END AS episodes
    FROM found
),
page AS (
    SELECT kind, id, score, episodes FROM ranked
    WHERE %(after_score)s::numeric IS NULL
        OR (-floor(score), -episodes, -score, kind, id COLLATE "C") > (
            -floor(%(after_score)s::numeric), -%(after_episodes)s::bigint,
            -%(after_score)s::numeric, %(after_kind)s::text, %(after_id)s::text COLLATE "C"
        )
    ORDER BY floor(score) DESC, episodes DESC, score DESC, kind, id COLLATE "C"
    LIMIT %(limit)s::int
)
SELECT page.*, counted.numbers
FROM (
    SELECT coalesce(jsonb_object_agg(kind, number), '{{}}') AS numbers
    FROM (SELECT kind, count(*) AS number FROM found GROUP BY kind) AS of_kind
) AS counted
LEFT JOIN page ON true
ORDER BY floor(score) DESC, episodes DESC, score DESC, kind, id COLLATE "C";

-- name: counted
-- How much of a kind is found.
SELECT min(kind) AS kind, count(*) AS number FROM (
    SELECT * FROM ({part}) AS part LIMIT %(limit)s::int
) AS found
HAVING count(*) > 0

-- name: fold_labels
SELECT name, folded(called)
FROM unnest(%(names)s::text[], %(called)s::text[]) AS label (name, called);

-- name: here
-- An entity that was found, at the point of K and R.
rectangle(found.id, %(known_at)s::int, %(known_at)s::int, %(position)s::bigint, %(position)s::bigint)

-- name: entity
-- By a name of any day, in any language, or by the id; as what it is merged into.
-- An entity comes before facts and sources that answer as well.
SELECT
    'ENTITY' AS kind, canonical AS id,
    max(likeness(%(asked)s, entity_words(id, names, aliases, identifiers))) + 1 AS score,
    0 AS sources
FROM entities
WHERE known @> %(known_at)s::int AND recorded @> %(position)s::bigint
    AND {words}
GROUP BY canonical

-- name: entity_words
entity_words(id, names, aliases, identifiers)

-- name: source
-- By title, publisher, author or id.
SELECT 'SOURCE' AS kind, id, likeness(%(asked)s, source_words(source)) AS score, 0 AS sources
FROM sources
WHERE known @> %(known_at)s::int AND recorded @> %(position)s::bigint
    AND {words}

-- name: source_words
source_words(source)

-- name: fact
-- By words, or beginnings of words, of its gist, venue, measure, what is quoted and who is quoted; by its
-- whole id; or by whom it names and its type: then each word of the question (%(party_patterns)s,
-- %(party_types)s, %(party_prefixes)s) is a name's, the type's or the text's. Words mean at most
-- %(most_parties)s entities each, and at most %(most_candidates)s facts are looked at for them.
SELECT 'FACT' AS kind, id, max(score) AS score, max(sources) AS sources
FROM (
    SELECT
        fact AS id, cardinality(sources) AS sources,
        CASE
            WHEN fact = %(text)s THEN 5 ELSE likeness(%(asked)s, fact_words(version))
        END AS score
    FROM versions
    WHERE known @> %(known_at)s::int AND recorded @> %(position)s::bigint
        AND (fact = %(text)s OR ({words}))
    UNION ALL
    (
        WITH word AS MATERIALIZED (
            SELECT number, pattern, string_to_array(nullif(types, ''), ',') AS types, prefix
            FROM ROWS FROM (
                unnest(%(party_patterns)s::text[]), unnest(%(party_types)s::text[]),
                unnest(%(party_prefixes)s::text[])
            ) WITH ORDINALITY AS asked (pattern, types, prefix, number)
        ),
        party AS MATERIALIZED (
            SELECT
                number, array_agg(DISTINCT canonical) AS ids,
                array_agg(DISTINCT canonical) FILTER (WHERE is_whole) AS whole
            FROM word CROSS JOIN LATERAL (
                SELECT
                    canonical,
                    position(
                        E'\n ' || btrim(word.pattern, ' %%') || E' \n'
                        IN E'\n' || entity_words(id, names, aliases, identifiers) || E'\n'
                    ) > 0 AS is_whole
                FROM entities
                WHERE known @> %(known_at)s::int AND recorded @> %(position)s::bigint
                    AND word.pattern <> %(no_party)s
                    AND entity_words(id, names, aliases, identifiers) LIKE word.pattern
                LIMIT %(most_parties)s::int
            ) AS entity
            GROUP BY number
        ),
        meant AS MATERIALIZED (
            SELECT word.*, party.ids, party.whole FROM word LEFT JOIN party USING (number)
        ),
        candidate AS MATERIALIZED (
            (
                SELECT * FROM versions
                WHERE known @> %(known_at)s::int AND recorded @> %(position)s::bigint
                    AND subjects && (
                        SELECT ids FROM meant
                        WHERE ids IS NOT NULL
                        ORDER BY types IS NOT NULL, cardinality(ids), number LIMIT 1
                    )
                LIMIT %(most_candidates)s::int
            )
            UNION ALL
            (
                SELECT * FROM versions
                WHERE NOT EXISTS (SELECT FROM party)
                    AND type = ANY (ARRAY(SELECT unnest(types) FROM word))
                    AND known @> %(known_at)s::int AND recorded @> %(position)s::bigint
                LIMIT %(most_candidates)s::int
            )
        )
        SELECT
            fact, cardinality(sources),
            round(
                CASE WHEN EXISTS (SELECT FROM meant WHERE type = ANY (types)) THEN 3 ELSE 1 END
                + CASE WHEN EXISTS (SELECT FROM meant WHERE subjects && whole) THEN 0.5 ELSE 0 END,
                4
            )
        FROM candidate
        WHERE NOT EXISTS (
            SELECT FROM meant
            WHERE (subjects && ids) IS NOT TRUE AND (type = ANY (types)) IS NOT TRUE
                AND (
                    ids IS NOT NULL OR types IS NOT NULL
                    OR NOT to_tsvector('simple', fact_words(version)) @@ to_tsquery('simple', prefix)
                )
        )
    )
) AS told
GROUP BY id

-- name: said
-- The condition of the facts' index, word for word, and what is asked.
version::text LIKE ANY (
    ARRAY['%%"gist":%%', '%%"venue":%%', '%%"measure":%%', '%%"quote":%%', '%%"attributedTo":%%']
)
AND to_tsvector('simple', fact_words(version)) @@ to_tsquery('simple', %(prefixes)s)

-- name: has
-- The words have all that is asked. {words} is the indexed expression.
({words} LIKE %(longest)s AND {words} LIKE ALL (%(patterns)s::text[]))

-- name: has_or_is_like
-- The same, or they look much like it.
(
    ({words} LIKE %(longest)s AND {words} LIKE ALL (%(patterns)s::text[]))
    OR {words} OPERATOR(public.%%>) %(alike)s::text
)
