-- How each field of an answer is written: one SQL expression of JSON for a field, named by the object
-- that has it. `this` is the row of that object. {Name} is an object of that name, made of the fields
-- asked for; {name} is a parameter, or the rows of a table at the point asked for. Ids, kinds and EDTF
-- have nothing to escape, and what jsonb gives is escaped. A field without an expression is answered by
-- its resolver.

-- name: statement
-- The whole response, after the generation of the projections, the position, and the last position
-- that changed a source. The response is null where the record can't answer one of the fields so.
SELECT
    progress.tableoid::bigint, progress.position,
    coalesce((SELECT max(upper(recorded)) FROM sources WHERE NOT upper_inf(recorded)), 0),
    convert_to({response}, 'UTF8')
FROM progress {fields}

-- name: field
-- OFFSET 0 has PostgreSQL plan each field apart. Pulled up into one query, 32 fields took 870 MB to
-- plan instead of 68.
LEFT JOIN LATERAL ({query} OFFSET 0) AS {name} ON true

-- name: root
-- A question of the entity that an id means at the point.
SELECT {text} AS text FROM ({asked}) AS asked

-- name: root_of_all
-- A question of all of a fluent.
SELECT {text} AS text

-- name: connection
-- What speaks for each subject, with the entity that it is; a page of them in the order of names, and
-- one more where more follow. Each entity is looked up by its index: joined as sets, rows and entities
-- were a nested loop of all by all, since PostgreSQL expects few.
(
    WITH {speaking},
    named AS (
        SELECT speaking.*, entity.*
        FROM speaking CROSS JOIN LATERAL (
            SELECT id, kind, names, aliases, identifiers, iso3166, wikidata, location,
                casefold(
                    coalesce(
                        names ->> {lang}::text, names ->> 'en',
                        (SELECT value FROM json_each_text(names) LIMIT 1)
                    ) COLLATE pg_unicode_fast
                ) COLLATE "C" AS folded
            FROM ({entities}) AS version
            WHERE id = speaking.{other} AND valid @> {as_of_latest}::int
            LIMIT 1
        ) AS entity
        WHERE {kind}::text IS NULL OR entity.kind = {kind}
    ),
    page AS MATERIALIZED (
        SELECT * FROM named
        WHERE {after_folded}::text IS NULL
            OR (folded, id COLLATE "C")
                > ({after_folded}::text COLLATE "C", {after_id}::text COLLATE "C")
        ORDER BY folded, id COLLATE "C"
        LIMIT {limit}::int + 1
    )
    SELECT {Connection}
)

-- name: Connection_edges
(
    SELECT concat('[', string_agg({Edge}, ','), ']')
    FROM (SELECT * FROM page ORDER BY folded, id COLLATE "C" LIMIT {limit}::int) AS this
)

-- name: Connection_count
(
    SELECT {Count} FROM (
        SELECT
            count(*) FILTER (WHERE standing = 'CERTAIN') AS certain,
            count(*) FILTER (WHERE standing = 'POSSIBLE') AS possible,
            count(*) FILTER (WHERE standing = 'ANNOUNCED') AS announced
        FROM named
    ) AS this
)

-- name: Connection_pageInfo
{PageInfo}

-- name: Count_certain
this.certain

-- name: Count_possible
this.possible

-- name: Count_announced
this.announced

-- name: PageInfo_hasNextPage
to_json((SELECT count(*) FROM page) > {limit}::int)

-- name: PageInfo_hasPreviousPage
to_json({after_id}::text IS NOT NULL)

-- name: PageInfo_startCursor
coalesce(
    (SELECT {cursor} FROM (SELECT * FROM page ORDER BY folded, id COLLATE "C" LIMIT 1) AS this),
    'null'
)

-- name: PageInfo_endCursor
coalesce(
    (
        SELECT {cursor} FROM (
            SELECT * FROM (
                SELECT * FROM page ORDER BY folded, id COLLATE "C" LIMIT {limit}::int
            ) AS shown
            ORDER BY folded DESC, id COLLATE "C" DESC LIMIT 1
        ) AS this
    ),
    'null'
)

-- name: Edge_cursor
{cursor}

-- name: Edge_node
{Held}

-- name: Held_entity
{Entity}

-- name: Held_facts
(
    SELECT concat('[', string_agg({Fact}, ','), ']')
    FROM json_array_elements(this.facts) AS this (fact)
)

-- name: Held_facts_stored
-- The same for the fields that a row stores, {{ id type when {{ edtf }} }}: 0.1 ms faster for 90 rows.
replace(replace(this.facts::text, '"when":"', '"when":{{"edtf":"'), '"}}', '"}}}}')

-- name: Held_sources
-- A gap that is filled with texts from a cache: the number of the field's source_texts and the ids,
-- between two U+001F, which JSON does not have. To write 180 sources here took a third of the
-- statement's time.
concat(E'\x1F', {number}, ' ', array_to_string(this.sources, ' '), E'\x1F')

