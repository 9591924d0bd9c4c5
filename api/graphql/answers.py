"""Answers that were given lately, kept within a number of bytes, and how far the record has come.

What an answer is kept under has its plan, its parameters and the position that it was made at
(none where the question names one, since such an answer is for ever), and tells one making of the
projections from the next. `Head` learns the position from the database's notifications, sent in
the transaction that brings the projections forward; while it can't, nothing kept is served.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, NamedTuple

import psycopg

from api.graphql.bounded import Bounded
from api.graphql.shelves import SHELVES
from projections import lookup
from store.database import READER, Database

ETAGS: Final = 8 * 1024 * 1024
"""Bytes of the names of answers, which are kept longer than the answers."""
ETAG: Final = 400
"""Bytes that one takes, about."""
RETRY: Final = 1.0
"""Seconds until the next try to listen."""


class Name(NamedTuple):
    """What an answer answers. `is_pinned`: the question names its position and its day."""

    plan: bytes
    parameters: tuple[str | None, ...]
    is_pinned: bool

    @property
    def size(self) -> int:
        """Bytes that it takes of its own, about; the name of the plan is the plan's."""
        return ETAG + sum(len(each or "") for each in self.parameters)


class Known(NamedTuple):
    """An answer that was given before: what it is kept under, and what is kept of it."""

    key: Any
    etag: str | None
    body: bytes | None


class Head:
    """How far the projections have come, as told by the database; None while it does not tell."""

    def __init__(self) -> None:
        self.generation: int | None = None
        """Tells one making of the projections from another."""
        self.position = 0
        self._own = 0
        """The last position that this process's own writes returned."""

    def now(self) -> tuple[int, int] | None:
        """Generation and position, None if they have to be asked for."""
        if self.generation is None or self.position < self._own:
            return None
        return self.generation, self.position

    def wrote(self, position: int) -> None:
        """What this process wrote is projected up to a position: nothing older is served."""
        self._own = max(self._own, position)

    @asynccontextmanager
    async def listening(
        self, database: Database, say: Callable[[str], None]
    ) -> AsyncIterator[None]:
        """Learn the position while the block runs."""
        task = asyncio.create_task(self._listen(database, say))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _listen(self, database: Database, say: Callable[[str], None]) -> None:
        while True:
            try:
                connection = await psycopg.AsyncConnection.connect(
                    database.url, autocommit=True, **database.session(READER)
                )
                async with connection:
                    await connection.execute(f"LISTEN {lookup.CHANNEL}".encode())
                    self.generation, self.position = await lookup.generation(connection)
                    while True:
                        # Asking takes the connection, which is not free while notices are read.
                        told = [each.payload async for each in connection.notifies(stop_after=1)]
                        for payload in told:
                            await self._heard(connection, payload)
            except psycopg.Error as error:
                say(f"kept answers wait for the database: {error}")
            finally:
                self.generation = None
            await asyncio.sleep(RETRY)

    async def _heard(self, connection: psycopg.AsyncConnection[Any], told: str) -> None:
        generation, _, position = told.partition(" ")
        if not position:  # others took the place of the projections
            self.generation, self.position = await lookup.generation(connection)
        elif int(generation) == self.generation:
            self.position = int(position)


class Answers:
    """The answers of one record that a process keeps; `limit` is in bytes, 0 for none."""

    def __init__(self, limit: int) -> None:
        self.head = Head()
        self.shelves = Bounded(SHELVES)
        """What answers that are worked out are put together of."""
        self._bodies, self._etags = Bounded(limit), Bounded(ETAGS)

    def find(self, name: Name) -> Known | None:
        """The answer of a name as of now, if it was given before."""
        now = self.head.now()
        if now is None:
            return None
        key = name, now[0], None if name.is_pinned else now[1]
        etag, body = self._etags.get(key), self._bodies.get(key)
        return None if etag is None and body is None else Known(key, etag, body)

    def keep(self, name: Name, position: int, generation: int, body: bytes) -> Known:
        """Keep an answer that was made at a position, of one making of the projections."""
        key = name, generation, None if name.is_pinned else position
        self._bodies.put(key, body, len(body) + name.size)
        return Known(key, None, body)

    def etag(self, key: Any, body: bytes) -> str:
        """The strong ETag of an answer, kept under its key if it has one."""
        etag: str | None = self._etags.get(key)
        if etag is None:
            etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
            if key is not None:
                self._etags.put(key, etag, key[0].size)
        return etag
