-- What the record holds at a point of the clocks (its parameters are those of asof.sql): counts, and
-- lists by which all of it is reached. Nothing is counted beyond %(limit)s, which bounds the time.

-- name: kinds
-- How many entities of each kind there are.
SELECT given.kind AS name, (
    SELECT count(*) FROM (
        SELECT FROM entities
        WHERE kind = given.kind AND canonical = id AND valid @> %(as_of_latest)s::int
            AND known @> %(known_at)s::int AND recorded @> %(position)s::bigint
        LIMIT %(limit)s::int
    ) AS entity
) AS count
FROM unnest(%(names)s::text[]) AS given (kind);

-- name: types
-- How many facts of each type there are, which count or are set aside.
SELECT given.type AS name, (
    SELECT count(*) FROM (
        SELECT FROM versions
        WHERE type = given.type AND known @> %(known_at)s::int AND recorded @> %(position)s::bigint
        LIMIT %(limit)s::int
    ) AS fact
) AS count
FROM unnest(%(names)s::text[]) AS given (type);

-- name: years
-- How many facts there are of each year, latest first.
SELECT {year} AS name, count(*) AS count
FROM (
    SELECT earliest, latest FROM versions
    WHERE known @> %(known_at)s::int AND recorded @> %(position)s::bigint
    LIMIT %(limit)s::int
) AS fact
WHERE {day} BETWEEN %(least)s::int AND %(most)s::int
GROUP BY 1
ORDER BY max({day}) DESC;

-- name: year
left(iso_day({day}), -6)

-- name: day
-- The day by which a fact is told to be of a year: its first possible one, else its last.
CASE WHEN earliest >= %(least)s::int THEN earliest ELSE latest END

-- name: sources
-- How many sources there are of each publisher, grade and year of publication.
WITH source AS (
    SELECT
        source ->> 'publisher' AS publisher, {grade} AS grade, {published} AS year
    FROM sources
    WHERE known @> %(known_at)s::int AND recorded @> %(position)s::bigint
    LIMIT %(limit)s::int
)
SELECT
    CASE
        WHEN grouping(publisher) = 0 THEN 'publisher'
        WHEN grouping(grade) = 0 THEN 'grade'
        WHEN grouping(year) = 0 THEN 'year'
        ELSE 'all'
    END AS facet,
    coalesce(publisher, grade, year) AS name, count(*) AS count
FROM source
GROUP BY GROUPING SETS ((publisher), (grade), (year), ());

-- name: grade
coalesce(source ->> 'reliability', '') || coalesce(source ->> 'credibility', '')

-- name: published
-- The year, or the decade, with which the date of publication begins.
substring(source ->> 'published' FROM '-?[0-9]{{2,3}}[0-9X]X?')

-- name: doubts
-- How many facts there are of each filter.
{filters};

-- name: doubt
-- Of one filter, among at most %(looked_at)s facts.
SELECT {name} AS name, (
    SELECT count(*) FROM (
        SELECT FROM (
            SELECT * FROM versions
            WHERE known @> %(known_at)s::int AND recorded @> %(position)s::bigint
            LIMIT %(looked_at)s::int
        ) AS fact
        WHERE {condition}
    ) AS found
) AS count

-- name: contested
-- Sources contradict each other about its date. As a truth value, a set is made once and looked up;
-- joined, it might be made for each row where PostgreSQL expects few.
(fact IN (
    SELECT spoken.fact FROM (
        SELECT * FROM intervals
        WHERE contested AND known @> %(known_at)s::int AND recorded @> %(position)s::bigint
        LIMIT %(looked_at)s::int
    ) AS interval
    CROSS JOIN LATERAL (
        SELECT told ->> 'id' AS fact FROM json_array_elements(facts) AS told
        UNION
        SELECT told -> 'fact' ->> 'id' FROM json_array_elements(alternatives) AS told
    ) AS spoken
)) IS TRUE

-- name: disputed
disputed

-- name: announced
version ->> 'modality' = 'ANNOUNCED'

-- name: single_source
cardinality(sources) = 1

