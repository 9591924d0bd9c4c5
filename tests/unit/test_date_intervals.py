"""EDTF intervals: the days of each side, and the sides that are refused."""

from __future__ import annotations

import pytest
from support.edtf_days import refusal, whole, words

from domain.dates import (
    AFTER_ALL,
    BEFORE_ALL,
    Days,
    day_of,
    parse,
)


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
