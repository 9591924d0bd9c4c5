"""JSON: one document, `{question, subject, arguments, position, rows: […], counts}`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from api.export.format import ROWS, Format
from api.export.json_text import encode, listed
from api.export.pinned_view import PinnedView
from api.export.reader import ViewReader


def write(pinned: PinnedView, base: str, rows: ViewReader) -> Iterator[bytes]:
    head = {
        "question": pinned.view.name,
        "subject": pinned.subject,
        "arguments": pinned.arguments(),
        "position": pinned.moment.position,
    }
    yield encode(head)[:-1] + b',"rows":['
    yield from listed(rows)
    yield b'],"counts":' + encode(rows.counts) + b"}\n"


FORMAT: Final = Format(
    extension="json",
    name="JSON",
    media_type="application/json",
    kinds=ROWS,
    write=write,
    opens_in="anything",
)
