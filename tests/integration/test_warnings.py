"""Warnings of a whole record and of what is about to be recorded, on PostgreSQL."""

from __future__ import annotations

from typing import Any

import pytest
from strategies import random_record
from support.slips import EXPECTED, GROUND, NO_SLIPS, SLIPPED, SLIPS
from thorough import times

from api.instance import Instance
from domain.codec import decode, read
from domain.definitions import Definition
from domain.dossier import Dossier
from domain.sources import Entry
from domain.vocabulary import CORE, Vocabulary
from domain.warnings import RecordWarning, WarningCode, WarningReader
from projections.record_check import (
    record_warnings,
    warnings_of,
    warnings_of_new,
    warnings_of_recorded,
)
from store.database import READER


def recorded(instance: Instance, entries: list[dict]) -> tuple[int, int]:
    outcome = instance.record.apply([read(entry) for entry in entries], actor="someone")
    instance.catch_up()
    return outcome.position, outcome.recorded


def checked(instance: Instance, since: int = 0) -> list[RecordWarning]:
    with instance.database.connect(READER) as connection:
        return list(record_warnings(connection, since))


def previewed(instance: Instance, entries: list[dict]) -> list[RecordWarning]:
    with instance.database.connect(READER) as connection:
        return warnings_of_new(connection, instance.record, [read(each) for each in entries])


def named(warnings: list[RecordWarning]) -> list[tuple[WarningCode, tuple[str, ...]]]:
    return [(each.code, each.events) for each in warnings]


def test_a_check_tells_one_slip_of_each_code_and_nothing_else(instance: Instance) -> None:
    recorded(instance, SLIPPED)

    assert named(checked(instance)) == EXPECTED


def test_a_preview_and_what_was_recorded_tell_what_a_check_tells(instance: Instance) -> None:
    before = previewed(instance, SLIPPED)
    position, number = recorded(instance, SLIPPED)

    with instance.database.connect(READER) as connection:
        after = warnings_of_recorded(connection, position, number)
    assert before == after == checked(instance)


@pytest.mark.parametrize("slip", SLIPS, ids=[slip.code for slip in SLIPS])
def test_an_entry_is_warned_of_by_what_is_recorded_already(instance: Instance, slip) -> None:
    *before, last = slip.entries
    recorded(instance, [*GROUND, *before])

    assert named(previewed(instance, [last])) == [(slip.code, slip.events)]

    position, _ = recorded(instance, [last])
    assert named(checked(instance, position - 1)) == [(slip.code, slip.events)]


def test_what_is_like_a_slip_is_not_warned_of(instance: Instance) -> None:
    assert previewed(instance, NO_SLIPS) == []
    recorded(instance, NO_SLIPS)

    assert checked(instance) == []


def test_an_end_of_existence_is_warned_of_for_what_begins_after_it(instance: Instance) -> None:
    slip = next(slip for slip in SLIPS if slip.code is WarningCode.BEYOND_EXISTENCE)
    begins, ends, joins = slip.entries
    recorded(instance, [*GROUND, begins, joins])

    assert named(previewed(instance, [ends])) == [(slip.code, slip.events)]


def test_a_mended_slip_is_warned_of_no_more(instance: Instance) -> None:
    recorded(instance, SLIPPED)
    mended = [
        {"type": "FactCorrected", "id": "c1", "fact": "norway-leaves", "changes": {"when": "1970"}},
        {"type": "FactRetracted", "id": "c2", "fact": "sweden-leaves"},
        {"type": "FactPreferred", "id": "c3", "fact": "denmark-1949", "over": ["denmark-1955"]},
        {
            "type": "FactCorrected", "id": "c4", "fact": "finland-returns",
            "changes": {"episode": "second"},
        },
        {"type": "FactCorrected", "id": "c5", "fact": "prussia-joins", "changes": {"when": "1940"}},
        {
            "type": "FactCorrected", "id": "c6", "fact": "pact-joins-itself",
            "changes": {"coalition": "league"},
        },
        {
            "type": "FactCorrected", "id": "c7", "fact": "iceland-joins",
            "changes": {"modality": "ANNOUNCED"},
        },
        {
            "type": "EntitiesMerged", "id": "c8", "entities": ["al-tanf-again"], "into": "al-tanf",
        },
    ]  # fmt: skip
    mending = [{**each, "reason": "A slip."} for each in mended]

    assert previewed(instance, mending) == []
    recorded(instance, mending)
    assert checked(instance) == []


def test_a_merge_that_makes_a_fact_speak_of_itself_is_warned_of(instance: Instance) -> None:
    recorded(instance, [*GROUND, *SLIPS[2].entries[:1]])
    merge = {
        "type": "EntitiesMerged", "id": "m", "entities": ["denmark"], "into": "league",
        "reason": "The wrong one.",
    }  # fmt: skip

    found = previewed(instance, [merge])

    assert named(found) == [(WarningCode.OF_ITSELF, ("denmark-1949",))]


def test_a_check_of_a_code_goes_on_after_an_id(instance: Instance) -> None:
    more = [
        {**SLIPS[1].entries[0], "id": f"leaves-{number}", "episode": str(number)}
        for number in range(7)
    ]
    recorded(instance, [*GROUND, *more])

    with instance.database.connect(READER) as connection:
        code = WarningCode.END_WITHOUT_START
        found = list(warnings_of(connection, code, after="leaves-2", chunk=2))

    assert [each.events for each in found] == [(f"leaves-{number}",) for number in (3, 4, 5, 6)]


