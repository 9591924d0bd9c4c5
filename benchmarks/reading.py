"""Figures of answers: beside the floors and plain strawberry, by size of the record, by depth."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from benchmarks import servers
from benchmarks.figures import OURS, Figure, Target, Way, in_turns, timed
from benchmarks.floors import rows
from benchmarks.generator import Size, deep_known
from benchmarks.ground import Ground, Loaded
from benchmarks.load import SPACES, request
from benchmarks.plan import Plan
from benchmarks.question import DOCUMENT, Question
from store.database import READER

CACHE_OFF = {"SIJILL_ANSWER_CACHE": "0"}
"""Settings for the honest figures: every answer is worked out."""
PLAIN, F1, F2, F3, CACHED, NEW = (
    "plain strawberry", "F1 psycopg", "F2 ready bytes", "F3 one query", "ours, answers kept",
    "ours, each request new",
)  # fmt: skip

LATENCY_TARGETS = {1: Target(at_most=2), 90: Target(at_most=2), 5_000: Target(at_most=3)}
RATE_TARGETS = {90: {F3: Target(at_least=0.5), PLAIN: Target(at_least=5)}}


def asked(address: str, question: Question) -> bytes:
    """The body of an answer. RuntimeError if it is none."""
    call = Request(
        address, question.body(), {"content-type": "application/json", "accept": "application/json"}
    )
    try:
        with urlopen(call, timeout=120) as answer:
            body: bytes = answer.read()
    except HTTPError as error:
        raise RuntimeError(f"{address} answered {error.code}: {error.read()[:500]!r}") from error
    if not json.loads(body).get("data"):
        raise RuntimeError(f"{address} answered {body[:500]!r}")
    return body


def answers(ground: Ground, plan: Plan, loaded: Loaded, absent: dict[str, str]) -> Iterator[Figure]:
    """Latency and rate of the probes' members, beside the floors and plain strawberry."""
    url = loaded.instance.database.url
    ready = ground.folder / "ready"
    ready.mkdir()
    with ExitStack() as stack:
        ours, kept = ground.sijill(loaded, **CACHE_OFF), ground.sijill(loaded)
        questions = {size: Question(f"probe-{size}") for size in plan.probes}
        for size, question in questions.items():
            (ready / str(size)).write_bytes(asked(ours, question))
        plain = stack.enter_context(servers.app("benchmarks.peers.plain:app", url, ground.folder))
        floors = stack.enter_context(
            servers.app("benchmarks.floors:app", url, ground.folder, BENCH_READY=str(ready))
        )
        connection = stack.enter_context(loaded.instance.database.connect(READER))
        for size, question in questions.items():
            expected = json.loads((ready / str(size)).read_bytes())
            same = {
                OURS: ours,
                F3: f"{floors}/answer",
                PLAIN: f"{plain}/graphql",
                CACHED: kept,
            }
            for name, address in same.items():
                if json.loads(asked(address, question)) != expected:
                    raise RuntimeError(f"{name} answers otherwise to {question}")
            calls = {name: (address, request(address, question.body()))
                     for name, address in same.items()}  # fmt: skip
            address = f"{floors}/ready/{size}"
            calls[F2] = address, request(address)
            few = max(1, plan.requests // max(1, size // 50))
            ways = {name: ground.load.latencies(*call, few) for name, call in calls.items()}
            new = request(ours, question.body() + b" " * SPACES)
            ways[NEW] = ground.load.latencies(ours, new, few, is_new=True)
            variables = question.variables()
            ways[F1] = timed(lambda asked=variables: rows(connection, asked), few)  # type: ignore[misc]
            targets = {F3: LATENCY_TARGETS[size]} if size in LATENCY_TARGETS else {}
            yield Figure(
                "reading",
                f"members, {size:,} of them: latency",
                "ms",
                in_turns(ways, plan.rounds, plan.seconds),
                targets,
            )
            if size > 1_000:
                continue
            yield Figure(
                "reading",
                f"members, {size:,} of them: answers a second, 8 connections",
                "1/s",
                in_turns(
                    {
                        name: ground.load.rate(*call, plan.load_seconds)
                        for name, call in calls.items()
                    },
                    plan.rounds,
                    plan.seconds,
                ),
                RATE_TARGETS.get(size, {}),
            )
        yield from _unchanged(ground, plan, kept, floors, questions, absent)


def _unchanged(
    ground: Ground,
    plan: Plan,
    kept: str,
    floors: str,
    questions: dict[int, Question],
    absent: dict[str, str],
) -> Iterator[Figure]:
    """304 for an answer that the client has: pinned to a position, and not."""
    question = questions[max(size for size in questions if size <= 90)]
    position = json.loads(asked(kept, question))["data"]["members"]["position"]
    for words, each in (
        ("not pinned", question),
        ("pinned", question._replace(at_position=position)),
    ):
        query = urlencode({"query": DOCUMENT, "variables": json.dumps(each.variables())})
        address = f"{kept}?{query}"
        with urlopen(Request(address, headers={"accept": "application/json"})) as answer:
            etag = answer.headers["etag"]
        if etag is None:
            absent[f"304, {words}"] = "the answer has no ETag"
            continue
        ways: dict[str, Way] = {
            name: ground.load.latencies(
                url, request(url, headers={"if-none-match": etag}), plan.requests, status=304
            )
            for name, url in ((OURS, address), (F2, f"{floors}/ready/304?{query}"))
        }
        yield Figure(
            "reading",
            f"an unchanged answer, {words}: 304",
            "ms",
            in_turns(ways, plan.rounds, plan.seconds),
            {F2: Target(at_most=4)},
        )


def sizes(ground: Ground, plan: Plan, smallest: Loaded) -> Iterator[Figure]:
    """The same answer of records of several sizes, all served at once."""
    probe = max(size for size in plan.probes if size <= 90)
    body = Question(f"probe-{probe}").body()
    with ExitStack() as stack:
        records = {plan.sizes[0]: smallest}
        for facts in plan.sizes[1:]:
            size = Size(facts, plan.probes)
            records[facts] = stack.enter_context(ground.straight(f"facts_{facts}", size))
        ways = {}
        for facts, record in records.items():
            address = ground.sijill(record, **CACHE_OFF)
            name = OURS if facts == max(records) else f"{facts:,} facts"
            ways[name] = ground.load.latencies(address, request(address, body), plan.requests)
        yield Figure(
            "reading",
            f"{probe} members in {max(records):,} facts",
            "ms",
            in_turns(ways, plan.rounds, plan.seconds),
            {f"{min(records):,} facts": Target(at_most=2)},
        )


def depths(ground: Ground, plan: Plan) -> Iterator[Figure]:
    """The same answer as its facts were corrected more often: now, an old K, an old R."""
    size = Size(0, (), plan.depths, plan.deep_members)
    with ExitStack() as stack:
        deep = stack.enter_context(ground.straight("depths", size))
        address = ground.sijill(deep, **CACHE_OFF)
        connection = stack.enter_context(deep.instance.database.connect(READER))

        def halfway(depth: int) -> int:
            row = connection.execute(
                "SELECT position FROM events WHERE id = %s", [f"depth-{depth}-0-fix-{depth // 2}"]
            ).fetchone()
            assert row is not None
            return int(row[0])

        deepest = max(plan.depths)
        for words, limit in (("now", 1.5), ("old K", 3), ("old R", 3)):
            ways = {}
            for depth in plan.depths:
                question = Question(f"depth-{depth}")
                if words == "old K":
                    question = question._replace(known_at=deep_known(depth))
                elif words == "old R":
                    question = question._replace(at_position=halfway(depth))
                name = OURS if depth == deepest else f"corrected {depth:,} ×"
                ways[name] = ground.load.latencies(
                    address, request(address, question.body()), plan.requests
                )
            yield Figure(
                "reading",
                f"{plan.deep_members} members, each corrected {deepest:,} ×: {words}",
                "ms",
                in_turns(ways, plan.rounds, plan.seconds),
                {f"corrected {min(plan.depths):,} ×": Target(at_most=limit)},
            )
