"""Costly questions wait for each other, within bounds, and nobody waits for them."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
from conftest import browsing
from limits import RateLimitItemPerMinute

from api import costly_pool, memory
from api.costly_pool import CLIENT, Client, CostlyPool, network_of
from api.graphql import context, execution
from api.instance import Instance
from domain.errors import Refused
from projections import view_rows

DIFF = '{ diff(from: {asOf: "2014"}, to: {asOf: "2020"}) { edges { node { change } } } }'
COSTLY_PATHS = (
    "/search?q=syria",
    "/search.json?q=syria",
    "/log/proof/answer?question=members&subject=global-coalition",
    "/facts.csv",
    "/facts.csv?manifest",
    "/e/syria.json",
    "/facts",
    "/embed/e/global-coalition/members?asOf=2025-11-10&atPosition=500",
)
SLEEPING = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(%%'"


@pytest.fixture
def client(sampled: Instance) -> Iterator[httpx.Client]:
    with browsing(sampled) as client:
        yield client


def code(answer: httpx.Response) -> str:
    return str(answer.json()["errors"][0]["extensions"]["code"])


def sleeps(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let a diff take so long in PostgreSQL."""

    def diff(connection: psycopg.Connection[Any], *_: Any, **__: Any) -> list[Any]:
        connection.execute(f"SELECT pg_sleep({seconds})".encode())
        return []

    monkeypatch.setattr("api.graphql.changes.first_of", diff)


def becomes(instance: Instance, count: int, within: float = 5) -> bool:
    """Whether so many statements of `sleeps` run, soon."""
    until = time.monotonic() + within
    with instance.database.connect() as owner:
        while time.monotonic() < until:
            if owner.execute(SLEEPING.encode()).fetchone() == (count,):
                return True
            owner.commit()
            time.sleep(0.05)
    return False


