"""Random rubbish at every way in: refused or answered, never our failure, and nothing recorded."""

from __future__ import annotations

import json
import random
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from conftest import NewInstance, serving
from rubbish import garbled, noise, spoilt, step, value
from support.addresses import ADDRESSES
from thorough import times

from api.files import sample
from api.instance import Instance
from domain.roles import Role
from store.database import READER
from store.keys import add_key
from store.recorder import MAIN_TABLE

BATCH = 20
"""Requests of one test."""
OURS = {"INTERNAL", "UNAVAILABLE", "TIMEOUT"}
"""The codes that say that something failed on our side."""
VIEW = {"asOf": "2025-11-10", "knownAt": "2025-11-03", "atPosition": 200}
FACT = {
    "type": "MemberJoined", "id": "rubbish", "coalition": "global-coalition", "member": "syria",
    "when": "2025-11", "citations": [{"source": "article-2025-11-03", "locator": {"paragraph": 1}}],
}  # fmt: skip
NEW_SOURCE = {
    "type": "SourceRegistered", "id": "rubbish-source", "title": "T", "published": "2020-01-01",
    "url": "https://example.org/a", "language": "en", "reliability": "A",
}  # fmt: skip
CORRECTION = {
    "type": "FactCorrected", "id": "rubbish-correction", "fact": "syria-joins", "reason": "A test",
    "changes": {"when": "2025-11-12"},
}  # fmt: skip
ENTITY = {
    "type": "EntityRegistered", "id": "rubbish-entity", "kind": "COUNTRY", "names": {"en": "R"},
    "iso3166": "ZZ",
}  # fmt: skip
DOCUMENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "why": (
        "query ($fact: ID!) { why(fact: $fact) { fact { id } life { position effect } } }",
        {"fact": "syria-joins"},
    ),
    "explain": (
        """query ($question: Question!, $scope: ID!, $subject: ID!, $asOf: EDTFDate,
        $knownAt: Date, $atPosition: Int) { explain(question: $question, scope: $scope,
        subject: $subject, asOf: $asOf, knownAt: $knownAt, atPosition: $atPosition) {
        standing rule events { id } } }""",
        {"question": "MEMBERS", "scope": "global-coalition", "subject": "syria", **VIEW},
    ),
    "diff": (
        """query ($entity: ID, $from: AsOf!, $to: AsOf!, $first: Int, $after: String) {
        diff(entity: $entity, from: $from, to: $to, first: $first, after: $after) {
        pageInfo { endCursor } edges { node { change } } } }""",
        {"entity": "syria", "from": VIEW, "to": {**VIEW, "knownAt": "2025-12-01"}, "first": 10,
         "after": "x"},
    ),
    "whatIf": (
        """query ($without: Without, $with: [JSON!]) { whatIf(without: $without, with: $with) {
        members(coalition: "global-coalition", first: 5) { count { certain } } } }""",
        {"without": {"sources": ["article-2025-11-03"], "publishers": ["X"], "gradesBelow": "C3",
                     "facts": ["syria-joins"]},
         "with": [FACT]},
    ),
    "apply": (
        """mutation ($entries: [JSON!]!, $id: ID!, $dry: Boolean) {
        apply(entries: $entries, requestId: $id, dryRun: $dry) { position recorded
        diff(first: 5) { edges { node { change } } } } }""",
        {"entries": [NEW_SOURCE, ENTITY, FACT, CORRECTION], "id": "rubbish", "dry": True},
    ),
}  # fmt: skip
ACCEPTED = [b"text/html", b"application/json", b"*/*"]


class Served:
    """The sample record, served; and where its log stands."""

    def __init__(self, instance: Instance, url: str, key: str) -> None:
        self.instance, self.url, self.key = instance, url, key
        self.head = self.log()

    def log(self) -> tuple[int, int]:
        """The log's length and its last position."""
        with self.instance.database.connect(READER) as connection:
            row = connection.execute(f"SELECT count(*), max(id) FROM {MAIN_TABLE}".encode())
            count, last = row.fetchone() or (0, 0)
            return count, last


@pytest.fixture(scope="module")
def served(new_instance: NewInstance) -> Iterator[Served]:
    with new_instance() as instance:
        instance.record.apply(sample().entries, actor="someone")
        instance.catch_up()
        with instance.database.connect() as owner:
            _, key = add_key(owner, "an admin", Role.ADMIN)
        with serving(instance) as url:
            yield Served(instance, url, key)


