"""Dirty cells, headers and maps: refused with row, column or line, and nothing is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import NewInstance
from support.sheet_import import imported
from support.workbooks import far_cell, ods, xlsx

from api.instance import Instance
from domain.codec import read
from domain.errors import Refusals, Refused

MAP = """id = "club"
key = ["member"]
[source]
id = "club-list"
title = "Members"
published = "2020-01-01"
[dates]
open = ["now"]
[entities.member]
by = ["id", "name", "alias", "identifier:code"]
id = "m-{member}"
kind = "COUNTRY"
names = { en = "{name}" }
identifiers = { code = "{code}" }
[[spells]]
start = "MemberJoined"
end = "MemberLeft"
keys = { coalition = "club", member = "@member" }
since = "from"
until = "to"
"""
PANEL = (
    MAP.partition("[[spells]]")[0].replace('key = ["member"]\n', "")
    + """[panel]
start = "MemberJoined"
end = "MemberLeft"
keys = { coalition = "club", member = "@member" }
item = ["member"]
columns = '^[0-9]{4}$'
in = ["1"]
out = ["0"]
holds = "whole"
"""
)
SNAPSHOTS = (
    MAP.partition("[[spells]]")[0].replace('key = ["member"]\n', "")
    + """[snapshots]
start = "MemberJoined"
end = "MemberLeft"
keys = { coalition = "club", member = "@member" }
item = ["member"]
day = "day"
"""
)
SHEET = b"""member,name,code,from,to
a,Alpha,1,1960-01-01,1970-01-01
b,Beta,2,1961-01-01,now
"""
YEARS = b"""member,name,code,1960,1961,1962
a,Alpha,1,0,1,1
b,Beta,2,1,1,0
"""
DAYS = b"""member,name,code,day
a,Alpha,1,1960-01-01
b,Beta,2,1960-01-01
"""
CREATE = ("[entities.member]", '[entities.member]\nunknown = "create"')
LIST = ("[entities.member]", '[entities.member]\nunknown = "list"')
IDENTIFIER = 'identifiers = { code = "{code}" }\n'
TO = ('until = "to"', 'until = { column = "to"')


class Kind(NamedTuple):
    """Something dirty: the sheet, the map, and what is said of it."""

    sheet: bytes
    map: str
    code: str
    where: dict[str, object]
    name: str = "club.csv"


def cell(old: str, new: str, of: bytes = SHEET) -> bytes:
    assert old.encode() in of
    return of.replace(old.encode(), new.encode(), 1)


def mapped(*pairs: tuple[str, str], of: str = MAP) -> str:
    for old, new in pairs:
        assert old in of, old
        of = of.replace(old, new, 1)
    return of


FROM_3 = {"row": 3, "column": "from"}
TO_2 = {"row": 2, "column": "to"}
NAME_3 = {"row": 3, "column": "name"}
KINDS: dict[str, Kind] = {
    # Files
    "an empty file": Kind(b"", MAP, "EMPTY_FILE", {"file": "club.csv"}),
    "no row of headers": Kind(SHEET, MAP + "[file]\nheader = 9\n", "BAD_HEADER", {}),
    "an empty row of headers": Kind(b"\n" + SHEET, MAP, "BAD_HEADER", {"row": 1}),
    "an encoding that is not declared": Kind(
        cell("Beta", "Bêta").decode().encode("cp1252"), MAP, "ENCODING_NOT_DECLARED", {"row": 3}
    ),
    "another encoding than declared": Kind(
        cell("Beta", "Bêta").decode().encode("cp1252"),
        MAP + '[file]\nencoding = "utf-8"\n',
        "BAD_ENCODING",
        {"row": 3},
    ),
    "an encoding that there is not": Kind(
        SHEET, MAP + '[file]\nencoding = "utf-9"\n', "BAD_ENCODING", {}
    ),
    "a delimiter of two characters": Kind(
        SHEET, MAP + '[file]\ndelimiter = "::"\n', "BAD_DELIMITER", {}
    ),
    "another delimiter than declared": Kind(
        SHEET, MAP + '[file]\ndelimiter = ";"\n', "UNKNOWN_COLUMN", {"row": 1}
    ),
    "an old workbook": Kind(b"\xd0\xcf\x11\xe0" + bytes(600), MAP, "BAD_WORKBOOK", {}, "club.xls"),
    "a zip that is no workbook": Kind(b"PK\x03\x04nothing", MAP, "BAD_WORKBOOK", {}, "club.xlsx"),
    "a workbook of several sheets": Kind(
        xlsx(One=[["a"]], Two=[["b"]]), MAP, "SHEET_NOT_DECLARED", {}, "club.xlsx"
    ),
    "a sheet that the workbook does not have": Kind(
        ods(One=[["a"]]), MAP + '[file]\nsheet = "Two"\n', "UNKNOWN_SHEET", {}, "club.ods"
    ),
    "a workbook with a cell far from the others": Kind(
        far_cell(), MAP, "TOO_HARD", {"file": "club.xlsx"}, "club.xlsx"
    ),
    "a control character in a workbook": Kind(
        xlsx(One=[["member", "name"], ["a", "A\x80"]]), MAP, "BAD_TEXT",
        {"row": 2, "column": "name"}, "club.xlsx",
    ),
    "a NUL": Kind(cell("Beta", "Be\0ta"), MAP, "BAD_TEXT", NAME_3),
    "a control character": Kind(cell("Beta", "Be\x07ta"), MAP, "BAD_TEXT", NAME_3),
    "a row with too many cells": Kind(SHEET + b"c,Gamma,3,1,2,3\n", MAP, "RAGGED_ROW", {"row": 4}),
    "a quotation mark that is not closed": Kind(
        cell("Alpha", '"' + "A" * 200_000), MAP, "OPEN_QUOTE", {"row": 2}
    ),
    "a cell of too much text": Kind(cell("Beta", "B" * 140_000), MAP, "LONG_CELL", NAME_3),
    "a header of too much text": Kind(
        cell("name", "n" * 140_000), MAP, "LONG_CELL", {"row": 1, "column": "2"}
    ),
    # Headers
    "a header that is gone": Kind(cell("from", "since"), MAP, "UNKNOWN_COLUMN", {"line": 19}),
    "a header that stands twice": Kind(
        cell("code,from", "to,from"),
        mapped((IDENTIFIER, ""), (', "identifier:code"', "")),
        "AMBIGUOUS_COLUMN",
        {"line": 19},
    ),
    "a header with other case": Kind(cell("name", "Name"), MAP, "UNKNOWN_COLUMN", {"line": 13}),
    # Dates
    "an empty date": Kind(cell("1961-01-01", ""), MAP, "EMPTY_CELL", FROM_3),
    "words for a date": Kind(cell("1961-01-01", "soon"), MAP, "BAD_DATE", FROM_3),
    "a day that there is not": Kind(cell("1961-01-01", "1961-02-30"), MAP, "BAD_EDTF", FROM_3),
    "a month that there is not": Kind(cell("1961-01-01", "1961-13"), MAP, "AMBIGUOUS_DATE", FROM_3),
    "an order that is not declared": Kind(
        cell("1961-01-01", "7/9/1960"), MAP, "AMBIGUOUS_DATE", FROM_3
    ),
    "a day in another order": Kind(
        cell("1961-01-01", "13/9/1960"),
        mapped(('open = ["now"]', 'open = ["now"]\norder = "MDY"')),
        "BAD_DATE",
        FROM_3,
    ),
    "a year of two digits": Kind(
        cell("1961-01-01", "7/9/60"),
        mapped(('open = ["now"]', 'open = ["now"]\norder = "MDY"')),
        "TWO_DIGIT_YEAR",
        FROM_3,
    ),
    "a date without hyphens": Kind(cell("1961-01-01", "196101"), MAP, "AMBIGUOUS_DATE", FROM_3),
    "a number of Excel's": Kind(cell("1961-01-01", "22282"), MAP, "BAD_DATE", FROM_3),
    "a year before Christ": Kind(cell("1961-01-01", "-44"), MAP, "AMBIGUOUS_DATE", FROM_3),
    "a sentinel that is not declared": Kind(
        cell("1961-01-01", "-9"), MAP, "AMBIGUOUS_DATE", FROM_3
    ),
    "two years": Kind(cell("1961-01-01", "1961/1962"), MAP, "BAD_DATE", FROM_3),
    "a month in a language that is not declared": Kind(
        cell("1961-01-01", "9 mars 1961"), MAP, "BAD_DATE", FROM_3
    ),
    "a century that is not declared": Kind(
        cell("1961-01-01", "19th century"), MAP, "BAD_DATE", FROM_3
    ),
    "a spell that ends before it starts": Kind(
        cell("1970-01-01", "1950-01-01"), MAP, "REVERSED", TO_2
    ),
    "a spell of no day": Kind(
        cell("1970-01-01", "1960-01-01"),
        mapped(('open = ["now"]', 'open = ["now"]\nend = "first-not"')),
        "REVERSED",
        TO_2,
    ),
    "neither start nor end": Kind(
        cell("1961-01-01", "now"),
        mapped(('published = "2020-01-01"\n', "")),
        "NO_DATE",
        FROM_3,
    ),
    "a margin that is no number": Kind(
        cell("Alpha,1", "Alpha,x"), mapped(TO, ("\"to\"", '"to", margin = "code" }')),
        "BAD_MARGIN", TO_2,
    ),
    # Keys and entities
    "a key that stands twice": Kind(
        cell("b,Beta", "a,Alpha"), MAP, "DUPLICATE_KEY", {"row": 3, "column": "member"}
    ),
    "an empty key": Kind(cell("b,Beta", ",Beta"), MAP, "EMPTY_KEY", {"row": 3, "column": "member"}),
    "nobody in the record": Kind(
        SHEET + b"c,Gamma,3,1960,now\n", MAP, "UNKNOWN_ENTITY", {"row": 4, "column": "member"}
    ),
    "a name of two": Kind(
        SHEET + b"c,Twin,3,1960,now\n", MAP, "AMBIGUOUS_ENTITY", {"row": 4, "column": "member"}
    ),
    "two names of one id": Kind(
        SHEET + "é é,Gamma,3,1960,now\né-é,Gamma,4,1960,now\n".encode(),
        mapped(CREATE, ('by = ["id", "name", "alias", "identifier:code"]\n', "")),
        "SAME_ID",
        {"row": 5, "column": "member"},
    ),
    "nobody to create without a name": Kind(
        SHEET + b"c,,3,1960,now\n", mapped(CREATE), "EMPTY_CELL", {"row": 4, "column": "member"}
    ),
    "an invisible name": Kind(
        SHEET + "c,\u200b,3,1960,now\n".encode(), mapped(CREATE), "BAD_NAME",
        {"row": 4, "column": "name"},
    ),
    "a constant that the record does not have": Kind(
        SHEET, mapped(('"club", member', '"klub", member')), "UNKNOWN_ENTITY", {"row": 2}
    ),
    "an empty cell of a key that is needed": Kind(
        cell("Beta,2", "Beta,"),
        mapped(('coalition = "club"', 'coalition = "{code}"')),
        "EMPTY_CELL",
        {"row": 3, "column": "code"},
    ),
    "a text that is no id": Kind(
        SHEET,
        mapped(('coalition = "club"', 'coalition = "{name} of"')),
        "BAD_ID",
        {"row": 2, "column": "name"},
    ),
    "a number that is none": Kind(
        cell("Beta,2", "Beta,1.200,5").replace(b"1.200,5", b"'1 200'"),
        mapped(
            ("[[spells]]", '[[entries]]\ntype = "QuantityReported"\nwhen = "from"\n'
             'keys = { subject = "@member", measure = "troops", value = { number = "code" } }\n'
             "[[spells]]")
        ),
        "BAD_NUMBER",
        {"row": 3, "column": "code"},
    ),
    # Panels and snapshots
    "a value that is neither in nor out": Kind(
        cell("2,1,1,0", "2,1,7,0", YEARS), PANEL, "UNKNOWN_VALUE", {"row": 3, "column": "1961"}
    ),
    "no column of a period": Kind(
        YEARS, mapped(("{4}", "{5}"), of=PANEL), "UNKNOWN_COLUMN", {"line": 19}
    ),
    "a period that is none": Kind(
        cell("1961", "61st", YEARS),
        mapped(("'^[0-9]{4}$'", "'^[0-9]'"), of=PANEL),
        "BAD_DATE",
        {"row": 2, "column": "61st"},
    ),
    "an item that is said twice": Kind(
        YEARS + b"a,Alpha,1,1,1,1\n", PANEL, "CONTRADICTION", {"row": 4, "column": "member"}
    ),
    "a snapshot of a month": Kind(
        cell("Beta,2,1960-01-01", "Beta,2,1960-01", DAYS), SNAPSHOTS, "NOT_A_DAY",
        {"row": 3, "column": "day"},
    ),
    "a snapshot that lists an item twice": Kind(
        DAYS + b"a,Alpha,1,1960-01-01\n", SNAPSHOTS, "SAID_TWICE", {"row": 4, "column": "member"}
    ),
    "a file without a day in its name": Kind(
        DAYS, mapped(('day = "day"', "fileDay = 'club-([0-9-]+)'"), of=SNAPSHOTS), "NOT_A_DAY",
        {"line": 19},
    ),
    # Maps
    "a map that is no TOML": Kind(SHEET, mapped(("[dates]", "[dates")), "BAD_MAP", {"line": 7}),
    "a key of the map that there is not": Kind(
        SHEET, mapped(("published", "publisht")), "UNKNOWN_KEY", {"line": 6}
    ),
    "a value of the map that there is not": Kind(
        SHEET, mapped(('open = ["now"]', 'order = "DYM"')), "BAD_VALUE", {"line": 8}
    ),
    "a source without a title": Kind(
        SHEET, mapped(('title = "Members"\n', "")), "MISSING_KEY", {"line": 3}
    ),
    "a source with a date that is none": Kind(
        SHEET, mapped(('"2020-01-01"', '"last year"')), "BAD_EDTF", {"line": 6}
    ),
    "a map without a shape": Kind(SHEET, MAP.partition("[[spells]]")[0], "BAD_MAP", {}),
    "a map of two shapes": Kind(
        SHEET, MAP + PANEL[PANEL.index("[panel]") :], "BAD_MAP", {}
    ),
    "rows without a key": Kind(SHEET, mapped(('key = ["member"]\n', "")), "MISSING_KEY", {}),
    "a type that there is not": Kind(
        SHEET, mapped(("MemberJoined", "MemberJoind")), "UNKNOWN_TYPE", {"line": 16}
    ),
    "a start that ends": Kind(
        SHEET, mapped(("MemberJoined", "MemberLeft")), "NOT_A_START", {"line": 16}
    ),
    "an end that starts": Kind(
        SHEET, mapped(('end = "MemberLeft"', 'end = "MemberJoined"')), "NOT_AN_END", {"line": 17}
    ),
    "a key that the type does not have": Kind(
        SHEET, mapped(("coalition =", "colaition =")), "UNKNOWN_KEY", {"line": 18}
    ),
    "a key that misses": Kind(
        SHEET, mapped((', member = "@member"', "")), "MISSING_KEY", {"line": 18}
    ),
    "an entity that the map does not have": Kind(
        SHEET, mapped(('"@member"', '"@state"')), "UNKNOWN_ENTITY", {"line": 18}
    ),
    "an entity looked up by what it does not have": Kind(
        SHEET, mapped(('"identifier:code"', '"identifier:cow"')), "MISSING_KEY", {"line": 10}
    ),
    "an entity to create without a kind": Kind(
        SHEET, mapped(CREATE, ('kind = "COUNTRY"\n', "")), "MISSING_KEY", {"line": 10}
    ),
    "a kind that there is not": Kind(
        SHEET + b"c,Gamma,3,1960,now\n",
        mapped(CREATE, ("COUNTRY", "KINGDOM")),
        "BAD_VALUE",
        {"row": 4},
    ),
    "a brace astray": Kind(
        SHEET, mapped(('"m-{member}"', '"m-{member"')), "BAD_TEMPLATE", {"line": 11}
    ),
    "a pattern that is none": Kind(
        SHEET, MAP + 'if = [{ column = "code", matches = "(" }]\n', "BAD_PATTERN", {}
    ),
    "a language that there is not": Kind(
        SHEET, mapped(('open = ["now"]', 'open = ["now"]\nmonths = ["xx"]')), "UNKNOWN_LANGUAGE",
        {"line": 20},
    ),
    "a date of no column": Kind(
        SHEET, mapped(('since = "from"', 'since = { order = "DMY" }')), "BAD_MAP", {"line": 19}
    ),
}  # fmt: skip
WARNED: dict[str, Kind] = {
    "nobody in the record, listed": Kind(
        SHEET + b"c,Gamma,3,1960,now\n", mapped(LIST), "UNKNOWN_ENTITY", {"row": 4}
    ),
    "a spell of no day, skipped": Kind(
        cell("1970-01-01", "1950-01-01"), MAP + 'reversed = "skip"\n', "REVERSED", {"row": 2}
    ),
}


@pytest.fixture(scope="module")
def filled(new_instance: NewInstance) -> Iterator[Instance]:
    with new_instance() as instance:
        entities = [
            ("club", "Club"),
            ("m-a", "Alpha"),
            ("m-b", "Beta"),
            ("t1", "Twin"),
            ("t2", "Twin"),
        ]
        instance.record.apply(
            [
                read(
                    {
                        "type": "EntityRegistered",
                        "id": name,
                        "kind": "COALITION" if name == "club" else "COUNTRY",
                        "names": {"en": words},
                    }
                )
                for name, words in entities
            ],
            actor="someone",
        )
        yield instance


def head(instance: Instance) -> int:
    return instance.record.apply([], actor="someone", dry_run=True).position


OF_A_CELL = [name for name, each in KINDS.items() if "column" in each.where]
OF_A_ROW = {
    "an empty row of headers", "an encoding that is not declared", "another encoding than declared",
    "another delimiter than declared", "a row with too many cells",
    "a quotation mark that is not closed", "a constant that the record does not have",
    "a kind that there is not",
}  # fmt: skip
"""Kinds that no one column is at fault for."""


def test_there_are_sixty_different_kinds_and_each_says_where_it_is() -> None:
    every = [*KINDS.values(), *WARNED.values()]
    assert len({(each.sheet, each.map, each.name) for each in every}) == len(every) >= 60
    of_a_row = {name for name, each in KINDS.items() if each.where.keys() == {"row"}}
    assert of_a_row == OF_A_ROW
    assert len(OF_A_CELL) >= 30


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_dirty_is_refused_where_it_stands_and_nothing_is_recorded(
    kind: str, filled: Instance, tmp_path: Path
) -> None:
    dirty, before = KINDS[kind], head(filled)

    with pytest.raises(Refused) as refused:
        imported(filled, tmp_path, dirty.map, {dirty.name: dirty.sheet})

    found = [(each.code, each.data, each.message) for each in Refusals(refused.value).first]
    assert dirty.code in [code for code, _, _ in found], found
    data, words = next((data, words) for code, data, words in found if code == dirty.code)
    assert dirty.where.items() <= data.items(), found
    for place in ("row", "column"):
        if place in dirty.where and "line" not in data:
            assert str(dirty.where[place]) in words
    assert len(words) > 20
    assert head(filled) == before


@pytest.mark.parametrize("kind", WARNED)
def test_what_a_map_lets_pass_is_said_with_its_row(
    kind: str, new_instance: NewInstance, tmp_path: Path
) -> None:
    dirty = WARNED[kind]
    with new_instance() as instance:
        for name in ("club", "m-a", "m-b"):
            entry = {"type": "EntityRegistered", "id": name, "kind": "OTHER", "names": {"en": name}}
            instance.record.apply([read(entry)], actor="someone")

        found = imported(instance, tmp_path, dirty.map, {dirty.name: dirty.sheet})

        (warning,) = found.findings.warnings.first
        assert warning.code == dirty.code
        assert dirty.where.items() <= warning.data.items()
        assert found.types["MemberJoined"] == (2 if kind.endswith("listed") else 1)


def test_all_that_is_wrong_is_told_at_once(filled: Instance, tmp_path: Path) -> None:
    rows = b"".join(b"x%d,Nobody,9,soon,never\n" % n for n in range(100))

    with pytest.raises(Refused) as refused:
        imported(filled, tmp_path, MAP, {"club.csv": SHEET + rows})

    found = Refusals(refused.value)
    assert found.codes == {"BAD_DATE": 100}
    assert [each.data["row"] for each in found.first] == list(range(4, 24))
