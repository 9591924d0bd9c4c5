"""diff, why, explain, whatIf and the mutations, by GraphQL over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from conftest import NewInstance, serving

from api import files
from api.instance import Instance
from domain.roles import Role
from store.keys import add_key

SAMPLE = files.sample().entries


class Client:
    """Asks a served record."""

    def __init__(self, url: str, keys: dict[Role, str]) -> None:
        self.url, self.keys = url, keys

    def post(self, query: str, role: Role | None = None, **variables: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.keys[role]}"} if role else {}
        body = {"query": query, "variables": variables}
        return httpx.post(f"{self.url}/graphql", json=body, headers=headers, timeout=60)

    def ask(self, query: str, role: Role | None = None, **variables: Any) -> Any:
        answer = self.post(query, role, **variables).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def code(self, query: str, role: Role | None = None, **variables: Any) -> str:
        (error,) = self.post(query, role, **variables).json()["errors"]
        return str(error["extensions"]["code"])


@pytest.fixture(scope="module")
def sample(new_instance: NewInstance) -> Iterator[Instance]:
    with new_instance() as instance:
        instance.record.apply(SAMPLE, actor="someone")
        instance.catch_up()
        yield instance


@pytest.fixture(scope="module")
def client(sample: Instance) -> Iterator[Client]:
    with sample.database.connect() as owner:
        keys = {role: add_key(owner, f"the {role}", role)[1] for role in Role}
    with serving(sample) as url:
        yield Client(url, keys)


DIFF = """
query ($entity: ID, $from: AsOf!, $to: AsOf!, $first: Int, $after: String) {
  diff(entity: $entity, from: $from, to: $to, first: $first, after: $after) {
    from { asOf knownAt position } to { asOf knownAt position }
    pageInfo { hasNextPage endCursor }
    edges { cursor node { question scope { id } subject { id } change
      before { standing contested since { edtf earliest latest } until { edtf earliest latest } }
      after { standing contested since { edtf earliest latest } until { edtf earliest latest } }
      causes events { id type position } sources { id } } } } }
"""


def test_what_was_learned_of_syria_between_two_days(client: Client) -> None:
    answer = client.ask(
        DIFF,
        entity="syria",
        **{"from": {"asOf": "2025-11-10", "knownAt": "2025-11-03"},
           "to": {"asOf": "2025-11-10", "knownAt": "2025-12-01"}},
    )["diff"]  # fmt: skip

    (node,) = [
        edge["node"] for edge in answer["edges"]
        if edge["node"]["question"] == "MEMBERS" and edge["node"]["subject"]["id"] == "syria"
    ]  # fmt: skip
    assert (node["before"]["standing"], node["after"]["standing"]) == ("ANNOUNCED", "CERTAIN")
    assert node["causes"] == ["LEARNED"]
    assert "syria-joins-2025-11-10" in {event["id"] for event in node["events"]}
    assert answer["from"]["knownAt"] == "2025-11-03"


def test_pages_of_a_diff_make_the_whole(client: Client) -> None:
    points = {"from": {"asOf": "2014-08-01"}, "to": {"asOf": "2025-11-10"}}
    whole = client.ask(DIFF, first=500, **points)["diff"]["edges"]

    pages: list[Any] = []
    after = None
    while True:
        page = client.ask(DIFF, first=30, after=after, **points)["diff"]
        pages += page["edges"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert pages == whole
    assert len(whole) > 90


def test_the_life_of_a_fact(client: Client) -> None:
    answer = client.ask(
        """{ why(fact: "syria-joins-2025-11-11") { fact { id } life {
        position recordedAt knownFrom event { id type } actor basis reason effect
        sources { id } } } }"""
    )["why"]

    assert answer["fact"]["id"] == "syria-joins-2025-11-11"
    effects = [event["effect"] for event in answer["life"]]
    assert effects[0] == "recorded"
    assert "set aside for syria-joins-2025-11-10" in effects
    assert client.code('{ why(fact: "nothing") { fact { id } } }') == "UNKNOWN_FACT"


def test_why_a_row_is_as_it_is(client: Client) -> None:
    answer = client.ask(
        """{ explain(question: MEMBERS, scope: "global-coalition", subject: "syria",
        asOf: "2025-11-10", knownAt: "2025-11-03") {
        standing rule events { id type position role } } }"""
    )["explain"]

    assert answer["standing"] == "ANNOUNCED"
    assert {(event["id"], event["role"]) for event in answer["events"]} == {
        ("article-2025-11-03", "source"),
        ("global-coalition", "entity"),
        ("syria", "entity"),
        ("syria-joins", "announcement"),
    }


def test_what_if_an_article_had_not_been_written(client: Client) -> None:
    query = """query ($without: Without, $with: [JSON!]) { whatIf(without: $without, with: $with) {
        members(coalition: "global-coalition", asOf: "2025-11-10", knownAt: "2025-11-03",
                first: 500) {
          count { certain announced } edges { node { member { id } standing } } } } }"""

    def syria(**variables: Any) -> list[str]:
        edges = client.ask(query, **variables)["whatIf"]["members"]["edges"]
        return [e["node"]["standing"] for e in edges if e["node"]["member"]["id"] == "syria"]

    joined = {
        "type": "MemberJoined", "id": "leaked", "coalition": "global-coalition", "member": "syria",
        "when": "2025-11-01", "citations": [{"source": "article-2025-11-03"}],
    }  # fmt: skip
    assert syria() == ["ANNOUNCED"]
    assert syria(without={"sources": ["article-2025-11-03"]}) == []
    assert syria(without={"facts": ["syria-joins"]}) == []
    assert syria(**{"with": [joined]}) == ["CERTAIN"]
    assert client.code(query, without={"sources": ["nowhere"]}) == "UNKNOWN_SOURCE"
    bad = {**joined, "when": "soon"}
    (error,) = client.post(query, **{"with": [joined, bad]}).json()["errors"]
    assert (error["extensions"]["code"], error["extensions"]["field"]) == (
        "BAD_EDTF",
        "with[1].when",
    )


APPLY = """
mutation ($entries: [JSON!]!, $requestId: ID!, $dryRun: Boolean) {
  apply(entries: $entries, requestId: $requestId, dryRun: $dryRun) {
    position recorded unchanged
    diff { edges { node { question subject { id } change causes events { id } } } } } }
