"""The floors, as an ASGI app for the server that Sijill itself is served by.

F2, GET /ready/NAME: bytes made before; for a 304, whose bytes are headers, those of Sijill's. F3,
POST /answer: one hand-written query whose JSON PostgreSQL builds, for the same request body as
Sijill's own. F1, the rows alone, is `rows`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool
from starlette.types import Receive, Scope, Send

from api.graphql.execution import session
from api.graphql.http import VARY
from api.rest.responses import RAW_HEADERS
from benchmarks.question import parameters
from store.database import Database
from store.sql import queries

SQL = queries("benchmarks", "floors.sql")
ANSWER = SQL["answer"].replace("{rows}", SQL["rows"].rstrip(";"))
POOL = 8
UNCHANGED = [*RAW_HEADERS, (b"vary", VARY.encode()), (b"cache-control", b"no-cache")]
"""What a 304 says beside the ETag."""


def rows(connection: psycopg.Connection[Any], variables: dict[str, Any]) -> list[tuple[Any, ...]]:
    """F1."""
    return connection.execute(SQL["rows"], parameters(variables), prepare=True).fetchall()


class Floors:
    """The app: a database to ask, and a folder of ready answers."""

    def __init__(self, url: str, ready: Path) -> None:
        database = Database(url)
        self._pool = AsyncConnectionPool(
            url,
            kwargs={**session(database), "autocommit": True},
            min_size=1,
            max_size=POOL,
            open=False,
        )
        self._ready = {file.name: file.read_bytes() for file in ready.iterdir()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["path"] == "/answer":
            body = b""
            while True:
                message = await receive()
                body += message["body"]
                if not message.get("more_body"):
                    break
            variables = json.loads(body)["variables"]
            async with self._pool.connection() as connection:
                cursor = await connection.execute(
                    ANSWER.encode(), parameters(variables), prepare=True
                )
                (answer,) = await cursor.fetchone() or ("",)
            await _reply(send, 200, answer.encode())
        elif scope["path"] == "/ready/304":
            etag = [each for each in scope["headers"] if each[0] == b"if-none-match"]
            await _reply(send, 304, b"", [(b"etag", value) for _, value in etag] + UNCHANGED)
        else:
            await _reply(send, 200, self._ready[scope["path"].removeprefix("/ready/")])

    async def _live(self, receive: Receive, send: Send) -> None:
        async with AsyncExitStack() as stack:
            while (message := await receive())["type"] != "lifespan.shutdown":
                if message["type"] == "lifespan.startup":
                    await stack.enter_async_context(self._pool)
                    await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})


async def _reply(
    send: Send, status: int, body: bytes, headers: Sequence[tuple[bytes, bytes]] = ()
) -> None:
    if status != 304:
        length = str(len(body)).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", length)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def app() -> Floors:
    """For a server's factory: SIJILL_DATABASE_URL and BENCH_READY say what and where."""
    return Floors(os.environ["SIJILL_DATABASE_URL"], Path(os.environ["BENCH_READY"]))
