"""Every row of docs/contract/folding.md#examples as PostgreSQL answers and a page shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from conftest import NewInstance, browsing
from selectolax.lexbor import LexborHTMLParser
from strategies import FoldCase
from support.fold_table import NUMBERED, entries_of_table, ids_of_rows

from domain.dates import iso_of

NODE = "edges { node { standing contested announcedEnds { edtf } } }"
STANDINGS = ("Certain", "Possible", "Announced")


@pytest.fixture(scope="module")
def client(new_instance: NewInstance) -> Iterator[httpx.Client]:
    with new_instance() as instance:
        instance.record.apply(entries_of_table(), actor="someone")
        instance.catch_up()
        with browsing(instance) as client:
            yield client


@pytest.mark.parametrize(("number", "case"), NUMBERED, ids=ids_of_rows())
def test_every_row_of_the_fold_table_in_sql(
    client: httpx.Client, number: int, case: FoldCase
) -> None:
    probes = list(case.probes())
    asked = " ".join(
        f'd{place}: members(coalition: "union-{number}", asOf: "{iso_of(day)}") {{ {NODE} }}'
        for place, (day, _) in enumerate(probes)
    )
    answer = client.post("/graphql", json={"query": f"{{ {asked} }}"}).json()

    nodes = [edge["node"] for each in answer["data"].values() for edge in each["edges"]]
    standings = [
        each["edges"][0]["node"]["standing"] if each["edges"] else None
        for each in answer["data"].values()
    ]
    assert standings == [expected for _, expected in probes]
    assert any(node["contested"] for node in nodes) == case.contested
    ends = {end["edtf"] for node in nodes for end in node["announcedEnds"]}
    assert ends == set(case.announced_ends)


@pytest.mark.parametrize(("number", "case"), NUMBERED, ids=ids_of_rows())
def test_every_row_of_the_fold_table_on_the_page(
    client: httpx.Client, number: int, case: FoldCase
) -> None:
    rows = []
    for day, expected in case.probes():
        page = client.get(f"/e/union-{number}", params={"asOf": iso_of(day), "lang": "en"})
        tree = LexborHTMLParser(page.text)
        row = tree.css_first("record-members tbody tr")
        text = "" if row is None else " ".join(row.text().split())

        assert page.status_code == 200
        assert re.findall("|".join(STANDINGS), text) == (
            [] if expected is None else [expected.capitalize()]
        ), day
        rows.append(text)

    assert any("Contested" in text for text in rows) == case.contested
    assert any("announced to end" in text for text in rows) == bool(case.announced_ends)
