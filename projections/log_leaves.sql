-- name: hashes
-- The leaf of each event after a position, in order: its place in the tree and its hash.
SELECT position, idx, encode(hash, 'hex') FROM leaves
WHERE position > %(after)s::bigint
ORDER BY position
LIMIT %(limit)s::int;
