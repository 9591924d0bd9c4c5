"""The oracle against DESIGN §4's table and the sentences of §4, §5 and §7, and the records that
`strategies` makes against what §5 refuses. What the product is compared with must itself be right.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import (
    ANNOUNCED,
    CERTAIN,
    EFFECTS,
    END,
    FACT_TYPES,
    POSSIBLE,
    QUESTIONS,
    START,
    Bounds,
    Episode,
    Mark,
    Oracle,
    fold,
    in_the_log,
    standing,
    subject_keys,
)
from strategies import (
    FOLD_TABLE,
    FoldCase,
    as_events,
    big_record,
    moments,
    random_record,
    records,
    reorder,
)

from domain.dates import AFTER_ALL, BEFORE_ALL, day_of, parse

# -------------------------------------------------------------------------------------- §4: folding


@pytest.mark.parametrize("case", FOLD_TABLE, ids=lambda case: case.row)
def test_every_row_of_the_fold_table(case: FoldCase) -> None:
    episodes = fold(case.marks(announced=False))

    for day, expected in case.probes():
        held = standing(episodes, case.marks(announced=True), day, day)
        assert (held and held[0]) == expected, day
    assert any(episode.contested for episode in episodes) == case.contested


def mark(side: str, when: str, fact: str, *, hard: bool = True) -> Mark:
    days = parse(when)
    return Mark(side, days.earliest, days.latest, hard and not days.uncertain, fact, when)


def folded(*marks: tuple[str, str] | tuple[str, str, str]) -> list[Episode]:
    """Marks as (side, when) or (side, when, "soft"), named a, b, c … in the order given."""
    return fold(
        [
            mark(side, when, "abcdefgh"[number], hard=not soft)
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
    assert both.bounds() == bounds("-∞", "2016-12-31", "2015-01-01", "2015-12-31")


def test_an_announcement_is_silent_while_an_episode_may_outlast_its_day() -> None:
    announced = [mark(START, "2015", "z")]

    def on(day: str, episodes: list[Episode]) -> str | None:
        held = standing(episodes, announced, day_of(day), day_of(day))
        return held and held[0]

    assert on("2016-01-01", folded((START, "2013"), (END, "2014"))) == ANNOUNCED
    assert on("2014-12-31", folded((START, "2013"), (END, "2014"))) is None
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


# ------------------------------------------------------------------------ a log to ask questions of


def source(name: str, published: str | None) -> dict[str, Any]:
    return {"type": "SourceRegistered", "id": name, "title": name, "published": published}


def entity(name: str, kind: str = "COUNTRY", **names: str) -> dict[str, Any]:
    return {
        "type": "EntityRegistered",
        "id": name,
        "kind": kind,
        "names": names or {"en": name.title()},
    }


def joined(fact: str, when: str, *sources: str, **more: Any) -> dict[str, Any]:
    cited = [{"source": name} for name in sources or ("may",)]
    subjects = {"coalition": "union", "member": "syria"}
    return {"type": "MemberJoined", "id": fact, **subjects, "when": when, "citations": cited} | more


def left(fact: str, when: str, *sources: str, **more: Any) -> dict[str, Any]:
    return {**joined(fact, when, *sources, **more), "type": "MemberLeft"}


def about(kind: str, name: str, *evidence: str, **more: Any) -> dict[str, Any]:
    """A record-keeping event: of evidence when it cites sources, else editorial."""
    body = {"type": kind, "id": name, "reason": "a reason", **more}
    if evidence:
        body |= {"basis": "EVIDENCE", "citations": [{"source": name} for name in evidence]}
    return body


FIRST = [
    source("march", "2015-03-01"),
    source("may", "2015-05-01"),
    source("june", "2015-06"),
    source("july", "2015-07-01"),
    source("never", "[2015-01..]"),
    source("undated", None),
    entity("union", "COALITION"),
    entity("league", "COALITION"),
    entity("syria"),
    entity("iraq"),
]


def whole(text: str) -> tuple[int, int]:
    """X: a day, or the whole of a month or a year."""
    span = parse(text)
    return span.earliest, span.latest


class Record:
    """FIRST and then the entries given, at positions 1, 2, …, all recorded on 2015-08-01."""

    def __init__(self, *entries: dict[str, Any]) -> None:
        self.entries = FIRST + list(entries)
        rows = as_events(self.entries)
        self.oracle = Oracle([{**row, "recordedAt": "2015-08-01T12:00:00"} for row in rows])

    def before(self, name: str) -> int:
        """The position just before an entry was taken in."""
        return [entry["id"] for entry in self.entries].index(name)

    def members(self, on: str, by: str | None = None, **more: Any) -> list[dict[str, Any]]:
        known_at = None if by is None else day_of(by)
        nodes: list[dict[str, Any]]
        nodes = self.oracle.answer("members", "union", whole(on), known_at, **more)["nodes"]
        return nodes

    def holds(self, on: str, by: str | None = None, **more: Any) -> str | None:
        """The standing of Syria in the union."""
        nodes = self.members(on, by, **more)
        return next((n["standing"] for n in nodes if n["subject"]["id"] == "syria"), None)

    def counting(self, by: str | None = None, at: int | None = None) -> set[str]:
        known_at = None if by is None else day_of(by)
        return {f.id for f in self.oracle.visible_facts(known_at, at).values() if f.counts}


# --------------------------------------------------------------------- §1, §5: knowledge and record


def test_a_citation_is_known_from_the_latest_day_of_its_sources_publication() -> None:
    record = Record(joined("f", "2014", "june"))

    assert record.counting("2015-06-29") == set()
    assert record.counting("2015-06-30") == {"f"}


def test_an_undated_source_is_known_from_the_day_it_was_recorded() -> None:
    record = Record(joined("f", "2014", "undated"))

    assert record.counting("2015-07-31") == set()
    assert record.counting("2015-08-01") == {"f"}


def test_a_source_without_a_latest_day_makes_nothing_known_ever() -> None:
    assert Record(joined("f", "2014", "never")).counting() == set()


def test_a_fact_is_known_from_the_earliest_of_its_supporting_citations() -> None:
    record = Record(joined("f", "2014", "july", "march"))

    assert record.counting("2015-03-01") == {"f"}
    assert record.members("2015", "2015-03-01")[0]["sources"] == ["march"]
    assert record.members("2015")[0]["sources"] == ["july", "march"]


def test_a_disputing_citation_makes_nothing_known_and_marks_nothing() -> None:
    cited = [{"source": "march", "stance": "DISPUTES"}, {"source": "may"}]
    record = Record(joined("f", "2014", citations=cited))

    assert record.counting("2015-04-30") == set()
    assert not record.members("2015")[0]["disputed"]
    assert record.members("2015")[0]["sources"] == ["may"]


def test_a_corroboration_may_make_a_fact_known_earlier_whatever_its_basis() -> None:
    for basis in ("EVIDENCE", "EDITORIAL"):
        cited = [{"source": "march"}, {"source": "july"}]
        more = {"fact": "f", "basis": basis, "citations": cited}
        record = Record(joined("f", "2014"), about("FactCorroborated", "c", **more))

        assert record.counting("2015-03-01") == {"f"}
        assert record.counting("2015-03-01", record.before("c")) == set()
        assert record.members("2015", "2015-05-01")[0]["sources"] == ["march", "may"]


def test_recorded_times_never_run_backwards() -> None:
    stamps = ["2015-08-01T23:00:00-05:00", "2015-07-01T00:00:00", "2015-08-03T01:00:00Z"]
    rows = [
        {"position": number, "recordedAt": stamp, "actor": "x", "entry": FIRST[number]}
        for number, stamp in enumerate(stamps)
    ]

    assert [event.day for event in in_the_log(rows)] == list(
        days("2015-08-02", "2015-08-02", "2015-08-03")
    )


def test_a_dispute_makes_a_fact_soft_and_its_withdrawal_undoes_that() -> None:
    record = Record(
        joined("f", "2014"),
        about("FactDisputed", "d", fact="f"),
        about("DisputeWithdrawn", "w", fact="f"),
    )

    assert record.holds("2015", at_position=record.before("d")) == CERTAIN
    assert record.holds("2015", at_position=record.before("w")) == POSSIBLE
    assert record.members("2015", at_position=record.before("w"))[0]["disputed"]
    assert record.holds("2015") == CERTAIN


def test_editorial_takes_effect_for_every_k_but_only_from_its_own_position() -> None:
    record = Record(joined("f", "2014"), about("FactRetracted", "r", fact="f"))

    assert record.counting("2015-05-01") == set()
    assert record.counting("2015-05-01", record.before("r")) == {"f"}


def test_evidence_takes_effect_from_its_earliest_publication_of_any_stance() -> None:
    retraction = about("FactRetracted", "r", "july", "june", fact="f")
    retraction["citations"][1]["stance"] = "DISPUTES"
    record = Record(joined("f", "2014"), retraction)

    assert record.counting("2015-06-29") == {"f"}
    assert record.counting("2015-06-30") == set()


def test_evidence_whose_source_is_withdrawn_waits_for_another_and_with_none_is_undone() -> None:
    record = Record(
        joined("f", "2014", "march"),
        about("FactRetracted", "r", "may", "july", fact="f"),
        about("SourceWithdrawn", "w1", source="may"),
        about("SourceWithdrawn", "w2", source="july"),
    )

    assert record.counting("2015-05-01", record.before("w1")) == set()
    assert record.counting("2015-05-01", record.before("w2")) == {"f"}
    assert record.counting("2015-07-01", record.before("w2")) == set()
    assert record.counting("2015-07-01") == {"f"}


def test_evidence_counts_until_the_day_its_own_source_is_withdrawn() -> None:
    record = Record(
        joined("f", "2014", "march"),
        about("FactRetracted", "r", "may", fact="f"),
        about("SourceWithdrawn", "w", "july", source="may"),
    )

    assert record.counting("2015-06-30") == set()
    assert record.counting("2015-07-01") == {"f"}


def test_of_retractions_and_reinstatements_the_one_recorded_last_wins_whatever_their_number() -> (
    None
):
    record = Record(
        joined("f", "2014", "march"),
        about("FactRetracted", "r1", fact="f"),
        about("FactRetracted", "r2", fact="f"),
        about("FactReinstated", "i", "june", fact="f"),
    )

    assert record.counting("2015-06-29") == set()
    assert record.counting("2015-06-30") == {"f"}


def test_of_corrections_the_last_that_names_a_key_wins_key_by_key() -> None:
    record = Record(
        joined("f", "2014"),
        about("FactCorrected", "c1", fact="f", changes={"when": "2013", "member": "iraq"}),
        about("FactCorrected", "c2", fact="f", changes={"when": "2012"}),
        about("FactCorrected", "c3", "july", fact="f", changes={"modality": "ANNOUNCED"}),
    )
    early, late = (
        record.oracle.visible_facts(day)["f"] for day in days("2015-06-30", "2015-07-01")
    )

    assert (early.when.text, early.subjects["member"], early.modality) == (
        "2012",
        "iraq",
        "OCCURRED",
    )
    assert late.modality == "ANNOUNCED"
    assert late.fluent == ("membership", "union", "iraq")


def test_a_withdrawn_sources_citations_stop_counting_and_a_fact_left_with_none_does_too() -> None:
    record = Record(
        joined("one", "2014", "march"),
        joined("two", "2014", "march", "may"),
        about("SourceWithdrawn", "w", "july", source="march"),
    )

    assert record.counting("2015-06-30") == {"one", "two"}
    assert record.counting("2015-07-01") == {"two"}
    assert record.members("2015", "2015-07-01")[0]["sources"] == ["may"]


def test_a_source_withdrawal_is_never_undone() -> None:
    record = Record(
        joined("f", "2014", "march"),
        about("SourceWithdrawn", "w1", "may", source="march"),
        about("SourceWithdrawn", "w2", source="may"),
    )

    assert record.counting("2015-04-30") == {"f"}
    assert record.counting("2015-05-01") == set()


def test_a_mended_publication_date_moves_what_rests_on_it_for_every_k() -> None:
    record = Record(
        joined("f", "2014"),
        about("SourceCorrected", "s", source="may", changes={"published": "2015-02"}),
    )

    assert record.counting("2015-02-28") == {"f"}
    assert record.counting("2015-02-28", record.before("s")) == set()


def test_a_preferred_fact_sets_the_others_aside_and_they_are_listed_as_alternatives() -> None:
    record = Record(
        joined("a", "2014-03"),
        joined("b", "2013", "march"),
        about("FactPreferred", "p", "june", fact="a", over=["b"]),
    )

    assert record.counting("2015-06-29") == {"a", "b"}
    assert record.counting("2015-06-30") == {"a"}
    (node,) = record.members("2015", "2015-06-30")
    assert [fact["id"] for fact in node["facts"]] == ["a"]
    assert not node["contested"]
    assert node["alternatives"] == [
        {
            "since": {"edtf": "2013", "earliest": "2013-01-01", "latest": "2013-12-31"},
            "until": None,
            "facts": ["b"],
            "sources": ["march"],
        }
    ]


def test_a_preference_holds_while_its_fact_counts() -> None:
    record = Record(
        joined("a", "2014-03", "july"),
        joined("b", "2013", "march"),
        about("FactPreferred", "p", fact="a", over=["b"]),
        about("FactRetracted", "r", fact="a"),
    )

    assert record.counting("2015-06-30", record.before("r")) == {"b"}
    assert record.counting("2015-07-01", record.before("r")) == {"a"}
    assert record.counting("2015-07-01") == {"b"}


def test_a_preference_whose_fact_a_newer_one_sets_aside_does_nothing() -> None:
    record = Record(
        *(joined(fact, "2014") for fact in "abc"),
        about("FactPreferred", "p1", fact="a", over=["b"]),
        about("FactPreferred", "p2", fact="c", over=["a"]),
    )

    assert record.counting() == {"b", "c"}


def test_an_older_preference_that_sets_a_newer_ones_fact_aside_does_not_undo_it() -> None:
    record = Record(
        *(joined(fact, "2014") for fact in "abc"),
        about("FactPreferred", "p1", fact="c", over=["a"]),
        about("FactPreferred", "p2", fact="a", over=["b"]),
    )

    assert record.counting() == {"c"}


def test_a_withdrawn_preference_is_undone() -> None:
    record = Record(
        joined("a", "2014"),
        joined("b", "2013"),
        about("FactPreferred", "p", fact="a", over=["b"]),
        about("PreferenceWithdrawn", "w", "july", preference="p"),
    )

    assert record.counting("2015-06-30") == {"a"}
    assert record.counting("2015-07-01") == {"a", "b"}


def test_a_preferences_fluent_is_not_looked_at_again() -> None:
    record = Record(
        joined("a", "2014"),
        joined("b", "2013"),
        joined("c", "2012", member="iraq"),
        about("FactPreferred", "p", fact="a", over=["b"]),
        about("FactCorrected", "c1", fact="b", changes={"member": "iraq"}),
    )

    iraq, syria = record.members("2015")
    assert record.counting() == {"a", "c"}
    assert [alternative["facts"] for alternative in iraq["alternatives"]] == [["b"]]
    assert syria["alternatives"] == []


def test_what_is_set_aside_is_listed_with_the_episode_its_preferred_fact_is_in() -> None:
    record = Record(
        joined("a", "2010"),
        left("b", "2011"),
        joined("c", "2014"),
        joined("d", "2013"),
        about("FactPreferred", "p", fact="c", over=["d"]),
    )

    assert record.members("2010-12-31")[0]["alternatives"] == []
    assert [a["facts"] for a in record.members("2015")[0]["alternatives"]] == [["d"]]


def test_what_two_preferences_set_aside_is_listed_where_either_speaks() -> None:
    record = Record(
        joined("a", "2010"),
        left("b", "2011"),
        joined("c", "2014"),
        joined("d", "2013"),
        about("FactPreferred", "p1", fact="c", over=["d"]),
        about("FactPreferred", "p2", fact="a", over=["d"]),
    )

    assert [a["facts"] for a in record.members("2010-12-31")[0]["alternatives"]] == [["d"]]
    assert [a["facts"] for a in record.members("2015")[0]["alternatives"]] == [["d"]]


def test_what_would_not_count_anyway_is_not_listed_as_set_aside() -> None:
    record = Record(
        joined("a", "2014"),
        joined("b", "2013", "july"),
        joined("c", "2013"),
        about("FactPreferred", "p", fact="a", over=["b", "c"]),
        about("FactRetracted", "r", fact="c"),
    )

    assert record.members("2015", "2015-06-30")[0]["alternatives"] == []
    assert [a["facts"] for a in record.members("2015")[0]["alternatives"]] == [["b"]]


def test_the_same_question_at_an_old_position_always_gives_the_same_answer() -> None:
    entries = random_record(7, 10, 15)
    rows = as_events(entries, 7)
    whole = Oracle(rows)

    for cut in range(len(rows)):
        position = rows[cut]["position"]
        for as_of, known_at, _ in moments(rows, cut, 3):
            point = (as_of, known_at, position)
            assert whole.answer("members", "e1", *point) == Oracle(rows[: cut + 1]).answer(
                "members", "e1", *point
            )


# ------------------------------------------------------------------------------------ §2: intervals


def test_an_interval_gives_both_sides_of_an_episode() -> None:
    record = Record(joined("f", "2014-01/2014-03"))
    (node,) = record.members("2014-02")

    assert node["standing"] == CERTAIN
    assert node["since"] == {
        "edtf": "2014-01/2014-03",
        "earliest": "2014-01-01",
        "latest": "2014-01-31",
    }
    assert node["until"] == {
        "edtf": "2014-01/2014-03",
        "earliest": "2014-03-01",
        "latest": "2014-03-31",
    }
    assert [fact["id"] for fact in node["facts"]] == ["f"]
    assert record.holds("2014-03-31") is None


def test_an_open_end_never_comes_and_an_unknown_one_may_any_day() -> None:
    assert Record(joined("f", "2014/..")).holds("2020-01-01") == CERTAIN
    assert Record(joined("f", "2014/..")).members("2020-01-01")[0]["until"] is None
    unknown = Record(joined("f", "2014/")).members("2020-01-01")[0]
    assert unknown["standing"] == POSSIBLE
    assert unknown["until"] == {"edtf": "2014/", "earliest": "2014-01-01", "latest": None}


def test_an_open_start_has_always_been_and_an_unknown_one_may_have() -> None:
    assert Record(joined("f", "../2014")).holds("0500-01-01") == CERTAIN
    assert Record(joined("f", "/2014")).holds("0500-01-01") == POSSIBLE
    assert Record(joined("f", "/2014")).holds("2014-12-31") is None


def test_of_an_announced_interval_only_the_start_announces() -> None:
    record = Record(joined("f", "2014/2015", modality="ANNOUNCED"))

    assert record.holds("2020-01-01") == ANNOUNCED
    assert Record(joined("f", "2014/", modality="ANNOUNCED")).holds("2013") is None


# ---------------------------------------------------------------------------------- §7: the answers


def test_an_unbounded_end_is_null_and_an_unknown_start_has_no_text() -> None:
    (node,) = Record(left("f", "2014-06")).members("2014")

    assert node["since"] == {"edtf": None, "earliest": None, "latest": "2014-06-30"}
    assert node["until"] == {"edtf": "2014-06", "earliest": "2014-06-01", "latest": "2014-06-30"}
    assert not node["disputed"]


def test_edtf_is_as_written_in_the_narrowest_hard_fact_of_the_side() -> None:
    narrow = Record(joined("a", "2014"), joined("b", "2014-05"), joined("c", "2014-05-03?"))
    tie = Record(joined("b", "2014-05-03"), joined("a", "[2014-05-03..2014-05-03]"))
    soft = Record(joined("a", "2014?"), joined("b", "2014-05?"))

    assert narrow.members("2015")[0]["since"]["edtf"] == "2014-05"
    assert tie.members("2015")[0]["since"]["edtf"] == "[2014-05-03..2014-05-03]"
    assert soft.members("2015")[0]["since"]["edtf"] == "2014-05?"


def test_a_contested_node_lists_its_contradicting_facts_with_their_sources() -> None:
    (node,) = Record(joined("a", "2014", "march"), joined("b", "2016-05")).members("2017")

    assert node["contested"]
    assert (node["since"]["earliest"], node["since"]["latest"]) == ("2014-01-01", "2016-05-31")
    assert [fact["id"] for fact in node["facts"]] == ["a", "b"]
    assert node["sources"] == ["march", "may"]
    assert [(a["since"]["edtf"], a["until"], a["facts"]) for a in node["alternatives"]] == [
        ("2016-05", None, ["b"])
    ]


def test_an_announced_node_speaks_of_its_first_announcement() -> None:
    record = Record(
        joined("b", "2015-02", modality="ANNOUNCED"),
        joined("a", "2015", modality="ANNOUNCED"),
        about("FactDisputed", "d", fact="a"),
    )
    (node,) = record.members("2016-01-01")

    assert node["standing"] == ANNOUNCED
    assert node["since"] == {"edtf": "2015", "earliest": "2015-01-01", "latest": "2015-12-31"}
    assert (node["until"], node["contested"], node["disputed"]) == (None, False, True)
    assert node["facts"] == [{"id": "a", "type": "MemberJoined", "when": {"edtf": "2015"}}]


def test_a_month_is_announced_when_any_day_of_it_is() -> None:
    record = Record(joined("a", "2015-02-10", modality="ANNOUNCED"))

    assert [record.holds(f"2015-{month:02}") for month in (1, 2, 3)] == [None, ANNOUNCED, ANNOUNCED]


def test_disputed_means_every_fact_of_the_start_is() -> None:
    facts = joined("a", "2014"), joined("b", "2014"), left("c", "2019")
    one = Record(*facts, about("FactDisputed", "d", fact="a"))
    both = Record(*facts, *(about("FactDisputed", f"d{f}", fact=f) for f in "ab"))

    assert not one.members("2015")[0]["disputed"]
    assert both.members("2015")[0]["disputed"]


def counted(fact: str, when: str, value: int, *sources: str, **more: Any) -> dict[str, Any]:
    report = joined(fact, when, *sources)
    number = {"type": "MemberCountReported", "value": value, "comparator": "="}
    return {key: report[key] for key in report if key != "member"} | number | more


def test_reported_are_the_counts_for_the_latest_day_once_a_source() -> None:
    record = Record(
        counted("old", "2014-01", 59, "march"),
        counted("a", "2014-05-31", 62, "may", "march"),
        counted("b", "2014-05", 63, "march", comparator=">"),
        counted("same", "2014-05", 62, "may"),
        counted("later", "2015", 70, "may"),
        counted("to come", "2014-05", 80, "may", modality="ANNOUNCED"),
    )

    def reported(on: str, by: str | None = None) -> list[tuple[str, str, int]]:
        known_at = None if by is None else day_of(by)
        answer = record.oracle.answer("MEMBERS", "union", whole(on), known_at)
        return [
            (row["source"]["id"], row["comparator"], row["value"])
            for row in answer["count"]["reported"]
        ]

    assert reported("2014-06-01") == [("march", "=", 62), ("march", ">", 63), ("may", "=", 62)]
    assert reported("2014-06-01", "2015-03-01") == [("march", "=", 62), ("march", ">", 63)]
    assert reported("2014-05-30") == [("march", "=", 59)]
    assert reported("2014-01-30") == []


def test_the_counts_of_a_merged_coalition_are_reported_of_its_root() -> None:
    record = Record(
        counted("a", "2014", 62, "may"),
        about("EntitiesMerged", "m", entities=["union"], into="league"),
    )

    as_of = whole("2015-01-01")
    for coalition in ("union", "league"):
        reported = record.oracle.answer("members", coalition, as_of)["count"]["reported"]
        assert reported == [{"value": 62, "comparator": "=", "source": {"id": "may"}}]


def test_members_are_in_the_order_of_their_casefolded_names_then_ids() -> None:
    record = Record(
        entity("z1", en="Alpha"),
        entity("z2", en="alpha", ar="ب"),
        entity("z3", ar="ا"),
        *(joined(f"f{name}", "2014", member=name) for name in ("z3", "z2", "z1", "syria")),
    )

    def names(lang: str) -> list[str]:
        return [node["subject"]["id"] for node in record.members("2015", lang=lang)]

    assert names("en") == ["z1", "z2", "syria", "z3"]
    assert names("ar") == ["z1", "syria", "z3", "z2"]


def test_a_renaming_holds_from_its_day_and_a_mended_name_always() -> None:
    record = Record(
        joined("f", "2014"),
        about("EntityCorrected", "c", entity="syria", changes={"names": {"en": "Suriya"}}),
        about("EntityRenamed", "r", "july", entity="syria", names={"en": "Sham"}, when="2015-02"),
    )

    def name(on: str, by: str | None = None, **more: Any) -> str:
        return str(record.members(on, by, **more)[0]["subject"]["name"])

    assert name("2015-02-27") == "Suriya"
    assert name("2015-02-28") == "Sham"
    assert name("2015-02-28", "2015-06-30") == "Suriya"
    assert name("2015-02-28", at_position=record.before("c")) == "Syria"


def test_renamings_apply_in_the_order_of_their_days_language_by_language() -> None:
    def renamed(name: str, when: str, **names: str) -> dict[str, Any]:
        return about("EntityRenamed", name, entity="syria", names=names, when=when)

    record = Record(
        joined("f", "2010"),
        renamed("late", "2014", en="Late"),
        renamed("same day", "2014-12-31", en="Last"),
        renamed("early", "2013", en="Early", ar="ش"),
    )

    def name(on: str, lang: str) -> str:
        return str(record.members(on, lang=lang)[0]["subject"]["name"])

    assert (name("2014-12-30", "en"), name("2014-12-31", "en")) == ("Early", "Last")
    assert name("2014-12-31", "ar") == "ش"


def test_the_facts_of_merged_entities_fold_together_until_they_are_split() -> None:
    record = Record(
        joined("a", "2014"),
        joined("b", "2015", member="iraq"),
        about("EntitiesMerged", "m", entities=["syria"], into="iraq"),
        about("EntitiesSplit", "s", entity="iraq", into=["syria"]),
    )

    (node,) = record.members("2016", at_position=record.before("s"))
    assert (node["subject"]["id"], node["contested"]) == ("iraq", True)
    as_of = whole("2016-01-01")
    merged = record.oracle.answer("memberships", "syria", as_of, None, record.before("s"))
    assert [fact["id"] for fact in merged["nodes"][0]["facts"]] == ["a", "b"]
    assert len(record.members("2016")) == 2


def test_a_split_frees_only_what_was_merged_into_its_entity() -> None:
    record = Record(
        entity("iran"),
        entity("oman"),
        about("EntitiesMerged", "m1", entities=["syria"], into="iraq"),
        about("EntitiesMerged", "m2", entities=["iraq"], into="iran"),
        about("EntitiesSplit", "s1", entity="oman", into=["syria"]),
        about("EntitiesSplit", "s2", entity="iran", into=["syria"]),
    )

    split = record.before("s2")
    assert record.oracle.view(None, split).parents == {"syria": "iraq", "iraq": "iran"}
    assert record.oracle.view().parents == {"iraq": "iran"}


def test_a_merge_that_would_close_a_circle_does_nothing() -> None:
    record = Record(
        joined("a", "2014"),
        about("EntitiesMerged", "m1", entities=["syria"], into="iraq"),
        about("EntitiesMerged", "m2", entities=["iraq", "syria"], into="syria"),
    )

    assert record.oracle.view().parents == {"syria": "iraq"}


def test_standings_narrow_the_answer() -> None:
    record = Record(joined("a", "2014"), joined("b", "2014?", member="iraq"))

    nodes = record.members("2015", standings=[POSSIBLE])

    assert [node["subject"]["id"] for node in nodes] == ["iraq"]


def test_every_question_runs_from_both_sides() -> None:
    facts = []
    for fact_type, effect in EFFECTS.items():
        if effect.side == START:
            subjects = {effect.scope_key: "union", effect.subject_key: "syria"}
            if effect.fluent == "existence":
                subjects = {effect.scope_key: "union"}
            cited = [{"source": "may"}]
            fact = {"type": fact_type, "id": fact_type, **subjects, "when": "2014"}
            facts.append({**fact, "citations": cited})
    record, as_of = Record(*facts), whole("2015-01-01")

    for question, (_, asked_from) in QUESTIONS.items():
        scope = {"scope": "union", "subject": "syria", "kind": "COALITION"}[asked_from]
        other = {"scope": "syria", "subject": "union", "kind": "union"}[asked_from]
        answer = record.oracle.answer(question, scope, as_of)
        assert [node["subject"]["id"] for node in answer["nodes"]] == [other], question
        assert answer["count"]["certain"] == 1
        assert record.oracle.answer(question, "league", as_of)["nodes"] == []


def test_at_position_zero_nothing_holds() -> None:
    assert Record(joined("f", "2014")).members("2015", at_position=0) == []


# ------------------------------------------------------------------------ the records of strategies


def refusals(entries: list[dict[str, Any]], *, strict: bool) -> list[str]:
    """What §5 refuses in a record, read on the record clock just before each entry.

    Strict also refuses what random records leave out without `oddities`.
    """
    problems, rows = [], as_events(entries)
    known: set[str] = set()
    for number, entry in enumerate(entries):
        view = Oracle(rows[:number]).view()
        kind, facts = entry["type"], view.facts
        named = [citation["source"] for citation in entry.get("citations", [])]
        problems += [f"{entry['id']} cites {name}" for name in named if name in view.withdrawn]
        for key in ("fact", "source", "entity", "preference"):
            named += [entry[key]] if key in entry else []
        for key in ("over", "entities"):
            named += entry.get(key, [])
        if kind in ("EntitiesMerged", "EntitiesSplit"):
            named += [entry["into"]] if isinstance(entry["into"], str) else entry["into"]
        for key in subject_keys(kind) if kind in FACT_TYPES else ():
            named += [entry[key]] if isinstance(entry[key], str) else entry[key]
        problems += [f"{entry['id']} names {name}" for name in named if name not in known]
        known.add(entry["id"])

        fact = facts.get(entry.get("fact", ""))
        if fact is not None:
            must = {"FactReinstated": fact.retracted, "DisputeWithdrawn": fact.disputed}
            must |= dict.fromkeys(("FactCorrected", "FactPreferred"), not fact.retracted)
            if strict:
                must |= {"FactRetracted": not fact.retracted, "FactDisputed": not fact.disputed}
            problems += [f"{entry['id']} cannot follow"] * (not must.get(kind, True))
            for other in entry.get("over", []):
                same = facts[other].fluent == fact.fluent and other != fact.id
                problems += [f"{entry['id']} prefers across fluents"] * (not same)
        if kind in FACT_TYPES and kind in EFFECTS and EFFECTS[kind].side == END:
            problems += [f"{entry['id']} ends at an interval"] * ("/" in entry["when"])
        supports = [c for c in entry.get("citations", []) if c.get("stance") != "DISPUTES"]
        if kind in FACT_TYPES or kind == "FactCorroborated":
            problems += [f"{entry['id']} has no support"] * (not supports)
        elif entry.get("basis") == "EVIDENCE":
            problems += [f"{entry['id']} has no evidence"] * ("citations" not in entry)
    if len(known) != len(entries):
        problems.append("an id is used twice")
    return problems


@settings(max_examples=60, deadline=None)
@given(records(), st.integers(0, 99))
def test_a_random_record_holds_nothing_refused_in_either_order(
    record: list[dict[str, Any]], seed: int
) -> None:
    assert refusals(record, strict=False) == []
    assert refusals(reorder(record, seed), strict=False) == []


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_random_record_without_oddities_is_also_strict(seed: int) -> None:
    assert refusals(random_record(seed, oddities=False), strict=True) == []


def test_the_same_seed_gives_the_same_record() -> None:
    assert random_record(5) == random_record(5)
    assert random_record(5) != random_record(6)
    assert big_record(5, 50, 5) == big_record(5, 50, 5)


def test_random_records_have_the_sizes_asked_for_and_between_them_every_type() -> None:
    written: set[str] = set()
    for seed in range(150):
        record = random_record(seed, 12, 12)
        types = [entry["type"] for entry in record]
        assert sum(kind in FACT_TYPES for kind in types) == 12
        assert sum(entry["id"][0] == "c" for entry in record) == 12
        written.update(types)

    corrections = ["Corroborated", "Disputed", "Corrected", "Retracted", "Reinstated", "Preferred"]
    assert written == (
        set(FACT_TYPES)
        | {f"Fact{name}" for name in corrections}
        | {"DisputeWithdrawn", "PreferenceWithdrawn"}
        | {f"Source{name}" for name in ("Registered", "Withdrawn", "Reassessed", "Corrected")}
        | {f"Entity{name}" for name in ("Registered", "Corrected", "Renamed")}
        | {"EntitiesMerged", "EntitiesSplit"}
    )


def test_random_records_collide_enough_to_be_worth_asking() -> None:
    seen: dict[str, int] = {}

    def see(what: str, times: int) -> None:
        seen[what] = seen.get(what, 0) + times

    for seed in range(60):
        oracle = Oracle(as_events(random_record(seed, 14, 14), seed))
        view = oracle.view()
        see("merged", len(view.parents) > 0)
        for fluent in view.fluents():
            episodes = view.episodes(fluent)
            see("several episodes", len(episodes) > 1)
            see("contested", any(episode.contested for episode in episodes))
            see("announced", len(view.announcements(fluent)) > 0)
        for fact in view.facts.values():
            see("set aside", fact.visible and not fact.counts)
            see("disputed", fact.disputed)
            see("retracted", fact.retracted)
            see("unknown", not fact.known)

    assert len(seen) == 8
    assert min(seen.values()) >= 10, seen


@settings(max_examples=40, deadline=None)
@given(records(), st.integers(0, 99))
def test_the_order_in_which_facts_are_recorded_changes_no_answer(
    record: list[dict[str, Any]], seed: int
) -> None:
    rows = as_events(record)
    one, other = Oracle(rows), Oracle(as_events(reorder(record, seed)))

    for as_of, _, _ in moments(rows, seed, 3):
        for question, (_, asked_from) in QUESTIONS.items():
            for scope in [None] if asked_from == "kind" else ["e1", "e2", "e3"]:
                assert one.answer(question, scope, as_of) == other.answer(question, scope, as_of)


@settings(max_examples=60, deadline=None)
@given(records(14, 8), st.integers(0, 99))
def test_the_bounds_of_an_episode_are_in_order(record: list[dict[str, Any]], seed: int) -> None:
    rows = as_events(record, seed)
    oracle = Oracle(rows)

    for _, known_at, position in moments(rows, seed, 4):
        view = oracle.view(known_at, position)
        for fluent in view.fluents():
            for episode in view.episodes(fluent):
                found = episode.bounds()
                assert found.start_earliest <= found.start_latest
                assert found.start_earliest <= found.end_earliest <= found.end_latest
                if episode.start.marks and found.end_latest != AFTER_ALL:
                    assert found.start_latest <= found.end_latest


def test_a_big_record_is_big_and_holds_nothing_refused() -> None:
    small, big = big_record(1, 150, 3), big_record(1)

    assert refusals(small, strict=True) == []
    assert sum(entry["type"] in FACT_TYPES for entry in big) == 10_000
    assert len({entry["coalition"] for entry in big if "coalition" in entry}) == 100
    assert {"FactCorrected", "FactPreferred", "FactRetracted"} <= {e["type"] for e in big}
