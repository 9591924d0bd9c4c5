"""Whom ids mean, by merges and splits whose evidence is recorded in any order, as a naive reading
of them all has it."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import Oracle
from strategies import as_events

from domain.codec import Event, read
from domain.dates import day_of
from domain.dossier import Dossier

ENTITIES = [f"e{number}" for number in range(7)]
YEARS = range(2010, 2018)


def random_identities(rng: random.Random) -> list[dict[str, Any]]:
    """Sources of some years, entities, then merges and splits by what was published in any."""
    entries: list[dict[str, Any]] = [
        {"type": "SourceRegistered", "id": f"s{y}", "title": "S", "published": f"{y}"}
        for y in YEARS
    ]
    entries += [
        {"type": "EntityRegistered", "id": each, "kind": "OTHER", "names": {"en": each}}
        for each in ENTITIES
    ]
    for number in range(rng.randint(1, 12)):
        about = {"id": f"c{number}", "reason": "found out"}
        if rng.random() < 0.8:
            cited = [{"source": f"s{y}"} for y in rng.sample(YEARS, rng.choice([1, 1, 2]))]
            about |= {"basis": "EVIDENCE", "citations": cited}
        some = rng.sample(ENTITIES, rng.choice([2, 2, 3]))
        if rng.random() < 0.7:
            entries.append(
                {"type": "EntitiesMerged", "entities": some[1:], "into": some[0]} | about
            )
        else:
            entries.append({"type": "EntitiesSplit", "entity": some[0], "into": some[1:]} | about)
        if rng.random() < 0.1:
            withdrawn = {"type": "SourceWithdrawn", "source": f"s{rng.choice(YEARS)}"}
            entries.append({**withdrawn, "id": f"w{number}", "reason": "not true"})
    return entries


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=150)
def test_ids_mean_what_a_naive_reading_of_all_merges_has(seed: int) -> None:
    rng = random.Random(seed)
    log = as_events(random_identities(rng))
    oracle, dossier = Oracle(log), Dossier()

    for row in log:
        at = datetime.fromisoformat(row["recordedAt"])
        dossier.take(Event(row["position"], at, "someone", read(row["entry"])))
        if row["position"] <= len(YEARS) + len(ENTITIES) or rng.random() < 0.3:
            continue
        for year in rng.sample(range(2009, 2019), 4):
            k = day_of(f"{year}-12-31")
            view = oracle.view(k, row["position"])
            asked = {entity: dossier.canonical(entity, k) for entity in ENTITIES}
            assert asked == {entity: view.canonical(entity) for entity in ENTITIES}, (year, row)


def test_a_merge_that_is_recorded_late_keeps_its_place_in_a_circle() -> None:
    merges = [("b", "d", 2016), ("x", "b", 2014), ("d", "x", 2017)]
    entries: list[dict[str, Any]] = [
        {"type": "SourceRegistered", "id": f"s{y}", "title": "S", "published": f"{y}"}
        for *_, y in merges
    ]
    entries += [
        {"type": "EntityRegistered", "id": each, "kind": "OTHER", "names": {"en": each}}
        for each in "bdx"
    ]
    for entity, into, year in merges:
        said = {"id": f"{entity}-{year}", "reason": "found out", "entities": [entity], "into": into}
        evidence = {"basis": "EVIDENCE", "citations": [{"source": f"s{year}"}]}
        entries.append({"type": "EntitiesMerged", **said, **evidence})
    dossier, k = Dossier(), day_of("2017-12-31")

    for row in as_events(entries):
        at = datetime.fromisoformat(row["recordedAt"])
        dossier.take(Event(row["position"], at, "someone", read(row["entry"])))
        found = {each: dossier.canonical(each, k) for each in "bdx"}

    assert found == {"b": "x", "d": "x", "x": "x"}
