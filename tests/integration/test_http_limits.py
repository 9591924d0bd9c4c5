"""HTTP and its limits: what is too large, too deep, too costly or malformed never breaks a server.

Everything here goes over a socket to a real server.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
from conftest import NewInstance, serving
from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem

from api import limits
from api.cost import check
from api.graphql import execution
from api.graphql.as_of_rows import QUESTIONS
from api.graphql.schema import schema_of
from api.instance import Instance
from api.limits import BODY
from api.protocol import LONGEST_HEAD
from api.rest.body import BodyLimit
from domain.codec import read
from domain.errors import Refused
from domain.vocabulary import CORE

DOCUMENT_FIELDS = """position count { certain possible announced reported { value comparator
    source { id } } } pageInfo { hasNextPage endCursor } edges { cursor node { member { id kind
    name(lang: "en") iso3166 } standing contested disputed alternatives { since { edtf }
    until { edtf } facts { id } sources { id } } since { edtf earliest latest } until { edtf
    earliest latest } facts { id type when { edtf } } sources { id title publisher
    published { edtf } } } }"""


@pytest.fixture(scope="module")
def record(new_instance: NewInstance) -> Iterator[Instance]:
    with new_instance() as instance:
        entry = {"type": "SourceRegistered", "id": "s", "title": "A source"}
        instance.record.apply([read(entry)], actor="tester")
        instance.catch_up()
        yield instance


@pytest.fixture(scope="module")
def address(record: Instance) -> Iterator[str]:
    with serving(record) as address:
        yield address


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=30) as client:
        yield client


def post(client: httpx.Client, body: bytes, **headers: str) -> httpx.Response:
    return client.post(
        "/graphql", content=body, headers={"content-type": "application/json", **headers}
    )


def codes(response: httpx.Response) -> list[str]:
    return [error["extensions"]["code"] for error in response.json()["errors"]]


def query(document: str, **variables: Any) -> bytes:
    return json.dumps({"query": document, "variables": variables}).encode()


def padded(size: int) -> bytes:
    """A good request of that many bytes."""
    body = query("{ log { position } }")
    return body[:-1] + b" " * (size - len(body)) + body[-1:]


def raw(address: str, *parts: bytes, pause: float = 0, wait: float = 10) -> bytes:
    """What a plain client that sends all before it reads gets back."""
    found = urlsplit(address)
    with socket.create_connection((found.hostname, found.port), timeout=wait) as connection:
        for part in parts:
            connection.sendall(part)
            time.sleep(pause)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
            final = re.sub(rb"^HTTP/1.1 100 .*?\r\n\r\n", b"", answer, flags=re.DOTALL)
            head, _, body = final.partition(b"\r\n\r\n")
            lengths = [
                int(line.split(b":")[1])
                for line in head.lower().split(b"\r\n")
                if line.startswith(b"content-length:")
            ]
            if lengths and len(body) >= lengths[0]:
                break
        return answer


HEAD = b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


# Bodies


def test_a_body_of_the_largest_size_is_taken_and_one_byte_more_is_not(
    client: httpx.Client,
) -> None:
    assert post(client, padded(BODY)).json() == {"data": {"log": {"position": 1}}}
    assert post(client, padded(BODY + 1)).status_code == 413


@pytest.mark.parametrize("megabytes", [1, 5, 20])
def test_a_client_that_sends_too_much_sees_the_answer_and_not_a_reset(
    address: str, megabytes: int
) -> None:
    body = b"x" * (megabytes * 1024 * 1024)

    answer = raw(address, HEAD + f"Content-Length: {len(body)}\r\n\r\n".encode(), body)

    assert answer.startswith(b"HTTP/1.1 413")
    assert b'"BODY_TOO_LARGE"' in answer


def test_a_chunked_body_without_a_length_is_bounded_too(address: str) -> None:
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"

    answer = raw(address, HEAD + b"Transfer-Encoding: chunked\r\n\r\n", chunk * 80, b"0\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 413")


def test_a_connection_goes_on_after_a_body_that_was_read_off(address: str) -> None:
    with httpx.Client(base_url=address) as client:
        assert post(client, b"x" * 2_000_000).status_code == 413
        assert post(client, query("{ log { position } }")).status_code == 200


def test_a_client_that_asks_first_is_told_not_to_send(address: str) -> None:
    answer = raw(address, HEAD + b"Content-Length: 9999999\r\nExpect: 100-continue\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 413")
    assert b"connection: close" in answer.lower()


def test_a_client_that_asks_first_is_told_to_go_on_with_a_small_body(address: str) -> None:
    body = query("{ log { position } }")
    head = HEAD + f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n".encode()

    answer = raw(address, head, body, pause=0.3)

    assert answer.startswith(b"HTTP/1.1 100 ")
    assert b"HTTP/1.1 200 OK" in answer


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_body_that_does_not_arrive_is_given_up() -> None:
    async def app(*_: Any) -> None:
        raise AssertionError("not reached")

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(60)
        return {}

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "headers": []}
    await BodyLimit(app, patience=0.05)(scope, receive, send)

    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_path_that_takes_files_reads_a_body_as_it_comes_within_its_own_bound() -> None:
    parts = [b"x" * 10] * 5
    taken: list[int] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (message := await receive())["more_body"]:
            taken.append(len(message["body"]))

    def read(most: int, patience: float = 5) -> Any:
        waiting = iter(parts)

        async def receive() -> dict[str, Any]:
            body = next(waiting, None)
            if body is None and patience < 1:
                await asyncio.sleep(60)
            return {"type": "http.request", "body": body or b"", "more_body": body is not None}

        scope = {"type": "http", "method": "POST", "path": "/files", "headers": []}
        limit = BodyLimit(app, patience=patience, streamed={"/files": most})
        return limit(scope, receive, lambda message: None)  # type: ignore[arg-type, return-value]

    await read(50)
    assert taken == [10] * 5
    with pytest.raises(Refused, match="at most 49 bytes") as refused:
        await read(49)
    assert refused.value.code == "BODY_TOO_LARGE"
    with pytest.raises(Refused, match="did not arrive") as refused:
        await read(50, patience=0.05)
    assert refused.value.code == "BODY_TOO_SLOW"


# Malformed requests


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "BAD_JSON"),
        (b"{", "BAD_JSON"),
        (b'{"query": "{ log { position } }", "variables": {"a": NaN}}', "BAD_JSON"),
        (b'{"query": "{ log { position } }", "query": "{ x }"}', "BAD_JSON"),
        (b'{"query": "\xff\xfe"}', "BAD_UTF8"),
        (b"[" * 100_000, "TOO_DEEP"),
        (b'{"a":' * 30_000, "TOO_DEEP"),
        (b'{"query": "{ x }", "variables": {"a": ' + b"9" * 5000 + b"}}", "BAD_VALUE"),
        (b"[]", "BAD_REQUEST"),
        (b'[{"query": "{ log { position } }"}]', "BAD_REQUEST"),
        (b"null", "BAD_REQUEST"),
        (b'"text"', "BAD_REQUEST"),
        (b"{}", "BAD_REQUEST"),
        (b'{"query": null}', "BAD_REQUEST"),
        (b'{"query": 5}', "BAD_REQUEST"),
        (b'{"query": "{ x }", "variables": []}', "BAD_REQUEST"),
        (b'{"query": "{ x }", "variables": "x"}', "BAD_REQUEST"),
        (b'{"query": "{ x }", "operationName": 5}', "BAD_REQUEST"),
    ],
)
def test_a_malformed_request_is_refused(client: httpx.Client, body: bytes, code: str) -> None:
    response = post(client, body)

    assert (response.status_code, codes(response)) == (400, [code])


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ("query($i: ID!) { source(id: $i) { id } }", {"i": "a\0b"}),
        ("query($i: ID!) { source(id: $i) { id } }", {"i": "\ud800"}),
        ("query($i: ID!) { source(id: $i) { id } }", {"i": "s", "\0": 1}),
        ("{ log { position } }\0", {}),
        ("{ log { position } } # \udfff", {}),
    ],
)
def test_text_that_nothing_could_keep_is_refused(
    client: httpx.Client, document: str, variables: dict[str, Any]
) -> None:
    response = post(client, query(document, **variables), accept="application/json")

    assert (response.status_code, codes(response)) == (200, ["BAD_TEXT"])


def test_deep_variables_are_refused(client: httpx.Client) -> None:
    deep: Any = "x"
    for _ in range(50):
        deep = [deep]

    response = post(client, query("{ log { position } }", deep=deep))

    assert codes(response) == ["TOO_DEEP"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "NOT_FOUND"),
        ("GET", "/%00", 404, "NOT_FOUND"),
        ("GET", "/graphiql/%00", 404, "NOT_FOUND"),
        ("GET", "/graphiql/..%2f..%2fapp.py", 404, "NOT_FOUND"),
        ("GET", "/graphiql/" + "x" * 5000, 404, "NOT_FOUND"),
        ("GET", "/%ff%fe", 404, "NOT_FOUND"),
        ("PUT", "/graphql", 405, "METHOD_NOT_ALLOWED"),
        ("DELETE", "/graphql", 405, "METHOD_NOT_ALLOWED"),
        ("OPTIONS", "/graphql", 405, "METHOD_NOT_ALLOWED"),
        ("POST", "/health/live", 405, "METHOD_NOT_ALLOWED"),
        ("POST", "/", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/graphql", 400, "BAD_REQUEST"),
        ("GET", "/graphql?query={log{position}}&variables=x", 400, "BAD_JSON"),
        ("GET", "/graphql?query={log{position}}&variables=[]", 400, "BAD_REQUEST"),
        ("GET", "/graphql?query=%00", 200, "BAD_TEXT"),
        ("GET", "/graphql?query=mutation{x}", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/graphql?query=subscription{x}", 405, "METHOD_NOT_ALLOWED"),
    ],
)
def test_every_path_and_method_has_an_answer(
    client: httpx.Client, method: str, path: str, status: int, code: str
) -> None:
    response = client.request(method, path)

    assert (response.status_code, codes(response)) == (status, [code])


def test_media_types_are_negotiated(client: httpx.Client) -> None:
    good, bad = query("{ log { position } }"), query("{ nothing }")
    graphql, plain = "application/graphql-response+json", "application/json"

    def status(body: bytes, accept: str, content: str = plain) -> tuple[int, str]:
        headers = {"accept": accept, "content-type": content}
        response = client.post("/graphql", content=body, headers=headers)
        return response.status_code, response.headers["content-type"].split(";")[0]

    assert status(good, graphql) == (200, graphql)
    assert status(bad, graphql) == (400, graphql)
    assert status(bad, plain) == (200, plain)
    assert status(good, f"{plain};q=0.5, {graphql};q=0.9") == (200, graphql)
    assert status(good, "text/html, */*;q=0.1") == (200, plain)
    assert status(good, "text/html")[0] == 406
    assert status(good, plain, "text/plain")[0] == 415
    assert status(good, plain, "application/json; charset=latin-1")[0] == 415
    assert status(good, plain, 'application/json; charset="UTF-8"')[0] == 200
    multipart = "multipart/form-data; boundary=x"
    assert status(good, plain, multipart)[0] == 415


def test_queries_may_be_asked_by_get(client: httpx.Client) -> None:
    document = "query Q($i: ID!) { source(id: $i) { title } }"

    response = client.get(
        "/graphql", params={"query": document, "variables": '{"i": "s"}', "operationName": "Q"}
    )

    assert response.json() == {"data": {"source": {"title": "A source"}}}


@pytest.mark.parametrize(
    "begins", [b"GET /", b"GET / HTTP/1.1\r\nx: ", b"GET / HTTP/1.1\r\nhost: a\r\n"]
)
def test_a_head_that_does_not_end_is_hung_up_on(address: str, begins: bytes) -> None:
    parts = urlsplit(address)
    more = b"x: y\r\n" * 200 if begins.endswith(b"a\r\n") else b"x" * 1_200
    with socket.create_connection((parts.hostname, parts.port), 10) as connection:
        connection.sendall(begins)
        sent = 0
        try:
            while sent < 100 * LONGEST_HEAD:
                connection.sendall(more)
                sent += len(more)
        except ConnectionError:
            pass

    assert sent < 100 * LONGEST_HEAD


def test_long_requests_one_after_another_are_no_long_head(address: str) -> None:
    body = json.dumps({"query": "{ __typename }" + " " * 50_000}).encode()
    with httpx.Client(base_url=address) as client:
        for _ in range(5):
            assert post(client, body).json() == {"data": {"__typename": "Query"}}
            assert client.get("/health/live", headers={"x": "y" * 40_000}).status_code == 200


def test_answers_carry_headers_that_keep_browsers_in_bounds(client: httpx.Client) -> None:
    for path in ("/", "/graphiql", "/health/live", "/nothing", "/graphql"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in headers
    policy = client.get("/graphiql").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "script-src" not in policy
    assert (
        client.get("/health/live")
        .headers["content-security-policy"]
        .startswith("default-src 'none'")
    )


# Documents


def refused(document: str, **variables: Any) -> str | None:
    """The code with which the limits refuse a document, None if they let it pass."""
    try:
        read = limits.read(document)
        limits.shape(read)
        check(schema_of(CORE).graphql, read, None, variables)
    except Refused as found:
        return found.code
    return None


MEMBERS = f'query($first: Int) {{ members(coalition: "c", first: $first) {{ {DOCUMENT_FIELDS} }} }}'


@pytest.mark.parametrize("first", [None, 1, 500, 5000])
def test_the_contracts_document_passes_at_every_size(first: int | None) -> None:
    assert refused(MEMBERS, first=first) is None


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{" + "log { position } " * 700 + "}", "TOO_MANY_TOKENS"),
        ("{ log { position } }" + "#\n" * 2000, "TOO_MANY_TOKENS"),
        ("{ log { position } }" + " " * 200_000, "TOO_MANY_TOKENS"),
        ("{ log " + "{ a " * 500, "TOO_DEEP"),
        ("{ log(after: " + "[" * 500 + ") }", "TOO_DEEP"),
        ("{" + "".join(f"a{n}: log {{ position }} " for n in range(60)) + "}", "TOO_MANY_ALIASES"),
        ("{ __schema { types " + "{ ofType " * 20 + "{ name }" + "}" * 22, "TOO_DEEP"),
        ("{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
         "TOO_DEEP"),
        ("{" + "".join(f"a{n}: sources(first: 5000) {{ edges {{ node {{ id }} }} }} "
                       for n in range(12)) + "}", "TOO_COSTLY"),
        ('{ state(entity: "c") {' + "".join(
            f"{each.name}(first: 5000) {{ edges {{ cursor }} }} " for each in QUESTIONS
        ) + "} }", "TOO_COSTLY"),
    ],
)  # fmt: skip
def test_a_document_that_asks_too_much_is_refused_before_it_runs(
    client: httpx.Client, document: str, code: str
) -> None:
    began = time.monotonic()

    response = post(client, query(document))

    assert (response.status_code, codes(response)) == (200, [code])
    assert time.monotonic() - began < 2


def test_fragments_and_variables_hide_no_cost() -> None:
    spread = """query($n: Int = 5000) { %s }
        fragment F on Query { log(first: $n) { events { id } } }"""
    many = " ".join(f"a{n}: sources(first: $n) {{ edges {{ cursor }} }}" for n in range(11))
    doubling = "{ ...F0 }" + "".join(
        f"fragment F{n} on Query {{ ...F{n + 1} ... on Query {{ ...F{n + 1} }} }}"
        for n in range(40)
    )

    assert refused(spread % "...F ... on Query { ...F }") is None
    assert refused("query($n: Int = 5000) { " + many + " }") == "TOO_COSTLY"
    assert refused("query($n: Int) { " + many + " }", n=5000) == "TOO_COSTLY"
    assert refused("query($n: Int) { " + many + " }", n=10) is None
    began = time.monotonic()
    assert refused(doubling + "fragment F40 on Query { log { position } }") == "TOO_COSTLY"
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{" + "log{position} " * 440 + "}", "TOO_COSTLY"),
        ("{" + "log{nothing} " * 440 + "}", "TOO_COSTLY"),
        ("{ log {" + "position " * 440 + "} }", "TOO_COSTLY"),
        ("{" + ("log {" + "position " * 20 + "}") * 20 + "}", "TOO_COSTLY"),
        ("{" + "".join(f"...F{n} " for n in range(90)) + "}"
         + "".join(f"fragment F{n} on Query {{ log {{ position }} }}" for n in range(90)),
         "TOO_COSTLY"),
        ("".join(f"fragment F{n} on Query {{ {' '.join(f'...F{m}' for m in range(12))} }}"
                 for n in range(12)), "TOO_COSTLY"),
        ("{ log { position } } fragment F on Query {" + "log { position } " * 300 + "}",
         "TOO_COSTLY"),
        ("{" + "".join(f"a{n}: log {{ position }} " for n in range(300)) + "}", "TOO_MANY_ALIASES"),
    ],
)  # fmt: skip
def test_validation_never_sees_what_it_would_take_the_square_of(
    monkeypatch: pytest.MonkeyPatch, document: str, code: str
) -> None:
    def validate(*_: Any) -> list[Any]:
        raise AssertionError("it was validated")

    monkeypatch.setattr(execution, "validate", validate)

    prepared = execution.prepare(document, {}, None)

    assert isinstance(prepared, list)
    assert [error["extensions"]["code"] for error in prepared] == [code]


def test_fragments_that_many_components_share_are_no_bomb() -> None:
    parts = " ".join(f"...Part{n}" for n in range(20))
    fragments = " ".join(
        f"fragment Part{n} on Query {{ ...Shared log {{ position }} }}" for n in range(20)
    )

    assert refused(f"{{ {parts} }} {fragments} fragment Shared on Query {{ __typename }}") is None


def test_an_innocent_query_is_answered_while_bombs_are_thrown(client: httpx.Client) -> None:
    for bomb in (
        "{" + " ".join(["__typename"] * 1900) + "}",
        "{" + ("log { " + "position " * 40 + "} ") * 40 + "}",
        "{ __schema { types { name " + "fields { name } " * 300 + "} } }",
    ):
        post(client, query(bomb))
        began = time.monotonic()
        assert post(client, query("{ log { position } }")).json()["data"]
        assert time.monotonic() - began < 1


# Health


def test_health_and_metrics_speak_of_the_log(client: httpx.Client) -> None:
    assert client.get("/health/live").json() == {"live": True}
    assert client.get("/health/ready").json() == {
        "ready": True,
        "position": 1,
        "head": 1,
        "stopped": None,
    }
    post(client, query('{ source(id: "nothing") { id } }'))
    client.get("/nothing/" + "x" * 50)
    text = client.get("/metrics").text
    for line in (
        "sijill_log_events 1.0",
        "sijill_log_head_position 1.0",
        "sijill_projected_position 1.0",
        "sijill_projection_lag_events 0.0",
        "sijill_projections_stopped 0.0",
        "sijill_database_up 1.0",
    ):
        assert line in text.splitlines()
    assert "sijill_event_loop_longest_stop_seconds 0." in text
    assert 'sijill_graphql_errors_total{code="UNKNOWN_SOURCE"}' in text
    assert 'route="other",status="404"' in text
    assert "nothing" not in text


def test_a_record_that_stopped_at_an_event_is_alive_but_not_ready(instance: Instance) -> None:
    condition = DCBAppendCondition(DCBQuery([DCBQueryItem(tags=["none:"])]), after=0)
    instance.record.recorder.append_once(
        [DCBEvent("FromTheFuture/9", b"{}", ["fact:x"])], condition, None
    )

    with serving(instance) as address, httpx.Client(base_url=address) as client:
        deadline = time.monotonic() + 10
        while (found := client.get("/health/ready")).json()["stopped"] is None:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert found.status_code == 503
        assert (found.json()["ready"], found.json()["stopped"]["position"]) == (False, 1)
        assert "FromTheFuture" in found.json()["stopped"]["why"]
        assert client.get("/health/live").status_code == 200
        assert "sijill_projections_stopped 1.0" in client.get("/metrics").text


def wait_until_ready(client: httpx.Client) -> None:
    """Until the follower has reported for the first time."""
    until = time.monotonic() + 20
    while client.get("/health/ready").status_code != 200:
        assert time.monotonic() < until
        time.sleep(0.1)


def test_without_its_database_a_server_says_so(new_instance: NewInstance) -> None:
    with new_instance() as instance, serving(instance) as address:
        client = httpx.Client(base_url=address, timeout=30)
        name = psycopg.conninfo.conninfo_to_dict(instance.database.url)["dbname"]
        wait_until_ready(client)
        with psycopg.connect(instance.database.url, dbname="postgres", autocommit=True) as owner:
            try:
                owner.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')  # type: ignore[arg-type]
                owner.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                    (name,),
                )

                began = time.monotonic()
                answer = post(client, query("{ log { position } }"))
                ready = client.get("/health/ready")

                assert (answer.status_code, codes(answer)) == (503, ["UNAVAILABLE"])
                assert answer.headers["retry-after"] == "1"
                assert time.monotonic() - began < 8
                assert (ready.status_code, ready.json()["ready"]) == (503, False)
                assert client.get("/health/live").status_code == 200
                assert "sijill_database_up 0.0" in client.get("/metrics").text
            finally:
                owner.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')  # type: ignore[arg-type]
        deadline = time.monotonic() + 15
        while post(client, query("{ log { position } }")).status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        client.close()


# The page


def test_graphiql_needs_no_other_host(client: httpx.Client) -> None:
    page = client.get("/graphiql")

    assert "http://" not in page.text
    assert "https://" not in page.text
    if page.status_code == 200:
        for name in ("react.min.js", "react-dom.min.js", "graphiql.min.js", "graphiql.min.css"):
            asset = client.get(f"/graphiql/{name}")
            assert asset.status_code == 200
            assert len(asset.content) > 1000
    assert (
        client.get("/graphql", headers={"accept": "text/html"}).headers["location"] == "/graphiql"
    )


@pytest.mark.parametrize(
    ("entities", "field"),
    [
        ([], "log"),
        ([("a", "PERSON")], "timeline"),
        ([("a", "PERSON"), ("z", "COALITION")], "members"),
    ],
)
def test_graphiql_opens_with_a_question_that_the_record_can_answer(
    entities: list[tuple[str, str]], field: str, instance: Instance
) -> None:
    line = {"type": "EntityRegistered", "names": {"en": "Someone"}}
    taken = [read({**line, "id": name, "kind": kind}) for name, kind in entities]
    instance.record.apply(taken, actor="someone")
    instance.catch_up()

    with serving(instance) as address, httpx.Client(base_url=address) as client:
        opened = client.get("/graphiql/question.json")
        answer = client.post("/graphql", json=opened.json()).json()

    assert opened.status_code == 200
    assert "errors" not in answer
    assert field in answer["data"]
