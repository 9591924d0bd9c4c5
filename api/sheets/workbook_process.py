"""Workbooks that others send, read in a process apart: a few bytes may be a sheet of gigabytes.

The process answers with the rows as JSON, and says which sheet they are of.
"""

from __future__ import annotations

import sys
from itertools import islice
from typing import Final

import msgspec
from msgspec.structs import replace

from api.sheets.sheet import WORKBOOKS, Layout, Sheet, WorkbookRows
from domain.errors import Refused
from store.sandbox import MEMORY, Header, answer, ask, program

PROGRAM: Final = program("api.sheets.workbook_process")
SECONDS: Final = 60
MOST_ROWS: Final = 1 << 20
"""Rows of a workbook, blank ones too: as many as XLSX and ODS have."""


def sheet_of(
    name: str, content: bytes, layout: Layout, file_name: str | None = None,
    *, seconds: float = SECONDS,
) -> Sheet:  # fmt: skip
    """The sheet in a file. Refused as a sheet is; a workbook that takes too much as TOO_HARD."""
    if content[:4] not in WORKBOOKS:
        return Sheet(name, content, layout, file_name)
    given = {"name": name, "layout": msgspec.json.encode(layout).decode()}
    try:
        header, rows = ask(PROGRAM, given, content, seconds=seconds)
    except Refused as refused:
        if refused.code != "TOO_HARD":
            raise
        words = (
            f"The workbook can't be read within {seconds:.0f} seconds and {MEMORY >> 20} MiB. A "
            "cell far from the others makes a sheet so large: delete the rows and columns beyond "
            "the table, or save the sheet as CSV."
        )
        raise Refused("TOO_HARD", words, file=name) from refused
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
        words = f"The sheet has more than {MOST_ROWS:,} rows: split it."
        raise sheet.refused("TOO_LARGE", words)
    return {"sheet": sheet.layout.sheet or ""}, msgspec.json.encode(rows)


if __name__ == "__main__":
    answer(serve, sys.stdin.buffer, sys.stdout.buffer)
