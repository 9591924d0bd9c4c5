"""The tree over the log as it is kept: leaves made with the append, nodes looked up by their rows.

A leaf's row has the hashes of all subtrees that the leaf completes, so that a node, and with it a
root or a proof at any size, is a matter of a few rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

import psycopg
from psycopg.rows import tuple_row

from domain.leaf import leaf_of
from domain.merkle import HASH_SIZE, Frontier, NodeAt, leaf_hash, subtree
from store.sql import queries

SQL = queries("store", "tree.sql")
LOG = queries("store", "log.sql")
BATCH = 5_000

Row = tuple[int, bytes, bytes]
"""The index of a leaf, its hash, and those of the subtrees above that it completes."""
T = TypeVar("T")


class Stored(Protocol):
    """What of an event is hashed, but for its position."""

    @property
    def type(self) -> str: ...
    @property
    def data(self) -> bytes: ...
    @property
    def tags(self) -> Sequence[str]: ...


def stored_hash(stored_type: str, data: bytes, tags: Sequence[str], position: int) -> bytes:
    """The leaf's hash of an event as it is stored; zeros for one that has nulls, as none has."""
    if data is None or None in tags:
        return bytes(HASH_SIZE)
    return leaf_hash(leaf_of(stored_type, data, tags, position))


def growth(connection: psycopg.Connection[Any]) -> psycopg.Cursor[Any]:
    """Ask where the tree stands and what it has no leaves for; `add_leaves` reads the answer."""
    return connection.cursor(row_factory=tuple_row).execute(SQL["growth"])


def add_leaves(grown: psycopg.Cursor[Any], own: Sequence[Stored] = ()) -> None:
    """Give every event after the tree's last one its leaf, in the transaction of an append.

    `own` are the last events of the log, just appended. Others without a leaf are there when an
    older program appended them. The caller holds the lock under which the log grows.
    """
    row = grown.fetchone()
    assert row is not None
    size, _, peaks, fresh = row
    frontier = Frontier(size, peaks)
    positions = fresh[len(fresh) - len(own) :]
    if len(fresh) < len(own):
        raise psycopg.IntegrityError("events that were appended are not in the log")
    for start in range(0, len(fresh) - len(own), BATCH):
        _append_stored(grown, frontier, fresh[: len(fresh) - len(own)][start : start + BATCH])
    if own:
        hashes = [
            stored_hash(event.type, event.data, event.tags, position)
            for event, position in zip(own, positions, strict=True)
        ]
        _append(grown, frontier, positions, hashes)


def _append_stored(
    cursor: psycopg.Cursor[Any], frontier: Frontier, positions: Sequence[int]
) -> None:
    events = cursor.execute(LOG["events_at"], {"positions": positions}).fetchall()
    hashes = [stored_hash(kind, data, tags, at) for at, kind, data, tags in events]
    _append(cursor, frontier, positions, hashes)


def _append(
    cursor: psycopg.Cursor[Any],
    frontier: Frontier,
    positions: Sequence[int],
    hashes: Sequence[bytes],
) -> None:
    first = frontier.size
    aboves = [above_of(frontier, leaf) for leaf in hashes]
    cursor.execute(
        SQL["append_leaves"],
        {
            "first": first,
            "positions": list(positions),
            "hashes": list(hashes),
            "aboves": aboves,
            "peaks": frontier.peaks,
        },
    )


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
