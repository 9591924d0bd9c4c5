"""A bitemporal table written by hand, with GiST: what a project without us would make."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.types.json import Jsonb
from psycopg.types.range import Range

from benchmarks.figures import Way, timed
from benchmarks.ground import Ground, Loaded
from benchmarks.peers import SQL, Asked, rows
from domain.dates import MAX_DAY


@contextmanager
def table(ground: Ground, loaded: Loaded, asked: Asked) -> Iterator[Way]:
    """Rows fetched by a prepared statement on a kept connection."""
    url = ground.database("peer_gist")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION btree_gist")
        connection.execute(SQL["make_table"])
        with connection.cursor().copy(SQL["copy_states"]) as copy:
            for row in rows(loaded):
                span = Range(row["from"], row["until"])
                copy.write_row(
                    (row["coalition"], row["member"], span, Range(0, None), Range(0, None),
                     Jsonb(row))
                )  # fmt: skip
        connection.execute(SQL["index_states"])
        connection.execute("VACUUM ANALYZE states")
        point = {"scope": asked.coalition, "x": asked.day, "k": MAX_DAY, "r": loaded.position}

        def ask() -> None:
            found = connection.execute(SQL["states_now"], point, prepare=True).fetchall()
            assert len(found) == asked.members

        yield timed(ask, asked.times)
