-- What the follower makes of the log. Everything here can be thrown away and rebuilt.
--
-- Rows are rectangles: `known` is a range of days of publication, `recorded` one of log
-- positions. A row is closed along `recorded` when the log outgrows it, and never deleted, so
-- that an answer at an old position stays as it was. Days are int4, 1970-01-01 is 0.

CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public;

-- How far the projections have come. One row; whoever holds its lock is the follower.
CREATE TABLE progress (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    position bigint NOT NULL,
    recorded_at timestamptz,              -- the effective one of that position
    stopped_at bigint,                    -- the event that can't be projected, and why
    stopped_why text
);
INSERT INTO progress (position) VALUES (0);

-- Every event: who recorded what, and when. recorded_at never runs backwards.
CREATE TABLE events (
    position bigint PRIMARY KEY,
    recorded_at timestamptz NOT NULL,
    type text NOT NULL,
    id text NOT NULL,
    actor text NOT NULL
);
CREATE INDEX events_recorded_at ON events (recorded_at, position);
CREATE INDEX events_id ON events (id);

CREATE TABLE sources (
    id text NOT NULL,
    source json NOT NULL,                 -- as a record file has it
    withdrawn boolean NOT NULL,
    known int4range NOT NULL,
    recorded int8range NOT NULL
);
CREATE INDEX sources_id ON sources USING gist (id, recorded);

CREATE TABLE entities (
    id text NOT NULL,
    canonical text NOT NULL,              -- what it is merged into, or itself
    kind text NOT NULL,
    names json NOT NULL,                  -- in the author's order, which jsonb would lose
    iso3166 text,
    wikidata text,
    location json,
    valid int4range NOT NULL,             -- the days on which it has these names
    known int4range NOT NULL,
    recorded int8range NOT NULL
);
CREATE INDEX entities_id ON entities USING gist (id, recorded);
CREATE INDEX entities_kind ON entities USING gist (kind, recorded);

-- A fact while it counts or is set aside.
CREATE TABLE versions (
    fact text NOT NULL,
    type text NOT NULL,
    version json NOT NULL,                -- as a record file has it, as corrected
    earliest integer NOT NULL,
    latest integer NOT NULL,
    disputed boolean NOT NULL,
    set_aside_by text[] NOT NULL,
    subjects text[] NOT NULL,             -- canonical ids
    sources text[] NOT NULL,              -- of the supporting citations that count
    known int4range NOT NULL,
    recorded int8range NOT NULL
);
CREATE INDEX versions_fact ON versions USING gist (fact, recorded);
CREATE INDEX versions_subjects ON versions USING gin (subjects);
CREATE INDEX versions_sources ON versions USING gin (sources);
CREATE INDEX versions_type ON versions USING gist (type, recorded);

-- An episode of a fluent, or its announcement (ordinal 30000, which is never certain).
CREATE TABLE intervals (
    fluent text NOT NULL,
    scope text NOT NULL,
    subject text NOT NULL,
    ordinal smallint NOT NULL,
    possible int4range NOT NULL,
    certain int4range NOT NULL,
    start_earliest integer,               -- bounds; null is unbounded
    start_latest integer,
    end_earliest integer,
    end_latest integer,
    since text,
    until text,
    ended boolean NOT NULL,
    contested boolean NOT NULL,
    disputed boolean NOT NULL,
    facts json NOT NULL,                  -- [{id, type, when}]
    alternatives json NOT NULL,           -- [{since, until: {edtf, earliest, latest}, fact, sources}]
    sources text[] NOT NULL,
    known int4range NOT NULL,
    recorded int8range NOT NULL
);
CREATE INDEX intervals_scope ON intervals USING gist (scope, recorded, known, possible);
CREATE INDEX intervals_subject ON intervals USING gist (subject, recorded, known, possible);