def pooled(work: Callable[[CostlyPool], Any]) -> Any:
    """What work gives with a pool that has no database."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Any]:
        yield never

    async def main() -> Any:
        async with CostlyPool(opened) as pool:
            return await work(pool)

    return asyncio.run(main())


async def never() -> dict[str, Any]:
    await asyncio.sleep(60)
    return {}


def as_client(address: str) -> Client:
    client = Client(address, never)
    CLIENT.set(client)
    return client


async def quick(_: Any) -> int:
    return 1


async def slow(_: Any) -> int:
    await asyncio.sleep(0.3)
    return 1


def test_memory_is_given_back_once_nobody_has_asked_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(costly_pool, "REST", 0.2)
    times: list[float] = []
    monkeypatch.setattr(costly_pool, "give_back", lambda: times.append(time.monotonic()))

    async def work(pool: CostlyPool) -> float:
        as_client("a")
        for _ in range(3):
            await pool.run(slow)
        ended = time.monotonic()
        await asyncio.sleep(0.6)
        return ended

    ended = pooled(work)

    assert len(times) == 1
    assert times[0] >= ended + 0.2


def test_memory_that_is_free_can_be_given_back_anywhere() -> None:
    memory.keep_little()
    memory.give_back()


def test_who_asks_too_often_is_told_to_wait(
    monkeypatch: pytest.MonkeyPatch, client: httpx.Client
) -> None:
    monkeypatch.setattr(costly_pool, "RATE", RateLimitItemPerMinute(3))

    answers = [client.post("/graphql", json={"query": DIFF}) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert code(answers[-1]) == "TOO_MANY_REQUESTS"
    assert answers[-1].headers["retry-after"] == "10"
    assert client.post("/graphql", json={"query": "{ log { position } }"}).status_code == 200
    for path in COSTLY_PATHS:
        answer = client.get(path)
        assert (answer.status_code, answer.headers.get("retry-after")) == (429, "10"), path


def test_one_client_asking_too_often_leaves_others_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costly_pool, "RATE", RateLimitItemPerMinute(2))

    async def work(pool: CostlyPool) -> list[int | str]:
        found: list[int | str] = []
        for address in ("a", "a", "a", "b"):
            as_client(address)
            try:
                found.append(await pool.run(quick))
            except Refused as refused:
                found.append(refused.code)
        return found

    assert pooled(work) == [1, 1, "TOO_MANY_REQUESTS", 1]


def test_a_request_is_counted_once_however_many_turns_it_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(costly_pool, "RATE", RateLimitItemPerMinute(1))

    async def work(pool: CostlyPool) -> list[int]:
        as_client("a")
        return [await pool.run(quick) for _ in range(5)]

    assert pooled(work) == [1] * 5


def test_who_waits_too_long_for_a_turn_is_told_that_we_are_busy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(costly_pool, "PATIENCE", 0.1)

    async def work(pool: CostlyPool) -> list[int | BaseException]:
        async def one(number: int) -> int:
            as_client(f"client {number}")
            return await pool.run(slow)

        tasks = [asyncio.create_task(one(number)) for number in range(4)]
        return await asyncio.gather(*tasks, return_exceptions=True)

    found = pooled(work)

    assert found[:2] == [1, 1]
    assert [each.code for each in found[2:]] == ["TOO_BUSY"] * 2


def test_who_waits_for_questions_of_their_own_is_told_to_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(costly_pool, "PATIENCE", 0.1)

    async def work(pool: CostlyPool) -> list[int | BaseException]:
        async def one() -> int:
            as_client("a")
            return await pool.run(slow)

        tasks = [asyncio.create_task(one()) for _ in range(4)]
        return await asyncio.gather(*tasks, return_exceptions=True)

    found = pooled(work)

    assert [getattr(each, "code", each) for each in found] == [1, 1, *["TOO_MANY_REQUESTS"] * 2]


def test_a_long_document_is_a_costly_question_until_it_was_read(
    monkeypatch: pytest.MonkeyPatch, client: httpx.Client
) -> None:
    monkeypatch.setattr(costly_pool, "RATE", RateLimitItemPerMinute(3))
    long = "{ log { position } } #" + " " * execution.SHORT

    def ask(document: str) -> int:
        return client.post("/graphql", json={"query": document}).status_code

    assert [ask(f"{long} {n}") for n in (1, 2, 2, 2, 3, 4)] == [200, 200, 200, 200, 200, 429]
    assert ask(f"{long} 1") == 200


def test_a_client_has_a_share_of_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costly_pool, "SHARE", 3)

    async def work(pool: CostlyPool) -> list[int | BaseException]:
        async def one(address: str) -> int:
            as_client(address)
            return await pool.run(slow)

        tasks = [asyncio.create_task(one(address)) for address in "aaaaab"]
        return await asyncio.gather(*tasks, return_exceptions=True)

    found = pooled(work)

    assert [getattr(each, "code", each) for each in found] == [
        1,
        1,
        1,
        *["TOO_MANY_REQUESTS"] * 2,
        1,
    ]


def test_turns_come_back_however_a_question_ends() -> None:
    async def work(pool: CostlyPool) -> int:
        async def fails(_: Any) -> int:
            raise ValueError("no")

        for address in map(str, range(20)):
            as_client(address)
            with pytest.raises(ValueError, match="no"):
                await pool.run(fails)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await pool.run(slow)
        return await pool.run(quick)

    assert pooled(work) == 1


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::1:2:3:4", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("unix:", "unix:"),
    ],
)
def test_a_client_is_an_address_or_a_network_of_ipv6(address: str, network: str) -> None:
    assert network_of(address) == network


def test_what_takes_too_long_ends_in_postgresql_too(
    monkeypatch: pytest.MonkeyPatch, sampled: Instance, client: httpx.Client
) -> None:
    monkeypatch.setattr(context, "LONGEST_OPERATION", 1)
    sleeps(monkeypatch, 9)

    answer = client.post("/graphql", json={"query": DIFF})

    assert (answer.status_code, code(answer)) == (503, "TIMEOUT")
    assert becomes(sampled, 0, within=2)


def test_what_nobody_waits_for_any_more_ends_in_postgresql_too(
    monkeypatch: pytest.MonkeyPatch, sampled: Instance, client: httpx.Client
) -> None:
    sleeps(monkeypatch, 9)
    body = httpx.Request("POST", "http://x/", json={"query": DIFF}).read()
    parts = urlsplit(str(client.base_url))
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        head = "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        connection.sendall(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        assert becomes(sampled, 1)

    assert becomes(sampled, 0, within=2)


def facts_that_sleep(monkeypatch: pytest.MonkeyPatch, seconds: float, batches: int = 1) -> None:
    """Let each batch of an export's facts, and a page of facts, take so long in PostgreSQL."""
    rows, by_id = view_rows.facts_that, view_rows.facts_by_id

    def sleep(connection: psycopg.Connection[Any]) -> None:
        connection.execute(f"SELECT pg_sleep({seconds})".encode())

    def facts(connection: psycopg.Connection[Any], *given: Any) -> Iterator[Any]:
        found = list(rows(connection, *given))
        for _ in range(batches):
            sleep(connection)
            yield from map(list, found)

    def listed(connection: psycopg.Connection[Any], *given: Any) -> Any:
        sleep(connection)
        return by_id(connection, *given)

    monkeypatch.setattr(view_rows, "facts_that", facts)
    monkeypatch.setattr(view_rows, "facts_by_id", listed)


