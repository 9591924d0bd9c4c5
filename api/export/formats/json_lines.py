"""JSON Lines: a row a line; of the whole record its entries alone, which makes it a record file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from api.export.format import ROWS, Format
from api.export.json_text import encode
from api.export.pinned_view import PinnedView
from api.export.reader import ViewReader
from api.export.views import OF_RECORD


def write(pinned: PinnedView, base: str, rows: ViewReader) -> Iterator[bytes]:
    is_record_file = pinned.view == OF_RECORD["record"]
    for batch in rows:
        lines = (row["entry"] if is_record_file else row for row in batch)
        yield b"".join([encode(line) + b"\n" for line in lines])


FORMAT: Final = Format(
    extension="jsonl",
    name="JSON Lines",
    media_type="application/jsonl",
    kinds=ROWS,
    write=write,
    opens_in="anything; a row a line",
)
