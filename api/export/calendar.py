"""iCalendar (RFC 5545): starts, ends and facts as all-day entries over the days they may lie on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from icalendar import Calendar as Ical
from icalendar import Event

from api.export.reading import Pinned, Row, path_of
from api.export.rows import Dated, described, key_of, sides

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_END: Final = b"END:VCALENDAR\r\n"


class Calendar:
    """An imprecise date spans its days, with the date as written in the description; of one without
    a first or a last day the other is taken. Years before 1 have no place in a calendar, and a text
    that begins with a byte order mark loses it there."""

    def __init__(self, pinned: Pinned, base: str) -> None:
        self._kind = pinned.view.kind
        self._of = path_of(pinned.view, pinned.subject)
        self._made = pinned.recorded_at or EPOCH
        self._pinned = pinned

    def begin(self) -> bytes:
        calendar = Ical()
        calendar.add("prodid", "-//Sijill//Export//EN")
        calendar.add("version", "2.0")
        calendar.add(
            "x-wr-calname", f"{self._pinned.subject or 'Record'}: {self._pinned.view.name}"
        )
        return bytes(calendar.to_ical().removesuffix(_END))

    def rows(self, rows: Sequence[Row]) -> bytes:
        return b"".join(
            bytes(event.to_ical())
            for row in rows
            for side in sides(self._kind, row)
            if (event := self._event(row, side)) is not None
        )

    def end(self, counts: Mapping[str, Any]) -> Iterable[bytes]:
        return [_END]

    def _event(self, row: Row, side: Dated) -> Event | None:
        first, last = _day(side.date["earliest"]), _day(side.date["latest"])
        first, last = first or last, last or first
        if first is None or last is None:
            return None
        event = Event()
        key = f"{self._of}/{key_of(self._kind, row)}/{side.about}"
        event.add("uid", f"{hashlib.sha256(key.encode()).hexdigest()[:32]}@sijill")
        event.add("dtstamp", self._made)
        event.add("dtstart", first)
        if last < date.max:
            event.add("dtend", last + timedelta(days=1))
        event.add("summary", side.title)
        event.add("description", described(self._kind, row, side.date))
        event.add("status", "CONFIRMED" if _is_settled(row) else "TENTATIVE")
        event.add("transp", "TRANSPARENT")
        return event


def _is_settled(row: Row) -> bool:
    return row.get("standing") == "CERTAIN" or row.get("modality") == "OCCURRED"


def _day(text: str | None) -> date | None:
    """A day, None where there is none or a calendar has no such year."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        return None
