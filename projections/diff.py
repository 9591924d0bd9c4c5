"""What changed between two points of the clocks, and why (docs/contract/changes.md).

The clocks are moved one at a time, R first, then K, then X. A row that a step changes gets that
step's cause, and the events at which it changed on the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import groupby, islice
from typing import Any, NamedTuple

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.range import Range

from domain.codec import Event
from domain.corrections import (
    AnnouncementCancelled,
    Correction,
    FactCorrected,
    FactCorroborated,
    FactRetracted,
    SourceCorrection,
    SourceWithdrawn,
)
from domain.dates import BEFORE_ALL, Days, Edtf, parse
from domain.dossier import Dossier, citations_of, holds
from domain.history import History
from domain.intervals import FluentKey
from domain.point import Point
from domain.standing import Standing, speaking
from projections.follower import LOG, decoded, read_tagged
from projections.related_events import gather_fluents
from store.sql import queries

SQL = queries("projections", "diff.sql")
BATCH = 500
"""Fluents whose causes are looked for at a time."""
ENDLESS = 2**63 - 1
"""∞ for positions, which outgrow the numbers of days."""


class Change(StrEnum):
    """What became of a row."""

    ADDED = "ADDED"
    REMOVED = "REMOVED"
    CHANGED = "CHANGED"


class Cause(StrEnum):
    """Which clock made the difference, and what kind of event came in its way."""

    RECORDED = "RECORDED"
    CORRECTED = "CORRECTED"
    RETRACTED = "RETRACTED"
    EDITORIAL = "EDITORIAL"
    LEARNED = "LEARNED"
    WORLD = "WORLD"


class SideDate(NamedTuple):
    """The start or the end of an episode: date as written, earliest and latest day or None."""

    edtf: str | None
    earliest: int | None
    latest: int | None


class FluentState(NamedTuple):
    """What a diff compares of a fluent at a point."""

    standing: Standing
    contested: bool
    since: SideDate
    until: SideDate | None
    announced_ends: tuple[SideDate, ...]


class Difference(NamedTuple):
    """A fluent that differs: its states, the causes in the order of the steps, the events."""

    key: FluentKey
    change: Change
    before: FluentState | None
    after: FluentState | None
    causes: tuple[Cause, ...]
    events: tuple[Event, ...]
    sources: tuple[str, ...]


class _Stretch(NamedTuple):
    """A row of the intervals: over which points it is there, and what it says."""

    ordinal: int
    possible: Days | None
    certain: Days | None
    known: Days
    recorded: Days
    contested: bool
    since: SideDate
    until: SideDate | None
    announced_ends: tuple[SideDate, ...]
    facts: tuple[str, ...]


class _Found(NamedTuple):
    state: FluentState
    facts: tuple[str, ...]


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
    with connection.transaction(), connection.cursor("changed", row_factory=dict_row) as cursor:
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
    limit = 2 * size  # some of those that may differ do not after all
    while len(found) < size:
        with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
            connection.execute(SQL["scanned_twice"])
            _ask(cursor, entities, old, new, supposed, after, limit)
            stretches = dict(_grouped(cursor))
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


def _grouped(rows: Iterable[dict[str, Any]]) -> Iterator[tuple[FluentKey, list[_Stretch]]]:
    """The stretches of each fluent, of rows in their order."""
    for key, some in groupby(
        rows, lambda row: FluentKey(row["fluent"], row["scope"], row["subject"])
    ):
        yield key, [_stretch(row) for row in some]


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[dict[FluentKey, list[_Stretch]]]:
    """The stretches of some fluents at a time."""
    groups = _grouped(rows)
    while some := dict(islice(groups, BATCH)):
        yield some


def _differing(
    connection: psycopg.Connection[Any],
    stretches: Mapping[FluentKey, list[_Stretch]],
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
        (key, [_found(here, point) for point in (old, at_position, known_by, new)])
        for key, here in stretches.items()
    )
    differ = ((key, four) for key, four in states if _state(four[0]) != _state(four[3]))
    found = dict(islice(differ, most))
    responsible = _Responsible(connection, stretches, steps, found, supposed)
    return [_difference(key, four, responsible) for key, four in found.items()]


def _difference(
    key: FluentKey, states: Sequence[_Found | None], responsible: _Responsible
) -> Difference:
    causes: dict[Cause, None] = {}
    events: dict[int, Event] = {}
    for step, find in enumerate((responsible.recorded, responsible.learned, responsible.world)):
        if _state(states[step]) != _state(states[step + 1]):
            for cause, event in find(key, states[step], states[step + 1]):
                causes[cause] = None
                events[event.position] = event
    before, after = _state(states[0]), _state(states[3])
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


def _stretch(row: Mapping[str, Any]) -> _Stretch:
    until = SideDate(row["until"], row["end_earliest"], row["end_latest"])
    return _Stretch(
        row["ordinal"],
        _days(row["possible"]),
        _days(row["certain"]),
        _days(row["known"]) or Days(0, -1),
        _days(row["recorded"]) or Days(0, -1),
        row["contested"],
        SideDate(row["since"], row["start_earliest"], row["start_latest"]),
        until if row["ended"] else None,
        tuple(SideDate(**end["until"]) for end in row["announced_ends"]),
        tuple(ref["id"] for ref in row["facts"]),
    )


def _days(some: Range[int]) -> Days | None:
    """A range of the database as first and last, ±∞ where unbounded."""
    if some.isempty:
        return None
    return Days(
        BEFORE_ALL if some.lower is None else some.lower,
        ENDLESS if some.upper is None else some.upper - 1,
    )


def _found(stretches: Iterable[_Stretch], point: Point) -> _Found | None:
    """What a diff compares of a fluent at a point, and the facts of the episode that speaks."""
    here = (
        s
        for s in stretches
        if _holds(s.recorded, point.position) and _holds(s.known, point.known_at)
    )
    spoken = speaking(here, point.as_of.earliest, point.as_of.latest)
    if spoken is None:
        return None
    standing, stretch = spoken
    since = stretch.since
    if standing is Standing.ANNOUNCED:
        since = SideDate(since.edtf, None, None)
    state = FluentState(standing, stretch.contested, since, stretch.until, stretch.announced_ends)
    return _Found(state, stretch.facts)


def _holds(some: Days, value: int) -> bool:
    return some.earliest <= value <= some.latest


def _state(found: _Found | None) -> FluentState | None:
    return None if found is None else found.state


class _Responsible:
    """The events that made rows differ, by step."""

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        stretches: Mapping[FluentKey, list[_Stretch]],
        steps: Sequence[tuple[Point, Point]],
        found: Mapping[FluentKey, Sequence[_Found | None]],
        supposed: Sequence[Event],
    ) -> None:
        self._connection = connection
        self._stretches = stretches
        self._steps = steps
        self._keys = list(found)
        self._history: History | None = None
        old, new = steps[0]
        self._recorded = {
            key: self._changed_at(key, old, new)
            for key, states in found.items()
            if _state(states[0]) != _state(states[1])
        }
        self._facts = self._facts_of(
            {
                fact
                for states in found.values()
                if _state(states[2]) != _state(states[3])
                for each in states[2:]
                if each
                for fact in each.facts
            }
        )
        self._events = {int(event.position): event for event in supposed}
        positions = {position for some in self._recorded.values() for position in some}
        positions |= {position for _, position in self._facts.values()}
        if positions:
            rows = connection.execute(LOG["events_at"], {"positions": list(positions)})
            events = [each.event for each in decoded(rows.fetchall())]
            self._events |= {int(event.position): event for event in events}

    def _facts_of(self, names: set[str]) -> dict[str, tuple[Edtf, int]]:
        """When facts say that they happened, at the second point, and where they were recorded."""
        if not names:
            return {}
        at = {**self._steps[2][0].parameters, "ids": list(names)}
        rows = self._connection.execute(SQL["facts"], at)
        return {name: (parse(when), position) for name, when, position in rows}

    def recorded(
        self, key: FluentKey, before: _Found | None, after: _Found | None
    ) -> Iterator[tuple[Cause, Event]]:
        """The events between two positions at which the row changed."""
        for position in self._recorded[key]:
            event = self._events[position]
            yield cause_of(event), event

    def _changed_at(self, key: FluentKey, old: Point, new: Point) -> list[int]:
        """The positions between two at which the row changed."""
        cuts = self._cuts([s.recorded for s in self._stretches[key]], old.position, new.position)
        points = [old._replace(position=cut) for cut in (min(old.position, new.position), *cuts)]
        return [point.position for point in self._changes(key, points)]

    def learned(
        self, key: FluentKey, before: _Found | None, after: _Found | None
    ) -> Iterator[tuple[Cause, Event]]:
        """The events that became known, or whose effect began or ended, when the row changed."""
        old, new = self._steps[1]
        cuts = self._cuts([s.known for s in self._stretches[key]], old.known_at, new.known_at)
        points = [old._replace(known_at=cut) for cut in (min(old.known_at, new.known_at), *cuts)]
        for point in self._changes(key, points):
            for event in learned_on(self._bearing(), key, point.known_at):
                yield Cause.LEARNED, event

    def world(
        self, key: FluentKey, before: _Found | None, after: _Found | None
    ) -> Iterator[tuple[Cause, Event]]:
        """The starts and ends that came to pass between two days."""
        old, new = self._steps[2]
        low = min(old.as_of.earliest, new.as_of.earliest)
        high = max(old.as_of.latest, new.as_of.latest)
        names = {fact for found in (before, after) if found for fact in found.facts}
        came = {name for name in names if _falls(self._facts[name][0], low, high)}
        for name in came or names:
            yield Cause.WORLD, self._events[self._facts[name][1]]

    def _changes(self, key: FluentKey, points: Sequence[Point]) -> Iterator[Point]:
        before = _state(_found(self._stretches[key], points[0]))
        for point in points[1:]:
            after = _state(_found(self._stretches[key], point))
            if after != before:
                yield point
            before = after

    @staticmethod
    def _cuts(spans: Iterable[Days], one: int, other: int) -> list[int]:
        low, high = min(one, other), max(one, other)
        cuts = {cut for first, last in spans for cut in (first, last + 1)}
        return sorted(cut for cut in cuts if low < cut <= high)

    def _bearing(self) -> History:
        """What bears on the rows that differ, as of the second point's position."""
        if self._history is None:
            with self._connection.cursor() as cursor:
                r = self._steps[1][0].position
                dossier = gather_fluents(self._keys, lambda tags: read_tagged(cursor, tags, upto=r))
            self._history = History(dossier)
            self._history.settle()
        return self._history


