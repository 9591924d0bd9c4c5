-- Whether this record is a copy of another one as it stood at a position (store/replay.py). One row
-- there, none in a record of its own.
CREATE TABLE replay (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    position bigint NOT NULL CHECK (position >= 0),
    is_whole boolean NOT NULL DEFAULT false  -- all of it was copied
);
