"""Parquet: the columns of columns.py, each with its type, for those who compute.

There is a row group for every so many rows; the question and its position are in the metadata.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Final

from api.export.columns import COLUMNS, Column
from api.export.format import ROWS, Format
from api.export.json_text import dumps
from api.export.pinned_view import PinnedView
from api.export.reader import Row, ViewReader

GROUP: Final = 1_000
"""Rows of a row group: what is held before it is written."""


def write(pinned: PinnedView, base: str, rows: ViewReader) -> Iterator[bytes]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pa.set_memory_pool(pa.system_memory_pool())  # its own would keep what it took
    types = {
        "text": pa.string(),
        "json": pa.string(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "boolean": pa.bool_(),
        "texts": pa.list_(pa.string()),
    }
    columns = COLUMNS[pinned.view.kind]
    about = {
        "question": pinned.view.name,
        "subject": pinned.subject,
        "arguments": pinned.arguments(),
    }
    schema = pa.schema(
        [(column.name, types[column.type]) for column in columns],
        metadata={"sijill": dumps(about)},
    )
    out = _Drained()
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        for group in _groups(rows):
            cells = [[_value(column, row) for row in group] for column in columns]
            arrays = [
                pa.array(values, type=field.type)
                for values, field in zip(cells, schema, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            yield out.drain()
    yield out.drain()


def _groups(rows: ViewReader) -> Iterator[list[Row]]:
    group: list[Row] = []
    for batch in rows:
        group += batch
        if len(group) >= GROUP:
            yield group
            group = []
    if group:
        yield group


class _Drained(io.RawIOBase):
    """Takes what is written and gives it away; knows how much there ever was."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._written = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._written += len(part)
        return len(part)

    def tell(self) -> int:
        return self._written

    def drain(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _value(column: Column, row: Row) -> Any:
    value = column.get(row)
    return dumps(value) if column.type == "json" and value is not None else value


FORMAT: Final = Format(
    extension="parquet",
    name="Parquet",
    media_type="application/vnd.apache.parquet",
    kinds=ROWS,
    write=write,
    opens_in="pandas, DuckDB, Spark; nothing is lost",
)
