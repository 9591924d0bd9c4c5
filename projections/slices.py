"""Slices of a grouped log to rows: what one process of a rebuild does.

Most groups rest only on sources of which nothing was ever said; all of a slice's share a dossier.
One that reaches a merge, or a source that counts anew, gets those events in its own.
"""

from __future__ import annotations

import gc
import os
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from itertools import groupby
from multiprocessing import parent_process
from multiprocessing.connection import wait
from operator import itemgetter
from typing import Any, LiteralString

import psycopg

from domain.codec import Event, decode
from domain.corrections import (
    EntitiesMerged,
    EntitiesSplit,
    FactCorrected,
    FactCorrection,
    FactPreferred,
    PreferenceWithdrawn,
    SourceCorrection,
)
from domain.dossier import Dossier
from domain.entities import EntityRegistered
from domain.event_stream import citations_of
from domain.facts import EXISTENCE, Fact, subjects_in, subjects_of
from domain.sources import Entry, SourceRegistered
from projections.follower import Poison, read_tagged, take_all
from projections.projector import Projector
from projections.rows import Tables
from store.database import Database
from store.sql import queries

SQL = queries("projections", "rebuild.sql")
FEW = 250
"""Events that are folded at a time. Their objects stay in the processor's cache; with 4,000 at a
time, each event takes a third longer."""
MOST_DAYS = 300_000
"""How many sources' days a process remembers."""

Slice = tuple[int, int]
"""The groups above one number, up to another."""


