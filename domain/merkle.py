"""The Merkle tree of a log: hashes, roots and inclusion proofs.

The tree is RFC 9162's (§2.1) with SHA-256. Nothing here keeps one: whoever does (rows, tiles, a
list) hands in a `NodeAt`. What a leaf is made of is in leaf.py, signed roots in checkpoint.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256().digest()
"""The root of the tree without leaves (RFC 9162 §2.1.1)."""

NodeAt = Callable[[int, int], bytes]
"""(level, index) → the hash of a *complete* subtree: of leaves index·2^level up to the next's."""
Node = tuple[int, int, bytes]
"""The level, index and hash of a complete subtree; level 0 are the leaves."""


# Hashing


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf (RFC 9162 §2.1.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node (RFC 9162 §2.1.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """What a tree needs to grow: its size, and the roots of its complete subtrees, largest first.

    Appending hashes once on average, and O(log n) times at most. `Frontier(size, peaks)` takes up
    where another stopped; ValueError where the peaks can't be those of the size.
    """

    __slots__ = ("peaks", "size")

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size = size
        self.peaks = list(peaks)
        if size < 0 or len(self.peaks) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves does not have {len(self.peaks)} peaks")
        if any(len(peak) != HASH_SIZE for peak in self.peaks):
            raise ValueError("a peak is a SHA-256 hash")

    def append(self, leaf: bytes) -> list[Node]:
        """Add a leaf's hash. Returns the subtrees that it completes, the leaf's own node first."""
        index, level = self.size, 0
        made = [(0, index, leaf)]
        while index & 1:
            index, level = index >> 1, level + 1
            leaf = node_hash(self.peaks.pop(), leaf)
            made.append((level, index, leaf))
        self.peaks.append(leaf)
        self.size += 1
        return made

    def root(self) -> bytes:
        """The root of the tree (RFC 9162 §2.1.1)."""
        if not self.peaks:
            return EMPTY_ROOT
        *others, found = self.peaks
        for peak in reversed(others):
            found = node_hash(peak, found)
        return found


def nodes_of(leaves: Sequence[bytes]) -> NodeAt:
    """The complete subtrees over some leaves' hashes, all kept in memory."""
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([node_hash(*below[at : at + 2]) for at in range(0, len(below) - 1, 2)])
    return lambda level, index: levels[level][index]


def subtree(start: int, end: int, node_at: NodeAt) -> bytes:
    """MTH(D[start:end]) of RFC 9162 §2.1.1, where start is a multiple of what end - start needs."""
    width = end - start
    if width == 0:
        return EMPTY_ROOT
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return node_at(level, start >> level)
    middle = start + _split(width)
    return node_hash(subtree(start, middle, node_at), subtree(middle, end, node_at))


def root(leaves: Sequence[bytes]) -> bytes:
    """The root of the tree of some leaves' hashes."""
    return subtree(0, len(leaves), nodes_of(leaves))


def _split(width: int) -> int:
    """The largest power of two below the width (RFC 9162 §2.1.1's k)."""
    return 1 << ((width - 1).bit_length() - 1)


# Proofs


def inclusion_path(index: int, size: int, node_at: NodeAt) -> list[bytes]:
    """PATH(index, D[0:size]) of RFC 9162 §2.1.3.1. ValueError for a leaf outside of the tree."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    path = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(subtree(middle, end, node_at))
            end = middle
        else:
            path.append(subtree(start, middle, node_at))
            start = middle
    return path[::-1]
