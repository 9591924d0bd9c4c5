"""The count over time is what `members` counts on each day, drawn the same for the same address."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from xml.etree import ElementTree

import httpx
import pytest
from conftest import browsing

from api.instance import Instance
from api.web.count_chart import at_day
from domain.dates import Days, day_of, iso_of
from domain.facts import FLUENTS
from domain.point import Point
from projections.held_counts import HeldCounts, held_counts
from store.database import READER

COALITION = "global-coalition"
PLACES, DAYS = 25, 20
FIELD = """p%d: members(coalition: "global-coalition", asOf: "%s", knownAt: "%s", atPosition: %d,
  first: 1) { count { certain possible announced } }"""


@pytest.fixture(scope="module")
def client(sampled: Instance) -> Iterator[httpx.Client]:
    with browsing(sampled) as client:
        client.headers["accept"] = "text/html"
        yield client


def counted(instance: Instance, point: Point) -> HeldCounts:
    with instance.database.connect(READER) as connection:
        found = held_counts(connection, FLUENTS["membership"], COALITION, point, inverse=False)
    assert found is not None
    return found


def test_it_equals_the_counts_of_members_at_500_random_points(
    sampled: Instance, client: httpx.Client
) -> None:
    chance = Random(3)
    head = client.get("/log.json").json()["rows"][-1]["position"]
    first, last = day_of("2014-06-01"), day_of("2026-06-01")
    seen = set()

    for _ in range(PLACES):
        known, position = chance.randint(first, last), chance.randint(head // 2, head)
        found = counted(sampled, Point(Days(last, last), known, position))
        days = [chance.randint(first, last) for _ in range(DAYS)]
        fields = (
            FIELD % (number, iso_of(day), iso_of(known), position)
            for number, day in enumerate(days)
        )
        answer = client.post(
            "/graphql",
            json={"query": f"{{ {' '.join(fields)} }}"},
            headers={"accept": "application/json"},
        ).json()
        assert "errors" not in answer, answer
        told = answer["data"]
        for number, day in enumerate(days):
            step = at_day(found.steps, day)
            assert told[f"p{number}"]["count"] == {
                "certain": step.certain,
                "possible": step.possible,
                "announced": step.announced,
            }, (day, known, position)
            seen.add(step)

    assert len(seen) > 50


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_the_same_address_is_the_same_picture(client: httpx.Client, lang: str) -> None:
    asked = {"asOf": "2025-11-10", "knownAt": "2025-12-01", "atPosition": "500", "lang": lang}
    path = f"/e/{COALITION}/members/count.svg"
    first, second = client.get(path, params=asked), client.get(path, params=asked)

    assert first.content == second.content
    assert first.headers["content-type"].startswith("image/svg+xml")
    picture = ElementTree.fromstring(first.content)
    years = [
        (float(each.attrib["x"]), int(each.text or ""))
        for each in picture.iter("{http://www.w3.org/2000/svg}text")
        if each.attrib["y"] == "232"
    ]
    assert len(years) > 3
    assert [year for _, year in sorted(years, reverse=lang == "ar")] == sorted(
        year for _, year in years
    )


def test_a_reported_count_says_who_reported_it(client: httpx.Client) -> None:
    page = client.get(f"/e/{COALITION}?asOf=2025-11-10&lang=en").text
    picture = page.split("<record-count")[1].split("</record-count>")[0]

    assert picture.count("<circle") > 2
    assert " reported " in picture


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/e/syria/memberships/count.svg", 200),
        ("/e/al-tanf/operators/count.svg", 200),
        (f"/e/{COALITION}/bases/count.svg?asOf=-9999", 200),
        (f"/e/{COALITION}/bases/count.svg?asOf=9999-12-31&lang=ar", 200),
        (f"/e/{COALITION}/planets/count.svg", 404),
        ("/e/syria/members/count.svg", 404),
        ("/e/nobody/members/count.svg", 404),
        (f"/e/{COALITION}/members/count.svg?asOf=never", 400),
        (f"/e/{COALITION}/members", 200),
    ],
)
def test_there_is_one_of_every_question_that_has_an_answer(
    client: httpx.Client, path: str, status: int
) -> None:
    answer = client.get(path)

    assert answer.status_code == status
    if status == 200:
        assert "<svg" in answer.text
