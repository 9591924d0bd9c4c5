"""Dates: EDTF text → the earliest and the latest day that it may mean.

EDTF is ISO 8601-2 as profiled at https://www.loc.gov/standards/datetime/, here levels 0 and 1 and
the one-of sets of level 2. The edtf package reads each single date. Qualifiers, sets, intervals and
the count of days are done here, because the package skips blanks, takes any 29 February, ends
winter in December, pads by its own policy, and refuses `2014-21~` and `[2014..2025-11-03]`.
"""

from __future__ import annotations

import datetime
import re
import time
from functools import lru_cache
from typing import Any, Final, NamedTuple

from domain.errors import Refused

BEFORE_ALL: Final = -(2**31)  # −∞ as a day
AFTER_ALL: Final = 2**31 - 1  # ∞ as a day


class Days(NamedTuple):
    """From the earliest to the latest day, both included; BEFORE_ALL and AFTER_ALL are no bound."""

    earliest: int
    latest: int


class Edtf:
    """A date as written, and the days that it may mean.

    `start` holds the days of the whole expression, of an interval a/b those of a; `end` those of
    b. An open start is BEFORE_ALL..BEFORE_ALL, an unknown one BEFORE_ALL..AFTER_ALL; an open end
    is AFTER_ALL..AFTER_ALL, an unknown one any day from the earliest start on, and uncertain. An
    `uncertain` date (`?` or `%`) makes nothing certain; of an interval each side has its own mark.
    """

    # No dataclass: msgspec would read a date as an object with these keys, not as its text.
    __slots__ = ("end", "start", "text", "uncertain_end", "uncertain_start")

    def __init__(
        self,
        text: str,
        start: Days,
        end: Days | None,
        uncertain_start: bool,
        uncertain_end: bool = False,
    ) -> None:
        self.text = text
        self.start = start
        self.end = end
        self.uncertain_start = uncertain_start
        self.uncertain_end = uncertain_end

    @property
    def is_interval(self) -> bool:
        """Whether it is written with a `/`."""
        return self.end is not None

    @property
    def has_start(self) -> bool:
        """Whether it says when something started: `../b` and `/b` don't."""
        return self.end is None or self.start.earliest != BEFORE_ALL

    @property
    def uncertain(self) -> bool:
        """Whether a `?` or `%` marks any part of it."""
        return "?" in self.text or "%" in self.text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Edtf) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Edtf({self.text!r})"

    @property
    def earliest(self) -> int:
        """The first day of the whole, of an interval the earliest that it may start."""
        return self.start.earliest

    @property
    def latest(self) -> int:
        """The last day of the whole, of an interval the latest that it may end."""
        return self.start.latest if self.end is None else self.end.latest


@lru_cache(maxsize=2**16)
def parse(text: str) -> Edtf:
    """Read an EDTF expression. Raises Refused(BAD_EDTF) for what it cannot read; never guesses."""
    if days := _plain(text, widened=False):
        return _edtf(text, days)
    if len(text) > LONGEST:
        raise _refused(text, LONGEST, f"an expression has at most {LONGEST} characters")
    if foreign := _BLANK_OR_FOREIGN.search(text):
        raise _refused(text, foreign.start(), "a date has no blanks, and its digits are ASCII")
    if text.startswith("["):
        return _one_of(text)
    if "/" in text:
        return _interval(text)
    return _edtf(text, _moment(text) if "T" in text else _date(text, 0, text))


def day_of(iso: str) -> int:
    """The number of a day written YYYY-MM-DD or -YYYY-MM-DD. Raises Refused(BAD_DATE)."""
    days = _plain(iso, widened=False) if len(iso) >= len("2014-09-10") else None
    if days is None:
        words = f"«{_shown(iso)}» is not a day. Write YYYY-MM-DD, for example 2014-09-10."
        raise Refused("BAD_DATE", words, text=iso)
    return days.earliest


def iso_of(day: int) -> str:
    """YYYY-MM-DD, the inverse of `day_of`. Raises ValueError outside MIN_DAY..MAX_DAY."""
    if not MIN_DAY <= day <= MAX_DAY:
        raise ValueError(f"day {day} is outside the years -9999 to 9999")
    year, month, day_of_month = civil_from_days(day)
    return f"{'-' if year < 0 else ''}{abs(year):04}-{month:02}-{day_of_month:02}"


