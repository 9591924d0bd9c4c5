"""The fetcher: one document from a public URL, in a process that has no other business.

`fetch` is what that process does: it looks a name up once, refuses it if any of its addresses is
not public, and connects to that very address with the name kept for TLS and Host, so that no
second look-up can lead elsewhere. Each redirect is checked like the first URL.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urljoin

from domain.errors import Refused, Unreachable
from store.public_urls import PORTS, Address, Target, is_public, literal, target_of
from store.sandbox import answer

LARGEST = 20 * 1024 * 1024
"""Bytes of a document, as sent and as decompressed."""
REDIRECTS = 3
SECONDS = 20.0
"""For all of it, redirects included."""
TRIES = 4
"""Addresses of a name that are tried."""
CHUNK = 64 * 1024
_HEADERS = {
    "User-Agent": "Sijill (keeps the documents that a historical record cites)",
    "Accept": "text/html, application/xhtml+xml, application/pdf, text/plain;q=0.9",
    "Accept-Encoding": "identity",
    "Connection": "close",
}


class Fetched(NamedTuple):
    """A document as its server sent it, and from where in the end."""

    url: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Rules:
    """What may be reached. A test says otherwise as it calls; nothing else can."""

    ports: frozenset[int] = PORTS
    public: Callable[[Address], bool] = is_public
    largest: int = LARGEST
    seconds: float = SECONDS
    tls: Callable[[], ssl.SSLContext] = ssl.create_default_context


PUBLIC = Rules()


def look_up(host: str, port: int) -> list[Address]:
    """The addresses of a name. Raises Unreachable."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"The name {host} can't be looked up ({error}): check it.") from error
    return [ip_address(address[0]) for _, _, _, _, address in dict.fromkeys(found)]


def fetch(
    url: str,
    rules: Rules = PUBLIC,
    look_up: Callable[[str, int], Iterable[Address]] = look_up,
) -> Fetched:
    """The document at a URL.

    Refused as BAD_URL, PRIVATE_ADDRESS, TOO_MANY_REDIRECTS, DOCUMENT_TOO_LARGE, or FETCH_FAILED
    for what the server answers; Unreachable when it can't be reached or takes too long.
    """
    end = time.monotonic() + rules.seconds
    for _ in range(REDIRECTS + 1):
        target = target_of(url, rules.ports)
        found = _ask(target, _addresses(target, rules, look_up), rules, end)
        if isinstance(found, Fetched):
            return found
        url = found
    raise Refused(
        "TOO_MANY_REDIRECTS", f"The document is more than {REDIRECTS} redirects away: give its own."
    )


def _addresses(
    target: Target, rules: Rules, look_up: Callable[[str, int], Iterable[Address]]
) -> list[Address]:
    """The addresses to connect to. Refused if any is not public: which one is used is chance."""
    address = literal(target.host)
    found = [address] if address is not None else list(look_up(target.host, target.port))
    if not found:
        raise Unreachable(f"The name {target.host} has no address: check it.")
    for each in found:
        if not rules.public(each):
            raise Refused(
                "PRIVATE_ADDRESS",
                f"Nothing is fetched from {target.host}, since {each} is not an address of the "
                "public network: save the document as a file and add that.",
            )
    return found[:TRIES]


class _Connection(http.client.HTTPConnection):
    """To one address, whatever the name; the name is kept for TLS and Host."""

    def __init__(self, target: Target, address: Address, rules: Rules, timeout: float) -> None:
        usual = 443 if target.scheme == "https" else 80
        self.default_port = usual
        super().__init__(target.host, target.port, timeout=timeout)
        self._target, self._address, self._tls = target, address, rules.tls
        self._opened: socket.socket | None = None

    def connect(self) -> None:
        self.sock = socket.create_connection((str(self._address), self.port), self.timeout)
        self._opened = self.sock
        if self._target.scheme == "https":
            name = self._target.host
            secured = self._tls().wrap_socket(
                self.sock, server_hostname=name, do_handshake_on_connect=False
            )
            self.sock = self._opened = secured
            secured.do_handshake()

    def shut(self) -> None:
        """End whatever is being read or written. http.client gives its own socket away."""
        if self._opened is not None:
            with suppress(OSError):  # it is closed already
                socket.socket.shutdown(self._opened, socket.SHUT_RDWR)


