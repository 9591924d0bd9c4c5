"""What a client does with a published log: its entry bundles, and its tree from its tiles."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from domain.errors import Refused
from domain.merkle import NodeAt, node_hash
from domain.tiles import HEIGHT, WIDTH, Tile, decode_tile

CACHED = 64
"""Tiles that are cached: a tree of 2^64 leaves has 8 on the way to a leaf."""


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
