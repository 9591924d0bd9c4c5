"""`sijill rebuild --engine spark`: the rows that processes of this machine make.

What Spark's workers run is tried without Spark too, many times over; on a local Spark once for
each record, since it takes its time to start. pyspark is not among what the tests need:
`make test-spark` installs it and runs these.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem
from projected import TABLES, tables
from running import SIJILL, is_running
from strategies import big_record, random_record
from support.reworded import Words
from support.spark_workers import engine_without_spark
from thorough import times

from api.cli import main
from api.files import sample
from api.instance import Instance
from domain.codec import read
from domain.definitions import Definition
from domain.vocabulary import CORE, CORRECTIONS
from projections.comparison import differing
from projections.follower import Poison
from projections.rebuild import LIVE, Engine, rebuild
from projections.spark import Spark

MISSING = next(
    (name for name in ("pyspark", "pandas") if importlib.util.find_spec(name) is None),
    None if shutil.which("java") else "Java",
)
on_spark = pytest.mark.skipif(
    MISSING is not None, reason=f"{MISSING} is not installed: make test-spark"
)
EVERYTHING = 1
"""Seeds a record with every kind of correction."""


@pytest.fixture(autouse=True)
def _quick_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """A JVM that lives for so short a time need not make its code fast."""
    monkeypatch.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")


def record(instance: Instance, entries: Iterable[dict[str, Any]]) -> None:
    instance.record.apply([read(entry) for entry in entries], actor="someone")


def keep_what_processes_make(instance: Instance) -> None:
    rebuild(instance.database, accept=True)
    with instance.database.connect() as connection:
        connection.execute("DROP SCHEMA IF EXISTS ours CASCADE")
        connection.execute("CREATE SCHEMA ours")
        for table in TABLES:
            connection.execute(f"CREATE TABLE ours.{table} AS TABLE {LIVE}.{table}".encode())


def differences(instance: Instance) -> list[Any]:
    """The rows in which what was made last differs from what processes made."""
    with instance.database.connect() as connection:
        return list(differing(connection, "ours", LIVE))


def count_of(instance: Instance, table: str) -> int:
    return len(tables(instance)[table])


@pytest.fixture
def without_spark(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Engine:
    return engine_without_spark(monkeypatch, tmp_path)


@pytest.mark.parametrize("seed", range(times(6, 60)))
def test_workers_make_the_rows_of_any_record(
    instance: Instance, without_spark: Engine, seed: int
) -> None:
    record(instance, random_record(seed, facts=20, corrections=30, oddities=False))
    keep_what_processes_make(instance)

    rebuild(instance.database, engine=without_spark, accept=True)

    assert differences(instance) == []
    assert count_of(instance, "intervals") > 0


def test_an_event_that_workers_cannot_read_is_named_and_the_old_answers_stay(
    instance: Instance, without_spark: Engine
) -> None:
    record(instance, random_record(1))
    instance.catch_up()
    before = tables(instance)
    poisoned = append_unreadable(instance)

    with pytest.raises(Poison, match="not-a-date") as caught:
        rebuild(instance.database, engine=without_spark)

    assert caught.value.position == poisoned
    assert tables(instance) == before


def append_unreadable(instance: Instance) -> int:
    """Put a fact into the log that no command of ours would."""
    stored = {
        "actor": "someone", "recordedAt": "2026-01-01T00:00:00+00:00",
        "entry": {"id": "x", "coalition": "e1", "member": "e2", "when": "not-a-date"},
    }  # fmt: skip
    event = DCBEvent(
        "MemberJoined/1", json.dumps(stored).encode(), ["fact:x", "fluent:membership/e1/e2"]
    )
    condition = DCBAppendCondition(DCBQuery([DCBQueryItem(tags=["none:"])]), after=0)
    return instance.record.recorder.append_once([event], condition, None)


@pytest.mark.parametrize(
    ("arguments", "missing", "status", "words"),
    [
        (("--engine", "spark"), "pyspark", 3, "extra `pyspark`"),
        (("--engine", "spark"), "pandas", 3, "pandas is missing"),
        (("--engine", "spark"), "java", 3, "Java 17"),
        (("--engine", "spark", "--spark-master", "spark://a:7077"), "", 2, "--spark-folder"),
        (("--engine", "flink"), "", 2, "'processes', 'spark'"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_done(
    arguments: Sequence[str],
    missing: str,
    status: int,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SIJILL_DATA", str(tmp_path / "none"))
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == missing else object()
    )
    if missing == "java":
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.delenv("JAVA_HOME", raising=False)

    ended = main(["rebuild", *arguments, "--json"])

    told = capsys.readouterr()
    assert ended == status
    assert words in told.err
    assert json.loads(told.out)["error"]
    assert not (tmp_path / "none").exists()


@on_spark
def test_the_sample_record_has_the_same_rows(instance: Instance, tmp_path: Path) -> None:
    instance.record.apply(sample().entries, actor="someone")
    keep_what_processes_make(instance)

    rebuilt = command(instance, tmp_path)

    told, words = rebuilt.communicate(timeout=240)
    assert rebuilt.returncode == 0, words
    assert json.loads(told)["differing"] == []
    assert differences(instance) == []
    assert list(tmp_path.iterdir()) == []


@on_spark
def test_a_record_with_every_kind_of_correction_has_the_same_rows(
    instance: Instance, tmp_path: Path
) -> None:
    entries = random_record(EVERYTHING, facts=30, corrections=60)
    assert {entry["type"] for entry in entries} >= CORRECTIONS.keys()
    record(instance, entries)
    record(instance, big_record(3, facts=2_000, coalitions=20))
    keep_what_processes_make(instance)
    told: list[int] = []

    rebuild(instance.database, engine=Spark(folder=tmp_path), accept=True, seen=told.append)

    assert differences(instance) == []
    assert told == sorted(told)
    assert list(tmp_path.iterdir()) == []


@on_spark
def test_a_record_in_words_of_its_own_has_the_same_rows(instance: Instance, tmp_path: Path) -> None:
    entries = random_record(EVERYTHING, facts=30, corrections=60, oddities=False)
    vocabulary, taken = CORE, []
    for each in Words(EVERYTHING).retold(entries).objects:
        entry = read(each, vocabulary)
        if isinstance(entry, Definition):
            vocabulary = vocabulary.extended(entry)
        taken.append(entry)
    instance.record.apply(taken, actor="someone")
    keep_what_processes_make(instance)

    rebuild(instance.database, engine=Spark(folder=tmp_path), accept=True)

    assert differences(instance) == []
    assert count_of(instance, "intervals") > 0


@on_spark
def test_it_listens_on_this_machine_alone_and_ends_when_it_is_killed(
    instance: Instance, tmp_path: Path
) -> None:
    record(instance, big_record(4, facts=2_000))
    instance.catch_up()
    before = tables(instance)
    heard: set[str] = set()
    pids: set[int] = set()

    with command(instance, tmp_path) as program:
        while not list(tmp_path.glob("*/rows/*")):
            assert program.poll() is None
            pids |= started(program.pid)
            heard |= listened(pids)
            time.sleep(0.1)
        program.kill()

    deadline = time.monotonic() + 30
    while any(map(is_running, pids)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(pids) > 1
    assert not any(map(is_running, pids))
    assert heard
    assert heard <= LOOPBACK
    assert tables(instance) == before


LOOPBACK = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}
"""127.0.0.1, the same as an IPv6 address, and ::1, as Linux writes them."""


def command(instance: Instance, folder: Path) -> subprocess.Popen[str]:
    """The rebuild as a user starts it, with a folder for all temporary files."""
    environment = {
        **os.environ, "SIJILL_DATABASE_URL": instance.database.url, "TMPDIR": str(folder)
    }  # fmt: skip
    return subprocess.Popen(
        [SIJILL, "rebuild", "--engine", "spark", "--spark-master", "local[2]", "--json"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def started(pid: int) -> set[int]:
    """A process and all that it started."""
    found = {pid}
    for folder in sorted(Path("/proc").glob("[0-9]*"), key=lambda folder: int(folder.name)):
        with suppress(OSError):  # it has ended
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent in found:
                found.add(int(folder.name))
    return found


def listened(pids: Iterable[int]) -> set[str]:
    """The addresses at which processes listen, as Linux writes them."""
    sockets = set()
    for pid in pids:
        with suppress(OSError):
            sockets |= {os.readlink(file) for file in Path(f"/proc/{pid}/fd").iterdir()}
    lines = [
        line.split()
        for file in ("/proc/net/tcp", "/proc/net/tcp6")
        for line in Path(file).read_text().splitlines()[1:]
    ]
    return {
        line[1].partition(":")[0]
        for line in lines
        if line[3] == "0A" and f"socket:[{line[9]}]" in sockets
    }
