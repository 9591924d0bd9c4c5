-- Keys of names are columns: the index of an expression took longer to keep than all else of an
-- entity. The rows are made anew from the log, with their keys.

DROP INDEX entities_sounds;
DROP INDEX entities_keys;
DROP FUNCTION entity_sounds, entity_keys, identifier_key, name_keys, sounded;

-- TRUNCATE takes longer than all else here, and a rebuild begins with empty tables.
DO $$
BEGIN
    IF (SELECT position FROM progress) > 0 THEN
        TRUNCATE events, sources, entities, versions, intervals;
    END IF;
END
$$;
UPDATE progress SET position = 0, recorded_at = NULL, stopped_at = NULL, stopped_why = NULL;

ALTER TABLE entities
ADD COLUMN keys integer[] NOT NULL, -- what names that may mean it share, and its identifiers
ADD COLUMN sounds text;             -- how its longer names sound, a line each (domain/name_match.py)

CREATE INDEX entities_keys ON entities USING gin (keys);
-- Letters of ASCII, whose trigrams no locale changes.
CREATE INDEX entities_sounds ON entities USING gin (sounds public.gin_trgm_ops);
