"""The oracle against docs/contract/knowledge.md: what is known, and what corrects it."""

from __future__ import annotations

from oracle import CERTAIN, POSSIBLE, Oracle, in_the_log
from oracle_log import FIRST, Record, about, joined, left
from strategies import as_events, moments, random_record

from domain.dates import day_of


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
        map(day_of, ("2015-08-02", "2015-08-02", "2015-08-03"))
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


def test_of_retractions_and_reinstatements_the_newest_wins_whatever_their_number() -> None:
    record = Record(
        joined("f", "2014", "march"),
        about("FactRetracted", "r1", "may", fact="f"),
        about("FactRetracted", "r2", "may", fact="f"),
        about("FactReinstated", "i", "june", fact="f"),
    )

    assert record.counting("2015-04-30") == {"f"}
    assert record.counting("2015-06-29") == set()
    assert record.counting("2015-06-30") == {"f"}


def test_evidence_of_an_earlier_day_that_is_recorded_later_does_not_undo_what_came_after() -> None:
    record = Record(
        joined("f", "2014", "march"),
        about("FactCorrected", "new", "july", fact="f", changes={"when": "2012"}),
        about("FactCorrected", "old", "may", fact="f", changes={"when": "2013"}),
    )
    days = ("2015-04-30", "2015-05-01", "2015-07-01")
    facts = [record.oracle.visible_facts(day_of(day))["f"] for day in days]

    assert [fact.when.text for fact in facts] == ["2014", "2013", "2012"]


def test_our_own_judgement_of_the_day_on_which_it_was_recorded_outweighs_older_evidence() -> None:
    record = Record(
        joined("f", "2014", "march"),
        about("FactRetracted", "r", fact="f"),
        about("FactReinstated", "i", "july", fact="f"),
    )

    assert record.counting() == set()


def test_of_corrections_the_newest_that_names_a_key_wins_key_by_key() -> None:
    record = Record(
        joined("f", "2014"),
        about("FactCorrected", "c1", fact="f", changes={"when": "2013", "member": "iraq"}),
        about("FactCorrected", "c2", fact="f", changes={"when": "2012"}),
        about("FactCorrected", "c3", "july", fact="f", changes={"modality": "ANNOUNCED"}),
    )
    early, late = (
        record.oracle.visible_facts(day)["f"] for day in map(day_of, ("2015-06-30", "2015-07-01"))
    )

    assert (early.when.text, early.subjects["member"], early.modality) == (
        "2012",
        "iraq",
        "OCCURRED",
    )
    assert late.modality == "ANNOUNCED"
    assert [fluent for _, fluent in late.fluents] == [("membership", "union", "iraq")]


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
            "setAside": True,
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
