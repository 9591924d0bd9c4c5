"""CSL-JSON: a list of items, as Zotero and citation processors read it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from api.export.bibliography import Item, item
from api.export.format import ANY, Format
from api.export.json_text import listed
from api.export.pinned_view import PinnedView
from api.export.reader import ViewReader

_OURS: Final = ("words", "edtf")


def write(pinned: PinnedView, base: str, rows: ViewReader) -> Iterator[bytes]:
    yield b"["
    yield from listed([csl(item(pinned, row, base)) for row in batch] for batch in rows)
    yield b"]\n"


def csl(found: Item) -> Item:
    """An item without what is not CSL's."""
    return {
        name: {key: each for key, each in value.items() if key not in _OURS}
        if isinstance(value, dict)
        else value
        for name, value in found.items()
    }


FORMAT: Final = Format(
    extension="csl.json",
    name="CSL-JSON",
    media_type="application/vnd.citationstyles.csl+json",
    kinds=ANY,
    write=write,
    opens_in="Zotero and other citation processors; doubt of a date is in words, `circa` and "
    "`season` in their own keys",
    cites=True,
)
