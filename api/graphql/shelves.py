"""What is written of entities and sources, kept from one answer to the next.

They change seldom, and every answer names many. PostgreSQL writes each as a document asks for it,
and says over which stretches of the clocks it stands so: until the record changes an entity or a
source, that is what it is at any point within them, for ever where a stretch has ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence, Set
from typing import Any, Final, NamedTuple

import psycopg

from api.sized_cache import SizedCache
from domain.dates import AFTER_ALL, BEFORE_ALL

SHELVES: Final = 32 * 1024 * 1024
"""Bytes of what is kept."""
AT_A_TIME: Final = 200
"""Rows that are read or written before others get a turn."""
_OVERHEAD: Final = 700
"""Bytes that one takes beside its text, about."""
_FOR_EVER: Final = 2**63

Version = tuple[Any, ...]
"""The stretches of R, K and X over which it stands, each from and until; its kind; its place in the
order of names; its texts."""
KIND, ORDER, TEXTS = 6, 7, 8
_ALWAYS: Final = (_FOR_EVER, BEFORE_ALL, AFTER_ALL, BEFORE_ALL, AFTER_ALL)
"""The stretches, but their first position, of what was never changed."""


class Snapshot(NamedTuple):
    """What a statement saw: which projections, how far they go, and the last position that changed
    an entity or a source."""

    generation: int
    position: int
    catalogued: int


class Lookup(NamedTuple):
    """A statement that writes entities or sources of some ids at a point, and whose arguments its
    parameters are: of these groups, or of FIXED."""

    statement: bytes
    parameters: tuple[tuple[int, str], ...]


FIXED: Final = -1


class At(NamedTuple):
    """The last day of X, the day of K and the position of R."""

    last: int
    k: int
    r: int


class Shelf:
    """What one lookup has written, by id."""

    def __init__(self) -> None:
        self.catalogued, self.size = 0, _OVERHEAD
        self._unchanged: dict[bytes, Version] = {}
        self._changed: dict[bytes, tuple[Version, ...]] = {}

    def at(self, names: Set[bytes], at: At) -> dict[bytes, Version]:
        """What stands at a point of those names, as far as it is kept."""
        kept, (last, k, r) = self._unchanged.get, at
        found = {
            name: version
            for name in names
            if (version := kept(name)) is not None and version[0] <= r
        }
        if len(found) < len(names) and self._changed:
            for name in names - found.keys():
                for version in self._changed.get(name, ()):
                    recorded, recorded_until, known, known_until, x, x_until = version[:KIND]
                    if (
                        recorded <= r < recorded_until
                        and known <= k < known_until
                        and x <= last < x_until
                    ):
                        found[name] = version
        return found

    def put(self, name: bytes, version: Version) -> None:
        """Keep what was written."""
        before = self._changed.get(name, ())
        if version == self._unchanged.get(name) or version in before:
            return
        if version[1:KIND] == _ALWAYS:
            self._unchanged[name] = version
        else:
            self._changed[name] = (version, *before)
        self.size += _OVERHEAD + sum(map(len, version[TEXTS:]))

    def clear(self, catalogued: int) -> None:
        """Forget all of it: an entity or a source has changed."""
        self._unchanged.clear()
        self._changed.clear()
        self.catalogued, self.size = catalogued, _OVERHEAD


async def look_up(
    cursor: psycopg.AsyncRawCursor[Any],
    shelves: SizedCache[Any],
    lookup: Lookup,
    values: Sequence[Mapping[str, str | None]],
    names: Set[bytes],
    at: At,
    seen: Snapshot,
) -> dict[bytes, Version] | None:
    """What is written of some ids at a point; None if that can't be told of all of them."""
    given = tuple(values[group][name] for group, name in lookup.parameters if group != FIXED)
    key = seen.generation, lookup.statement, given
    shelf: Shelf = shelves.get(key) or Shelf()
    if seen.catalogued > shelf.catalogued:
        shelf.clear(seen.catalogued)
    found = shelf.at(names, at)
    if len(found) == len(names):
        return found
    missing = names - found.keys()
    fixed = {
        "ids": (b'{"%b"}' % b'","'.join(missing)).decode(),
        "last": str(at.last), "k": str(at.k), "r": str(at.r),
    }  # fmt: skip
    parameters = [
        fixed[name] if group == FIXED else values[group][name] for group, name in lookup.parameters
    ]
    await cursor.execute(lookup.statement, parameters, prepare=True, binary=True)
    while rows := await cursor.fetchmany(AT_A_TIME):
        for generation, name, *written in rows:
            if generation != seen.generation:  # a rebuild has just swapped the tables
                return None
            stretches = (
                unbounded if bound is None else bound
                for bound, unbounded in zip(written[:KIND], (0, *_ALWAYS), strict=True)
            )
            found[name] = (*stretches, *written[KIND:])
            # A replica that lags behind does not know that what it has is no more.
            if seen.catalogued == shelf.catalogued:
                shelf.put(name, found[name])
        await asyncio.sleep(0)
    if not names <= found.keys():
        return None
    if shelf.size > SHELVES:
        shelf.clear(shelf.catalogued)
    asked = len(lookup.statement) + sum(len(each or "") for each in given)
    shelves.put(key, shelf, shelf.size + 4 * asked)
    return found
