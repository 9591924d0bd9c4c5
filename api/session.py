"""A database session in a thread: whoever waits for its work can end it from outside."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Any, Final, TypeVar

import psycopg

from domain.errors import Refused
from store.database import READER, Database

LONGEST_QUERY: Final = 10
"""Seconds that one query to the database may take."""
CANCELLING: Final = 2.0
"""Seconds within which PostgreSQL is told to cancel a statement."""

T = TypeVar("T")


class Session:
    """One connection's work in threads, until it ends."""

    def __init__(self) -> None:
        self._has_ended = False
        self._connection: psycopg.Connection[Any] | None = None

    @contextmanager
    def connected(
        self, database: Database, role: str = READER, **settings: str
    ) -> Iterator[psycopg.Connection[Any]]:
        """A connection of its own, whose queries end in time."""
        limit = f"{LONGEST_QUERY}s"
        with database.connect(role, statement_timeout=limit, jit="off", **settings) as connection:
            self.begin(connection)
            yield connection

    def begin(self, connection: psycopg.Connection[Any]) -> None:
        """Use a connection, unless it has ended. Raises QueryCanceled then and from then on."""
        self._connection, wait = connection, connection.wait

        def unless_ended(*arguments: Any, **more: Any) -> Any:
            if self._has_ended:
                connection.close()  # so that cursors and transactions have nothing left to end
            self._check()
            return wait(*arguments, **more)

        self._check()
        connection.wait = unless_ended  # type: ignore[method-assign]

    async def work(self, blocking: Callable[[], T]) -> T:
        """What blocking work gives, in a thread. The session ends if the task is cancelled."""

        def run() -> T:
            try:
                return blocking()
            except (Refused, psycopg.errors.QueryCanceled) as expected:
                # Else what the work had read waits for the garbage collector, many times over.
                raise expected.with_traceback(None) from None
            except BaseException as error:
                traceback.clear_frames(error.__traceback__)
                raise

        try:
            return await asyncio.to_thread(run)
        except asyncio.CancelledError:
            # A thread of its own: those of the pool may all be busy with what is to end.
            Thread(target=self.end, name="cancelling").start()
            raise

    def end(self) -> None:
        """Cancel what runs."""
        self._has_ended = True
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.cancel_safe(timeout=CANCELLING)

    def _check(self) -> None:
        if self._has_ended:
            raise psycopg.errors.QueryCanceled("the operation has ended")
