"""The log for any client of transparency logs, below /log/: https://c2sp.org/tlog-tiles.

What is under a signed checkpoint is served from the leaves, and nothing past it.
"""

from __future__ import annotations

from typing import Any, Final

from psycopg import AsyncConnection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.graphql.context import Reader
from api.graphql.errors import failure
from api.rest.answers import refused
from domain.errors import Refused
from domain.leaf import frame_of
from domain.merkle import inclusion_path
from domain.proof import HEADER, SUFFIX, Proof, prove
from domain.tiles import WIDTH, Tile, encode_tile
from store.publishing import bundle_of
from store.tree import SQL, nodes_in, rows_of

TEXT: Final = {"content-type": "text/plain; charset=utf-8", "cache-control": "no-cache"}
LASTING: Final = {
    "content-type": "application/octet-stream",
    "cache-control": "public, max-age=31536000, immutable",
}
"""Of tiles and bundles, partial ones too: each is for one width and never changes."""
PROOF: Final = f"text/plain; charset=utf-8; format={HEADER.partition('@')[0]}"

Rows = list[tuple[Any, ...]]
Connection = AsyncConnection[Any]


async def checkpoint(request: Request) -> Response:
    """GET /log/checkpoint: the latest signed tree head."""
    try:
        async with _reader(request)() as connection:
            _, note = await _latest(connection)
    except Exception as error:
        return _unavailable(error)
    return Response(note, headers=TEXT)


async def vkey(request: Request) -> Response:
    """GET /log/vkey: the log's public key. Those who check get it from elsewhere, too."""
    try:
        key = request.app.state.instance.signer().verifier
    except Exception as error:
        return _unavailable(error)
    return Response(f"{key}\n", headers=TEXT)


async def tile(request: Request) -> Response:
    """GET /log/tile/…: a tile of hashes or a bundle of entries."""
    found = Tile.parse(f"tile/{request.path_params['path']}")
    if found is None:
        raise HTTPException(404)
    try:
        async with _reader(request)() as connection:
            size, _ = await _latest(connection)
            if not found.within(size):
                raise HTTPException(404)
            content = await _content(connection, found)
    except HTTPException:
        raise
    except Exception as error:
        return _unavailable(error)
    return Response(content, headers=LASTING)


async def proof_of_fact(request: Request) -> Response:
    """GET /log/proof/fact/ID: a file that proves the event by which a fact was recorded."""
    fact = request.path_params["id"]
    try:
        async with _reader(request)() as connection:
            proof = await prove_fact(connection, fact)
    except Exception as error:
        return _unavailable(error)
    name = f'attachment; filename="{fact}{SUFFIX}"' if fact.isascii() else "attachment"
    return Response(proof.text, headers={**TEXT, "content-disposition": name})


async def prove_fact(connection: Connection, fact: str) -> Proof:
    """The proof of the event by which a fact was recorded, under the latest checkpoint.

    Refused as UNKNOWN_FACT, or as NOT_SIGNED_YET until a checkpoint has the event.
    """
    rows = await _rows(connection, "leaf_of_fact", tag=f"fact:{fact}")
    if not rows:
        raise Refused("UNKNOWN_FACT", f"There is no fact {fact[:128]!a}.", field="id")
    index, *event = rows[0]
    size, note = await _latest(connection)
    if index >= size:
        raise Refused(
            "NOT_SIGNED_YET", "The fact is newer than the latest checkpoint: ask again in a minute."
        )
    needed = rows_of(lambda node_at: inclusion_path(index, size, node_at))
    nodes = nodes_in(await _rows(connection, "rows", idx=needed))
    return prove(index, size, nodes, note, frame_of(*event))


async def _content(connection: Connection, tile: Tile) -> bytes:
    if tile.level == "entries":
        first = tile.index * WIDTH
        rows = await _rows(connection, "leaves_from", first=first, until=first + tile.width)
        return bundle_of(tile, rows)
    needed = rows_of(lambda node_at: encode_tile(tile, node_at))
    return encode_tile(tile, nodes_in(await _rows(connection, "rows", idx=needed)))


async def _latest(connection: Connection) -> tuple[int, str]:
    rows = await _rows(connection, "latest_checkpoint")
    if not rows:
        raise Refused("NOT_SIGNED_YET", "The log has no checkpoint yet: ask again in a minute.")
    size, note = rows[0]
    return size, note


async def _rows(connection: Connection, query: str, **parameters: Any) -> Rows:
    return await (await connection.execute(SQL[query], parameters)).fetchall()


def _reader(request: Request) -> Reader:
    reader: Reader = request.app.state.reader
    return reader


def _unavailable(error: Exception) -> Response:
    """404 for what is not there (yet), 503 for what can't be had or can't be vouched for."""
    if isinstance(error, Refused):
        status = 404 if error.code in ("UNKNOWN_FACT", "NOT_SIGNED_YET") else 503
        return refused(status, error.code, error.message, {"retry-after": "10"})
    told = failure(error)
    return refused(503, told["extensions"]["code"], told["message"], {"retry-after": "10"})
