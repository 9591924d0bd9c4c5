"""Clocks as they are given become a point of the clocks, in one place and by one set of names."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.addresses import PageAddress
from domain.dates import MAX_DAY, Days, day_of, parse
from domain.errors import Refused
from domain.point import Clocks, Point

ROOT = Path(__file__).parents[2]
TODAY = day_of("2026-03-01")


def test_clocks_left_out_mean_today_by_all_that_was_published() -> None:
    assert Clocks().point(7, TODAY) == Point(Days(TODAY, TODAY), MAX_DAY, 7)


def test_a_month_asks_about_its_first_to_its_last_day() -> None:
    point = Clocks(as_of=parse("2014-09"), known_at=TODAY).point(7, TODAY)

    assert point == Point(Days(day_of("2014-09-01"), day_of("2014-09-30")), TODAY, 7)


@pytest.mark.parametrize("text", ["2014/..", "../2014"])
def test_days_without_end_are_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        Clocks(as_of=parse(text)).point(7, TODAY)

    assert refused.value.code == "BAD_EDTF"
    assert refused.value.field == "asOf"


def test_a_question_is_pinned_by_its_day_and_its_position() -> None:
    day, time = parse("2014"), datetime(2026, 1, 1, tzinfo=UTC)

    assert Clocks(as_of=day, at_position=0).is_pinned
    assert not Clocks(as_of=day).is_pinned
    assert not Clocks(at_position=7).is_pinned
    assert not Clocks(as_of=day, recorded_at=time).is_pinned


def test_an_address_gives_the_same_clocks_as_a_question() -> None:
    address = PageAddress("en", False, "2014-09", "2015", "2026-01", 7)

    assert address.given() == Clocks(
        address.given().as_of,
        day_of("2015-12-31"),
        datetime(2026, 1, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        7,
    )
    assert address.point(7) == address.given().point(7, TODAY)


def test_a_point_has_one_set_of_names_in_sql() -> None:
    names = set(Clocks().point(7, TODAY).parameters)
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "projections").glob("*.sql")]
    given = {name for text in texts for name in re.findall(r"%\((\w+)\)s", text)}

    assert names == {"as_of_earliest", "as_of_latest", "known_at", "position"}
    assert names <= given
    assert not {"x", "k", "r", "x_old", "k_old", "r_old"} & given