def sent(client: httpx.Client, body: bytes) -> httpx.Response:
    """The answer to a body; that it is no failure of ours."""
    response = client.post("/graphql", content=body)
    assert response.status_code < 500, (body, response.text)
    errors = response.json().get("errors", [])
    assert OURS.isdisjoint(error["extensions"]["code"] for error in errors), (body, errors)
    return response


def written(document: str, variables: Any) -> bytes:
    """JSON as Python writes it, half characters and all."""
    return json.dumps({"query": document, "variables": variables}).encode()


@pytest.fixture(scope="module")
def client(served: Served) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {served.key}", "content-type": "application/json"}
    with httpx.Client(base_url=served.url, headers=headers, timeout=60) as client:
        yield client


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_good_documents_are_good(client: httpx.Client, name: str) -> None:
    document, variables = DOCUMENTS[name]
    given = {key: value for key, value in variables.items() if key != "after"}

    assert "errors" not in sent(client, written(document, given)).json()


@pytest.mark.parametrize("batch", range(times(1, 40)))
@pytest.mark.parametrize("name", DOCUMENTS)
def test_rubbish_in_documents_is_never_a_failure_of_ours(
    served: Served, client: httpx.Client, name: str, batch: int
) -> None:
    rng = random.Random(f"{name} {batch}")
    document, variables = DOCUMENTS[name]
    for _ in range(BATCH):
        how = rng.random()
        if how < 0.7:
            given = spoilt(variables, rng)
            if isinstance(given, dict) and "dry" in given:
                given["dry"] = True
            body = written(document, given)
        elif how < 0.85:
            body = written(garbled(document, rng), variables)
        elif how < 0.95:
            body = garbled(written(document, variables).decode(), rng).encode(errors="replace")
        else:
            body = rng.choice([noise(rng), json.dumps(value(rng)).encode()])
        sent(client, body)

    assert served.log() == served.head


@pytest.mark.parametrize("batch", range(times(1, 20)))
def test_what_of_rubbish_is_recorded_is_what_was_answered(
    new_instance: NewInstance, batch: int
) -> None:
    """Without a dry run, so that what the record takes reaches the database too."""
    rng = random.Random(f"recorded {batch}")
    document, _ = DOCUMENTS["apply"]
    with new_instance() as instance:
        instance.record.apply(sample().entries, actor="someone")
        with instance.database.connect() as owner:
            _, key = add_key(owner, "an admin", Role.ADMIN)
        headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
        with serving(instance) as url, httpx.Client(
            base_url=url, headers=headers, timeout=60
        ) as client:  # fmt: skip
            here = Served(instance, url, key)
            recorded = 0
            for number in range(BATCH):
                entry = spoilt(rng.choice([NEW_SOURCE, ENTITY, FACT, CORRECTION]), rng)
                given = {"entries": [entry], "id": f"r{number}", "dry": False}
                answer = sent(client, written(document, given)).json()
                recorded += ((answer.get("data") or {}).get("apply") or {}).get("recorded", 0)

            assert here.log()[0] == here.head[0] + recorded


def fetched(url: str, address: bytes, accept: bytes) -> int:
    """The status of an address, sent as it is."""
    found = urlsplit(url)
    with socket.create_connection((found.hostname, found.port), timeout=60) as connection:
        connection.sendall(
            b"GET %s HTTP/1.1\r\nHost: localhost\r\nAccept: %s\r\nConnection: close\r\n\r\n"
            % (address, accept)
        )
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return int(answer.split(b" ", 2)[1])


@pytest.mark.parametrize(
    "address",
    [b"/log/proof/fact/%s", b"/log/tile/0/%s", b"/document/%s", b"/e/%s", b"/s/%s", b"/f/%s.csv"],
)
@pytest.mark.parametrize(
    "rubbish", [b"%00", b"a%00b", b"%ff%fe", b"%ed%a0%80", b"%0d%0a", b"%2e%2e"]
)
def test_no_address_has_anything_under_characters_that_no_id_has(
    served: Served, address: bytes, rubbish: bytes
) -> None:
    assert fetched(served.url, address % rubbish, b"application/json") in (400, 404)


@pytest.mark.parametrize("batch", range(times(9, 150)))
def test_rubbish_in_addresses_is_never_a_failure_of_ours(served: Served, batch: int) -> None:
    rng = random.Random(f"addresses {batch}")
    statuses = set()
    for _ in range(BATCH):
        form = rng.choice(ADDRESSES)
        address = form % tuple(step(rng) for _ in range(form.count(b"%s")))
        status = fetched(served.url, address, rng.choice(ACCEPTED))
        assert status < 500, address
        statuses.add(status)

    assert statuses & {400, 404}
    assert served.log() == served.head