def _ask(target: Target, addresses: list[Address], rules: Rules, end: float) -> Fetched | str:
    """The document, or the URL that a redirect gives."""
    failed: Exception | None = None
    for address in addresses:
        connection = _Connection(target, address, rules, max(0.1, end - time.monotonic()))
        try:
            with _ended_at(end, connection):
                try:
                    connection.connect()
                except OSError as error:
                    failed = error
                    continue
                connection.request("GET", target.path, headers=_HEADERS)
                with closing(connection.getresponse()) as response:
                    found = _answer(target, response, rules)
            if time.monotonic() >= end:  # what was shut looks as if it were whole
                raise TimeoutError
            return found
        except (OSError, http.client.HTTPException) as error:
            raise _unreachable(target, error, end) from error
        finally:
            connection.close()
    assert failed is not None
    raise _unreachable(target, failed, end)


def _unreachable(target: Target, error: Exception, end: float) -> Unreachable:
    late = time.monotonic() >= end
    why = "it took too long" if late else f"{type(error).__name__}: {error}"
    return Unreachable(f"{target.url} can't be fetched ({why}): try again, or save it as a file.")


@contextmanager
def _ended_at(end: float, connection: _Connection) -> Iterator[None]:
    """Shut the connection at a time, however slowly its bytes may drip."""
    timer = threading.Timer(max(0.0, end - time.monotonic()), connection.shut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _answer(target: Target, response: http.client.HTTPResponse, rules: Rules) -> Fetched | str:
    if response.status in (301, 302, 303, 307, 308):
        location = response.getheader("Location")
        if not location:
            raise _failed(target, "it redirects to nowhere")
        try:
            return urljoin(target.url, location)
        except ValueError as error:
            raise _failed(target, "it redirects to what is no URL") from error
    if response.status != 200:
        raise _failed(target, f"its server answers {response.status}")
    content = b"".join(_read(target, response, rules.largest))
    return Fetched(target.url, response.getheader("Content-Type", ""), content)


def _read(target: Target, response: http.client.HTTPResponse, largest: int) -> Iterator[bytes]:
    """The document's bytes, decompressed, up to the largest size."""
    encoding = (response.getheader("Content-Encoding") or "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip", "deflate"):
        raise _failed(target, f"its server compresses it as {encoding[:40]!a}, unasked")
    unpack = None if encoding == "identity" else zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    taken = given = 0
    while chunk := response.read(CHUNK):
        taken += len(chunk)
        while chunk:
            part = chunk if unpack is None else unpack.decompress(chunk, CHUNK)
            chunk = b"" if unpack is None else unpack.unconsumed_tail
            given += len(part)
            if max(taken, given) > largest:
                raise too_large(largest)
            yield part
    if response.length:
        raise _failed(target, "it ended before its end")
    if unpack is not None:
        if not unpack.eof:
            raise _failed(target, "what it is compressed in ends before its end")
        if unpack.unused_data:
            raise _failed(target, "something follows what it is compressed in")


def too_large(largest: int = LARGEST) -> Refused:
    """What is said of a document that has more bytes than are kept."""
    return Refused(
        "DOCUMENT_TOO_LARGE",
        f"The document has more than {largest:,} bytes, which is the most that is kept: keep the "
        "part of it that is cited.",
    )


def _failed(target: Target, why: str) -> Refused:
    return Refused("FETCH_FAILED", f"{target.url} is not fetched, since {why}.")


def main(rules: Rules = PUBLIC) -> None:
    """Answer one request: the header's `url`."""

    def serve(header: dict[str, str], _: bytes) -> tuple[dict[str, str], bytes]:
        try:
            found = fetch(header["url"], rules)
        except zlib.error as error:
            raise Refused("FETCH_FAILED", f"It can't be decompressed: {error}.") from error
        return {"url": found.url, "content_type": found.content_type}, found.content

    answer(serve, sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
