"""CSV (RFC 4180) for spreadsheets: a header line, then a row a line.

Several ids in a cell are parted by spaces. No cell is a formula, whatever character parts the cells
for whoever opens the file: an apostrophe stands before each sign that begins one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from api.export.columns import COLUMNS, Column
from api.export.format import ROWS, Format
from api.export.json_text import dumps
from api.export.pinned_view import PinnedView
from api.export.reader import Row, ViewReader

BOM: Final = b"\xef\xbb\xbf"
"""By it Excel knows that a file is in UTF-8."""
FORMULA: Final = "=+\\-@＝＋－＠"
"""What a formula begins with, for a character class; the last four are full-width."""
_BEGINNING: Final = re.compile(
    rf"((?:^|[;\t|\n\r])[\s\"\ufeff\u200b-\u200f\u2060]*)(?=['{FORMULA}])"
)
"""Where a cell begins, if it begins like a formula or with an apostrophe: at the beginning of the
text, or after what another reader may take for the end of a cell or of a line."""
_UNUSUAL: Final = re.compile(r"\0[^\w\[{\0]")
"""Of cells, each after a NUL: where one begins neither like a word nor like JSON. Such a cell, or
one that has what may part cells, is looked at closely; most lines have none."""
_PLAIN: Final = frozenset({"integer", "number", "boolean"})
"""Types of columns whose cells are never guarded."""
_QUOTED: Final = re.compile('[",\r\n]')
"""What makes a cell stand in quotation marks."""
_BOOLEANS: Final = {None: "", True: "true", False: "false"}


def write(pinned: PinnedView, base: str, rows: ViewReader) -> Iterator[bytes]:
    columns = COLUMNS[pinned.view.kind]
    cells = [_cell(column) for column in columns]
    texts = [place for place, column in enumerate(columns) if column.type not in _PLAIN]
    mark = BOM if "bom" in pinned.options else b""
    yield mark + _line([column.name for column in columns]).encode()
    for batch in rows:
        lines = (_guard([cell(row) for cell in cells], texts) for row in batch)
        yield "".join(map(_line, lines)).encode()


def _cell(column: Column) -> Callable[[Row], str | None]:
    """A function that gives a row's value as text, not guarded yet; None is empty."""
    get = column.get

    def json(row: Row) -> str | None:
        value = get(row)
        return None if value is None else dumps(value)

    def texts(row: Row) -> str:
        return " ".join(get(row))

    def boolean(row: Row) -> str:
        return _BOOLEANS[get(row)]

    def number(row: Row) -> str | None:
        value = get(row)
        return None if value is None else str(value)

    made = {"json": json, "texts": texts, "boolean": boolean, "integer": number, "number": number}
    return made.get(column.type, get)


def _guard(line: list[str | None], texts: Sequence[int]) -> list[str | None]:
    """A line with the cells at some places guarded."""
    if texts:
        together = "\0".join(["", *filter(None, map(line.__getitem__, texts))])
        if _UNUSUAL.search(together) or _parts(together):
            for place in texts:
                line[place] = guarded(line[place] or "")
    return line


def guarded(text: str) -> str:
    """Text as a cell that no spreadsheet runs, whatever it takes to part cells."""
    return _BEGINNING.sub(r"\1'", text)


def _parts(text: str) -> bool:
    """Whether a text has what some reader takes for the end of a cell or of a line."""
    return ";" in text or "|" in text or "\n" in text or "\t" in text or "\r" in text


def _line(cells: Sequence[str | None]) -> str:
    """A line of two cells or more. Python's csv looks at every character: twice the time."""
    written = [
        '"' + cell.replace('"', '""') + '"' if cell and _QUOTED.search(cell) else cell or ""
        for cell in cells
    ]
    return ",".join(written) + "\r\n"


FORMAT: Final = Format(
    extension="csv",
    name="CSV",
    media_type="text/csv",
    kinds=ROWS,
    write=write,
    opens_in="spreadsheets; formulas are guarded; with `&bom` Excel reads it as UTF-8",
    note="For spreadsheets: where a cell of text begins with = + - @ or an apostrophe, or has one "
    "of them after ; | a tab or a line end, blanks and quotation marks skipped, an apostrophe is "
    "put before it. Take it away to have the text as it is; JSON Lines and Parquet have it so.",
    options=("bom",),
)
