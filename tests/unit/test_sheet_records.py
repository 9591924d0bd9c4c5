"""Objects of JSON, JSON Lines and YAML are read as the rows of a sheet."""

from __future__ import annotations

import json

import pytest

from api.sheets.sheet import Layout, Sheet
from domain.errors import Refused

LEGISLATORS = [
    {
        "id": {"bioguide": "A1", "fec": ["H1", "S1"]},
        "name": {"first": "Ada", "nick": None},
        "terms": [
            {"start": "2001-01-03", "state": "NO"},
            {"start": "2003-01-07", "at_large": True},
        ],
    },
    {"id": {"bioguide": "B2"}, "name": {"first": "بدر"}, "terms": []},
]
YAML = """
- id: {bioguide: A1, fec: [H1, S1]}
  name: {first: Ada, nick: ''}
  terms:
  - {start: 2001-01-03, state: NO}
  - {start: 2003-01-07, at_large: true}
- id: {bioguide: B2}
  name: {first: بدر}
  terms: []
"""


def sheet(text: str, name: str, **layout: object) -> Sheet:
    return Sheet(name, text.encode(), Layout(**layout))  # type: ignore[arg-type]


def test_each_item_of_the_list_that_is_named_is_a_row() -> None:
    headers = ["id.bioguide", "id.fec", "name.first", "name.nick", "terms.start", "terms.state",
               "terms.at_large"]  # fmt: skip
    for found in (
        sheet(json.dumps(LEGISLATORS), "l.json", rows="terms"),
        sheet(YAML, "l.yaml", rows="terms"),
        sheet("\n".join(map(json.dumps, LEGISLATORS)), "l.txt", rows="terms", format="jsonl"),
    ):
        assert found.headers == headers
        assert [row.cells for row in found.rows()] == [
            ["A1", "H1; S1", "Ada", "", "2001-01-03", "NO", ""],
            ["A1", "H1; S1", "Ada", "", "2003-01-07", "", "true"],
        ]


def test_without_it_each_object_is_a_row() -> None:
    found = sheet(json.dumps(LEGISLATORS), "l.json")

    assert found.headers == ["id.bioguide", "id.fec", "name.first", "name.nick"]
    assert [row.cells[2] for row in found.rows()] == ["Ada", "بدر"]


def test_an_object_of_objects_has_their_names_as_keys() -> None:
    found = sheet('{"fr": {"name": "France", "area": 1.5}, "de": 7}', "c.json")

    assert found.headers == ["key", "name", "area", "value"]
    assert [row.cells for row in found.rows()] == [["fr", "France", "1.5", ""], ["de", "", "", "7"]]


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.json", "[1, 2]"), ("a.json", "[]"), ("a.json", '"a"'), ("a.yaml", "a: [b"),
     ("a.json", '[{"a": 1'), ("a.json", '[{"a": 1, "a": 2}]'), ("a.jsonl", '{"a": 1}\n{')],
)  # fmt: skip
def test_what_has_no_objects_is_refused_with_the_file(name: str, text: str) -> None:
    with pytest.raises(Refused) as refused:
        sheet(text, name)

    assert refused.value.code in ("BAD_RECORDS", "BAD_JSON")
    assert refused.value.data["file"] == name
