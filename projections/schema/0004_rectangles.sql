-- A row of a fluent's history is a rectangle, of days of publication and log positions: it is found
-- as one. A two-dimensional GiST index of boxes of numbers answers any point of K and R by the rows
-- that are there, however deep the history, and takes a row in a seventh of the time that GiST over
-- text and ranges does. All names share the plane: each has a strip of it by its hash, 2^33
-- positions wide, so that a query has to ask for the name too. The numbers are whole and below
-- 2^53, hence exact.
CREATE FUNCTION rectangle(
    name text, first_day integer, last_day integer, first_position bigint, last_position bigint
) RETURNS box
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN box(
    point(
        (hashtextextended(name, 0) & 1048575)::float8 * 8589934592 + coalesce(first_position, 0),
        coalesce(first_day, -2147483648)
    ),
    point(
        (hashtextextended(name, 0) & 1048575)::float8 * 8589934592
        + coalesce(last_position, 8589934591),
        coalesce(last_day, 2147483647)
    )
);

CREATE FUNCTION rectangle(name text, known int4range, recorded int8range) RETURNS box
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN rectangle(
    name, lower(known), upper(known) - 1, lower(recorded), upper(recorded) - 1
);

DROP INDEX intervals_scope, intervals_subject, intervals_scope_now, intervals_subject_now;
CREATE INDEX intervals_scope ON intervals USING gist (rectangle(scope, known, recorded));
CREATE INDEX intervals_subject ON intervals USING gist (rectangle(subject, known, recorded));
-- What stands by all that is known and recorded, which is asked for most. A query has to repeat the
-- condition.
CREATE INDEX intervals_scope_open ON intervals (scope, subject)
    WHERE upper_inf(known) AND upper_inf(recorded);
CREATE INDEX intervals_subject_open ON intervals (subject, scope)
    WHERE upper_inf(known) AND upper_inf(recorded);
-- What the follower closes, it looks up by what it is.
CREATE INDEX intervals_standing ON intervals (scope, subject, known) WHERE upper_inf(recorded);
-- Few facts found or end something, and which things exist is asked of all of them.
CREATE INDEX intervals_existence ON intervals (scope) WHERE fluent = 'existence';

-- Of entities and sources little is corrected: as of facts in 0002, an old row is kept out of the
-- way of the last one.
DROP INDEX entities_id, entities_kind, sources_id;
CREATE INDEX entities_id ON entities (id, upper(recorded));
CREATE INDEX sources_id ON sources (id, upper(recorded));
