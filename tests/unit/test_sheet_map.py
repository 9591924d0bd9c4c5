"""Maps of sheets: what is wrong in one is found by its line; the page about them is the code's."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from api.cli import main
from api.commands.sheets import check_map
from api.sheets.guess import guessed_map
from api.sheets.map_file import line_of, read_map
from api.sheets.sheet import Layout, Sheet
from api.sheets.sheet_map import SheetMap, schema
from domain.errors import Refusals, Refused
from tools import sheet_map_reference

ROOT = Path(__file__).parents[2]
MAP = {
    "id": "m",
    "key": ["a"],
    "source": {"id": "s", "title": "S"},
    "spells": [
        {
            "start": "MemberJoined",
            "end": "MemberLeft",
            "keys": {"coalition": "c", "member": "{a}"},
            "since": "b",
            "until": {"column": "c", "order": "DMY"},
        }
    ],
}


def refusals(folder: Path, text: str) -> list[tuple[str, object, str | None]]:
    (folder / "m").write_text(text, encoding="utf-8")
    with pytest.raises(Refused) as refused:
        read_map(folder / "m")
    return [(each.code, each.data["line"], each.field) for each in Refusals(refused.value).first]


def test_the_page_says_what_the_code_says() -> None:
    page = (ROOT / "docs" / "reference" / "sheet-map.md").read_text(encoding="utf-8")

    assert page == sheet_map_reference.page(), "run make docs-reference"


def test_a_map_may_be_json(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text(json.dumps(MAP, indent=1))

    found = read_map(tmp_path / "m.json").map

    assert found.spells[0].until == msgspec.convert(
        {"column": "c", "order": "DMY"}, type(found.spells[0].until)
    )


def test_what_is_wrong_in_a_map_of_json_has_its_line(tmp_path: Path) -> None:
    text = json.dumps(MAP, indent=1).replace("DMY", "DYM")
    line = next(n for n, each in enumerate(text.splitlines(), 1) if "DYM" in each)

    assert refusals(tmp_path, text) == [("BAD_VALUE", line, "spells[0].until.order")]


def test_all_that_is_wrong_in_a_map_is_told_at_once(tmp_path: Path) -> None:
    text = """id = "a map"
keys = ["a"]
[source]
id = "s"
[[spells]]
start = "MemberJoined"
[[spells]]
name = "second"
"""
    found = refusals(tmp_path, text)

    assert ("BAD_VALUE", 1, "id") in found
    assert ("UNKNOWN_KEY", 2, "keys") in found
    assert ("MISSING_KEY", 3, "source.title") in found
    assert ("MISSING_KEY", 7, "spells[1].start") in found


@pytest.mark.parametrize(
    ("field", "line"),
    [
        ("id", 1),
        ("entities.x.names.en", 5),
        ("entities.x.kind", 4),
        ("spells[1].since", 10),
        ("spells[1].keys.member", 9),
        ("spells[0].until", 7),
    ],
)
def test_the_line_of_a_field_is_found_in_toml(field: str, line: int) -> None:
    text = """id = "a"

# entities
[entities.x]
names.en = "{a}"

[[spells]]
[[spells]]
keys = { member = "@x" }
since = "b"
"""
    assert line_of(field, text) == line


def test_the_schema_takes_a_map_and_names_every_key() -> None:
    found = schema()

    assert set(found["$defs"]["SheetMap"]["properties"]) == {
        field.encode_name for field in msgspec.structs.fields(SheetMap)
    }
    assert found["$defs"]["SheetMap"]["additionalProperties"] is False


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            b"code,name,start,end\nA,Alpha,1960-01-01,9999-12-31\n",
            ['since = "start"', "9999-12-31"],
        ),
        (b"n;from;to\nx;7/13/60;8/14/61\n", ['order = "MDY"', 'delimiter = ";"']),
        (b"n;from;to\nx;13/7/60;14/8/61\n", ['order = "DMY"', "twoDigitYears"]),
        (b"n,from,to\nx,196007,196108\n", ["compact = true"]),
        (b"n,1950,1951,1952\nx,0,1,1\n", ["[panel]", "columns = '^\\d{4}$'"]),
        (b'n,"from ""then""",to\nx,1960,1961\n', ['since = "from \\"then\\""']),
        (
            "n,from,to\nس,١٠ نوفمبر ٢٠٢٥,\nx,7 juillet 1960,\n".encode(),
            ['months = ["ar", "fr"]', 'open = []   # an end that has not come; with ""'],
        ),
        (
            "البلد;انضم;خرج\nس;14 أيلول 2014;2020\nص;11 تشرين الثاني/نوفمبر 2025;\n".encode(),
            ['months = ["ar-SY"]', 'since = "انضم"', 'until = "خرج"'],
        ),
        (
            "البلد;دخول;غادر\nس;14 جويلية 2014;15 فيفري 2020\n".encode(),
            ['months = ["ar-DZ"]', 'since = "دخول"', 'until = "غادر"'],
        ),
    ],
)
def test_a_guess_is_a_map_with_comments(content: bytes, said: list[str], tmp_path: Path) -> None:
    text = guessed_map(Sheet("A sheet.csv", content, Layout()))

    (tmp_path / "m.toml").write_text(text, encoding="utf-8")
    found = read_map(tmp_path / "m.toml").map
    assert found.id == "a-sheet"
    for words in said:
        assert words in text
    assert text.count("#") > 10