class Shared:
    """The events that many groups need: merges and splits, sources withdrawn or re-dated, and
    what ends the existence of entities."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.identities = Dossier()
        self.sources: dict[str, list[Event]] = {}
        self.existence = _Existence()
        for event in events:
            entry = event.entry
            self.existence.take(event)
            if isinstance(entry, EntitiesMerged | EntitiesSplit):
                self.identities.relate(event)
            elif isinstance(entry, SourceRegistered):
                self.sources.setdefault(entry.id, []).append(event)
            elif isinstance(entry, SourceCorrection):
                self.sources.setdefault(entry.source, []).append(event)

    def reached(self, events: Sequence[Event]) -> list[Event]:
        """Those that a group reaches, none for most."""
        found: dict[int, Event] = {}
        if self.existence.events or self.identities.identities:
            entities = self.identities.relatives(_entities(events))
            existence = self.existence.of(entities)
            if existence:
                entities = self.identities.relatives(entities | _entities(existence))
            merges = self.identities.identities_of(entities)
            found.update((event.position, event) for event in (*existence, *merges))
        if not self.sources:
            return list(found.values())
        waiting = [*events, *found.values()]
        seen: set[str] = set()
        while waiting:
            for source in sources_of(waiting.pop()):
                if source in self.sources and source not in seen:
                    seen.add(source)
                    found.update((event.position, event) for event in self.sources[source])
                    waiting += self.sources[source]
        return list(found.values())

    def cited(self) -> Iterator[str]:
        """The sources that the shared events name."""
        for events in (
            self.identities.identities,
            *self.sources.values(),
            *self.existence.events.values(),
        ):
            for event in events:
                yield from sources_of(event)


class _Existence:
    """The facts that begin and end the existence of entities, with all that was said of them."""

    def __init__(self) -> None:
        self.events: dict[str, list[Event]] = {}
        """fact → what was said of it, itself first"""
        self._facts: dict[str, set[str]] = {}
        self._preferences: dict[str, FactPreferred] = {}
        self._tied: dict[str, set[str]] = {}

    def take(self, event: Event) -> None:
        """Take in the next event, which may be about something else."""
        entry = event.entry
        if isinstance(entry, Fact):
            if any(effect.fluent == EXISTENCE.name for effect in entry.effects):
                self.events[entry.id] = [event]
                self._about(entry.id, subjects_of(entry))
        elif isinstance(entry, FactPreferred | FactCorrection | PreferenceWithdrawn):
            facts = self._facts_of(entry) & self.events.keys()
            for fact in facts:
                self.events[fact].append(event)
                self._tied.setdefault(fact, set()).update(facts)
            if isinstance(entry, FactCorrected) and facts:
                first = self.events[entry.fact][0].entry
                assert isinstance(first, Fact)
                kind = event.fact_type or type(first)
                self._about(entry.fact, subjects_in(kind, entry.changes))
            if isinstance(entry, FactPreferred):
                self._preferences[entry.id] = entry

    def of(self, entities: Iterable[str]) -> list[Event]:
        """What bears on the existence of some entities."""
        waiting = [fact for entity in entities for fact in self._facts.get(entity, ())]
        facts: set[str] = set()
        while waiting:
            fact = waiting.pop()
            if fact not in facts:
                facts.add(fact)
                waiting += self._tied.get(fact, ())
        found = {event.position: event for fact in facts for event in self.events[fact]}
        return list(found.values())

    def _about(self, fact: str, entities: Iterable[str]) -> None:
        for entity in entities:
            self._facts.setdefault(entity, set()).add(fact)

    def _facts_of(self, entry: Entry) -> set[str]:
        if isinstance(entry, PreferenceWithdrawn):
            preference = self._preferences.get(entry.preference)
            return set() if preference is None else self._facts_of(preference)
        if isinstance(entry, FactPreferred):
            return {entry.fact, *entry.over}
        return {entry.fact} if isinstance(entry, FactCorrection) else set()


def sources_of(event: Event) -> Iterator[str]:
    """The sources that an event cites or speaks of."""
    entry = event.entry
    for citation in citations_of(entry):
        yield citation.source
    if isinstance(entry, SourceCorrection):
        yield entry.source
    elif isinstance(entry, SourceRegistered):
        yield entry.id


def _entities(events: Sequence[Event]) -> set[str]:
    found: set[str] = set()
    facts: dict[str, Fact] = {}
    for event in events:
        entry: Entry = event.entry
        if isinstance(entry, Fact):
            facts[entry.id] = entry
            found.update(subjects_of(entry))
        elif isinstance(entry, EntityRegistered):
            found.add(entry.id)
        elif isinstance(entry, FactCorrected):
            kind = event.fact_type or type(facts[entry.fact])
            found.update(subjects_in(kind, entry.changes))
    return found


def fold_slice(
    groups: Iterable[Sequence[Event]], shared: Shared, days: Mapping[str, int]
) -> Tables:
    """The rows of all tables that some groups make, each with its events in order. Raises Poison.

    `days` has the sources that they reach and of which nothing was said.
    """
    tables = Tables()
    dossier = Dossier()
    dossier.days = days
    plain = Projector(dossier, tables)
    for events in groups:
        reached = shared.reached(events)
        if not reached:
            take_all(plain, events)
            continue
        own = Dossier()
        own.days = days
        by_position = {event.position: event for event in [*events, *reached]}
        take_all(
            Projector(own, tables, _named(events)),
            (by_position[position] for position in sorted(by_position)),
        )
    return tables


def _named(events: Sequence[Event]) -> set[str]:
    """The source or the entity that a group is about, or its facts."""
    kinds = SourceRegistered | EntityRegistered | Fact
    return {event.entry.id for event in events if isinstance(event.entry, kinds)}


class Worker:
    """Takes slices of the log into the tables of a schema, each in a transaction of its own."""

    def __init__(self, connection: psycopg.Connection, tags: Sequence[str], upto: int) -> None:
        self._connection = connection
        with connection.cursor() as cursor:
            tagged = read_tagged(cursor, set(tags), upto)
        events = sorted((each.event for each in tagged), key=lambda event: event.position)
        self._shared = Shared(events)
        self._always = set(self._shared.cited()) - self._shared.sources.keys()
        self._days: dict[str, int] = {}

    def work(self, part: Slice) -> int:
        """Write a slice; how many events it had. Raises Poison."""
        with self._connection.transaction(), self._connection.cursor() as cursor:
            rows = cursor.execute(
                SQL["slice"], {"above": part[0], "upto": part[1]}, binary=True
            ).fetchall()
            written: defaultdict[LiteralString, list[str]] = defaultdict(list)
            for groups in _few(rows):
                self._learn(cursor, groups)
                for table in fold_slice(groups, self._shared, self._days):
                    written[table.copy].append(table.block())
            for statement, blocks in written.items():
                with cursor.copy(statement) as copy:
                    for block in blocks:
                        copy.write(block)
            return len(rows)

    def _learn(self, cursor: psycopg.Cursor, groups: Sequence[Sequence[Event]]) -> None:
        """Look up from which days the sources of a slice make known."""
        if len(self._days) > MOST_DAYS:
            self._days.clear()
        named = {source for events in groups for event in events for source in sources_of(event)}
        known = self._shared.sources, self._days
        needed = [
            source for source in named | self._always if not any(source in each for each in known)
        ]
        if needed:
            self._days.update(cursor.execute(SQL["source_days"], {"ids": needed}).fetchall())


def _few(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[list[Event]]]:
    """The groups of a slice, some events of them at a time."""
    groups: list[list[Event]] = []
    count = 0
    for _, group in groupby(rows, key=itemgetter(0)):
        groups.append([decoded_at(*row[1:]) for row in group])
        count += len(groups[-1])
        if count >= FEW:
            yield groups
            groups, count = [], 0
    yield groups


def decoded_at(position: int, stored_type: str, data: bytes, recorded_at: datetime | None) -> Event:
    """An event of the log with its effective time, where that is not its own. Raises Poison."""
    try:
        event = decode(position, stored_type, data)
    except ValueError as error:
        raise Poison(position, str(error)) from error
    return event if recorded_at is None else event._replace(recorded_at=recorded_at)


# In a process of its own

_worker: Worker | None = None
_session = ExitStack()


def begin(database: Database, search_path: str, tags: Sequence[str], upto: int) -> None:
    """Set a process up to work on slices."""
    global _worker
    gc.disable()  # what is made here has no cycles, and looking for them takes a third of the time
    threading.Thread(target=_end_with_parent, daemon=True).start()
    session = database.connect(search_path=search_path, synchronous_commit="off")
    _worker = Worker(_session.enter_context(session), tags, upto)


def work(part: Slice) -> int:
    """`Worker.work` of this process."""
    assert _worker is not None
    return _worker.work(part)


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)
