"""The load: a program of its own that sends prepared requests and times the answers.

`python -m benchmarks.load` reads jobs from standard input and writes what it found to standard
output; `Load` is that program as the benchmark uses it. It speaks just enough HTTP/1.1 to cost less
than the servers it measures: kept connections, bodies of a given length or none.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count, islice, repeat
from typing import Any, Final
from urllib.parse import urlsplit

from benchmarks.figures import Way

SPACES: Final = 40
"""At the end of a body that is to be never the same twice."""
_numbers = count()


class Connection(asyncio.Protocol):
    """One kept connection: one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[tuple[int, bytes, bytes]] | None = None
        self._head = b""
        self._parts: list[bytes] = []
        self._missing = -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(ConnectionError("the server closed the connection"))

    def send(self, request: bytes) -> asyncio.Future[tuple[int, bytes, bytes]]:
        """The status, head and body of the answer."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._head, self._parts, self._missing = b"", [], -1
        self._transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        if self._missing < 0:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            self._head, data = self._head[:end], self._head[end + 4 :]
            self._missing = _length(self._head)
        if data:
            self._parts.append(data)
            self._missing -= len(data)
        if self._missing <= 0 and self._answer and not self._answer.done():
            self._answer.set_result((int(self._head[9:12]), self._head, b"".join(self._parts)))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
        if line.startswith(b"transfer-encoding:"):
            raise ValueError("an answer without its length is not for this client")
    return 0


def request(url: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> bytes:
    """A request as it is sent: POST with a body, else GET."""
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"{'GET' if body is None else 'POST'} {path} HTTP/1.1", f"host: {parts.netloc}"]
    if body is not None:
        lines += ["content-type: application/json", f"content-length: {len(body)}"]
    lines += ["accept: application/json"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b"")


class Clients:
    """The connections to each server that was asked."""

    def __init__(self) -> None:
        self._kept: dict[str, list[Connection]] = {}

    async def some(self, url: str, count: int) -> list[Connection]:
        """So many connections to a server."""
        parts = urlsplit(url)
        # A server closes those that were idle for a while; between jobs nobody listened.
        await asyncio.sleep(0.001)
        kept = [each for each in self._kept.get(parts.netloc, ()) if each.is_open]
        self._kept[parts.netloc] = kept
        assert parts.hostname is not None
        assert parts.port is not None
        while len(kept) < count:
            _, made = await asyncio.get_running_loop().create_connection(
                Connection, parts.hostname, parts.port
            )
            kept.append(made)
        return kept[:count]


def unlike(body: bytes) -> Iterator[bytes]:
    """A JSON body that ends in spaces, which are never the same twice."""
    body = body.rstrip()
    for number in _numbers:
        yield body + f"{number:0{SPACES}b}".translate({48: " ", 49: "\t"}).encode()


async def _latencies(
    connection: Connection, sent: bytes, status: int, count: int, *, is_new: bool
) -> list[float]:
    """Milliseconds of requests one after another."""
    taken = []
    several = unlike(sent) if is_new else repeat(sent)
    for each in islice(several, count):
        start = time.perf_counter()
        answer = await connection.send(each)
        taken.append((time.perf_counter() - start) * 1_000)
        _check(status, *answer)
    return taken


async def _rate(
    connections: list[Connection], sent: bytes, status: int, seconds: float
) -> list[float]:
    """Answers a second, all connections at once."""
    start = time.perf_counter()
    count = 0

    async def one(connection: Connection) -> None:
        nonlocal count
        while time.perf_counter() < start + seconds:
            _check(status, *await connection.send(sent))
            count += 1

    await asyncio.gather(*map(one, connections))
    return [count / (time.perf_counter() - start)]


async def _each(connections: list[Connection], sent: list[bytes], status: int) -> list[float]:
    """Requests a second, each sent once, all connections at once."""
    waiting = iter(sent)

    async def one(connection: Connection) -> None:
        for each in waiting:
            _check(status, *await connection.send(each))

    start = time.perf_counter()
    await asyncio.gather(*map(one, connections))
    return [len(sent) / (time.perf_counter() - start)]


def _check(status: int, got: int, head: bytes, body: bytes) -> None:
    if got != status or body.startswith((b'{"errors', b'{"data":null')):
        raise ValueError(f"the answer was {got}: {body[:300]!r}")


async def _work(clients: Clients, job: dict[str, Any]) -> list[float]:
    sent, status = [base64.b64decode(each) for each in job["requests"]], job["status"]
    connections = await clients.some(job["url"], job["connections"])
    if job["seconds"] is not None:
        return await _rate(connections, sent[0], status, job["seconds"])
    if job["count"] is not None:
        return await _latencies(connections[0], sent[0], status, job["count"], is_new=job["is_new"])
    return await _each(connections, sent, status)


def main() -> None:
    """Each line a job: url, requests (base64), the right status, connections, and how often to time
    the first one by itself, or the seconds to send it as often as it gets answered; with neither,
    each is sent once."""
    argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__).parse_args()
    clients = Clients()
    with asyncio.Runner() as runner:
        for line in sys.stdin:
            try:
                answer: Any = runner.run(_work(clients, json.loads(line)))
            except (ValueError, OSError) as error:
                answer = {"error": str(error)}
            print(json.dumps(answer), flush=True)


class Load:
    """The program, as the benchmark uses it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.load"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Load:
        return self

    def __exit__(self, *exc: object) -> None:
        self._process.communicate()

    def latencies(
        self, url: str, sent: bytes, count: int, status: int = 200, *, is_new: bool = False
    ) -> Way:
        """A way: milliseconds of so many requests on one connection; with `is_new`, of requests
        whose JSON ends in SPACES, never the same twice."""
        return lambda: self._do(url, [sent], status, connections=1, count=count, is_new=is_new)

    def rate(
        self, url: str, sent: bytes, seconds: float, connections: int = 8, status: int = 200
    ) -> Way:
        """A way: answers a second on several connections."""
        return lambda: self._do(url, [sent], status, connections=connections, seconds=seconds)

    def each(
        self, url: str, sent: Callable[[], list[bytes]], connections: int, status: int = 200
    ) -> Way:
        """A way: answers a second on several connections, to requests that are each sent once."""
        return lambda: self._do(url, sent(), status, connections=connections)

    def _do(
        self,
        url: str,
        sent: list[bytes],
        status: int,
        *,
        connections: int,
        count: int | None = None,
        seconds: float | None = None,
        is_new: bool = False,
    ) -> list[float]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        job = {
            "url": url,
            "requests": [base64.b64encode(each).decode() for each in sent],
            "status": status,
            "connections": connections,
            "count": count,
            "seconds": seconds,
            "is_new": is_new,
        }
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if isinstance(answer, dict):
            raise RuntimeError(f"{url}: {answer['error']}")
        return [float(value) for value in answer]


if __name__ == "__main__":
    main()
