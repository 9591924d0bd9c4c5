"""No step of the event loop takes long, whatever a server is asked: meanwhile all others wait."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from conftest import NewInstance, serving
from graphql import get_introspection_query
from support.loop_time import LoopTime, longest_step, measured

from api.instance import Instance
from api.web.editing.editor_session import COOKIE
from api.web.preload import warm
from domain.codec import read
from domain.roles import Role
from store.keys import add_key

TRIES = 3
"""One that is fast enough will do: what else runs takes a step's caches, and so its time."""

CLOCKS = "asOf=2025-11-10&knownAt=2025-11-03"
TWO_POINTS = "asOf=2025-11-10&fromAsOf=2014-10"
COALITION = "/e/global-coalition"
PAGES = (
    "/",
    f"{COALITION}?{CLOCKS}",
    f"{COALITION}?{CLOCKS}&lang=ar",
    f"{COALITION}/changes?{TWO_POINTS}",
    f"{COALITION}/sources",
    f"{COALITION}/log",
    f"{COALITION}/rectangles",
    f"{COALITION}/density",
    f"{COALITION}/members",
    f"{COALITION}/timeline",
    "/embed/e/global-coalition/members?asOf=2025-11-10&atPosition=500",
    f"{COALITION}/members/map.svg",
    f"{COALITION}/members/count.png",
    f"{COALITION}/timeline.png",
    "/f/syria-joins-2025-11-11/claims.png",
    "/e/nobody",
    "/facts",
    "/sources",
    "/entities",
    f"/changes?{TWO_POINTS}",
    "/search?q=coalition",
    "/log",
    "/log/feed.atom",
    f"{COALITION}/feed.atom",
    "/activity",
    "/check",
    "/stories",
    "/compare?left=global-coalition&fromAsOf=2014-10-15",
    "/story/the-week-syria-joined",
    "/guide",
    "/map",
    "/docs",
    "/graphiql",
)
FILES = (
    "/search.json?q=coalition",
    "/openapi.json",
    "/metrics",
    "/record.jsonl",
    "/facts.csv",
    "/facts.parquet",
    "/facts.ttl",
    "/facts.prov.json",
    f"{COALITION}.ics",
    f"{COALITION}/changes.json?{TWO_POINTS}",
    "/log/proof/answer?question=members&subject=global-coalition",
)
PAGES_OF_MANY = (
    "/e/many?asOf=2000",
    "/e/many/members?asOf=2000",
    "/e/many/changes?fromAsOf=1960&asOf=2000",
    "/e/many/rectangles?asOf=2000",
    "/e/many/sources?asOf=2000",
    "/e/many/log?asOf=2000",
    "/e/many/feed.atom?asOf=2000",
    "/e/many/members/count.svg?asOf=2000",
    "/embed/e/many/members?asOf=2000&atPosition=6000",
    "/compare?left=many&fromAsOf=1960&asOf=2000",
    "/card.png?page=/e/many?asOf=2000",
    "/activity?asOf=2000",
    "/check",
)
FACTS = "facts(first: 200) { edges { node { id type sources { id title } } } }"
DOCUMENTS = {
    "introspection": get_introspection_query(),
    "a page of facts": f"{{ {FACTS} }}",
    "a diff": '{ diff(from: {asOf: "2014"}, to: {asOf: "2020"}, first: 100) '
    "{ edges { node { change subject { name } sources { id } } } } }",
    "many aliases": f"{{ {' '.join(f'a{n}: log {{ position }}' for n in range(40))} }}",
    "a document of another schema": f"{{ {' '.join(f'field{n}' for n in range(1_500))} }}",
}


@pytest.fixture(scope="module")
def loop_time() -> Iterator[LoopTime]:
    warm()
    with measured() as found:
        yield found


@pytest.fixture(scope="module")
def client(sampled: Instance, loop_time: LoopTime) -> Iterator[httpx.Client]:
    headers = {"accept": "text/html", "accept-encoding": "gzip", "sec-fetch-site": "same-origin"}
    with (
        serving(sampled, "asyncio") as address,
        httpx.Client(base_url=address, headers=headers, timeout=30) as client,
    ):
        yield client


def check(loop_time: LoopTime, ask: Callable[[int], httpx.Response]) -> httpx.Response:
    """What is answered, none of it by a long step of the loop."""
    for number in range(TRIES):
        loop_time.forget()
        answer = ask(number)
        # The step that sends an answer may not be over when the answer is there; the next one is.
        httpx.get(answer.url.join("/health/live"), timeout=30)
        longest, what = loop_time.longest, loop_time.what
        assert longest > 0
        if longest < longest_step():
            return answer
    raise AssertionError(what)


@pytest.mark.parametrize("path", PAGES + FILES)
def test_a_page_or_a_file_is_made_beside_the_loop(
    path: str, client: httpx.Client, loop_time: LoopTime
) -> None:
    answer = check(loop_time, lambda _: client.get(path))

    assert answer.status_code == (404 if path == "/e/nobody" else 200)


def test_the_pages_of_facts_and_sources_are_made_beside_the_loop(
    client: httpx.Client, loop_time: LoopTime
) -> None:
    fact = client.get("/facts.json").json()["rows"][0]
    source = fact["sources"][0]["id"]

    for path in (f"/f/{fact['id']}", f"/f/{fact['id']}/evidence", f"/s/{source}"):
        assert check(loop_time, lambda _, path=path: client.get(path)).status_code == 200


