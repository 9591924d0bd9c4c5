"""/compare: what is on both sides and on one alone is what a diff of the same points says."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from conftest import NewInstance, browsing
from selectolax.lexbor import LexborHTMLParser
from thorough import times

from api.files import sample
from api.web.pages.compare import comparison
from domain.codec import read
from domain.dates import days_from_civil, iso_of
from domain.standing import Standing

COALITION = "global-coalition"
DIFF = """query ($id: ID!, $from: AsOf!, $to: AsOf!) {
  diff(entity: $id, from: $from, to: $to, first: 500) {
    edges { node { question scope { id } subject { id } change
      before { standing } after { standing } } }
  }
}"""
PAIRS = times(20, 300)
CITED = [{"source": "general-knowledge"}]
ACCORD: list[dict[str, Any]] = [
    {"type": "EntityRegistered", "id": "accord", "kind": "COALITION",
     "names": {"en": "Accord <of> the Coast", "ar": "ميثاق الساحل"}},
    *({"type": "MemberJoined", "id": f"accord-{name}", "coalition": "accord", "member": name,
       "when": when, "citations": CITED}
      for name, when in (("egypt", "2013-05"), ("lebanon", "2014-05"), ("russia", "2014"))),
    {"type": "EntityRegistered", "id": "russia", "kind": "COUNTRY", "names": {"en": "Russia"}},
]  # fmt: skip


@pytest.fixture(scope="module")
def http(new_instance: NewInstance) -> Iterator[httpx.Client]:
    with new_instance() as instance:
        entries = [*sample().entries, *(read(each) for each in [ACCORD[-1], *ACCORD[:-1]])]
        instance.record.apply(entries, actor="someone")
        instance.catch_up()
        with browsing(instance) as client:
            client.headers["accept"] = "text/html"
            yield client


def page(http: httpx.Client, status: int = 200, **asked: Any) -> LexborHTMLParser:
    answer = http.get("/compare", params=asked)
    assert answer.status_code == status, answer.text
    return LexborHTMLParser(answer.text)


def words(found: LexborHTMLParser, selector: str) -> str:
    return " ".join(found.css_first(selector).text().split())


Standings = dict[str, tuple[str | None, str | None]]


def listed(found: LexborHTMLParser) -> Standings:
    """By id, the standings that the lists have on the left and on the right."""
    return {
        row.attributes["data-id"] or "": (
            row.attributes.get("data-left"), row.attributes.get("data-right"),
        )
        for row in found.css(".triple tr[data-id]")
    }  # fmt: skip


def point(rng: random.Random) -> dict[str, Any]:
    """A day of the world, with a day of publication and a position or without."""
    first = days_from_civil(2014, 1, 1)
    found: dict[str, Any] = {"asOf": iso_of(first + rng.randrange(4_500))}
    if rng.random() < 0.7:
        found["knownAt"] = iso_of(first + rng.randrange(4_700))
    if rng.random() < 0.5:
        found["atPosition"] = rng.randrange(240, 590)
    return found


@pytest.mark.parametrize("seed", range(PAIRS))
def test_what_is_compared_is_what_a_diff_says(http: httpx.Client, seed: int) -> None:
    rng = random.Random(seed)
    one, other = point(rng), point(rng)
    before = {f"from{name[0].upper()}{name[1:]}": value for name, value in one.items()}
    question = rng.choice(["members", "members", "bases"])

    rows = listed(page(http, left=COALITION, question=question, **before, **other))
    body = {"query": DIFF, "variables": {"id": COALITION, "from": one, "to": other}}
    told = http.post("/graphql", json=body, headers={"accept": "application/json"}).json()["data"][
        "diff"
    ]["edges"]

    differing: Standings = {
        node["subject"]["id"]: tuple(
            each and each["standing"] for each in (node["before"], node["after"])
        )
        for node in (edge["node"] for edge in told)
        if node["question"] == question.upper() and node["scope"]["id"] == COALITION
    }
    assert {name: rows.get(name) for name in differing} == differing
    same = rows.keys() - differing.keys()
    assert all(rows[name][0] == rows[name][1] for name in same)


def test_a_question_that_nothing_answers_yet_is_compared_as_empty(http: httpx.Client) -> None:
    found = page(http, left=COALITION, question="members", fromAtPosition=259, atPosition=266)

    assert listed(found) == {}
    assert words(found, "[aria-current=true]") == "Members"
    assert listed(page(http, left="syria", question="members")) == {}


def test_two_coalitions_stand_side_by_side_on_one_day(http: httpx.Client) -> None:
    found = page(http, left=COALITION, right="accord", asOf="2015-01-01", lang="en")

    assert words(found, "h1") == "Global Coalition against Daesh and Accord <of> the Coast compared"
    assert words(found, "#only-right tbody") == "RussiaCertain 2014"
    assert listed(found)["egypt"] == ("CERTAIN", "CERTAIN")
    assert len(found.css(".pair record-map")) == 2
    assert len(found.css("#counts .side")) == 2
    assert words(found, "#both .quiet") == "2"
    assert " to " in words(found, "#only-left .quiet")


def test_a_side_is_found_by_its_name_too(http: httpx.Client) -> None:
    found = page(http, left="Global Coalition against Daesh", right="ميثاق الساحل", lang="ar")

    assert "ميثاق الساحل" in words(found, "h1")


def test_maps_of_places_show_the_same_land(http: httpx.Client) -> None:
    found = page(http, left=COALITION, question="bases", fromAsOf="2017", asOf="2026-06", lang="en")
    one, other = found.css(".pair record-map")

    def drawn(map_: Any) -> list[tuple[str, str]]:
        return [
            (each.attributes["data-id"], each.attributes["transform"])
            for each in map_.css(".place")
        ]

    assert drawn(one) == drawn(other)
    assert other.css_first(".off")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 200),
        ({"left": ""}, 200),
        ({"left": "nobodyatall"}, 404),
        ({"left": COALITION, "right": "nobodyatall"}, 404),
        ({"left": COALITION, "question": "nothing"}, 400),
        ({"left": COALITION, "fromAsOf": "never"}, 200),
        ({"left": COALITION, "asOf": "never", "lang": "ar"}, 200),
        ({"left": COALITION, "fromAtPosition": "99999999"}, 400),
        ({"left": "syria", "right": "al-tanf"}, 200),
        ({"left": "\x00"}, 400),
        ({"left": COALITION, "sides": "2"}, 400),
    ],
)
def test_a_comparison_answers_or_says_what_is_wrong(
    http: httpx.Client, asked: dict[str, str], status: int
) -> None:
    answer = http.get("/compare", params=asked)

    assert answer.status_code == status, answer.text


def test_a_pair_is_as_certain_as_the_less_certain_of_the_two() -> None:
    def row(name: str, standing: Standing) -> dict[str, Any]:
        return {"it": {"id": name}, "standing": standing.value, "contested": False}

    left = [row("a", Standing.CERTAIN), row("b", Standing.POSSIBLE)]
    right = [row("b", Standing.ANNOUNCED), row("c", Standing.CERTAIN)]

    found = comparison(left, right)

    assert [each.it["id"] for each in (*found.left, *found.both, *found.right)] == ["a", "b", "c"]
    assert found.both[0].summary["standing"] == "ANNOUNCED"
