-- name: triggers
-- What refuses changes, and is missing or does not always fire.
SELECT wanted.relation, wanted.name
FROM (VALUES
    ('sijill_events_tt_main', 'only_grows'), ('sijill_events_tt_tag', 'only_grows'),
    ('requests', 'only_grows'), ('leaves', 'only_grows'), ('checkpoints', 'only_grows'),
    ('tree_head', 'only_grows'), ('tree_head', 'stays'),
    ('documents', 'only_grows'), ('captures', 'only_grows')
) AS wanted (relation, name)
LEFT JOIN pg_trigger AS found
    ON found.tgrelid = to_regclass('public.' || wanted.relation) AND found.tgname = wanted.name
        AND found.tgenabled = 'A' AND found.tgfoid = 'public.refuse_change()'::regprocedure
WHERE found.oid IS NULL
ORDER BY 1, 2;

-- name: strange
-- Triggers and rules on our tables that no migration made.
SELECT relation.relname, 'trigger ' || strange.tgname
FROM pg_trigger AS strange JOIN pg_class AS relation ON relation.oid = strange.tgrelid
WHERE NOT strange.tgisinternal
    AND relation.relnamespace IN ('public'::regnamespace, 'projections'::regnamespace)
    AND strange.tgname NOT IN ('only_grows', 'stays', 'tell_progress')
UNION ALL
SELECT relation.relname, 'rule ' || strange.rulename
FROM pg_rewrite AS strange JOIN pg_class AS relation ON relation.oid = strange.ev_class
WHERE relation.relkind = 'r' AND relation.relnamespace = 'public'::regnamespace
ORDER BY 1, 2;

-- name: functions
-- The functions that the log's protection rests on, as they are.
SELECT proname, prosrc FROM pg_proc
WHERE pronamespace = 'public'::regnamespace
    AND proname IN ('refuse_change', 'grow_tree', 'append_commands')
ORDER BY proname;

-- name: roles
-- Roles with more power than they are made with, and logins of theirs that are superusers.
SELECT rolname, CASE
    WHEN rolsuper THEN 'is a superuser'
    WHEN rolcreaterole THEN 'may make roles'
    WHEN rolcreatedb THEN 'may make databases'
    WHEN rolreplication THEN 'may replicate'
    WHEN rolbypassrls THEN 'passes by row security'
    ELSE 'may log in'
END AS power
FROM pg_roles
WHERE rolname IN ('sijill_writer', 'sijill_follower', 'sijill_reader')
    AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls OR rolcanlogin)
UNION ALL
SELECT member.rolname, 'is a superuser, and takes ' || taken.rolname || ' on'
FROM pg_auth_members
JOIN pg_roles AS taken ON taken.oid = roleid
JOIN pg_roles AS member ON member.oid = pg_auth_members.member
WHERE taken.rolname IN ('sijill_writer', 'sijill_follower', 'sijill_reader') AND member.rolsuper
UNION ALL
SELECT member.rolname, 'is a member of ' || taken.rolname
FROM pg_auth_members
JOIN pg_roles AS taken ON taken.oid = roleid
JOIN pg_roles AS member ON member.oid = pg_auth_members.member
WHERE member.rolname IN ('sijill_writer', 'sijill_follower', 'sijill_reader')
UNION ALL
SELECT owner.rolname, 'owns ' || relname
FROM pg_class JOIN pg_roles AS owner ON owner.oid = relowner
WHERE relnamespace IN ('public'::regnamespace, 'projections'::regnamespace)
    AND owner.rolname IN ('sijill_writer', 'sijill_follower', 'sijill_reader')
ORDER BY 1, 2;

-- name: grants
-- Every right on our tables, columns, sequences and functions but the owner's.
SELECT grantee::regrole::text AS role, privilege_type AS privilege, name
FROM (
    SELECT relname AS name, relowner AS owner, relacl AS rights FROM pg_class
    WHERE relnamespace IN ('public'::regnamespace, 'projections'::regnamespace)
    UNION ALL
    SELECT relname || '.' || attname, relowner, attacl
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace IN ('public'::regnamespace, 'projections'::regnamespace)
    UNION ALL
    SELECT proname, proowner, coalesce(proacl, acldefault('f', proowner)) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
        AND proname IN ('refuse_change', 'grow_tree', 'append_commands')
    UNION ALL
    SELECT 'schema ' || nspname, nspowner, nspacl FROM pg_namespace
    WHERE nspname IN ('public', 'projections')
) AS ours
CROSS JOIN LATERAL aclexplode(rights)
WHERE grantee <> owner;

-- name: is_owned
SELECT pg_has_role(datdba, 'USAGE') FROM pg_database WHERE datname = current_database();
