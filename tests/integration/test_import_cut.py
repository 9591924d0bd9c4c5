"""A database that fails during an import: it says what is recorded, and can be sent again."""

from __future__ import annotations

import json
import threading
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
from projections import rebuild as rebuilding
from projections.follower import progress_of

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


def test_answers_are_brought_up_while_entries_are_written(
    instance: Instance, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_import, "STEP", 20)
    monkeypatch.setattr(rebuilding, "LONG", 15)
    rebuild, steps = rebuilding.rebuild, list[bool]()

    def told(database: Any, *, is_growing: Any, **given: Any) -> Any:
        def step() -> bool:
            steps.append(is_growing())
            return steps[-1]

        return rebuild(database, is_growing=step, **given)

    monkeypatch.setattr(rebuilding, "rebuild", told)

    record_import.take_in(instance, read_files([file]), bar)

    assert steps == [True, False]
    with instance.database.connect() as connection:
        assert progress_of(connection).position == 50


def assert_nothing_goes_on(instance: Instance) -> None:
    with instance.database.connect() as connection:
        assert progress_of(connection).position == 0
    assert not [each for each in threading.enumerate() if each.name.startswith("answers")]


def test_what_brings_answers_up_ends_where_writing_fails(
    instance: Instance, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_import, "STEP", 10)
    monkeypatch.setattr(rebuilding, "LONG", 5)
    append = instance.record.recorder.append_once

    def failing(events: Any, condition: Any, request: Any) -> int:
        if request is not None:
            raise disk_full()
        return append(events, condition, request)

    with monkeypatch.context() as patch:
        patch.setattr(instance.record.recorder, "append_once", failing)
        with pytest.raises(Unreachable, match="40 of 50 entries are recorded"):
            record_import.take_in(instance, read_files([file]), bar)

    assert_nothing_goes_on(instance)
    assert record_import.take_in(instance, read_files([file]), bar) == (50, 10, 40)
    assert instance.catch_up() == 50


def test_what_brings_answers_up_ends_where_a_person_ends_the_command(
    instance: Instance, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_import, "STEP", 10)
    monkeypatch.setattr(rebuilding, "LONG", 5)

    def ended(beside: record_import.AnswersBeside, outcome: Any) -> None:
        beside._is_over = True  # as it is a moment later, when the answers may be there already
        beside._steps.put(False)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(record_import.AnswersBeside, "end", ended)
        with pytest.raises(KeyboardInterrupt):
            record_import.take_in(instance, read_files([file]), bar)

    assert_nothing_goes_on(instance)
    assert instance.catch_up() == 50


def test_what_can_t_be_rebuilt_beside_is_followed_and_told(
    instance: Instance, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_import, "STEP", 10)
    monkeypatch.setattr(rebuilding, "LONG", 5)
    ends, come = list[int | None](), list[int]()

    def refused(*given: Any, **more: Any) -> None:
        raise psycopg.errors.LockNotAvailable

    def told(words: str, end: int | None) -> Any:
        ends.append(end)
        return come.append if "answers" in words else bar(words, end)

    monkeypatch.setattr(rebuilding, "rebuild", refused)

    record_import.take_in(instance, read_files([file]), told)

    assert ends == [50, 50]
    assert come[-1] == 50
