"""The log as readers leaf through it: the place and hash of each event in the Merkle tree."""

from __future__ import annotations

from typing import NamedTuple

from projections.asof import Connection
from store.sql import queries

SQL = queries("projections", "log_leaves.sql")


class Leaf(NamedTuple):
    """An event's leaf: its place in the tree, from 0, and its hash in hex."""

    place: int
    hash: str


async def leaves(connection: Connection, after: int, first: int) -> dict[int, Leaf]:
    """By position, the leaves of the events after a position."""
    cursor = await connection.execute(SQL["hashes"], {"after": after, "limit": first})
    return {position: Leaf(place, hashed) for position, place, hashed in await cursor.fetchall()}
