"""A rebuild's fold on Apache Spark: the grouped log out as Parquet, the rows back as COPY text.

The fold is the one that processes of this machine run. Spark shuffles the events by group and sorts
them, spilling to disk; a Python worker sees a sorted stream of Arrow batches and holds no more than
a few thousand events and the longest group. pyspark is an optional extra, imported when it is used.
"""

from __future__ import annotations

import gc
import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq

from domain.codec import Event
from domain.errors import Unreachable
from projections.follower import Poison, read_tagged
from projections.rows import Tables
from projections.slices import SQL as SLICES
from projections.slices import Shared, decoded_at, fold_slice
from store.sql import queries

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SQL = queries("projections", "spark.sql")
LOCAL = "local[*]"
EXPORTED = 5_000
"""So many events are in a row group of the exported log."""
PART = 20_000
"""About how many events are in a partition, which is what a task takes and what is tried again."""
FOLDED = 5_000
"""After so many events a worker folds the whole groups that it has."""
BATCH = 1_000
"""So many events go to a Python worker at a time."""
PIECE = 1_000_000
"""About how many characters of COPY text Spark has in one row."""

_LOG = pa.schema(
    [
        ("group_id", pa.int64()),
        ("position", pa.int64()),
        ("type", pa.string()),
        ("data", pa.binary()),
        ("recorded_at", pa.timestamp("us", "UTC")),
        ("sources", pa.list_(pa.string())),
        ("days", pa.list_(pa.int32())),
    ]
)
_LOG_IN_SPARK = (
    "group_id bigint, position bigint, type string, data binary, recorded_at timestamp, "
    "sources array<string>, days array<int>"
)
_ROWS = pa.schema([("table", pa.string()), ("rows", pa.string())])
_ROWS_IN_SPARK = "table string, rows string"
_POISON = "poison"
"""In place of a table's name: the row is an event that can't be projected, its position and why."""

Row = tuple[int, int, str, bytes, datetime | None, Sequence[str] | None, Sequence[int] | None]


class Spark:
    """Folds the grouped log of a rebuild on a Spark master.

    `folder` is where the log and the rows are meanwhile: one that every machine of the master has
    at the same path. One of this machine's own does, and is the default, where that is the master.

    Raises Unreachable where pyspark or Java is missing.
    """

    def __init__(self, master: str = LOCAL, folder: Path | None = None) -> None:
        _require()
        self._master, self._folder = master, folder

    def __call__(
        self, connection: psycopg.Connection[Any], tags: Sequence[str], upto: int
    ) -> Iterator[int]:
        """Write the rows of all grouped events; how many events were done, each time some were.

        `tags` find what many groups share. Raises Poison, Unreachable.
        """
        with tempfile.TemporaryDirectory(prefix="sijill-spark-", dir=self._folder) as name:
            folder = Path(name)
            events = _export(connection, folder / "log.parquet")
            shared = _shared(connection, tags, upto)
            with _session(self._master, folder) as session:
                yield from _run(session, folder, events, *shared)
            _raise_poison(folder / "rows")
            _copy(connection, folder / "rows")


def _require() -> None:
    for module in ("pyspark", "pandas"):  # Spark's Arrow asks for pandas, though it is not used
        if importlib.util.find_spec(module) is None:
            raise Unreachable(
                f"Spark is not installed ({module} is missing): install Sijill's wheel with its "
                "extra `pyspark`, or requirements-spark.lock (docs/how-to/scaling.md)."
            )
    if not _java():
        raise Unreachable(
            "Spark needs Java 17 or later, and there is none: install it (in Debian: apt "
            "install openjdk-17-jre-headless), or set JAVA_HOME to where it is."
        )


def is_local(master: str) -> bool:
    """Whether a master is of this machine alone."""
    return master.startswith("local")


def _java() -> bool:
    if home := os.environ.get("JAVA_HOME"):
        return os.access(Path(home, "bin", "java"), os.X_OK)
    return shutil.which("java") is not None


# On this machine


def _export(connection: psycopg.Connection[Any], file: Path) -> int:
    """Write the grouped log as Parquet; how many events it has."""
    count = 0
    with (
        connection.transaction(),
        connection.cursor("exported", binary=True) as log,
        pq.ParquetWriter(file, _LOG, compression="zstd") as writer,
    ):
        log.execute(SQL["exported"])
        while rows := log.fetchmany(EXPORTED):
            columns = [
                pa.array(column, field.type)
                for column, field in zip(zip(*rows, strict=True), _LOG, strict=True)
            ]
            writer.write_table(pa.table(columns, schema=_LOG))
            count += len(rows)
    return count


def _shared(
    connection: psycopg.Connection[Any], tags: Sequence[str], upto: int
) -> tuple[list[Event], dict[str, int]]:
    """The events that many groups need, and the days of the sources that these name."""
    with connection.cursor() as cursor:
        tagged = read_tagged(cursor, set(tags), upto)
        events = sorted((each.event for each in tagged), key=lambda event: event.position)
        named = list(set(Shared(events).cited()))
        return events, dict(cursor.execute(SLICES["source_days"], {"ids": named}).fetchall())


