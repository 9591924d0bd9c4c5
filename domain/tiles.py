"""The log as static files: C2SP tlog-tiles paths, hash tiles and entry bundles.

https://c2sp.org/tlog-tiles. A tile is up to 256 hashes side by side, 8 levels of the tree above
the tile below it; a bundle is the log entries of a tile of level 0. What lies in a full tile or
bundle never changes; a partial one is for one size of the tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from domain.errors import Refused
from domain.leaf import LARGEST_ENTRY
from domain.merkle import HASH_SIZE, NodeAt

HEIGHT = 8
WIDTH = 1 << HEIGHT
CHECKPOINT = "checkpoint"
"""The path of the signed tree head, beside `tile/`."""

_PATH = re.compile(
    r"tile/(?P<level>entries|[0-9]|[1-5][0-9]|6[0-3])/(?P<index>(?:x[0-9]{3}/){0,6}[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5]))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile, or with the level `entries` a bundle: number `index` of its level, `width` wide."""

    level: int | Literal["entries"]
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Where it is served, below the log's prefix: `tile/0/x001/234.p/5`."""
        digits, rest = f"{self.index % 1000:03}", self.index // 1000
        while rest:
            digits, rest = f"x{rest % 1000:03}/{digits}", rest // 1000
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{self.level}/{digits}{partial}"

    @classmethod
    def parse(cls, path: str) -> Tile | None:
        """The tile of a path; none if the path is not exactly as `path` writes it."""
        found = _PATH.fullmatch(path)
        if found is None:
            return None
        level, width = found["level"], int(found["width"] or WIDTH)
        index = int(re.sub("[x/]", "", found["index"]))
        tile = cls("entries" if level == "entries" else int(level), index, width)
        return tile if tile.path == path else None

    def within(self, size: int) -> bool:
        """Whether a tree of the size has all of this tile's hashes or entries."""
        level = 0 if self.level == "entries" else self.level
        return self.index * WIDTH + self.width <= size >> (HEIGHT * level)


def tiles_between(old: int, new: int) -> Iterator[Tile]:
    """The tiles and bundles to publish for a tree of `new` leaves, given those for `old`.

    `tiles_between(0, size)` are all that a tree of the size is published as.
    """
    level = 0
    while new >> (HEIGHT * level):
        had, has = old >> (HEIGHT * level), new >> (HEIGHT * level)
        for index in range(had // WIDTH, -(-has // WIDTH)) if had < has else ():
            width = min(WIDTH, has - index * WIDTH)
            if level == 0:
                yield Tile("entries", index, width)
            yield Tile(level, index, width)
        level += 1


def encode_tile(tile: Tile, node_at: NodeAt) -> bytes:
    """The hashes of a tile that the tree has, side by side."""
    assert tile.level != "entries"
    level, first = tile.level * HEIGHT, tile.index * WIDTH
    return b"".join([node_at(level, first + at) for at in range(tile.width)])


def decode_tile(data: bytes, width: int) -> list[bytes]:
    """The hashes of a tile. Refused as BAD_TILE where the length is not of so many."""
    if len(data) != width * HASH_SIZE:
        raise Refused(
            "BAD_TILE", f"A tile of {width} hashes has {width * HASH_SIZE} bytes, not {len(data)}."
        )
    return [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)]


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Log entries one after the other, each after its length as a big-endian uint16."""
    if any(len(entry) > LARGEST_ENTRY for entry in entries):
        raise ValueError(f"a log entry has at most {LARGEST_ENTRY} bytes")
    return b"".join([len(entry).to_bytes(2, "big") + entry for entry in entries])
