"""What the resolvers of one operation share: a connection, a position, and what was looked up.

An operation has one database connection, taken when it is first needed, and one position unless
its clocks name another, so that all of its fields speak of the same record. A *view* is a point
of the clocks within an operation; what its fields look up by id is loaded there, many at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

import psycopg

from api.instance import Instance
from api.session import Session
from domain.dates import today
from domain.errors import Refused
from domain.point import Clocks, Point
from domain.proof import Proof
from domain.sources import Citation, SourceRegistered
from domain.spans import EPOCH
from domain.vocabulary import Vocabulary
from projections import asof, lookup
from projections.asof import Connection, Row
from projections.cited_documents import AnchoredPassage, readings
from projections.proofs import prove_facts
from projections.related_events import Tagged
from store.database import READER, WRITER

if TYPE_CHECKING:
    # Of a server: a command, which answers for itself, need not take the time to load them.
    from api.auth import Principal, Reader
    from api.costly_pool import CostlyPool
    from api.graphql.answer_cache import AnswerCache
    from api.graphql.schema import RecordSchema
    from api.graphql.suppositions import SupposingSession
    from api.replicas import Lease
    from api.rest.metrics import Metrics

PATIENCE = 2.0
"""Seconds to wait for the follower to reach a position that was asked for."""
LOOK_EVERY = 0.05
MOST_OBJECTS = 500_000
"""Objects in lists, of one operation: what no limit on the document can foresee."""

LONGEST_OPERATION: Final = 20
"""Seconds that an operation may take in all."""

T = TypeVar("T")


class Access(NamedTuple):
    """What an operation may reach: the record, connections to read it by, and for whom."""

    instance: Instance
    reader: Reader
    principal: Principal | None = None
    lease: Lease | None = None
    """Where there are replicas to read from."""
    answers: AnswerCache | None = None
    metrics: Metrics | None = None
    supposing: asyncio.Semaphore | None = None
    """How many operations may answer suppositions at once; None for any number."""
    costly: CostlyPool | None = None
    """Where costly questions are answered, if not here."""
    schema: RecordSchema | None = None
    """What may be asked, where an operation began with it; None by the words there are now."""


class Operation:
    """One GraphQL operation while it is answered: strawberry's context."""

    @property
    def schema(self) -> RecordSchema:
        """What may be asked, by the words that the record had when it began."""
        from api.graphql.schema import schema_of  # whose fields are resolved by this module

        return self.access.schema or schema_of(self.vocabulary)

    @property
    def vocabulary(self) -> Vocabulary:
        """The words that the record has now."""
        return self.access.instance.vocabulary.current

    def __init__(self, access: Access) -> None:
        self.access = access
        self._lease = access.lease
        self._until = asyncio.get_running_loop().time() + LONGEST_OPERATION
        self._stack = AsyncExitStack()
        self.suppositions = AsyncExitStack()
        """Ends the session of the suppositions."""
        self.supposing: SupposingSession | None = None
        self._connection: Connection | None = None
        self._one_at_a_time = asyncio.Lock()
        self._looking = asyncio.Lock()
        self._position: int | None = None
        self._needed = 0
        """The position that a replica must have reached to answer."""
        self._closed = False
        self._objects = 0
        self._views: dict[Point, View] = {}
        self.today = today()
        self.fresh: Sequence[Tagged] = ()
        """Events that are supposed after those of the log."""

    async def __aenter__(self) -> Operation:
        return self

    async def __aexit__(self, *exc: object) -> None:
        async with self._one_at_a_time:
            self._closed = True
            await self._stack.aclose()
            await self.suppositions.aclose()

    def in_time(self) -> asyncio.Timeout:
        """Ends what waits for longer than the operation may take. An answer of the cache needs no
        such timer, which would be a tenth of its work."""
        return asyncio.timeout_at(self._until)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """The operation's connection, for one query at a time."""
        async with self._one_at_a_time:
            if self._closed:  # a resolver whose siblings failed and were answered without it
                raise asyncio.CancelledError
            if self._connection is None:
                lease = self._lease
                self._connection = await self._stack.enter_async_context(
                    self.access.reader() if lease is None else lease.connection(self._needed)
                )
            try:
                yield self._connection
            except psycopg.OperationalError as error:
                if self._lease is not None:
                    self._lease.saw_failure(error)
                raise

    async def in_session(
        self, work: Callable[[psycopg.Connection[Any]], T], role: str = READER
    ) -> T:
        """What blocking work gives, on a session of its own that only reads, in a thread.

        The session ends with the operation: its statement is cancelled, and it starts no other.
        """
        session = Session()

        def run() -> T:
            only = {} if role == READER else {"default_transaction_read_only": "on"}
            with session.connected(self.access.instance.database, role, **only) as connection:
                return work(connection)

        return await session.work(run)

    async def enter(self, manager: AbstractAsyncContextManager[T]) -> T:
        """Enter something that is left when the operation ends."""
        return await self._stack.enter_async_context(manager)

    def at(self, position: int) -> None:
        """Answer from now on as of a position that has been projected, for what was written."""
        self._position = position
        if self.access.answers is not None:
            self.access.answers.head.saw(position)
        if self._lease is not None:
            self._lease.replicas.saw(position)
        self._need(position)

    def saw(self, position: int) -> None:
        """Something was answered at a position: no later answer is of an earlier one."""
        if self._lease is not None:
            self._lease.replicas.saw(position)

    def _need(self, position: int) -> None:
        """Read on from where a position has been reached: this replica, another, the primary."""
        if self._lease is not None and position > self._needed:
            self._needed = position
            self._connection = None

    def spend(self, objects: int) -> None:
        """Count objects that go into a list. Refused(TOO_COSTLY) past the budget."""
        self._objects += objects
        if self._objects > MOST_OBJECTS:
            raise Refused(
                "TOO_COSTLY",
                f"The answer has more than {MOST_OBJECTS:,} objects: ask for smaller pages.",
            )

    async def position(self) -> int:
        """How far the record is projected: looked up once, so that all fields agree."""
        async with self._looking:
            if self._position is None:
                async with self.connection() as connection:
                    self._position = (await lookup.progress(connection)).position
                if self._lease is not None:
                    self._lease.replicas.saw(self._position)
            return self._position

    async def view(self, clocks: Clocks) -> View:
        """The view at the clocks given. Refused when they contradict or can't be reached."""
        point = clocks.point(0, self.today)  # refuses before the position costs a look
        return self.view_of(point._replace(position=await self.position_at(clocks)))

    def view_of(self, point: Point) -> View:
        """The view at a point."""
        if point not in self._views:
            self._views[point] = View(self, point)
        return self._views[point]

    async def position_at(self, clocks: Clocks) -> int:
        """The position that the clocks mean. Refused when they contradict or can't be reached."""
        if clocks.recorded_at is not None:
            if clocks.at_position is not None:
                raise Refused(
                    "CLOCK_GIVEN_TWICE",
                    "recordedAt and atPosition are the same clock: give one of them.",
                    field="atPosition",
                )
            return await self._position_by(clocks.recorded_at)
        if clocks.at_position is None:
            return await self.position()
        if clocks.at_position < 0:
            raise Refused(
                "BAD_POSITION",
                f"{clocks.at_position} is before the log's beginning: a position is 0 or more.",
                field="atPosition",
            )
        if clocks.at_position > await self.position():
            await self._reach(clocks.at_position, "atPosition")
        return clocks.at_position

    async def _position_by(self, time: datetime) -> int:
        """The last position recorded by a time, once all that was is projected: by the primary,
        since a replica can't know what was recorded that it does not have yet."""
        self._lease, self._connection = None, None
        async with self.connection() as connection:
            seen = await lookup.progress(connection)
            head = await lookup.head(connection)
        if seen.position < head and (seen.recorded_at is None or seen.recorded_at <= time):
            await self._reach(head, "recordedAt")
        async with self.connection() as connection:
            return await asof.position_at(connection, time)

    async def await_log(self) -> None:
        """Wait a little until all that the log has now is projected."""
        async with self.connection() as connection:
            head = await lookup.head(connection)
        with suppress(Refused):
            await self._reach(head, "")

    async def _reach(self, position: int, field: str) -> None:
        """Wait a little for the follower. Refused(POSITION_NOT_REACHED)."""
        self._need(position)
        until = asyncio.get_running_loop().time() + PATIENCE
        while True:
            async with self.connection() as connection:
                seen = await lookup.progress(connection)
                head = await lookup.head(connection)
            if seen.position >= position:
                if self._lease is not None:
                    self._lease.replicas.saw(position)
                return
            # What is not even in the log is not worth the wait.
            if position > head or asyncio.get_running_loop().time() >= until:
                raise Refused(
                    "POSITION_NOT_REACHED",
                    f"The record answers up to position {seen.position} so far, and its log goes "
                    f"to {head}: ask for {seen.position} or less, or try again.",
                    field=field,
                    position=seen.position,
                    head=head,
                )
            await asyncio.sleep(LOOK_EVERY)


