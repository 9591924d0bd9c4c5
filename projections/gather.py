"""Which earlier events new ones bear upon, found by tags: whatever may change with them.

A new event reaches the facts it names, the facts of their fluents, those that preferences tie to
them, and the sources that all of these cite; a source that counts anew reaches whatever cites it;
a merge reaches the facts about its entities.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import product
from typing import NamedTuple

from domain.codec import Event
from domain.corrections import EntitiesMerged, EntitiesSplit, SourceCorrected, SourceWithdrawn
from domain.dossier import Dossier, identified
from domain.tags import IDENTITY, fluent_tag


class Tagged(NamedTuple):
    """An event of the log with its tags."""

    event: Event
    tags: list[str]


def gather(fresh: Iterable[Tagged], read: Callable[[set[str]], Iterable[Tagged]]) -> Dossier:
    """A dossier of the earlier events that bear on the fresh ones, `read` by tags."""
    fresh = list(fresh)
    found: dict[int, Event] = {}
    earlier = list(read({IDENTITY}))
    kin = Dossier()
    kin.identities = [
        each.event
        for each in [*earlier, *fresh]
        if isinstance(each.event.entry, EntitiesMerged | EntitiesSplit)
    ]
    seen: set[str] = {IDENTITY}
    waiting = {tag for each in fresh for tag in _reached(each, kin, is_fresh=True)}
    waiting |= {tag for each in earlier for tag in _reached(each, kin, is_fresh=False)}
    found.update((each.event.position, each.event) for each in earlier)
    while waiting := waiting - seen:
        seen |= waiting
        led: set[str] = set()
        for each in read(waiting):
            if each.event.position not in found:
                found[each.event.position] = each.event
                led.update(_reached(each, kin, is_fresh=False))
        waiting = led
    dossier = Dossier()
    for position in sorted(found):
        dossier.take(found[position])
    return dossier


def _reached(each: Tagged, kin: Dossier, *, is_fresh: bool) -> Iterator[str]:
    entry = each.event.entry
    for tag in each.tags:
        kind, _, name = tag.partition(":")
        if kind in ("fact", "source", "entity"):
            yield tag
        elif kind == "cites":
            yield f"source:{name}"
        elif kind == "fluent":
            yield from _kindred(tag, kin)
    if isinstance(entry, SourceWithdrawn) or (
        is_fresh and isinstance(entry, SourceCorrected) and "published" in entry.changes
    ):
        yield f"cites:{entry.source}"
    if is_fresh and isinstance(entry, EntitiesMerged | EntitiesSplit):
        for entity in kin.relatives(identified(entry)):
            yield f"about:{entity}"
            yield f"entity:{entity}"


def _kindred(tag: str, kin: Dossier) -> Iterator[str]:
    """A fluent's tag, and those that merges of its two sides may make one with it."""
    if not kin.identities:
        yield tag
        return
    fluent, scope, subject = tag.removeprefix("fluent:").split("/")
    for pair in product(kin.relatives([scope]), kin.relatives([subject])):
        yield fluent_tag(fluent, *pair)
