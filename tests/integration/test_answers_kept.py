"""Answers that are kept: for ever where the position is pinned, else until there is more."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from conftest import browsing

from api.graphql import http
from api.graphql.bounded import Bounded
from api.instance import Instance
from api.rest.answers import HEADERS
from domain.codec import parse_json, read
from domain.dates import day_of
from domain.roles import Role
from projections.rebuild import rebuild
from store.keys import add_key

MEMBERS = """query ($at: Int, $asOf: EDTFDate) {
  members(coalition: "c", asOf: $asOf, atPosition: $at) {
    position edges { node { member { id } } }
  }
}"""


SOURCE = {"type": "SourceRegistered", "id": "early", "title": "A source", "published": "2014-12"}


def entity(name: str, kind: str) -> dict[str, Any]:
    return {"type": "EntityRegistered", "id": name, "kind": kind, "names": {"en": name}}


def joins(member: str) -> dict[str, Any]:
    citations = [{"source": "early"}]
    return {"type": "MemberJoined", "id": f"{member}-joins", "coalition": "c", "member": member,
            "when": "2015-01-01", "citations": citations}  # fmt: skip


@pytest.fixture
def client(instance: Instance) -> Iterator[httpx.Client]:
    record(instance, SOURCE, entity("c", "COALITION"))
    record(instance, entity("syria", "COUNTRY"), joins("syria"))
    with browsing(instance) as client:
        yield client


def record(instance: Instance, *entries: dict[str, Any]) -> None:
    instance.record.apply([read(entry) for entry in entries], actor="someone")
    instance.catch_up()


def get(client: httpx.Client, *, etag: str = "", accept: str = "*/*", **asked: Any) -> Any:
    headers = {"accept": accept} | ({"if-none-match": etag} if etag else {})
    asked = {"query": MEMBERS, "variables": json.dumps(asked)}
    return client.get("/graphql", params=asked, headers=headers)


def test_a_pinned_answer_is_for_ever_and_another_is_asked_for_again(client: httpx.Client) -> None:
    pinned, today = get(client, at=4, asOf="2020-01-01"), get(client, at=4)

    assert pinned.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert today.headers["cache-control"] == "no-cache"
    assert pinned.headers["etag"].startswith('"')
    assert "Authorization" in pinned.headers["vary"]


def test_a_request_that_is_known_is_not_read_again(
    client: httpx.Client, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parsed(text: bytes) -> Any:
        read_ones.append(text)
        return parse_json(text)

    def members() -> list[str]:
        answer = client.post("/graphql", json={"query": MEMBERS}).json()
        return [edge["node"]["member"]["id"] for edge in answer["data"]["members"]["edges"]]

    read_ones: list[bytes] = []
    monkeypatch.setattr(http, "parse_json", parsed)
    assert members() == ["syria"]

    record(instance, entity("iraq", "COUNTRY"), joins("iraq"))

    for _ in range(100):
        if (found := members()) != ["syria"]:
            break
        time.sleep(0.05)
    assert found == ["iraq", "syria"]
    assert len(read_ones) == 1


def test_a_client_that_has_the_answer_is_told_so_until_there_is_another(
    client: httpx.Client, instance: Instance
) -> None:
    etag = get(client).headers["etag"]
    assert [get(client, etag=etag).status_code for _ in range(3)] == [304] * 3
    assert get(client, etag=etag).content == b""

    record(instance, entity("iraq", "COUNTRY"), joins("iraq"))

    for _ in range(100):
        if (answer := get(client, etag=etag)).status_code == 200:
            break
    assert [edge["node"]["member"]["id"] for edge in answer.json()["data"]["members"]["edges"]] == [
        "iraq",
        "syria",
    ]
    assert answer.headers["etag"] != etag


def test_an_answer_from_the_door_is_sent_guarded_and_counted_as_from_within(
    client: httpx.Client,
) -> None:
    within = get(client)
    etag = within.headers["etag"]

    answer, unchanged = get(client), get(client, etag=etag)

    assert answer.content == within.content
    assert sorted(answer.headers) == sorted(within.headers)
    assert set(HEADERS.items()) <= set(answer.headers.items())
    assert set(HEADERS.items()) <= set(unchanged.headers.items())
    counted = client.get("/metrics").text
    assert 'sijill_http_requests_total{method="GET",route="/graphql",status="200"} 2.0' in counted
    assert 'sijill_http_requests_total{method="GET",route="/graphql",status="304"} 1.0' in counted


def test_a_request_is_counted_with_its_headers(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def put(kept: Bounded, key: Any, value: Any, size: int) -> None:
        if isinstance(key, tuple) and key[0] in ("GET", "POST"):
            counted.append(size)
        keep(kept, key, value, size)

    counted: list[int] = []
    keep = Bounded.put
    monkeypatch.setattr(Bounded, "put", put)
    content_type = f"application/json; of={'x' * 30_000}"

    answer = client.post(
        "/graphql", content=json.dumps({"query": MEMBERS}), headers={"content-type": content_type}
    )

    assert answer.status_code == 200
    assert len(counted) == 1
    assert counted[0] > 30_000


def test_head_is_a_get_without_its_body_and_changes_nothing(client: httpx.Client) -> None:
    asked = {"query": MEMBERS, "variables": json.dumps({"at": 4, "asOf": "2020"})}
    got, head = client.get("/graphql", params=asked), client.head("/graphql", params=asked)
    had = client.head("/graphql", params=asked, headers={"if-none-match": got.headers["etag"]})
    writing = client.head("/graphql", params={"query": "mutation { __typename }"})

    assert (got.status_code, head.status_code, had.status_code) == (200, 200, 304)
    assert head.content == b""
    assert head.headers["etag"] == got.headers["etag"]
    assert head.headers["content-length"] == str(len(got.content))
    assert (writing.status_code, writing.headers["allow"]) == (405, "POST")


def test_an_answer_made_over_midnight_is_not_the_next_days(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = [day_of("2014-12-31")]

    def begun() -> int:
        days.append(day_of("2015-01-01"))
        return days[-2]

    monkeypatch.setattr("api.graphql.context.today", begun)
    monkeypatch.setattr("api.graphql.http.today", lambda: days[-1])

    before, after = get(client).json(), get(client).json()

    assert before["data"]["members"]["edges"] == []
    assert len(after["data"]["members"]["edges"]) == 1


def test_each_media_type_has_its_own_etag(client: httpx.Client) -> None:
    graphql = "application/graphql-response+json"
    one, other = get(client), get(client, accept=graphql)

    assert one.content == other.content
    assert one.headers["etag"] != other.headers["etag"]
    assert get(client, accept=graphql, etag=one.headers["etag"]).status_code == 200


def test_whoever_writes_reads_it_at_once(client: httpx.Client, instance: Instance) -> None:
    with instance.database.connect() as owner:
        key = add_key(owner, "a contributor", Role.CONTRIBUTOR)[1]
    for number in range(20):
        get(client)
        entries = [entity(f"e{number}", "COUNTRY"), joins(f"e{number}")]
        written = client.post(
            "/graphql",
            json={
                "query": "mutation ($e: [JSON!]!, $r: ID!) "
                "{ apply(entries: $e, requestId: $r) { position } }",
                "variables": {"e": entries, "r": f"r{number}"},
            },
            headers={"authorization": f"Bearer {key}"},
        ).json()["data"]["apply"]["position"]

        assert get(client).json()["data"]["members"]["position"] >= written


def test_who_says_who_they_are_is_answered_without_a_shared_cache(
    client: httpx.Client, instance: Instance
) -> None:
    with instance.database.connect() as owner:
        key = add_key(owner, "a reader", Role.READER)[1]
    asked = {"query": MEMBERS, "variables": json.dumps({"at": 4, "asOf": "2020"})}
    get(client, at=4, asOf="2020")

    answer = client.get("/graphql", params=asked, headers={"authorization": f"Bearer {key}"})
    assert answer.headers["cache-control"] == "no-store"
    assert client.get("/graphql", params=asked, headers={"authorization": "x"}).status_code == 401


def test_a_rebuild_is_noticed(client: httpx.Client, instance: Instance) -> None:
    etag = get(client).headers["etag"]

    rebuild(instance.database, workers=0)

    assert get(client, etag=etag).status_code == 304
    record(instance, entity("iraq", "COUNTRY"), joins("iraq"))
    for _ in range(100):
        if len(get(client).json()["data"]["members"]["edges"]) == 2:
            return
    raise AssertionError("the answer stayed as it was")
