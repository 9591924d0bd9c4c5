"""Which events of the log belong together, found by their tags in one pass over it.

A group has the facts of a fluent and all that was said of them, or a source, or an entity. Some
events tie two groups into one: a fact of two fluents, a fact that moves to another, a preference, a
merge. What is shared by many groups (merges, sources that count anew, ends of existence) is kept
apart for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from domain.codec import STORED_TYPES, decode
from domain.corrections import (
    EntitiesMerged,
    EntitiesSplit,
    EntityCorrected,
    EntityRenamed,
    SourceCorrected,
    SourceCorrection,
    SourceWithdrawn,
)
from domain.dossier import Dossier
from domain.sources import SourceRegistered
from domain.spans import EPOCH
from domain.vocabulary import ADMINISTRATION, CORE, CORRECTIONS, DEFINITIONS, STORIES
from projections.follower import Poison

MOST_HOMES = 50_000
"""How many ids are remembered with their groups; others are looked up again."""

Homes = Callable[[Sequence[str]], Mapping[str, int]]
"""What gives the groups of ids that earlier batches had."""
Row = tuple[int, str, bytes, str]
"""Position, stored type, data, and tags with blanks between."""

_SOURCES = {"SourceRegistered"} | {
    name for name, kind in CORRECTIONS.items() if issubclass(kind, SourceCorrection)
}
_RECOUNTING = {SourceWithdrawn.__name__, SourceCorrected.__name__}
_ENTITIES = {"EntityRegistered", EntityCorrected.__name__, EntityRenamed.__name__}
_IDENTITY = {EntitiesMerged.__name__, EntitiesSplit.__name__}
_UPPER = -(2**32)
"""The upper half of a group's number."""


class _Named(msgspec.Struct):
    id: str


class _Heading(msgspec.Struct, rename="camel"):
    actor: str
    recorded_at: str
    entry: _Named
    shape: msgspec.Raw = msgspec.Raw()


_heading = msgspec.json.Decoder(_Heading).decode


class Grouped(NamedTuple):
    """An event with its group, None where it is shared by many.

    `recorded_at` is written as ISO 8601, and `is_late` says that the event has another time of its
    own, since its clock ran behind. `day` is the day from which a source makes known, for the
    registration of one.
    """

    position: int
    recorded_at: str
    kind: str
    id: str
    actor: str
    group: int | None
    day: int | None
    is_late: bool


