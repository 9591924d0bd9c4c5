-- Keys of those who may write. The key itself is kept nowhere: it is 256 random bits, so that its
-- SHA-256 is enough to know it again. A key is never deleted, since events name it: it is revoked.
CREATE TABLE keys (
    id text PRIMARY KEY,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    role text NOT NULL CHECK (role IN ('reader', 'contributor', 'reviewer', 'admin')),
    digest bytea NOT NULL UNIQUE CHECK (length(digest) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz
);
