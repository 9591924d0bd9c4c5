"""Answers that are kept: for ever where the position is pinned, else until there is more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from conftest import browsing

from api.instance import Instance
from api.rest.responses import HEADERS
from domain.codec import read
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


def test_an_answer_from_the_cache_is_sent_guarded_and_counted_as_the_first(
    client: httpx.Client,
) -> None:
    first = get(client)
    etag = first.headers["etag"]

    answer, unchanged = get(client), get(client, etag=etag)

    assert answer.content == first.content
    assert sorted(answer.headers) == sorted(first.headers)
    assert set(HEADERS.items()) <= set(answer.headers.items())
    assert set(HEADERS.items()) <= set(unchanged.headers.items())
    counted = client.get("/metrics").text
    assert 'sijill_http_requests_total{method="GET",route="/graphql",status="200"} 2.0' in counted
    assert 'sijill_http_requests_total{method="GET",route="/graphql",status="304"} 1.0' in counted


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


def test_todays_answer_is_not_tomorrows(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.graphql.context.today", lambda: day_of("2014-12-31"))
    before, again = get(client), get(client)
    monkeypatch.setattr("api.graphql.context.today", lambda: day_of("2015-01-01"))
    after = get(client, etag=before.headers["etag"])

    assert before.json()["data"]["members"]["edges"] == []
    assert again.content == before.content
    assert after.status_code == 200
    assert len(after.json()["data"]["members"]["edges"]) == 1


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


def test_if_none_match_is_read_as_http_has_it(client: httpx.Client) -> None:
    etag = get(client).headers["etag"]

    for given in "*", f"W/{etag}", f'"another", {etag}':
        assert get(client, etag=given).status_code == 304, given
    assert get(client, etag='"another"').status_code == 200
