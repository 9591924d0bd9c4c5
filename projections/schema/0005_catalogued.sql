-- Entities and sources change far more seldom than the record grows: the position of the last event
-- that changed one tells whoever keeps what is written of them that it stands as it stood.
ALTER TABLE progress ADD COLUMN catalogued bigint NOT NULL DEFAULT 0;

-- A day number as JSON: iso_day is for the years that PostgreSQL's dates would write otherwise.
CREATE FUNCTION json_day(day integer) RETURNS json
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN day >= -719162 THEN to_json('1970-01-01'::date + day) ELSE to_json(iso_day(day))
END;