class Shelf(Generic[T]):
    """What is looked up by id: whoever asks in the same breath is answered by one query."""

    def __init__(self, load: Callable[[Sequence[str]], Awaitable[dict[str, T]]]) -> None:
        self._load = load
        self._found: dict[str, T | None] = {}
        self._wanted: set[str] = set()
        self._loading: asyncio.Task[None] | None = None

    async def one(self, name: str) -> T | None:
        """What has the id, None if nothing has."""
        return (await self.all([name])).get(name)

    async def many(self, names: Sequence[str]) -> list[T]:
        """What has these ids, in their order; ids of nothing are left out."""
        found = await self.all(names)
        return [found[name] for name in names if name in found]

    async def all(self, names: Sequence[str]) -> dict[str, T]:
        """By id, what has these ids."""
        missing = [name for name in names if name not in self._found]
        if missing:
            self._wanted.update(missing)
            if self._loading is None:
                self._loading = asyncio.create_task(self._fetch())
            await self._loading
        return {name: found for name in names if (found := self._found.get(name)) is not None}

    async def _fetch(self) -> None:
        await asyncio.sleep(0)  # let the others of this round of the event loop ask too
        names, self._wanted, self._loading = sorted(self._wanted), set(), None
        found = await self._load(names)
        for name in names:
            self._found[name] = found.get(name)


