"""Figures of ends that reach far: one event that ends thousands of rows, and one that undoes it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg

from api.instance import Instance
from benchmarks.figures import OURS, Figure, Spread, Target
from benchmarks.ground import Ground
from benchmarks.plan import Plan
from domain.codec import read
from projections.follower import Memory, catch_up
from store.database import BY_INDEX, FOLLOWER

MEMBERS, MEMBERSHIPS = 10_000, 1_000
"""Of the coalition that is dissolved, and of the country that is abolished."""
WITHIN = Target(at_most=2_000)
CITED = {"citations": [{"source": "source"}]}
Entry = dict[str, Any]


def endings(ground: Ground, plan: Plan) -> Iterator[Figure]:
    """From a follower's look at the log until the event is projected, by one that has just been
    started and by one that has followed so far."""
    members, memberships = (min(most, plan.sizes[-1]) for most in (MEMBERS, MEMBERSHIPS))
    dissolved = {"type": "CoalitionDissolved", "id": "ends", "coalition": "many", **CITED}
    abolished = {"type": "EntityAbolished", "id": "goes", "entity": "everywhere", **CITED}
    with (
        ground.fresh("endings") as instance,
        instance.database.connect(FOLLOWER, synchronous_commit="off", **BY_INDEX) as connection,
    ):
        instance.record.apply(
            [read(entry) for entry in _record(members, memberships)], actor="bench"
        )
        catch_up(connection)
        with instance.database.connect() as owner:
            owner.execute("VACUUM ANALYZE")
        for fact, what in (
            (dissolved, f"a coalition of {members:,} is dissolved"),
            (abolished, f"a member of {memberships:,} coalitions is abolished"),
        ):
            name = str(fact["id"])
            times = _projected(
                instance,
                connection,
                [
                    {**fact, "when": "1991-07-01"},
                    {"type": "FactRetracted", "id": f"{name}-not", "fact": name, "reason": "bench"},
                    {"type": "FactReinstated", "id": f"{name}-so", "fact": name, "reason": "bench"},
                ],
            )
            for step, taken in zip(("", ", undone", ", once more"), times, strict=True):
                yield Figure(
                    "ending", what + step, "ms", {OURS: Spread.of([taken])}, {OURS: WITHIN}
                )


def _projected(
    instance: Instance, connection: psycopg.Connection[Any], entries: Sequence[Entry]
) -> Iterator[float]:
    """Milliseconds for each entry, the first one by a follower that remembers nothing."""
    memory = Memory()
    for entry in entries:
        instance.record.apply([read(entry)], actor="bench")
        began = time.perf_counter()
        catch_up(connection, memory=memory)
        yield (time.perf_counter() - began) * 1_000


def _record(members: int, memberships: int) -> Iterator[Entry]:
    """A coalition of many members, and a country that is a member of many coalitions."""
    yield {"type": "SourceRegistered", "id": "source", "title": "A report", "published": "2015"}
    yield _entity("many", "COALITION")
    yield _entity("everywhere", "COUNTRY")
    for kind, count, coalition, member in (
        ("COUNTRY", members, "many", "country-{}"),
        ("COALITION", memberships, "coalition-{}", "everywhere"),
    ):
        for number in range(count):
            yield _entity((coalition if "{}" in coalition else member).format(number), kind)
            yield {
                "type": "MemberJoined",
                "id": f"{member}-{coalition}".format(number),
                "coalition": coalition.format(number),
                "member": member.format(number),
                "when": "1955-05",
                **CITED,
            }


def _entity(name: str, kind: str) -> Entry:
    return {"type": "EntityRegistered", "id": name, "kind": kind, "names": {"en": name.title()}}
