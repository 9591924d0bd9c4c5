"""The order of a list of what holds: by name, by when it began, by how certain it is.

The page's script orders by the same keys (static/members.js), so that both show the same list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from domain.dates import AFTER_ALL, BEFORE_ALL, Days, day_of, parse
from projections.holdings import check

Row = Mapping[str, Any]


def beginning(since: Row) -> Days | None:
    """The days on which something may have begun, of a date range as GraphQL answers it. What is
    only announced has no bounds but those of what is written. None: nothing says when."""
    earliest, latest = since["earliest"], since["latest"]
    if earliest is None and latest is None:
        return parse(since["edtf"]).start if since["edtf"] else None
    return Days(
        BEFORE_ALL if earliest is None else day_of(earliest),
        AFTER_ALL if latest is None else day_of(latest),
    )


def _newest(row: Row) -> tuple[int, ...]:
    found = beginning(row["since"])
    return (1,) if found is None else (0, -found.latest, -found.earliest)


def _oldest(row: Row) -> tuple[int, ...]:
    found = beginning(row["since"])
    return (1,) if found is None else (0, *found)


BEST: Final = ("CERTAIN", "POSSIBLE", "ANNOUNCED")

KEYS: Final[dict[str, Callable[[Row], Any]]] = {
    "name": lambda row: 0,
    "newest": _newest,
    "date": _oldest,
    "standing": lambda row: BEST.index(row["standing"]),
}
"""Each order by its name in an address. Lists of facts have the same names."""


USUAL: Final = "name"


def order_in(given: Mapping[str, str]) -> str:
    """The order that an address asks for. Refused(BAD_VALUE)."""
    sort = given.get("sort") or USUAL
    check(sort, KEYS, "sort")
    return sort


def in_order(edges: Iterable[Row], sort: str) -> list[Row]:
    """The edges of an answer, which come in the order of their names, in another one."""
    key = KEYS[sort]
    return sorted(edges, key=lambda edge: key(edge["node"]))
