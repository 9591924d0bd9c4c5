-- What an answer costs where everything but the rows is left out: the members of a coalition on a day
-- by all that is known and recorded, %(coalition)s and %(x)s. Each row is found by its B-tree of what
-- is open, one look for each entity and each source, none for what was corrected.

-- name: rows
-- F1: the rows: what `members` asks of one node.
SELECT
    entity.id, entity.kind, coalesce(entity.names ->> 'en', entity.id) AS name, entity.iso3166,
    CASE
        WHEN held.ordinal = 30000 THEN 'ANNOUNCED'
        WHEN held.certain @> %(x)s::int THEN 'CERTAIN'
        ELSE 'POSSIBLE'
    END AS standing,
    held.contested, held.since, held.start_earliest, held.start_latest,
    held.ended, held.until, held.end_earliest, held.end_latest, held.facts,
    (
        SELECT json_agg(json_build_object(
            'id', source.id, 'title', source.title, 'publisher', source.publisher,
            'published', CASE WHEN source.published IS NOT NULL
                THEN json_build_object('edtf', source.published) END
        ) ORDER BY cited.place)
        FROM unnest(held.sources) WITH ORDINALITY AS cited (id, place)
        CROSS JOIN LATERAL (
            SELECT id, source ->> 'title' AS title, source ->> 'publisher' AS publisher,
                source ->> 'published' AS published
            FROM sources
            WHERE id = cited.id AND upper_inf(known) AND upper_inf(recorded)
            LIMIT 1
        ) AS source
    ) AS sources
FROM (
    SELECT DISTINCT ON (subject) * FROM intervals
    WHERE fluent = 'membership' AND scope = %(coalition)s AND possible @> %(x)s::int
        AND upper_inf(known) AND upper_inf(recorded)
    ORDER BY subject, NOT (certain @> %(x)s::int), ordinal
) AS held
CROSS JOIN LATERAL (
    SELECT id, kind, names, iso3166 FROM entities
    WHERE id = held.subject AND valid @> %(x)s::int AND upper_inf(known) AND upper_inf(recorded)
    LIMIT 1
) AS entity
ORDER BY casefold((entity.names ->> 'en') COLLATE pg_unicode_fast) COLLATE "C",
    entity.id COLLATE "C";

-- name: answer
-- F3: the same as the JSON that GraphQL answers with, finished by PostgreSQL. {rows} is F1.
WITH held AS ({rows})
SELECT json_build_object('data', json_build_object('members', json_build_object(
    'position', (SELECT position FROM progress),
    'count', json_build_object(
        'certain', count(*) FILTER (WHERE standing = 'CERTAIN'),
        'possible', count(*) FILTER (WHERE standing = 'POSSIBLE'),
        'announced', count(*) FILTER (WHERE standing = 'ANNOUNCED')
    ),
    'edges', coalesce(json_agg(json_build_object('node', json_build_object(
        'member',
        json_build_object('id', id, 'kind', kind, 'name', name, 'iso3166', iso3166),
        'standing', standing,
        'contested', contested,
        'since', json_build_object(
            'edtf', since,
            'earliest', (date '1970-01-01' + start_earliest)::text,
            'latest', (date '1970-01-01' + start_latest)::text
        ),
        'until', CASE WHEN ended THEN json_build_object(
            'edtf', until,
            'earliest', (date '1970-01-01' + end_earliest)::text,
            'latest', (date '1970-01-01' + end_latest)::text
        ) END,
        'facts', (
            SELECT json_agg(json_build_object(
                'id', fact ->> 'id', 'type', fact ->> 'type',
                'when', json_build_object('edtf', fact ->> 'when')
            ))
            FROM json_array_elements(facts) AS fact
        ),
        'sources', sources
    ))), '[]')
)))::text
FROM held;
