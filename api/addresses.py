"""What an address says: the language and the clocks of a page or a file, read and written back.

The names are GraphQL's: asOf, knownAt, recordedAt, atPosition, lang. A `knownAt` or `recordedAt`
may be a month or a year here (api/clocks.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode

from starlette.requests import Request

from api.clocks import last_day, last_moment
from api.graphql.scalars import read_time
from api.language.typed_dates import read_date
from api.rest.negotiation import weights
from domain.dates import Edtf, iso_of, parse, today
from domain.errors import Refused
from domain.point import Clocks, Point

LANGUAGES: Final = ("en", "ar")
CLOCKS: Final = ("asOf", "knownAt", "recordedAt", "atPosition")
PLACES: Final = dict(zip(CLOCKS, ("as_of", "known_at", "recorded_at", "at_position"), strict=True))
"""The clocks, by the fields of an address."""
FROM: Final = {name: f"from{name[0].upper()}{name[1:]}" for name in CLOCKS}
"""By clock, what the first point of a diff calls it."""
FIRST_POINT: Final = tuple(FROM.values())
LARGEST_POSITION: Final = 2**31 - 1
DIGITS: Final = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫", "01234567890123456789.")
"""How numbers are written with Arabic-Indic digits, the Persian ones too."""
OWN: Final = {"e": "state", "f": "fact", "s": "source", "story": "story"}
"""First step of an address → the name of the page that needs none."""
_DOTTED: Final = re.compile(rf"/({'|'.join(OWN)})/[^/?]*\.[^/?]*")


class TypedClock(NamedTuple):
    """A clock that was not written as EDTF has it: in `field`, the `text`, and its `reading`.

    None: it can't be read, and the page is as if it was left out. Then `no_day` is the month that
    has no such day, or `refused` why it was refused, in English, if either is known. `other` is the
    reading with the month before the day.
    """

    field: str
    text: str
    reading: str | None = None
    other: str | None = None
    no_day: str | None = None
    refused: str | None = None


class PageAddress(NamedTuple):
    """What a page's address says; None is left out. Of the clocks, what was written."""

    lang: str
    lang_given: bool = False
    as_of: str | None = None
    known_at: str | None = None
    recorded_at: str | None = None
    at_position: int | None = None
    typed: tuple[TypedClock, ...] = ()

    @classmethod
    def as_typed(cls, request: Request, *, is_first: bool = False) -> PageAddress:
        """The clocks as people write them, or those of the first point of a diff: what can't be
        read is left out, and `typed` has it."""
        state = cls(*language(request))
        typed: list[TypedClock] = []
        for name, place in PLACES.items():
            field = FROM[name] if is_first else name
            text = request.query_params.get(field, "").strip()
            if not text:
                continue
            given, clock = _clock(name, text)
            change: dict[str, Any] = {} if given is None else {place: given}
            alone = state._replace(**change)
            try:
                alone.point(0)
                alone.given()
            except Refused as refused:
                clock = TypedClock(field, text, refused=refused.message)
            else:
                state = alone
            if clock is not None:
                typed.append(clock._replace(field=field))
        return state._replace(typed=tuple(typed))

    def without(self, field: str, refused: str) -> PageAddress:
        """The address without a clock that was refused."""
        place = PLACES[field]
        clock = TypedClock(field, str(getattr(self, place)), refused=refused)
        change: dict[str, Any] = {place: None, "typed": (*self.typed, clock)}
        return self._replace(**change)

    def clock_typed(self, field: str) -> TypedClock | None:
        """How a clock was written, if not as EDTF has it."""
        return next((clock for clock in self.typed if clock.field == field), None)

    @property
    def unread(self) -> list[TypedClock]:
        """The clocks that can't be read."""
        return [clock for clock in self.typed if clock.reading is None]

    @classmethod
    def read(cls, request: Request) -> PageAddress:
        """Refused as GraphQL refuses it, with the field."""
        lang, is_given = language(request)
        state = cls(lang, is_given, *written_clocks(request.query_params))
        state.point(0)
        return state

    def given(self) -> Clocks:
        """The clocks. Refused as GraphQL refuses them, with the field."""
        recorded = self._recorded()
        return self._days()._replace(
            recorded_at=None if recorded is None else read_time(recorded),
            at_position=self.at_position,
        )

    def point(self, position: int) -> Point:
        """The point of the clocks, at the position that the answer was made at."""
        return self._days().point(position, today())

    def _days(self) -> Clocks:
        return Clocks(
            as_of=None if self.as_of is None else _field(self.as_of, "asOf"),
            known_at=None if self.known_at is None else last_day(self.known_at, "knownAt"),
        )

    def _recorded(self) -> str | None:
        return None if self.recorded_at is None else last_moment(self.recorded_at, "recordedAt")

    @property
    def by_record(self) -> bool:
        """Whether the second clock is the log's, not that of publication."""
        return self.known_at is None and (
            self.recorded_at is not None
            or self.at_position is not None
            or any(clock.field in ("recordedAt", "atPosition") for clock in self.unread)
        )

    def position(self, head: int) -> int:
        """The log position asked for, else the one that answers are made at."""
        return head if self.at_position is None else self.at_position

    @property
    def clocks(self) -> dict[str, Any]:
        """GraphQL's variables for the clocks."""
        known_at = self._days().known_at
        return {
            "asOf": self.as_of,
            "knownAt": None if known_at is None else iso_of(known_at),
            "recordedAt": self._recorded(),
            "atPosition": self.at_position,
        }

    @property
    def asked(self) -> dict[str, str]:
        """What an address has to say to have this state."""
        parts = {
            "asOf": self.as_of,
            "knownAt": self.known_at,
            "recordedAt": self.recorded_at,
            "atPosition": None if self.at_position is None else str(self.at_position),
            "lang": self.lang if self.lang_given else None,
        }
        return {name: value for name, value in parts.items() if value is not None}

    def link(self, path: str, /, **changes: Any) -> str:
        """An address with this state; None leaves a part out. A part may have any name."""
        query = _query(self) if not changes else _written({**self.asked, **changes})
        return f"{whole(path)}?{query}" if query else whole(path)