@contextmanager
def _session(master: str, folder: Path) -> Iterator[SparkSession]:
    """A session of Spark's, and a JVM for it that ends with it. Raises Unreachable.

    A local one listens on the loopback address alone and keeps its files in the folder.
    """
    from py4j.protocol import Py4JError
    from pyspark import SparkConf
    from pyspark.errors import PySparkException, PythonException
    from pyspark.sql import SparkSession

    settings = {
        "spark.app.name": "sijill rebuild",
        "spark.sql.execution.arrow.maxRecordsPerBatch": str(BATCH),
        # As many files may be open as there are tables, or else rows would be sorted by table.
        "spark.sql.maxConcurrentOutputFileWriters": "8",
        "spark.ui.showConsoleProgress": "false",
    }
    environment: dict[str, str] = {}
    if is_local(master):
        scratch = folder / "scratch"
        scratch.mkdir()
        settings |= {
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.defaultJavaOptions": f"-Djava.io.tmpdir={scratch}",
            "spark.local.dir": str(scratch),
            "spark.log.level": "ERROR",
            "spark.sql.warehouse.dir": str(scratch / "warehouse"),
            "spark.ui.enabled": "false",
        }
        environment = {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
    try:
        with _environment(environment):
            conf = SparkConf().setMaster(master).setAll(list(settings.items()))
            session = SparkSession.builder.config(conf=conf).getOrCreate()
        try:
            yield session
        finally:
            session.stop()
    except PythonException:
        raise  # ours
    except (PySparkException, Py4JError) as error:
        raise Unreachable(
            f"Spark failed at {master} ({_in_short(error)}): see what it said on standard error. "
            "It needs Java 17 or later, a master that can be reached, and a folder that all its "
            "machines have. The old answers stay."
        ) from error
    finally:
        _end_jvm()


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Have variables set meanwhile, those that the user has not set."""
    added = {name: value for name, value in values.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            del os.environ[name]


def _end_jvm() -> None:
    """End the JVM, which would otherwise stay for as long as this process."""
    from pyspark import SparkContext

    gateway = SparkContext._gateway
    if gateway is None:
        return
    SparkContext._gateway = SparkContext._jvm = None
    gateway.shutdown()
    gateway.proc.stdin.close()  # it ends at the end of this
    gateway.proc.wait()


def _in_short(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def _run(
    session: SparkSession,
    folder: Path,
    count: int,
    events: Sequence[Event],
    always: Mapping[str, int],
) -> Iterator[int]:
    """Fold the exported log into COPY text, by tables; how many events were done on the way."""
    context = session.sparkContext
    shared = context.broadcast((events, always))
    folded = context.accumulator(0)

    def fold(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return _fold(batches, shared.value[0], shared.value[1], folded.add)

    parts = max(context.defaultParallelism, -(-count // PART))
    rows = (
        session.read.schema(_LOG_IN_SPARK)
        .parquet((folder / "log.parquet").as_uri())
        .repartition(parts, "group_id")
        .sortWithinPartitions("group_id", "position")
        .mapInArrow(fold, _ROWS_IN_SPARK)
    )
    with ThreadPoolExecutor(1) as thread:
        job = thread.submit(rows.write.partitionBy("table").text, (folder / "rows").as_uri())
        done = 0
        try:
            while not job.done():
                wait([job], timeout=1)
                if folded.value > done:
                    yield folded.value - done
                    done = folded.value
            job.result()
        finally:
            context.cancelAllJobs()


def _raise_poison(rows: Path) -> None:
    found = [file.read_text().partition(" ") for file in rows.glob(f"table={_POISON}/part-*")]
    if found:
        position, _, why = min(found, key=lambda each: int(each[0]))
        raise Poison(int(position), why.rstrip("\n"))


def _copy(connection: psycopg.Connection[Any], rows: Path) -> None:
    """Take in what was folded."""
    for table in Tables():
        with (
            connection.transaction(),
            connection.cursor() as cursor,
            cursor.copy(table.copy) as copy,
        ):
            for name in rows.glob(f"table={table.table}/part-*"):
                with name.open("rb") as file:
                    while block := file.read(PIECE):
                        copy.write(block)


# In a worker of Spark's


def _fold(
    batches: Iterable[pa.RecordBatch],
    events: Sequence[Event],
    always: Mapping[str, int],
    folded: Callable[[int], None],
) -> Iterator[pa.RecordBatch]:
    """The rows of a partition, sorted by group and position, or what is wrong with an event."""
    shared = Shared(events)
    rows: Iterator[Row] = (
        row
        for batch in batches
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)
    )
    gc.disable()  # what is made here has no cycles
    try:
        for groups, days in _slices(rows, always):
            for source in shared.sources:
                days.pop(source, None)
            for table in fold_slice(groups, shared, days):
                for piece in _pieces(table.block()):
                    yield _batch(table.table, piece)
            folded(sum(map(len, groups)))
    except Poison as poison:  # as a row: Spark would try again what was raised
        yield _batch(_POISON, f"{poison.position} {poison.why}")
    finally:
        gc.enable()


def _slices(
    rows: Iterable[Row], always: Mapping[str, int]
) -> Iterator[tuple[list[list[Event]], dict[str, int]]]:
    """Whole groups, some thousand events of them, and the days of the sources that they reach."""
    groups: list[list[Event]] = []
    days, count = dict(always), 0
    for _, group in groupby(rows, key=itemgetter(0)):
        events = []
        for _, position, stored_type, data, recorded_at, sources, dated in group:
            events.append(decoded_at(position, stored_type, data, recorded_at))
            days.update(zip(sources or (), dated or (), strict=True))
        groups.append(events)
        count += len(events)
        if count >= FOLDED:
            yield groups, days
            groups, days, count = [], dict(always), 0
    if groups:
        yield groups, days


def _pieces(block: str) -> Iterator[str]:
    """COPY text in pieces of whole lines, each without its last line's end."""
    start = 0
    while start < len(block):
        end = block.find("\n", start + PIECE)
        end = len(block) - 1 if end < 0 else end
        yield block[start:end]
        start = end + 1


def _batch(table: str, rows: str) -> pa.RecordBatch:
    return pa.record_batch([[table], [rows]], schema=_ROWS)