-- name: source_texts
-- What is written of some sources at a point, with the generation of the projections.
SELECT progress.tableoid::bigint, convert_to(this.id, 'UTF8'), convert_to({Source}, 'UTF8')
FROM progress CROSS JOIN (
    SELECT * FROM ({sources}) AS version WHERE version.id = ANY ({ids}::text[])
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
SELECT {text} AS text
FROM (
    SELECT entity.* FROM ({asked}) AS asked CROSS JOIN LATERAL (
        SELECT * FROM ({entities}) AS version
        WHERE version.id = asked.id AND version.valid @> {as_of_latest}::int
    ) AS entity
) AS this
-- Within the questions `this` is something else.
CROSS JOIN LATERAL (SELECT this.id) AS asked

-- name: source
SELECT {text} AS text
FROM (SELECT * FROM ({sources}) AS version WHERE version.id = {id}::text) AS this

-- name: log
-- A stretch of the log: one event more than is shown, where there are more.
WITH page AS MATERIALIZED (
    SELECT position, type, id, recorded_at, actor FROM events
    WHERE position > {after}::bigint AND position <= {position}::bigint
    ORDER BY position LIMIT {limit}::int
)
SELECT {text} AS text

-- name: Log_position
{position}::bigint

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
{position}::bigint

-- name: State_entity
{Entity}

-- name: Connection_position
{position}::bigint

-- name: Count_reported
-- Of a coalition, which alone has reported counts.
(SELECT concat('[', string_agg({ReportedCount}, ','), ']') FROM ({reported}) AS this)

-- name: Other_reported
-- Of anything else.
'[]'

-- name: ReportedCount_value
this.value

-- name: ReportedCount_comparator
to_json(this.comparator)

-- name: ReportedCount_when
{CountedWhen}

-- name: CountedWhen_edtf
to_json(this."when")

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
concat('"', this.standing, '"')

-- name: Held_contested
this.contested::text

-- name: Held_disputed
this.disputed::text

-- name: Held_since
{Since}

-- name: Held_until
CASE WHEN this.ended THEN {Until} ELSE 'null' END

-- name: Since_edtf
coalesce('"' || this.since || '"', 'null')

-- name: Since_earliest
-- An announcement has no bounds: it says nothing of when anything began.
CASE WHEN this.standing = 'ANNOUNCED' THEN 'null'
ELSE coalesce(json_day(this.start_earliest), 'null') END

-- name: Since_latest
CASE WHEN this.standing = 'ANNOUNCED' THEN 'null'
ELSE coalesce(json_day(this.start_latest), 'null') END

-- name: Until_edtf
coalesce('"' || this.until || '"', 'null')

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
this.fact -> 'when'

-- name: Held_alternatives
CASE WHEN this.alternatives::text = '[]' THEN '[]' ELSE (
    SELECT concat('[', string_agg({Alternative}, ',' ORDER BY this.place), ']')
    FROM json_array_elements(this.alternatives) WITH ORDINALITY AS this (alternative, place)
) END

-- name: Held_announcedEnds
-- Its date is written as any Side's, its facts and sources as any Alternative's.
CASE WHEN this.announced_ends::text = '[]' THEN '[]' ELSE (
    SELECT concat('[', string_agg({AnnouncedEnd}, ',' ORDER BY this.place), ']')
    FROM (
        SELECT alternative, alternative -> 'until' AS side, place
        FROM json_array_elements(this.announced_ends) WITH ORDINALITY AS each (alternative, place)
    ) AS this
) END

-- name: Held_attested
CASE WHEN this.ended OR this.standing = 'ANNOUNCED' THEN 'null'
ELSE coalesce(json_day(greatest(this.attested, (
    SELECT max(observed) FROM ({sources}) AS version WHERE version.id = ANY (this.sources)
))), 'null') END

-- name: Alternative_setAside
this.alternative -> 'setAside'

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
concat('"', this.id, '"')

-- name: Entity_kind
concat('"', this.kind, '"')

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

-- name: Entity_aliases
coalesce(
    (
        SELECT concat('[', string_agg({Name}, ',' ORDER BY this.lang COLLATE "C", this.place), ']')
        FROM (
            SELECT lang, name, place
            FROM json_each(this.aliases) AS by_lang (lang, named)
            CROSS JOIN LATERAL json_array_elements_text(named) WITH ORDINALITY AS each (name, place)
        ) AS this
    ),
    '[]'
)

-- name: Entity_identifiers
coalesce(
    (
        SELECT concat('[', string_agg({Identifier}, ',' ORDER BY this.scheme COLLATE "C"), ']')
        FROM json_each_text(this.identifiers) AS this (scheme, value)
    ),
    '[]'
)

-- name: Identifier_scheme
to_json(this.scheme)

-- name: Identifier_value
to_json(this.value)

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
concat('"', this.id, '"')

-- name: Source_title
this.source -> 'title'

-- name: Source_publisher
coalesce(this.source -> 'publisher', 'null')

-- name: Source_author
coalesce(this.source -> 'author', 'null')

-- name: Source_language
coalesce(this.source -> 'language', 'null')

-- name: Source_url
coalesce(this.source -> 'url', 'null')

-- name: Source_sha256
coalesce(this.source -> 'sha256', 'null')

-- name: Source_reliability
coalesce(this.source -> 'reliability', 'null')

-- name: Source_credibility
coalesce(this.source ->> 'credibility', 'null')

-- name: Source_withdrawn
to_json(this.withdrawn)

-- name: Source_published
CASE WHEN this.source ->> 'published' IS NULL THEN 'null' ELSE {Published} END

-- name: Published_edtf
this.source -> 'published'

-- name: Source_observedThrough
CASE WHEN this.source ->> 'observedThrough' IS NULL THEN 'null' ELSE {Observed} END

-- name: Observed_edtf
this.source -> 'observedThrough'

-- name: Source_retrieved
CASE WHEN this.source ->> 'retrieved' IS NULL THEN 'null' ELSE {Retrieved} END

-- name: Retrieved_edtf
this.source -> 'retrieved'