class Grouping:
    """Groups the events of a log, batch by batch. `identities` knows all merges, later ones too.

    Afterwards `ties` are the groups that go into another, `recounted` the tags of the
    sources that came to count anew: every group that reaches one needs all of its events. `ended`
    are the entities whose existence something may end: every group of a fluent that has one as a
    side needs what bears on that.
    """

    def __init__(self, identities: Dossier, homes: Homes) -> None:
        self.recounted: set[str] = set()
        self.ended: set[str] = set()
        self._identities = identities
        self._look_up = homes
        self._homes: dict[str, int] = {}
        self._above: dict[int, int] = {}
        self._kin: dict[str, str] = {}
        self._latest: datetime | None = None
        self.recorded_at = ""
        """The latest of the events taken so far, none for none."""

    def take(self, rows: Sequence[Row]) -> Iterator[Grouped]:
        """Group the next events. Raises Poison."""
        self._look_up_named(rows)
        for row in rows:
            try:
                yield self._take(*row)
            except (ValueError, LookupError) as error:
                raise Poison(row[0], str(error)) from error

    def _take(self, position: int, stored_type: str, data: bytes, tags: str) -> Grouped:
        kind = stored_type.partition("/")[0]
        heading = _heading(data)
        is_fact = kind in CORE.fact_types
        if kind not in STORED_TYPES:
            is_fact = bool(bytes(heading.shape))  # of a type that the record defines
            if not is_fact:
                decode(position, stored_type, data)  # says that it can't be read
        if heading.recorded_at != self.recorded_at:
            at = datetime.fromisoformat(heading.recorded_at)
            if self._latest is None or at > self._latest:
                self._latest, self.recorded_at = at, heading.recorded_at
        is_late = heading.recorded_at != self.recorded_at
        name, day = heading.entry.id, None
        group: int | None = None
        if is_fact:
            group = self._homes[name] = self._group_of_fact(name, tags)
            self._note_ended(tags)
        elif kind in _SOURCES:
            source = _tagged(tags, "source:")
            group = hash(source)
            if kind == "SourceRegistered":
                day = self._day(position, stored_type, data)
            elif kind in _RECOUNTING:
                self.recounted.add(source)
        elif kind in _ENTITIES:
            group = hash(_tagged(tags, "entity:"))
        elif kind in ADMINISTRATION or kind in DEFINITIONS or kind in STORIES:
            group = hash(name)
        elif kind not in _IDENTITY:
            group = self._homes[name] = self._tied(tags)
            self._note_ended(tags)
        return Grouped(position, self.recorded_at, kind, name, heading.actor, group, day, is_late)

    def _note_ended(self, tags: str) -> None:
        if " ends:" in tags:
            ended = (tag for tag in tags.split(" ") if tag.startswith("ends:"))
            self.ended.update(tag.removeprefix("ends:") for tag in ended)

    @property
    def ties(self) -> dict[int, int]:
        """The groups that go into another, and into which."""
        return {group: self._root(group) for group in self._above}

    def _day(self, position: int, stored_type: str, data: bytes) -> int:
        source = decode(position, stored_type, data).entry
        assert isinstance(source, SourceRegistered)
        assert self._latest is not None
        if source.published is None:
            return (self._latest - EPOCH).days
        return source.published.latest

    def _group_of_fact(self, name: str, tags: str) -> int:
        start = tags.find(" fluent:")
        if start < 0:
            return hash(f"fact:{name}")
        if tags.find(" fluent:", start + 1) >= 0:
            return self._tied(tags[start + 1 :])
        return self._group_of_fluent(tags[start + 1 :].partition(" ")[0])

    def _group_of_fluent(self, tag: str) -> int:
        fluent, scope, subject = tag.split("/")
        if self._identities.identities:
            scope, subject = self._one_of(scope), self._one_of(subject)
        # Rows of one scope are written side by side: indexes are made faster of them.
        return hash(scope) & _UPPER | hash((fluent, subject)) & ~_UPPER

    def _one_of(self, entity: str) -> str:
        """One name for all entities that were ever merged with this one."""
        if not self._identities.is_identified([entity]):
            return entity
        if entity not in self._kin:
            kin = self._identities.relatives([entity])
            self._kin.update(dict.fromkeys(kin, min(kin)))
        return self._kin[entity]

    def _look_up_named(self, rows: Sequence[Row]) -> None:
        """Remember the groups of what the corrections among some events are about."""
        if len(self._homes) > MOST_HOMES:
            self._homes.clear()
        named = {
            tag.removeprefix("fact:")
            for _, stored_type, _, tags in rows
            if stored_type.startswith(_ABOUT_FACTS)
            for tag in tags.split(" ")
            if tag.startswith("fact:")
        }
        if unknown := sorted(fact for fact in named if fact not in self._homes):
            self._homes.update(self._look_up(unknown))

    def _tied(self, tags: str) -> int:
        """The group of a correction, after tying all that it speaks of."""
        found: list[int] = []
        for tag in tags.split(" "):
            if tag.startswith("fact:"):
                home = self._homes.get(tag.removeprefix("fact:"))
                if home is not None:  # its own id has no group yet
                    found.append(self._root(home))
            elif tag.startswith("fluent:"):
                found.append(self._root(self._group_of_fluent(tag)))
        root = found[0]
        for other in found[1:]:
            if other != root:
                self._above[other] = root
        return root

    def _root(self, group: int) -> int:
        while group in self._above:
            group = self._above[group]
        return group


_ABOUT_FACTS = tuple(f"{name}/" for name in CORRECTIONS.keys() - _SOURCES - _ENTITIES - _IDENTITY)


def _tagged(tags: str, kind: str) -> str:
    """The tag of a kind that an event has."""
    return next(tag for tag in tags.split(" ") if tag.startswith(kind))