def today() -> int:
    """The number of the present day in UTC."""
    return int(time.time() // 86_400)


def days_from_civil(year: int, month: int, day: int) -> int:
    """The number of a day, 1970-01-01 is 0; the year 0 exists. ValueError if there is no such day.

    Python's dates begin with the year 1, but the calendar repeats itself every 400 years.
    """
    cycles, year_of_cycle = divmod(year - 2000, 400)
    like = datetime.date(2000 + year_of_cycle, month, day)
    return (like - _EPOCH).days + cycles * _CYCLE


def civil_from_days(day: int) -> tuple[int, int, int]:
    """Year, month and day of the month, the inverse of `days_from_civil`."""
    cycles, day_of_cycle = divmod(day, _CYCLE)
    like = _EPOCH + datetime.timedelta(day_of_cycle)
    return like.year + cycles * 400, like.month, like.day


_CYCLE = 146_097  # days in 400 years
_EPOCH = datetime.date(1970, 1, 1)
MIN_DAY: Final = days_from_civil(-9999, 1, 1)
MAX_DAY: Final = days_from_civil(9999, 12, 31)

LONGEST: Final = 100
_UNKNOWN = Days(BEFORE_ALL, AFTER_ALL)
_NO_START = {"": _UNKNOWN, "..": Days(BEFORE_ALL, BEFORE_ALL)}
_NO_END = {"": _UNKNOWN, "..": Days(AFTER_ALL, AFTER_ALL)}

_PLAIN = re.compile(r"(-?[0-9]{4})(?:-(0[1-9]|1[0-2])(?:-([0-9]{2}))?)?")
_MOMENT = re.compile(
    r"-?\d{4}-\d\d-\d\dT(?P<hour>\d\d):(?P<minute>\d\d):\d\d"
    r"(?P<zone>Z|(?P<sign>[+-])(?P<hours>\d\d)(?::(?P<minutes>[0-5]\d))?)?",
    re.ASCII,
)
_BLANK_OR_FOREIGN = re.compile(r"(?<!,) |[^ -~]")  # one blank may follow a comma
_NOT_OF_A_DATE = re.compile(r"[^0-9X-]")
_WHY_NOT = {
    "Y": "Y is for years beyond -9999 to 9999, which the record does not hold",
    "T": "a time of day has no place in a set or an interval",
    "x": "an unspecified digit is a capital X",
    "/": "an interval has two sides",
    "{": "a set in braces means all of its dates, and a fact has one",
    **dict.fromkeys("?~%", "a qualifier stands once, after the whole date"),
}


def _plain(text: str, *, widened: bool) -> Days | None:
    """YYYY, YYYY-MM or YYYY-MM-DD, by far the commonest, without the package; None if it is not."""
    match = _PLAIN.fullmatch(text)
    if match is None or match[1] == "-0000":
        return None
    year, month, day = match.groups()
    if day is None:
        return _months(int(year), int(month or 1), 1 if month else 12, widened=widened)
    try:
        number = days_from_civil(int(year), int(month), int(day))
    except ValueError:
        return None
    return _clamped(number - widened, number + widened)


def _date(text: str, at: int, part: str) -> Days:
    """The days of one date, which stands at `at`; `~` and `%` widen it by its own length."""
    bare = part[:-1] if part.endswith(("?", "~", "%")) else part
    widened = part.endswith(("~", "%"))
    return _plain(bare, widened=widened) or _read(text, at, bare, widened=widened)


def _read(text: str, at: int, bare: str, *, widened: bool) -> Days:
    """The days of a date without its qualifier, as the package reads it."""
    if foreign := _NOT_OF_A_DATE.search(bare):
        why = _WHY_NOT.get(foreign[0], "only digits, -, X and a qualifier make a date")
        raise _refused(text, at + foreign.start(), why)
    date = _parsed(text, at, bare)
    if hasattr(date, "season"):
        return _months(int(date.year), 3 * int(date.season) - 60, 3, widened=widened)
    if "X" in date.year:
        if "X" in date.year[:-2]:
            raise _refused(text, at, "only the last two digits of a year may be X", "201X")
        ends = int(date.year.replace("X", "0")), int(date.year.replace("X", "9"))
        return _months(min(ends), 1, 12 * 10 ** date.year.count("X"), widened=widened)
    if date.month in (None, "XX"):
        return _months(int(date.year), 1, 12, widened=widened)
    if date.day in (None, "XX"):
        return _months(int(date.year), int(date.month), 1, widened=widened)
    number = _day(text, at, date)
    return _clamped(number - widened, number + widened)


def _moment(text: str) -> Days:
    """A date with a time of day (level 0): its day in UTC, which no offset means too."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise _refused(text, text.index("T"), "a time is 12:00:00, 12:00:00Z or 12:00:00+03:00")
    zone = match["zone"] or ""
    minutes = int(match["hours"] or 0) * 60 + int(match["minutes"] or 0)
    offset = -minutes if match["sign"] == "-" else minutes
    if zone in ("-00", "-00:00") or not -12 * 60 <= offset <= 14 * 60:
        raise _refused(text, match.start("zone"), "an offset is Z or from -12:00 to +14:00")
    date = _parsed(text, 0, text.removesuffix(zone)).date
    # 24:00:00 is the end of its day rather than the start of the next.
    minute = min(int(match["hour"]) * 60 + int(match["minute"]), 24 * 60 - 1)
    day = _day(text, 0, date) + (minute - offset) // (24 * 60)
    if not MIN_DAY <= day <= MAX_DAY:
        raise _refused(text, 0, "in UTC it is outside the years -9999 to 9999")
    return Days(day, day)


def _interval(text: str) -> Edtf:
    """a/b: a start in a and an end in b; `..` is an open side, nothing an unknown one."""
    left, _, right = text.partition("/")
    if left in _NO_START and right in _NO_END:
        raise _refused(text, 0, "one side at least is a date", "2014/..")
    start = _NO_START.get(left) or _date(text, 0, left)
    end = _NO_END.get(right) or _date(text, len(left) + 1, right)
    _check_order(text, len(left) + 1, start, end)
    if not right:
        return Edtf(text, start, Days(start.earliest, AFTER_ALL), _is_uncertain(left), True)
    return Edtf(text, start, end, _is_uncertain(left), _is_uncertain(right))


def _one_of(text: str) -> Edtf:
    """[a,b..c]: from its least day to its greatest."""
    if not text.endswith("]"):
        raise _refused(text, len(text), "a set ends with ]", "[2014..2016]")
    items = text[1:-1].split(",")
    if len(items) == 1 and ".." not in text:
        raise _refused(text, 1, "a set has two dates or ..", "[..2016]")
    found: list[Days] = []
    at = 1
    for number, item in enumerate(items):
        date = item.removeprefix(" ")
        at += len(item) - len(date)
        low, dots, high = date.partition("..")
        after = at + len(low) + len(dots)
        open_start = dots and not low and high and number == 0
        open_end = dots and not high and low and number == len(items) - 1
        first = _UNKNOWN if open_start else _date(text, at, low)
        last = _UNKNOWN if open_end else _date(text, after, high) if dots else first
        _check_order(text, after, first, last)
        found.append(Days(first.earliest, last.latest))
        at += len(date) + 1
    earliest, latest = zip(*found, strict=True)
    return _edtf(text, Days(min(earliest), max(latest)))


def _edtf(text: str, days: Days) -> Edtf:
    return Edtf(text, days, None, _is_uncertain(text))


def _is_uncertain(text: str) -> bool:
    return "?" in text or "%" in text


def _check_order(text: str, at: int, first: Days, last: Days) -> None:
    if last.latest < first.earliest:
        raise _refused(text, at, "it ends before it starts", "2014/2016 or [2014..2016]")


def _parsed(text: str, at: int, part: str) -> Any:
    """What the package makes of all of the part, which stands at `at`."""
    from domain.date_grammar import ParseException, single_date  # a tenth of a second, of few dates

    try:
        return single_date(part)
    except ParseException as stop:
        why = "from here on it is not a date of EDTF level 0 or 1" if part else "a date is missing"
        after_hyphen = stop.loc + part.startswith("-", stop.loc)
        raise _refused(text, at + after_hyphen, why) from None


def _day(text: str, at: int, date: Any) -> int:
    """The number of the package's year, month and day; the package takes any 29 February."""
    try:
        return days_from_civil(int(date.year), int(date.month), int(date.day))
    except ValueError:
        at += len(date.year) + len("-02-")
        raise _refused(text, at, "the month has no such day") from None


def _months(year: int, month: int, count: int, *, widened: bool) -> Days:
    """The days of `count` whole months, with as many again before and after when widened."""
    first = year * 12 + month - 1 - count * widened
    after = first + count * (3 if widened else 1)
    start = days_from_civil(first // 12, first % 12 + 1, 1)
    return _clamped(start, days_from_civil(after // 12, after % 12 + 1, 1) - 1)


def _clamped(earliest: int, latest: int) -> Days:
    return Days(max(earliest, MIN_DAY), min(latest, MAX_DAY))


def _refused(text: str, at: int, why: str, example: str = "2014-09 or 2014-09-10~") -> Refused:
    """BAD_EDTF with the text, the place in it (`position`, counted from 1) and an example."""
    words = f"The date «{_shown(text)}» cannot be read at character {at + 1}: {why}."
    return Refused("BAD_EDTF", f"{words} Write for example {example}", text=text, position=at + 1)


def _shown(text: str) -> str:
    """The text for a message: cut when long, and with invisible characters spelt out."""
    cut = text if len(text) <= LONGEST else text[:LONGEST] + "…"
    return cut if cut.isprintable() else ascii(cut)[1:-1]
