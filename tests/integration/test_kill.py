"""kill -9 of the program and of PostgreSQL during imports: nothing acknowledged is lost, nothing is
half there, and the projections catch up by themselves."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from running import SIJILL
from support.forked_sijill import sijill_program
from thorough import times

ROUNDS = times(6, 20)
FACTS = 300


@pytest.fixture
def data() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="sijill-kill-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder / "data"
    shutil.rmtree(folder, ignore_errors=True)


def start(data: Path, program: Path, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [program, *arguments],
        env={**os.environ, "SIJILL_DATA": str(data), "SIJILL_DATABASE_URL": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )


def run(data: Path, *arguments: str) -> Any:
    process = start(data, sijill_program(), *arguments, "--json")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, (out, err)
    return json.loads(out)


def write(path: Path, entries: list[dict[str, Any]]) -> str:
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8")
    return str(path)


BEGINNING: list[dict[str, Any]] = [
    {"type": "SourceRegistered", "id": "s", "title": "S", "published": "2020-01-01"},
    {"type": "EntityRegistered", "id": "g", "kind": "COALITION", "names": {"en": "G"}},
    *(
        {"type": "EntityRegistered", "id": f"m{n}", "kind": "COUNTRY", "names": {"en": f"M{n}"}}
        for n in range(FACTS)
    ),
]


def facts(number: int) -> list[dict[str, Any]]:
    return [
        {"type": "MemberJoined", "id": f"r{number}-{n}", "coalition": "g", "member": f"m{n}",
         "when": f"{1900 + number}", "citations": [{"source": "s"}]}
        for n in range(FACTS)
    ]  # fmt: skip


def postmaster(data: Path) -> int | None:
    try:
        return int((data / "postgres" / "postmaster.pid").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def kill(pid: int | None) -> None:
    if pid is not None:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return


@pytest.mark.timeout(300)
def test_killed_during_imports_nothing_is_lost_or_half_there(data: Path) -> None:
    rng = random.Random(20)
    files = data.parent
    run(data, "import", write(files / "beginning.jsonl", BEGINNING))
    acknowledged: set[int] = set()
    stored: set[int] = set()

    for number in range(ROUNDS):
        path = write(files / f"{number}.jsonl", facts(number))
        process = start(data, SIJILL, "import", path, "--json")
        time.sleep(rng.uniform(0.3, 1.6))
        victim = rng.choice(["program", "database", "both"])
        if victim != "program":
            kill(postmaster(data))
        if victim != "database":
            process.kill()
        out, _ = process.communicate(timeout=120)
        if process.returncode == 0:
            acknowledged.add(number)
            assert json.loads(out)["recorded"] == FACTS

    events = run(data, "log")["events"]
    there = [event["id"] for event in events]
    for number in range(ROUNDS):
        count = sum(name.startswith(f"r{number}-") for name in there)
        assert count in (0, FACTS), f"round {number} is half there"
        if count:
            stored.add(number)
    assert acknowledged <= stored
    assert len(there) == len(set(there)) == len(BEGINNING) + FACTS * len(stored)

    outcome = run(data, "import", *(str(files / f"{number}.jsonl") for number in range(ROUNDS)))
    assert outcome["recorded"] == FACTS * (ROUNDS - len(stored))
    assert outcome["unchanged"] == FACTS * len(stored)
    answer = run(data, "ask", "members", "g", "--as-of", "2020-01-01", "--first", "500")
    assert answer["members"]["count"]["certain"] == FACTS
    assert answer["members"]["position"] == run(data, "log")["events"][-1]["position"]
