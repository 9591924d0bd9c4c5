"""Two dates that contradict each other: the row goes by one and shows the other as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from conftest import NewInstance, browsing

from api.cli import main
from api.instance import Instance
from domain.codec import read

CITED = {"citations": [{"source": "s"}]}
LEAVING = {"type": "MemberLeft", "coalition": "pact", "member": "albania", **CITED}
ENTRIES = [
    {"type": "SourceRegistered", "id": "s", "title": "A history", "published": "1970"},
    {"type": "EntityRegistered", "id": "pact", "kind": "COALITION", "names": {"en": "Pact"}},
    {"type": "EntityRegistered", "id": "albania", "kind": "COUNTRY", "names": {"en": "Albania"}},
    {
        "type": "MemberJoined",
        "id": "joins",
        "coalition": "pact",
        "member": "albania",
        "when": "1955-05-14",
        **CITED,
    },
    {**LEAVING, "id": "stays-away", "when": "1961-12~"},
    {**LEAVING, "id": "denounces", "when": "1968-09-13"},
]
ROW = """query ($asOf: EDTFDate) { members(coalition: "pact", asOf: $asOf) { edges { node {
    contested until { edtf earliest latest } alternatives { until { edtf } facts { id } } } } } }"""
DIFF = """{ diff(entity: "pact", from: {asOf: "1954"}, to: {asOf: "1965"}) { edges { node {
    after { until { edtf } } } } } }"""


@pytest.fixture(scope="module")
def contradicted(new_instance: NewInstance) -> Iterator[Instance]:
    with new_instance() as instance:
        instance.record.apply([read(entry) for entry in ENTRIES], actor="someone")
        instance.catch_up()
        yield instance


@pytest.fixture(scope="module")
def client(contradicted: Instance) -> Iterator[httpx.Client]:
    with browsing(contradicted) as client:
        yield client


def test_a_row_goes_by_the_date_that_is_agreed_and_lists_the_other(client: httpx.Client) -> None:
    asked = {"query": ROW, "variables": {"asOf": "1965"}}
    [edge] = client.post("/graphql", json=asked).json()["data"]["members"]["edges"]

    assert edge["node"] == {
        "contested": True,
        "until": {"edtf": "1961-12~", "earliest": "1961-11-01", "latest": "1968-09-13"},
        "alternatives": [{"until": {"edtf": "1968-09-13"}, "facts": [{"id": "denounces"}]}],
    }


def test_a_diff_says_the_date_that_is_agreed(client: httpx.Client) -> None:
    [edge] = client.post("/graphql", json={"query": DIFF}).json()["data"]["diff"]["edges"]

    assert edge["node"]["after"]["until"] == {"edtf": "1961-12~"}


def test_a_page_shows_each_date_once(client: httpx.Client) -> None:
    page = client.get("/e/pact", params={"asOf": "1965", "lang": "en"})

    words = " ".join(re.sub("<[^>]*>", " ", page.text).split())
    assert "Albania 14 May 1955 until c. Dec 1961 or until 13 Sep 1968 ( A history )" in words


def test_the_command_line_shows_each_date_once(
    contradicted: Instance, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SIJILL_DATABASE_URL", contradicted.database.url)

    assert main(["ask", "members", "pact", "--as-of", "1965"]) == 0

    told = capfd.readouterr()
    assert "1961-12~" in told.out + told.err
    assert (told.out + told.err).count("1968-09-13") == 1
