"""The answers of plans that a server has given, and how far the record has come.

The key of an answer is its plan, its parameters (the days of today among them), the generation of
the projections and the position. A question that names its day and its position leaves the position
out: its answer does not change. `ProjectionHead` learns it from notifications that the database
sends in the transaction which advances the projections; while it can't, no answer is taken from the
cache.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any, Final, NamedTuple

import psycopg

from api.background import running
from api.graphql.source_texts import SourceTexts
from api.rest.conditional import etag_of
from api.sized_cache import SizedCache
from projections import lookup
from store.database import READER, Database

OVERHEAD: Final = 700
"""Bytes that an answer takes beside its body and its parameters, about."""
ALONE: Final = 5.0
"""Seconds until a writer looks again for a follower that was not there."""
RETRY: Final = 1.0
"""Seconds until the next try to listen."""


class AnswerKey(NamedTuple):
    """What was asked: the digest of a plan, and its parameters.

    `is_pinned`: the question names its day and its position.
    """

    plan: bytes
    parameters: tuple[str | None, ...]
    is_pinned: bool


@dataclass
class CachedAnswer:
    """The body of an answer. `is_pinned`: it is the answer for ever."""

    body: bytes
    is_pinned: bool

    @cached_property
    def etag(self) -> str:
        """The strong ETag of the body."""
        return etag_of(self.body)


class ProjectionHead:
    """How far the projections have come, as the database notifies; None while it does not.

    Costly questions have an event loop of their own: whoever waits may be of any loop.
    """

    def __init__(self) -> None:
        self.generation: int | None = None
        """Tells the projections of one rebuild from those of the next."""
        self.position = 0
        self._least = 0
        """The last position that this process has written or has seen in an answer."""
        self._alone_until = 0.0
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        """Events that are set at the next position, each with the loop that waits for it."""
        self._changing = Lock()

    def now(self) -> tuple[int, int] | None:
        """Generation and position, None if they have to be asked for."""
        if self.generation is None or self.position < self._least:
            return None
        return self.generation, self.position

    def saw(self, position: int) -> None:
        """The projections have come as far: nothing older is taken from the cache."""
        self._least = max(self._least, position)

    @property
    def is_alone(self) -> bool:
        """Whether writers need not wait for a follower: a moment ago there was none."""
        return time.monotonic() < self._alone_until

    def is_left_alone(self) -> None:
        """There is no follower, or it stands still: writers project what they write themselves."""
        self._alone_until = time.monotonic() + ALONE

    async def reaches(self, position: int, within: float) -> bool:
        """Wait until the projections have come to a position; False after so many seconds."""
        try:
            async with asyncio.timeout(within):
                while True:
                    with self._next() as moved:
                        if self.generation is not None and self.position >= position:
                            return True
                        await moved.wait()
        except TimeoutError:
            return False

    async def moves(self, within: float) -> None:
        """Wait for the next position, so many seconds at the most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                with self._next() as moved:
                    await moved.wait()

    @contextmanager
    def _next(self) -> Iterator[asyncio.Event]:
        """What is set at the next position."""
        waiting = asyncio.get_running_loop(), asyncio.Event()
        with self._changing:
            self._waiting.add(waiting)
        try:
            yield waiting[1]
        finally:
            with self._changing:
                self._waiting.discard(waiting)

    def _move(self, generation: int, position: int) -> None:
        self.generation, self.position = generation, position
        with self._changing:
            for loop, moved in self._waiting:
                with suppress(RuntimeError):  # the loop has been closed
                    loop.call_soon_threadsafe(moved.set)

    def listening(
        self, database: Database, say: Callable[[str], None]
    ) -> AbstractAsyncContextManager[None]:
        """Learn the position while the block runs."""
        return running(self._listen(database, say))

    async def _listen(self, database: Database, say: Callable[[str], None]) -> None:
        while True:
            try:
                connection = await psycopg.AsyncConnection.connect(
                    database.url, autocommit=True, **database.session(READER)
                )
                async with connection:
                    await connection.execute(lookup.SQL["listen"])
                    self._move(*await lookup.generation(connection))
                    while True:
                        # Asking takes the connection, which is not free while notices are read.
                        notices = connection.notifies(stop_after=1)
                        for payload in [each.payload async for each in notices]:
                            await self._heard(connection, payload)
            except psycopg.Error as error:
                say(f"the cache of answers waits for the database: {error}")
            finally:
                self.generation = None
            await asyncio.sleep(RETRY)

    async def _heard(self, connection: psycopg.AsyncConnection[Any], payload: str) -> None:
        generation, _, position = payload.partition(" ")
        if not position:  # a rebuild has swapped the projections
            self._move(*await lookup.generation(connection))
        elif int(generation) == self.generation:
            self._move(int(generation), int(position))


class AnswerCache:
    """The answers of one record that a process holds; `limit` is in bytes, 0 for none."""

    def __init__(self, limit: int) -> None:
        self.head = ProjectionHead()
        self.source_texts = SourceTexts()
        self._answers: SizedCache[CachedAnswer] = SizedCache(limit)

    def get(self, asked: AnswerKey) -> CachedAnswer | None:
        """The answer as of now, if it was given before."""
        now = self.head.now()
        return None if now is None else self._answers.get(_key(asked, *now))

    def put(self, asked: AnswerKey, generation: int, position: int, body: bytes) -> CachedAnswer:
        """Hold an answer that was made at a position of a generation of the projections."""
        self.head.saw(position)
        answer = CachedAnswer(body, asked.is_pinned)
        size = OVERHEAD + len(body) + sum(len(each or "") for each in asked.parameters)
        self._answers.put(_key(asked, generation, position), answer, size)
        return answer


def _key(asked: AnswerKey, generation: int, position: int) -> Hashable:
    return asked, generation, None if asked.is_pinned else position
