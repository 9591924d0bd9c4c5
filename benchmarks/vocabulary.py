"""Figures of a record with 200 definitions, beside the same record without them."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

from api.graphql import execution
from api.graphql.schema import RecordSchema
from api.instance import Instance
from benchmarks.defining import DEFINITIONS, READS, define_beside_reads
from benchmarks.figures import OURS, Figure, Spread, Target
from benchmarks.ground import Ground, Loaded
from benchmarks.plan import Plan
from domain.codec import read
from domain.sources import Entry
from domain.vocabulary import CORE

WITHOUT = "none defined"
FOURTHS = 50
"""Definitions are by fours: a kind, a fluent, and two types of facts that start and end it."""
ROWS, IMPORTED = 90, 2_000
ROUNDS = 15
DEFINING = 10
"""Seconds in which definitions come in beside reads."""
QUESTION = """{ members(coalition: "many", first: 500) { count { certain } edges { node {
  member { id name } standing since { edtf } until { edtf } facts { id } sources { id title }
} } } }"""
CITED = {"citations": [{"source": "source"}]}
Object = dict[str, Any]


def definitions() -> list[Entry]:
    """200 of them."""
    found, vocabulary = [], CORE
    for each in (each for number in range(FOURTHS) for each in _fourth(number)):
        definition: Any = read(each, vocabulary)
        vocabulary = vocabulary.extended(definition)
        found.append(definition)
    return found


def defined(ground: Ground, plan: Plan) -> Iterator[Figure]:
    """An answer of 90 rows, an import, the making of the schema, what a start takes longer, and how
    soon a definition is seen."""
    imported = min(IMPORTED, plan.sizes[-1])
    words = definitions()
    with ExitStack() as stack:
        ours, without = (stack.enter_context(ground.fresh(name)) for name in ("own", "core"))
        ours.record.apply(words, actor="bench")
        for instance in (ours, without):
            instance.record.apply([read(each) for each in _record(ROWS)], actor="bench")
            instance.catch_up()
            instance.vocabulary.refresh()
        yield _beside(
            "90 rows: processor time of an answer", "ms", lambda each, _: _answered(each),
            ours, without, Target(at_most=1.1),
        )  # fmt: skip
        yield _beside(
            f"import of {imported:,} facts: processor time", "ms",
            lambda each, number: _imported(each, number, imported), ours, without,
            Target(at_most=1 / 0.95),
        )  # fmt: skip
    vocabulary = CORE.with_all(words)  # type: ignore[arg-type]
    made = [_taken(lambda: RecordSchema(vocabulary)) for _ in range(3)]
    core = [_taken(lambda: RecordSchema(CORE)) for _ in range(3)]
    yield Figure(
        "vocabulary", "the schema made anew: processor time", "ms",
        {OURS: Spread.of(made), WITHOUT: Spread.of(core)}, {OURS: Target(at_most=1_000)},
    )  # fmt: skip
    begun = [_taken(lambda: RecordSchema(CORE.with_all(words))) for _ in range(3)]  # type: ignore[arg-type]
    yield Figure(
        "vocabulary", "what a start takes longer: processor time", "ms",
        {OURS: Spread.of(begun)}, {OURS: Target(at_most=500)},
    )  # fmt: skip

    yield from _seen(ground, plan)


def _seen(ground: Ground, plan: Plan) -> Iterator[Figure]:
    """How soon definitions are seen that come in beside reads, and what the reads wait."""
    with ground.fresh("defining") as instance:
        address = ground.sijill(Loaded(instance, 0, 0, 0, 0))
        reads = min(READS, 10 * plan.requests)
        found = define_beside_reads(address, instance, min(DEFINING, plan.seconds), reads)
    if found.failed:
        raise RuntimeError(f"{len(found.failed)} reads failed: {found.failed[0]}")
    beside = f"at {DEFINITIONS} definitions and {reads} reads a second"
    yield Figure(
        "vocabulary", f"until a definition is seen, {beside}", "s", {OURS: Spread.of(found.seen)},
        {OURS: Target(at_most=1, by="p99")},
    )  # fmt: skip
    yield Figure("vocabulary", f"a read, {beside}", "ms", {OURS: Spread.of(found.waits)})


def _beside(
    what: str,
    unit: str,
    measured: Callable[[Instance, int], float],
    ours: Instance,
    without: Instance,
    target: Target,
) -> Figure:
    """In turns; the first round does not count."""
    found: dict[str, list[float]] = {OURS: [], WITHOUT: []}
    for number in range(ROUNDS + 1):
        for name, instance in ((OURS, ours), (WITHOUT, without)):
            taken = measured(instance, number)
            if number:
                found[name].append(taken)
    ways = {name: Spread.of(values) for name, values in found.items()}
    return Figure("vocabulary", what, unit, ways, {WITHOUT: target})


def _taken(work: Callable[[], object]) -> float:
    """Milliseconds of this process's processor time."""
    gc.collect()
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1_000


def _answered(instance: Instance) -> float:
    def work() -> None:
        answer = execution.ask(instance, QUESTION, {})
        assert len(answer["data"]["members"]["edges"]) == ROWS

    return _taken(work)


def _imported(instance: Instance, number: int, count: int) -> float:
    facts = [_joined(f"{number}-{each}", each % ROWS) for each in range(count)]
    vocabulary = instance.vocabulary.current

    def work() -> None:
        instance.record.apply([read(each, vocabulary) for each in facts], actor="bench")

    return _taken(work)


def _fourth(number: int) -> Iterator[Object]:
    yield {"type": "KindDefined", "id": f"KIND_{number}", "names": {"en": f"Kind {number}"}}
    sides = {"scope": f"scope{number}", "subject": f"subject{number}"}
    yield {
        "type": "FluentDefined", "id": f"fluent{number}", **sides,
        "question": f"questions{number}", "inverse": f"inverses{number}",
        "names": {"en": f"Question {number}"}, "scopeKinds": [f"KIND_{number}"],
    }  # fmt: skip
    for verb in ("starts", "ends"):
        yield {
            "type": "FactTypeDefined", "id": f"Fact{verb.title()}{number}",
            "effects": [{verb: f"fluent{number}", **sides}],
            "keys": {name: {"type": "ENTITY"} for name in sides.values()},
            "names": {"en": f"Fact {number} {verb}"},
        }  # fmt: skip


def _record(members: int) -> Iterator[Object]:
    yield {"type": "SourceRegistered", "id": "source", "title": "A report", "published": "2015"}
    yield {"type": "EntityRegistered", "id": "many", "kind": "COALITION", "names": {"en": "Many"}}
    for number in range(members):
        name = f"country-{number}"
        yield {"type": "EntityRegistered", "id": name, "kind": "COUNTRY", "names": {"en": name}}
        yield _joined(str(number), number)


def _joined(name: str, number: int) -> Object:
    return {
        "type": "MemberJoined", "id": f"joins-{name}", "coalition": "many",
        "member": f"country-{number}", "when": "1955-05", **CITED,
    }  # fmt: skip
