"""Every sentence of docs/contract/dates.md, what the edtf package reads wrongly or loosely."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.edtf_days import refusal, whole, words

from domain.dates import (
    AFTER_ALL,
    BEFORE_ALL,
    MAX_DAY,
    MIN_DAY,
    day_of,
    iso_of,
    parse,
    today,
)
from domain.errors import Refused

# Single dates


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2014-09-10", "2014-09-10..2014-09-10"),
        ("2014-09", "2014-09-01..2014-09-30"),
        ("2014", "2014-01-01..2014-12-31"),
        ("201X", "2010-01-01..2019-12-31"),
        ("20XX", "2000-01-01..2099-12-31"),
        ("2014-XX", "2014-01-01..2014-12-31"),
        ("2014-XX-XX", "2014-01-01..2014-12-31"),
        ("2014-09-XX", "2014-09-01..2014-09-30"),
        ("2016-02-XX", "2016-02-01..2016-02-29"),
        ("2016-02", "2016-02-01..2016-02-29"),
        ("1900-02", "1900-02-01..1900-02-28"),
        ("2000-02-29", "2000-02-29..2000-02-29"),
    ],
)
def test_a_date_is_all_the_days_of_its_precision(text: str, days: str) -> None:
    date = parse(text)

    assert words(date.start) == days
    assert date.text == text
    assert date.end is None
    assert not date.is_interval
    assert not date.uncertain


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2014-21", "2014-03-01..2014-05-31"),
        ("2014-22", "2014-06-01..2014-08-31"),
        ("2014-23", "2014-09-01..2014-11-30"),
        ("2014-24", "2014-12-01..2015-02-28"),
        ("2015-24", "2015-12-01..2016-02-29"),
    ],
)
def test_a_season_is_three_months_and_winter_ends_in_the_next_year(text: str, days: str) -> None:
    assert whole(text) == days


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("0000", "0000-01-01..0000-12-31"),
        ("0000-02-29", "0000-02-29..0000-02-29"),
        ("-0044", "-0044-01-01..-0044-12-31"),
        ("-0044-03-15", "-0044-03-15..-0044-03-15"),
        ("-0044-21", "-0044-03-01..-0044-05-31"),
        ("-0001-24", "-0001-12-01..0000-02-29"),
        ("-004X", "-0049-01-01..-0040-12-31"),
        ("-01XX", "-0199-01-01..-0100-12-31"),
        ("-9999", "-9999-01-01..-9999-12-31"),
        ("9999", "9999-01-01..9999-12-31"),
    ],
)
def test_years_run_from_minus_9999_to_9999_with_a_year_0(text: str, days: str) -> None:
    assert whole(text) == days


# Qualifiers


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2014-09-10~", "2014-09-09..2014-09-11"),
        ("2014-01-01~", "2013-12-31..2014-01-02"),
        ("2014-01~", "2013-12-01..2014-02-28"),
        ("2014-03~", "2014-02-01..2014-04-30"),
        ("2014-12~", "2014-11-01..2015-01-31"),
        ("2014-21~", "2013-12-01..2014-08-31"),
        ("2014-24~", "2014-09-01..2015-05-31"),
        ("2014~", "2013-01-01..2015-12-31"),
        ("201X~", "2000-01-01..2029-12-31"),
        ("20XX~", "1900-01-01..2199-12-31"),
        ("-01XX~", "-0299-01-01..0000-12-31"),
        ("-0001~", "-0002-01-01..0000-12-31"),
        ("-0044-03-15~", "-0044-03-14..-0044-03-16"),
    ],
)
def test_approximate_widens_both_ends_by_one_whole_unit_of_the_written_precision(
    text: str, days: str
) -> None:
    assert whole(text) == days
    assert not parse(text).uncertain
    assert whole(text.replace("~", "%")) == days


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2014-XX~", "2013-01-01..2015-12-31"),
        ("2014-XX-XX~", "2013-01-01..2015-12-31"),
        ("2014-09-XX~", "2014-08-01..2014-10-31"),
    ],
)
def test_an_unspecified_month_or_day_widens_by_the_unit_that_is_specified(
    text: str, days: str
) -> None:
    assert whole(text) == days


@pytest.mark.parametrize("text", ["2014-09-10", "2014-01", "2014-24", "2014", "201X", "20XX"])
def test_a_question_mark_keeps_the_range_and_makes_it_uncertain(text: str) -> None:
    assert parse(f"{text}?").start == parse(text).start
    assert parse(f"{text}?").uncertain


def test_percent_widens_and_makes_uncertain() -> None:
    assert parse("2014%").start == parse("2014~").start
    assert parse("2014%").uncertain


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("-9999~", "-9999-01-01..-9998-12-31"),
        ("-9999-01-01~", "-9999-01-01..-9999-01-02"),
        ("-99XX~", "-9999-01-01..-9800-12-31"),
        ("9999~", "9998-01-01..9999-12-31"),
        ("9999-12-31~", "9999-12-30..9999-12-31"),
        ("999X%", "9980-01-01..9999-12-31"),
        ("9999-24", "9999-12-01..9999-12-31"),
        ("9999-24~", "9999-09-01..9999-12-31"),
    ],
)
def test_widening_past_the_ends_is_clamped(text: str, days: str) -> None:
    assert whole(text) == days


# Sets


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("[2014..2025-11-03]", "2014-01-01..2025-11-03"),
        ("[2014-09-10..2016]", "2014-09-10..2016-12-31"),
        ("[2014-09..2014-10]", "2014-09-01..2014-10-31"),
        ("[2014..2014-03]", "2014-01-01..2014-03-31"),
        ("[..2025-11-03]", "..2025-11-03"),
        ("[2014..]", "2014-01-01.."),
        ("[2014,2016]", "2014-01-01..2016-12-31"),
        ("[2014, 2016]", "2014-01-01..2016-12-31"),
        ("[2016,2014-05]", "2014-05-01..2016-12-31"),
        ("[2014,2010..2012-03,2011]", "2010-01-01..2014-12-31"),
        ("[..2010,2014]", "..2014-12-31"),
        ("[2010,2014..]", "2010-01-01.."),
        ("[..2010, 2014..]", ".."),
        ("[201X..2025]", "2010-01-01..2025-12-31"),
        ("[2014-21,2014-24]", "2014-03-01..2015-02-28"),
        ("[-0044-03-15..0001]", "-0044-03-15..0001-12-31"),
    ],
)
def test_a_one_of_set_runs_from_its_least_day_to_its_greatest(text: str, days: str) -> None:
    date = parse(text)

    assert words(date.start) == days
    assert date.end is None
    assert not date.is_interval
    assert not date.uncertain


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("[2014~..2016]", "2013-01-01..2016-12-31"),
        ("[2014..2016-03~]", "2014-01-01..2016-04-30"),
        ("[2014-05~..2014-05]", "2014-04-01..2014-05-31"),
        ("[..2016~]", "..2017-12-31"),
        ("[2014%..]", "2013-01-01.."),
        ("[2014~,2016]", "2013-01-01..2016-12-31"),
    ],
)
def test_in_a_set_approximate_widens_its_own_end(text: str, days: str) -> None:
    assert whole(text) == days


@pytest.mark.parametrize(
    "text", ["[2014?..2016]", "[2014,2016?]", "[2014,2015%,2016]", "[..2014?]"]
)
def test_in_a_set_a_question_mark_makes_the_whole_uncertain(text: str) -> None:
    assert parse(text).uncertain


# Dates with a time


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2014-09-10T12:00:00", "2014-09-10"),
        ("2014-09-10T23:59:59Z", "2014-09-10"),
        ("2014-09-10T00:00:00+00:00", "2014-09-10"),
        ("2014-09-10T01:30:00+03:00", "2014-09-09"),
        ("2014-09-10T22:30:00-04", "2014-09-11"),
        ("2014-09-10T13:59:59+14:00", "2014-09-09"),
        ("2014-09-10T12:00:00-12:00", "2014-09-11"),
        ("2014-09-10T23:45:00-00:15", "2014-09-11"),
        ("2014-12-31T23:00:00-05:00", "2015-01-01"),
        ("-0044-03-15T12:00:00Z", "-0044-03-15"),
    ],
)
def test_a_date_with_a_time_is_its_day_in_utc(text: str, day: str) -> None:
    assert whole(text) == f"{day}..{day}"
    assert parse(text).text == text


def test_the_hour_24_is_the_end_of_its_day() -> None:
    assert whole("2014-09-10T24:00:00Z") == "2014-09-10..2014-09-10"
    assert whole("2014-09-10T24:00:00-01:00") == "2014-09-11..2014-09-11"


@pytest.mark.parametrize(
    "text",
    [
        "2014-09-10T",
        "2014-09-10T12",
        "2014-09-10T12:00",
        "2014-09-10T25:00:00",
        "2014-09-10T24:00:01",
        "2014-09-10T12:60:00",
        "2014-09-10T12:00:60",
        "2014-09-10T12:00:00.5",
        "2014-09-10T12:00:00z",
        "2014-09-10t12:00:00Z",
        "2014-09-10T12:00:00+0300",
        "2014-09-10T12:00:00+03:60",
        "2014-09-10T12:00:00-00:00",
        "2014-09-10T12:00:00-00",
        "2014-09-10T12:00:00-12:01",
        "2014-09-10T12:00:00+14:01",
        "2014-09-10T12:00:00~",
        "2014-02-29T12:00:00Z",
        "2014-09T12:00:00",
        "2014T12:00:00",
        "2014-09-XXT12:00:00",
        "9999-12-31T23:00:00-05:00",
        "-9999-01-01T00:00:00+01:00",
        "2014-09-10T12:00:00/2014-09-11",
        "[2014-09-10T12:00:00..2015]",
    ],
)
def test_a_time_that_is_no_time_or_out_of_place_is_refused(text: str) -> None:
    refusal(text)


# Days


def test_the_first_of_january_1970_is_day_0() -> None:
    assert day_of("1970-01-01") == 0
    assert day_of("1969-12-31") == -1
    assert day_of("2014-09-10") == 16_323


def test_the_span_fits_int4_with_room_for_no_bound() -> None:
    assert iso_of(MIN_DAY) == "-9999-01-01"
    assert iso_of(MAX_DAY) == "9999-12-31"
    assert -(2**31) == BEFORE_ALL < MIN_DAY < MAX_DAY < AFTER_ALL == 2**31 - 1


def test_every_year_has_the_days_of_the_gregorian_rule_and_no_day_is_skipped() -> None:
    lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    expected = MIN_DAY

    for year in range(-9999, 10_000):
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        sign = "-" if year < 0 else ""
        for month, length in enumerate(lengths, start=1):
            assert day_of(f"{sign}{abs(year):04}-{month:02}-01") == expected
            expected += length + (leap and month == 2)
    assert expected == MAX_DAY + 1


@pytest.mark.parametrize(
    "iso",
    ["", "2014", "2014-09", "2014-02-29", "2014-9-10", "-0000-01-01", "2014-09-10~", "2014-09-10 ",
     "20140910", "10000-01-01", "+2014-09-10", "2014-13-01", "2014-09-00", "٢٠١٤-09-10",
     "2014-09-10T", "2014-09-10\n"],
)  # fmt: skip
def test_what_is_not_a_day_is_refused_with_an_example(iso: str) -> None:
    with pytest.raises(Refused, match="2014-09-10") as refused:
        day_of(iso)

    assert refused.value.code == "BAD_DATE"
    assert refused.value.data == {"text": iso}


@pytest.mark.parametrize("day", [BEFORE_ALL, MIN_DAY - 1, MAX_DAY + 1, AFTER_ALL])
def test_a_day_outside_the_span_has_no_iso_form(day: int) -> None:
    with pytest.raises(ValueError, match="outside the years"):
        iso_of(day)


@pytest.mark.parametrize(
    ("seconds", "iso"), [(0, "1970-01-01"), (86_399.9, "1970-01-01"), (86_400, "1970-01-02")]
)
def test_today_is_utcs(monkeypatch: pytest.MonkeyPatch, seconds: float, iso: str) -> None:
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    monkeypatch.setattr(time, "time", lambda: seconds)

    assert iso_of(today()) == iso


# The package in a threaded service


def test_threads_read_the_same_as_one() -> None:
    texts = [f"{century}{decade}X/20{decade}{season}-2{season}~" for century in range(10, 20)
             for decade in range(10) for season in range(1, 5)]  # fmt: skip

    def bounds(text: str) -> tuple[int, int]:
        date = parse.__wrapped__(text)
        return date.earliest, date.latest

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(bounds, texts))

    assert together[::20] == [bounds(text) for text in texts[::20]]
    for text, (earliest, latest) in zip(texts, together, strict=True):
        assert earliest == day_of(f"{text[:3]}0-01-01")
        assert earliest < latest


def test_it_can_be_imported_where_warnings_are_errors() -> None:
    program = "import domain.dates as d; print(d.parse('2014-21~').latest)"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) == day_of("2014-08-31")


def test_a_date_is_read_once_and_kept() -> None:
    assert parse("[2014-09..2016~]") is parse("[2014-09..2016~]")
