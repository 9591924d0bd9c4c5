"""What a client of the signed log asks for: the latest checkpoint, tiles, proofs.

Of a fact, or of all the events that an answer rests on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg import AsyncConnection

from domain.errors import Refused
from domain.leaf import entry_of, frame_of
from domain.merkle import NodeAt, leaf_hash, root, subtree
from domain.proof import Proof, prove
from domain.sources import ID
from domain.tiles import WIDTH, Tile, encode_tile
from store.checkpoints import log_differs
from store.published_log import bundle_of
from store.tree import SQL, nodes_in, rows_of, with_nodes

Connection = AsyncConnection[Any]


async def latest_checkpoint(connection: Connection) -> tuple[int, str]:
    """How many events the latest signed tree head has, and its note. Refused(NOT_SIGNED_YET)."""
    rows = await _rows(connection, "latest_checkpoint")
    if not rows:
        raise Refused("NOT_SIGNED_YET", "The log has no checkpoint yet: ask again in a minute.")
    size, note = rows[0]
    return size, note


async def tree_at(connection: Connection, position: int) -> tuple[int, bytes]:
    """How many events the log had at a position, and the root of the tree over them.

    The same for ever, and provable from any later checkpoint by a proof of consistency.
    """
    rows = await _rows(connection, "size_at", position=position)
    if not rows:
        return 0, root([])
    size: int = rows[0][0]
    needed = rows_of(lambda node_at: subtree(0, size, node_at))
    return size, subtree(0, size, nodes_in(await _rows(connection, "rows", idx=needed)))


async def content_of(connection: Connection, tile: Tile) -> bytes:
    """The bytes of a tile or bundle of the tree. Refused(LOG_DIFFERS) for events that changed."""
    if tile.level == "entries":
        first = tile.index * WIDTH
        rows = await _rows(connection, "leaves_from", first=first, until=first + tile.width)
        return bundle_of(tile, rows)
    needed = rows_of(lambda node_at: encode_tile(tile, node_at))
    return encode_tile(tile, nodes_in(await _rows(connection, "rows", idx=needed)))


async def prove_entry(connection: Connection, kind: str, name: str) -> Proof:
    """The proof of the event by which a fact or a story was recorded, under the latest checkpoint.

    Refused as UNKNOWN_FACT or UNKNOWN_STORY, or as NOT_SIGNED_YET until a checkpoint has the event.
    """
    leaves = await _leaves_of(connection, kind, [name] if re.match(ID, name) else [])
    if not leaves:
        raise Refused(f"UNKNOWN_{kind.upper()}", f"There is no {kind} {name[:128]!a}.", field="id")
    proofs = await _prove(connection, leaves, *await latest_checkpoint(connection))
    if not proofs:
        raise Refused(
            "NOT_SIGNED_YET",
            f"The {kind} is newer than the latest checkpoint: ask again in a minute.",
        )
    return proofs[name]


async def prove_facts(connection: Connection, facts: Sequence[str]) -> dict[str, Proof]:
    """The proofs of several by fact, in three queries; without those that no checkpoint has yet."""
    rows = await _rows(connection, "latest_checkpoint")
    if not rows:
        return {}
    return await _prove(connection, await _leaves_of(connection, "fact", facts), *rows[0])


async def _leaves_of(
    connection: Connection, kind: str, ids: Sequence[str]
) -> dict[str, tuple[int, bytes]]:
    """By id, the index of the leaf of the event that recorded an entry, and the event's frame."""
    rows = await _rows(connection, "leaves_of_entries", kind=kind, ids=list(ids))
    return {name: (index, frame_of(*event)) for name, index, *event in rows}


async def _prove(
    connection: Connection, leaves: Mapping[str, tuple[int, bytes]], size: int, note: str
) -> dict[str, Proof]:
    """The proofs of what is within the size."""
    within = {fact: leaf for fact, leaf in leaves.items() if leaf[0] < size}

    def proofs(node_at: NodeAt) -> dict[str, Proof]:
        return {
            fact: prove(index, size, node_at, note, frame)
            for fact, (index, frame) in within.items()
        }

    return proofs(nodes_in(await _rows(connection, "rows", idx=rows_of(proofs))))


def prove_events(
    connection: psycopg.Connection[Any], positions: Sequence[int], size: int, note: str
) -> list[Proof]:
    """The proofs of the events at some positions under the checkpoint of a size, in log order.

    Refused as LOG_DIFFERS where an event is not as it was recorded.
    """
    rows = connection.execute(SQL["leaves_of"], {"positions": list(positions)}).fetchall()
    frames = {}
    for index, leaf, *event in rows:
        frame = frames[index] = frame_of(*event)
        if leaf_hash(entry_of(frame)) != leaf:
            raise log_differs(f"The event at position {event[3]} is not as it was recorded")
    if len(frames) < len(set(positions)) or max(frames, default=-1) >= size:
        raise log_differs(f"The tree of {size} events has not all that the answer rests on")

    def prove_each(node_at: NodeAt) -> list[Proof]:
        return [prove(index, size, node_at, note, frame) for index, frame in frames.items()]

    return with_nodes(connection, prove_each)


async def _rows(connection: Connection, query: str, **parameters: Any) -> list[Any]:
    return await (await connection.execute(SQL[query], parameters)).fetchall()
