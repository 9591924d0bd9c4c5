-- name: add
INSERT INTO keys (id, name, role, digest, expires_at)
VALUES (%(id)s, %(name)s, %(role)s, %(digest)s, %(expires_at)s);

-- name: list
SELECT id, name, role, created_at, expires_at, revoked_at FROM keys ORDER BY created_at, id;

-- name: revoke
-- Revoke a key; whether it was in force until now.
WITH old AS (SELECT id, revoked_at FROM keys WHERE id = %(id)s FOR UPDATE)
UPDATE keys SET revoked_at = coalesce(keys.revoked_at, now()) FROM old
WHERE keys.id = old.id RETURNING old.revoked_at IS NULL;

-- name: find
-- The keys of some digests that are still good.
SELECT digest, id, name, role FROM keys
WHERE digest = ANY (%(digests)b::bytea[]) AND revoked_at IS NULL
    AND (expires_at IS NULL OR expires_at > now());
