"""What a client does with a tree's proofs: verifies them (RFC 9162), and asks for consistency."""

from __future__ import annotations

from collections.abc import Sequence

from domain.merkle import EMPTY_ROOT, HASH_SIZE, NodeAt, node_hash, subtree


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


def consistency_path(first: int, second: int, node_at: NodeAt) -> list[bytes]:
    """PROOF(first, D[0:second]) of RFC 9162 §2.1.4.1; empty from no leaves and between equals."""
    if not 0 <= first <= second:
        raise ValueError(f"a tree of {first} leaves is no beginning of one of {second}")
    if first in (0, second):
        return []
    path = []
    start, end = 0, second
    while first != end:
        middle = start + (1 << ((end - start - 1).bit_length() - 1))
        if first <= middle:
            path.append(subtree(middle, end, node_at))
            end = middle
        else:
            path.append(subtree(start, middle, node_at))
            start = middle
    if start:  # else the subtree is the first tree itself, which the verifier has
        path.append(subtree(start, end, node_at))
    return path[::-1]
