-- Search at the day of publication %(known_at)s and the log position %(position)s. The text to search
-- for comes folded: %(asked)s is all of it, %(patterns)s its words for LIKE, %(longest)s the longest.

-- name: fold
SELECT folded(%(text)s::text);

-- name: search
-- What of the {parts} answers best, a page of it.
-- Whole names come first, then what begins so, then the rest; of those alike, what has more episodes,
-- which are counted where at most %(most_counted)s were found.
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
        ) ELSE 0 END AS episodes
    FROM found
)
SELECT kind, id, score, episodes FROM ranked
WHERE %(after_score)s::numeric IS NULL
    OR (-floor(score), -episodes, -score, kind, id COLLATE "C") > (
        -floor(%(after_score)s::numeric), -%(after_episodes)s::bigint, -%(after_score)s::numeric,
        %(after_kind)s::text, %(after_id)s::text COLLATE "C"
    )
ORDER BY floor(score) DESC, episodes DESC, score DESC, kind, id COLLATE "C"
LIMIT %(limit)s::int;

-- name: here
-- An entity that was found, at the point of K and R.
rectangle(found.id, %(known_at)s::int, %(known_at)s::int, %(position)s::bigint, %(position)s::bigint)

-- name: entity
-- By a name of any day, in any language, or by the id; as what it is merged into.
-- An entity comes before facts and sources that answer as well.
SELECT
    'ENTITY' AS kind, canonical AS id,
    max(likeness(%(asked)s, entity_words(id, names, aliases, identifiers))) + 1 AS score
FROM entities
WHERE known @> %(known_at)s::int AND recorded @> %(position)s::bigint
    AND {words}
GROUP BY canonical

-- name: entity_words
entity_words(id, names, aliases, identifiers)

-- name: source
-- By title, publisher, author or id.
SELECT 'SOURCE' AS kind, id, likeness(%(asked)s, source_words(source)) AS score
FROM sources
WHERE known @> %(known_at)s::int AND recorded @> %(position)s::bigint
    AND {words}

-- name: source_words
source_words(source)

-- name: fact
-- By words, or beginnings of words, of its gist, venue, measure, what is quoted and who is quoted;
-- or by its whole id.
SELECT
    'FACT' AS kind, fact AS id,
    CASE WHEN fact = %(text)s THEN 5 ELSE likeness(%(asked)s, fact_words(version)) END AS score
FROM versions
WHERE known @> %(known_at)s::int AND recorded @> %(position)s::bigint
    AND (fact = %(text)s OR ({words}))

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
