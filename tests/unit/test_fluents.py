"""fold() and the intervals it yields, against docs/contract/folding.md#examples."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from asking import held, histories
from strategies import FOLD_TABLE, FoldCase, as_events

from domain.dates import AFTER_ALL, parse
from domain.fluents import Mark, Side, fold
from domain.versions import FluentKey

KEY = FluentKey("membership", "union", "syria")


@pytest.mark.parametrize("case", FOLD_TABLE, ids=lambda case: case.row)
def test_every_row_of_the_fold_table(case: FoldCase) -> None:
    at = histories(as_events(case.entries()))
    intervals = at[max(at)]

    for day, expected in case.probes():
        node = held(intervals, "membership", "union", (day, day), None, inverse=False).get("syria")
        assert (node and node["standing"]) == expected, day
    rows = [each.item for each in intervals[KEY]]
    assert any(row.contested for row in rows) == case.contested
    assert tuple(end.text for row in rows for end in row.announced_ends) == case.announced_ends


def taken(marks: Iterable[Mark]) -> list[tuple[list[str], list[str]]]:
    """The facts whose marks make the start and the end of each episode."""
    return [
        ([mark.fact for mark in episode.start.marks], [mark.fact for mark in episode.end.marks])
        for episode in fold(marks)
        if episode.end is not None
    ]


def test_marks_are_taken_in_the_same_order_whatever_order_they_come_in() -> None:
    marks = [
        Mark(10, 20, False, "b"),
        Mark(10, 20, False, "a"),
        Mark(15, 15, True, "c"),
        Mark(12, 30, True, "d", disputed=True),
    ]

    assert taken(marks) == taken(marks[::-1]) == [(["a", "b"], ["d", "c"])]


def test_the_narrowest_hard_date_is_the_one_that_an_episode_is_said_to_begin() -> None:
    side = Side()
    for text, soft in (("2014", False), ("2014-09", False), ("2014-09-05", True)):
        days = parse(text)
        side.join(Mark(days.earliest, days.latest, False, text, text, disputed=soft))

    assert side.text == "2014-09"


def test_a_soft_date_alone_is_shown_as_written() -> None:
    side = Side()
    side.join(Mark(0, 10, False, "a", "1970-01?", uncertain=True))

    assert side.text == "1970-01?"
    assert (side.earliest, side.latest) == (0, AFTER_ALL)


def test_the_date_of_a_side_is_never_that_of_an_alternative() -> None:
    side = Side()
    for text, soft in (("1961-12~", False), ("1961", False), ("1968-09-13", False)):
        days = parse(text)
        side.join(Mark(days.earliest, days.latest, True, text, text, disputed=soft))

    assert [mark.text for mark in side.alternatives] == ["1968-09-13"]
    assert side.text == "1961-12~"
