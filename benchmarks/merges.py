"""What the merges of others cost who does not ask about them: python -m benchmarks.merges.

On an embedded server of its own: a league of one member that was merged, alone and then beside
merges of other entities. The times with them are also given as ratios to those without.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from api.answer_proof import prove_question
from api.graphql.question_document import question_named
from api.instance import Instance, opened
from api.settings import Settings
from domain.codec import read
from domain.dates import MAX_DAY, Days, day_of
from domain.point import Point
from domain.versions import FluentKey
from projections.explain import explain
from projections.rebuild import rebuild
from store.checkpoints import sign_now
from store.database import READER, WRITER
from store.embedded import Embedded

MERGES = 3_500
TIMES = 15
DAY = day_of("2019-01-01")
Entry = dict[str, Any]


def main() -> None:
    """Print medians in milliseconds, and their ratios."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.merges", description=__doc__)
    parser.add_argument(
        "merges", nargs="?", type=int, default=MERGES, help=f"{MERGES:,} if left out"
    )
    merges = parser.parse_args().merges
    with tempfile.TemporaryDirectory(
        prefix="sijill-merges-", dir="/tmp", ignore_cleanup_errors=True
    ) as folder:
        Path(folder).chmod(0o755)
        with Embedded(Path(folder) / "data", say=lambda words: None) as server:
            settings = Settings(server.url, Path(folder), "127.0.0.1", 0)
            with opened(settings, lambda words: None) as instance:
                _record(instance, _ours())
                alone = _measured(instance, "alone")
                begun = time.perf_counter()
                _record(instance, _theirs(merges))
                print(f"{merges:,} merges recorded in {time.perf_counter() - begun:.1f} s")
                among = _measured(instance, "among")
                begun = time.perf_counter()
                rebuild(instance.database, workers=0)
                print(f"rebuilt in {time.perf_counter() - begun:.1f} s")
    for what, took in among.items():
        print(f"{what:24} {took:8.1f}, alone {alone[what]:8.1f}: {took / alone[what]:.2f} ×")


def _measured(instance: Instance, when: str) -> dict[str, float]:
    """What is done → its median in ms; the size of a proof in bytes."""

    def command(turn: int) -> None:
        entity = read({"type": "EntityRegistered", "id": f"{when}-{turn}", "kind": "OTHER",
                       "names": {"en": "Unrelated"}})  # fmt: skip
        instance.record.apply([entity], actor="someone")

    def explained(_: int) -> None:
        with instance.database.connect(READER) as connection:
            row = connection.execute("SELECT max(id) FROM sijill_events_tt_main").fetchone()
            assert row is not None
            key = FluentKey("membership", "league", "laos")
            explain(connection, key, Point(Days(DAY, DAY), MAX_DAY, row[0]))

    took = {"command, ms": _took(command), "explain, ms": _took(explained)}
    instance.catch_up()
    with instance.database.connect(WRITER) as connection:
        sign_now(connection, instance.signer())
    variables = {"subject": "league", "asOf": "2019-01-01"}
    proofs = prove_question(instance, question_named("members"), variables).proofs
    return took | {"events in a proof": float(len(proofs))}


def _took(what: Callable[[int], None]) -> float:
    def once(turn: int) -> float:
        begun = time.perf_counter()
        what(turn)
        return (time.perf_counter() - begun) * 1e3

    return median(map(once, range(TIMES)))


def _record(instance: Instance, entries: Iterator[Entry]) -> None:
    instance.record.apply([read(entry) for entry in entries], actor="someone")
    instance.catch_up()


def _ours() -> Iterator[Entry]:
    for source in ("almanac", "gazette"):
        yield _source(source)
    for entity in ("league", "laos", "lao-pdr"):
        yield _entity(entity)
    for member, when in (("laos", "2015"), ("lao-pdr", "2015-03")):
        yield {"type": "MemberJoined", "id": f"{member}-joins", "coalition": "league",
               "member": member, "when": when, "citations": [{"source": "almanac"}]}  # fmt: skip
    yield _merge("one-laos", "lao-pdr", "laos", "gazette")


def _theirs(merges: int) -> Iterator[Entry]:
    for number in range(0, merges, 10):
        yield _source(f"source-{number // 10}")
    for number in range(merges):
        yield _entity(f"a-{number}")
        yield _entity(f"b-{number}")
        yield _merge(f"merge-{number}", f"a-{number}", f"b-{number}", f"source-{number // 10}")


def _source(name: str) -> Entry:
    return {"type": "SourceRegistered", "id": name, "title": name, "published": "2018-01-01"}


def _entity(name: str) -> Entry:
    return {"type": "EntityRegistered", "id": name, "kind": "OTHER", "names": {"en": name}}


def _merge(name: str, one: str, into: str, source: str) -> Entry:
    entry = {"type": "EntitiesMerged", "id": name, "entities": [one], "into": into}
    return entry | {"basis": "EVIDENCE", "citations": [{"source": source}], "reason": "Are one"}


if __name__ == "__main__":
    main()
