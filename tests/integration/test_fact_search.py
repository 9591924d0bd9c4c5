"""Facts are found by their type, by whom they name and by words, as people ask for them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from conftest import browsing
from selectolax.lexbor import LexborHTMLParser

from api.instance import Instance
from projections.search import NO_PARTY, Searched, counts, fact_words


@pytest.fixture(scope="module")
def client(sampled: Instance) -> Iterator[httpx.Client]:
    with browsing(sampled) as client:
        client.headers["accept"] = "text/html"
        yield client


def found(client: httpx.Client, text: str, **more: str) -> list[str]:
    """The ids that a search finds, the best first."""
    told = client.get("/search.json", params={"q": text, "lang": "en", **more}).json()["search"]
    return [edge["node"]["id"] for edge in told["edges"]]


@pytest.mark.parametrize(
    "text",
    [
        "syria joined",
        "was syria a member",
        "when did Syria join the global coalition",
        "syria member joined coalition",
        "انضمت سوريا",
        "هل كانت سوريا عضواً",
        "متى انضمت سوريا إلى التحالف الدولي",
    ],
)
def test_a_question_finds_the_fact_that_answers_it(client: httpx.Client, text: str) -> None:
    assert found(client, text)[0].startswith("syria-joins")


@pytest.mark.parametrize(
    ("text", "kind"),
    [("syria", "ENTITY"), ("سوريا", "ENTITY"), ("syr", "ENTITY"), ("syria joined", "FACT")],
)
def test_what_is_called_so_comes_before_what_is_about_it(
    client: httpx.Client, text: str, kind: str
) -> None:
    told = client.get("/search.json", params={"q": text}).json()["search"]["edges"]

    assert told[0]["node"]["kind"] == kind
    facts = found(client, text, kind="fact")
    assert any(each.startswith("syria") for each in facts)


def test_every_fact_that_is_found_by_parties_and_type_has_both(client: httpx.Client) -> None:
    ids = found(client, "coalition tanf established", kind="fact")
    rows = client.get("/facts.json?type=BaseEstablished").json()["rows"]

    assert "al-tanf-since-2014" in ids
    assert set(ids) <= {row["id"] for row in rows}


def test_words_in_texts_still_find_facts_beside_parties(client: httpx.Client) -> None:
    rows = client.get("/facts.json?type=StatementMade").json()["rows"]
    fact = next(row for row in rows if row["details"].get("gist"))
    word = max(re.findall(r"[a-z]+", fact["details"]["gist"].lower()), key=len)
    speaker = fact["subjects"][0]["entity"]["name"]

    assert fact["id"] in found(client, f"{speaker} {word}", kind="fact")


def test_a_fact_is_found_only_where_it_is_known(client: httpx.Client) -> None:
    assert "syria-joins-2025-11-11" in found(client, "syria joined")
    assert "syria-joins-2025-11-11" not in found(client, "syria joined", knownAt="2025-11-01")
    assert found(client, "syria joined", atPosition="0") == []


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_the_page_groups_what_is_found_and_counts_it(client: httpx.Client, lang: str) -> None:
    page = LexborHTMLParser(client.get("/search", params={"q": "syria", "lang": lang}).text)
    groups = page.css(".live-found section.found")
    numbers = [int(each.css_first("header .quiet").text().rstrip("+")) for each in groups]
    tabs = [int(each.text().rstrip("+")) for each in page.css(".tabs nav a .quiet")]

    assert len(groups) == 3
    assert sorted(numbers) == sorted(tabs)
    for group, number in zip(groups, numbers, strict=True):
        assert len(group.css("ul.rows > li")) == min(number, 6)
        kind = (group.css_first("h2 a").attributes["href"] or "").split("kind=")[1].split("&")[0]
        listed = client.get("/search", params={"q": "syria", "lang": lang, "kind": kind}).text
        assert len(LexborHTMLParser(listed).css("ul.rows > li")) == min(number, 25)


@pytest.mark.parametrize(
    ("query", "looked"),
    [("q=tanf", []), ("q=sweden", []), ("q=sweden&kind=source", ["ENTITY", "FACT"])],
)
def test_what_is_shown_is_not_looked_for_again_to_be_counted(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch, query: str, looked: list[str]
) -> None:
    again: list[str] = []

    async def counting(connection: Any, *given: Any) -> dict[Searched, int]:
        again.extend(given[-1])
        return await counts(connection, *given)

    monkeypatch.setattr("api.web.pages.search.counts", counting)
    page = LexborHTMLParser(client.get(f"/search?{query}&lang=en").text)

    assert again == looked
    tabs = [int(each.text()) for each in page.css(".tabs nav a .quiet")]
    assert sum(tabs) == len(found(client, query.removeprefix("q=").partition("&")[0]))


def test_the_kind_with_the_best_match_comes_first(client: httpx.Client) -> None:
    page = LexborHTMLParser(client.get("/search?q=syria+joined&lang=en").text)

    assert page.css_first(".live-found h2").text() == "Facts"


def test_one_letter_is_in_no_name_of_whom_facts_are_about() -> None:
    assert fact_words("s", ()).patterns == [NO_PARTY]
    assert fact_words("uk", ()).patterns == ["% uk %"]
    assert fact_words("was syria a member", ()).prefixes == ["syria:*", "member:*"]


def test_one_letter_costs_no_more_than_a_few_words(client: httpx.Client) -> None:
    def cost(text: str) -> float:
        best = 9.0
        for _ in range(5):
            before = time.perf_counter()
            assert client.get("/search", params={"q": text}).status_code == 200
            best = min(best, time.perf_counter() - before)
        return best

    assert cost("s") < 5 * cost("syria joined coalition")
