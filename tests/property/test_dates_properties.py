"""Laws of dates: days and their names are inverse, readings agree, widening widens."""

from __future__ import annotations

import datetime

from hypothesis import example, given
from hypothesis import strategies as st

from domain import dates
from domain.dates import AFTER_ALL, BEFORE_ALL, MAX_DAY, MIN_DAY, Days, Edtf, day_of, iso_of, parse
from domain.errors import Refused

EPOCH = datetime.date(1970, 1, 1)

days = st.integers(MIN_DAY, MAX_DAY)
years = st.integers(-9999, 9999).map(lambda year: f"{'-' if year < 0 else ''}{abs(year):04}")
plain = days.flatmap(lambda day: st.sampled_from([iso_of(day), iso_of(day)[:-3], iso_of(day)[:-6]]))
unspecified = st.one_of(
    years.map(lambda year: year[:-1] + "X"),
    years.map(lambda year: year[:-2] + "XX"),
    years.map(lambda year: year + "-XX"),
    years.map(lambda year: year + "-XX-XX"),
    days.map(lambda day: iso_of(day)[:-2] + "XX"),
)
seasons = st.builds("{}-{}".format, years, st.integers(21, 24))
bare = plain | unspecified | seasons
qualified = st.builds(str.__add__, bare, st.sampled_from(["", "?", "~", "%"]))
sets = st.builds(
    "[{}{}{}]".format,
    st.sampled_from(["", ".."]),
    st.lists(qualified, min_size=2, max_size=4).map(",".join),
    st.sampled_from(["", ".."]),
)
intervals = st.builds("{}/{}".format, qualified | st.sampled_from(["", ".."]), qualified)
spans = st.builds("[{}..{}]".format, qualified, qualified)
expressions = qualified | sets | intervals | spans
near_misses = st.text("0123456789-X?~%./[]{},TZ:+ SYxuE", max_size=24)


def read(text: str) -> Edtf | None:
    try:
        return parse(text)
    except Refused as refused:
        if refused.code != "BAD_EDTF":
            raise
        return None


@given(days)
def test_the_name_of_a_day_reads_back_as_the_day(day: int) -> None:
    assert day_of(iso_of(day)) == day
    assert parse(iso_of(day)).start == Days(day, day)


@given(days)
def test_the_next_day_has_the_next_name(day: int) -> None:
    year, month, number = dates.civil_from_days(day)

    assert dates.days_from_civil(year, month, number) == day
    if day < MAX_DAY:
        assert dates.civil_from_days(day + 1) > (year, month, number)


@given(st.dates())
def test_days_are_those_of_pythons_dates_where_it_has_them(date: datetime.date) -> None:
    assert day_of(date.isoformat()) == (date - EPOCH).days
    assert iso_of((date - EPOCH).days) == date.isoformat()


@given(
    st.builds(
        "{:04}-{:02}-{:02}".format, st.integers(1, 9999), st.integers(0, 13), st.integers(0, 32)
    )
)
def test_a_day_exists_when_python_says_so(text: str) -> None:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        assert read(text) is None
    else:
        assert read(text) is not None


@given(plain, st.booleans())
def test_the_short_way_reads_what_the_package_reads(text: str, widened: bool) -> None:
    assert dates._plain(text, widened=widened) == dates._read(text, 0, text, widened=widened)


@given(
    st.text("0123456789-", max_size=11)
    | st.from_regex(r"-?[0-9]{4}(-[0-9]{2}){0,2}", fullmatch=True)
)
def test_the_short_way_takes_nothing_that_the_package_does_not(text: str) -> None:
    try:
        by_package = dates._read(text, 0, text, widened=False)
    except Refused:
        by_package = None

    short = dates._plain(text, widened=False)

    assert short is None or short == by_package


@example("9999-24")
@given(bare)
def test_widening_contains_the_unwidened_and_its_neighbours(text: str) -> None:
    inner, outer = parse(text).start, parse(f"{text}~").start
    length = inner.latest - inner.earliest + 1

    assert outer.earliest <= inner.earliest <= inner.latest <= outer.latest
    assert outer.earliest < inner.earliest or inner.earliest == MIN_DAY
    assert outer.latest > inner.latest or inner.latest == MAX_DAY
    # February with its two neighbours is the most that a unit grows by, but for the last winter of
    # all, of which December alone is there.
    assert outer.latest - outer.earliest + 1 <= 90 / 28 * length or inner.latest == MAX_DAY
    assert parse(f"{text}%").start == outer
    assert parse(f"{text}?").start == inner


@given(expressions)
def test_the_earliest_day_is_not_after_the_latest(text: str) -> None:
    date = read(text)

    if date is not None:
        assert date.text == text
        assert date.earliest <= date.latest
        assert date.start.earliest <= date.start.latest
        assert date.uncertain == ("?" in text or "%" in text)
        assert date.is_interval == ("/" in text) == (date.end is not None)
        for bound in (*date.start, *(date.end or ())):
            assert MIN_DAY <= bound <= MAX_DAY or bound in (BEFORE_ALL, AFTER_ALL)


@given(st.lists(qualified, min_size=2, max_size=5))
def test_a_set_has_the_least_and_the_greatest_day_of_its_dates(texts: list[str]) -> None:
    whole = parse(f"[{','.join(texts)}]")

    assert whole.earliest == min(parse(text).earliest for text in texts)
    assert whole.latest == max(parse(text).latest for text in texts)
    assert parse(f"[{', '.join(texts)}]").start == whole.start


@given(qualified, qualified)
def test_a_span_and_an_interval_are_refused_exactly_when_their_ends_are_the_wrong_way_round(
    low: str, high: str
) -> None:
    in_order = parse(low).earliest <= parse(high).latest

    assert (read(f"[{low}..{high}]") is not None) == in_order
    assert (read(f"{low}/{high}") is not None) == in_order


@given(st.text() | near_misses | st.text(st.characters(categories=["Nd", "Zs", "Pd", "Cs"])))
def test_any_text_is_read_or_refused(text: str) -> None:
    read(text)
    try:
        day_of(text)
    except Refused as refused:
        if refused.code != "BAD_DATE":
            raise


@given(expressions, st.integers(0, 30), st.sampled_from(" \t\n\u00a0\u2009\u0660\uff11"))
def test_no_blank_and_no_foreign_digit_is_passed_over(text: str, at: int, foreign: str) -> None:
    spoilt = text[:at] + foreign + text[at:]

    assert read(spoilt) is None or (foreign == " " and text[at - 1 : at] == ",")
