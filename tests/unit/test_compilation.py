"""The fold compiled and as Python reads it: the same rows, and never of a source that changed."""

from __future__ import annotations

import gc
import hashlib
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from benchmarks.generator import Size, entries
from domain import compilation
from domain.codec import Event, read
from domain.sources import Position
from projections.slices import Shared, fold_slice

PROGRAM = "import test_compilation; print(*test_compilation.rows())"


def rows() -> list[str]:
    """Where the fold's code is, and a digest of all rows of a record with deep corrections."""
    from domain import history

    began = datetime(2020, 1, 1, tzinfo=UTC)
    record = entries(Size(1_500, (1, 90), (1, 10, 40), 3))
    events = [
        Event(Position(number), began + timedelta(seconds=number), "test", read(entry))
        for number, entry in enumerate(record, 1)
    ]
    tables = fold_slice([events], Shared([]), {})
    written = "".join(f"{table.table}\n{table.block()}" for table in tables)
    return [history.__file__, hashlib.sha256(written.encode()).hexdigest()]


def rows_elsewhere(**environment: str) -> list[str]:
    """The same in a process of its own."""
    kept = {name: value for name, value in os.environ.items() if name != "SIJILL_INTERPRETED"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={
            **kept,
            "PYTHONPATH": f"{compilation.ROOT}{os.pathsep}{Path(__file__).parent}",
            **environment,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_compilation_and_interpreted_make_the_same_rows() -> None:
    if not compilation.folder().exists():
        pytest.skip("nothing is compiled here: see `python tools/compile.py`")

    here, made = rows_elsewhere()
    there, same = rows_elsewhere(SIJILL_INTERPRETED="1")

    assert Path(here).is_relative_to(compilation.folder())
    assert Path(there) == compilation.ROOT / "domain" / "history.py"
    assert made == same


def test_what_was_compiled_of_another_source_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SIJILL_INTERPRETED", raising=False)
    for package in ("domain", "projections"):
        shutil.copytree(
            compilation.ROOT / package,
            tmp_path / package,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    monkeypatch.setattr(compilation, "ROOT", tmp_path)
    before = compilation.folder()

    for name in ("domain/dates.py", "projections/rows.py"):
        with (tmp_path / name).open("a") as source:
            source.write("# changed\n")
        assert compilation.folder() != before
        before = compilation.folder()
    with (tmp_path / "projections" / "asof.py").open("a") as source:
        source.write("# compiled with nothing of it\n")
    assert compilation.folder() == before


def test_folding_leaves_nothing_to_the_search_for_cycles() -> None:
    """A rebuild's processes go without that search, which takes a third of the time."""
    rows()
    gc.collect()
    gc.disable()
    try:
        rows()
        assert gc.collect() < 500  # of 1,800 events, each of which makes several objects
    finally:
        gc.enable()
