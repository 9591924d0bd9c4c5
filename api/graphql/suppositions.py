"""Suppositions while they are asked: one session an operation, and operations that answer as if."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, TypeVar

import psycopg
from psycopg_pool import PoolTimeout

from api.graphql.context import PATIENCE, Operation
from api.session import LONGEST_QUERY
from domain.errors import Refused
from projections import what_if
from projections.asof import Connection
from projections.diff import Difference
from projections.related_events import Tagged
from projections.what_if import Supposition
from store.database import READER

Worked = TypeVar("Worked", Supposition, tuple[Supposition, list[Difference]])


class SupposingSession:
    """The session in which the suppositions of an operation are answered, however many.

    It sees one state of the database throughout: what others record meanwhile is in none of its
    answers, and can't be taken for what is supposed.
    """

    def __init__(self, connection: Connection, position: int, exported: str) -> None:
        self.position = position
        """How far the record is projected in that state."""
        self._connection, self._exported = connection, exported
        self._one_at_a_time = asyncio.Lock()
        self._count = 0

    @asynccontextmanager
    async def turn(self, number: int) -> AsyncIterator[Connection]:
        """The connection, answering by the supposition of a number."""
        async with self._one_at_a_time, self._connection.transaction():
            await what_if.choose_async(self._connection, number)
            yield self._connection

    async def suppose(
        self, operation: Operation, work: Callable[[psycopg.Connection[Any]], Worked]
    ) -> tuple[Worked, Operation]:
        """What `work` gives, which makes a supposition in a session that sees the same state, and
        an operation that answers by the supposition."""

        def run(session: psycopg.Connection[Any]) -> Worked:
            with what_if.same_state(session, self._exported):
                return work(session)

        async with self._one_at_a_time:
            found = await operation.in_session(run)
            number = self._count = self._count + 1
            supposition = found if isinstance(found, Supposition) else found[0]
            await what_if.install_async(self._connection, supposition, number)
        return found, await operation.enter(_Supposed(operation, self, number, supposition.tagged))


class _Supposed(Operation):
    """An operation within another that answers by a supposition."""

    def __init__(
        self,
        operation: Operation,
        session: SupposingSession,
        number: int,
        fresh: Sequence[Tagged],
    ) -> None:
        super().__init__(operation.access._replace(lease=None, answers=None))
        self.fresh = fresh
        self._session, self._number = session, number

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        async with self._session.turn(self._number) as connection:
            if self._closed:
                raise asyncio.CancelledError
            yield connection


@asynccontextmanager
async def _supposing_session(operation: Operation) -> AsyncIterator[SupposingSession]:
    database, limit = operation.access.instance.database, operation.access.supposing
    async with AsyncExitStack() as stack:
        if limit is not None:
            try:
                await asyncio.wait_for(limit.acquire(), PATIENCE)
            except TimeoutError:
                raise PoolTimeout("too many suppositions are asked for at once") from None
            stack.callback(limit.release)
        connection = await stack.enter_async_context(
            await psycopg.AsyncConnection.connect(
                database.url,
                autocommit=True,
                **database.session(READER, statement_timeout=f"{LONGEST_QUERY}s"),
            )
        )
        await stack.enter_async_context(connection.transaction(force_rollback=True))
        position, exported = await what_if.prepare_async(connection)
        yield SupposingSession(connection, position, exported)


async def supposing(operation: Operation) -> SupposingSession:
    """A new session for the suppositions of an operation, once the log is projected as far as it
    goes now, or the follower was waited for in vain. The one before it ends.

    All fields of the operation are from now on answered at the position that it sees.
    """
    await operation.await_log()
    await operation.suppositions.aclose()
    operation.supposing = session = await operation.suppositions.enter_async_context(
        _supposing_session(operation)
    )
    operation.at(session.position)
    return session


def check_reached(position: int, head: int) -> None:
    """Refused(POSITION_NOT_REACHED) where what the entries may speak of is not projected yet."""
    if position < head:
        raise Refused(
            "POSITION_NOT_REACHED",
            f"The record answers up to position {position} so far, and its log goes to "
            f"{head}. What entries would change can be told once it is projected: try again.",
            position=position,
            head=head,
        )
