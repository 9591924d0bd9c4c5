-- What answers are written with.

-- A day number as YYYY-MM-DD, with a minus for years before 0. PostgreSQL's dates begin in 4713 BC
-- and have no year 0, so that early days are read 10,000 years later: the calendar is the same.
CREATE FUNCTION iso_day(day integer) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN day >= -719162 THEN to_char('1970-01-01'::date + day, 'YYYY-MM-DD')
    WHEN date_part('year', '1970-01-01'::date + (day + 3652425)) < 10000 THEN
        '-' || lpad((10000 - date_part('year', '1970-01-01'::date + (day + 3652425)))::text, 4, '0')
        || to_char('1970-01-01'::date + (day + 3652425), '-MM-DD')
    ELSE '0000' || to_char('1970-01-01'::date + (day + 3652425), '-MM-DD')
END;

-- What stands by all that is known and recorded so far, which is asked for most: these have only
-- those rows, however often a fact was corrected, and cost a sixth of a GiST entry to write. A
-- query has to repeat their condition.
CREATE INDEX intervals_scope_now ON intervals (scope)
    WHERE upper_inf(known) AND upper_inf(recorded);
CREATE INDEX intervals_subject_now ON intervals (subject)
    WHERE upper_inf(known) AND upper_inf(recorded);
CREATE INDEX entities_now ON entities (id) WHERE upper_inf(known) AND upper_inf(recorded);
CREATE INDEX sources_now ON sources (id) WHERE upper_inf(known) AND upper_inf(recorded);
CREATE INDEX versions_reported ON versions USING gin (subjects) WHERE type = 'MemberCountReported';

-- Whoever serves answers learns how far they go, in the transaction that brings them forward. The
-- table's oid tells these projections from those that are made beside them.
CREATE FUNCTION tell_progress() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('sijill_projected', TG_RELID || ' ' || NEW.position);
    RETURN NULL;
END
$$;
CREATE TRIGGER tell_progress AFTER UPDATE OF position ON progress
    FOR EACH ROW EXECUTE FUNCTION tell_progress();