@pytest.mark.parametrize("view", ["facts", "entities", "sources", "organisations", "record", "log"])
def test_an_export_holds_no_row_that_it_has_written(
    view: str, monkeypatch: pytest.MonkeyPatch, client: httpx.Client
) -> None:
    batches: list[list[Any]] = []
    read = view_rows._read

    def seen(*given: Any) -> Iterator[list[Any]]:
        for rows in read(*given):
            batches.append(rows)
            yield rows

    monkeypatch.setattr(view_rows, "_read", seen)

    answer = client.get(f"/{view}.jsonl")

    assert answer.status_code == 200
    assert len(answer.content) > 1_000
    assert batches
    assert not any(batches)


@pytest.mark.parametrize("path", ["/facts.csv", "/facts.csv?manifest", "/facts", "/facts.parquet"])
def test_an_export_that_nobody_waits_for_any_more_ends_in_postgresql_too(
    path: str, monkeypatch: pytest.MonkeyPatch, sampled: Instance, client: httpx.Client
) -> None:
    facts_that_sleep(monkeypatch, 9)
    parts = urlsplit(str(client.base_url))
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode())
        assert becomes(sampled, 1)

    assert becomes(sampled, 0, within=2)


def test_an_export_ends_in_postgresql_when_its_reader_leaves_in_the_middle(
    monkeypatch: pytest.MonkeyPatch, sampled: Instance, client: httpx.Client
) -> None:
    monkeypatch.setattr("api.rest.export.AT_ONCE", 10_000)
    facts_that_sleep(monkeypatch, 1, batches=9)

    with client.stream("GET", "/facts.csv") as answer:
        received = answer.iter_bytes()
        next(received)
        assert becomes(sampled, 1)

    assert becomes(sampled, 0, within=0.8)
    assert client.get("/e/syria.csv").status_code == 200


def test_long_exports_let_other_costly_questions_take_turns(
    monkeypatch: pytest.MonkeyPatch, sampled: Instance, client: httpx.Client
) -> None:
    facts_that_sleep(monkeypatch, 0.1, batches=60)

    with ThreadPoolExecutor(2) as threads:
        exports = [threads.submit(client.get, "/facts.csv") for _ in range(2)]
        assert becomes(sampled, costly_pool.AT_ONCE)
        began = time.monotonic()
        answer = client.post("/graphql", json={"query": DIFF})
        waited = time.monotonic() - began
        assert not any(each.done() for each in exports)
        sizes = {len(each.result().content) for each in exports}

    assert answer.status_code == 200
    assert waited < 3
    assert len(sizes) == 1


def test_costly_questions_hold_no_connections_that_others_need(
    monkeypatch: pytest.MonkeyPatch, sampled: Instance, client: httpx.Client
) -> None:
    sleeps(monkeypatch, 1.5)

    def ask(document: str) -> int:
        return client.post("/graphql", json={"query": document}).status_code

    with ThreadPoolExecutor(16) as threads:
        costly = [threads.submit(ask, DIFF) for _ in range(8)]
        assert becomes(sampled, costly_pool.AT_ONCE)
        waits = []
        for number in range(20):
            began = time.monotonic()
            assert ask(f"{{ log {{ position }} }} # {number}") == 200
            waits.append(time.monotonic() - began)
        statuses = {each.result() for each in costly}

    assert sorted(waits)[10] < 0.25
    assert statuses <= {200, 429}


def test_what_python_works_out_keeps_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch, client: httpx.Client
) -> None:
    def diff(*_: Any, **__: Any) -> list[Any]:
        until = time.thread_time() + 2
        while time.thread_time() < until:
            sum(range(1_000))
        return []

    monkeypatch.setattr("api.graphql.changes.first_of", diff)
    with ThreadPoolExecutor(2) as threads:
        costly = [threads.submit(client.post, "/graphql", json={"query": DIFF}) for _ in range(2)]
        time.sleep(0.3)
        waits = []
        while not all(each.done() for each in costly):
            began = time.monotonic()
            assert client.get("/health/live").status_code == 200
            waits.append(time.monotonic() - began)

    assert sorted(waits)[len(waits) // 2] < 0.25