def test_the_forms_of_editing_are_made_beside_the_loop(
    sampled: Instance, client: httpx.Client, loop_time: LoopTime
) -> None:
    with sampled.database.connect() as owner:
        key = add_key(owner, "Amal", Role.REVIEWER)[1]
    cookie = {"cookie": f"{COOKIE}={key}"}
    dispute = "/edit/dispute/syria-joins"
    given = {"reason": "Nothing was signed.", "basis": "EDITORIAL", "step": "preview"}

    for path in ("/edit", "/edit/record?type=MemberJoined", dispute):
        assert check(loop_time, lambda _, p=path: client.get(p, headers=cookie)).status_code == 200
    preview = check(loop_time, lambda _: client.post(dispute, data=given, headers=cookie))
    assert preview.status_code == 200
    assert 'value="send"' in preview.text


def test_a_large_table_is_read_beside_the_loop(
    sampled: Instance, client: httpx.Client, loop_time: LoopTime
) -> None:
    with sampled.database.connect() as owner:
        key = add_key(owner, "Basim", Role.CONTRIBUTOR)[1]
    headers = {"cookie": f"{COOKIE}={key}", "sec-fetch-site": "same-origin"}
    rng = random.Random(1)
    rows = "".join(f"Member {n},2014-09-01,{rng.randbytes(170).hex()}\n" for n in range(4_900))
    table = {"file": ("large.csv", f"Country,Joined,Note\n{rows}".encode())}

    def send(number: int) -> httpx.Response:
        return client.post("/import", data={"step": "read"}, files=table, headers=headers)

    answer = check(loop_time, send)
    assert answer.status_code == 200
    packed = re.search('name="content" value="([^"]*)"', answer.text)
    assert packed is not None
    given = {"content": packed[1], "fileName": "large.csv", "step": "stay", "type": "MemberJoined"}
    nothing = {"file": ("", b"")}
    again = check(
        loop_time, lambda _: client.post("/import", data=given, files=nothing, headers=headers)
    )
    assert again.status_code == 200


def test_the_pages_of_many_members_are_made_beside_the_loop(
    new_instance: NewInstance, loop_time: LoopTime
) -> None:
    with new_instance() as instance:
        instance.record.apply([read(each) for each in many_members()], actor="someone")
        instance.catch_up()
        with serving(instance, "asyncio") as address, httpx.Client(base_url=address) as client:
            client.headers["accept"] = "text/html"
            for path in PAGES_OF_MANY:
                answer = check(loop_time, lambda _, path=path: client.get(path))
                assert answer.status_code == 200, path


def test_a_fact_that_was_corrected_often_is_looked_through_beside_the_loop(
    new_instance: NewInstance, loop_time: LoopTime
) -> None:
    said = {"type": "StatementMade", "id": "said", "speaker": "c", "when": "2014-10",
            "gist": "It is so.", "citations": [{"source": "s"}]}  # fmt: skip
    entries = [
        {"type": "SourceRegistered", "id": "s", "title": "S", "published": "2014-11"},
        {"type": "EntityRegistered", "id": "c", "kind": "COALITION", "names": {"en": "C"}},
        said,
        *({"type": "FactCorrected", "id": f"mend-{n}", "fact": "said", "reason": "a slip",
           "changes": {"gist": f"It is so, for the {n}th time."}} for n in range(4_000)),
    ]  # fmt: skip
    with new_instance() as instance:
        instance.record.apply([read(each) for each in entries], actor="someone")
        instance.catch_up()
        with serving(instance, "asyncio") as address, httpx.Client(base_url=address) as client:
            client.headers["accept"] = "text/html"
            log = check(loop_time, lambda _: client.get("/e/c/log?lang=en")).text
            changes = "/e/c/changes?lang=en&fromAtPosition=3"
            changed = check(loop_time, lambda _: client.get(changes)).text

    assert "There is more than fits here." in log
    assert "a correction" in changed


def many_members() -> Iterator[dict[str, Any]]:
    """A coalition of 2,000, that come and go on days of their own."""
    yield {"type": "SourceRegistered", "id": "s", "title": "A report", "published": "2015"}
    yield {"type": "EntityRegistered", "id": "many", "kind": "COALITION", "names": {"en": "Many"}}
    first = date(1950, 1, 1)
    for number in range(2_000):
        name = f"c{number}"
        sides = {"coalition": "many", "member": name, "citations": [{"source": "s"}]}
        days = first + timedelta(number), first + timedelta(6_000 + 3 * number)
        yield {"type": "EntityRegistered", "id": name, "kind": "COUNTRY", "names": {"en": name}}
        for kind, day in zip(("MemberJoined", "MemberLeft"), days, strict=True):
            yield {"type": kind, "id": f"{kind}-{number}", "when": day.isoformat(), **sides}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_document_is_answered_without_a_long_step(
    document: str, client: httpx.Client, loop_time: LoopTime
) -> None:
    def ask(number: int) -> httpx.Response:
        anew = f"{document} # {number}"  # else what was read of it is found again
        return client.post("/graphql", json={"query": anew}, headers={"accept": "*/*"})

    answer = check(loop_time, ask).json()

    assert ("data" in answer) != (document == DOCUMENTS["a document of another schema"])


def test_a_long_step_is_found(
    monkeypatch: pytest.MonkeyPatch, client: httpx.Client, loop_time: LoopTime
) -> None:
    monkeypatch.setattr("asyncio.to_thread", _at_once)

    with pytest.raises(AssertionError, match="Handle"):
        check(loop_time, lambda _: client.get(f"{COALITION}/changes?{TWO_POINTS}"))


async def _at_once(work: Callable[..., object], *given: object) -> object:
    """As `asyncio.to_thread`, but on the loop: as pages were once made."""
    return work(*given)
