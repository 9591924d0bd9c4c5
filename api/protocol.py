"""HTTP/1.1 as it is served: uvicorn's, by llhttp, with a bound on what comes before the body."""

from __future__ import annotations

from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST_HEAD: Final = 64 * 1024
"""Bytes of a request's first line and headers, and of what follows a body in pieces."""


class Protocol(HttpToolsProtocol):
    """Hangs up, with a 400, on a request whose head does not end: the parser would keep it all."""

    _head = 0
    """Bytes that came since something of a request was complete."""

    def data_received(self, data: bytes) -> None:
        """Called by the event loop."""
        self._head += len(data)
        super().data_received(data)
        if self._head > LONGEST_HEAD and not self.transport.is_closing():
            self.send_400_response("The request's head is too large.")

    def on_headers_complete(self) -> None:
        """Called by the parser."""
        self._head = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Called by the parser."""
        self._head = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Called by the parser."""
        self._head = 0
        super().on_message_complete()