"""
SOURCE = {"type": "SourceRegistered", "id": "api-source", "title": "T", "published": "2020-01-01"}
FACT = {
    "type": "MemberJoined", "id": "api-fact", "coalition": "global-coalition",
    "member": "free-syrian-army", "when": "2019", "citations": [{"source": "api-source"}],
}  # fmt: skip


def test_writing_returns_what_it_changed_and_a_retry_the_same(client: Client) -> None:
    entries = [SOURCE, FACT]

    dry = client.ask(APPLY, Role.CONTRIBUTOR, entries=entries, requestId="a", dryRun=True)
    first = client.ask(APPLY, Role.CONTRIBUTOR, entries=entries, requestId="a")
    correction = {
        "fact": "api-fact",
        "id": "api-fix",
        "reason": "a slip",
        "changes": {"when": "2018"},
    }
    fixed = client.ask(
        'mutation ($e: [JSON!]!) { correct(entries: $e, requestId: "b") '
        "{ recorded diff { edges { node { change causes } } } } }",
        Role.REVIEWER,
        e=[correction],
    )["correct"]
    again = client.ask(APPLY, Role.CONTRIBUTOR, entries=entries, requestId="a")

    assert (dry["apply"]["recorded"], first["apply"]["recorded"]) == (2, 2)
    assert dry["apply"]["diff"] == first["apply"]["diff"]
    (edge,) = first["apply"]["diff"]["edges"]
    assert edge["node"] == {
        "question": "MEMBERS", "subject": {"id": "free-syrian-army"}, "change": "ADDED",
        "causes": ["RECORDED"], "events": [{"id": "api-fact"}],
    }  # fmt: skip
    assert fixed["diff"]["edges"] == [{"node": {"change": "CHANGED", "causes": ["CORRECTED"]}}]
    assert again == first
    assert (
        client.code(APPLY, Role.CONTRIBUTOR, entries=[FACT], requestId="a") == "REQUEST_ID_REUSED"
    )


def test_who_may_write_what(client: Client) -> None:
    add = {**SOURCE, "id": "another"}
    retract = {"type": "FactRetracted", "id": "gone", "fact": "syria-joins", "reason": "no"}

    assert client.code(APPLY, entries=[add], requestId="c") == "UNAUTHENTICATED"
    assert client.code(APPLY, Role.READER, entries=[add], requestId="c") == "FORBIDDEN"
    assert (
        client.code(APPLY, Role.CONTRIBUTOR, entries=[add, retract], requestId="c") == "FORBIDDEN"
    )
    bad = httpx.post(
        f"{client.url}/graphql",
        json={"query": "{ __typename }"},
        headers={"authorization": "Bearer nonsense"},
    )
    assert bad.status_code == 401
    assert bad.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_a_refused_entry_is_named(client: Client) -> None:
    unknown = {**FACT, "id": "x", "member": "nobody"}
    response = client.post(
        APPLY, Role.REVIEWER, entries=[{**FACT, "id": "y"}, unknown], requestId="d"
    )

    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "UNKNOWN_ENTITY"
    assert error["extensions"]["field"] == "entries[1].member"
    assert client.code('{ fact(id: "y") { id } }') == "UNKNOWN_FACT"


def test_every_event_names_who_recorded_it(client: Client) -> None:
    after = f"log(after: {len(SAMPLE)}, first: 500)"
    events = client.ask(f"{{ {after} {{ events {{ id actor }} }} }}")["log"]["events"]

    assert {event["actor"].split(" (key ")[0] for event in events} <= {
        "the contributor", "the reviewer", "local",  # which made the keys
    }  # fmt: skip
