"""HTTP/1.1 as it is served: uvicorn's, by llhttp, with a bound on what comes before the body."""

from __future__ import annotations

from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

LONGEST_HEAD: Final = 64 * 1024
"""Bytes of a request's first line and headers, and of what follows a body in pieces."""


class Protocol(HttpToolsProtocol):
    """Hangs up, with a 400, on a request whose head does not end: the parser would keep it all."""

    _head = 0
    """Bytes that came since a head was complete, or a part of a body came."""
    _before: RequestResponseCycle | None = None
    """Of the last request whose head was complete."""

    def data_received(self, data: bytes) -> None:
        """Called by the event loop."""
        self._head += len(data)
        super().data_received(data)
        if self.cycle is not self._before:
            self._before, self._head = self.cycle, 0
        elif self._head > LONGEST_HEAD and not self.transport.is_closing():
            self.send_400_response("The request's head is too large.")

    def on_body(self, body: bytes) -> None:
        """Called by the parser."""
        self._head = 0
        super().on_body(body)