-- name: unattested
-- It began what has not ended, and no source has said since %(before)s that it holds.
(fact IN (
    SELECT told ->> 'id' FROM (
        SELECT * FROM intervals
        WHERE NOT ended AND ordinal < 30000
            AND known @> %(known_at)s::int AND recorded @> %(position)s::bigint
            AND coalesce(greatest(attested, start_latest), start_earliest) < %(before)s::int
            AND NOT EXISTS (
                SELECT FROM unnest(intervals.sources) AS cited (id)
                WHERE (cited.id IN (
                    SELECT id FROM sources
                    WHERE observed >= %(before)s::int
                        AND known @> %(known_at)s::int AND recorded @> %(position)s::bigint
                )) IS TRUE
            )
        LIMIT %(looked_at)s::int
    ) AS interval
    CROSS JOIN json_array_elements(interval.facts) AS told
)) IS TRUE

-- name: of_year
-- A condition on facts: it is of a year.
{day} BETWEEN %(year_first)s::int AND %(year_last)s::int

-- name: of_publisher
-- A condition on sources, as the next two.
source ->> 'publisher' = %(publisher)s

-- name: of_grade
starts_with({grade}, %(grade)s::text)

-- name: of_published
{published} = %(year)s

-- name: of_kind
kind = %(kind)s

-- name: of_words
-- A condition on entities: it, or what is merged into it, has a name of any day with the {words}.
(id IN (
    SELECT canonical FROM entities
    WHERE known @> %(known_at)s::int AND recorded @> %(position)s::bigint AND {words}
)) IS TRUE

-- name: of_letter
-- A condition on entities with their names folded.
starts_with(folded, %(letter)s::text)

-- name: entities_listed
-- A page of entities with how many facts name each, how many entities there are in all, and the
-- letters with which their names begin.
WITH naming AS ({naming}),
named AS (
    SELECT
        id, kind, names, aliases, identifiers, iso3166, wikidata, location,
        casefold(
            coalesce(
                names ->> %(lang)s, names ->> 'en',
                (SELECT value FROM json_each_text(names) LIMIT 1)
            ) COLLATE pg_unicode_fast
        ) COLLATE "C" AS folded
    FROM entities
    WHERE canonical = id AND valid @> %(as_of_latest)s::int
        AND known @> %(known_at)s::int AND recorded @> %(position)s::bigint AND {conditions}
),
found AS (SELECT * FROM named LEFT JOIN naming USING (id) WHERE {letter}),
page AS MATERIALIZED (
    SELECT *, row_number() OVER (ORDER BY {order}) AS place FROM found
    ORDER BY place
    LIMIT %(rows)s::int OFFSET %(offset)s::int
),
told AS (
    SELECT *, (
        SELECT count(*) FROM (
            SELECT FROM versions
            WHERE subjects @> ARRAY[page.id]
                AND known @> %(known_at)s::int AND recorded @> %(position)s::bigint
            LIMIT %(limit)s::int
        ) AS naming
    ) AS facts
    FROM page
)
SELECT
    (SELECT count(*) FROM (SELECT FROM found LIMIT %(limit)s::int) AS counted) AS total,
    (
        SELECT coalesce(json_agg(json_build_array(letter, count) ORDER BY letter), '[]')
        FROM (SELECT left(folded, 1) AS letter, count(*) FROM named GROUP BY 1) AS initial
    ) AS letters,
    (SELECT coalesce(json_agg(told ORDER BY place), '[]') FROM told) AS rows;

-- name: entities_by_name
folded, id COLLATE "C"

-- name: entities_by_facts
number DESC NULLS LAST, folded, id COLLATE "C"

-- name: sources_listed
-- The same of sources, with how many facts each supports.
WITH naming AS ({naming}),
found AS (
    SELECT id, source, withdrawn, number FROM sources LEFT JOIN naming USING (id)
    WHERE known @> %(known_at)s::int AND recorded @> %(position)s::bigint AND {conditions}
),
page AS MATERIALIZED (
    SELECT *, row_number() OVER (ORDER BY {order}) AS place FROM found
    ORDER BY place
    LIMIT %(rows)s::int OFFSET %(offset)s::int
),
told AS (
    SELECT *, (
        SELECT count(*) FROM (
            SELECT FROM versions
            WHERE sources @> ARRAY[page.id]
                AND known @> %(known_at)s::int AND recorded @> %(position)s::bigint
            LIMIT %(limit)s::int
        ) AS naming
    ) AS facts
    FROM page
)
SELECT
    (SELECT count(*) FROM (SELECT FROM found LIMIT %(limit)s::int) AS counted) AS total,
    (SELECT coalesce(json_agg(told ORDER BY place), '[]') FROM told) AS rows;

