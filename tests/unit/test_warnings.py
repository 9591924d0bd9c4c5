"""Warnings of facts, and names that look alike, without a database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from support.slips import EXPECTED, NO_SLIPS, SLIPPED

from domain.codec import Event, read
from domain.dossier import Dossier
from domain.lookalike import skeletons
from domain.sources import Position
from domain.warnings import RecordWarning, WarningCode, WarningReader

RECORDED_AT = datetime(2026, 1, 1, tzinfo=UTC)
LOOKALIKE = WarningCode.LOOKALIKE


def warnings(entries: list[dict[str, Any]]) -> list[RecordWarning]:
    dossier = Dossier()
    for position, entry in enumerate(entries, 1):
        dossier.take(Event(Position(position), RECORDED_AT, "someone", read(entry)))
    return list(WarningReader(dossier).warnings(dossier.facts))


def test_one_slip_of_each_code_is_warned_of_once() -> None:
    found = [(each.code, each.events) for each in warnings(SLIPPED)]

    assert found == [each for each in EXPECTED if each[0] is not LOOKALIKE]


def test_what_is_like_a_slip_is_not_warned_of() -> None:
    assert warnings(NO_SLIPS) == []


def test_a_warning_names_facts_with_their_dates_and_says_what_to_do() -> None:
    first = warnings(SLIPPED)[0]

    assert first.message == (
        "norway-leaves (MemberLeft, 1960) ends membership(league, norway) before its first start, "
        "norway-joins (MemberJoined, 1966): check both dates, or record the earlier start."
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Syria", "SYRIA"),
        ("Malí", "Mali"),
        ("Ѕуrіа", "Syria"),  # Cyrillic
        ("AI-Tanf", "Al Tanf"),
        ("أحمد الشرع", "احمد الشَّرْع"),
        ("القوى", "القوي"),
        ("İstanbul", "Istanbul"),
        ("Łódź", "Lodz"),
    ],
)
def test_names_that_differ_in_case_marks_or_like_letters_look_alike(one: str, other: str) -> None:
    assert skeletons(one) & skeletons(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mali", "Mail"),
        ("Iraq", "Iran"),
        ("Niger", "Nigeria"),
        ("Bali", "Ball"),
        ("1st Division", "2nd Division"),
        ("الموصل", "المفصل"),
        ("…", "!"),
    ],
)
def test_other_names_do_not(one: str, other: str) -> None:
    assert not skeletons(one) & skeletons(other)
