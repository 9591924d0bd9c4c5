"""HTTP/1.1 as it is served: uvicorn's, by llhttp, with bounds on what a client may hold open.

A head has a size and a time, an answer a least speed at which it is read, and connections a number,
in all and for one address. At that number the connection that has waited longest without a request
makes room, so that half-sent heads shut nobody out.
"""

from __future__ import annotations

import asyncio
import resource
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

LONGEST_HEAD: Final = 64 * 1024
"""Bytes of a request's first line and headers, and of what follows a body in pieces."""
PATIENCE: Final = 10.0
"""Seconds that a client has for sending a head."""
SLOWEST: Final = 1_024
"""Bytes a second that a client takes of an answer, at the least."""
LOOK_EVERY: Final = 10.0
"""Seconds between two looks at how much of an answer was taken."""
MOST_CONNECTIONS: Final = 1_000
DESCRIPTORS: Final = 100
"""File descriptors that are left for what is no client's connection."""


@dataclass
class Connections:
    """The connections of a server: how many there are, and those that wait for a request."""

    most: int
    """In all. One address has at most half of them."""
    count: int = 0
    by_address: Counter[str] = field(default_factory=Counter)
    waiting: dict[Protocol, None] = field(default_factory=dict)
    """The one that waits longest is the first."""

    def make_room(self, address: str) -> bool:
        """Whether one more may come, which may end one that waits."""
        if self.by_address[address] >= self.most // 2:
            return self._end_one(address)
        return self.count < self.most or self._end_one()

    def _end_one(self, address: str | None = None) -> bool:
        for each in self.waiting:
            if address in (None, each.address):
                each.forget()
                each.transport.abort()
                return True
        return False


def most_connections() -> int:
    """How many connections there may be, given the file descriptors that the process may have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(2, min(MOST_CONNECTIONS, hard - DESCRIPTORS))


class Protocol(HttpToolsProtocol):
    """Hangs up on whoever holds a connection and does not use it."""

    _head = 0
    """Bytes that came since a head was complete, or a part of a body came."""
    _before: RequestResponseCycle | None = None
    """Of the last request whose head was complete."""
    _timer: asyncio.TimerHandle | None = None
    """Runs while a head is awaited."""
    _look: asyncio.TimerHandle | None = None
    """Runs while the client takes less than we send."""
    _counted = False

    @cached_property
    def open(self) -> Connections:
        """The connections of the server that this one is of."""
        found: Connections | None = getattr(self.server_state, "open", None)
        if found is None:
            found = Connections(most_connections())
            self.server_state.open = found  # type: ignore[attr-defined]
        return found

    @property
    def address(self) -> str:
        return self.client[0] if self.client else ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Called by the event loop."""
        super().connection_made(transport)
        if not self.open.make_room(self.address):
            transport.abort()
            return
        self._counted = True
        self.open.count += 1
        self.open.by_address[self.address] += 1
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the event loop."""
        self.forget()
        self._stop_looking()
        super().connection_lost(exc)

    def forget(self) -> None:
        """Count this connection no more."""
        self._answer_begins()
        if self._counted:
            self._counted = False
            self.open.count -= 1
            self.open.by_address[self.address] -= 1
            self.open.by_address += Counter()  # addresses of no connection go

    def data_received(self, data: bytes) -> None:
        """Called by the event loop."""
        self._head += len(data)
        if self._timer is None and self.cycle is not None and self.cycle.response_complete:
            self._timer = self.loop.call_later(PATIENCE, self._too_slow)
        super().data_received(data)
        if self.cycle is not self._before:
            self._before, self._head = self.cycle, 0
        elif self._head > LONGEST_HEAD and not self.transport.is_closing():
            self.send_400_response("The request's head is too large.")

    def on_headers_complete(self) -> None:
        """Called by the parser."""
        self._answer_begins()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Called by the parser."""
        self._head = 0
        super().on_body(body)

    def on_response_complete(self) -> None:
        """Called by the request's task."""
        super().on_response_complete()
        if self._counted and self.cycle.response_complete:
            self.open.waiting[self] = None

    def pause_writing(self) -> None:
        """Called by the event loop."""
        super().pause_writing()
        self._look_at(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """Called by the event loop."""
        self._stop_looking()
        super().resume_writing()

    def _wait(self) -> None:
        self.open.waiting[self] = None
        self._timer = self.loop.call_later(PATIENCE, self._too_slow)

    def _answer_begins(self) -> None:
        self.open.waiting.pop(self, None)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        self._timer = None
        if not self.transport.is_closing():
            self.transport.close()

    def _look_at(self, left: int) -> None:
        self._look = self.loop.call_later(LOOK_EVERY, self._was_taken, left)

    def _was_taken(self, before: int) -> None:
        """Go on only if the client took some of what it had not taken when we looked last."""
        left = self.transport.get_write_buffer_size()
        if before - left < SLOWEST * LOOK_EVERY:
            self.transport.abort()
        else:
            self._look_at(left)

    def _stop_looking(self) -> None:
        if self._look is not None:
            self._look.cancel()
            self._look = None