def guess(text: str, tmp_path: Path, name: str = "A sheet.csv") -> SheetMap:
    path = tmp_path / "m.toml"
    path.write_text(guessed_map(Sheet(name, text.encode(), Layout())), encoding="utf-8")
    return read_map(path).map


LEGISLATORS = """
- id: {bioguide: A1}
  name: {full: Ann}
  sites: [{url: a}]
  terms: [{start: '2001-01-03', end: '2003-01-03'}, {start: '2003-01-03', end: '2009-01-03'}]
- id: {bioguide: B2}
  name: {full: Bob}
  terms: [{start: '2009-01-06', end: '2011-01-03'}]
"""


def test_of_objects_with_lists_of_objects_the_longest_is_guessed_to_be_the_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "legislators.yaml"
    file.write_text(LEGISLATORS, encoding="utf-8")

    assert main(["map", str(file)]) == 0
    text = capsys.readouterr().out
    (tmp_path / "m.toml").write_text(text, encoding="utf-8")
    found = read_map(tmp_path / "m.toml").map

    assert found.file.rows == "terms"
    (spell,) = found.spells
    assert (spell.since, spell.until) == ("terms.start", "terms.end")
    (tmp_path / "flat.yaml").write_text("[{name: Ann, start: '2001'}]", encoding="utf-8")
    assert main(["map", str(tmp_path / "flat.yaml")]) == 0
    assert "rows = " not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("الاسم,البداية,النهاية\nسين 7,1960,1970\nA,1961,\nجيم,1962,\n", "ar"),
        ("name,start,end\nΚίνα,1960,1970\n", "el"),
        ("name,start,end\nالصين,1960,1970\nFreedonia and Sylvania,1960,1970\n", "en"),
        ("name,start,end\n7,1960-01,1970-02\n", "en"),
        ("name,1960,1961,1962\nسين,0,1,1\n", "ar"),
        ("السنة,الدولة,رمز,member\n١٩٥٠,سين,2,لا\n١٩٥١,سين,2,نعم\n", "ar"),
        ("التاريخ,الاسم\n2019-01-15,سين\n2019-01-15,صاد\n2020-02-01,سين\n2020-02-01,صاد\n", "ar"),
    ],
)
def test_the_language_of_names_is_guessed_by_their_letters(
    text: str, language: str, tmp_path: Path
) -> None:
    (rule,) = guess(text, tmp_path).entities.values()

    assert rule.names.keys() == {language}
    assert "# The language of the names, guessed" in (tmp_path / "m.toml").read_text("utf-8")


LONG = [
    "ccode,state,year,member\n2,Freedonia,1950,0\n2,Freedonia,1951,1\n3,Sylvania,1950,1\n"
    "3,Sylvania,1951,NA\n",
    "member,year,state,ccode\nNo,1950,Freedonia,2\nYES,1951,Freedonia,2\nno,1950,Sylvania,3\n",
    "السنة,الدولة,رمز,member\n١٩٥٠,سين,2,لا\n١٩٥١,سين,2,نعم\n",
    "year,abb,member,observer\n1950-01,F,0,0\n1950-02,F,1,0\n1950-01,S,1,1\n",
]


@pytest.mark.parametrize("text", LONG)
def test_a_row_for_each_year_and_item_is_guessed_as_a_panel(text: str, tmp_path: Path) -> None:
    found = guess(text, tmp_path)

    assert not found.spells
    assert found.panel is not None
    assert found.panel.columns is None
    assert found.panel.period in ("year", "السنة")
    assert found.panel.value == "member"
    assert found.panel.item[0] in ("ccode", "رمز", "abb")
    assert {"1", "YES", "نعم"} & set(found.panel.in_)
    assert set(found.panel.out) <= {"0", "No", "no", "لا"}


