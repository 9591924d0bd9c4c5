"""Which earlier events bear on new ones, or on a fluent, found by tags.

A new event reaches the facts it names, the facts of their fluents, those that preferences tie to
them, and the sources that all of these cite; a source that counts anew reaches whatever cites it;
a merge, or the source that it rests on, reaches the facts about its entities. Whom an entity means
rests on the merges and splits that name it or what it was merged with, through several. A fluent
rests on what ends the existence of its sides; what changes such an end reaches all facts about the
entity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from itertools import product
from typing import NamedTuple

from domain.codec import Event
from domain.corrections import (
    EntitiesMerged,
    EntitiesSplit,
    FactCorrection,
    FactPreferred,
    PreferenceWithdrawn,
    SourceCorrected,
    SourceWithdrawn,
)
from domain.dossier import Dossier
from domain.event_stream import citations_of
from domain.facts import EXISTENCE
from domain.kinship import identified
from domain.tags import IDENTITY, ends_tag, fluent_tag, identity_tag
from domain.versions import FluentKey


class Tagged(NamedTuple):
    """An event of the log with its tags."""

    event: Event
    tags: list[str]


Read = Callable[[set[str]], Iterable[Tagged]]
"""What gives the events with any of some tags."""


class GatheredEvents:
    """What has been gathered: all events that have some tags."""

    def __init__(self) -> None:
        self.tags: set[str] = set()
        self.positions: set[int] = set()
        self.identities: list[Tagged] = []
        """the merges and splits among them"""
        self.ends = _Ends()
        """the ends of existence among them"""

    def allows(self, fresh: Iterable[Tagged]) -> bool:
        """False for merges, splits, withdrawals and re-datings: they change which earlier events
        are relevant."""
        return not any(
            isinstance(
                each.event.entry, EntitiesMerged | EntitiesSplit | SourceWithdrawn | SourceCorrected
            )
            for each in fresh
        )


def gather_fluents(keys: Iterable[FluentKey], read: Read) -> Dossier:
    """A dossier of the events that bear on some fluents."""
    dossier = Dossier()
    for event in gather_tagged((fluent_tag(*key) for key in keys), read)[0]:
        dossier.take(event)
    return dossier


def gather_tagged(
    tags: Iterable[str],
    read: Read,
    fresh: Sequence[Tagged] = (),
    known: GatheredEvents | None = None,
) -> tuple[list[Event], set[str]]:
    """The earlier events, in order, that bear on some tags and fresh events; all tags read.

    What is `known` already is not read again, nor among the events given.
    """
    known = known or GatheredEvents()
    tags = [*tags]
    reach = _Reach(known.identities, known.ends, fresh)
    reach.change(tag.removeprefix("fact:") for tag in tags if tag.startswith("fact:"))
    found: dict[int, Event] = {}
    seen = known.tags
    waiting = reach.led([*tags, *(tag for each in fresh for tag in reach.tags(each))])
    waiting |= reach.shaken(waiting)
    while waiting := waiting - seen:
        seen |= waiting
        new = [each for each in read(waiting) if each.event.position not in known.positions]
        found.update((each.event.position, each.event) for each in new)
        known.positions.update(each.event.position for each in new)
        identities = [each for each in new if IDENTITY in each.tags]
        known.identities += identities
        waiting = reach.relate(identities)
        waiting |= reach.led(tag for each in new for tag in reach.tags(each))
        reach.end(new, seen)
        waiting |= reach.shaken(seen)
    return [found[position] for position in sorted(found)], seen


def gather_entities(known: GatheredEvents, read: Read) -> list[Event]:
    """What is known of the entities, in order, that the facts gathered are about."""
    names = (tag.removeprefix(IDENTITY) for tag in known.tags if tag.startswith(IDENTITY))
    return gather_tagged([f"entity:{name}" for name in names], read, known=known)[0]


class _Reach:
    """Which tags to read because of an event or of another tag."""

    def __init__(self, identities: Iterable[Tagged], ends: _Ends, fresh: Sequence[Tagged]) -> None:
        self._kin = Dossier()
        self._ends = ends
        self._changed: set[str] = set()
        """The facts that may change, but for those that fresh events name."""
        self._fluents: set[str] = set()
        self._fresh = {each.event.position for each in fresh}
        self._redated = {
            entry.source
            for each in fresh
            if isinstance(entry := each.event.entry, SourceCorrected)
            and "published" in entry.changes
        }
        self.relate(identities)
        self.relate(each for each in fresh if IDENTITY in each.tags)
        self._ends.take(fresh)
        self._fresh_facts: set[str] | None = None  # only looked at where something ends
        self._fresh_events = fresh

    def change(self, facts: Iterable[str]) -> None:
        """Some facts may change: what they end then ends otherwise."""
        self._changed.update(facts)

    def relate(self, identities: Iterable[Tagged]) -> set[str]:
        """Take in merges and splits: which fluents may now be one with those that were led to."""
        events = [each.event for each in identities]
        for event in events:
            self._kin.relate(event)
        return {tag for fluent in self._fluents if events for tag in self._kindred(fluent)}

    def tags(self, each: Tagged) -> Iterator[str]:
        """The tags that an event leads to."""
        entry = each.event.entry
        for tag in each.tags:
            kind, _, name = tag.partition(":")
            if kind in ("fact", "source", "entity", "fluent"):
                yield tag
            elif kind == "cites":
                yield f"source:{name}"
                if name in self._redated and isinstance(entry, SourceWithdrawn):
                    yield f"cites:{entry.source}"
            elif kind == "about":
                yield identity_tag(name)
        if each.event.position in self._fresh and (
            isinstance(entry, SourceWithdrawn)
            or (isinstance(entry, SourceCorrected) and entry.source in self._redated)
        ):
            yield f"cites:{entry.source}"

    def led(self, tags: Iterable[str]) -> set[str]:
        """Some tags, and for what they name the merges and the kindred fluents."""
        led = set[str]()
        for tag in tags:
            led.add(tag)
            kind, _, name = tag.partition(":")
            if kind == "entity":
                led.add(identity_tag(name))
            elif kind == "fluent" and tag not in self._fluents:
                self._fluents.add(tag)
                led.update(self._kindred(tag))
                _, scope, subject = name.split("/")
                led.update((identity_tag(scope), identity_tag(subject)))
        return led

    def shaken(self, tags: Set[str]) -> set[str]:
        """The tags of what merges bear on that are fresh, or rest on a source whose citations are
        read."""
        entities = {
            entity
            for event in self._kin.identities
            if event.position in self._fresh
            or any(f"cites:{citation.source}" in tags for citation in citations_of(event.entry))
            for entity in identified(event.entry)
        }
        kin = self._kin.relatives(entities)
        led = self.led(tag for each in kin for tag in (f"about:{each}", f"entity:{each}"))
        if not self._ends:
            return led
        if self._fresh_facts is None:
            self._fresh_facts = {name for each in self._fresh_events for name in _facts_named(each)}
        ended = self._kin.relatives(self._ends.ended_by(self._changed | self._fresh_facts))
        return led | self.led(f"about:{each}" for each in ended)

    def end(self, new: Iterable[Tagged], tags: Set[str]) -> None:
        """Take in events that were read: ends of existence, and what ties facts to others. What
        cites a source whose citations count anew changes with it."""
        self._ends.take(new)
        for each in new:
            if not tags.isdisjoint(tag for tag in each.tags if tag.startswith("cites:")):
                self._changed.update(_facts_named(each))

    def _kindred(self, tag: str) -> Iterator[str]:
        """A fluent's tag, and those that merges of its two sides may make one with it; and the
        tags of what ends the existence of a side."""
        fluent, scope, subject = tag.removeprefix("fluent:").split("/")
        scopes, subjects = self._kin.relatives([scope]), self._kin.relatives([subject])
        for pair in product(scopes, subjects):
            yield fluent_tag(fluent, *pair)
        if fluent != EXISTENCE.name:
            yield from map(ends_tag, scopes | subjects)


class _Ends:
    """Which facts may end the existence of which entities, and which others may set them aside."""

    def __init__(self) -> None:
        self._entities: dict[str, set[str]] = {}
        self._tied: dict[str, set[str]] = {}

    def take(self, events: Iterable[Tagged]) -> None:
        """Take in facts, corrections and preferences, no matter in which order."""
        for each in events:
            entry = each.event.entry
            for tag in each.tags:
                if tag.startswith("ends:"):
                    fact = entry.fact if isinstance(entry, FactCorrection) else entry.id
                    self._entities.setdefault(fact, set()).add(tag.removeprefix("ends:"))
            if isinstance(entry, FactPreferred | PreferenceWithdrawn):
                named = set(_facts_named(each))
                for name in named:
                    self._tied.setdefault(name, set()).update(named)

    def __bool__(self) -> bool:
        """Whether any is known."""
        return bool(self._entities)

    def ended_by(self, facts: Set[str]) -> set[str]:
        """The entities whose ends change when some facts do."""
        seen, waiting = set(facts), list(facts)
        while waiting:
            tied = self._tied.get(waiting.pop(), set()) - seen
            seen |= tied
            waiting += tied
        return {entity for fact in seen for entity in self._entities.get(fact, ())}


def _facts_named(each: Tagged) -> Iterator[str]:
    """The facts and corrections that an event names, itself among them."""
    return (tag.removeprefix("fact:") for tag in each.tags if tag.startswith("fact:"))
