-- What each field of an answer is written as: one SQL expression of JSON for a field, named by the
-- object that it is of. `this` is the row of that object. {Name} is an object of that name, made of
-- the fields asked for; {name} a parameter, or the rows of a table at the point asked for. A field
-- that has none is answered row by row, by its resolver.

-- name: statement
-- All columns of all fields at the root in one statement, after those that say which projections
-- answer, how far they go, and which event was the last to change an entity or a source. A column is
-- null where the record can't answer it so.
SELECT progress.tableoid::bigint, progress.position, progress.catalogued, {columns}
FROM progress {fields}

-- name: field
-- OFFSET 0 keeps each apart: pulled up into the others, 32 took 870 MB to plan instead of 68.
LEFT JOIN LATERAL ({query} OFFSET 0) AS {name} ON true

-- name: column
convert_to(({value})::text, 'UTF8')

-- name: root
-- A question of the entity that an id means at the point.
SELECT {columns} FROM ({asked}) AS asked

-- name: root_of_all
-- A question of all of a fluent.
SELECT {columns}

-- name: rows
-- What speaks for each subject, in no order, as fields with U+001F between them, which neither JSON
-- nor ids have. Who it is, the standing, the sources, the facts, then what is written of it.
(
    WITH {speaking}
    SELECT coalesce(string_agg({line}, E'\x1F'), '') FROM speaking AS this
)

-- name: no_cell
''

-- name: cell_sources
array_to_string(this.sources, ' ')

-- name: cell_facts
this.facts

-- name: kept_entities
-- Entities as they stand at a point, where else they stand so, and what is written of them.
SELECT
    progress.tableoid::bigint, convert_to(this.id, 'UTF8'),
    lower(this.recorded), upper(this.recorded), lower(this.known), upper(this.known),
    lower(this.valid), upper(this.valid),
    this.kind, convert_to(this.folded, 'UTF8') || '\x00' || convert_to(this.id, 'UTF8'){columns}
FROM progress CROSS JOIN (
    SELECT *,
        casefold(
            coalesce(
                names ->> {order_lang}::text, names ->> 'en',
                (SELECT value FROM json_each_text(names) LIMIT 1)
            ) COLLATE pg_unicode_fast
        ) COLLATE "C" AS folded
    FROM entities
    WHERE id = ANY ({ids}::text[]) AND valid @> {last}::int
        AND known @> {k}::int AND recorded @> {r}::bigint
) AS this

-- name: kept_sources
-- The same of sources.
SELECT
    progress.tableoid::bigint, convert_to(this.id, 'UTF8'),
    lower(this.recorded), upper(this.recorded), lower(this.known), upper(this.known), NULL, NULL,
    NULL, NULL{columns}
FROM progress CROSS JOIN (
    SELECT * FROM sources
    WHERE id = ANY ({ids}::text[]) AND known @> {k}::int AND recorded @> {r}::bigint
) AS this

-- name: asked
-- Whom an id means: itself or what it is merged into; as known now where it was not yet registered
-- at that position. No row: the record has no such entity.
(
    SELECT canonical AS id FROM ({entities}) AS version WHERE version.id = {id}::text LIMIT 1
)
UNION ALL
(SELECT id FROM entities WHERE id = {id}::text LIMIT 1)
LIMIT 1

-- name: entity
-- An entity, or what it is merged into, and the questions of it.
SELECT {columns}
FROM (
    SELECT entity.* FROM ({asked}) AS asked CROSS JOIN LATERAL (
        SELECT * FROM ({entities}) AS version
        WHERE version.id = asked.id AND version.valid @> {last}::int
    ) AS entity
) AS this

-- name: source
SELECT {columns}
FROM (SELECT * FROM ({sources}) AS version WHERE version.id = {id}::text) AS this

-- name: log
-- A stretch of the log: one event more than is shown, where there are more.
WITH page AS MATERIALIZED (
    SELECT position, type, id, recorded_at, actor FROM events
    WHERE position > {after}::bigint AND position <= {position}
    ORDER BY position LIMIT {limit}::int
)
SELECT {columns}

-- name: Log_position
{position}

-- name: Log_events
coalesce(
    (
        SELECT concat('[', string_agg({LogEvent}, ',' ORDER BY this.position), ']')
        FROM (SELECT * FROM page ORDER BY position LIMIT {limit}::int - 1) AS this
    ),
    '[]'
)

-- name: Log_hasNextPage
to_json((SELECT count(*) FROM page) >= {limit}::int)

-- name: LogEvent_position
this.position

-- name: LogEvent_type
to_json(this.type)

-- name: LogEvent_id
to_json(this.id)

-- name: LogEvent_recordedAt
to_json(to_char(this.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))

-- name: LogEvent_actor
to_json(this.actor)

-- name: State_position
{position}

-- name: State_entity
{Entity}

-- name: Connection_position
{position}

-- name: Count_reported
-- Of a coalition.
(SELECT concat('[', string_agg({ReportedCount}, ','), ']') FROM ({reported}) AS this)

-- name: Other_reported
-- Of all else nothing is reported.
'[]'

-- name: ReportedCount_value
this.value

-- name: ReportedCount_comparator
to_json(this.comparator)