def written_clocks(
    given: Mapping[str, str],
) -> tuple[str | None, str | None, str | None, int | None]:
    """The clocks among the parameters of an address. Refused(BAD_POSITION)."""
    as_of, known_at, recorded_at, position = (
        given.get(name, "").strip() or None for name in CLOCKS
    )
    return as_of, known_at, recorded_at, position_of(position)


def _clock(name: str, text: str) -> tuple[str | int | None, TypedClock | None]:
    """A clock as an address has it, and how it was typed if that is another way."""
    if name == "atPosition":
        digits = text.translate(DIGITS)
        try:
            return position_of(digits), None if digits == text else TypedClock(name, text, digits)
        except Refused as refused:
            return None, TypedClock(name, text, refused=refused.message)
    if name == "recordedAt" and "T" in text:
        return text, None
    found = read_date(text)
    if found.edtf == text:
        return text, None
    return found.edtf, TypedClock(name, text, *found)


def _written(parts: Mapping[str, Any]) -> str:
    given = {name: value for name, value in parts.items() if value is not None}
    return urlencode(given, quote_via=quote, safe=":,/[]")


@lru_cache
def _query(state: PageAddress) -> str:
    """The query of a state, which a page's links have by the thousand."""
    return _written(state.asked)


def whole(path: str) -> str:
    """The path of the page of an entity, a fact, a source or a story: with the page's name if the
    id has a dot, since what follows a dot may be, or become, a format to export it in."""
    found = _DOTTED.fullmatch(path)
    return path if found is None else f"{path}/{OWN[found[1]]}"


def language(request: Request) -> tuple[str, bool]:
    """The language of a page, and whether its address names it."""
    given = request.query_params.get("lang")
    if given is not None:
        return (given if given in LANGUAGES else LANGUAGES[0]), True
    wanted: dict[str, float] = {}
    for name, weight in weights(request.headers.get("accept-language", "")).items():
        wanted.setdefault(name.partition("-")[0], weight)
    best = max(LANGUAGES, key=lambda name: wanted.get(name, 0.0))
    return best, False


def _field(text: str, field: str) -> Edtf:
    try:
        return parse(text)
    except Refused as refused:
        raise Refused(refused.code, refused.message, field=field) from refused


def position_of(text: str | None, field: str = "atPosition") -> int | None:
    """A position as written. Refused(BAD_POSITION)."""
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 11 and int(text) <= LARGEST_POSITION):
        raise Refused(
            "BAD_POSITION",
            f"{text[:40]!a} is not a position of the log: write a whole number, for example 536.",
            field=field,
        )
    return int(text)
