"""Pages of questions, put together of what PostgreSQL writes of each row and what is kept.

The rows of a question come in no order, each as the texts that are its own; what they say of
entities and sources is looked up on the shelves, the order of the page with it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from operator import attrgetter
from typing import Any, Final, NamedTuple

import msgspec
import psycopg

from api.graphql.parameters import Values
from api.graphql.shelves import (
    AT_A_TIME,
    KIND,
    ORDER,
    TEXTS,
    At,
    Lookup,
    Snapshot,
    Version,
    look_up,
)
from api.sized_cache import SizedCache
from domain.dates import MAX_DAY
from domain.speaking import Standing

BETWEEN: Final = "\x1f"
"""What is between fields: neither JSON nor ids have it."""
NAME, STANDING, SOURCES, FACTS, CELLS = range(5)
"""The fields of a row: its entity, its standing, its sources, its facts, then texts of its own."""

REFERENCE: Final = {
    "Reference_id": '"%(id)s"',
    "Reference_type": '"%(type)s"',
    "ReferenceWhen_edtf": '"%(when)s"',
}
"""How the facts of a row are written: the record keeps them as JSON, with nothing to escape."""
_PLACE: Final = re.compile(r"%\((\w+)\)s")
_LEAST_FACT, _LEAST_ALTERNATIVE = 30, 10
"""Bytes of a fact as it is kept, and of an object that an alternative lists, at the least."""


class Reference(msgspec.Struct, gc=False):
    """A fact of a row."""

    id: str
    type: str
    when: str


_references: Final = msgspec.json.Decoder(list[list[Reference]])


class Text(NamedTuple):
    """JSON that is a column of the statement."""

    column: int


class Counted(NamedTuple):
    """How many have a standing."""

    standing: bytes


class Turned(NamedTuple):
    """Whether more rows follow, or came before."""

    is_next: bool


class Cursor(NamedTuple):
    """The cursor of the first or the last row: a text of its entity."""

    text: int
    is_last: bool


class Cell(NamedTuple):
    """A text of the row's own."""

    cell: int


class Alternatives(NamedTuple):
    """A text of the row's own that lists objects."""

    cell: int


class Entity(NamedTuple):
    """A text of the row's entity."""

    text: int


class Sources(NamedTuple):
    """A text of each of the row's sources."""

    text: int


class Facts(NamedTuple):
    """Each of the row's facts, in this form, of these fields of it."""

    form: str
    fields: tuple[str, ...]


def facts(written: str) -> Facts:
    """The piece of facts that are written like this, of what REFERENCE has."""
    return Facts(_PLACE.sub("%s", written), tuple(_PLACE.findall(written)))


class Edges(NamedTuple):
    """The rows of the page, each of these pieces."""

    row: tuple[RowPiece, ...]


PUT: Final[dict[str, Turned | Counted | str]] = {
    "PageInfo_hasNextPage": Turned(is_next=True),
    "PageInfo_hasPreviousPage": Turned(is_next=False),
    **{f"Count_{standing.name.lower()}": Counted(standing.value.encode()) for standing in Standing},
    **REFERENCE,
}
"""What stands for a field."""

RowPiece = bytes | Cell | Alternatives | Entity | Sources | Facts
Piece = bytes | Text | Counted | Turned | Cursor | Edges


class Listing(NamedTuple):
    """A question: the column of its rows and their fields, the groups of its point and its page,
    and what is around the page."""

    column: int
    width: int
    point: int
    page: int
    entities: Lookup
    sources: Lookup | None
    pieces: tuple[Piece, ...]


Row = tuple[bytes, ...]


class Reading(NamedTuple):
    """What listings are read with."""

    cursor: psycopg.AsyncRawCursor[Any]
    shelves: SizedCache[Any]
    values: Sequence[Values]
    seen: Snapshot
    columns: Sequence[bytes]