-- name: ReportedCount_source
(
    SELECT {Source} FROM (
        SELECT * FROM ({sources}) AS version WHERE version.id = this.source
    ) AS this
)

-- name: cursor
-- As asof.cursor_of has it.
concat('"', translate(
    encode(
        convert_to(concat('[', to_json(this.folded), ',', to_json(this.id), ']'), 'UTF8'), 'base64'
    ),
    E'+/\n', '-_'
), '"')

-- name: Held_standing
to_json(this.standing)

-- name: Held_contested
to_json(this.contested)

-- name: Held_disputed
to_json(this.disputed)

-- name: Held_since
{Since}

-- name: Held_until
CASE WHEN this.ended THEN {Until} ELSE 'null' END

-- name: Since_edtf
coalesce(to_json(this.since), 'null')

-- name: Since_earliest
coalesce(json_day(this.start_earliest), 'null')

-- name: Since_latest
coalesce(json_day(this.start_latest), 'null')

-- name: Until_edtf
coalesce(to_json(this.until), 'null')

-- name: Until_earliest
coalesce(json_day(this.end_earliest), 'null')

-- name: Until_latest
coalesce(json_day(this.end_latest), 'null')

-- name: Fact_id
this.fact -> 'id'

-- name: Fact_type
this.fact -> 'type'

-- name: Fact_when
{When}

-- name: When_edtf
to_json(this.fact ->> 'when')

-- name: Held_alternatives
CASE WHEN this.alternatives::text = '[]' THEN '[]' ELSE (
    SELECT concat('[', string_agg({Alternative}, ',' ORDER BY this.place), ']')
    FROM json_array_elements(this.alternatives) WITH ORDINALITY AS this (alternative, place)
) END

-- name: Alternative_since
(
    SELECT CASE WHEN json_typeof(this.side) = 'null' THEN 'null' ELSE {Side} END
    FROM (SELECT this.alternative -> 'since' AS side) AS this
)

-- name: Alternative_until
(
    SELECT CASE WHEN json_typeof(this.side) = 'null' THEN 'null' ELSE {Side} END
    FROM (SELECT this.alternative -> 'until' AS side) AS this
)

-- name: Side_edtf
to_json(this.side ->> 'edtf')

-- name: Side_earliest
coalesce(json_day((this.side ->> 'earliest')::int), 'null')

-- name: Side_latest
coalesce(json_day((this.side ->> 'latest')::int), 'null')

-- name: Alternative_facts
(
    SELECT concat('[', {Fact}, ']') FROM (SELECT this.alternative -> 'fact' AS fact) AS this
)

-- name: Alternative_sources
(
    SELECT concat('[', string_agg({Source}, ',' ORDER BY this.place), ']')
    FROM (
        SELECT version.*, cited.place
        FROM json_array_elements_text(this.alternative -> 'sources')
            WITH ORDINALITY AS cited (id, place)
        CROSS JOIN LATERAL (
            SELECT * FROM ({sources}) AS version WHERE version.id = cited.id LIMIT 1
        ) AS version
    ) AS this
)

-- name: Entity_id
to_json(this.id)

-- name: Entity_kind
to_json(this.kind)

-- name: Entity_iso3166
coalesce(to_json(this.iso3166), 'null')

-- name: Entity_wikidata
coalesce(to_json(this.wikidata), 'null')

-- name: Entity_name
to_json(coalesce(
    this.names ->> {lang}::text, this.names ->> 'en',
    (SELECT value FROM json_each_text(this.names) LIMIT 1)
))

-- name: Entity_names
(
    SELECT concat('[', string_agg({Name}, ',' ORDER BY this.place), ']')
    FROM json_each_text(this.names) WITH ORDINALITY AS this (lang, name, place)
)

-- name: Entity_location
CASE WHEN this.location IS NULL THEN 'null' ELSE {Location} END

-- name: Location_lat
this.location ->> 'lat'

-- name: Location_lon
this.location ->> 'lon'

-- name: Location_precisionM
coalesce(this.location ->> 'precisionM', 'null')

-- name: Name_lang
to_json(this.lang)

-- name: Name_name
to_json(this.name)

-- name: Source_id
to_json(this.id)

-- name: Source_title
to_json(this.source ->> 'title')

-- name: Source_publisher
coalesce(to_json(this.source ->> 'publisher'), 'null')

-- name: Source_author
coalesce(to_json(this.source ->> 'author'), 'null')

-- name: Source_language
coalesce(to_json(this.source ->> 'language'), 'null')

-- name: Source_url
coalesce(to_json(this.source ->> 'url'), 'null')

-- name: Source_sha256
coalesce(to_json(this.source ->> 'sha256'), 'null')

-- name: Source_reliability
coalesce(to_json(this.source ->> 'reliability'), 'null')

-- name: Source_credibility
coalesce(this.source ->> 'credibility', 'null')

-- name: Source_withdrawn
to_json(this.withdrawn)

-- name: Source_published
CASE WHEN this.source ->> 'published' IS NULL THEN 'null' ELSE {Published} END

-- name: Published_edtf
to_json(this.source ->> 'published')

-- name: Source_retrieved
CASE WHEN this.source ->> 'retrieved' IS NULL THEN 'null' ELSE {Retrieved} END

-- name: Retrieved_edtf
to_json(this.source ->> 'retrieved')
