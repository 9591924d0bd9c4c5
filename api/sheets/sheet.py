"""A sheet as rows of text: CSV, TSV, XLSX or ODS, with the layout that was guessed or declared.

What the cells mean is the map's. Rows count from 1, as a spreadsheet shows them.
"""

from __future__ import annotations

import csv
import datetime
import hashlib
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import PurePath
from typing import Any, Final, Literal, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from api.sheets.records import format_of, table_of
from api.sheets.unreadable import BROKEN, Unreadable, unreadable_cells
from domain.errors import Refused
from domain.validation_errors import nearest

WORKBOOKS: Final = {
    b"PK\x03\x04": "XLSX or ODS",
    b"\xd0\xcf\x11\xe0": "an old Excel file or one with a password",
}
SAMPLE: Final = 64 * 1024
"""Characters of a text by which its delimiter is guessed."""
LONGEST_CELL: Final = 1 << 17
"""Characters."""
DELIMITERS: Final = ",;\t|"
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Layout(
    Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True,
    forbid_unknown_fields=True,
):  # fmt: skip
    """How the file is to be read. What is left out is guessed and shown."""

    encoding: str | None = None
    """Of CSV and TSV, such as utf-8, cp1252 or mac_roman."""
    delimiter: str | None = None
    """Of CSV and TSV: one character."""
    format: Literal["json", "jsonl", "yaml", "popolo", "followthemoney", "wikidata"] | None = None
    """Of a file of objects: how they are written, where the end of its name does not say so; or the
    format whose objects become rows by an adapter."""
    sheet: str | None = None
    """The name of the sheet in a workbook that has several."""
    rows: str | None = None
    """Of JSON and YAML: the key of the list in each object whose items are the rows."""
    header: int = 1
    """The row that has the names of the columns; rows before it are left out."""
    missing: tuple[str, ...] = ("",)
    """What stands in a cell that says nothing."""


class Row(NamedTuple):
    """A row: its number from 1, and its cells as text, in the order of the headers."""

    number: int
    cells: list[str]


