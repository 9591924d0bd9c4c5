"""The table that a form of /import sends: a file or pasted cells, how it is read, what is mended.

The server keeps nothing between two forms: each carries the whole table, compressed.
"""

from __future__ import annotations

import binascii
import csv
import io
import re
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from pathlib import PurePath
from secrets import token_hex
from typing import Any, Final, NamedTuple

from msgspec.structs import replace
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from api.sheets.sheet import Layout, Sheet
from api.sheets.workbook_process import sheet_of
from api.web.editing.editor_session import Values, check_origin
from domain.errors import Refused

IMPORT: Final = "/import"
MOST_SENT: Final = 6 * 1024 * 1024
"""Bytes of a form."""
MOST_BYTES: Final = 2 * 1024 * 1024
"""Bytes of a table: a form carries it in four thirds of them at most, beside its other fields."""
MOST_ROWS: Final = 5_000
SECONDS: Final = 5
"""For which a workbook is read."""
MOST_COLUMNS: Final = 100
MOST_FIELDS: Final = 5_000
SUFFIXES: Final = (".csv", ".tsv", ".tab", ".txt", ".xlsx", ".xlsm", ".ods")
READING: Final = ("encoding", "delimiter", "sheet", "header", "missing")
"""The keys of a layout, which the form has as `file.KEY`."""
FIELD_OF: Final = {
    "ENCODING_NOT_DECLARED": "file.encoding",
    "BAD_ENCODING": "file.encoding",
    "BAD_DELIMITER": "file.delimiter",
    "SHEET_NOT_DECLARED": "file.sheet",
    "UNKNOWN_SHEET": "file.sheet",
    "BAD_HEADER": "file.header",
}
"""By the code of a refusal of the table, the field that mends it."""
_CELL = re.compile(r"cell\[(\d{1,7})\]\[(\d{1,4})\]")


class SentTable(NamedTuple):
    """A table as it was sent, not read yet. Its name is that of its file."""

    name: str
    content: bytes
    layout: Layout = Layout()

    @property
    def packed(self) -> str:
        """The bytes as a field of a form carries them."""
        return urlsafe_b64encode(zlib.compress(self.content)).decode()


async def form_of(request: Request) -> tuple[Values, SentTable | None]:
    """What a form of this site sent, and the table in it, None where it has none.

    Refused as editing forms are, and for a table that is too large or in another format.
    """
    try:
        async with request.form(
            max_files=1, max_fields=MOST_FIELDS, max_part_size=MOST_SENT
        ) as form:
            values: Values = {}
            uploaded: SentTable | None = None
            for key, value in form.multi_items():
                if isinstance(value, UploadFile):
                    uploaded = await _uploaded(value) or uploaded
                else:
                    values.setdefault(key, []).append(value.replace("\r\n", "\n"))
    except HTTPException as error:
        raise Refused("BAD_REQUEST", "What was sent can't be read as a form.") from error
    check_origin(request)
    table = uploaded or _pasted(values) or _carried(values)
    return values, table and table._replace(layout=_layout(values))


def read(table: SentTable) -> Sheet:
    """The sheet of a table. Refused, with the field of the form."""
    try:
        sheet = sheet_of(table.name, table.content, table.layout, seconds=SECONDS)
        if len(sheet.headers) > MOST_COLUMNS:
            words = (
                f"The table has more than {MOST_COLUMNS} columns: leave out what you do not use."
            )
            raise Refused("TOO_LARGE", words)
        if sum(1 for _ in sheet.rows()) > MOST_ROWS:
            words = f"A page takes {MOST_ROWS:,} rows: import more with `sijill import`."
            raise Refused("TOO_LARGE", words)
    except Refused as refused:
        raise _at(refused, FIELD_OF.get(refused.code, "file")) from refused
    return sheet


def mended(sheet: Sheet, values: Values) -> SentTable | None:
    """The table with the cells that the form has otherwise; None where they are all the same."""
    changed: dict[int, dict[int, str]] = {}
    for key, texts in values.items():
        if (found := _CELL.fullmatch(key)) and int(found[2]) < MOST_COLUMNS:
            changed.setdefault(int(found[1]), {})[int(found[2])] = texts[-1].strip()
    if not changed:
        return None
    lines, is_mended = io.StringIO(newline=""), False
    writer = csv.writer(lines)
    for number, cells in sheet.all_rows():
        for place, text in changed.get(number, {}).items():
            cells.extend([""] * (place + 1 - len(cells)))
            is_mended |= cells[place] != text
            cells[place] = text
        writer.writerow(cells)
    if not is_mended:
        return None
    name = f"{PurePath(sheet.name).stem}.csv"
    layout = replace(sheet.layout, encoding="utf-8", delimiter=",", sheet=None)
    return SentTable(name, lines.getvalue().encode(), layout)


async def _uploaded(file: UploadFile) -> SentTable | None:
    name = "".join(c for c in PurePath(file.filename or "").name if c.isprintable())[-100:]
    if not name:
        return None  # no file was chosen
    content = await file.read(MOST_BYTES + 1)
    if PurePath(name).suffix.lower() not in SUFFIXES:
        words = "The page takes CSV, TSV, XLSX and ODS: save it as one of those."
        raise Refused("UNKNOWN_FORMAT", words, field="file")
    return SentTable(name, _bounded(content, "file"))


def _pasted(values: Values) -> SentTable | None:
    text = values.get("cells", [""])[-1].strip("\n")
    if not text.strip():
        return None
    name = values.get("fileName", [""])[-1] or f"pasted-{token_hex(3)}.csv"
    return SentTable(_named(name), _bounded(text.encode(errors="replace"), "cells"))


def _carried(values: Values) -> SentTable | None:
    packed = values.get("content", [""])[-1]
    if not packed:
        return None
    try:
        content = zlib.decompressobj().decompress(urlsafe_b64decode(packed), MOST_BYTES + 1)
    except (binascii.Error, ValueError, zlib.error) as error:
        words = "The table did not come back whole: send it anew."
        raise Refused("BAD_REQUEST", words, field="file") from error
    return SentTable(_named(values.get("fileName", [""])[-1]), _bounded(content, "file"))


def _named(name: str) -> str:
    """A name of a file in which cells are."""
    known = PurePath(name).suffix.lower() in SUFFIXES and name.isprintable()
    return PurePath(name).name[-100:] if known else "table.csv"


def _bounded(content: bytes, field: str) -> bytes:
    if len(content) > MOST_BYTES:
        words = f"A page takes {MOST_BYTES >> 20} MiB: import more with `sijill import`."
        raise Refused("TOO_LARGE", words, field=field)
    return content


def _layout(values: Values) -> Layout:
    given: dict[str, Any] = {
        key: text for key in READING if (text := values.get(f"file.{key}", [""])[-1].strip("\n "))
    }
    if values.get("file.delimiter", [""])[-1] == "\t":
        given["delimiter"] = "\t"
    if "header" in given:
        if not re.fullmatch(r"[0-9]{1,6}", given["header"]):
            words = "The row of the headers is a number, such as 1."
            raise Refused("BAD_HEADER", words, field="file.header")
        given["header"] = int(given["header"])
    if "missing" in given:
        given["missing"] = ("", *filter(None, map(str.strip, given["missing"].split(","))))
    return Layout(**given)


def _at(refused: Refused, field: str) -> Refused:
    return Refused(refused.code, refused.message, field=field, **refused.data)
