"""A database session in a thread: whoever waits for its work can end it from outside."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock, Thread
from typing import Any, Final, TypeVar

import psycopg
from psycopg_pool import ConnectionPool

from domain.errors import Refused
from store.database import READER, Database

LONGEST_QUERY: Final = 10
"""Seconds that one query to the database may take."""
CANCELLING: Final = 2.0
"""Seconds within which PostgreSQL is told to cancel a statement."""

IDLE: Final = 60.0
"""Seconds after which a connection that nobody borrows is closed."""
IN_TIME: Final = {"statement_timeout": f"{LONGEST_QUERY}s", "jit": "off"}
"""Settings of sessions whose queries end in time."""

SessionPool = ConnectionPool[psycopg.Connection[Any]]

T = TypeVar("T")


def session_pool(database: Database, most: int, patience: float) -> SessionPool:
    """Connections that read in threads, not yet open; `patience` in seconds is for one of them."""
    settings = database.session(READER, **IN_TIME, default_transaction_read_only="on")
    return ConnectionPool(
        database.url,
        # Statements are planned for their values each time, as on a connection of one's own.
        kwargs={**settings, "autocommit": True, "prepare_threshold": None},
        min_size=0,
        max_size=most,
        max_idle=IDLE,
        timeout=patience,
        num_workers=1,
        check=ConnectionPool.check_connection,
        open=False,
    )


class Session:
    """One connection's work in threads, until it ends."""

    def __init__(self) -> None:
        self._has_ended = False
        self._ending = Lock()
        """Held while PostgreSQL is told to cancel, and to give a connection back to its pool."""
        self._connection: psycopg.Connection[Any] | None = None

    @contextmanager
    def connected(
        self, database: Database, role: str = READER, **settings: str
    ) -> Iterator[psycopg.Connection[Any]]:
        """A connection of its own, whose queries end in time."""
        with database.connect(role, **IN_TIME, **settings) as connection:
            self.begin(connection)
            yield connection

    @contextmanager
    def borrowed(self, pool: SessionPool) -> Iterator[psycopg.Connection[Any]]:
        """A connection of a pool. Nobody borrows it again if the session ended meanwhile: what
        cancels a statement may arrive after it."""
        with pool.connection() as connection:
            try:
                self.begin(connection)
                yield connection
            finally:
                with self._ending:
                    self._connection = None
                    if self._has_ended:
                        connection.close()
                del connection.wait

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
        with self._ending:
            if self._connection is not None:
                with suppress(psycopg.Error):
                    self._connection.cancel_safe(timeout=CANCELLING)

    def _check(self) -> None:
        if self._has_ended:
            raise psycopg.errors.QueryCanceled("the operation has ended")
