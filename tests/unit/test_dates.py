"""Every sentence of docs/contract/dates.md, what the edtf package reads wrongly or loosely."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from domain.dates import (
    AFTER_ALL,
    BEFORE_ALL,
    MAX_DAY,
    MIN_DAY,
    Days,
    day_of,
    iso_of,
    parse,
    today,
)
from domain.errors import Refused


def words(days: Days) -> str:
    """First and last day, such as 2014-01-01..2014-12-31; an unbounded one is left out."""
    first = "" if days.earliest == BEFORE_ALL else iso_of(days.earliest)
    last = "" if days.latest == AFTER_ALL else iso_of(days.latest)
    return f"{first}..{last}"


def whole(text: str) -> str:
    date = parse(text)
    return words(Days(date.earliest, date.latest))


def refusal(text: str) -> Refused:
    with pytest.raises(Refused) as refused:
        parse(text)
    assert refused.value.code == "BAD_EDTF"
    return refused.value


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


# Intervals


def test_an_interval_gives_a_start_in_a_and_an_end_in_b() -> None:
    date = parse("2014-09/2016")

    assert date.is_interval
    assert words(date.start) == "2014-09-01..2014-09-30"
    assert date.end is not None
    assert words(date.end) == "2016-01-01..2016-12-31"
    assert whole("2014-09/2016") == "2014-09-01..2016-12-31"


def test_an_open_side_of_an_interval_has_no_day_at_all() -> None:
    assert parse("../2016").start == Days(BEFORE_ALL, BEFORE_ALL)
    assert parse("2014/..").end == Days(AFTER_ALL, AFTER_ALL)
    assert whole("../2016") == "..2016-12-31"
    assert whole("2014/..") == "2014-01-01.."


def test_an_unknown_start_may_be_any_day_and_an_unknown_end_any_after_it() -> None:
    assert parse("/2016").start == Days(BEFORE_ALL, AFTER_ALL)
    assert parse("2014/").end == Days(day_of("2014-01-01"), AFTER_ALL)
    assert whole("/2016") == "..2016-12-31"
    assert whole("2014/") == "2014-01-01.."


@pytest.mark.parametrize(
    ("text", "start", "end", "uncertain"),
    [
        ("2014~/2016", "2013-01-01..2015-12-31", "2016-01-01..2016-12-31", False),
        ("2014/2016-05~", "2014-01-01..2014-12-31", "2016-04-01..2016-06-30", False),
        ("2014?/2016~", "2014-01-01..2014-12-31", "2015-01-01..2017-12-31", True),
        ("2014%/..", "2013-01-01..2015-12-31", None, True),
        ("2014-21~/2016-24", "2013-12-01..2014-08-31", "2016-12-01..2017-02-28", False),
        ("201X?/2020-XX", "2010-01-01..2019-12-31", "2020-01-01..2020-12-31", True),
    ],
)
def test_each_side_of_an_interval_has_its_own_qualifier(
    text: str, start: str, end: str | None, uncertain: bool
) -> None:
    date = parse(text)

    assert words(date.start) == start
    assert end is None or (date.end is not None and words(date.end) == end)
    assert date.uncertain is uncertain


@pytest.mark.parametrize("text", ["../..", "/", "/..", "../"])
def test_an_interval_that_says_nothing_is_refused(text: str) -> None:
    assert "one side at least is a date" in refusal(text).message


@pytest.mark.parametrize("text", ["2014-09-10/2014", "2014/2014", "2014/2014-03", "2014~/2013"])
def test_sides_that_share_days_are_in_order(text: str) -> None:
    assert parse(text).earliest <= parse(text).latest


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("2015/2014", 6),
        ("2014-09-10/2014-09-09", 12),
        ("2014/-2014", 6),
        ("2014/2012~", 6),
        ("[2015..2014]", 8),
        ("[2010,2015..2014-12-31]", 13),
        ("[2014-05~..2014-03]", 12),
    ],
)
def test_ends_the_wrong_way_round_are_refused(text: str, position: int) -> None:
    refused = refusal(text)

    assert "it ends before it starts" in refused.message
    assert refused.data["position"] == position


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


# What is refused, and how


@pytest.mark.parametrize(
    ("text", "position", "why"),
    [
        ("", 1, "a date is missing"),
        ("2014-13", 6, "not a date of EDTF level 0 or 1"),
        ("2014-00", 6, "not a date"),
        ("2014-09-31", 9, "not a date"),
        ("2014-02-30", 9, "not a date"),
        ("2014-02-29", 9, "the month has no such day"),
        ("1900-02-29~", 9, "the month has no such day"),
        ("[2014..1900-02-29]", 16, "the month has no such day"),
        ("2014-09-10/2014-9", 17, "not a date"),
        ("-0000", 5, "not a date"),
        ("20145", 5, "not a date"),
        (" 2014", 1, "blanks"),
        ("2014-09 ", 8, "blanks"),
        ("2014\n", 5, "blanks"),
        ("2014 / 2015", 5, "blanks"),
        ("[2014 ,2015]", 6, "blanks"),
        ("[2014,  2015]", 8, "blanks"),
        ("٢٠١٤", 1, "ASCII"),
        ("201４", 4, "ASCII"),
        ("−0044", 1, "ASCII"),
        ("201x", 4, "capital X"),
        ("Y2014", 1, "Y is for years beyond -9999 to 9999"),
        ("Y12345", 1, "which the record does not hold"),
        ("Y-17E7", 1, "Y is for years"),
        ("?2014", 1, "after the whole date"),
        ("2014?-09", 5, "after the whole date"),
        ("2014-~09", 6, "after the whole date"),
        ("2014?~", 5, "after the whole date"),
        ("2XXX", 1, "only the last two digits of a year"),
        ("{2014,2015}", 1, "braces"),
        ("2014//2015", 6, "an interval has two sides"),
        ("2014/2015/2016", 10, "an interval has two sides"),
        ("[2014", 6, "a set ends with ]"),
        ("[2014}", 7, "a set ends with ]"),
        ("[2014]", 2, "a set has two dates"),
        ("[]", 2, "a set has two dates"),
        ("[..]", 2, "a date is missing"),
        ("[2014,]", 7, "a date is missing"),
        ("[2014,,2015]", 7, "a date is missing"),
        ("[2014,..2016]", 7, "a date is missing"),
        ("[2014..,2016]", 8, "a date is missing"),
        ("2014-09-10T12:00:00/2015", 11, "a time of day has no place"),
        ("2014-09-10T12", 11, "a time is 12:00:00"),
        ("2014-09-10T12:00:00+15", 20, "from -12:00 to +14:00"),
        ("9999-12-31T23:00:00-05:00", 1, "in UTC it is outside the years"),
    ],
)
def test_a_refusal_has_the_text_the_place_the_reason_and_an_example(
    text: str, position: int, why: str
) -> None:
    refused = refusal(text)

    assert refused.data == {"text": text, "position": position}
    assert (text if text.isprintable() else ascii(text)[1:-1]) in refused.message
    assert f"at character {position}: " in refused.message
    assert why in refused.message
    assert "Write for example " in refused.message


@pytest.mark.parametrize(
    "text",
    [
        "unknown", "open", "2014/open", "unknown/2014", "now", "circa 2014", "about 2014",
        "c. 2014", "spring 2014", "2014 or 2015", "2014 to 2015", "the 1990s", "1990s", "May 2014",
        "2014s",
    ],
)  # fmt: skip
def test_nothing_is_guessed_from_words(text: str) -> None:
    refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "19", "198", "2014-9", "2014-09-1", "+2014", "--2014", "2014-", "2014-09-", "-", "-44",
        "20140910", "2014.09.10", "10/09/2014", "2014-W10", "2014-250", "2014-09-10/05", "/05",
        "P1Y", "2014/P1Y", "R2/2014/2015", "2014-09-10..2014-09-11", "2014..", "..2014", "..",
        "2014,2015", "2014, 2015", "[2014/2015]", "[2014,2015]/2016", "[2014..2015]?",
        "[[2014,2015]]", "[2014...2016]", "[2014..2015..2016]", "[2014,2015],", "2014/2015?~",
        "2014/2015/", "///",
    ],
)  # fmt: skip
def test_other_notations_and_malformed_ones_are_refused(text: str) -> None:
    refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "XXXX", "XXX4", "1X23", "20X4", "1X2X", "1XXX~", "2014-X1", "2014-0X", "2014-1X", "XXXX-12",
        "201X-05", "20XX-XX", "2014-XX-09", "2014-09-1X", "XXXX-XX-XX", "2014-XX-1X", "-XXXX",
        "-0XXX", "2014-25", "2014-28", "2014-41", "2014-21-05", "2014-21-XX", "201X-21",
        "2014-21^N", "2014-2X", "1950S2", "2014S2-05", "Y12345S2", "2014-09S1", "2014-09~-10",
        "2014-09-~10", "%2014-09", "?2014/2015", "2004-06-~01/2004-06-~20", "{2014..}", "{2014}",
        "(2014)", "2004-(06)?-11", "201u", "20uu", "2014-uu", "199x", "2014-xx",
    ],
)  # fmt: skip
def test_level_2_beyond_sets_and_drafts_of_edtf_are_refused(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    refusal(text)

    assert capsys.readouterr().out == ""  # the package prints when a reading of its own fails


def test_an_overlong_text_is_refused_and_cut_in_the_message() -> None:
    refused = refusal("[" + "2014," * 50_000 + "2014]")

    assert "at most 100 characters" in refused.message
    assert len(refused.message) < 300


def test_a_message_spells_out_what_cannot_be_seen() -> None:
    assert "2014\\u200f" in refusal("2014\u200f").message
    assert "\\udc80" in refusal("\udc80").message


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
