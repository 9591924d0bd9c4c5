-- Who may do what. Run by the owner after every migration; running it again changes nothing.
-- The three roles can't log in: a service logs in as a role of its own that is their member
-- (deploy/), the embedded server's sessions take one of them on when they connect.

-- writer: appends to the log, never changes it. MAINTAIN lets it take the lock under which
-- appends get their positions; the column list keeps it from choosing a position.
DO $$
BEGIN
    IF to_regrole('sijill_writer') IS NULL THEN CREATE ROLE sijill_writer NOLOGIN; END IF;
    IF to_regrole('sijill_follower') IS NULL THEN CREATE ROLE sijill_follower NOLOGIN; END IF;
    IF to_regrole('sijill_reader') IS NULL THEN CREATE ROLE sijill_reader NOLOGIN; END IF;
END
$$;

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, sijill_writer, sijill_follower, sijill_reader;
REVOKE CREATE ON SCHEMA public FROM PUBLIC, sijill_writer, sijill_follower, sijill_reader;
REVOKE EXECUTE ON FUNCTION append_commands, grow_tree
    FROM PUBLIC, sijill_writer, sijill_follower, sijill_reader;
GRANT USAGE ON SCHEMA public TO sijill_writer, sijill_follower, sijill_reader;

GRANT SELECT, INSERT (type, data, tags), MAINTAIN ON sijill_events_tt_main TO sijill_writer;
GRANT SELECT, INSERT ON sijill_events_tt_tag, requests TO sijill_writer;
GRANT USAGE ON SEQUENCE sijill_events_tt_main_id_seq TO sijill_writer;
-- The tree grows by a function of the owner's, and by nothing else.
GRANT SELECT ON leaves, tree_head TO sijill_writer;
GRANT EXECUTE ON FUNCTION append_commands, grow_tree TO sijill_writer;
GRANT SELECT, INSERT (size, note) ON checkpoints TO sijill_writer;
GRANT SELECT ON replay TO sijill_writer;

-- A program looks up whether the schema is its own before its session takes a role on.
GRANT SELECT ON schema_migrations TO PUBLIC;

-- follower: reads the log, keeps the projections.
GRANT SELECT ON ALL TABLES IN SCHEMA public TO sijill_follower;

-- reader: reads the log and the projections.
GRANT SELECT ON ALL TABLES IN SCHEMA public TO sijill_reader;

-- keys: read to know a key again; made and revoked by the owner, from the command line.
REVOKE ALL ON keys FROM sijill_writer, sijill_follower;

-- documents: kept by the writer; who only reads has the content of those that may be shown.
REVOKE ALL ON documents FROM sijill_follower, sijill_reader;
GRANT SELECT (sha256, media_type) ON documents TO sijill_follower, sijill_reader;
GRANT SELECT, INSERT ON documents, captures TO sijill_writer;