class Sheet:
    """One sheet. `rows` reads it from the top each time, so that no more than a row is held."""

    def __init__(
        self, name: str, content: bytes, layout: Layout, file_name: str | None = None
    ) -> None:
        """Raises Refused, with `file` and where it can be `row`, for what can't be read. The end of
        the file's name, which is `name` if left out, tells what is in it."""
        self.name, self._file_name = name, file_name or name
        self.content = content
        self.sha256 = hashlib.sha256(content).hexdigest()
        self.guessed: dict[str, str] = {}
        """What was not declared, by key of the layout."""
        if not content:
            raise self.refused("EMPTY_FILE", "The file is empty: is it the right one?")
        self._records: list[list[str]] | None = None
        self.unreadable: Unreadable = {}
        """Of a workbook: errors, and formulas without a value, which stand as they are written."""
        is_workbook = content[:4] in WORKBOOKS
        self.headers: list[str] = []
        self.layout = self._of_workbook(layout) if is_workbook else self._of_text(layout)
        self.headers = self._read_headers()
        self._missing = frozenset(layout.missing)

    @property
    def media_type(self) -> str:
        """The IANA media type of the file."""
        if self.content[:4] not in WORKBOOKS:
            return "text/plain"
        is_ods = b"mimetypeapplication/vnd.oasis.opendocument" in self.content[:100]
        of = "oasis.opendocument.spreadsheet" if is_ods else _XLSX
        return f"application/vnd.{of}"

    @property
    def text(self) -> str:
        """A line for each row of the file, as citations of it are looked up: `line_of` it."""
        return "".join(f"{line_of(cells)}\n" for _, cells in self.all_rows())

    def rows(self) -> Iterator[Row]:
        """The rows below the headers that have anything in them, each as wide as the headers."""
        width = len(self.headers)
        for row in self.all_rows():
            number, cells = row
            if number <= self.layout.header or not any(cells):
                continue
            if len(cells) > width:
                if any(cells[width:]):
                    words = (
                        f"it has {len(cells)} cells, but there are {width} headers: is a delimiter "
                        "or a quotation mark astray?"
                    )
                    raise self.refused("RAGGED_ROW", words, number)
                del cells[width:]
            elif len(cells) < width:
                cells += [""] * (width - len(cells))
            yield row

    def is_missing(self, cell: str) -> bool:
        """Whether a cell says nothing."""
        return cell in self._missing or not cell

    def column(self, name: str) -> int:
        """The place of a column, from 0. Refused as UNKNOWN_COLUMN or AMBIGUOUS_COLUMN."""
        count = self.headers.count(name)
        if count == 1 and name:
            return self.headers.index(name)
        if count:
            words = f"{count} columns are called «{name}»: give each a name of its own."
            raise self.refused("AMBIGUOUS_COLUMN", words, self.layout.header)
        known = nearest(name, dict.fromkeys(filter(None, self.headers)))
        raise Refused(
            "UNKNOWN_COLUMN",
            f"The sheet has no column «{name}»; its columns are {known}.",
            file=self.name,
            row=self.layout.header,
        )

    def refused(
        self, code: str, words: str, row: int | None = None, column: str | None = None
    ) -> Refused:
        """A refusal that names the file, the row and the column."""
        given = {"row": row, "column": column}
        where: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
        place = ", ".join(f"{key} {value}" for key, value in where.items())
        words = f"{place[0].upper()}{place[1:]}: {words}" if place else words
        return Refused(code, words, file=self.name, **where)

    def _read_headers(self) -> list[str]:
        header = self.layout.header
        if header < 1:
            raise self.refused("BAD_HEADER", "The row of the headers is counted from 1.")
        for number, cells in self.all_rows():
            if number == header:
                if not any(cells):
                    words = "the row of the headers is empty: say in [file] which one it is."
                    raise self.refused("BAD_HEADER", words, number)
                return cells
        raise self.refused("BAD_HEADER", f"The sheet has no row {header} for the headers.")

    def all_rows(self) -> Iterator[Row]:
        """Every row of the file, the headers too, each as wide as it is there."""
        if self._records is not None:
            for number, cells in enumerate(self._records, 1):
                yield Row(number, self._cells(cells, number))
            return
        if self.content[:4] in WORKBOOKS:
            yield from self._rows_of_workbook()
            return
        # A row of two empty cells follows the last one, unless an open quotation mark swallows it.
        lines = chain(io.StringIO(self._text, newline=""), [self._delimiter])
        number, held = 0, list[str]()
        try:
            for number, cells in enumerate(csv.reader(lines, delimiter=self._delimiter), 1):
                if number > 1:
                    yield Row(number - 1, self._cells(held, number - 1))
                held = cells
        except csv.Error as error:
            raise self.refused("BAD_CSV", f"the row can't be read: {error}.", number + 1) from error
        if held != ["", ""]:
            words = "a quotation mark is opened and not closed before the end of the file."
            raise self.refused("OPEN_QUOTE", words, number)

    def _cells(self, cells: Sequence[str], row: int) -> list[str]:
        try:
            return [self._cell(cell, row, None) for cell in cells]
        except Refused:
            for place, cell in enumerate(cells):
                has_name = place < len(self.headers) and row > self.layout.header
                self._cell(cell, row, self.headers[place] if has_name else str(place + 1))
            raise

    def _cell(self, cell: str, row: int, column: str | None) -> str:
        if len(cell) > LONGEST_CELL:
            words = (
                f"a cell has more than {LONGEST_CELL:,} characters: close a quotation mark that is "
                "astray, or shorten the cell."
            )
            raise self.refused("LONG_CELL", words, row, column)
        if cell.isascii() and cell.isprintable():
            return cell.strip()
        cell = cell.replace("\r\n", "\n").replace("\r", "\n")
        if found := _CONTROLS.search(cell):
            words = f"a cell has the control character U+{ord(found[0]):04X}: remove it."
            raise self.refused("BAD_TEXT", words, row, column)
        return unicodedata.normalize("NFC", cell).strip("\ufeff \t\n\xa0")

    # Text

    def _of_text(self, layout: Layout) -> Layout:
        encoding = layout.encoding or self._guess_encoding()
        try:
            self._text = self.content.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            row = self.content.count(b"\n", 0, error.start) + 1
            words = (
                f"the byte {error.start} (0x{self.content[error.start]:02x}) is not {encoding}: "
                "declare the right encoding in [file] of the map."
            )
            raise self.refused("BAD_ENCODING", words, row) from error
        except (LookupError, ValueError) as error:
            words = f"There is no encoding {encoding!a}: write for example utf-8 or cp1252."
            raise self.refused("BAD_ENCODING", words) from error
        if (kind := layout.format or format_of(self._file_name)) is not None:
            try:
                self._records = table_of(self._text, kind, layout.rows)
            except Refused as refused:
                raise self.refused(refused.code, refused.message) from refused
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                words = f"its objects are not those of {kind} ({_line(error)})."
                raise self.refused("BAD_RECORDS", words) from error
            return replace(layout, encoding=encoding, format=kind)
        delimiter = layout.delimiter or self._guess_delimiter()
        if len(delimiter) != 1 or delimiter in '\r\n"':
            words = f"A delimiter is one character, not {delimiter!a}."
            raise self.refused("BAD_DELIMITER", words)
        self._delimiter = delimiter
        return replace(layout, encoding=encoding, delimiter=delimiter)

    def _guess_encoding(self) -> str:
        """UTF-8 or UTF-16 where it is that. Anything else has to be declared: a wrong guess would
        garble names for good."""
        marks = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
        for mark, encoding in marks.items():
            if self.content.startswith(mark):
                self.guessed["encoding"] = encoding
                return encoding
        try:
            self.content.decode("utf-8")
        except UnicodeDecodeError as error:
            guess = guess_encoding(self.content)
            row = self.content.count(b"\n", 0, error.start) + 1
            before = self.content[: error.start].splitlines(keepends=True)[-1:] or [b""]
            line = b"".join(before)[-30:] if not before[0].endswith(b"\n") else b""
            line += self.content[error.start : error.start + 30].splitlines()[0]
            readings = " or ".join(
                f"{each} («{line.decode(each, errors='replace').strip()}»)"
                for each in dict.fromkeys((guess, "cp1252", "mac_roman"))
            )
            words = (
                f"the file is not in UTF-8 (byte {error.start}). It may be {readings}: declare the "
                "encoding in [file] of the map, or give it to `sijill map` as --encoding."
            )
            raise self.refused("ENCODING_NOT_DECLARED", words, row) from error
        self.guessed["encoding"] = "utf-8"
        return "utf-8"

    def _guess_delimiter(self) -> str:
        if PurePath(self._file_name).suffix.lower() in (".tsv", ".tab"):
            guess = "\t"
        else:
            guess = guess_delimiter(self._text[:SAMPLE])
        self.guessed["delimiter"] = guess
        return guess

    # Workbooks

    def _of_workbook(self, layout: Layout) -> Layout:
        import python_calamine as calamine

        try:
            self._workbook = calamine.CalamineWorkbook.from_filelike(io.BytesIO(self.content))
        except calamine.PasswordError as error:
            words = "The file has a password: save it without one."
            raise self.refused("BAD_WORKBOOK", words) from error
        except (calamine.CalamineError, OSError) as error:
            words = f"The file is no XLSX or ODS that can be read ({_line(error)})."
            raise self.refused("BAD_WORKBOOK", words) from error
        names = self._workbook.sheet_names
        name = layout.sheet
        if name is None:
            if len(names) != 1:
                words = (
                    f"The workbook has {len(names)} sheets ({', '.join(names)}): say in [file] of "
                    "the map which one it is."
                )
                raise self.refused("SHEET_NOT_DECLARED", words)
            name = self.guessed["sheet"] = names[0]
        elif name not in names:
            words = f"The workbook has no sheet «{name}»; its sheets are {nearest(name, names)}."
            raise self.refused("UNKNOWN_SHEET", words)
        try:
            self._sheet = self._workbook.get_sheet_by_name(name)
            self.unreadable = unreadable_cells(self.content, name)
        except (calamine.CalamineError, *BROKEN) as error:
            words = f"The sheet «{name}» can't be read ({_line(error)})."
            raise self.refused("BAD_WORKBOOK", words) from error
        return replace(layout, sheet=name)

    def _rows_of_workbook(self) -> Iterator[Row]:
        top, left = self._sheet.start or (0, 0)
        before = [""] * left
        for number in range(1, top + 1):
            yield Row(number, [])
        for number, cells in enumerate(self._sheet.iter_rows(), top + 1):
            texts = [*before, *map(_as_text, cells)]
            for place, text in self.unreadable.get(number, {}).items():
                texts += [""] * (place + 1 - len(texts))
                texts[place] = texts[place] or text
            yield Row(number, self._cells(texts, number))


