-- Workbooks are kept as documents, too: sheets are imported from them.
ALTER TABLE documents
    DROP CONSTRAINT documents_media_type_check,
    ADD CONSTRAINT documents_media_type_check CHECK (media_type IN (
        'text/plain', 'text/html', 'application/pdf',
        'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
        'application/vnd.oasis.opendocument.spreadsheet'
    ));
