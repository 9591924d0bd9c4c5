-- name: keep_document
-- Keep a document, unless the very same bytes are kept already.
INSERT INTO documents (sha256, media_type, content, text, content_type, extracted_by)
VALUES (
    %(sha256)s, %(media_type)s, %(content)s, %(text)s, %(content_type)s, %(extracted_by)s
)
ON CONFLICT (sha256) DO NOTHING;

-- name: note_capture
-- Note a capture. Where `shown` is null, the document stays as it was; a new one is not shown.
INSERT INTO captures (sha256, url, shown, captured_by)
VALUES (
    %(sha256)s,
    %(url)s,
    coalesce(
        %(shown)s::boolean,
        (SELECT shown FROM captures WHERE sha256 = %(sha256)s ORDER BY id DESC LIMIT 1),
        false
    ),
    %(captured_by)s
)
RETURNING id, shown;

-- name: held
-- The hashes of all documents that are held.
SELECT sha256 FROM documents ORDER BY sha256;

-- name: document
-- A document with all that is kept of it.
SELECT sha256, media_type, content, text, content_type, extracted_by
FROM documents
WHERE sha256 = %(sha256)s;

-- name: is_shown
-- Whether a document may be shown, by its last capture.
SELECT shown FROM captures WHERE sha256 = %(sha256)s ORDER BY id DESC LIMIT 1;

-- name: source_events
-- The events that registered or corrected a source, in order.
SELECT id AS position, type, data, tags
FROM sijill_events_tt_main
WHERE id IN (
    SELECT main_id FROM sijill_events_tt_tag WHERE tag >= 'source:' AND tag < 'source;'
)
ORDER BY id;

-- name: shown_document
-- A document whose content a reader may have.
SELECT media_type, content FROM shown_documents WHERE sha256 = %(sha256)s;

-- name: shown_text
-- The text of a document that a reader may have.
SELECT text FROM shown_documents WHERE sha256 = %(sha256)s;

-- name: is_held
SELECT FROM documents WHERE sha256 = %(sha256)s;
