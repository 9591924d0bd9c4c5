"""Which earlier events bear on new ones, or on a fluent, found by tags.

A new event reaches the facts it names, the facts of their fluents, those that preferences tie to
them, and the sources that all of these cite; a source that counts anew reaches whatever cites it;
a merge, or the source that it rests on, reaches the facts about its entities.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from itertools import product
from typing import NamedTuple

from domain.codec import Event
from domain.corrections import EntitiesMerged, EntitiesSplit, SourceCorrected, SourceWithdrawn
from domain.dossier import Dossier, citations_of, identified
from domain.intervals import Key
from domain.sources import Entry
from domain.tags import IDENTITY, fluent_tag


class Tagged(NamedTuple):
    """An event of the log with its tags."""

    event: Event
    tags: list[str]


Read = Callable[[set[str]], Iterable[Tagged]]
"""What gives the events with any of some tags."""


class Known:
    """What has been gathered: all events that have some tags, and merges in any case."""

    def __init__(self) -> None:
        self.tags: set[str] = set()
        self.positions: set[int] = set()
        self.identities: list[Tagged] = []

    def allows(self, fresh: Iterable[Tagged]) -> bool:
        """Whether what is known stands beside fresh events: not those which tie anew what was
        apart, or count anew what was cited."""
        return not any(
            isinstance(
                each.event.entry, EntitiesMerged | EntitiesSplit | SourceWithdrawn | SourceCorrected
            )
            for each in fresh
        )


def gather_fluents(keys: Iterable[Key], read: Read) -> Dossier:
    """A dossier of the events that bear on some fluents."""
    return _dossier(gather_tagged((fluent_tag(*key) for key in keys), read)[0])


def _dossier(events: Iterable[Event]) -> Dossier:
    dossier = Dossier()
    for event in events:
        dossier.take(event)
    return dossier


def gather_tagged(
    tags: Iterable[str], read: Read, fresh: Sequence[Tagged] = (), known: Known | None = None
) -> tuple[list[Event], set[str]]:
    """The earlier events, in order, that bear on some tags and fresh events; all tags read.

    What is `known` already is not read again, nor among the events given.
    """
    known = known or Known()
    identities = known.identities if IDENTITY in known.tags else list(read({IDENTITY}))
    reach = _Reach([*identities, *fresh], fresh)
    found = {each.event.position: each.event for each in identities}
    seen = {IDENTITY} | known.tags
    waiting = {
        kindred
        for tag in tags
        for kindred in (reach.kindred(tag) if tag.startswith("fluent:") else (tag,))
    }
    waiting |= {tag for each in [*identities, *fresh] for tag in reach.tags(each)}
    while waiting := waiting - seen:
        waiting |= set(reach.shaken(waiting))
        seen |= waiting
        new = [each for each in read(waiting) if each.event.position not in found]
        found.update((each.event.position, each.event) for each in new)
        waiting = {tag for each in new for tag in reach.tags(each)}
    earlier = [found[position] for position in sorted(found.keys() - known.positions)]
    known.identities = list(identities)
    known.tags = seen
    known.positions.update(found)
    return earlier, seen


class _Reach:
    """Which tags to read because of an event, given all merges and what is fresh."""

    def __init__(self, identities: Iterable[Tagged], fresh: Iterable[Tagged]) -> None:
        self._kin = Dossier()
        self._kin.identities = [
            each.event
            for each in identities
            if isinstance(each.event.entry, EntitiesMerged | EntitiesSplit)
        ]
        self._fresh = {each.event.position for each in fresh}
        self._redated = {
            entry.source
            for each in fresh
            if isinstance(entry := each.event.entry, SourceCorrected)
            and "published" in entry.changes
        }

    def tags(self, each: Tagged) -> Iterator[str]:
        """The tags that lead on from an event."""
        entry = each.event.entry
        is_fresh = each.event.position in self._fresh
        for tag in each.tags:
            kind, _, name = tag.partition(":")
            if kind in ("fact", "source", "entity"):
                yield tag
            elif kind == "cites":
                yield f"source:{name}"
                if name in self._redated and isinstance(entry, SourceWithdrawn):
                    yield f"cites:{entry.source}"
            elif kind == "fluent":
                yield from self.kindred(tag)
        if is_fresh and isinstance(entry, SourceWithdrawn | SourceCorrected):
            if isinstance(entry, SourceWithdrawn) or entry.source in self._redated:
                yield f"cites:{entry.source}"
        elif is_fresh and isinstance(entry, EntitiesMerged | EntitiesSplit):
            yield from self._about(entry)

    def shaken(self, tags: Set[str]) -> Iterator[str]:
        """The tags of what merges bear on that rest on a source whose citations are read."""
        for event in self._kin.identities:
            if any(f"cites:{citation.source}" in tags for citation in citations_of(event.entry)):
                yield from self._about(event.entry)

    def _about(self, entry: Entry) -> Iterator[str]:
        for entity in self._kin.relatives(identified(entry)):
            yield f"about:{entity}"
            yield f"entity:{entity}"

    def kindred(self, tag: str) -> Iterator[str]:
        """A fluent's tag, and those that merges of its two sides may make one with it."""
        if not self._kin.identities:
            yield tag
            return
        fluent, scope, subject = tag.removeprefix("fluent:").split("/")
        for pair in product(self._kin.relatives([scope]), self._kin.relatives([subject])):
            yield fluent_tag(fluent, *pair)
