-- What stands by all that is known and recorded, and what no longer does, each have indexes of
-- their own, so that a row is in one of them, and an answer of today does not meet what was
-- corrected. Most rows are written once, into a B-tree; GiST, which costs six times that, takes
-- only what was closed. A query has to repeat the conditions: asof.sql's `every` does.
DROP INDEX intervals_scope, intervals_subject, intervals_scope_now, intervals_subject_now;
CREATE INDEX intervals_scope_open ON intervals (scope, subject)
    WHERE upper_inf(known) AND upper_inf(recorded);
CREATE INDEX intervals_subject_open ON intervals (subject, scope)
    WHERE upper_inf(known) AND upper_inf(recorded);
-- IS NOT NULL, which holds of every row, makes the index one for queries that name its first column:
-- the planner holds the ranges alone to be selective enough, and could take the other side's.
CREATE INDEX intervals_scope_past ON intervals USING gist (scope, recorded, known, possible)
    WHERE NOT (upper_inf(known) AND upper_inf(recorded)) AND scope IS NOT NULL;
CREATE INDEX intervals_subject_past ON intervals USING gist (subject, recorded, known, possible)
    WHERE NOT (upper_inf(known) AND upper_inf(recorded)) AND subject IS NOT NULL;
-- Few facts found or end something, and which things exist is asked of all of them.
CREATE INDEX intervals_existence ON intervals (scope) WHERE fluent = 'existence';

DROP INDEX entities_id, entities_now;
CREATE INDEX entities_open ON entities (id) WHERE upper_inf(known) AND upper_inf(recorded);
CREATE INDEX entities_past ON entities USING gist (id, recorded)
    WHERE NOT (upper_inf(known) AND upper_inf(recorded)) AND id IS NOT NULL;

DROP INDEX sources_id, sources_now;
CREATE INDEX sources_open ON sources (id) WHERE upper_inf(known) AND upper_inf(recorded);
CREATE INDEX sources_past ON sources USING gist (id, recorded)
    WHERE NOT (upper_inf(known) AND upper_inf(recorded)) AND id IS NOT NULL;
