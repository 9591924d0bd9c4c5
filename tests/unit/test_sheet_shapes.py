"""What rows become in each shape, entry by entry, without a record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.sheet_import import a_map

from api.sheets.conversion import Conversion, described
from api.sheets.sheet import Sheet
from domain.codec import write
from projections.entity_index import EntityIndex, Named

TOP = """id = "t"
[source]
id = "s"
title = "S"
observedThrough = "2000-12-31"
[file]
missing = ["", "NA"]
[dates]
open = ["-"]
unknown = ["?"]
"""
MEMBER = 'keys = { coalition = "c", member = "{who}" }\n'
PANEL = (
    TOP
    + '[panel]\nstart = "MemberJoined"\nend = "MemberLeft"\n'
    + MEMBER
    + 'item = ["who"]\ncolumns = "^[0-9]"\nin = ["1"]\nout = ["0"]\nholds = '
)
SPELL = (
    'key = ["who"]\n' + TOP + '[[spells]]\nstart = "MemberJoined"\nend = "MemberLeft"\n'
    + MEMBER + 'since = "from"\nuntil = "to"\n'
)  # fmt: skip


def made(
    folder: Path, text: str, *sheets: tuple[str, str], index: EntityIndex | None = None
) -> Any:
    """The entries of sheets by a map, as a record file has them; none may be refused."""
    file = a_map(folder, text)
    read = [Sheet(name, content.encode(), file.map.file) for name, content in sheets]
    sources = [described(sheet, file).id for sheet in read]
    conversion = Conversion(read, file, index or EntityIndex(), sources)
    found = [write(each.entry) for each in conversion.entries()]
    assert not conversion.findings.refusals
    return found


def dates(entries: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(each["type"], each.get("when") or each["on"]) for each in entries]


@pytest.mark.parametrize(
    ("holds", "row", "spells"),
    [
        ("whole", "0,1,1,0", [("MemberJoined", "1951-01-01"), ("MemberLeft", "1952-12-31")]),
        ("part", "0,1,1,0", [("MemberJoined", "1951"), ("MemberLeft", "1952")]),
        (
            "first-day",
            "0,1,1,0",
            [
                ("MemberJoined", "[1950-01-02..1951-01-01]"),
                ("MemberLeft", "1952"),
            ],
        ),
        (
            "last-day",
            "0,1,1,0",
            [
                ("MemberJoined", "1951"),
                ("MemberLeft", "[1952-12-31..1953-12-30]"),
            ],
        ),
        ("whole", "1,1,1,1", [("MemberJoined", "[..1950-01-01]")]),
        ("whole", "NA,1,NA,1", [("MemberJoined", "[..1951-01-01]")]),
        ("whole", "0,NA,1,1", [("MemberJoined", "[1951-01-01..1952-01-01]")]),
        (
            "whole",
            "1,NA,0,1",
            [
                ("MemberJoined", "[..1950-01-01]"),
                ("MemberLeft", "[1950-12-31..1951-12-31]"),
                ("MemberJoined", "1953-01-01"),
            ],
        ),
        ("whole", "0,0,NA,0", []),
    ],
)
def test_a_line_of_years_becomes_spells(
    holds: str, row: str, spells: list[tuple[str, str]], tmp_path: Path
) -> None:
    content = f"who,1950,1951,1952,1953\na,{row}\n"

    assert dates(made(tmp_path, f'{PANEL}"{holds}"\n', ("p.csv", content))) == spells


def test_a_panel_may_have_a_row_for_each_item_and_period(tmp_path: Path) -> None:
    text = PANEL.replace('columns = "^[0-9]"\n', 'period = "year"\nvalue = "in?"\n')
    content = "who,year,in?\na,1951,1\nb,1951,0\na,1950,0\na,1952,0\n"

    entries = made(tmp_path, f'{text}"whole"\n', ("p.csv", content))

    assert dates(entries) == [("MemberJoined", "1951-01-01"), ("MemberLeft", "1951-12-31")]
    assert [each["citations"][0]["locator"]["row"] for each in entries] == [1, 4]
    assert entries[0]["episode"] == entries[1]["episode"] == "t:a.1"


@pytest.mark.parametrize(
    ("since", "until", "spells"),
    [
        ("1950", "1960", [("MemberJoined", "1950"), ("MemberLeft", "1960")]),
        ("1950", "-", [("MemberJoined", "1950")]),
        ("?", "1960", [("MemberLeft", "1960")]),
        ("1950", "?", [("MemberJoined", "1950/")]),
        ("[1950..1952]", "?", [("MemberJoined", "[1950..1952]"), ("MemberLeft", "[1950-01-01..]")]),
        ("?", "-", [("MemberJoined", "[..2000-12-31]")]),
        ("?", "?", [("MemberJoined", "[..2000-12-31]"), ("MemberLeft", "[..2000-12-31]")]),
    ],
)
def test_a_row_becomes_as_much_of_a_spell_as_it_tells(
    since: str, until: str, spells: list[tuple[str, str]], tmp_path: Path
) -> None:
    entries = made(tmp_path, SPELL, ("s.csv", f"who,from,to\na,{since},{until}\n"))

    assert dates(entries) == spells
    assert {each["episode"] for each in entries} == {"t:a"}
    assert all(each["citations"][0]["source"] == "s" for each in entries)


def test_equal_keys_are_numbered_in_their_order_and_stay_two_episodes(tmp_path: Path) -> None:
    content = "who,from,to\na,1950,1960\na,1970,-\n"

    entries = made(tmp_path, 'repeats = "number"\n' + SPELL, ("s.csv", content))

    assert [each["id"] for each in entries] == [
        "t:a:spell-start", "t:a:spell-end", "t:a.2:spell-start",
    ]  # fmt: skip
    assert [each["episode"] for each in entries] == ["t:a", "t:a", "t:a.2"]


def test_rows_that_do_not_count_are_left_out(tmp_path: Path) -> None:
    text = 'rows = [{ column = "to", not = ["draft"] }]\n' + SPELL

    entries = made(tmp_path, text, ("s.csv", "who,from,to\na,1950,-\nb,x,draft\n"))

    assert [each["member"] for each in entries] == ["a"]


def test_a_source_that_a_row_names_is_cited_beside_the_sheet(tmp_path: Path) -> None:
    text = SPELL + '[rowSource]\nid = "{book}"\ntitle = "{book}"\npublished = "{year}"\n'
    content = "who,from,to,book,year\na,1950,-,A History,1999\nb,1951,-,A History,1999\n"

    source, *facts = made(tmp_path, text, ("s.csv", content))

    assert source == {
        "type": "SourceRegistered", "id": "a-history", "title": "A History", "published": "1999",
    }  # fmt: skip
    for fact in facts:
        assert [each["source"] for each in fact["citations"]] == ["s", "a-history"]


def test_snapshots_in_a_column_begin_are_attested_and_are_gone(tmp_path: Path) -> None:
    text = (
        TOP + '[snapshots]\nstart = "MemberJoined"\nend = "MemberLeft"\n' + MEMBER
        + 'item = ["who"]\nday = "day"\n'
    )  # fmt: skip
    content = "day,who\n" + "".join(
        f"{day},{who}\n"
        for day, there in (("2019-01-01", "ab"), ("2019-07-01", "ac"), ("2020-01-01", "abc"))
        for who in there
    )

    entries = made(tmp_path, text, ("s.csv", content))

    assert {
        who: dates([each for each in entries if f":{who}:" in each["id"]]) for who in "abc"
    } == {
        "a": [
            ("MemberJoined", "[..2019-01-01]"),
            ("HoldingAttested", "2019-07-01"),
            ("HoldingAttested", "2020-01-01"),
        ],
        "b": [
            ("MemberJoined", "[..2019-01-01]"),
            ("MemberLeft", "[2019-01-01..2019-06-30]"),
            ("MemberJoined", "[2019-07-02..2020-01-01]"),
        ],
        "c": [
            ("MemberJoined", "[2019-01-02..2019-07-01]"),
            ("HoldingAttested", "2020-01-01"),
        ],
    }


FIND = (
    'key = ["code"]\n' + TOP + '[entities.who]\nby = BY\nid = "{code}"\nkind = "PERSON"\n'
    'names = { en = "{name}" }\nidentifiers = { x = "{code}" }\n'
    '[[entries]]\ntype = "EntityEstablished"\nkeys = { entity = "@who" }\nwhen = { '
    'value = "1950" }\n'
)


@pytest.mark.parametrize(
    ("by", "found"),
    [
        ('["id"]', "one"),
        ('["name"]', "two"),
        ('["alias"]', "three"),
        ('["identifier:x"]', "four"),
        ('["alias", "id"]', "three"),
        ('["identifier:x", "name"]', "four"),
    ],
)
def test_an_entity_is_found_in_the_ways_of_the_map_in_their_order(
    by: str, found: str, tmp_path: Path
) -> None:
    index = EntityIndex()
    index.add(Named("one", "PERSON", {"en": "Somebody"}, {}, {}))
    index.add(Named("two", "PERSON", {"en": "HAMZA  al-Mustafa"}, {}, {}))
    index.add(Named("three", "PERSON", {"en": "Other"}, {"en": ["Hamza al-Mustafa"]}, {}))
    index.add(Named("four", "PERSON", {"en": "Fourth"}, {}, {"x": "one"}))
    content = "code,name\none,Hamza al-Mustafa\n"

    (entry,) = made(tmp_path, FIND.replace("BY", by), ("s.csv", content), index=index)

    assert entry["entity"] == found


@pytest.mark.parametrize("scheme", ["wikidata", "iso3166"])
def test_wikidata_and_iso_are_schemes_by_which_an_entity_is_found(
    scheme: str, tmp_path: Path
) -> None:
    own = {"wikidata": None, "iso3166": None, scheme: "one"}
    row = ("five", "five", "PERSON", {"en": "Fifth"}, {}, {}, own["iso3166"], own["wikidata"], None)
    text = FIND.replace("BY", f'["identifier:{scheme}"]\n{scheme} = "{{code}}"')

    (entry,) = made(tmp_path, text, ("s.csv", "code,name\none,Nobody\n"), index=EntityIndex([row]))

    assert entry["entity"] == "five"


def test_a_name_of_two_is_that_of_the_kind_and_of_what_was_merged_what_stays(
    tmp_path: Path,
) -> None:
    index = EntityIndex()
    index.add(Named("town", "PLACE", {"en": "Georgia"}, {}, {}))
    index.add(Named("lady", "PERSON", {"en": "Georgia"}, {}, {}), "lady-2")
    index.add(Named("lady-2", "PERSON", {"en": "Georgia B"}, {}, {}))

    (entry,) = made(
        tmp_path, FIND.replace("BY", '["name"]'), ("s.csv", "code,name\ng,Georgia\n"), index=index
    )

    assert entry["entity"] == "lady-2"


def test_what_rows_call_a_created_entity_differently_are_its_aliases(tmp_path: Path) -> None:
    text = FIND.replace("BY", '["id"]\nunknown = "create"\naliases = { en = ["{also}"] }')
    text = 'repeats = "number"\n' + text

    entity, *_ = made(
        tmp_path, text, ("s.csv", "code,name,also\na,Aleph,Alif\na,Aleph,Alpha\na,Aleph,NA\n")
    )

    assert entity == {
        "type": "EntityRegistered", "id": "a", "kind": "PERSON", "names": {"en": "Aleph"},
        "aliases": {"en": ("Alif", "Alpha")}, "identifiers": {"x": "a"},
    }  # fmt: skip