class WorkbookRows(Sheet):
    """A sheet of a workbook whose rows were read elsewhere."""

    def __init__(self, name: str, content: bytes, layout: Layout, rows: list[list[str]]) -> None:
        self._read_rows = rows
        super().__init__(name, content, layout)

    def _of_workbook(self, layout: Layout) -> Layout:
        self._records = self._read_rows
        return layout


class ChosenRows(Sheet):
    """A sheet of which only some rows count, which were read already."""

    def __init__(self, sheet: Sheet, rows: Iterable[Row]) -> None:
        vars(self).update(vars(sheet))
        self._rows = sorted(rows)

    def rows(self) -> Iterator[Row]:
        """Those rows, in their order."""
        return iter(self._rows)


def guess_encoding(content: bytes) -> str:
    """The encoding that some bytes may be in, which are not UTF-8."""
    from charset_normalizer import from_bytes

    best = from_bytes(content[: 1 << 20], cp_isolation=None).best()
    return "cp1252" if best is None else best.encoding


def guess_delimiter(text: str) -> str:
    """The delimiter with which the lines have as many cells as the first one, and more than one."""
    best, most = ",", 0.0
    for delimiter in DELIMITERS:
        lines = io.StringIO(text, newline="")
        try:
            widths = Counter(len(cells) for cells in csv.reader(lines, delimiter=delimiter))
        except csv.Error:
            continue
        width, count = widths.most_common(1)[0] if widths else (1, 0)
        score = 0.0 if width < 2 else count / widths.total() + width / 1_000
        if score > most:
            best, most = delimiter, score
    return best


def number_in(cell: str) -> float:
    """The number in a cell. ValueError, as for `1_000` too, which is one in a program alone."""
    if "_" in cell:
        raise ValueError(cell)
    return float(cell)


def line_of(cells: Sequence[str]) -> str:
    """A row as one line of the document that is kept: its cells with a tab between them."""
    return "\t".join(" ".join(cell.split()) for cell in cells).strip()


def quote_hash(cells: Sequence[str]) -> str:
    """SHA-256 of a row's line, which stands for it in citations."""
    return hashlib.sha256(line_of(cells).encode()).hexdigest()


def _as_text(cell: Any) -> str:
    """A workbook's cell as a person would write it: 1990, not 1990.0."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime.datetime):
        is_day = cell.time() == datetime.time()
        return cell.date().isoformat() if is_day else cell.isoformat(timespec="seconds")
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    return str(cell)


def _line(error: Exception) -> str:
    return " ".join(str(error).split())


_XLSX = "openxmlformats-officedocument.spreadsheetml.sheet"
