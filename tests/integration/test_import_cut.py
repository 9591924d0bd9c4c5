"""A database that fails during an import: it says what is recorded, and can be sent again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
from eventsourcing.persistence import OperationalError

from api.commands import record_import
from api.files import read_files
from api.instance import Instance
from domain import record as record_module
from domain.errors import Unreachable

FULL = "could not extend file: No space left on device"


def bar(words: str, total: int) -> Any:
    return lambda come: None


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A file of 50 entries, that are recorded 10 at a time."""
    monkeypatch.setattr(record_module, "LARGEST_TRANSACTION", 20)
    monkeypatch.setattr(record_module, "BATCH", 10)
    entries = [
        {"type": "EntityRegistered", "id": f"e{n}", "kind": "OTHER", "names": {"en": f"E {n}"}}
        for n in range(50)
    ]
    path = tmp_path / "entities.jsonl"
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    return str(path)


def disk_full() -> OperationalError:
    error = OperationalError(f"{FULL}\nCONTEXT:  SQL statement INSERT INTO main VALUES (1)")
    error.__cause__ = psycopg.errors.DiskFull(FULL)
    return error


def test_a_disk_that_fills_up_while_entries_are_written(
    instance: Instance, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    append, appends = instance.record.recorder.append_once, 0

    def failing(*given: Any) -> int:
        nonlocal appends
        appends += 1
        if appends == 4:
            raise disk_full()
        return append(*given)

    with monkeypatch.context() as patch:
        patch.setattr(instance.record.recorder, "append_once", failing)
        with pytest.raises(Unreachable) as caught:
            record_import.take_in(instance, read_files([file]), bar)

    words = str(caught.value)
    assert f"({FULL})" in words
    assert "30 of 50 entries are recorded" in words
    assert "import the same files again" in words
    assert "INSERT" not in words
    again = record_import.take_in(instance, read_files([file]), bar)
    assert (again.recorded, again.unchanged) == (20, 30)


def test_a_disk_that_fills_up_while_the_answers_follow(
    instance: Instance, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*given: Any) -> None:
        raise psycopg.errors.DiskFull(FULL)

    with monkeypatch.context() as patch:
        patch.setattr(record_import, "project", failing)
        with pytest.raises(Unreachable) as caught:
            record_import.take_in(instance, read_files([file]), bar)

    assert "All 50 entries are recorded, up to position 50" in str(caught.value)
    assert record_import.take_in(instance, read_files([file]), bar)[:2] == (50, 0)
    assert instance.catch_up() == 50
