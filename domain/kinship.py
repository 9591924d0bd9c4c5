"""Kinship: entities that merges and splits tie to one another, and what these make of them at a K.

docs/contract/knowledge.md#identity
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from domain.codec import Event
from domain.corrections import EntitiesMerged, EntitiesSplit
from domain.dates import BEFORE_ALL


class Order(NamedTuple):
    """Of corrections that contradict each other the one with the greatest is the newest."""

    day: int
    position: int


class Kinship:
    """Entities that merges and splits tie to one another, with those, in log order."""

    __slots__ = ("_children", "_named", "entities", "events", "parents_at")

    def __init__(self) -> None:
        self.entities: set[str] = set()
        self.events: list[Event] = []
        self._children: dict[str, set[str]] = {}
        """entity → what was ever merged into it"""
        self._named: dict[str, int] = {}
        """entity → how many of the events name it"""
        self.parents_at: dict[int, Parents] = {}
        """K → what the events merge each entity into there"""

    def take(self, event: Event, entities: set[str]) -> None:
        """Take in the next event that names some of them."""
        self.entities |= entities
        self.events.append(event)
        for entity in entities:
            self._named[entity] = self._named.get(entity, 0) + 1
        if isinstance(event.entry, EntitiesMerged):
            self._children.setdefault(event.entry.into, set()).update(event.entry.entities)

    def take_over(self, other: Kinship) -> None:
        """Take in the entities and the events of another one."""
        self.entities |= other.entities
        self.events = sorted(self.events + other.events, key=lambda event: event.position)
        self._named |= other._named
        for into, entities in other._children.items():
            self._children.setdefault(into, set()).update(entities)
        self.parents_at.clear()

    def is_free(self, event: Event) -> bool:
        """Whether the order of an event among the others makes no difference: it merges entities
        that no other event names."""
        entry = event.entry
        return isinstance(entry, EntitiesMerged) and all(
            self._named[entity] == 1 for entity in entry.entities
        )

    def moved_by(self, entry: EntitiesMerged | EntitiesSplit) -> set[str]:
        """The entities that may mean something else because of the last event."""
        waiting = [*(entry.entities if isinstance(entry, EntitiesMerged) else entry.into)]
        moved: set[str] = set()
        while waiting:
            entity = waiting.pop()
            if entity not in moved:
                moved.add(entity)
                waiting += self._children.get(entity, ())
        return moved


class Parents:
    """What merges and splits make of entities at one K: of those of an id the newest wins.

    `taken` is how many of the kinship's events were looked at, in effect at K or not, and `newest`
    the greatest order of those in effect.
    """

    __slots__ = ("_decided", "_has_circle", "by_entity", "newest", "taken")

    def __init__(self) -> None:
        self.by_entity: dict[str, str] = {}
        """entity → what it is merged into"""
        self._decided: dict[str, tuple[Order, str | None]] = {}
        """entity → what the newest merge or split of it says"""
        self._has_circle = False
        self.newest = Order(BEFORE_ALL, 0)
        self.taken = 0

    def apply_anew(self, events: Iterable[tuple[Order, Event]]) -> None:
        """Begin anew with some events, the newest last."""
        self.by_entity.clear()
        self._decided.clear()
        self._has_circle = False
        for order, event in events:
            self.apply(order, event)

    def apply(self, order: Order, event: Event) -> None:
        """Apply an event. Those that are newer must not be here yet, unless it is free."""
        entry = event.entry
        if isinstance(entry, EntitiesMerged):
            for entity in entry.entities:
                if entity != entry.into:
                    self._decide(entity, order, entry.into)
        elif isinstance(entry, EntitiesSplit):
            for entity in entry.into:
                self._decide(entity, order, None)

    def _decide(self, entity: str, order: Order, into: str | None) -> None:
        """Take in what an event says of an entity, newer than what was said of it before."""
        self._decided[entity] = order, into
        if self._has_circle or (into is not None and self._leads(into, entity)):
            self._resolve()
        elif into is None:
            self.by_entity.pop(entity, None)
        else:
            self.by_entity[entity] = into

    def _resolve(self) -> None:
        """Merge anew, the newest first: a merge that would close a circle does nothing."""
        self.by_entity.clear()
        self._has_circle = False
        by_age = sorted(self._decided.items(), key=lambda said: said[1][0], reverse=True)
        for entity, (_, into) in by_age:
            if into is None:
                continue
            if self._leads(into, entity):
                self._has_circle = True
            else:
                self.by_entity[entity] = into

    def _leads(self, entity: str, to: str) -> bool:
        """Whether an entity is merged into another, through several."""
        while entity in self.by_entity:
            entity = self.by_entity[entity]
            if entity == to:
                return True
        return False


def identified(entry: object) -> set[str]:
    """The entities that a merge or a split speaks of."""
    if isinstance(entry, EntitiesMerged):
        return {*entry.entities, entry.into}
    assert isinstance(entry, EntitiesSplit)
    return {entry.entity, *entry.into}
