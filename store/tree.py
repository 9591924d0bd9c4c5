"""The tree over the log as it is kept: leaves made with the append, nodes looked up by their rows.

A leaf's row has the hashes of all subtrees that the leaf completes, so that a node, and with it a
root or a proof at any size, is a matter of a few rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import psycopg
from psycopg.rows import tuple_row

from domain.leaf import leaf_of
from domain.merkle import HASH_SIZE, Frontier, NodeAt, leaf_hash, subtree
from store.sql import queries

SQL = queries("store", "tree.sql")
BATCH = 5_000

Row = tuple[int, bytes, bytes]
"""The index of a leaf, its hash, and those of the subtrees above that it completes."""
T = TypeVar("T")


def stored_hash(stored_type: str, data: bytes, tags: Sequence[str], position: int) -> bytes:
    """The leaf's hash of an event as it is stored; zeros for one that has nulls, as none has."""
    if data is None or None in tags:
        return bytes(HASH_SIZE)
    return leaf_hash(leaf_of(stored_type, data, tags, position))


def grow(connection: psycopg.Connection[Any]) -> None:
    """Give every event after the tree's last one its leaf; an older program may have appended it.

    The caller holds the lock under which the log grows. An append grows the tree by itself.
    """
    connection.execute(SQL["grow"])


def above_of(frontier: Frontier, leaf: bytes) -> bytes:
    """Append a leaf's hash; the subtrees above that it completes, as its row has them."""
    return b"".join([node for _, _, node in frontier.append(leaf)[1:]])


# Nodes


def rows_of(use: Callable[[NodeAt], Any]) -> list[int]:
    """The leaves whose rows have the nodes that something uses, whatever their values."""
    seen: list[int] = []

    def node_at(level: int, index: int) -> bytes:
        seen.append(((index + 1) << level) - 1)
        return bytes(HASH_SIZE)

    use(node_at)
    return list(dict.fromkeys(seen))


def nodes_in(rows: Iterable[Row]) -> NodeAt:
    """The nodes that the rows of some leaves have; LookupError where they lack one."""
    found = {index: leaf + above for index, leaf, above in rows}

    def node_at(level: int, index: int) -> bytes:
        node = found[((index + 1) << level) - 1][level * HASH_SIZE :][:HASH_SIZE]
        if len(node) != HASH_SIZE:
            raise LookupError(f"node {index} of level {level} is missing")
        return node

    return node_at


def with_nodes(connection: psycopg.Connection[Any], use: Callable[[NodeAt], T]) -> T:
    """What something makes of the tree's nodes, such as a path, a tile or a root.

    LookupError where leaves are missing.
    """
    with connection.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(SQL["rows"], {"idx": rows_of(use)}).fetchall()
    return use(nodes_in(rows))


def root_at(connection: psycopg.Connection[Any], size: int) -> bytes:
    """The root of the tree when it had so many leaves. LookupError where it never had."""
    return with_nodes(connection, lambda node_at: subtree(0, size, node_at))


def frontier_at(connection: psycopg.Connection[Any], size: int) -> Frontier:
    """The tree when it had so many leaves. LookupError where it never had."""

    def peaks(node_at: NodeAt) -> list[bytes]:
        found, start = [], 0
        for level in reversed(range(size.bit_length())):
            if size >> level & 1:
                found.append(node_at(level, start >> level))
                start += 1 << level
        return found

    return Frontier(size, with_nodes(connection, peaks))