class View:
    """A point of the clocks within an operation, and what its fields have looked up."""

    def __init__(self, operation: Operation, point: Point) -> None:
        self.operation = operation
        self.point = point
        self.sources = Shelf(self._by_id(asof.sources_by_id))
        self.entities = Shelf(self._by_id(asof.entities_by_id))
        self.versions = Shelf(self._by_id(asof.versions_by_id))
        self.files = Shelf(self._files)
        self.rectangles = Shelf(self._rectangles)
        self.proofs = Shelf(self._proofs)
        """fact → the proof of the event that recorded it"""
        self.readings = Shelf(self._readings)
        """source → where its citations stand in its document"""
        self.registered = Shelf(self._registered)
        """source → the day on which it was registered"""
        self._canonical: dict[tuple[str, str], asyncio.Task[str]] = {}

    async def canonical(self, entity: str, field: str) -> str:
        """Whom the id in an argument means here. Refused(UNKNOWN_ENTITY)."""
        asked = entity, field
        if asked not in self._canonical:
            self._canonical[asked] = asyncio.create_task(self._canonical_of(entity, field))
        return await self._canonical[asked]

    async def _canonical_of(self, entity: str, field: str) -> str:
        async with self.operation.connection() as connection:
            return await asof.canonical(connection, entity, self.point, field)

    def _by_id(
        self, query: Callable[[Connection, Sequence[str], Point], Awaitable[list[Row]]]
    ) -> Callable[[Sequence[str]], Awaitable[dict[str, Row]]]:
        async def load(names: Sequence[str]) -> dict[str, Row]:
            async with self.operation.connection() as connection:
                rows = await query(connection, names, self.point)
            return {row["id"]: row for row in rows}

        return load

    async def _files(self, names: Sequence[str]) -> dict[str, list[lookup.Recorded]]:
        async with self.operation.connection() as connection:
            found = await lookup.files(connection, names, self.point)
        return lookup.with_fresh(found, names, self.operation.fresh, self.point)

    async def _rectangles(self, names: Sequence[str]) -> dict[str, list[Row]]:
        async with self.operation.connection() as connection:
            return await lookup.rectangles(connection, names, self.point)

    async def _proofs(self, names: Sequence[str]) -> dict[str, Proof]:
        async with self.operation.connection() as connection:
            return await prove_facts(connection, names)

    async def _readings(self, names: Sequence[str]) -> dict[str, dict[Citation, AnchoredPassage]]:
        supposed = self._supposed_sources()
        recorded = [name for name in names if name not in supposed]

        def read(connection: psycopg.Connection[Any]) -> dict[str, dict[Citation, AnchoredPassage]]:
            return {
                name: {place.cited.citation: place for place in found.places}
                for name, found in readings(connection, recorded, self.point.position).items()
            }

        # Places have no words, and are told of documents that may not be shown: not a reader's.
        return await self.operation.in_session(read, WRITER)

    async def _registered(self, names: Sequence[str]) -> dict[str, int]:
        async with self.operation.connection() as connection:
            times = await lookup.first_recorded(connection, names, self.point)
        times |= self._supposed_sources()
        return {name: (time - EPOCH).days for name, time in times.items()}

    def _supposed_sources(self) -> dict[str, datetime]:
        """Supposed source → when it would be registered."""
        return {
            event.entry.id: event.recorded_at
            for event, _ in self.operation.fresh
            if isinstance(event.entry, SourceRegistered)
        }
