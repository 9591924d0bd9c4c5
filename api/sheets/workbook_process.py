"""Workbooks that others send, read in a process apart: a few bytes may be a sheet of gigabytes.

The process answers with the rows as JSON, and says which sheet they are of.
"""

from __future__ import annotations

import sys
from itertools import islice
from typing import Final

import msgspec
from msgspec.structs import replace

from api.sheets.sheet import Layout, Sheet, WorkbookRows
from domain.errors import Refused
from store.sandbox import Header, answer, ask, program

PROGRAM: Final = program("api.sheets.workbook_process")
SECONDS: Final = 5
MOST_ROWS: Final = 100_000
"""Rows of a workbook, blank ones too."""


def read_workbook(name: str, content: bytes, layout: Layout) -> Sheet:
    """The sheet in a workbook. Refused as a sheet is, TOO_HARD where it takes too much."""
    given = {"name": name, "layout": msgspec.json.encode(layout).decode()}
    header, rows = ask(PROGRAM, given, content, seconds=SECONDS)
    found = WorkbookRows(
        name,
        content,
        replace(layout, sheet=header["sheet"]),
        msgspec.json.decode(rows, type=list[list[str]]),
    )
    if layout.sheet is None:
        found.guessed["sheet"] = header["sheet"]
    return found


def serve(header: dict[str, str], content: bytes) -> tuple[Header, bytes]:
    """In the process: the rows of the workbook."""
    sheet = Sheet(header["name"], content, msgspec.json.decode(header["layout"], type=Layout))
    rows = [cells for _, cells in islice(sheet.all_rows(), MOST_ROWS + 1)]
    if len(rows) > MOST_ROWS:
        raise Refused("TOO_LARGE", f"The sheet has more than {MOST_ROWS:,} rows: split it.")
    return {"sheet": sheet.layout.sheet or ""}, msgspec.json.encode(rows)


if __name__ == "__main__":
    answer(serve, sys.stdin.buffer, sys.stdout.buffer)
