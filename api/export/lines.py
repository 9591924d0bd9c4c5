"""JSON: one document, or a line for each row."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from api.export.reading import Pinned, Row
from api.export.views import OF_RECORD


def dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Json:
    """`{question, subject, clocks, position, rows: […], counts}`."""

    def __init__(self, pinned: Pinned, base: str) -> None:
        self._pinned = pinned
        self._between = "\n"

    def begin(self) -> bytes:
        pinned = self._pinned
        head = {
            "question": pinned.view.name,
            "subject": pinned.subject,
            "arguments": pinned.arguments(),
            "position": pinned.moment.position,
        }
        return (dumps(head)[:-1] + ',"rows":[').encode()

    def rows(self, rows: Sequence[Row]) -> bytes:
        text = ""
        for row in rows:
            text += self._between + dumps(row)
            self._between = ",\n"
        return text.encode()

    def end(self, counts: Mapping[str, Any]) -> Iterable[bytes]:
        return [f'],"counts":{dumps(counts)}}}\n'.encode()]


class JsonLines:
    """A row a line; of the whole record its entries alone, which makes it a record file."""

    def __init__(self, pinned: Pinned, base: str) -> None:
        self._is_record_file = pinned.view == OF_RECORD["record"]

    def begin(self) -> bytes:
        return b""

    def rows(self, rows: Sequence[Row]) -> bytes:
        found = (row["entry"] if self._is_record_file else row for row in rows)
        return "".join(dumps(row) + "\n" for row in found).encode()

    def end(self, counts: Mapping[str, Any]) -> Iterable[bytes]:
        return [b""]
