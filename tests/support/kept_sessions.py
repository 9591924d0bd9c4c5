"""Database sessions that are used again, for tests that ask thousands of questions in turn.

A connection that is closed waits for the next one who connects in the same way. It keeps no
prepared statements, whose plans would not see the temporary views of a later transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import psycopg
from psycopg.pq import TransactionStatus

Way = tuple[str, tuple[tuple[str, str], ...]]
"""The address and the settings of a connection."""


class KeptConnection(psycopg.Connection[Any]):
    """A connection whose end is that of `kept_sessions`."""

    idle: list[KeptConnection]

    def close(self) -> None:
        self.__dict__.pop("wait", None)  # api.session puts its own there
        if self.pgconn.transaction_status == TransactionStatus.IDLE:
            self.idle.append(self)
        else:
            super().close()


class KeptAsyncConnection(psycopg.AsyncConnection[Any]):
    """The same for an event loop."""

    idle: list[KeptAsyncConnection]

    async def close(self) -> None:
        if self.pgconn.transaction_status == TransactionStatus.IDLE:
            self.idle.append(self)
        else:
            await super().close()


@contextmanager
def kept_sessions() -> Iterator[None]:
    """`psycopg.connect` and `psycopg.AsyncConnection.connect` give sessions that were closed."""
    idle: dict[Way, list[KeptConnection]] = defaultdict(list)
    idle_async: dict[Way, list[KeptAsyncConnection]] = defaultdict(list)
    connect_async = KeptAsyncConnection.connect  # the one below is a function of its base class

    def connect(url: str, **more: Any) -> KeptConnection:
        waiting = idle[way_of(url, more)]
        if waiting:
            return waiting.pop()
        connection = KeptConnection.connect(url, prepare_threshold=None, **more)
        connection.idle = waiting
        return connection

    async def connected(url: str, **more: Any) -> KeptAsyncConnection:
        waiting = idle_async[way_of(url, more)]
        if waiting:
            return waiting.pop()
        connection = await connect_async(url, prepare_threshold=None, **more)
        connection.idle = waiting
        return connection

    try:
        with (
            mock.patch.object(psycopg, "connect", connect),
            mock.patch.object(psycopg.AsyncConnection, "connect", connected),
        ):
            yield
    finally:
        for waiting in [*idle.values(), *idle_async.values()]:
            for connection in waiting:
                connection.pgconn.finish()


def way_of(url: str, more: dict[str, Any]) -> Way:
    return url, tuple(sorted((key, str(value)) for key, value in more.items()))
