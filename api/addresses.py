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
from api.rest.negotiation import weights
from domain.dates import Edtf, iso_of, parse, today
from domain.errors import Refused
from domain.point import Clocks, Point

LANGUAGES: Final = ("en", "ar")
CLOCKS: Final = ("asOf", "knownAt", "recordedAt", "atPosition")
FIRST_POINT: Final = tuple(f"from{name[0].upper()}{name[1:]}" for name in CLOCKS)
"""The first point of a diff."""
LARGEST_POSITION: Final = 2**31 - 1
OWN: Final = {"e": "state", "f": "fact", "s": "source"}
"""First step of an address → the name of the page that needs none."""
_DOTTED: Final = re.compile(r"/([efs])/[^/?]*\.[^/?]*")


class PageAddress(NamedTuple):
    """What a page's address says; None is left out. Of the clocks, what was written."""

    lang: str
    lang_given: bool = False
    as_of: str | None = None
    known_at: str | None = None
    recorded_at: str | None = None
    at_position: int | None = None

    @classmethod
    def read(cls, request: Request, prefix: str = "") -> PageAddress:
        """Refused as GraphQL refuses it, with the field. With a prefix: fromAsOf is an asOf."""
        given = request.query_params
        names = {name: prefix + name[0].upper() + name[1:] if prefix else name for name in CLOCKS}
        written = {name: given.get(names[name], "").strip() or None for name in CLOCKS}
        state = cls(
            *language(request),
            written["asOf"],
            written["knownAt"],
            written["recordedAt"],
            position_of(written["atPosition"]),
        )
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
            self.recorded_at is not None or self.at_position is not None
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


def _written(parts: Mapping[str, Any]) -> str:
    given = {name: value for name, value in parts.items() if value is not None}
    return urlencode(given, quote_via=quote, safe=":,/[]")


@lru_cache
def _query(state: PageAddress) -> str:
    """The query of a state, which a page's links have by the thousand."""
    return _written(state.asked)


def whole(path: str) -> str:
    """The path of the page of an entity, a fact or a source: with the page's name if the id has a
    dot, since what follows a dot may be, or become, a format to export it in."""
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


def position_of(text: str | None) -> int | None:
    """A position as written. Refused(BAD_POSITION)."""
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 11 and int(text) <= LARGEST_POSITION):
        raise Refused(
            "BAD_POSITION",
            f"{text[:40]!a} is not a position of the log: write a whole number, for example 536.",
            field="atPosition",
        )
    return int(text)
