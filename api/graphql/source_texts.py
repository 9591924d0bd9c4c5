"""A cache of what answers write of sources, which seldom change and which every answer names.

A statement leaves a gap for the sources of each row; `filled` fills the gaps. Texts are cached for
each selection of a source's fields, day of publication and generation of the projections, until the
record changes a source: at any position since the last change they are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import psycopg

from api.sized_cache import SizedCache

LIMIT: Final = 32 * 1024 * 1024
"""Bytes of the cache."""
OVERHEAD: Final = 300
"""Bytes that a text takes beside itself, about."""
GAP: Final = b"\x1f"
"""On both sides of a gap: JSON does not have it."""
Texts = dict[bytes, bytes]


class Snapshot(NamedTuple):
    """The projections that a statement saw: which, how far, and the last change of a source."""

    generation: int
    position: int
    sources_changed: int


class SourceLookup(NamedTuple):
    """A statement that writes sources, and the day of publication and the position to do so at."""

    statement: bytes
    known_at: int
    position: int


class SourceTexts:
    """The texts of the sources that answers have named."""

    def __init__(self) -> None:
        self._cache: SizedCache[Texts] = SizedCache(LIMIT)

    async def filled(
        self,
        cursor: psycopg.AsyncRawCursor[Any],
        body: bytes,
        lookups: Sequence[SourceLookup],
        seen: Snapshot,
    ) -> bytes | None:
        """A response with its gaps filled, each by the lookup whose number it has.

        None if the projections are no longer those that were seen.
        """
        pieces = body.split(GAP)
        gaps = [gap.split() for gap in pieces[1::2]]
        for number, lookup in enumerate(lookups):
            name = b"%d" % number
            ids = {source for gap in gaps if gap[0] == name for source in gap[1:]}
            texts = await self._of(cursor, lookup, ids, seen)
            if texts is None:
                return None
            for place, gap in enumerate(gaps):
                if gap[0] == name:
                    pieces[2 * place + 1] = b"[%b]" % b",".join(
                        [texts[source] for source in gap[1:]]
                    )
        return b"".join(pieces)

    async def _of(
        self,
        cursor: psycopg.AsyncRawCursor[Any],
        lookup: SourceLookup,
        ids: set[bytes],
        seen: Snapshot,
    ) -> Texts | None:
        """The texts of some sources, from the cache and the database."""
        statement, known_at, position = lookup
        since = min(position, seen.sources_changed)
        key = seen.generation, statement, known_at, since
        texts = self._cache.get(key) or {}
        missing = ids - texts.keys()
        if missing:
            given = [str(known_at), str(position), f"{{{b','.join(missing).decode()}}}"]
            await cursor.execute(statement, given, prepare=True, binary=True)
            found = await cursor.fetchall()
            if len(found) < len(missing) or found[0][0] != seen.generation:
                return None
            texts = {**texts, **{source: text for _, source, text in found}}
            size = len(statement) + sum(len(text) + OVERHEAD for text in texts.values())
            self._cache.put(key, texts, size)
        return texts
