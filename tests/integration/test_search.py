"""Search finds entities, facts and sources in both languages, on any day, the best first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from conftest import NewInstance, browsing
from hostile import STRINGS
from psycopg import sql

from api.files import sample
from api.instance import Instance
from domain.codec import read
from projections.search import Searched, SearchQuery, matching
from store.database import READER

QUERY = """query($text: String!, $kinds: [Searched!], $first: Int, $after: String, $knownAt: Date,
    $atPosition: Int, $asOf: EDTFDate) {
  search(text: $text, kinds: $kinds, first: $first, after: $after, knownAt: $knownAt,
      atPosition: $atPosition, asOf: $asOf) {
    pageInfo { hasNextPage endCursor }
    edges { node { kind id score entity { id name } fact { id type } source { id title } } } } }"""


def entity(name: str, **names: str) -> dict[str, Any]:
    return {"type": "EntityRegistered", "id": name, "kind": "PERSON", "names": names}


ENTRIES = [
    entity("ahmad", ar="أَحْمَد الشَّرع", en="Ahmad al-Sharaa"),
    entity("ula", ar="عُلا مصطفى", en="Ula Mustafa"),
    entity("school", ar="مدرسة حلب", en="School of Aleppo"),
    entity("jose", en="José Müller"),
    entity("mosul", en="Mosul", ar="الموصل"),
    entity("mosul-road", en="Road to Mosul"),
    entity("other", en="Tomosulate"),
    {"type": "SourceRegistered", "id": "early", "title": "بيان عن الإرهاب", "published": "2020"},
    {"type": "SourceRegistered", "id": "late", "title": "A report on Mosul", "published": "2024"},
    {"type": "StatementMade", "id": "said", "speaker": "ahmad", "when": "2019-05-01",
     "gist": "Said that the road is open again", "citations": [{"source": "late"}]},
    {"type": "EntityRenamed", "id": "renamed", "entity": "jose", "names": {"en": "Joe Miller"},
     "when": "2021-06-01", "reason": "So he calls himself."},
    {"type": "EntitiesMerged", "id": "merged", "entities": ["mosul-road"], "into": "mosul",
     "reason": "The same."},
]  # fmt: skip
LETTERS = [
    entity("sanaa", en="Sana’a", ar="صنعاء"),
    entity("igdir", en="Iğdır"),
    entity("lodz", en="Łódź"),
    entity("rauf", ar="رؤوف"),
    entity("aliyev", en="İlham Əliyev"),
    entity("orsted", en="Ærø Ørsted"),
    entity("masul", ar="مسؤول"),
    entity("united-nations", en="United Nations"),
    entity("a-fund", en="Fund for United Nations Development"),
    entity("a-league", en="United Nations League"),
    entity("z-league", en="United Nations Legion"),
    {"type": "MemberJoined", "id": "joins", "coalition": "z-league", "member": "jose",
     "when": "2019", "citations": [{"source": "late"}]},
]  # fmt: skip
"""After the others, whose positions tests name."""


@pytest.fixture(scope="module")
def recorded(new_instance: NewInstance) -> Iterator[Instance]:
    with new_instance() as instance:
        for entry in (*ENTRIES, *LETTERS):
            instance.record.apply([read(entry)], actor="someone")
        instance.catch_up()
        yield instance


@pytest.fixture(scope="module")
def client(recorded: Instance) -> Iterator[httpx.Client]:
    with browsing(recorded) as client:
        yield client


def found(client: httpx.Client, text: str, **variables: Any) -> list[str]:
    response = client.post(
        "/graphql", json={"query": QUERY, "variables": {"text": text, **variables}}
    )
    assert "errors" not in response.json(), response.json()
    edges = response.json()["data"]["search"]["edges"]
    for node in (edge["node"] for edge in edges):
        shown = {kind: node[kind.lower()] for kind in ("ENTITY", "FACT", "SOURCE")}
        assert [kind for kind, each in shown.items() if each] == [node["kind"]]
        assert shown[node["kind"]]["id"] == node["id"]
    return [edge["node"]["id"] for edge in edges]


@pytest.mark.parametrize(
    ("text", "best"),
    [
        ("احمد", "ahmad"),  # without hamza and tashkeel
        ("أحمد الشرع", "ahmad"),
        ("الشـــرع", "ahmad"),  # tatweel
        ("مصطفي", "ula"),  # ya for alef maqsura
        ("علا مصطفى", "ula"),
        ("مدرسه حلب", "school"),  # ha for ta marbuta
        ("AHMAD", "ahmad"),
        ("al sharaa", "ahmad"),
        ("jose", "jose"),  # without accents
        ("MULLER", "jose"),
        ("Joe", "jose"),  # what he is called later
        ("الارهاب", "early"),
        ("road is open", "said"),
        ("shcool of aleppo", "school"),  # letters swapped
        ("said", "said"),
        ("early", "early"),  # by id
        ("Sanaa", "sanaa"),
        ("Sana'a", "sanaa"),
        ("Sanaʿa", "sanaa"),
        ("صنعا", "sanaa"),
        ("igdir", "igdir"),
        ("ığdır", "igdir"),
        ("IĞDIR", "igdir"),
        ("lodz", "lodz"),
        ("رءوف", "rauf"),
        ("روف", "rauf"),
        ("مسئول", "masul"),
        ("Ilham Aliyev", "aliyev"),
        ("aero orsted", "orsted"),
    ],
)  # fmt: skip
def test_what_is_meant_comes_first(client: httpx.Client, text: str, best: str) -> None:
    assert found(client, text)[:1] == [best]


def test_a_whole_name_comes_before_a_beginning_and_that_before_a_part(client: httpx.Client) -> None:
    assert found(client, "mosul") == ["mosul", "late", "other"]
    assert found(client, "mosul", kinds=["SOURCE"]) == ["late"]
    assert found(client, "mos", kinds=["ENTITY"]) == ["mosul", "other"]


def test_of_names_that_begin_alike_the_one_of_which_more_is_known_comes_first(
    client: httpx.Client,
) -> None:
    ranked = ["united-nations", "z-league", "a-league", "a-fund"]

    assert found(client, "United Nations", kinds=["ENTITY"]) == ranked
    assert found(client, "united nat", kinds=["ENTITY"])[-1] == "a-fund"
    pages, after = [], None
    for _ in ranked:
        asked = {"text": "United Nations", "kinds": ["ENTITY"], "first": 1, "after": after}
        response = client.post("/graphql", json={"query": QUERY, "variables": asked})
        page = response.json()["data"]["search"]
        pages += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
    assert pages == ranked


def test_what_is_merged_is_found_as_what_it_is_merged_into(client: httpx.Client) -> None:
    assert found(client, "road to mosul")[0] == "mosul"
    assert found(client, "road to mosul", atPosition=len(ENTRIES) - 1)[0] == "mosul-road"


def test_what_was_not_recorded_or_not_known_yet_is_not_found(client: httpx.Client) -> None:
    assert found(client, "road is open", kinds=["FACT"]) == ["said"]
    assert found(client, "road is open", kinds=["FACT"], knownAt="2023-01-01") == []
    assert found(client, "road is open", kinds=["FACT"], atPosition=9) == []
    assert found(client, "Mosul", kinds=["ENTITY"], atPosition=4) == []


def test_nothing_is_found_for_what_has_no_letter(client: httpx.Client) -> None:
    for text in ("", "  ", "%", "_", "🎉", "'", "\\", "-"):
        assert found(client, text) == []


def test_pages_follow_each_other(new_instance: NewInstance) -> None:
    with new_instance() as instance:
        instance.record.apply(sample().entries, actor="someone")
        instance.catch_up()
        with browsing(instance) as client:
            whole = found(client, "coalition", first=500)
            pages, after = [], None
            while after is not None or not pages:
                asked = {"text": "coalition", "first": 7, "after": after}
                response = client.post("/graphql", json={"query": QUERY, "variables": asked})
                page = response.json()["data"]["search"]
                pages += [edge["node"]["id"] for edge in page["edges"]]
                after = page["pageInfo"]["endCursor"] if page["pageInfo"]["hasNextPage"] else None

        assert whole[0] == "global-coalition"
        assert len(whole) > 30
        assert pages == whole


def test_no_text_breaks_it(client: httpx.Client) -> None:
    for text in STRINGS:
        if len(text) <= 200:
            found(client, text, first=3)


def test_a_search_of_a_forged_place_is_refused(client: httpx.Client) -> None:
    for cursor in ("x", "W10=", "WyJOYU4iLCJGQUNUIiwiYSJd", "WyIxZTk5OTk5OTk5IiwiRkFDVCIsImEiXQ=="):
        variables = {"text": "mosul", "after": cursor}
        response = client.post("/graphql", json={"query": QUERY, "variables": variables})

        assert response.json()["errors"][0]["extensions"]["code"] == "BAD_CURSOR"


@pytest.mark.parametrize("kind", list(Searched))
def test_the_index_of_the_words_is_used(recorded: Instance, kind: Searched) -> None:
    tables = {"ENTITY": "entities", "SOURCE": "sources", "FACT": "versions"}
    asked = SearchQuery("mosul", "mosul", ["%mosul%"]).parameters
    words = matching(kind, alike=True)
    with recorded.database.connect(READER) as connection:
        connection.execute("SET enable_seqscan = off")  # of a few rows no index is worth it
        # Without the clocks, whose indexes are as good for a few rows.
        explain = sql.SQL("EXPLAIN SELECT 1 FROM {} WHERE {}")
        told = connection.execute(
            explain.format(sql.Identifier(tables[kind]), words), asked
        ).fetchall()

    assert f"{tables[kind]}_words" in str(told)


def test_a_text_of_any_length_is_projected(instance: Instance) -> None:
    gist, quote = "\ufdfa" * 20_000, "a" * 20_000
    cited = [{"source": "early", "quote": quote}] * 8
    fact = {"type": "StatementMade", "id": "long", "speaker": "ahmad", "when": "2019", "gist": gist}

    instance.record.apply([read(each) for each in ENTRIES[:8]], actor="someone")
    instance.record.apply([read({**fact, "citations": cited})], actor="someone")

    assert instance.catch_up() == 9
