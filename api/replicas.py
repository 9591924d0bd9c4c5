"""Reading from replicas: which connection may answer, given the position that it must have reached.

A replica follows the primary a little behind. Whoever needs a position waits a moment for a replica
to reach it, and then goes to the primary; so does everyone when no replica can be reached. Writing,
audits and keys never come here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from projections import lookup
from projections.asof import Connection
from store.database import Database
from store.sql import only_row_async, queries

SQL = queries("store", "replicas.sql")
PATIENCE: Final = 0.25
"""Seconds to wait for a connection, or for a replica to reach a position."""
LOOK_EVERY: Final = 0.005
AGAIN_AFTER: Final = 2.0
"""Seconds until a replica that failed is tried again."""
CONNECTIONS: Final = 8
"""To each replica."""

Primary = Callable[[], AbstractAsyncContextManager[Connection]]


class Other(psycopg.OperationalError):
    """The server is no replica of the primary."""


@dataclass
class Replica:
    """A replica: connections, how far it was seen to be, and until when it is left alone."""

    pool: AsyncConnectionPool[Connection]
    taken: int = 0
    reached: int = 0
    away_until: float = 0.0

    async def take(self, position: int, until: float) -> Connection | None:
        """A connection once the position is reached; None if it is not by then."""
        try:
            connection = await self.pool.getconn(timeout=PATIENCE)
        except (PoolTimeout, psycopg.OperationalError):
            if not self.taken:  # else it is busy
                self.failed()
            return None
        try:
            while self.reached < position:
                self.reached = max(self.reached, (await lookup.progress(connection)).position)
                if self.reached < position:
                    if _now() >= until:
                        break
                    await asyncio.sleep(LOOK_EVERY)
            else:
                self.taken += 1
                return connection
        except psycopg.Error:
            self.failed()
        except BaseException:
            await self.pool.putconn(connection)
            raise
        await self.pool.putconn(connection)
        return None

    async def give_back(self, connection: Connection) -> None:
        """What was taken."""
        self.taken -= 1
        if connection.closed:
            self.failed()
        with suppress(psycopg.Error):
            await self.pool.putconn(connection)

    def failed(self) -> None:
        """Leave it alone for a while. It may come back as it was earlier."""
        self.away_until = _now() + AGAIN_AFTER
        self.reached = 0


class Replicas:
    """The replicas of a database, tried in turns; `seen` is the least position of any answer.

    It is the highest that this process has written or answered at, so that whoever asks it twice
    never goes back, and reads what it wrote. While entered, connections are kept.
    """

    def __init__(
        self,
        databases: Sequence[Database],
        primary: Primary,
        session: Callable[[Database], dict[str, Any]],
        say: Callable[[str], None],
    ) -> None:
        self.seen = 0
        self._primary = primary
        self._say = say
        self._system: int | None = None
        self._next = 0
        self._replicas = [
            Replica(
                AsyncConnectionPool(
                    database.url,
                    connection_class=psycopg.AsyncConnection[Any],
                    kwargs={**session(database), "autocommit": True},
                    min_size=1,
                    max_size=CONNECTIONS,
                    configure=self._check_system,
                    check=AsyncConnectionPool.check_connection,
                    reconnect_timeout=AGAIN_AFTER,
                    open=False,
                )
            )
            for database in databases
        ]
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Replicas:
        async with self._primary() as connection:
            self._system = await _system(connection)
        for replica in self._replicas:
            await replica.pool.open()
            self._stack.push_async_callback(replica.pool.close)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    def saw(self, position: int) -> None:
        """Something was written or answered at a position: no later answer is of an earlier one."""
        self.seen = max(self.seen, position)

    async def take(self, position: int) -> tuple[Replica, Connection] | None:
        """A replica's connection that has reached a position; None if no replica has."""
        until = _now() + PATIENCE
        self._next += 1
        for turn in range(len(self._replicas)):
            replica = self._replicas[(self._next + turn) % len(self._replicas)]
            if replica.away_until <= _now():
                connection = await replica.take(max(position, self.seen), until)
                if connection is not None:
                    return replica, connection
        return None

    @asynccontextmanager
    async def primary(self) -> AsyncIterator[Connection]:
        """A connection to the primary."""
        async with self._primary() as connection:
            yield connection

    async def _check_system(self, connection: Connection) -> None:
        """An answer from another record's database would be a wrong one."""
        if await _system(connection) != self._system:
            words = (
                f"SIJILL_READ_URL names a server ({connection.info.host}) that is no replica of "
                "the database: it is not read from."
            )
            self._say(words)
            raise Other(words)


class Lease:
    """Reading from replicas for one request, which is answered by the primary if that fails.

    One that `writes` reads from the primary, and raises what all later answers must have reached.
    """

    def __init__(self, replicas: Replicas, *, writes: bool = False) -> None:
        self.replicas = replicas
        self._writes = writes
        self.failed = False
        """Whether a replica failed while it answered: all of the request is to be asked again."""

    @asynccontextmanager
    async def connection(self, position: int) -> AsyncIterator[Connection]:
        """One that has reached a position, of a replica if one has in time."""
        taken = None if self._writes else await self.replicas.take(position)
        if taken is None:
            async with self.replicas.primary() as connection:
                yield connection
            return
        replica, connection = taken
        try:
            yield connection
        finally:
            await replica.give_back(connection)

    def saw_failure(self, error: psycopg.OperationalError) -> None:
        """A query failed: by the replica's fault, unless it took too long."""
        self.failed |= not (self._writes or isinstance(error, psycopg.errors.QueryCanceled))


async def _system(connection: Connection) -> int:
    return int((await only_row_async(connection.execute(SQL["system"])))[0])


def _now() -> float:
    return asyncio.get_running_loop().time()
