"""Costly questions (diffs, what-ifs, searches, proofs, files, large answers) are answered apart.

A few at a time are answered on a thread with an event loop and database connections of its own, so
that everyone else waits for none of it. The others queue for a while. One client has a share of the
queue and a number of costly requests a minute. Whatever ends a question, its time or its client's
leaving, ends its statement in PostgreSQL too.
"""

from __future__ import annotations

import asyncio
import ipaddress
import threading
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar
from typing import Any, Final, TypeVar

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.types import ASGIApp, Receive, Scope, Send

from api.auth import Reader
from api.memory import give_back
from domain.errors import Refused

AT_ONCE: Final = 2
"""Questions that are answered at once."""
QUEUE: Final = 32
"""Questions that wait or are answered, of all clients."""
SHARE: Final = 8
"""Those of one client, which is told to wait past them (429)."""
PATIENCE: Final = 5.0
"""Seconds that a request waits for its first turn. One that has begun to answer waits longer."""
LONGER: Final = 60.0
REST: Final = 5.0
"""Seconds without a question after which memory is given back."""
RATE: Final = RateLimitItemPerMinute(300)
"""Costly requests of one client."""
TOO_BUSY, TOO_MANY = "TOO_BUSY", "TOO_MANY_REQUESTS"
STATUSES: Final = {TOO_BUSY: 429, TOO_MANY: 429}
"""Refusals of the pool: the HTTP status of each. None says that the server fails."""

T = TypeVar("T")
Opened = Callable[[], AbstractAsyncContextManager[Reader]]


class Client:
    """Who sends a request, and whether they are still there."""

    def __init__(self, address: str, receive: Receive) -> None:
        self.address = address
        self.has_begun = False
        """Whether the request had a turn already, as a long export has many."""
        self._receive = receive

    async def leaves(self) -> None:
        """Return once the client has gone."""
        while (await self._receive())["type"] != "http.disconnect":
            pass


CLIENT: ContextVar[Client | None] = ContextVar("client", default=None)


class Clients:
    """ASGI middleware: tells whatever answers a request who sent it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            CLIENT.set(Client((scope.get("client") or ("",))[0], receive))
        await self.app(scope, receive, send)


def network_of(address: str) -> str:
    """Whom an address stands for: of IPv6 a client has a whole /64."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False))


class CostlyPool:
    """While entered, `run` answers costly questions; `opened` opens its database connections."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._present = Counter[str]()
        self._resting: asyncio.TimerHandle | None = None
        """Gives memory back, unless someone asks before."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._reader: Reader | None = None

    async def __aenter__(self) -> CostlyPool:
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._thread = threading.Thread(
            target=asyncio.run,
            args=(self._serve(asyncio.get_running_loop(), ready),),
            name="costly",
            daemon=True,
        )
        self._thread.start()
        await ready
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._ended.set)
        await asyncio.to_thread(self._thread.join)

    async def _serve(self, outer: asyncio.AbstractEventLoop, ready: asyncio.Future[None]) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        self._loop.set_default_executor(ThreadPoolExecutor(AT_ONCE, "costly"))
        try:
            async with self._opened() as self._reader:
                outer.call_soon_threadsafe(ready.set_result, None)
                await self._ended.wait()
        except Exception as error:
            outer.call_soon_threadsafe(ready.set_exception, error)

    async def run(self, work: Callable[[Reader], Coroutine[Any, Any, T]]) -> T:
        """What work gives, on the other thread. Refused(TOO_BUSY, TOO_MANY_REQUESTS)."""
        client = CLIENT.get()
        if client is None:
            async with self._turns:
                return await self._answer(work)
        async with self._turn(client):
            return await _unless_gone(self._answer(work), client)

    @asynccontextmanager
    async def _turn(self, client: Client) -> AsyncIterator[None]:
        """Wait for a turn, within the client's share and rate."""
        address = network_of(client.address)
        patience = LONGER if client.has_begun else PATIENCE
        if not client.has_begun and not self._limiter.hit(RATE, address):
            raise _too_many(f"more than {RATE.amount} costly questions in a minute")
        if self._present[address] >= SHARE or self._present.total() >= QUEUE:
            raise self._in_the_way(address)
        self._present[address] += 1
        if self._resting is not None:
            self._resting.cancel()
        try:
            try:
                async with asyncio.timeout(patience):
                    await self._turns.acquire()
            except TimeoutError:
                raise self._in_the_way(address, waiting=1) from None
            client.has_begun = True
            try:
                yield
            finally:
                self._turns.release()
        finally:
            self._present[address] -= 1
            self._present += Counter()  # clients without a question go
            if not self._present:
                loop = asyncio.get_running_loop()
                self._resting = loop.call_later(REST, loop.run_in_executor, None, give_back)

    def _in_the_way(self, address: str, waiting: int = 0) -> Refused:
        """Why there is no turn: the client's own questions, or those of others."""
        if self._present[address] > waiting:
            return _too_many("several costly questions at a time")
        return Refused(TOO_BUSY, "Others ask too many costly questions: ask again soon.")

    async def _answer(self, work: Callable[[Reader], Coroutine[Any, Any, T]]) -> T:
        assert self._loop is not None
        assert self._reader is not None
        return await asyncio.wrap_future(
            asyncio.run_coroutine_threadsafe(work(self._reader), self._loop)
        )


async def _unless_gone(work: Awaitable[T], client: Client) -> T:
    """What work gives, which is cancelled once the client has gone."""
    working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(client.leaves())
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise Refused("CLIENT_CLOSED", "The client closed the connection.")
        return await working
    finally:
        working.cancel()
        leaving.cancel()


def _too_many(what: str) -> Refused:
    return Refused(TOO_MANY, f"You asked {what}: wait a little, then ask on.")
