-- Questions at a point of the clocks. %(as_of_earliest)s and %(as_of_latest)s are the days that the
-- question is about, both included; %(known_at)s is the day of publication and %(position)s the log
-- position. {other} is the column of a fluent that answers, {asked} a condition on the other one.

-- name: position_at
-- The last position recorded at or before a time, 0 before all.
SELECT coalesce(max(position), 0) FROM (
    SELECT position FROM events WHERE recorded_at <= %(time)s
    ORDER BY recorded_at DESC, position DESC LIMIT 1
) AS last;

-- name: canonical
-- Whom an id means: itself or what it is merged into; as known now where it was not yet
-- registered at that position. No row: the record has no such entity.
(
    SELECT canonical FROM entities
    WHERE id = %(id)s AND known @> %(known_at)s::int AND recorded @> %(position)s::bigint LIMIT 1
)
UNION ALL
(SELECT id FROM entities WHERE id = %(id)s LIMIT 1)
LIMIT 1;

-- name: speaking
-- The subjects of a scope (or the scopes of a subject), each with its standing and the episode
-- that gives it.
stretches AS (
    SELECT * FROM ({intervals}) AS interval
    WHERE fluent = {fluent} AND {asked}
        AND possible && int4range({as_of_earliest}::int, {as_of_latest}::int, '[]')
),
judged AS (
    SELECT
        {other},
        CASE
            WHEN range_agg(certain) @> int4range({as_of_earliest}::int, {as_of_latest}::int, '[]')
            THEN 'CERTAIN'
            WHEN min(ordinal) < 30000 THEN 'POSSIBLE'
            ELSE 'ANNOUNCED'
        END AS standing
    FROM stretches
    GROUP BY {other}
),
speaking AS (
    SELECT DISTINCT ON ({other}) *
    FROM stretches JOIN judged USING ({other})
    WHERE (
        standing <> 'CERTAIN'
        OR certain && int4range({as_of_earliest}::int, {as_of_latest}::int, '[]')
    )
    AND standing = ANY ({standings}::text[])
    ORDER BY {other}, ordinal
)

-- name: speaking_on
-- The same of a single day, for which one episode decides whether it is certain.
speaking AS (
    SELECT * FROM (
        SELECT DISTINCT ON ({other})
            *,
            CASE
                WHEN certain @> {as_of_earliest}::int THEN 'CERTAIN'
                WHEN ordinal < 30000 THEN 'POSSIBLE'
                ELSE 'ANNOUNCED'
            END AS standing
        FROM ({intervals}) AS interval
        WHERE fluent = {fluent} AND {asked} AND possible @> {as_of_earliest}::int
        ORDER BY {other}, NOT certain @> {as_of_earliest}::int, ordinal
    ) AS this
    WHERE standing = ANY ({standings}::text[])
)

-- name: held_page
-- Of what is `speaking`, in the order of their names: `page` is a page of them and one more where
-- there are more, `total` the counts of all.
named AS (
    SELECT
        speaking.*,
        entity.id, entity.kind, entity.names, entity.aliases, entity.identifiers,
        entity.iso3166, entity.wikidata, entity.location,
        casefold(
            coalesce(
                entity.names ->> {lang}::text, entity.names ->> 'en',
                (SELECT value FROM json_each_text(entity.names) LIMIT 1)
            ) COLLATE pg_unicode_fast
        ) COLLATE "C" AS folded
    FROM speaking CROSS JOIN LATERAL (
        SELECT * FROM ({entities}) AS version
        WHERE version.id = speaking.{other} AND version.valid @> {as_of_latest}::int
        LIMIT 1
    ) AS entity
    WHERE {kind}::text IS NULL OR entity.kind = {kind}
),
total AS (
    SELECT
        count(*) FILTER (WHERE standing = 'CERTAIN') AS certain_count,
        count(*) FILTER (WHERE standing = 'POSSIBLE') AS possible_count,
        count(*) FILTER (WHERE standing = 'ANNOUNCED') AS announced_count
    FROM named
),
page AS MATERIALIZED (
    SELECT *, row_number() OVER (ORDER BY folded, id COLLATE "C") AS place FROM named
    WHERE {after_folded}::text IS NULL
        OR (folded, id COLLATE "C")
            > ({after_folded}::text COLLATE "C", {after_id}::text COLLATE "C")
    ORDER BY folded, id COLLATE "C"
    LIMIT {limit}::int
)

