"""The map of knowledge is what stands on each day by what was known on each; claims are told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from random import Random
from xml.etree import ElementTree

import httpx
import psycopg
import pytest
from conftest import browsing
from selectolax.lexbor import LexborHTMLParser

from api.instance import Instance
from domain.dates import day_of, iso_of
from domain.versions import FluentKey
from projections.knowledge import KnowledgeRegion, RegionKind, regions, rows_of
from store.database import READER

COALITION = "global-coalition"
MEMBERS = ("syria", "iraq", "france", "kuwait")
FACT = "/f/syria-joins-2025-11-11"
AT_ONCE = 25
POINTS = 2_000
FIELD = """p%d: memberships(member: "%s", asOf: "%s", knownAt: "%s", atPosition: %d, first: 50) {
  edges { node { coalition { id } standing } } }"""


@pytest.fixture(scope="module")
def client(sampled: Instance) -> Iterator[httpx.Client]:
    with browsing(sampled) as client:
        client.headers["accept"] = "text/html"
        yield client


def drawn(instance: Instance, member: str, position: int) -> list[KnowledgeRegion]:
    """The regions of a membership, in the order in which they are painted."""

    async def asked() -> list[KnowledgeRegion]:
        database = instance.database
        connection = await psycopg.AsyncConnection.connect(database.url, **database.session(READER))
        async with connection:
            key = FluentKey("membership", COALITION, member)
            return regions(await rows_of(connection, key, position))

    return asyncio.run(asked())


def seen_at(painted: list[KnowledgeRegion], day: int, known: int) -> str | None:
    """What is painted last at a point; what is set aside stands for nothing."""
    found = None
    for each in painted:
        if (
            (each.first is None or each.first <= day)
            and (each.until is None or day < each.until)
            and (each.known is None or each.known <= known)
            and (each.known_until is None or known < each.known_until)
            and each.kind is not RegionKind.SET_ASIDE
        ):
            found = each.kind.name
    return found


def test_it_equals_the_standing_at_2000_random_points(
    sampled: Instance, client: httpx.Client
) -> None:
    chance = Random(5)
    head = client.get("/log.json").json()["rows"][-1]["position"]
    near = (day_of("2025-10-25"), day_of("2025-12-20"))
    far = (day_of("2014-08-01"), day_of("2026-03-01"))
    seen = dict.fromkeys([None, "ANNOUNCED", "POSSIBLE", "CERTAIN"], 0)

    for _ in range(POINTS // AT_ONCE):
        member, position = chance.choice(MEMBERS), chance.choice((head, chance.randint(300, head)))
        painted = drawn(sampled, member, position)
        points = [
            (chance.randint(*span), chance.randint(*span))
            for span in (chance.choice((near, far)) for _ in range(AT_ONCE))
        ]
        fields = (
            FIELD % (number, member, iso_of(day), iso_of(known), position)
            for number, (day, known) in enumerate(points)
        )
        answer = client.post(
            "/graphql",
            json={"query": f"{{ {' '.join(fields)} }}"},
            headers={"accept": "application/json"},
        ).json()
        assert "errors" not in answer, answer
        for number, (day, known) in enumerate(points):
            nodes = (edge["node"] for edge in answer["data"][f"p{number}"]["edges"])
            standing = next(
                (node["standing"] for node in nodes if node["coalition"]["id"] == COALITION), None
            )
            assert seen_at(painted, day, known) == standing, (member, day, known, position)
            seen[standing] += 1

    assert all(seen.values()), seen


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_the_same_address_is_the_same_picture(client: httpx.Client, lang: str) -> None:
    asked = {"asOf": "2025-11-10", "knownAt": "2025-11-03", "atPosition": "500", "lang": lang}
    path = "/f/syria-joins-2025-11-11/knowledge.svg"
    first, second = client.get(path, params=asked), client.get(path, params=asked)

    assert first.status_code == 200
    assert first.content == second.content
    ElementTree.fromstring(first.content)
    moved = client.get(path, params={**asked, "knownAt": "2025-11-20"})
    assert moved.content != first.content


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/f/nothing/knowledge.svg", 404),
        ("/f/syria-joins-2025-11-11/knowledge.svg?asOf=never", 400),
        ("/f/syria-joins-2025-11-11/knowledge.svg?knownAt=1990", 200),
        ("/f/syria-joins-2025-11-11/knowledge.svg?asOf=-9999&lang=ar", 200),
    ],
)
def test_whatever_is_asked_of_it_is_answered(client: httpx.Client, path: str, status: int) -> None:
    assert client.get(path).status_code == status


@pytest.mark.parametrize(
    "path", ["/f/syria-joins-2025-11-11", "/f/syria-joins-2025-11-11/evidence"]
)
@pytest.mark.parametrize("lang", ["en", "ar"])
def test_where_dates_disagree_a_table_says_who_says_what(
    client: httpx.Client, path: str, lang: str
) -> None:
    page = LexborHTMLParser(client.get(path, params={"lang": lang}).text)
    rows = page.css("table.claims tbody tr")
    facts = {each.attributes["data-fact"] for row in rows for each in row.css("[data-fact]")}
    fact = client.get("/f/syria-joins-2025-11-11.json").json()["rows"][0]

    assert {"syria-joins-2025-11-10", "syria-joins-2025-11-11"} <= facts
    sources = {each.attributes["href"].split("?")[0] for each in page.css("table.claims th a")}
    assert {f"/s/{each['source']['id']}" for each in fact["citations"]} <= sources
    assert all(len(row.css("td")) == 4 for row in rows)
    assert page.css_first("record-knowledge svg") is not None


def test_what_is_agreed_has_no_such_table(client: httpx.Client) -> None:
    page = client.get("/f/al-tanf-since-2014?knownAt=2026-01-01&lang=en").text

    assert "<svg" in page
    assert 'class="claims"' not in page


def test_lists_and_differences_lead_to_who_says_what(client: httpx.Client) -> None:
    listed = client.get(f"/e/{COALITION}?asOf=2025-11-20&lang=en").text
    changed = client.get(
        f"/e/{COALITION}/changes?lang=en&asOf=2025-11-20&fromAsOf=2025-11-20&fromKnownAt=2025-11-03"
    ).text

    assert "Who says what" in listed.split("<record-members>")[1].split("</record-members>")[0]
    assert "Who says what" in changed
