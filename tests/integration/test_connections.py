"""Whoever holds connections and does not use them shuts nobody out."""

from __future__ import annotations

import resource
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from conftest import NewInstance, serving

from api import protocol
from api.instance import Instance

HALF = b"GET /health/live HTTP/1.1\r\nhost: localhost\r\nx: "


@pytest.fixture(scope="module")
def record(new_instance: NewInstance) -> Iterator[Instance]:
    with new_instance() as instance:
        yield instance


def connect(address: str, source: str = "127.0.0.2") -> socket.socket:
    parts = urlsplit(address)
    assert parts.hostname is not None
    assert parts.port is not None
    return socket.create_connection((parts.hostname, parts.port), 10, source_address=(source, 0))


def is_alive(address: str) -> bool:
    return httpx.get(f"{address}/health/live", timeout=5).status_code == 200


def ended(connection: socket.socket, within: float) -> bool:
    """Whether the server hangs up in so many seconds."""
    connection.settimeout(within)
    try:
        while connection.recv(65_536):
            pass
    except TimeoutError:
        return False
    except ConnectionError:
        pass
    return True


def received(connection: socket.socket) -> int:
    """How many bytes come until the server hangs up."""
    connection.settimeout(10)
    count = 0
    try:
        while chunk := connection.recv(65_536):
            count += len(chunk)
    except ConnectionError:
        pass
    return count


@pytest.mark.parametrize("begins", [b"", b"G", HALF, HALF + b"y\r\n"])
def test_a_head_that_does_not_end_is_closed_after_a_while(
    monkeypatch: pytest.MonkeyPatch, record: Instance, begins: bytes
) -> None:
    monkeypatch.setattr(protocol, "PATIENCE", 0.5)
    with serving(record) as address, connect(address) as connection:
        connection.sendall(begins)

        assert not ended(connection, 0.2)
        assert ended(connection, 3)


def test_a_head_that_comes_drop_by_drop_is_closed_too(
    monkeypatch: pytest.MonkeyPatch, record: Instance
) -> None:
    monkeypatch.setattr(protocol, "PATIENCE", 0.5)
    with serving(record) as address, connect(address) as connection:
        connection.sendall(HALF)
        drops = 0
        while drops < 50:
            try:
                connection.sendall(b"y")
            except ConnectionError:
                break
            drops += 1
            time.sleep(0.1)

        assert 2 < drops < 30


def test_a_second_head_of_a_connection_has_no_more_time(
    monkeypatch: pytest.MonkeyPatch, record: Instance
) -> None:
    monkeypatch.setattr(protocol, "PATIENCE", 0.5)
    with serving(record) as address, connect(address) as connection:
        connection.sendall(b"GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
        connection.sendall(HALF)

        assert ended(connection, 3)


def test_a_request_that_takes_longer_than_a_head_may_is_answered(
    monkeypatch: pytest.MonkeyPatch, record: Instance
) -> None:
    monkeypatch.setattr(protocol, "PATIENCE", 0.5)
    with serving(record) as address, connect(address) as connection:
        document = b'{"query": "{ log { position } }"}'
        connection.sendall(
            b"POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
            b"content-length: %d\r\n\r\n" % len(document)
        )
        time.sleep(1)
        connection.sendall(document)

        assert connection.recv(65_536).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("source", ["127.0.0.1", "127.0.0.2"])
def test_half_sent_heads_shut_nobody_out(
    monkeypatch: pytest.MonkeyPatch, record: Instance, source: str
) -> None:
    monkeypatch.setattr(protocol, "MOST_CONNECTIONS", 20)
    with serving(record) as address:
        held = [connect(address, source) for _ in range(60)]
        try:
            for connection in held:
                try:
                    connection.sendall(HALF)
                except ConnectionError:
                    continue

            assert is_alive(address)
            assert sum(ended(each, 0.05) for each in held) >= 40
        finally:
            for connection in held:
                connection.close()
        assert is_alive(address)


def test_a_request_that_is_answered_is_not_ended_by_newcomers(
    monkeypatch: pytest.MonkeyPatch, record: Instance
) -> None:
    monkeypatch.setattr(protocol, "MOST_CONNECTIONS", 4)
    document = b'{"query": "{ log { position } }"}'
    with serving(record) as address, connect(address) as busy:
        busy.sendall(
            b"POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
            b"content-length: %d\r\n\r\n" % len(document)
        )
        time.sleep(0.2)
        others = [connect(address) for _ in range(10)]
        time.sleep(0.2)
        busy.sendall(document)

        assert busy.recv(65_536).startswith(b"HTTP/1.1 200")
        for each in others:
            each.close()


def test_an_answer_that_nobody_takes_is_given_up(
    monkeypatch: pytest.MonkeyPatch, sampled: Instance
) -> None:
    monkeypatch.setattr(protocol, "LOOK_EVERY", 0.5)
    with serving(sampled) as address:
        parts = urlsplit(address)
        whole = len(httpx.get(f"{address}/record.jsonl").content)
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            connection.connect((parts.hostname, parts.port))
            request = b"GET /record.jsonl HTTP/1.1\r\nhost: localhost\r\n\r\n"
            connection.sendall(request * 40)
            time.sleep(4)

            assert received(connection) < 40 * whole
        assert is_alive(address)


def test_there_are_no_more_connections_than_descriptors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (50, 200))
    given = []
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: given.append(limits))

    assert protocol.most_connections() == 100
    assert given == [(200, 200)]
