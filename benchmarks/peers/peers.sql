-- name: memberships
-- Every membership as recorded now and by all that was published: days of valid time, null without
-- end, and what an answer says of it.
SELECT json_build_object(
    'coalition', held.scope,
    'member', held.subject,
    'from', coalesce(lower(held.possible), -2000000),
    'until', coalesce(upper(held.possible), 4000000),
    'name', entity.names ->> 'en',
    'kind', entity.kind,
    'contested', held.contested,
    'since', held.since,
    'facts', held.facts,
    'sources', (
        SELECT json_agg(json_build_object(
            'id', source.id, 'title', source.source ->> 'title',
            'publisher', source.source ->> 'publisher',
            'published', source.source ->> 'published'
        ))
        FROM sources AS source
        WHERE source.id = ANY (held.sources)
            AND upper_inf(source.known) AND upper_inf(source.recorded)
    )
)
FROM intervals AS held
JOIN entities AS entity ON entity.id = held.subject
    AND upper_inf(entity.valid) AND upper_inf(entity.known) AND upper_inf(entity.recorded)
WHERE held.fluent = 'membership' AND upper_inf(held.known) AND upper_inf(held.recorded)
    AND NOT isempty(held.possible)
ORDER BY held.scope, held.subject, held.ordinal;

-- name: make_table
-- A bitemporal table written by hand: one row a state, one index for any point of the clocks.
CREATE TABLE states (
    scope text NOT NULL,
    subject text NOT NULL,
    valid int4range NOT NULL,
    known int4range NOT NULL,
    recorded int8range NOT NULL,
    payload jsonb NOT NULL
);

-- name: copy_states
COPY states (scope, subject, valid, known, recorded, payload) FROM STDIN;

-- name: index_states
CREATE INDEX states_any_point ON states USING gist (scope, recorded, known, valid);

-- name: states_now
SELECT payload FROM states
WHERE scope = %(scope)s AND valid @> %(x)s::int AND known @> %(k)s::int
    AND recorded @> %(r)s::bigint;
