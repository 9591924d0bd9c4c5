-- What is known of one fluent between two sides, over all days of publication.

-- name: rows
-- Its intervals at the log position %(position)s, each with the days of publication on which it stands.
SELECT ordinal, possible, certain, known, contested, facts, alternatives
FROM intervals
WHERE fluent = %(fluent)s AND scope = %(scope)s AND subject = %(subject)s
    AND recorded @> %(position)s::bigint
    AND rectangle(scope, known, recorded)
        && rectangle(%(scope)s, NULL, NULL, %(position)s::bigint, %(position)s::bigint)
ORDER BY ordinal, lower(known) NULLS FIRST
LIMIT %(limit)s::int;