@pytest.mark.parametrize("seed", range(times(8, 100)))
def test_of_random_records_a_check_finds_what_a_reading_of_all_facts_finds(
    instance: Instance, seed: int
) -> None:
    entries = random_record(7_000 + seed, facts=60, corrections=25, oddities=False)
    half = len(entries) // 2
    recorded(instance, entries[:half])
    previewed_later = previewed(instance, entries[half:])
    position, number = recorded(instance, entries[half:])

    dossier = Dossier()
    for event in instance.record.recorder.read():
        dossier.take(decode(event.position, event.event.type, event.event.data))
    whole = list(WarningReader(dossier).warnings(dossier.facts))
    found = checked(instance)
    told = set(named(found))

    assert named(whole) == [each for each in named(found) if each[0] is not WarningCode.LOOKALIKE]
    assert set(named(previewed_later)) <= told
    assert set(named(checked(instance, position - number))) <= told
    assert {each.code for each in found}


def test_in_the_sample_only_sources_that_contradict_each_other_are_warned_of(
    sampled: Instance,
) -> None:
    found = checked(sampled)
    with sampled.database.connect(READER) as connection:
        rows = connection.execute(
            "SELECT fact, sources FROM versions WHERE upper_inf(known) AND upper_inf(recorded)"
        )
        sources = {fact: set(named) for fact, named in rows}

    assert {each.code for each in found} == {WarningCode.STARTS_WITHOUT_END}
    for each in found:
        one, other = each.events
        assert sources[one].isdisjoint(sources[other]), each.message


WORDS = [
    {"type": "KindDefined", "id": "CITY"},
    {
        "type": "FluentDefined", "id": "capital", "scope": "state", "subject": "city",
        "question": "capitals", "inverse": "capitalOf", "scopeKinds": ["COUNTRY"], "single": True,
    },
    *(
        {
            "type": "FactTypeDefined", "id": f"Capital{verb.title()}",
            "keys": {
                "state": {"type": "ENTITY"},
                "city": {"type": "ENTITY", "kinds": ["CITY"]},
                "witnesses": {"type": "ENTITIES", "required": False, "kinds": ["PERSON"]},
            },
            "effects": [{verb: "capital", "scope": "state", "subject": "city"}],
        }
        for verb in ("starts", "ends")
    ),
    {"type": "SourceRegistered", "id": "book", "title": "A handbook", "published": "2001"},
    *(
        {"type": "EntityRegistered", "id": name, "kind": kind, "names": {"en": name}}
        for name, kind in [
            ("germany", "COUNTRY"), ("bonn", "CITY"), ("berlin", "CITY"), ("rhine", "PLACE"),
            ("amal", "PERSON"), ("brazil", "COUNTRY"), ("rio", "CITY"), ("brasilia", "CITY"),
        ]
    ),
]  # fmt: skip


def of_words(entries: list[dict], vocabulary: Vocabulary = CORE) -> list[Entry]:
    """Entries as a file has them, which may define words for those that follow."""
    found = []
    for each in entries:
        entry = read(each, vocabulary)
        if isinstance(entry, Definition):
            vocabulary = vocabulary.extended(entry)
        found.append(entry)
    return found


def capital(name: str, state: str, city: str, when: str, verb: str = "Starts", **more: Any) -> dict:
    return {
        "type": f"Capital{verb}", "id": name, "state": state, "city": city, "when": when,
        "citations": [{"source": "book"}], **more,
    }  # fmt: skip


EXPECTING = [
    (capital("c-1", "germany", "bonn", "1949-05-23"), []),
    (
        capital("c-2", "germany", "berlin", "1990-10-03"),
        [(WarningCode.SINGLE, ("c-2", "c-1"))],
    ),
    (
        capital("c-3", "berlin", "rhine", "1950", witnesses=["amal", "bonn"]),
        [
            (WarningCode.KIND, ("c-3", "berlin")),
            (WarningCode.KIND, ("c-3", "bonn")),
            (WarningCode.KIND, ("c-3", "rhine")),
        ],
    ),
]


def test_what_a_definition_expects_is_warned_of_where_it_is_not_so(instance: Instance) -> None:
    known = of_words(WORDS)
    instance.record.apply(known, actor="someone")
    instance.catch_up()
    words = CORE.with_all(each for each in known if isinstance(each, Definition))
    told = []
    for entry, expected in EXPECTING:
        taken = of_words([entry], words)
        with instance.database.connect(READER) as connection:
            before = warnings_of_new(connection, instance.record, taken)
        outcome = instance.record.apply(taken, actor="someone")
        instance.catch_up()
        with instance.database.connect(READER) as connection:
            after = warnings_of_recorded(connection, outcome.position, outcome.recorded)

        assert named(before) == named(after) == expected
        assert named(checked(instance, outcome.position - 1)) == expected
        told += expected
    assert set(named(checked(instance))) == set(told)


def test_what_one_file_defines_and_breaks_is_warned_of(instance: Instance) -> None:
    entries = of_words([*WORDS, *(entry for entry, _ in EXPECTING)])
    with instance.database.connect(READER) as connection:
        before = warnings_of_new(connection, instance.record, entries)

    instance.record.apply(entries, actor="someone")
    instance.catch_up()

    assert named(before) == named(checked(instance))
    assert len(before) == 4


def test_one_after_the_other_is_not_warned_of(instance: Instance) -> None:
    entries = [
        *WORDS,
        capital("b-1", "brazil", "rio", "1889"),
        capital("b-2", "brazil", "brasilia", "1960-04-21"),
        capital("b-3", "brazil", "rio", "1960-04-21", "Ends"),
    ]
    instance.record.apply(of_words(entries), actor="someone")
    instance.catch_up()

    assert checked(instance) == []
