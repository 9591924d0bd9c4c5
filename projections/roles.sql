-- The projections' part of the roles of store/roles.sql.
GRANT INSERT, UPDATE ON progress, events, sources, entities, versions, intervals
    TO sijill_follower;
GRANT TRUNCATE ON events, sources, entities, versions, intervals TO sijill_follower;
