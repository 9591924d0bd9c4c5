"""The log as static files: C2SP tlog-tiles paths, hash tiles and entry bundles.

https://c2sp.org/tlog-tiles. A tile is up to 256 hashes side by side, 8 levels of the tree above
the tile below it; a bundle is the log entries of a tile of level 0. What lies in a full tile or
bundle never changes; a partial one is for one size of the tree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from domain.errors import Refused
from domain.leaf import LARGEST_ENTRY
from domain.merkle import HASH_SIZE, NodeAt, node_hash

HEIGHT = 8
WIDTH = 1 << HEIGHT
CHECKPOINT = "checkpoint"
"""The path of the signed tree head, beside `tile/`."""
CACHED = 64
"""Tiles that a reader of tiles keeps: a tree of 2^64 leaves has 8 on the way to a leaf."""

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


def decode_bundle(data: bytes, width: int) -> list[bytes]:
    """The log entries of a bundle. Refused as BAD_TILE where there are not just so many."""
    entries, at = [], 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        entries.append(data[at + 2 : end])
        at = end
    if at != len(data) or len(entries) != width:
        raise Refused("BAD_TILE", f"The bundle is not one of {width} whole entries.")
    return entries


def nodes_from(read: Callable[[Tile], bytes], size: int) -> NodeAt:
    """The complete subtrees of a published tree of the size, from its tiles as `read` gets them.

    Nothing read is to be trusted before what follows from it leads to a signed root.
    """

    @lru_cache(maxsize=CACHED)
    def hashes(level: int, index: int) -> list[bytes]:
        width = min(WIDTH, (size >> (HEIGHT * level)) - index * WIDTH)
        return decode_tile(read(Tile(level, index, width)), width)

    def node_at(level: int, index: int) -> bytes:
        above, height = divmod(level, HEIGHT)
        first = index << height
        row = hashes(above, first // WIDTH)[first % WIDTH :][: 1 << height]
        while len(row) > 1:
            row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
        return row[0]

    return node_at
