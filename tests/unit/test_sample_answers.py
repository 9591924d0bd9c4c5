"""The answers that must follow from the sample record, as the naive reading gives them."""

from __future__ import annotations

from typing import Any

import pytest
from support.sample_entries import (
    ARTICLE_SOURCE,
    BEFORE_PREFERENCE,
    COALITION,
    entries,
    of_type,
)


@pytest.fixture(scope="module")
def ask() -> Any:
    oracle = pytest.importorskip("oracle", reason="the oracle is not there yet")
    dates = pytest.importorskip("domain.dates", reason="the reader of dates is not there yet")
    asked = oracle.Oracle(
        [
            {
                "position": position,
                "recordedAt": "2026-11-24T12:00:00+00:00",
                "actor": "test",
                "entry": entry,
            }
            for position, entry in enumerate(entries(), 1)
        ]
    )

    def answer(
        question: str, scope: str | None, as_of: str, known_at: str | None = None, **at: int
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """→ (count, node by the subject's id)"""
        day = dates.day_of(as_of)
        known = None if known_at is None else dates.day_of(known_at)
        told = asked.answer(question, scope, (day, day), known, at.get("at_position"))
        return told["count"], {node["subject"]["id"]: node for node in told["nodes"]}

    return answer


def test_on_3_november_the_accession_is_known_as_announced(ask: Any) -> None:
    count, members = ask("members", COALITION, "2025-11-10", "2025-11-03")

    assert members["syria"]["standing"] == "ANNOUNCED"
    assert [fact["id"] for fact in members["syria"]["facts"]] == ["syria-joins"]
    assert members["syria"]["since"]["edtf"] == "2025-11-10"
    assert members["syria"]["sources"] == [ARTICLE_SOURCE]
    assert count["announced"] == 1


def test_by_december_it_is_certain_and_the_other_day_is_kept(ask: Any) -> None:
    _, members = ask("members", COALITION, "2025-11-10", "2025-12-01")

    syria = members["syria"]
    assert syria["standing"] == "CERTAIN"
    assert not syria["contested"]
    assert set(syria["sources"]) >= {"anews-2025-11-11", "ap-2025-11-11", "kurdistan24-2025-11-12"}
    assert [(a["since"]["edtf"], a["facts"]) for a in syria["alternatives"]] == [
        ("2025-11-11", ["syria-joins-2025-11-11"])
    ]


def test_before_the_preference_it_is_possible_and_contested(ask: Any) -> None:
    before = BEFORE_PREFERENCE
    _, members = ask("members", COALITION, "2025-11-10", at_position=before)
    _, next_day = ask("members", COALITION, "2025-11-11", at_position=before)

    assert members["syria"]["standing"] == "POSSIBLE"
    assert members["syria"]["contested"]
    assert members["syria"]["since"]["earliest"] == "2025-11-10"
    assert members["syria"]["since"]["latest"] == "2025-11-11"
    assert next_day["syria"]["standing"] == "CERTAIN"


@pytest.mark.parametrize("before", [0, 1], ids=["after the preference", "before the preference"])
def test_on_5_november_syria_is_no_member(ask: Any, before: int) -> None:
    _, members = ask("members", COALITION, "2025-11-05", at_position=BEFORE_PREFERENCE + 1 - before)

    assert "syria" not in members


def test_a_member_that_only_a_range_places_is_possible_within_it(ask: Any) -> None:
    _, early = ask("members", COALITION, "2014-09-15")
    _, late = ask("members", COALITION, "2016-08-24")

    ranged = {
        fact["member"]
        for fact in of_type("MemberJoined")
        if fact["when"] == "[2014-09-10..2016-08-24]" and fact["member"] != "taiwan"
    }
    assert len(ranged) == 51
    assert {early[member]["standing"] for member in ranged} == {"POSSIBLE"}
    assert {late[member]["standing"] for member in ranged} == {"CERTAIN"}
    assert sum(node["standing"] == "CERTAIN" for node in late.values()) == 66


def test_the_count_of_3_november_is_the_outlets_alone(ask: Any) -> None:
    count, _ = ask("members", COALITION, "2025-11-03")

    (reported,) = count["reported"]
    assert reported == {
        "value": 89,
        "comparator": "=",
        "source": {"id": ARTICLE_SOURCE},
        "when": {"edtf": "2025-11-03"},
    }


def test_welcomes_after_the_accession_are_kept_as_contradictions(ask: Any) -> None:
    _, members = ask("members", COALITION, "2022-01-01")

    for member in (
        "democratic-republic-of-the-congo", "yemen", "central-african-republic", "mauritania",
    ):  # fmt: skip
        assert members[member]["contested"], member
        assert [a["since"]["edtf"] for a in members[member]["alternatives"]] == ["2021-06-28"]


def test_the_articles_bases_are_certain_on_its_day(ask: Any) -> None:
    _, bases = ask("bases", COALITION, "2025-11-03", "2025-11-03")

    assert {base: node["standing"] for base, node in bases.items()} == dict.fromkeys(
        ["ain-al-asad", "erbil-base", "union-iii", "al-tanf", "hasakah-bases", "deir-ez-zor-bases"],
        "CERTAIN",
    )
    assert bases["erbil-base"]["since"]["edtf"] == "[2014..2025-11-03]"


def test_al_tanf_has_two_foundations_and_two_ends(ask: Any) -> None:
    _, bases = ask("bases", COALITION, "2025-11-03")
    _, on_the_day = ask("bases", COALITION, "2026-02-12")
    _, after = ask("bases", COALITION, "2026-02-13")
    _, syrian = ask("bases", "government-of-syria", "2026-02-12")

    assert bases["al-tanf"]["contested"]
    assert len(bases["al-tanf"]["alternatives"]) == 2
    assert on_the_day["al-tanf"]["standing"] == "POSSIBLE"
    assert "al-tanf" not in after
    assert syrian["al-tanf"]["standing"] == "CERTAIN"


def test_taking_power_is_not_the_presidency(ask: Any) -> None:
    _, presidents = ask("holders", "president-of-syria", "2024-12-31")
    _, in_power = ask("holders", "power-in-syria", "2024-12-31")
    _, later = ask("holders", "president-of-syria", "2025-01-29")

    assert presidents == {}
    assert in_power["ahmed-al-sharaa"]["standing"] == "CERTAIN"
    assert later["ahmed-al-sharaa"]["standing"] == "CERTAIN"


def test_the_coalition_has_its_five_objectives_and_its_leader(ask: Any) -> None:
    _, objectives = ask("objectives", COALITION, "2025-11-03")
    _, leaders = ask("leaders", COALITION, "2025-11-03")

    assert len(objectives) == 5
    assert leaders["united-states"]["since"]["edtf"] == "2014"


def test_what_was_announced_to_end_stands_beside_what_happened(ask: Any) -> None:
    _, bases = ask("bases", COALITION, "2025-10-01")
    _, missions = ask("deployments", "iraq", "2025-10-01")
    _, after = ask("bases", COALITION, "2026-02-01")

    announced = {name: node["announcedEnds"] for name, node in {**bases, **missions}.items()}
    assert [each["edtf"] for each in announced["ain-al-asad"]] == ["[..2025-09-30]"]
    assert [each["edtf"] for each in announced["cjtf-oir"]] == ["[..2025-09-30]"]
    assert {bases["ain-al-asad"]["standing"], missions["cjtf-oir"]["standing"]} == {
        "POSSIBLE",
        "CERTAIN",
    }
    assert "ain-al-asad" not in after


def test_the_end_of_the_caliphate_ends_its_leadership(ask: Any) -> None:
    _, before = ask("leaders", "daesh-caliphate", "2019-03-22")
    _, on_the_day = ask("leaders", "daesh-caliphate", "2019-03-23")
    _, after = ask("leaders", "daesh-caliphate", "2019-03-24")

    assert before["abu-bakr-al-baghdadi"]["standing"] == "CERTAIN"
    assert on_the_day["abu-bakr-al-baghdadi"]["standing"] == "POSSIBLE"
    assert on_the_day["abu-bakr-al-baghdadi"]["until"]["edtf"] == "2019-03-23"
    assert after == {}


def test_a_handover_gives_the_base_to_who_took_it_over(ask: Any) -> None:
    _, syrian = ask("bases", "government-of-syria", "2026-02-16")
    _, iraqi = ask("bases", "government-of-iraq", "2026-01-17")

    assert {**syrian, **iraqi}.keys() == {"al-tanf", "al-shaddadi", "ain-al-asad"}
    assert {node["standing"] for node in {**syrian, **iraqi}.values()} == {"CERTAIN"}
    assert syrian["al-tanf"]["since"]["edtf"] == "2026-02-12"
    assert [fact["id"] for fact in syrian["al-tanf"]["facts"]] == ["al-tanf-handed-over"]


def test_a_member_is_attested_as_far_as_its_sources_looked(ask: Any) -> None:
    _, members = ask("members", COALITION, "2026-06-01")

    assert members["togo"]["attested"] == "2023-06-08"
    assert members["syria"]["attested"] == "2026-02-09"
