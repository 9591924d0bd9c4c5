"""Cells as dates: what is read, and what is refused because it could be read in two ways."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from api.sheets.cell_dates import BadDate, DateReader, Sentinel, read_cell
from api.sheets.date_words import words_of
from api.sheets.sheet import Layout, Sheet
from api.sheets.sheet_map import Condition, DateRule, Dates
from domain.errors import Refused

ROOT = Path(__file__).parents[2]


def read(text: str, **rules: object) -> str | Sentinel:
    rule = Dates(**rules)  # type: ignore[arg-type]
    return read_cell(text, rule, words_of(rule.months or ()), is_missing=not text)


@pytest.mark.parametrize(
    ("text", "rules", "edtf"),
    [
        ("1960-07-09", {}, "1960-07-09"),
        ("1960-07", {}, "1960-07"),
        ("1816~", {}, "1816~"),
        ("1960s", {}, "196X"),
        ("778", {}, "0778"),
        ("0778-02-01", {}, "0778-02-01"),
        ("920-01-01", {}, "0920-01-01"),
        ("1960/7/9", {}, "1960-07-09"),
        ("1960-07-09T00:00:00", {}, "1960-07-09"),
        ("1960-07-09 00:00:00", {}, "1960-07-09"),
        ("7/9/1960", {"order": "MDY"}, "1960-07-09"),
        ("7/9/1960", {"order": "DMY"}, "1960-09-07"),
        ("9.7.1960", {"order": "DMY"}, "1960-07-09"),
        ("7/9/60", {"order": "MDY", "two_digit_years": 1930}, "1960-07-09"),
        ("7/9/29", {"order": "MDY", "two_digit_years": 1930}, "2029-07-09"),
        ("196007", {"compact": True}, "1960-07"),
        ("19600709", {"compact": True}, "1960-07-09"),
        ("9 July 1960", {"months": ("en",)}, "1960-07-09"),
        ("July 9, 1960", {"months": ("en",)}, "1960-07-09"),
        ("9th of July, 1960", {"months": ("en",)}, "1960-07-09"),
        ("Sept. 1960", {"months": ("en",)}, "1960-09"),
        ("9-Jul-60", {"months": ("en",), "two_digit_years": 1930}, "1960-07-09"),
        ("1960 July 9", {"months": ("en",)}, "1960-07-09"),
        ("9 juillet 1960", {"months": ("fr",)}, "1960-07-09"),
        ("1er août 1960", {"months": ("fr",)}, "1960-08-01"),
        ("9. März 1960", {"months": ("de",)}, "1960-03-09"),
        ("9 de julio de 1960", {"months": ("es",)}, "1960-07-09"),
        ("٩ يوليو ١٩٦٠", {"months": ("ar",)}, "1960-07-09"),
        ("9 تموز 1960", {"months": ("ar-SY",)}, "1960-07-09"),
        ("9 تموز/يوليو 1960", {"months": ("ar-SY",)}, "1960-07-09"),
        ("11 تشرين الثاني/نوفمبر 2025", {"months": ("ar-SY",)}, "2025-11-11"),
        ("9 July / juillet 1960", {"months": ("en", "fr")}, "1960-07-09"),
        ("July 1960?", {"months": ("en",)}, "1960-07?"),
        ("c. 1816", {"months": ("en",)}, "1816~"),
        ("44 BC", {"months": ("en",)}, "-0043"),
        ("1 BC", {"months": ("en",)}, "0000"),
        ("15 March 44 BC", {"months": ("en",)}, "-0043-03-15"),
        ("44 B.C.", {"months": ("en",), "centuries": True}, "-0043"),
        ("44 B. C. E.", {"months": ("en",)}, "-0043"),
        ("A.D. 79", {"months": ("en",)}, "0079"),
        ("5th c. B.C.", {"months": ("en",), "centuries": True}, "[-0499..-0400]"),
        ("AD 79", {"months": ("en",)}, "0079"),
        ("44 av. J.-C.", {"months": ("fr",)}, "-0043"),
        ("٤٤ ق.م", {"months": ("ar",)}, "-0043"),
        ("-500", {"negative_years": "bc"}, "-0499"),
        ("-500", {"negative_years": "astronomical"}, "-0500"),
        ("-0500", {"negative_years": "bc"}, "-0499"),
        ("19th century", {"months": ("en",), "centuries": True}, "[1801..1900]"),
        ("XIXe siècle", {"months": ("fr",), "centuries": True}, "[1801..1900]"),
        ("5th century BC", {"months": ("en",), "centuries": True}, "[-0499..-0400]"),
        ("18xx", {"centuries": True}, "18XX"),
        ("22106", {"serial": 1900}, "1960-07-09"),
        ("1", {"serial": 1900}, "1900-01-01"),
        ("59", {"serial": 1900}, "1900-02-28"),
        ("61", {"serial": 1900}, "1900-03-01"),
        ("20644", {"serial": 1904}, "1960-07-09"),
        ("9999-12-31", {"open": ("9999-12-31",)}, Sentinel.OPEN),
        ("-9", {"unknown": ("-9",)}, Sentinel.UNKNOWN),
        ("", {"open": ("",)}, Sentinel.OPEN),
    ],
)
def test_a_cell_is_read_as_its_rule_says(
    text: str, rules: dict[str, object], edtf: str | Sentinel
) -> None:
    assert read(text, **rules) == edtf


@pytest.mark.parametrize(
    ("text", "rules", "code"),
    [
        ("7/9/1960", {}, "AMBIGUOUS_DATE"),
        ("13/9/1960", {}, "AMBIGUOUS_DATE"),
        ("13/9/1960", {"order": "MDY"}, "BAD_DATE"),
        ("7/9/60", {"order": "MDY"}, "TWO_DIGIT_YEAR"),
        ("60", {}, "TWO_DIGIT_YEAR"),
        ("9-Jul-60", {"months": ("en",)}, "TWO_DIGIT_YEAR"),
        ("196007", {}, "AMBIGUOUS_DATE"),
        ("22106", {}, "BAD_DATE"),
        ("60", {"serial": 1900}, "BAD_DATE"),
        ("9999999", {"serial": 1900}, "BAD_DATE"),
        ("9" * 400, {"serial": 1900}, "BAD_DATE"),
        ("1921-22", {}, "AMBIGUOUS_DATE"),
        ("1914-18", {}, "AMBIGUOUS_DATE"),
        ("1914-1918", {}, "BAD_DATE"),
        ("1914/1918", {}, "BAD_DATE"),
        ("-500", {}, "AMBIGUOUS_DATE"),
        ("-9", {}, "AMBIGUOUS_DATE"),
        ("9 juillet 1960", {"months": ("en",)}, "BAD_DATE"),
        ("19th century", {"months": ("en",)}, "BAD_DATE"),
        ("31 February 1900", {"months": ("en",)}, "BAD_DATE"),
        ("July", {"months": ("en",)}, "BAD_DATE"),
        ("9 July / August 1960", {"months": ("en",)}, "BAD_DATE"),
        ("", {}, "EMPTY_CELL"),
        ("soon", {}, "BAD_DATE"),
        ("1960-07-09 17:30:00", {}, "BAD_DATE"),
        ("0 BC", {"months": ("en",)}, "BAD_DATE"),
        ("12345-01-01", {}, "BAD_DATE"),
    ],
)
def test_what_could_be_read_in_two_ways_or_not_at_all_is_refused(
    text: str, rules: dict[str, object], code: str
) -> None:
    with pytest.raises(BadDate) as refused:
        read(text, **rules)

    assert refused.value.code == code


def test_a_day_that_is_none_is_refused_with_its_words() -> None:
    with pytest.raises(Refused) as refused:
        read("1960-02-30")

    assert refused.value.code == "BAD_EDTF"


@pytest.mark.parametrize("first", ["ar-SY", "ar"])
def test_a_country_has_its_own_months_and_its_language_s_whatever_was_looked_up_before(
    first: str,
) -> None:
    program = (
        "from babel import Locale\n"
        f"Locale.parse({first!r}, sep='-').months['format']['abbreviated'][11]\n"
        "from api.sheets.date_words import folded, words_of\n"
        "months = words_of(('ar-SY',)).months\n"
        "print(months[folded('نوفمبر')], months[folded('تشرين الثاني').replace(' ', '')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert done.stdout == "11 11\n"


def test_a_language_that_nobody_speaks_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        read("July 1960", months=("xx",))

    assert refused.value.code == "UNKNOWN_LANGUAGE"


SHEET = Sheet("s.csv", b"day,sure,off\n1960-07-09,no,30\n", Layout())
ROW = next(SHEET.rows())


@pytest.mark.parametrize(
    ("rule", "is_end", "edtf"),
    [
        ({}, False, "1960-07-09"),
        ({"doubt": (Condition(column="sure", is_=("no",)),)}, False, "1960-07-09?"),
        ({"doubt": (Condition(column="sure", is_=("yes",)),)}, False, "1960-07-09"),
        ({"near": (Condition(column="sure", not_=("yes",)),)}, False, "1960-07-09~"),
        (
            {
                "near": (Condition(column="sure", matches="n"),),
                "doubt": (Condition(column="sure", matches="o$"),),
            },
            False,
            "1960-07-09%",
        ),
        ({"margin": 2}, False, "[1960-07-07..1960-07-11]"),
        ({"margin": "off"}, False, "[1960-06-09..1960-08-08]"),
        (
            {"margin": 1, "doubt": (Condition(column="sure", is_=("no",)),)},
            False,
            "[1960-07-08?..1960-07-10?]",
        ),
        ({"end": "first-not"}, True, "1960-07-08"),
        ({"end": "first-not"}, False, "1960-07-09"),
        ({"end": "last-held"}, True, "1960-07-09"),
    ],
)
def test_other_cells_of_a_row_qualify_its_date(
    rule: dict[str, object], is_end: bool, edtf: str
) -> None:
    when = DateRule(column="day", **rule)  # type: ignore[arg-type]

    found = DateReader(SHEET, when, Dates(), is_end=is_end)(*ROW)

    assert found.edtf is not None
    assert found.edtf.text == edtf


def test_the_first_day_not_of_a_year_is_any_of_a_year_a_day_earlier() -> None:
    sheet = Sheet("s.csv", b"end\n1990\n", Layout())
    rule = DateRule(column="end", end="first-not")

    found = DateReader(sheet, rule, Dates(), is_end=True)(*next(sheet.rows()))

    assert found.edtf is not None
    assert found.edtf.text == "[1989-12-31..1990-12-30]"


@pytest.mark.parametrize(
    ("cell", "rule", "edtf"),
    [
        ("1990~", {"end": "first-not"}, "[1988-12-31..1991-12-30]"),
        ("1990-05%", {"end": "first-not"}, "[1990-03-31?..1990-06-29?]"),
        ("1990~", {"margin": 2}, "[1988-12-30..1992-01-02]"),
        ("1990?", {"margin": 2}, "[1989-12-30?..1991-01-02?]"),
        ("[1990?..1991]", {"margin": 2}, "[1989-12-30?..1992-01-02?]"),
        ("1990", {"margin": 2, "near": (Condition(column="sure", is_=("no",)),)},
         "[1988-12-30..1992-01-02]"),
    ],
)  # fmt: skip
def test_a_date_that_is_near_stays_as_near_as_it_was_written(
    cell: str, rule: dict[str, object], edtf: str
) -> None:
    sheet = Sheet("s.csv", f"day,sure\n{cell},no\n".encode(), Layout())
    when = DateRule(column="day", **rule)  # type: ignore[arg-type]

    found = DateReader(sheet, when, Dates(), is_end=True)(*next(sheet.rows()))

    assert found.edtf is not None
    assert found.edtf.text == edtf
