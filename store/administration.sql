-- name: issued
-- The keys as events have them: issued, and the position at which each was revoked.
SELECT id AS position, type, data FROM sijill_events_tt_main
WHERE id IN (SELECT main_id FROM sijill_events_tt_tag WHERE tag >= 'key:' AND tag < 'key;')
ORDER BY id;

-- name: keys
SELECT id, name, role, expires_at, revoked_at FROM keys ORDER BY id;

-- name: captured
SELECT id AS position, type, data FROM sijill_events_tt_main
WHERE id IN (SELECT main_id FROM sijill_events_tt_tag WHERE tag >= 'document:' AND tag < 'document;')
ORDER BY id;

-- name: captures
-- Each capture, and whether its document is there with the content of its hash.
SELECT captures.id, captures.sha256, captures.shown,
    coalesce(encode(sha256(documents.content), 'hex') = captures.sha256, false) AS is_held
FROM captures LEFT JOIN documents USING (sha256)
ORDER BY captures.id;
