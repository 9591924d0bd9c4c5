-- The Merkle tree over the log (domain/merkle.py): one leaf an event, numbered without gaps, made
-- in the transaction that appends the event.

CREATE TABLE leaves (
    idx bigint PRIMARY KEY CHECK (idx >= 0),
    position bigint NOT NULL UNIQUE,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    -- The subtrees that the leaf completes, the lowest first: any node of the tree is in one row.
    above bytea NOT NULL CHECK (length(above) % 32 = 0)
);

-- Where the tree stands. It is written by append_leaves alone.
CREATE TABLE tree_head (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    size bigint NOT NULL,
    position bigint NOT NULL,             -- of the last leaf's event
    peaks bytea[] NOT NULL                -- of the complete subtrees, the largest first
);
INSERT INTO tree_head (size, position, peaks) VALUES (0, 0, '{}');

-- The tree heads that were signed (https://c2sp.org/tlog-checkpoint).
CREATE TABLE checkpoints (
    size bigint PRIMARY KEY CHECK (size >= 0),
    note text NOT NULL,
    signed_at timestamptz NOT NULL DEFAULT now()
);

-- Leaves for the events after the tree's last one: the writer's only way to change the tree.
CREATE FUNCTION append_leaves(
    first bigint, positions bigint[], hashes bytea[], aboves bytea[], new_peaks bytea[]
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO leaves (idx, position, hash, above)
    SELECT first + leaf.number - 1, leaf.position, leaf.hash, leaf.above
    FROM unnest(positions, hashes, aboves) WITH ORDINALITY
        AS leaf (position, hash, above, number);
    UPDATE tree_head
    SET size = first + cardinality(positions),
        position = positions[cardinality(positions)],
        peaks = new_peaks
    WHERE size = first AND tree_head.position < positions[1];
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the tree does not end at leaf %', first USING ERRCODE = 'serialization_failure';
    END IF;
END
$$;
REVOKE EXECUTE ON FUNCTION append_leaves FROM PUBLIC;

CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON leaves
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER only_grows BEFORE UPDATE ON tree_head
    FOR EACH ROW WHEN (NEW.size <= OLD.size OR NEW.position <= OLD.position)
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON tree_head
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE leaves ENABLE ALWAYS TRIGGER only_grows;
ALTER TABLE checkpoints ENABLE ALWAYS TRIGGER only_grows;
ALTER TABLE tree_head ENABLE ALWAYS TRIGGER only_grows;
ALTER TABLE tree_head ENABLE ALWAYS TRIGGER stays;
