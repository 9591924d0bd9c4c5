"""What a client of the signed log asks for: the latest checkpoint, tiles, proofs of facts."""

from __future__ import annotations

from typing import Any

from psycopg import AsyncConnection

from domain.errors import Refused
from domain.leaf import frame_of
from domain.merkle import inclusion_path
from domain.proof import Proof, prove
from domain.tiles import WIDTH, Tile, encode_tile
from store.publishing import bundle_of
from store.tree import SQL, nodes_in, rows_of

Connection = AsyncConnection[Any]


async def latest_checkpoint(connection: Connection) -> tuple[int, str]:
    """How many events the latest signed tree head has, and its note. Refused(NOT_SIGNED_YET)."""
    rows = await _rows(connection, "latest_checkpoint")
    if not rows:
        raise Refused("NOT_SIGNED_YET", "The log has no checkpoint yet: ask again in a minute.")
    size, note = rows[0]
    return size, note


async def content_of(connection: Connection, tile: Tile) -> bytes:
    """The bytes of a tile or bundle of the tree. Refused(LOG_DIFFERS) for events that changed."""
    if tile.level == "entries":
        first = tile.index * WIDTH
        rows = await _rows(connection, "leaves_from", first=first, until=first + tile.width)
        return bundle_of(tile, rows)
    needed = rows_of(lambda node_at: encode_tile(tile, node_at))
    return encode_tile(tile, nodes_in(await _rows(connection, "rows", idx=needed)))


async def prove_fact(connection: Connection, fact: str) -> Proof:
    """The proof of the event by which a fact was recorded, under the latest checkpoint.

    Refused as UNKNOWN_FACT, or as NOT_SIGNED_YET until a checkpoint has the event.
    """
    rows = await _rows(connection, "leaf_of_fact", tag=f"fact:{fact}")
    if not rows:
        raise Refused("UNKNOWN_FACT", f"There is no fact {fact[:128]!a}.", field="id")
    index, *event = rows[0]
    size, note = await latest_checkpoint(connection)
    if index >= size:
        raise Refused(
            "NOT_SIGNED_YET", "The fact is newer than the latest checkpoint: ask again in a minute."
        )
    needed = rows_of(lambda node_at: inclusion_path(index, size, node_at))
    nodes = nodes_in(await _rows(connection, "rows", idx=needed))
    return prove(index, size, nodes, note, frame_of(*event))


async def _rows(connection: Connection, query: str, **parameters: Any) -> list[Any]:
    return await (await connection.execute(SQL[query], parameters)).fetchall()
