"""The rows of docs/contract/folding.md#examples as one record: a coalition and a country a row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from strategies import FOLD_TABLE, FoldCase

from domain.codec import read
from domain.sources import Entry

NUMBERED: list[tuple[int, FoldCase]] = list(enumerate(FOLD_TABLE))
"""The rows with their numbers: row 3 is of the coalition union-3 and the country syria-3."""


def ids_of_rows() -> list[str]:
    """What the tests of each row are called."""
    return [case.row for case in FOLD_TABLE]


def entries_of_table() -> list[Entry]:
    """All rows as a record."""
    paper, *_ = FOLD_TABLE[0].entries()
    return [
        read(paper),
        *(read(entry) for number, case in NUMBERED for entry in _own(number, case)),
    ]


def _own(number: int, case: FoldCase) -> Iterator[dict[str, Any]]:
    """The entries of a row but for the source, with ids of its own."""
    for entry in case.entries()[1:]:
        text = json.dumps(entry)
        for name in ("union", "syria"):
            text = text.replace(f'"{name}"', f'"{name}-{number}"')
        for name in ("fact", "doubt"):
            text = text.replace(f'"{name}-', f'"{name}-{number}-')
        yield json.loads(text)
