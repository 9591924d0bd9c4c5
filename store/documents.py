"""Documents that sources were captured from: kept by the SHA-256 of their bytes, never changed.

Whether a document may be shown is a matter of rights and may change: the last capture of it says.
A session in the reader's role has the content of those alone that may be.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import psycopg
from psycopg.rows import class_row

from domain.administration import DocumentCaptured
from store.administration import append
from store.capture import Captured
from store.sql import queries

SQL = queries("store", "documents.sql")


class Document(NamedTuple):
    """A document as it is kept: its bytes, and the text that citations point into."""

    sha256: str
    media_type: str
    content: bytes
    text: str
    content_type: str
    extracted_by: str


def keep(
    connection: psycopg.Connection[Any],
    captured: Captured,
    *,
    captured_by: str,
    shown: bool | None = None,
) -> bool:
    """Keep a document and note its capture; whether it may be shown. None leaves that as it was."""
    with connection.transaction():
        connection.execute(
            SQL["keep_document"],
            {
                "sha256": captured.sha256,
                "media_type": captured.media_type,
                "content": captured.content,
                "text": captured.text,
                "content_type": captured.content_type,
                "extracted_by": captured.extracted_by,
            },
        )
        row = connection.execute(
            SQL["note_capture"],
            {
                "sha256": captured.sha256,
                "url": captured.url,
                "shown": shown,
                "captured_by": captured_by,
            },
        ).fetchone()
        assert row is not None
        number, is_shown = row
        entry = DocumentCaptured(id=f"capture-{number}", sha256=captured.sha256, shown=is_shown)
        append(connection, entry, actor=captured_by, tag=f"document:{captured.sha256}")
    return bool(is_shown)


def find(connection: psycopg.Connection[Any], sha256: str) -> Document | None:
    """A document that is held, whether or not it may be shown."""
    with connection.cursor(row_factory=class_row(Document)) as cursor:
        return cursor.execute(SQL["document"], {"sha256": sha256}).fetchone()


def is_shown(connection: psycopg.Connection[Any], sha256: str) -> bool:
    """Whether a document is held and may be shown."""
    row = connection.execute(SQL["is_shown"], {"sha256": sha256}).fetchone()
    return row is not None and bool(row[0])


def held(connection: psycopg.Connection[Any]) -> list[str]:
    """The hashes of all documents that are held."""
    return [sha256 for (sha256,) in connection.execute(SQL["held"]).fetchall()]
