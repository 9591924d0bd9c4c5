"""What changed between two points of the clocks, and why (docs/contract/changes.md).

The clocks are moved one at a time, R first, then K, then X. A row that a step changes gets that
step's cause, and the events at which it changed on the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import islice
from typing import Any, NamedTuple

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from domain.codec import Event
from domain.corrections import (
    SourceCorrection,
)
from domain.event_stream import citations_of
from domain.point import Point
from domain.versions import FluentKey
from projections.diff_causes import Cause, Responsible
from projections.diff_rows import (
    FluentState,
    IntervalRow,
    Spoken,
    group_by_fluent,
    spoken_at,
    state_of,
)
from store.database import streaming
from store.sql import queries

SQL = queries("projections", "diff.sql")
BATCH = 500
"""Fluents whose causes are looked for at a time."""


class Change(StrEnum):
    """What became of a row."""

    ADDED = "ADDED"
    REMOVED = "REMOVED"
    CHANGED = "CHANGED"


class Difference(NamedTuple):
    """A fluent that differs: its states, the causes in the order of the steps, the events."""

    key: FluentKey
    change: Change
    before: FluentState | None
    after: FluentState | None
    causes: tuple[Cause, ...]
    events: tuple[Event, ...]
    sources: tuple[str, ...]


def diff(
    connection: psycopg.Connection[Any],
    entities: Sequence[str] | None,
    old: Point,
    new: Point,
    supposed: Sequence[Event] = (),
    after: FluentKey | None = None,
) -> Iterator[Difference]:
    """Every fluent of some entities (None: of all) that differs, by fluent, scope and subject.

    `entities` are canonical ids, of one entity all that it has been. `supposed` are events that the
    session answers with and the log does not have: only what they bear on is looked at. Only what
    comes `after` a fluent is given. Found as it is taken, some at a time; see `first_of`.
    """
    with streaming(connection, "changed", dict_row) as cursor:
        cursor.itersize = 4 * BATCH
        connection.execute(SQL["scanned_twice"])
        _ask(cursor, entities, old, new, supposed, after, None)
        for some in _batches(cursor):
            yield from _differing(connection, some, old, new, supposed)


def first_of(
    connection: psycopg.Connection[Any],
    size: int,
    entities: Sequence[str] | None,
    old: Point,
    new: Point,
    supposed: Sequence[Event] = (),
    after: FluentKey | None = None,
) -> list[Difference]:
    """The first so many of `diff`, or all where there are fewer."""
    found: list[Difference] = []
    limit = 2 * size  # not all of those that may differ do differ
    while len(found) < size:
        with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
            connection.execute(SQL["scanned_twice"])
            _ask(cursor, entities, old, new, supposed, after, limit)
            stretches = dict(group_by_fluent(cursor))
        most = size - len(found)
        found += _differing(connection, stretches, old, new, supposed, most)
        if len(stretches) < limit:
            break
        after = max(stretches)
    return found


def _ask(
    cursor: psycopg.Cursor[dict[str, Any]] | psycopg.ServerCursor[dict[str, Any]],
    entities: Sequence[str] | None,
    old: Point,
    new: Point,
    supposed: Sequence[Event],
    after: FluentKey | None,
    limit: int | None,
) -> None:
    asked = "about" if entities is not None else "supposed" if supposed else "all"
    cursor.execute(
        sql.SQL(SQL["changed"]).format(asked=sql.SQL(SQL[asked])),
        {
            "as_of_old_earliest": old.as_of.earliest, "as_of_old_latest": old.as_of.latest,
            "as_of_new_earliest": new.as_of.earliest, "as_of_new_latest": new.as_of.latest,
            "known_at_old": old.known_at, "known_at_new": new.known_at,
            "position_old": old.position, "position_new": new.position,
            "as_of_low": min(old.as_of.earliest, new.as_of.earliest),
            "as_of_high": max(old.as_of.latest, new.as_of.latest),
            "known_at_low": min(old.known_at, new.known_at),
            "known_at_high": max(old.known_at, new.known_at),
            "position_low": min(old.position, new.position),
            "position_high": max(old.position, new.position),
            "ids": list(entities or ()),
            "limit": limit,
            **(after or FluentKey("", "", ""))._asdict(),
        },
    )  # fmt: skip


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[dict[FluentKey, list[IntervalRow]]]:
    """The stretches of some fluents at a time."""
    groups = group_by_fluent(rows)
    while some := dict(islice(groups, BATCH)):
        yield some


def _differing(
    connection: psycopg.Connection[Any],
    stretches: Mapping[FluentKey, list[IntervalRow]],
    old: Point,
    new: Point,
    supposed: Sequence[Event],
    most: int | None = None,
) -> list[Difference]:
    """Those of some fluents that differ, the first so many `most`, with their causes."""
    at_position = old._replace(position=new.position)
    known_by = at_position._replace(known_at=new.known_at)
    steps = [(old, at_position), (at_position, known_by), (known_by, new)]
    states = (
        (key, [spoken_at(here, point) for point in (old, at_position, known_by, new)])
        for key, here in stretches.items()
    )
    differ = ((key, four) for key, four in states if state_of(four[0]) != state_of(four[3]))
    found = dict(islice(differ, most))
    responsible = Responsible(connection, stretches, steps, found, supposed)
    return [_difference(key, four, responsible) for key, four in found.items()]


def _difference(
    key: FluentKey, states: Sequence[Spoken | None], responsible: Responsible
) -> Difference:
    causes: dict[Cause, None] = {}
    events: dict[int, Event] = {}
    for step, find in enumerate((responsible.recorded, responsible.learned, responsible.world)):
        if state_of(states[step]) != state_of(states[step + 1]):
            for cause, event in find(key, states[step], states[step + 1]):
                causes[cause] = None
                events[event.position] = event
    before, after = state_of(states[0]), state_of(states[3])
    change = Change.ADDED if before is None else Change.CHANGED
    named = [events[position] for position in sorted(events)]
    return Difference(
        key,
        Change.REMOVED if after is None else change,
        before,
        after,
        tuple(cause for cause in Cause if cause in causes),
        tuple(named),
        tuple(sorted({source for event in named for source in _sources(event)})),
    )


def _sources(event: Event) -> Iterator[str]:
    yield from (citation.source for citation in citations_of(event.entry))
    if isinstance(event.entry, SourceCorrection):
        yield event.entry.source
