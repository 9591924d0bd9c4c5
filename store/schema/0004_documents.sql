-- The documents that sources were captured from, by the SHA-256 of their bytes. They are kept in
-- the database so that every service process has them and a backup of the record is one of them.
CREATE TABLE documents (
    sha256 text PRIMARY KEY CHECK (sha256 = encode(sha256(content), 'hex')),
    media_type text NOT NULL CHECK (media_type IN ('text/plain', 'text/html', 'application/pdf')),
    content bytea NOT NULL CHECK (length(content) BETWEEN 1 AND 20 * 1024 * 1024),
    -- What citations point into, and how it was had from the bytes: what the server called them,
    -- and the rules that were followed.
    text text NOT NULL,
    content_type text NOT NULL,
    extracted_by text NOT NULL
);

-- When and where from each was captured, and whether it may be shown: the last capture says.
CREATE TABLE captures (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sha256 text NOT NULL REFERENCES documents,
    url text,
    shown boolean NOT NULL,
    captured_by text NOT NULL,
    captured_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX captures_of_document ON captures (sha256, id);

-- All that a reader's session can have of a document's content.
CREATE VIEW shown_documents WITH (security_barrier) AS
SELECT d.sha256, d.media_type, d.content, d.text
FROM documents AS d
WHERE (SELECT c.shown FROM captures AS c WHERE c.sha256 = d.sha256 ORDER BY c.id DESC LIMIT 1);

CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON documents
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON captures
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE documents ENABLE ALWAYS TRIGGER only_grows;
ALTER TABLE captures ENABLE ALWAYS TRIGGER only_grows;
