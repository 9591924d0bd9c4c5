"""Figures beside the peers: our whole HTTP and GraphQL against their bare query."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack

from benchmarks.figures import OURS, Figure, Target, Way, in_turns
from benchmarks.generator import AS_OF
from benchmarks.ground import Ground, Loaded
from benchmarks.load import request
from benchmarks.peers import Absent, Asked, Peer, aggregates, bitemporal, jvm
from benchmarks.plan import Plan
from benchmarks.question import Question
from benchmarks.reading import CACHE_OFF, CACHED, asked
from domain.dates import day_of

PEERS: dict[str, Peer] = {
    "GiST table": bitemporal.table,
    "eventsourcing": aggregates.replay,
    "XTDB": jvm.xtdb,
    "Datomic": jvm.datomic,
}


def peers(ground: Ground, plan: Plan, loaded: Loaded, absent: dict[str, str]) -> Iterator[Figure]:
    """The same members by every peer that is there; why one is not goes into `absent`."""
    probe = max(size for size in plan.probes if size <= 90)
    question = Question(f"probe-{probe}")
    with ExitStack() as stack:
        address = ground.sijill(loaded, **CACHE_OFF)
        members = len(json.loads(asked(address, question))["data"]["members"]["edges"])
        kept = ground.sijill(loaded)
        asked(kept, question)
        ways: dict[str, Way] = {
            name: ground.load.latencies(url, request(url, question.body()), plan.requests)
            for name, url in ((OURS, address), (CACHED, kept))
        }
        for name, peer in PEERS.items():
            if name not in plan.peers:
                absent[name] = f"not asked in a {plan.name} run"
                continue
            try:
                way = stack.enter_context(
                    peer(
                        ground,
                        loaded,
                        Asked(question.coalition, day_of(AS_OF), members, plan.requests),
                    )
                )
            except Absent as why:
                absent[name] = str(why)
            else:
                ways[f"{name}, bare query"] = way
        yield Figure(
            "peers",
            f"{members} members, whole of ours against bare queries",
            "ms",
            in_turns(ways, plan.rounds, plan.seconds),
            {name: Target(at_most=1) for name in ways if name not in (OURS, CACHED)},
        )
