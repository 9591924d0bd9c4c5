"""The oracle's fold against the sentences and the table of docs/contract/folding.md."""

from __future__ import annotations

import pytest
from oracle import (
    ANNOUNCED,
    CERTAIN,
    END,
    POSSIBLE,
    START,
    Bounds,
    Episode,
    Mark,
    Oracle,
    fold,
    standing,
)
from strategies import FOLD_TABLE, FoldCase, as_events

from domain.dates import AFTER_ALL, BEFORE_ALL, day_of, parse


@pytest.mark.parametrize("case", FOLD_TABLE, ids=lambda case: case.row)
def test_every_row_of_the_fold_table(case: FoldCase) -> None:
    view = Oracle(as_events(case.entries())).view()
    fluent = ("membership", "union", "syria")
    episodes, announced = view.episodes(fluent), view.announcements(fluent)

    for day, expected in case.probes():
        held = standing(episodes, announced, day, day)
        assert (held and held[0]) == expected, day
    assert any(episode.contested for episode in episodes) == case.contested
    ends = [mark.edtf for episode in episodes for mark in view.announced_ends(fluent, episode)]
    assert tuple(ends) == case.announced_ends


def mark(side: str, when: str, fact: str, *, disputed: bool = False) -> Mark:
    days = parse(when)
    return Mark(side, days.earliest, days.latest, fact, when, disputed, days.uncertain)


def folded(*marks: tuple[str, str] | tuple[str, str, str]) -> list[Episode]:
    """Marks as (side, when) or (side, when, "soft"), named a, b, c … in the order given."""
    return fold(
        [
            mark(side, when, "abcdefgh"[number], disputed=bool(soft))
            for number, (side, when, *soft) in enumerate(marks)
        ]
    )


def days(*texts: str) -> tuple[int, ...]:
    ends = {"-∞": BEFORE_ALL, "∞": AFTER_ALL}
    return tuple(ends[text] if text in ends else day_of(text) for text in texts)


def bounds(*texts: str) -> Bounds:
    return Bounds(*days(*texts))


def test_an_end_before_a_start_that_is_wholly_after_it_closes_the_episode_first() -> None:
    episodes = folded((START, "2014"), (END, "2015"), (START, "2016"))

    assert [episode.facts for episode in episodes] == [["a", "b"], ["c"]]


def test_inside_an_agreeing_start_is_taken_before_an_end_and_an_end_before_another_start() -> None:
    agreeing = folded((START, "2014"), (START, "2014-12-31"), (END, "2014"))
    other = folded((START, "2014-01-01"), (START, "[2014-06..2014-08]"), (END, "2014-07"))

    assert [episode.facts for episode in agreeing] == [["a", "b", "c"]]
    assert [episode.facts for episode in other] == [["a", "c"], ["b"]]


def test_outside_an_agreeing_end_is_taken_before_a_start_and_a_start_before_another_end() -> None:
    agreeing = folded((START, "2014"), (END, "2015-06"), (END, "2015-06-15"), (START, "2015"))
    other = folded((START, "2013"), (END, "2014-02-01"), (END, "2014-07"), (START, "2014-07"))

    assert [episode.facts for episode in agreeing] == [["a", "b", "c"], ["d"]]
    assert [episode.facts for episode in other] == [["a", "b"], ["d", "c"]]


def test_an_end_outside_that_agrees_with_nothing_joins_the_last_episode_as_an_alternative() -> None:
    (episode,) = folded((START, "2013"), (END, "2014"), (END, "2015"))

    assert episode.contested
    assert [alternative.fact for alternative in episode.end.alternatives] == ["c"]
    assert episode.bounds() == bounds("2013-01-01", "2013-12-31", "2014-01-01", "2015-12-31")


def test_corroborations_shrink_the_agreed_range_and_alternatives_stay_as_they_are() -> None:
    (episode,) = folded((START, "2014"), (START, "2014-09"), (START, "2015"), (START, "2015-03"))

    assert episode.start.agreed == days("2014-09-01", "2014-09-30")
    assert [alternative.fact for alternative in episode.start.alternatives] == ["c", "d"]
    assert episode.bounds() == bounds("2014-09-01", "2015-12-31", "∞", "∞")