def cause_of(event: Event) -> Cause:
    """The cause on the record clock that an event is."""
    match event.entry:
        case FactCorroborated():
            return Cause.RECORDED
        case FactCorrected():
            return Cause.CORRECTED
        case FactRetracted() | SourceWithdrawn() | AnnouncementCancelled():
            return Cause.RETRACTED
        case Correction():
            return Cause.EDITORIAL
        case _:
            return Cause.RECORDED


def learned_on(history: History, key: FluentKey, day: int) -> Iterator[Event]:
    """The events bearing on a fluent that came, or ceased, to count on a day of K."""
    dossier = history.dossier
    facts = history.facts_of(key) | history.ends_of(key)
    for fact in sorted(facts | history.preferred_over(facts)):
        life, file = history.life(fact), dossier.facts[fact]
        telling = [
            file.first,
            *(event for event in file.later if isinstance(event.entry, FactCorroborated)),
        ]
        counts = history.folds(fact, day) or history.folds(fact, day - 1)
        if counts and life.is_known(day) != life.is_known(day - 1):
            yield from _ceasing_or_beginning(dossier, telling, day)
        corrections = [event for event in file.later if event not in telling]
        corrections += dossier.preferring[fact]
        for preference in dossier.preferring[fact]:
            corrections += dossier.withdrawals[preference.entry.id]
        yield from _in_effect_anew(dossier, corrections, day)
    yield from _in_effect_anew(dossier, dossier.identities_of([key.scope, key.subject]), day)


def _in_effect_anew(dossier: Dossier, events: Iterable[Event], day: int) -> Iterator[Event]:
    for event in events:
        spans = dossier.effect_spans(event)
        if holds(spans, day) != holds(spans, day - 1):
            yield from _ceasing_or_beginning(dossier, [event], day)


def _ceasing_or_beginning(dossier: Dossier, events: Iterable[Event], day: int) -> Iterator[Event]:
    """Those of the events with a citation that counts from the day, or what withdrew its source."""
    for event in events:
        sources = {citation.source for citation in citations_of(event.entry)}
        if any(first == day for s in sources for first, _ in dossier.citation_spans(s)):
            yield event
        for source in sources:
            if dossier.withdrawn_from(source) == day:
                for later in dossier.sources[source].later:
                    if isinstance(later.entry, SourceWithdrawn):
                        yield later


def _falls(when: Edtf, low: int, high: int) -> bool:
    """Whether a start or an end may come, or comes for certain, to pass after `low`, by `high`."""
    days = (*when.start, *(when.end or ()))
    return any(low < day <= high for day in days)
