"""TimelineJS 3's JSON: an event for each fact, or for each stretch that something is held."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

from api.export.lines import dumps
from api.export.reading import Pinned, Row
from api.export.rows import described, key_of, sides, title_of
from api.export.views import Kind


class Timeline:
    """Its texts are HTML to TimelineJS, so every value is escaped. What has neither a first nor a
    last day is left out, since it can't be shown."""

    def __init__(self, pinned: Pinned, base: str) -> None:
        self._kind = pinned.view.kind
        self._pinned = pinned
        self._between = "\n"

    def begin(self) -> bytes:
        headline = escape(f"{self._pinned.subject or 'Record'}: {self._pinned.view.name}")
        title = {"text": {"headline": headline, "text": ""}}
        return f'{{"scale":"human","title":{dumps(title)},"events":['.encode()

    def rows(self, rows: Sequence[Row]) -> bytes:
        text = ""
        for row in rows:
            for event in self._events(row):
                text += self._between + dumps(event)
                self._between = ",\n"
        return text.encode()

    def end(self, counts: Mapping[str, Any]) -> Iterable[bytes]:
        return [b"]}\n"]

    def _events(self, row: Row) -> Iterator[dict[str, Any]]:
        spoken = [side.date for side in sides(self._kind, row)]
        start, end = spoken[0], spoken[-1]
        first = start["earliest"] or start["latest"] or end["earliest"] or end["latest"]
        last = end["latest"] or end["earliest"]
        if self._kind is Kind.HELD and row["until"] is None:
            last = None
        if first is None:
            return
        written = " – ".join(dict.fromkeys(date["edtf"] for date in spoken if date["edtf"]))
        event: dict[str, Any] = {"start_date": _date(first), "unique_id": key_of(self._kind, row)}
        if last is not None and last != first:
            event["end_date"] = _date(last)
        if written:
            event["display_date"] = escape(written)
        said = "<br>".join(escape(described(self._kind, row, start)).split("\n"))
        event["group"] = row["question"] if self._kind is Kind.HELD else row["type"]
        event["text"] = {"headline": escape(title_of(self._kind, row)), "text": said}
        yield event


def _date(day: str) -> dict[str, int]:
    year, month, last = day.rsplit("-", 2)
    return {"year": int(year), "month": int(month), "day": int(last)}
