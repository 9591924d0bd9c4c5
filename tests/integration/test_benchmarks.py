"""The benchmark runs at a tiny size and says what it should; what it measures is not judged."""

from __future__ import annotations

import importlib.util
import json
import math
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest
from conftest import NewInstance

from api.instance import Instance
from benchmarks import following, straight, vocabulary
from benchmarks.__main__ import run
from benchmarks.figures import OURS, Figure, Spread, Target, in_turns
from benchmarks.generator import Size, entries
from benchmarks.plan import TINY
from domain.codec import read

ROOT = Path(__file__).parents[2]


def test_a_tiny_run_has_every_figure_beside_its_floors_and_peers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(vocabulary, "ROUNDS", 1)
    found = run(TINY)

    figures = json.loads(json.dumps([figure.written() for figure in found["figures"]]))
    ways = {figure["what"]: set(figure["ways"]) for figure in figures}
    assert ways["members, 5 of them: latency"] >= {
        OURS, "F1 psycopg", "F2 ready bytes", "F3 one query", "plain strawberry",
    }  # fmt: skip
    assert {"GiST table, bare query", "eventsourcing, bare query"} <= ways[
        "5 members, whole of ours against bare queries"
    ]
    assert {"XTDB", "Datomic"} <= set(found["absent"])
    assert {figure["part"] for figure in figures} == {
        "reading", "peers", "writing", "following", "ending", "vocabulary",
    }  # fmt: skip
    for figure in figures:
        assert OURS in figure["ways"], figure
        assert set(figure["targets"]) <= set(figure["ways"]), figure
        for spread in figure["ways"].values():
            assert spread["n"] >= 1
            assert 0 < spread["min"] <= spread["median"] <= spread["p99"] < math.inf, figure
    machine = found["machine"]
    assert machine["postgresql"].startswith("18")
    assert machine["packages"]["eventsourcing"]


def test_the_generator_gives_the_same_sound_record_for_the_same_seed() -> None:
    size = Size(300, (1, 5), (1, 3), 4)

    record = list(entries(size, 7))

    assert record == list(entries(size, 7))
    assert record != list(entries(size, 8))
    ids = [read(entry).id for entry in record]
    assert len(set(ids)) == len(ids)
    bulk = [entry for entry in record if entry.get("coalition", "").startswith("coalition-")]
    assert len(bulk) == 300
    probes = [entry for entry in record if entry.get("coalition", "").startswith("probe-")]
    larger = entries(Size(600, (1, 5), (1, 3), 4), 8)
    assert probes == [e for e in larger if e.get("coalition", "").startswith("probe-")]


def test_what_is_taken_in_straight_has_the_rows_that_an_import_makes(
    new_instance: NewInstance,
) -> None:
    size = Size(60, (1, 5), (1, 3), 4)
    rows = []
    for is_straight in (True, False):
        with new_instance() as instance:
            if is_straight:
                straight.append(instance, entries(size))
                straight.project(instance)
            else:
                instance.record.apply([read(entry) for entry in entries(size)], actor="bench")
                instance.catch_up()
            with instance.database.connect() as connection:
                tables = {
                    table: connection.execute(
                        f"SELECT row::text FROM {table} AS row ORDER BY 1".encode()
                    ).fetchall()
                    for table in ("sources", "entities", "versions", "intervals")
                }
                tags = "SELECT id, array_remove(tags, tags[cardinality(tags)]) FROM "
                tables["log"] = connection.execute(
                    f"{tags} sijill_events_tt_main ORDER BY id".encode()
                ).fetchall()
            rows.append(tables)

    assert rows[0] == rows[1]


def test_a_spread_is_of_what_was_measured_and_a_target_of_the_medians() -> None:
    spread = Spread.of([3, 1, 2, 100])

    figure = Figure(
        "part",
        "what",
        "ms",
        {OURS: Spread.of([2, 4]), "floor": Spread.of([1, 3])},
        {"floor": Target(at_most=1.4), OURS: Target(at_least=3)},
    )

    assert (spread.n, spread.min, spread.median, spread.p99) == (4, 1, 2.5, 100)
    assert figure.ratios() == {"floor": 1.5}
    assert (figure.met("floor"), figure.met(OURS)) == (False, True)
    with pytest.raises(ValueError, match="nothing was measured"):
        Spread.of([])


def test_ways_are_measured_in_turns_and_the_first_round_does_not_count() -> None:
    order: list[str] = []

    def way(name: str, value: float) -> list[float]:
        order.append(name)
        return [value + len(order)]

    found = in_turns({"a": lambda: way("a", 0), "b": lambda: way("b", 0)}, 2)

    assert order == ["a", "b"] * 3
    assert (found["a"].min, found["a"].n) == (3, 2)


def test_spark_without_one_of_its_packages_is_told_as_absent(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "_rebuilt", lambda ground, loaded, engine: (1.0, 1.0))
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "pandas" else object()
    )
    absent: dict[str, str] = {}

    figures = list(following.rebuilding(Mock(), Mock(instance=instance), absent))

    assert [set(figure.ways) for figure in figures] == [{OURS}, {OURS}]
    assert "pandas is missing" in absent[following.SPARK]


PROGRAMS = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in (ROOT / "benchmarks").rglob("*.py")
    if '__name__ == "__main__"' in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_program_says_what_it_takes(
    program: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [program, "--help"])

    with pytest.raises(SystemExit) as ended:
        importlib.import_module(program).main()

    told = capsys.readouterr()
    assert (ended.value.code, told.err) == (0, "")
    assert told.out.startswith(f"usage: python -m {program.removesuffix('.__main__')}")