-- name: about
-- A condition on intervals: whom they are of.
{side} = {id}

-- name: about_at
-- The same at a point of K and R.
{side} = {id}
AND rectangle({side}, known, recorded)
    @> rectangle({id}, {known_at}::int, {known_at}::int, {position}::bigint, {position}::bigint)

-- name: held
-- The page's rows and the counts. Always at least one row, so that an empty page has its count.
WITH {speaking}, {page}
SELECT
    certain_count, possible_count, announced_count,
    id, kind, names, aliases, identifiers, iso3166, wikidata, location, folded, standing, contested,
    disputed,
    CASE WHEN standing <> 'ANNOUNCED' THEN start_earliest END AS start_earliest,
    CASE WHEN standing <> 'ANNOUNCED' THEN start_latest END AS start_latest,
    since, ended, end_earliest, end_latest, until,
    facts, alternatives, announced_ends, sources,
    CASE WHEN standing <> 'ANNOUNCED' AND NOT ended THEN greatest(attested, (
        SELECT max(observed) FROM ({sources}) AS version WHERE version.id = ANY (page.sources)
    )) END AS attested
FROM total LEFT JOIN page ON true
ORDER BY place;

-- name: visible
-- The rows of a table that stand at a point of K and R.
SELECT * FROM {table} WHERE known @> {known_at}::int AND recorded @> {position}::bigint

-- name: open
-- The same by everything known and recorded so far.
SELECT * FROM {table} WHERE upper_inf(known) AND upper_inf(recorded)

-- name: reported
-- The counts reported of a coalition for the latest day on or before X: one a source.
WITH reports AS (
    SELECT (version ->> 'value')::int AS value,
        coalesce(version ->> 'comparator', '=') AS comparator, version ->> 'when' AS "when",
        latest, sources
    FROM ({versions}) AS version
    WHERE type = 'MemberCountReported' AND subjects @> ARRAY[{coalition}::text]
        AND latest <= {as_of_latest}::int AND set_aside_by = '{{}}'
        AND coalesce(version ->> 'modality', 'OCCURRED') = 'OCCURRED'
)
SELECT source COLLATE "C" AS source, value, comparator, min("when" COLLATE "C") AS "when"
FROM reports, unnest(sources) AS source
WHERE latest = (SELECT max(latest) FROM reports)
GROUP BY 1, 2, 3
ORDER BY source, value, comparator

-- name: sources_by_id
SELECT id, source, withdrawn FROM sources
WHERE id = ANY (%(ids)s::text[]) AND known @> %(known_at)s::int AND recorded @> %(position)s::bigint;

-- name: entities_by_id
SELECT id, canonical, kind, names, aliases, identifiers, iso3166, wikidata, location FROM entities
WHERE id = ANY (%(ids)s::text[]) AND valid @> %(as_of_latest)s::int
    AND known @> %(known_at)s::int AND recorded @> %(position)s::bigint;

-- name: names_on_days
-- What entities are called, each on a day of its own.
SELECT id, day, names FROM unnest(%(ids)s::text[], %(days)s::int[]) AS asked (id, day)
JOIN entities USING (id)
WHERE valid @> day AND known @> %(known_at)s::int AND recorded @> %(position)s::bigint;

-- name: versions_by_id
SELECT fact AS id, type, version, disputed, set_aside_by, subjects, sources FROM versions
WHERE fact = ANY (%(ids)s::text[]) AND known @> %(known_at)s::int AND recorded @> %(position)s::bigint;