async def listed(listing: Listing, reading: Reading) -> tuple[list[bytes], int] | None:
    """The pieces of a question's answer, and how many objects they list; None if what a row names
    is not there."""
    seen, values = reading.seen, reading.values
    point, page = values[listing.point], values[listing.page]
    at = At(
        int(point["last"] or 0),
        int(point.get("k") or MAX_DAY),
        int(point.get("r") or seen.position),
    )
    cursor, shelves = reading.cursor, reading.shelves
    text = reading.columns[listing.column]
    fields = iter(text.split(BETWEEN.encode()) if text else ())
    rows: list[Row] = list(zip(*[fields] * listing.width, strict=True))
    await _turn(rows)
    names = {row[NAME] for row in rows}
    entities = await look_up(cursor, shelves, listing.entities, values, names, at, seen)
    if entities is None:
        return None
    if (kind := page["kind"]) is not None:
        rows = [row for row in rows if entities[row[NAME]][KIND] == kind]
    standings = [row[STANDING] for row in rows]
    await _turn(rows)
    rows, has_next = _page(rows, entities, page)
    await _turn(rows)
    cited = b" ".join([row[SOURCES] for row in rows]).split()
    sources: Mapping[bytes, Version] | None = {}
    if listing.sources is not None:
        sources = await look_up(cursor, shelves, listing.sources, values, set(cited), at, seen)
    if sources is None:
        return None
    written: list[bytes] = []
    objects = 0
    for piece in listing.pieces:
        if isinstance(piece, bytes):
            written.append(piece)
        elif isinstance(piece, Text):
            written.append(reading.columns[piece.column])
        elif isinstance(piece, Counted):
            written.append(b"%d" % standings.count(piece.standing))
        elif isinstance(piece, Turned):
            turned = has_next if piece.is_next else page["after_id"] is not None
            written.append(b"true" if turned else b"false")
        elif isinstance(piece, Cursor):
            row = rows[-1 if piece.is_last else 0] if rows else None
            written.append(b"null" if row is None else entities[row[NAME]][TEXTS + piece.text])
        else:
            edges = []
            for start in range(0, len(rows), AT_A_TIME):
                await _turn(rows)
                some = Some(rows[start : start + AT_A_TIME], entities, sources)
                edges.append(
                    b",".join(map(b"".join, zip(*map(some.written, piece.row), strict=False)))
                )
            written += (b"[", b",".join(edges), b"]")
            objects += len(rows) + sum(_objects(each, rows, len(cited)) for each in piece.row)
    return written, objects


async def _turn(rows: Sequence[Row]) -> None:
    """Let others go on, where there is much to do."""
    if len(rows) > AT_A_TIME:
        await asyncio.sleep(0)


def _page(
    rows: list[Row], entities: Mapping[bytes, Version], page: Values
) -> tuple[list[Row], bool]:
    """The rows of a page, in the order of their names, and whether more follow."""

    def place(row: Row) -> bytes:
        order: bytes = entities[row[NAME]][ORDER]
        return order

    folded, after = page["after_folded"], page["after_id"]
    if folded is not None and after is not None:
        beyond = f"{folded}\0{after}".encode()
        rows = [row for row in rows if place(row) > beyond]
    rows.sort(key=place)
    limit = int(page["limit"] or 0)
    return rows[:limit], len(rows) > limit


class Some(NamedTuple):
    """Some rows, with what they name."""

    rows: Sequence[Row]
    entities: Mapping[bytes, Version]
    sources: Mapping[bytes, Version]

    def written(self, piece: RowPiece) -> Iterable[bytes]:
        """A piece of each row."""
        if isinstance(piece, bytes):
            return repeat(piece, len(self.rows))
        if isinstance(piece, Cell | Alternatives):
            cell = CELLS + piece.cell
            return [row[cell] for row in self.rows]
        if isinstance(piece, Entity):
            text, entities = TEXTS + piece.text, self.entities
            return [entities[row[NAME]][text] for row in self.rows]
        if isinstance(piece, Sources):
            text = TEXTS + piece.text
            texts = {name: source[text] for name, source in self.sources.items()}
            return [
                b"[%b]" % b",".join([texts[name] for name in row[SOURCES].split()])
                for row in self.rows
            ]
        form = piece.form
        said = attrgetter(*piece.fields) if piece.fields else lambda fact: ()
        return [
            f"[{','.join([form % said(fact) for fact in facts])}]".encode()
            for facts in _references.decode(b"[%b]" % b",".join([row[FACTS] for row in self.rows]))
        ]


def _objects(piece: RowPiece, rows: Sequence[Row], cited: int) -> int:
    """How many objects a piece of rows, which cite so many sources, lists at the most."""
    if isinstance(piece, Sources):
        return cited
    if isinstance(piece, Facts):
        return sum([len(row[FACTS]) for row in rows]) // _LEAST_FACT
    if isinstance(piece, Alternatives):
        cell = CELLS + piece.cell
        return sum([len(row[cell]) for row in rows]) // _LEAST_ALTERNATIVE
    return 0
