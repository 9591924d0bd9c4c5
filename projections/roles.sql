-- The projections' part of the roles: the follower keeps them, the reader reads them. Of the
-- schema that stands first in the search path, so that one being rebuilt gets the same.
DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['sijill_writer', 'sijill_follower', 'sijill_reader'] LOOP
        EXECUTE format('REVOKE ALL ON SCHEMA %I FROM %I', current_schema(), role);
        EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM %I', current_schema(), role);
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), role);
        EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO %I', current_schema(), role);
    END LOOP;
    EXECUTE format(
        'GRANT INSERT, UPDATE ON ALL TABLES IN SCHEMA %I TO sijill_follower', current_schema()
    );
END
$$;
