-- The log's own tables are made by the eventsourcing package; this adds
-- what makes them append-only, and the request ids kept in the same transaction as an append.

-- What a request id was used for, and the answer to give again when it is sent again.
CREATE TABLE requests (
    id text PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 200),
    digest bytea NOT NULL,
    position bigint NOT NULL,
    recorded integer NOT NULL,
    unchanged integer NOT NULL
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log only grows: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON sijill_events_tt_main
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON sijill_events_tt_tag
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON requests
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- They fire under session_replication_role = replica too.
ALTER TABLE sijill_events_tt_main ENABLE ALWAYS TRIGGER only_grows;
ALTER TABLE sijill_events_tt_tag ENABLE ALWAYS TRIGGER only_grows;
ALTER TABLE requests ENABLE ALWAYS TRIGGER only_grows;
