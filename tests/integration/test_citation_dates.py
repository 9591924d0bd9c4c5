"""Citations keep what a date says of itself: doubt, approximation, season, and years before 1."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
import rispy
from conftest import NewInstance, browsing
from pybtex.database import parse_string

from api.export.formats import FORMATS
from domain.codec import read

DATES = {
    "day": "1984-06-02",
    "doubted": "1984-06?",
    "about": "1984-06~",
    "both": "1984-06%",
    "about-year": "1984~",
    "season": "1984-21",
    "decade": "198X",
    "set": "[..1984]",
    "period": "1984-06/1984-08",
    "year-0": "0000-05",
    "before": "-0043-03-15",
    "month": "1984-XX",
    "day-of-month": "1984-06-XX",
    "day-of-year": "1984-XX-XX",
    "century": "19XX",
    "doubted-decade": "198X?",
    "decade-to-year": "198X/1995",
    "year-to-decade": "1975/198X",
    "one-of": "[1984,1986]",
    "doubted-period": "1984?/1985~",
    "season-about": "1984-21~",
    "open": "1984/..",
}
CSL = {
    "day": {"date-parts": [[1984, 6, 2]]},
    "doubted": {"date-parts": [[1984, 6]], "literal": "Jun 1984, uncertain"},
    "about": {"date-parts": [[1984, 6]], "circa": True},
    "both": {"date-parts": [[1984, 6]], "circa": True, "literal": "c. Jun 1984, uncertain"},
    "about-year": {"date-parts": [[1984]], "circa": True},
    "season": {"date-parts": [[1984]], "season": 1},
    "decade": {"literal": "the 1980s"},
    "set": {"literal": "by 1984"},
    "period": {"date-parts": [[1984]], "literal": "Jun 1984 – Aug 1984"},
    "year-0": {"literal": "May 1 BCE"},
    "before": {"literal": "15 Mar 44 BCE"},
    "month": {"date-parts": [[1984]], "literal": "1984-XX"},
    "day-of-month": {"date-parts": [[1984]], "literal": "1984-06-XX"},
    "day-of-year": {"date-parts": [[1984]], "literal": "1984-XX-XX"},
    "century": {"literal": "19XX"},
    "doubted-decade": {"literal": "the 1980s, uncertain"},
    "decade-to-year": {"literal": "the 1980s – 1995"},
    "year-to-decade": {"literal": "1975 – the 1980s"},
    "one-of": {"literal": "1984 or 1986"},
    "doubted-period": {"literal": "1984, uncertain – c. 1985"},
    "season-about": {"date-parts": [[1984]], "season": 1, "circa": True},
    "open": {"literal": "from 1984 on"},
}
BIBTEX = {
    "day": ("1984", "1984-06-02"),
    "doubted": ("Jun 1984, uncertain", "1984-06?"),
    "about": ("c. Jun 1984", "1984-06~"),
    "both": ("c. Jun 1984, uncertain", "1984-06%"),
    "about-year": ("c. 1984", "1984~"),
    "season": ("spring 1984", "1984-21"),
    "decade": ("the 1980s", "198X"),
    "set": ("by 1984", None),
    "period": ("Jun 1984 – Aug 1984", "1984-06/1984-08"),
    "year-0": ("May 1 BCE", "0000-05"),
    "before": ("15 Mar 44 BCE", "-0043-03-15"),
    "month": ("1984-XX", "1984-XX"),
    "day-of-month": ("1984-06-XX", "1984-06-XX"),
    "day-of-year": ("1984-XX-XX", "1984-XX-XX"),
    "century": ("19XX", "19XX"),
    "doubted-decade": ("the 1980s, uncertain", None),
    "decade-to-year": ("the 1980s – 1995", None),
    "year-to-decade": ("1975 – the 1980s", None),
    "one-of": ("1984 or 1986", None),
    "doubted-period": ("1984, uncertain – c. 1985", "1984?/1985~"),
    "season-about": ("c. spring 1984", "1984-21~"),
    "open": ("from 1984 on", "1984/.."),
}
"""`year` and `date`."""
RIS = {
    "day": ("1984", "1984/06/02"),
    "doubted": ("1984", "1984/06//Jun 1984, uncertain"),
    "about": ("1984", "1984/06//c. Jun 1984"),
    "both": ("1984", "1984/06//c. Jun 1984, uncertain"),
    "about-year": ("1984", "1984///c. 1984"),
    "season": ("1984", "1984///spring 1984"),
    "decade": (None, "///the 1980s"),
    "set": (None, "///by 1984"),
    "period": ("1984", "1984///Jun 1984 – Aug 1984"),
    "year-0": (None, "///May 1 BCE"),
    "before": (None, "///15 Mar 44 BCE"),
    "month": ("1984", "1984///1984-XX"),
    "day-of-month": ("1984", "1984///1984-06-XX"),
    "day-of-year": ("1984", "1984///1984-XX-XX"),
    "century": (None, "///19XX"),
    "doubted-decade": (None, "///the 1980s, uncertain"),
    "decade-to-year": (None, "///the 1980s – 1995"),
    "year-to-decade": (None, "///1975 – the 1980s"),
    "one-of": (None, "///1984 or 1986"),
    "doubted-period": (None, "///1984, uncertain – c. 1985"),
    "season-about": ("1984", "1984///c. spring 1984"),
    "open": (None, "///from 1984 on"),
}


@pytest.fixture(scope="module")
def client(new_instance: NewInstance) -> Iterator[httpx.Client]:
    with new_instance() as instance:
        entries = [
            {"type": "SourceRegistered", "id": name, "title": "A title", "published": date}
            for name, date in DATES.items()
        ]
        instance.record.apply([read(entry) for entry in entries], actor="someone")
        instance.catch_up()
        with browsing(instance) as client:
            yield client


@pytest.mark.parametrize("name", DATES)
def test_csl_json_says_all_of_a_date(client: httpx.Client, name: str) -> None:
    [item] = client.get(f"/s/{name}.csl.json").json()

    assert item["issued"] == CSL[name]


@pytest.mark.parametrize("name", DATES)
def test_bibtex_says_all_of_a_date(client: httpx.Client, name: str) -> None:
    text = client.get(f"/s/{name}.bib").text

    [entry] = parse_string(text, "bibtex").entries.values()
    fields = entry.fields
    assert (fields["year"], fields.get("date")) == BIBTEX[name]
    assert "textasciitilde" not in text


@pytest.mark.parametrize("name", DATES)
def test_ris_says_all_of_a_date(client: httpx.Client, name: str) -> None:
    [record] = rispy.loads(client.get(f"/s/{name}.ris").text)

    assert (record.get("year"), record["date"]) == RIS[name]


@pytest.mark.parametrize("name", DATES)
def test_text_says_all_of_a_date(client: httpx.Client, name: str) -> None:
    text = client.get(f"/s/{name}.txt").text

    words = "1984" if name == "day" else BIBTEX[name][0]
    assert text == f"A title ({words}).\n"
    assert "؟" not in client.get(f"/s/{name}.txt?lang=ar").text


def test_no_citation_has_a_key_of_ours(client: httpx.Client) -> None:
    items = json.loads(client.get("/sources.csl.json").content)

    assert len(items) == len(DATES)
    keys = {key for item in items for key in item["issued"]}
    assert keys == {"date-parts", "circa", "season", "literal"}
    assert all(FORMATS[name].cites for name in ("csl.json", "ris", "bib", "txt"))