@pytest.mark.parametrize(
    ("text", "name", "day", "file_day"),
    [
        ("code,name\nF,Freedonia\n", "list-2019-01-15.csv", None, r"^list\-([0-9-]+)\.csv$"),
        (
            "as_of,name\n2019-01-15,F\n2019-01-15,S\n2020-02-01,F\n2020-02-01,O\n2021-02-01,S\n"
            "2021-02-01,O\n",
            "lists.csv", "as_of", None,
        ),
        (
            "التاريخ,الاسم\n2019-01-15,F\n2019-01-15,S\n2020-02-01,F\n2020-02-01,S\n",
            "lists.csv", "التاريخ", None,
        ),
    ],
)  # fmt: skip
def test_lists_of_days_are_guessed_as_snapshots(
    text: str, name: str, day: str | None, file_day: str | None, tmp_path: Path
) -> None:
    found = guess(text, tmp_path, name)

    assert not found.spells
    assert found.snapshots is not None
    assert (found.snapshots.day, found.snapshots.file_day) == (day, file_day)


@pytest.mark.parametrize(
    "text",
    [
        "name,start,end\nA,1960-01-01,1970-01-01\n",
        "name,start,end,elected\nA,1960,1970,0\nA,1972,1980,1\n",
        "name,year,elected\nA,1960,0\nB,1970,1\n",
        "name,since,elected\nA,1960-01-01,0\nA,1970-01-01,1\n",
        "name,date\nA,1960-01-01\nB,1960-01-01\nC,1970-01-01\nD,1970-01-01\n",
        "name,appointed\nA,1960-01-01\nB,1960-01-01\nA,1970-01-01\nB,1970-01-01\n",
        "name,year,elected\nA,1960,0\nA,1960,1\nB,1960,0\nB,1961,1\n",
        "name,year\nA,1960\nA,1961\nB,1960\nB,1961\n",
    ],
)
def test_spells_are_guessed_as_spells_though_a_day_is_in_the_name(
    text: str, tmp_path: Path
) -> None:
    found = guess(text, tmp_path, "export-2019-01-15.csv")

    assert found.spells
    assert found.panel is None
    assert found.snapshots is None


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("البداية", "النهاية"),
        ("بداية", "نهاية"),
        ("تاريخ البدء", "تاريخ الانتهاء"),
        ("من", "حتى"),
        ("منذ", "إلى"),
        ("تاريخ الانضمام", "تاريخ الانسحاب"),
        ("desde", "hasta"),
        ("depuis", "jusqu’à"),
        ("Début", "Fin"),
        ("Eintritt", "Austritt"),
        ("appointed", "until"),
        ("Begin", "End"),
    ],
)
@pytest.mark.parametrize("is_turned", [False, True])
def test_headers_of_starts_and_ends_are_known_in_any_order(
    start: str, end: str, is_turned: bool, tmp_path: Path
) -> None:
    cells = [(start, "1960-01-01"), (end, "1970-01-01")]
    dates = [*zip(*(cells[::-1] if is_turned else cells), strict=True)]

    found = guess("\n".join(f"name,{','.join(each)}" for each in dates), tmp_path)

    (spell,) = found.spells
    assert (spell.since, spell.until) == (start, end)


def test_years_under_an_arabic_header_are_dates(tmp_path: Path) -> None:
    (spell,) = guess("الاسم,سنة البداية,سنة النهاية\nس,1960,1970\n", tmp_path).spells

    assert (spell.since, spell.until) == ("سنة البداية", "سنة النهاية")


def test_an_end_alone_is_no_start(tmp_path: Path) -> None:
    (spell,) = guess("name,until\nA,1960-01-01\n", tmp_path).spells

    assert (spell.since, spell.until) == ("Start?", "until")


@pytest.mark.parametrize("end", ["", "present"])
def test_an_end_that_has_come_in_no_row_is_known_by_its_header(end: str, tmp_path: Path) -> None:
    (spell,) = guess(f"name,gender,joined,left,updated\nA,,1960,{end},1999\n", tmp_path).spells

    assert (spell.since, spell.until) == ("joined", "left")


@pytest.mark.parametrize("name", ["a.csv", "B.XLSX", "c.ods", "d.tsv"])
def test_a_sheet_without_a_map_is_told_what_it_needs(name: str) -> None:
    with pytest.raises(Refused) as refused:
        check_map(["record.jsonl", name], None)

    assert refused.value.code == "NEEDS_MAP"
    assert "sijill map" in refused.value.message
    check_map(["record.jsonl"], None)
    check_map([name], "map.toml")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", '{"persons": []}'),
        ("b.jsonl", '{"id": "x", "schema": "Person", "properties": {}}\n'),
        ("c.json", '{"entities": {}}'),
    ],
)
def test_a_format_of_others_without_a_map_is_told_what_it_needs(
    name: str, text: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)
    merged = '{"type": "EntitiesMerged", "id": "x", "entities": ["y"], "into": "z"}\n'
    (tmp_path / "own.jsonl").write_text(merged)

    with pytest.raises(Refused) as refused:
        check_map([str(tmp_path / "own.jsonl"), str(tmp_path / name)], None)

    assert refused.value.code == "NEEDS_MAP"
    check_map([str(tmp_path / "own.jsonl"), str(tmp_path / "absent.json")], None)