-- name: sources_by_name
casefold(source ->> 'title' COLLATE pg_unicode_fast) COLLATE "C", id COLLATE "C"

-- name: sources_by_published
substring(source ->> 'published' FROM '-?[0-9].*') COLLATE "C" DESC NULLS LAST, id COLLATE "C"

-- name: sources_by_grade
nullif({grade}, '') COLLATE "C" NULLS LAST, id COLLATE "C"

-- name: sources_by_facts
number DESC NULLS LAST, id COLLATE "C"

-- name: unordered
SELECT NULL::text AS id, NULL::bigint AS number

-- name: naming
-- For those two orders, how many facts name each, among at most %(looked_at)s.
SELECT id, count(DISTINCT fact) AS number
FROM (
    SELECT fact, {side} AS ids FROM versions
    WHERE known @> %(known_at)s::int AND recorded @> %(position)s::bigint
    LIMIT %(looked_at)s::int
) AS version CROSS JOIN unnest(ids) AS named (id)
GROUP BY id

-- name: facts_listed
-- The ids of a page of facts, and how many there are in all.
WITH found AS (
    SELECT fact, earliest, latest, known, recorded FROM versions
    WHERE known @> %(known_at)s::int AND recorded @> %(position)s::bigint AND {conditions}
)
SELECT
    (SELECT count(*) FROM (SELECT FROM found LIMIT %(limit)s::int) AS counted) AS total,
    ARRAY(
        SELECT fact FROM found
        ORDER BY {order}
        LIMIT %(rows)s::int OFFSET %(offset)s::int
    ) AS ids;

-- name: facts_by_date
earliest, latest, fact COLLATE "C"

-- name: facts_by_newest
latest DESC, earliest DESC, fact COLLATE "C"

-- name: facts_by_known
lower(known) DESC NULLS LAST, fact COLLATE "C"

-- name: scopes
-- Of each entity the fluent of which most holds on the days asked about, and how much; the most first.
SELECT fluent, scope, count FROM (
    SELECT DISTINCT ON (scope) fluent, scope, count(DISTINCT subject) AS count
    FROM (
        SELECT fluent, scope, subject FROM intervals
        WHERE fluent <> 'existence' AND known @> %(known_at)s::int
            AND recorded @> %(position)s::bigint
            AND possible && int4range(%(as_of_earliest)s::int, %(as_of_latest)s::int, '[]')
        LIMIT %(looked_at)s::int
    ) AS interval
    GROUP BY scope, fluent
    ORDER BY scope, count(DISTINCT subject) DESC, fluent
) AS most
ORDER BY count DESC, scope COLLATE "C"
LIMIT %(limit)s::int;

-- name: mapped
-- The entities of which most is of a country or at a place, at any day, the most first.
SELECT scope
FROM (
    SELECT DISTINCT scope, subject FROM intervals
    WHERE fluent <> 'existence' AND known @> %(known_at)s::int AND recorded @> %(position)s::bigint
    LIMIT %(looked_at)s::int
) AS interval
WHERE (subject IN (
    SELECT id FROM entities
    WHERE (iso3166 IS NOT NULL OR location IS NOT NULL)
        AND known @> %(known_at)s::int AND recorded @> %(position)s::bigint
)) IS TRUE
GROUP BY scope
ORDER BY count(*) DESC, scope COLLATE "C"
LIMIT %(limit)s::int;

-- name: newest
-- The facts of the last %(events)s events of the log, by the day from which they are known, the last
-- first. Each is looked up by its id, whatever PostgreSQL expects of the number of rows.
SELECT version.fact, version.day
FROM (
    SELECT * FROM events
    WHERE position > %(position)s::bigint - %(events)s::int AND position <= %(position)s::bigint
        AND type = ANY (%(types)s::text[])
    ORDER BY position DESC
    LIMIT %(events)s::int
) AS event
CROSS JOIN LATERAL (
    SELECT fact, (
        SELECT lower(first.known) FROM versions AS first
        WHERE first.fact = event.id AND first.recorded @> %(position)s::bigint
        ORDER BY lower(first.known) NULLS FIRST
        LIMIT 1
    ) AS day FROM versions
    WHERE fact = event.id AND set_aside_by = '{{}}'
        AND known @> %(known_at)s::int AND recorded @> %(position)s::bigint
    LIMIT 1
) AS version
WHERE version.day IS NOT NULL
ORDER BY version.day DESC, event.position DESC
LIMIT %(limit)s::int;
