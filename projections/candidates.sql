-- Entities that a name may mean, by how people write it (domain/name_match.py), with names of any
-- day or of those from %(first_day)s to %(last_day)s, as the record has them at %(position)s. The
-- service that answers with them judges how alike the names are.

-- name: candidates
SELECT id, canonical, kind, names::text, aliases::text, identifiers::text, iso3166, wikidata
FROM entities
WHERE {shared}
    AND known @> %(known_at)s::int AND recorded @> %(position)s::bigint
    AND (%(last_day)s::int IS NULL OR valid && int4range(%(first_day)s::int, %(last_day)s::int, '[]'))
    AND (%(kinds)s::text[] IS NULL OR kind = ANY (%(kinds)s::text[]))
LIMIT %(most)s::int;

-- name: by_key
keys && %(keys)s::integer[]

-- name: by_trigrams
sounds OPERATOR(public.%%>) %(sounds)s::text

-- name: by_id
id = ANY (%(identifiers)s::text[])

-- name: of_day
-- Entities as a day has them, for who shows them.
SELECT id, kind, names::text, aliases::text, identifiers::text, iso3166, wikidata, location::text
FROM entities
WHERE id = ANY (%(ids)s::text[]) AND valid @> %(last_day)s::int
    AND known @> %(known_at)s::int AND recorded @> %(position)s::bigint;
