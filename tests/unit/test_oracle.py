"""The oracle's answers against the sentences of docs/contract/dates.md and names.md.

What the product is compared with must itself be right.
"""

from __future__ import annotations

from typing import Any

from oracle import ANNOUNCED, CERTAIN, EFFECTS, POSSIBLE, QUESTIONS, START
from oracle_log import Record, about, entity, joined, left, whole

from domain.dates import day_of


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
    assert record.holds("2014-03-31") == POSSIBLE
    assert record.holds("2014-04-01") is None


def test_an_open_end_never_comes_and_an_unknown_one_may_any_day() -> None:
    assert Record(joined("f", "2014/..")).holds("2020-01-01") == CERTAIN
    assert Record(joined("f", "2014/..")).members("2020-01-01")[0]["until"] is None
    unknown = Record(joined("f", "2014/")).members("2020-01-01")[0]
    assert unknown["standing"] == POSSIBLE
    assert unknown["until"] == {"edtf": "2014/", "earliest": "2014-01-01", "latest": None}


def test_an_open_or_an_unknown_start_is_none_so_that_only_the_end_is_known() -> None:
    for text in ("../2014", "/2014"):
        assert Record(joined("f", text)).holds("0500-01-01") == POSSIBLE
        assert Record(joined("f", text)).holds("2014-12-31") == POSSIBLE
        assert Record(joined("f", text)).holds("2015-01-01") is None


def test_of_an_announced_interval_only_the_start_announces() -> None:
    record = Record(joined("f", "2014/2015", modality="ANNOUNCED"))

    assert record.holds("2020-01-01") == ANNOUNCED
    assert Record(joined("f", "2014/", modality="ANNOUNCED")).holds("2013") is None


# ---------------------------------------------------------------------------------- the answers


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
    assert node["since"] == {"edtf": "2015", "earliest": None, "latest": None}
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
        told = {"value": 62, "comparator": "=", "source": {"id": "may"}, "when": {"edtf": "2014"}}
        assert reported == [told]


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


def test_a_split_frees_an_id_that_was_merged_through_another() -> None:
    record = Record(
        entity("iran"),
        about("EntitiesMerged", "m1", entities=["syria"], into="iraq"),
        about("EntitiesMerged", "m2", entities=["iraq"], into="iran"),
        about("EntitiesSplit", "s", entity="iran", into=["syria"]),
    )

    split = record.before("s")
    assert record.oracle.view(None, split).parents == {"syria": "iraq", "iraq": "iran"}
    assert record.oracle.view().parents == {"iraq": "iran"}


def test_of_merges_and_splits_of_an_id_the_newest_wins_whatever_was_recorded_later() -> None:
    record = Record(
        entity("iran"),
        about("EntitiesMerged", "m1", "march", entities=["syria"], into="iraq"),
        about("EntitiesMerged", "m2", "july", entities=["iraq"], into="iran"),
        about("EntitiesSplit", "s", "june", entity="iran", into=["syria"]),
        about("EntitiesMerged", "m3", "may", entities=["syria"], into="iran"),
    )

    def parents(on: str) -> dict[str, str]:
        return record.oracle.view(day_of(on)).parents

    assert parents("2015-04-30") == {"syria": "iraq"}
    assert parents("2015-05-31") == {"syria": "iran"}
    assert parents("2015-06-30") == {}
    assert parents("2015-07-31") == {"iraq": "iran"}


def test_a_merge_that_would_close_a_circle_with_newer_ones_does_nothing() -> None:
    record = Record(
        about("EntitiesMerged", "m1", "june", entities=["syria"], into="iraq"),
        about("EntitiesMerged", "m2", "may", entities=["iraq"], into="syria"),
    )

    assert record.oracle.view(day_of("2015-05-31")).parents == {"iraq": "syria"}
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
