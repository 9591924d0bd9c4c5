"""The follower: takes the log into the projections, each event exactly once.

The rows and how far they go are written in one transaction under the lock of the one row of
`progress`, so that any process may follow and two never do at once.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence, Set
from datetime import datetime
from typing import Any, NamedTuple

import psycopg

from domain.codec import Event, decode
from domain.dossier import Dossier
from projections.projector import Projector
from projections.related_events import GatheredEvents, Read, Tagged, gather_tagged
from projections.rows import SQL, line
from store.arrays import Int8s, Texts
from store.sql import only_row, queries

LOG = queries("store", "log.sql")
BATCH = 2_000
LONGEST_SILENCE = 3.0
"""Nobody follows after so many seconds without a report. A follower reports once a second."""
MOST_KNOWN = 50_000
"""How many events a follower keeps in memory, some 100 MB."""


class Poison(Exception):
    """An event that can't be projected: the projections stop before it."""

    def __init__(self, position: int, why: str) -> None:
        super().__init__(f"the event at position {position} can't be projected: {why}")
        self.position = position
        self.why = why

    def __reduce__(self) -> tuple[type[Poison], tuple[int, str]]:
        return Poison, (self.position, self.why)


class Progress(NamedTuple):
    """How far the projections have come, and at which event they stopped, if they did.

    `silence` is how many seconds ago a follower last reported.
    """

    position: int
    recorded_at: datetime | None
    stopped_at: int | None
    stopped_why: str | None
    silence: float

    @property
    def is_followed(self) -> bool:
        """Whether a follower is there, and moves."""
        return self.silence <= LONGEST_SILENCE


def progress_of(connection: psycopg.Connection[Any]) -> Progress:
    """How far the projections have come."""
    return Progress(*only_row(connection.execute(SQL["progress"])))


def catch_up(
    connection: psycopg.Connection[Any],
    *,
    batch: int = BATCH,
    seen: Callable[[int], None] = lambda position: None,
    memory: Memory | None = None,
) -> int:
    """Project every event that the log has; the position reached.

    A `memory` kept from one call to the next saves reading again what bears on the next events.

    Raises Poison, with all events before it projected and the stop noted.
    """
    memory = memory or Memory()
    while True:
        try:
            position, count = project(connection, batch, memory=memory)
        except Poison as poison:
            _project_up_to(connection, poison.position)
            with connection.transaction():
                connection.execute(
                    SQL["stop"], {"position": poison.position, "why": poison.why[:1000]}
                )
            raise
        seen(position)
        if count < batch:
            return position


def _project_up_to(connection: psycopg.Connection[Any], poisoned: int) -> None:
    while progress_of(connection).position < poisoned - 1:
        _, count = project(connection, BATCH, before=poisoned)
        if count == 0:
            return


class Memory:
    """Events that a follower caches between batches, since what bore on the last events often
        bears on the next ones. It holds for one position, and is emptied when another follower has
    gone on."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.position: int | None = None
        self._known = GatheredEvents()
        self._projector = Projector(Dossier())

    @property
    def positions(self) -> Set[int]:
        """The positions of the events that are kept."""
        return self._known.positions

    def projector(self, fresh: Sequence[Tagged], position: int, read: Read) -> Projector:
        """The projector for fresh events after a position, which has all that bears on them."""
        if (
            self.position != position
            or len(self._known.positions) > MOST_KNOWN
            or not self._known.allows(fresh)
        ):
            self.forget()
        self.position = None  # until all of it is written
        self._projector.know(gather_tagged((), read, fresh, self._known)[0])
        return self._projector

    def keep(self, fresh: Sequence[Tagged]) -> None:
        """Fresh events have been taken in and written."""
        self._projector.tables.clear()
        if self._known.allows(fresh):
            self._known.positions.update(each.event.position for each in fresh)
            self.position = fresh[-1].event.position


def project(
    connection: psycopg.Connection[Any],
    limit: int,
    *,
    before: int | None = None,
    memory: Memory | None = None,
) -> tuple[int, int]:
    """Project the next events, `limit` at the most: the position reached, and how many."""
    memory = memory or Memory()
    with connection.transaction(), connection.cursor() as cursor:
        position, latest = only_row(cursor.execute(SQL["lock_progress"]))
        rows = cursor.execute(
            LOG["events_after"], {"after": position, "limit": limit}, binary=True
        ).fetchall()
        fresh = list(_effective(decoded(rows, before), latest))
        if not fresh:
            return position, 0
        last = fresh[-1].event
        projector = memory.projector(
            fresh, position, lambda tags: read_tagged(cursor, tags, position, memory.positions)
        )
        take_all(projector, (event for event, _ in fresh))
        with cursor.copy(SQL["copy_events"]) as copy:
            copy.write("".join(log_line(event) for event, _ in fresh))
        for table in projector.tables:
            table.write(cursor)
        cursor.execute(
            SQL["advance"],
            {
                "position": last.position,
                "recorded_at": last.recorded_at,
            },
        )
    memory.keep(fresh)
    return last.position, len(fresh)


def decoded(rows: Iterable[tuple[Any, ...]], before: int | None = None) -> Iterator[Tagged]:
    """Rows of the log as events, those before a position. Raises Poison."""
    for position, stored_type, data, tags in rows:
        if before is not None and position >= before:
            return
        try:
            yield Tagged(decode(position, stored_type, data), tags)
        except ValueError as error:
            raise Poison(position, str(error)) from error


def _effective(events: Iterable[Tagged], latest: datetime | None) -> Iterator[Tagged]:
    """Recorded times that never run backwards along the log."""
    for event, tags in events:
        latest = event.recorded_at if latest is None else max(latest, event.recorded_at)
        yield Tagged(event._replace(recorded_at=latest), tags)


def read_tagged(
    cursor: psycopg.Cursor[Any], tags: set[str], upto: int, known: Container[int] = ()
) -> list[Tagged]:
    """The projected events up to a position that have any of the tags, but for the known ones."""
    cursor.execute(LOG["events_tagged"], {"tags": Texts(tags), "upto": upto}, binary=True)
    return _projected(cursor, [row for row in cursor if row[0] not in known])


def read_at(cursor: psycopg.Cursor[Any], positions: Iterable[int]) -> list[Tagged]:
    """The projected events at some positions."""
    cursor.execute(LOG["events_at"], {"positions": Int8s(positions)}, binary=True)
    return _projected(cursor, cursor.fetchall())


def _projected(cursor: psycopg.Cursor[Any], rows: list[tuple[Any, ...]]) -> list[Tagged]:
    """Rows of the log as events, with the times by which they are projected."""
    if not rows:
        return []
    positions = [row[0] for row in rows]
    times = dict(cursor.execute(SQL["recorded_at"], {"positions": Int8s(positions)}).fetchall())
    return [
        Tagged(event._replace(recorded_at=times[event.position]), event_tags)
        for event, event_tags in decoded(rows)
    ]


def take_all(projector: Projector, events: Iterable[Event]) -> None:
    """Take events in, one after another. Raises Poison."""
    for event in events:
        try:
            projector.take(event)
        except (
            Exception
        ) as error:  # whatever is wrong, a later program may be able to read the event
            raise Poison(event.position, f"{type(error).__name__}: {error}") from error


def log_line(event: Event) -> str:
    """The row that `copy_events` takes."""
    kind = type(event.entry).__name__
    return line(event.position, event.recorded_at.isoformat(), kind, event.entry.id, event.actor)