def test_a_soft_range_is_agreed_until_a_hard_fact_comes_and_never_contests() -> None:
    (episode,) = folded((START, "2010", "soft"), (START, "2014"), (START, "2018", "soft"))

    assert episode.start.agreed == days("2014-01-01", "2014-12-31")
    assert not episode.contested
    assert episode.bounds() == bounds("2010-01-01", "2014-12-31", "∞", "∞")


def test_a_start_is_never_later_than_a_hard_end() -> None:
    (soft,) = folded((START, "2014", "soft"), (END, "2015"))
    (hard,) = folded((START, "[2014..]"), (END, "2015"))
    (open_to_doubt,) = folded((START, "2014", "soft"), (END, "2015", "soft"))

    assert soft.bounds() == bounds("2014-01-01", "2015-12-31", "2015-01-01", "2015-12-31")
    assert hard.bounds() == bounds("2014-01-01", "2015-12-31", "2015-01-01", "2015-12-31")
    assert open_to_doubt.bounds() == bounds("2014-01-01", "∞", "2015-01-01", "∞")


def test_an_end_is_never_earlier_than_its_start() -> None:
    (episode,) = folded((START, "2014-09-05"), (END, "[..2015]"))

    assert episode.bounds() == bounds("2014-09-05", "2014-09-05", "2014-09-05", "2015-12-31")


def test_an_unknown_start_reaches_to_the_last_day_of_all_its_ends_hard_or_soft() -> None:
    (hard,) = folded((END, "2015"))
    (soft,) = folded((END, "2015", "soft"))
    (both,) = folded((END, "2015"), (END, "2016", "soft"))

    assert hard.bounds() == bounds("-∞", "2015-12-31", "2015-01-01", "2015-12-31")
    assert soft.bounds() == bounds("-∞", "2015-12-31", "2015-01-01", "∞")
    assert both.bounds() == bounds("-∞", "2015-12-31", "2015-01-01", "2015-12-31")


def test_an_announcement_is_silent_while_an_episode_may_outlast_its_day() -> None:
    announced = [mark(START, "2015", "z")]

    def on(day: str, episodes: list[Episode]) -> str | None:
        held = standing(episodes, announced, day_of(day), day_of(day))
        return held and held[0]

    assert on("2016-01-01", folded((START, "2013"), (END, "2014"))) == ANNOUNCED
    assert on("2014-12-31", folded((START, "2013"), (END, "2014"))) == POSSIBLE
    assert on("2016-01-01", folded((START, "2013"), (END, "2015-06-01"))) is None
    assert on("2016-01-01", folded((START, "2013"), (END, "2015-01-01"))) == ANNOUNCED
    assert on("2016-01-01", folded((START, "2020"))) is None


def test_the_episode_opened_first_speaks() -> None:
    episodes = folded((START, "2013"), (END, "2014"), (START, "2014"))
    may = day_of("2014-05-01")

    held = standing(episodes, [], may, may)

    assert held == (POSSIBLE, episodes[0])


def test_a_month_is_certain_when_every_day_is_and_possible_when_any_may_be() -> None:
    episodes = folded((START, "2014-09-10"), (END, "2014-11-15"))

    def over(text: str) -> str | None:
        month = parse(text)
        held = standing(episodes, [], month.earliest, month.latest)
        return held and held[0]

    assert [over(f"2014-{month:02}") for month in (8, 9, 10, 11, 12)] == [
        None,
        POSSIBLE,
        CERTAIN,
        POSSIBLE,
        None,
    ]


def test_two_episodes_may_make_a_month_certain_between_them() -> None:
    episodes = folded((START, "2013-01-01"), (END, "2014-09-10"), (START, "2014-09-10"))

    held = standing(episodes, [], day_of("2014-09-01"), day_of("2014-09-30"))

    assert held == (CERTAIN, episodes[0])
