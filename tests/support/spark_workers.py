"""What Spark's workers run, without Spark: it shuffles, sorts and writes text as Spark does."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from projections import spark
from projections.rebuild import Engine
from projections.spark import Spark


def engine_without_spark(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Engine:
    """The engine with Python in Spark's place, for as long as the patch stays."""

    def run(
        session: None, folder: Path, count: int, events: Sequence[Any], always: dict[str, int]
    ) -> Iterator[int]:
        rows = pq.read_table(folder / "log.parquet").to_pylist()
        assert len(rows) == count
        random.Random(count).shuffle(rows)
        done: list[int] = []
        for part in range(3):
            mine = [row for row in rows if row["group_id"] % 3 == part]
            mine.sort(key=lambda row: (row["group_id"], row["position"]))
            batches = pa.Table.from_pylist(mine, spark._LOG).to_batches(4)
            for batch in spark._fold(batches, events, always, done.append):
                for row in batch.to_pylist():
                    file = folder / "rows" / f"table={row['table']}" / f"part-{part}"
                    file.parent.mkdir(parents=True, exist_ok=True)
                    with file.open("a") as lines:
                        lines.write(row["rows"] + "\n")
        yield from done

    monkeypatch.setattr(spark, "_require", lambda: None)
    monkeypatch.setattr(spark, "_session", lambda master, folder: nullcontext())
    monkeypatch.setattr(spark, "_run", run)
    monkeypatch.setattr(spark, "FOLDED", 7)
    monkeypatch.setattr(spark, "PIECE", 300)
    return Spark(folder=folder)
