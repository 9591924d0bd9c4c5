"""What a sitemap lists: each entity and source that the record has, in parts."""

from __future__ import annotations

from typing import Final

from domain.point import Point
from projections.view_rows import Connection
from store.sql import only_row, queries

SQL: Final = queries("projections", "sitemap.sql")


def total(connection: Connection, point: Point, most: int) -> int:
    """How many addresses there are, up to `most`."""
    return int(only_row(connection.execute(SQL["total"], {**point.parameters, "limit": most}))[0])


def addresses(
    connection: Connection, point: Point, offset: int, most: int
) -> list[tuple[str, str]]:
    """The first step (e, s) and the id of each, in order."""
    given = {**point.parameters, "offset": offset, "limit": most}
    return [(step, id_) for step, id_ in connection.execute(SQL["addresses"], given)]
