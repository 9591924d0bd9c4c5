"""Parquet: the columns of tables.py, each with its type, for those who compute."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from api.export.lines import dumps
from api.export.reading import Pinned, Row
from api.export.tables import COLUMNS, Column

TYPES: Final = {
    "text": pa.string(),
    "json": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "texts": pa.list_(pa.string()),
}
GROUP: Final = 20_000
"""Rows of a row group: what is held before it is written."""


class Parquet:
    """A row group for every so many rows; the question and its position are in the metadata."""

    def __init__(self, pinned: Pinned, base: str) -> None:
        self._columns = COLUMNS[pinned.view.kind]
        about = {
            "question": pinned.view.name,
            "subject": pinned.subject,
            "arguments": pinned.arguments(),
        }
        self._schema = pa.schema(
            [(column.name, TYPES[column.type]) for column in self._columns],
            metadata={"sijill": dumps(about)},
        )
        self._out = _Drained()
        self._writer = pq.ParquetWriter(self._out, self._schema, compression="zstd")
        self._waiting: list[Row] = []

    def begin(self) -> bytes:
        return self._out.drain()

    def rows(self, rows: Sequence[Row]) -> bytes:
        self._waiting += [
            {column.name: _value(column, row) for column in self._columns} for row in rows
        ]
        return self._group() if len(self._waiting) >= GROUP else b""

    def end(self, counts: Mapping[str, Any]) -> Iterable[bytes]:
        last = self._group() if self._waiting else b""
        self._writer.close()
        return [last + self._out.drain()]

    def _group(self) -> bytes:
        table = pa.Table.from_pylist(self._waiting, schema=self._schema)
        self._writer.write_table(table)
        self._waiting = []
        return self._out.drain()


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
