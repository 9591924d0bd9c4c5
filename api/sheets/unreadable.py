"""The cells of a workbook that have no value though they are not empty: `#REF!`, `=A1+1`.

The library that reads workbooks gives them as empty, and an end that is `#REF!` is not an open one.
So they are looked up in the file: errors, and formulas that no program worked out before saving.
ECMA-376 18.3.1.4 has the cells of XLSX, OpenDocument 1.3 part 3, 9.1 those of ODS.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterable
from typing import Final
from xml.etree import ElementTree
from xml.parsers import expat

Unreadable = dict[int, dict[int, str]]
"""What stands in such cells, by row from 1 and column from 0."""
CHUNK: Final = 1 << 20
MOST_REPEATED: Final = 100
"""Equal cells, or rows, that an ODS file may have at once."""
BROKEN: Final = (
    zipfile.BadZipFile, zlib.error, expat.ExpatError, KeyError, ValueError, SyntaxError,
    StopIteration, EOFError, NotImplementedError, RuntimeError,
)  # fmt: skip
"""What a file raises that is not whole."""
_SUSPECT = re.compile(
    rb"""\bt=["']e["'] | :formula= |
    (</(\w+:)?f> | <(\w+:)?f(\ [^<>]*)?/>) \s* (</(\w+:)?c> | <(\w+:)?v\s*(/> | ></))""",
    re.VERBOSE,
)
"""An error, a formula of ODS, or a formula of XLSX that no value follows."""
LONGEST_SUSPECT: Final = 1_000
_ERROR = re.compile(r"#[A-Z]+[A-Z0-9/]*[!?]?|Err:\d+")
_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def unreadable_cells(content: bytes, sheet: str) -> Unreadable:
    """Such cells of a sheet of an XLSX or ODS file; none of other files.

    Raises one of BROKEN where the file is.
    """
    if not content.startswith(b"PK"):
        return {}
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        names = set(file.namelist())
        cells: _XlsxCells | _OdsCells = _XlsxCells()
        if "content.xml" in names:
            part, cells = "content.xml", _OdsCells(sheet)
        elif "xl/workbook.xml" in names:
            part = _part(file, sheet)
        else:
            return {}
        return _parsed(file, part, cells) if _is_suspect(file, part) else {}


def _part(file: zipfile.ZipFile, sheet: str) -> str:
    """The name of the file within the XLSX file that has a sheet."""
    book = ElementTree.fromstring(file.read("xl/workbook.xml"))
    relations = ElementTree.fromstring(file.read("xl/_rels/workbook.xml.rels"))
    found = next(e for e in book.iter() if _local(e.tag, "}") == "sheet" and e.get("name") == sheet)
    target = next(e.get("Target", "") for e in relations if e.get("Id") == found.get(_RELATION))
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")


def _is_suspect(file: zipfile.ZipFile, part: str) -> bool:
    """Whether there may be such cells: most sheets need no second look."""
    before = b""
    with file.open(part) as stream:
        while chunk := stream.read(CHUNK):
            if _SUSPECT.search(before + chunk):
                return True
            before = chunk[-LONGEST_SUSPECT:]
    return False


def _parsed(file: zipfile.ZipFile, part: str, cells: _XlsxCells | _OdsCells) -> Unreadable:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = cells.start
    parser.EndElementHandler = cells.end
    parser.CharacterDataHandler = cells.text
    with file.open(part) as stream:
        parser.ParseFile(stream)
    return cells.found


class _Cells:
    """Follows the elements of a sheet."""

    def __init__(self) -> None:
        self.found: Unreadable = {}
        self._row = self._column = 0
        self._cell: dict[str, str] | None = None
        self._within = ""
        self._texts: dict[str, str] = {}

    def text(self, text: str) -> None:
        if self._within:
            self._texts[self._within] = self._texts.get(self._within, "") + text

    def _note(self, text: str, rows: Iterable[int], columns: Iterable[int]) -> None:
        for row in rows:
            self.found.setdefault(row, {}).update(dict.fromkeys(columns, text))


class _XlsxCells(_Cells):
    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _local(tag)
        if name == "row":
            self._row, self._column = int(attributes.get("r", self._row + 1)), 0
        elif name == "c":
            self._cell, self._texts = attributes, {}
            if found := _PLACE.fullmatch(attributes.get("r", "")):
                self._column, self._row = _column(found[1]), int(found[2])
        elif name in ("f", "v") and self._cell is not None:
            self._within = name
            self._texts.setdefault(name, "")

    def end(self, tag: str) -> None:
        name = _local(tag)
        if name in ("f", "v"):
            self._within = ""
        elif name == "c" and self._cell is not None:
            kind, texts = self._cell.get("t"), self._texts
            if kind == "e":
                self._note(texts.get("v") or "#N/A", [self._row], [self._column])
            elif "f" in texts and not texts.get("v") and kind != "str":
                self._note(f"={texts['f']}", [self._row], [self._column])
            self._cell = None
            self._column += 1


class _OdsCells(_Cells):
    def __init__(self, sheet: str) -> None:
        super().__init__()
        self._sheet, self._is_in = sheet, False
        self._rows = 1

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _local(tag)
        if name not in ("table", "table-row", "table-cell", "covered-table-cell", "p"):
            return
        said = {_local(key): value for key, value in attributes.items()}
        if name == "table":
            self._is_in, self._row = said.get("name") == self._sheet, 1
        elif name == "table-row":
            self._column, self._rows = 0, int(said.get("number-rows-repeated", 1))
        elif name == "p":
            self._within = "p" if self._cell is not None else ""
        else:
            self._cell, self._texts = said, {}

    def end(self, tag: str) -> None:
        name = _local(tag)
        if name == "p":
            self._within = ""
        elif name == "table-row":
            self._row += self._rows
        elif name in ("table-cell", "covered-table-cell") and self._cell is not None:
            count, text = (
                int(self._cell.get("number-columns-repeated", 1)),
                self._texts.get("p", ""),
            )
            if self._is_in and "formula" in self._cell and _ERROR.fullmatch(text):
                rows = range(self._row, self._row + min(self._rows, MOST_REPEATED))
                self._note(
                    text, rows, range(self._column, self._column + min(count, MOST_REPEATED))
                )
            self._column += count
            self._cell = None


def _local(name: str, mark: str = " ") -> str:
    return name.rpartition(mark)[2]


def _column(letters: str) -> int:
    """The place of a column from 0: of `A`, of `AB`."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
