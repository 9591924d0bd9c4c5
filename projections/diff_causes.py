"""Why rows differ between two points: the events responsible, by the clock that made the difference
(docs/contract/changes.md#causes).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

import psycopg

from domain.codec import Event
from domain.corrections import (
    AnnouncementCancelled,
    Correction,
    FactCorrected,
    FactCorroborated,
    FactRetracted,
    SourceWithdrawn,
)
from domain.dates import Days, Edtf, parse
from domain.dossier import Dossier
from domain.event_stream import citations_of
from domain.history import History
from domain.point import Point
from domain.spans import holds
from domain.versions import FluentKey
from projections.diff_rows import IntervalRow, Spoken, spoken_at, state_of
from projections.follower import LOG, decoded, read_tagged
from projections.related_events import gather_fluents
from store.sql import queries

SQL = queries("projections", "diff.sql")


class Cause(StrEnum):
    """Which clock made the difference, and what kind of event came in its way."""

    RECORDED = "RECORDED"
    CORRECTED = "CORRECTED"
    RETRACTED = "RETRACTED"
    EDITORIAL = "EDITORIAL"
    LEARNED = "LEARNED"
    WORLD = "WORLD"


class Responsible:
    """The events that made rows differ, by step."""

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        stretches: Mapping[FluentKey, list[IntervalRow]],
        steps: Sequence[tuple[Point, Point]],
        found: Mapping[FluentKey, Sequence[Spoken | None]],
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
            if state_of(states[0]) != state_of(states[1])
        }
        self._facts = self._facts_of(
            {
                fact
                for states in found.values()
                if state_of(states[2]) != state_of(states[3])
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
        self, key: FluentKey, before: Spoken | None, after: Spoken | None
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
        self, key: FluentKey, before: Spoken | None, after: Spoken | None
    ) -> Iterator[tuple[Cause, Event]]:
        """The events that became known, or whose effect began or ended, when the row changed."""
        old, new = self._steps[1]
        cuts = self._cuts([s.known for s in self._stretches[key]], old.known_at, new.known_at)
        points = [old._replace(known_at=cut) for cut in (min(old.known_at, new.known_at), *cuts)]
        for point in self._changes(key, points):
            for event in learned_on(self._bearing(), key, point.known_at):
                yield Cause.LEARNED, event

    def world(
        self, key: FluentKey, before: Spoken | None, after: Spoken | None
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
        before = state_of(spoken_at(self._stretches[key], points[0]))
        for point in points[1:]:
            after = state_of(spoken_at(self._stretches[key], point))
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
