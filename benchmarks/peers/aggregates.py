"""The eventsourcing package's own way: a coalition is an aggregate, replayed to be asked.

It holds the coalition that is asked about alone, each joining an event, without a snapshot.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from psycopg.conninfo import conninfo_to_dict

from benchmarks.figures import Way, timed
from benchmarks.ground import Ground, Loaded
from benchmarks.peers import Asked, rows


class Coalition(Aggregate):
    """Its members, by id."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.members: dict[str, dict[str, Any]] = {}

    @event("Joined")
    def join(self, row: dict[str, Any]) -> None:
        self.members[row["member"]] = row


@contextmanager
def replay(ground: Ground, loaded: Loaded, asked: Asked) -> Iterator[Way]:
    """The aggregate from its events, then those of its members that hold on the day."""
    where = conninfo_to_dict(ground.database("peer_aggregates"))
    environment = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(where["dbname"]),
        "POSTGRES_HOST": str(where["host"]),
        "POSTGRES_PORT": str(where["port"]),
        "POSTGRES_USER": str(where["user"]),
        "POSTGRES_PASSWORD": "",
    }
    application: Application[UUID] = Application(environment)
    try:
        coalition = Coalition(asked.coalition)
        for row in rows(loaded):
            if row["coalition"] == asked.coalition:
                coalition.join(row=row)
        application.save(coalition)

        def ask() -> None:
            found: Coalition = application.repository.get(coalition.id)
            holding = [
                row for row in found.members.values() if row["from"] <= asked.day < row["until"]
            ]
            assert len(holding) == asked.members

        yield timed(ask, asked.times)
    finally:
        application.close()
