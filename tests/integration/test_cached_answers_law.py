"""The law of what is cached: whatever is recorded, a request that was sent before and one in a
spelling that was never sent get the same bytes, and they are those that the resolvers give."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
from collections.abc import Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple

import httpx
import msgspec
import psycopg
import pytest
from conftest import NewInstance, browsing
from strategies import random_record
from support.random_documents import DocumentAuthor, nasty
from thorough import times

from api.graphql.as_of_rows import QUESTIONS
from api.graphql.context import Access, Operation
from api.graphql.execution import Read, prepare, resolved, session
from api.instance import Instance
from domain.codec import read
from domain.dates import day_of
from domain.roles import Role
from projections.rebuild import rebuild
from store.keys import add_key

JSON, GRAPHQL = "application/json", "application/graphql-response+json"
CLOCKS = [
    {**as_of, **known_at, **recorded}
    for as_of, known_at, recorded in itertools.product(
        ({}, {"asOf": "2014-09-10"}, {"asOf": "2016"}),
        ({}, {"knownAt": "2015-03-01"}),
        ({}, {"recordedAt": "2030-01-01T00:00:00Z"}, {"recordedAt": "now"}, {"atPosition": 4}),
    )
]
"""Every combination of clocks; `now` is when the sequence begins."""
ASKED = 6
"""Of a sequence, one after another: three sequences have them all."""
APPEND = """mutation ($entries: [JSON!]!, $id: ID!) {
  apply(entries: $entries, requestId: $id) { position }
}"""
FRESH = itertools.count()


class Way(NamedTuple):
    """How something is asked for. `tag` is the If-None-Match, {} the ETag that came last."""

    method: str
    media_type: str
    tag: str
    has_key: bool


TAGS = ["", "{}", '"x", W/{}', '"another"', "*"]
WAYS = [
    Way(method, media_type, tag, has_key)
    for method, tags in (("POST", [""]), ("GET", TAGS), ("HEAD", TAGS))
    for tag in tags
    for media_type in (JSON, GRAPHQL)
    for has_key in (False, True)
]
FILE_WAYS = [Way(method, "*/*", tag, False) for method in ("GET", "HEAD") for tag in TAGS]
Sent = tuple[Way, bytes]


class Question(NamedTuple):
    """A document and its variables."""

    document: str
    variables: dict[str, Any]

    def respelt(self) -> Question:
        """The same in a spelling that was never sent."""
        return self._replace(document=f"{self.document} # {next(FRESH)}")


def asked(rng: random.Random, entities: list[str], clocks: dict[str, Any]) -> Question:
    """A question with these clocks."""
    question = rng.choice([each for each in QUESTIONS if each.name != "organisations"])
    given = "asOf: $asOf, knownAt: $knownAt, recordedAt: $recordedAt, atPosition: $atPosition"
    document = f"""query (
      $id: ID!, $asOf: EDTFDate, $knownAt: Date, $recordedAt: DateTime, $atPosition: Int
    ) {{
      {question.name}({question.asked}: $id, {given}) {{
        position count {{ certain possible announced }}
        edges {{ node {{
          {question.answers} {{ id name }} standing since {{ edtf }} facts {{ id }}
          sources {{ id title }}
        }} }}
      }}
      state(entity: $id, {given}) {{ position members {{ count {{ certain possible }} }} }}
      source(id: "{rng.choice(["s1", "s2"])}", {given}) {{ title withdrawn }}
    }}"""
    return Question(document, {"id": rng.choice(entities), **clocks})


class Client:
    """Sends questions in every way; remembers what came with each ETag of an address."""

    def __init__(self, client: httpx.Client, key: str) -> None:
        self.client, self.key = client, key
        self.bodies: dict[tuple[str, str, str], bytes] = {}
        self.latest: dict[tuple[str, str], str] = {}

    def record(self, entries: list[dict[str, Any]]) -> int:
        """Append as a client does."""
        body = {"query": APPEND, "variables": {"entries": entries, "id": f"r{next(FRESH)}"}}
        answer = self.client.post(
            "/graphql", json=body, headers={"authorization": f"Bearer {self.key}"}
        ).json()
        return int(answer["data"]["apply"]["position"])

    def answers(self, rng: random.Random, question: Question, ways: int) -> Iterator[Sent]:
        """Some ways of asking, chosen at random, and the bytes that the client has after each."""
        for way in rng.sample(WAYS, ways):
            yield from self.ask(question, way)

    def ask(self, question: Question, way: Way) -> Iterator[Sent]:
        """Ask in a way."""
        params = {"query": question.document, "variables": json.dumps(question.variables)}
        headers = {"accept": way.media_type}
        if way.has_key:
            headers["authorization"] = f"Bearer {self.key}"
        if way.method == "POST":
            body = {"query": question.document, "variables": question.variables}
            yield way, self.client.post("/graphql", json=body, headers=headers).content
            return
        url = str(self.client.build_request("GET", "/graphql", params=params).url)
        yield from self.fetch(url, way, headers)

    def fetch(self, url: str, way: Way, headers: dict[str, str]) -> Iterator[Sent]:
        """GET or HEAD of an address, with the ETag that came with it last."""
        had = self.latest.get((url, way.media_type))
        tag = way.tag.format(had)
        if had is None and "{}" in way.tag:
            tag = ""
        if tag:
            headers = {**headers, "if-none-match": tag}
        answer = self.client.request(way.method, url, headers=headers)
        etag = answer.headers.get("etag")
        if answer.status_code == 304:
            assert answer.content == b""
            assert tag == "*" or "{}" in way.tag, way
            # To a client that has any answer, an answer that it does not have is not told.
            if tag != "*" or etag == had:
                yield way, self.bodies[url, way.media_type, str(etag)]
        elif way.method == "GET":
            if etag is not None:
                before = self.bodies.setdefault((url, way.media_type, etag), answer.content)
                assert before == answer.content, (way, "one ETag of two answers")
                self.latest[url, way.media_type] = etag
            yield way, answer.content
        else:
            assert answer.content == b""


class Truth:
    """What the resolvers answer, from a connection of its own."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.runner = asyncio.Runner()
        self.connection = self.runner.run(self._connect())

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        database = self.instance.database
        return await psycopg.AsyncConnection.connect(
            database.url, autocommit=True, **session(database)
        )

    def answer(self, question: Question) -> bytes:
        """The bytes of the response."""
        return self.runner.run(self._answer(question))

    async def _answer(self, question: Question) -> bytes:
        @asynccontextmanager
        async def reader() -> Any:
            yield self.connection

        checked = prepare(*question, None)
        assert isinstance(checked, Read)
        async with Operation(Access(self.instance, reader)) as operation:
            response = await resolved(operation, checked.document, question.variables, None)
        return msgspec.json.encode(response, enc_hook=str)

    def close(self) -> None:
        self.runner.run(self.connection.close())
        self.runner.close()


