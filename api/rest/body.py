"""Request bodies: read whole and bounded before anything else sees them.

A body that is too large is read off, within bounds of its own, before it is answered with 413: a
server that answers and hangs up while the client still sends makes the client see a reset. A path
that takes files has a bound of its own, and reads the body as it comes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.limits import BODY
from api.rest.responses import refused
from domain.errors import Refused

DRAINED: Final = 64 * 1024 * 1024
"""Bytes that are read off at most."""
PATIENCE: Final = 10.0
"""Seconds that a client has for sending its body."""
_ANNOUNCING: Final = {b"content-length", b"transfer-encoding"}


class BodyLimit:
    """ASGI middleware: passes on requests whose body is complete and small enough."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        limit: int = BODY,
        patience: float = PATIENCE,
        streamed: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        """`streamed` has the paths that read their body as it comes, each with its bytes at most:
        their endpoints see BODY_TOO_LARGE and BODY_TOO_SLOW as Refused."""
        self.app = app
        self.limit = limit
        self.patience = patience
        self.streamed = streamed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _has_none(scope):
            await self.app(scope, receive, send)
            return
        if (most := self.streamed.get(scope.get("path", ""))) is not None:
            await self.app(scope, StreamedBody(receive, most, self.patience), send)
            return
        headers = Headers(scope=scope)
        if headers.get("expect", "").lower() == "100-continue" and self._declared(headers):
            # The client asks before it sends: it need not.
            await self._too_large(complete=False)(scope, receive, send)
            return
        body = bytearray()
        size, complete = 0, False
        try:
            async with asyncio.timeout(self.patience):
                while not complete and size <= DRAINED:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return
                    chunk = message.get("body", b"")
                    size += len(chunk)
                    if size <= self.limit:
                        body += chunk
                    complete = not message.get("more_body", False)
        except TimeoutError:
            pass
        if size > self.limit:
            await self._too_large(complete=complete)(scope, receive, send)
        elif not complete:
            slow = refused(
                408,
                "BODY_TOO_SLOW",
                f"The request's body did not arrive within {self.patience:.0f} seconds.",
                {"connection": "close"},
            )
            await slow(scope, receive, send)
        else:
            await self.app(scope, _again(bytes(body), receive), send)

    def _declared(self, headers: Headers) -> bool:
        """Whether the request says that it is too large."""
        length = headers.get("content-length", "")
        return length.isascii() and length.isdecimal() and int(length[:20]) > self.limit

    def _too_large(self, *, complete: bool) -> ASGIApp:
        return refused(
            413,
            "BODY_TOO_LARGE",
            f"A request's body has at most {self.limit:,} bytes: ask for less at a time.",
            {} if complete else {"connection": "close"},
        )


class StreamedBody:
    """Gives a body on as it comes. One that is too large is read off before it is refused."""

    def __init__(self, receive: Receive, most: int, patience: float) -> None:
        self._receive, self._most, self._patience = receive, most, patience
        self._size, self._until = 0, asyncio.get_running_loop().time() + patience
        self._is_whole = False

    async def __call__(self) -> Message:
        """The next message. Refused(BODY_TOO_LARGE, BODY_TOO_SLOW)."""
        if self._is_whole:
            return await self._receive()
        message = await self._next()
        if self._size > self._most:
            while not self._is_whole and self._size <= DRAINED:
                await self._next()
            words = f"What is sent here has at most {self._most:,} bytes: send less at a time."
            raise Refused("BODY_TOO_LARGE", words)
        return message

    async def _next(self) -> Message:
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError as error:
            words = f"The request's body did not arrive within {self._patience:.0f} seconds."
            raise Refused("BODY_TOO_SLOW", words) from error
        self._size += len(message.get("body", b""))
        self._is_whole = not message.get("more_body", False)
        return message


def _has_none(scope: Scope) -> bool:
    """Whether a request can't have a body: HTTP/1 says so before it (RFC 9112, section 6.3)."""
    return scope.get("http_version", "").startswith("1.") and not any(
        name in _ANNOUNCING for name, _ in scope["headers"]
    )


def _again(body: bytes, receive: Receive) -> Receive:
    """Gives a body that was read already, then whatever comes after it."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
