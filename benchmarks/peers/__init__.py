"""Other ways to keep a bitemporal record, on the same rows and asked the same question.

A peer is a context manager that takes the rows in and gives a way to time its bare query. One that
can't be had says why by `Absent`, and the run goes on without it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.figures import Way
from benchmarks.ground import Ground, Loaded
from store.database import READER
from store.sql import queries

SQL = queries("benchmarks.peers", "peers.sql")


class Absent(Exception):
    """The peer can't be had here, and why."""


class Asked(NamedTuple):
    """The members of a coalition on a day, which are so many; each way asks so often a round."""

    coalition: str
    day: int
    members: int
    times: int


Peer = Callable[[Ground, Loaded, Asked], AbstractContextManager[Way]]


def rows(loaded: Loaded) -> list[dict[str, Any]]:
    """Every membership as it is recorded now: ids, days, and what an answer says of it."""
    with loaded.instance.database.connect(READER) as connection:
        return [row for (row,) in connection.execute(SQL["memberships"])]


def export(loaded: Loaded, path: Path) -> Path:
    """Those rows as JSON Lines."""
    with path.open("w", encoding="utf-8") as file:
        for row in rows(loaded):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return path
