"""What a format declares: how it is called, what views it can hold, and what writes it.

Each module of `formats/` has one. A format that needs a library imports it in its writer, so that
listing the formats loads none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from api.export.pinned_view import PinnedView
from api.export.reader import ViewReader
from api.export.views import Kind

Write = Callable[[PinnedView, str, ViewReader], Iterator[bytes]]
"""Writes the rows of a view; addresses in it begin with the text, "" for none. The same rows always
give the same bytes."""

ANY: Final = frozenset(Kind)
ROWS: Final = ANY - {Kind.VIEW}
DATED: Final = frozenset({Kind.HELD, Kind.FACT})
LINKED: Final = frozenset({Kind.HELD, Kind.FACT, Kind.SOURCE, Kind.ENTITY})
CITED: Final = frozenset({Kind.FACT, Kind.SOURCE, Kind.STORY})
"""What is cited row by row; of any other view, the view itself is cited."""


@dataclass(frozen=True, slots=True)
class Format:
    """`opens_in` is for the documentation, `note` for readers of a file. With `needs_facts`, what
    is held comes with its facts whole. `options` are parameters of its own."""

    extension: str
    name: str
    media_type: str
    kinds: frozenset[Kind]
    write: Write
    opens_in: str
    note: str | None = None
    needs_facts: bool = False
    cites: bool = False
    options: tuple[str, ...] = ()