def questions(
    rng: random.Random, entries: list[dict[str, Any]], head: int, seed: int
) -> list[Question]:
    """One for each combination of clocks of this sequence, and others at random."""
    entities = [each["id"] for each in entries if each["type"] == "EntityRegistered"]
    sources = [each["id"] for each in entries if each["type"] == "SourceRegistered"]
    began = datetime.now(UTC).isoformat()
    found = [
        asked(
            rng, entities, {**clocks, **({"recordedAt": began} if "now" in clocks.values() else {})}
        )
        for clocks in itertools.islice(itertools.cycle(CLOCKS), ASKED * seed, ASKED * (seed + 1))
    ]
    for _ in range(2):
        document, variables = DocumentAuthor(rng, entities, sources, head).document()
        question = Question(document, variables)
        if isinstance(prepare(*question, None), list):  # more than a document may have
            continue
        found.append(question)
    return found


@pytest.mark.parametrize("seed", range(times(3, 500)))
def test_a_request_sent_again_gets_what_a_new_one_gets(
    new_instance: NewInstance, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    rng = random.Random(f"cached {seed}")
    entries = nasty(random_record(seed, facts=6, corrections=6, oddities=False), rng)
    day = day_of("2014-12-30")
    for place in "api.graphql.context.today", "api.graphql.http.today":
        monkeypatch.setattr(place, lambda: day, raising=False)
    with new_instance() as instance, browsing(instance) as http:
        with instance.database.connect() as owner:
            key = add_key(owner, "an administrator", Role.ADMIN)[1]
        client, truth = Client(http, key), Truth(instance)
        try:
            first = len(entries) // 3
            head = client.record(entries[:first])
            some = questions(rng, entries[:first], head, seed)
            files = [f"/e/{some[0].variables['id']}{end}" for end in FILES]
            rest = entries[first:]
            while rest:
                compare(rng, client, truth, some, files)
                size = rng.randint(1, 12)
                taken, rest = rest[:size], rest[size:]
                step = rng.random()
                if step < 0.7:
                    client.record(taken)
                else:
                    instance.record.apply([read(each) for each in taken], actor="another")
                    head = instance.catch_up()
                    if step < 0.8:
                        rebuild(instance.database, workers=0)
                    wait_for(http, head)
                day += rng.choice((0, 0, 1, 300))
            compare(rng, client, truth, some, files)
        finally:
            truth.close()


FILES = [
    ".json", ".csv?asOf=2016&knownAt=2015-03-01", "/members.csv", "/members.json?asOf=2014-09-10",
    "/members.json?asOf=2014-09-10&atPosition=4",
]  # fmt: skip


def compare(
    rng: random.Random, client: Client, truth: Truth, some: list[Question], files: list[str]
) -> None:
    """Every question in some ways, against a spelling never sent and the resolvers."""
    for question in some:
        expected = truth.answer(question)
        for way, body in client.answers(rng, question, 4):
            assert body == expected, (way, question)
        for way, body in client.answers(rng, question.respelt(), 1):
            assert body == expected, (way, question)
    for file in files:
        expected = client.client.get(file).content
        for way in rng.sample(FILE_WAYS, 3):
            for _, body in client.fetch(file, way, {}):
                assert body == expected, (way, file)


def wait_for(client: httpx.Client, head: int) -> None:
    """Until the server has heard how far the projections have come."""
    for _ in range(1_000):
        answer = client.post("/graphql", json={"query": "{ log(first: 1) { position } }"}).json()
        if answer["data"]["log"]["position"] >= head:
            return
    raise AssertionError("the server did not hear of it")
