"""The Merkle tree of a log: hashes, roots, inclusion and consistency proofs.

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


def consistency_path(first: int, second: int, node_at: NodeAt) -> list[bytes]:
    """PROOF(first, D[0:second]) of RFC 9162 §2.1.4.1; empty from no leaves and between equals."""
    if not 0 <= first <= second:
        raise ValueError(f"a tree of {first} leaves is no beginning of one of {second}")
    if first in (0, second):
        return []
    path = []
    start, end = 0, second
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            path.append(subtree(middle, end, node_at))
            end = middle
        else:
            path.append(subtree(start, middle, node_at))
            start = middle
    if start:  # else the subtree is the first tree itself, which the verifier has
        path.append(subtree(start, end, node_at))
    return path[::-1]


def verify_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> bool:
    """Whether the path leads from the leaf's hash to the root (RFC 9162 §2.1.3.2).

    A root does not tell its tree's size: take the size from where the root is signed.
    """
    if not 0 <= index < size or any(len(h) != HASH_SIZE for h in (leaf, root, *path)):
        return False
    at, last = index, size - 1
    found = leaf
    for sibling in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(sibling, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(
    first: int, second: int, path: Sequence[bytes], first_root: bytes, second_root: bytes
) -> bool:
    """Whether the second tree begins with the first's leaves (RFC 9162 §2.1.4.2)."""
    if any(len(h) != HASH_SIZE for h in (first_root, second_root, *path)):
        return False
    if not 0 <= first <= second or (second == 0 and second_root != EMPTY_ROOT):
        return False
    if first == second:
        return not path and first_root == second_root
    if first == 0:
        return not path and first_root == EMPTY_ROOT
    if first & (first - 1) == 0:
        path = [first_root, *path]
    if not path:
        return False
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root
