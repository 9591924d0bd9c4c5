"""Cells → dates in EDTF, by the rules that the map gives. What may be read two ways is refused.

`read_cell` reads one cell by itself; `DateReader` adds what other cells of the row say of it:
doubt, nearness, a margin, and whether the date of an end is the last day that something held.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from enum import Enum
from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from api.sheets.conditions import Test
from api.sheets.date_words import FILLERS, DateWords, folded, words_of
from api.sheets.sheet import Sheet
from api.sheets.sheet_map import DateRule, Dates, When
from domain.dates import MAX_DAY, MIN_DAY, Edtf, days_from_civil, iso_of, parse
from domain.errors import Refused

MOST_CACHED: Final = 50_000
"""Different cells whose dates are kept."""
EXCEL_EPOCH: Final = {
    1900: days_from_civil(1899, 12, 30),
    1904: days_from_civil(1904, 1, 1),
}
"""The day 0. Excel counts a 29 February 1900, so that up to 59 its days are one later."""
FALSE_LEAP_DAY: Final = 60
LAST_SERIAL: Final = 2_958_465  # 9999-12-31

_EDTF = re.compile(r"-?\d{4}(-\d\d){0,2}[?~%]?|-?\d\d(\d|X)X|\d{4}-(\d\d-)?XX|\[.*\]", re.ASCII)
_MIDNIGHT = re.compile(r"(-?\d{4}-\d\d-\d\d)[T ]00:00(:00(\.0+)?)?Z?", re.ASCII)
_NUMBERS = re.compile(r"(\d{1,4})\s*([./ -])\s*(\d{1,2})\s*\2\s*(\d{1,4})\.?", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)?", re.ASCII)
_DECADE = re.compile(r"(\d{3})0'?s", re.ASCII)
_CENTURY_DIGITS = re.compile(r"(\d\d)(xx|--|\.\.)", re.ASCII)
_TOKEN = re.compile(r"\d+|[^\W\d_]+|[^\w\s]")
_ROMAN = re.compile(r"(x{0,2}(?:ix|iv|v?i{0,3}))(?:e|eme|er)?")
_ROMAN_DIGITS: Final = {"i": 1, "v": 5, "x": 10}


class Sentinel(Enum):
    """What a cell says that is no date."""

    OPEN = "open"
    UNKNOWN = "unknown"


class BadDate(Exception):
    """A cell that can't be read as a date: the code, why, and what to do."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code
        self.words = words


class DateOf(NamedTuple):
    """The date of a row: in EDTF, or what stands for one."""

    edtf: Edtf | None
    sentinel: Sentinel | None


def rule_of(when: When, defaults: Dates) -> DateRule:
    """The rule of one date, with what the map says of all dates where it says nothing itself."""
    rule = DateRule(column=when) if isinstance(when, str) else when
    names = Dates.__struct_fields__
    missing = {name: getattr(defaults, name) for name in names if getattr(rule, name) is None}
    return replace(rule, **missing)


class DateReader:
    """Reads one date of each row of a sheet."""

    def __init__(self, sheet: Sheet, when: When, defaults: Dates, *, is_end: bool = False) -> None:
        """Refused as the map's columns and languages are."""
        self._sheet = sheet
        self.rule = rule = rule_of(when, defaults)
        if (rule.column is None) == (rule.value is None):
            raise Refused("BAD_MAP", "A date has a `column` or a `value`, one of the two.")
        self.column = rule.column
        self._place = None if rule.column is None else sheet.column(rule.column)
        self._doubt = Test(sheet, rule.doubt)
        self._near = Test(sheet, rule.near)
        self._margin = sheet.column(rule.margin) if isinstance(rule.margin, str) else None
        self._is_end = is_end
        self._words = words_of(rule.months or ())
        self._read: dict[tuple[str, bool, bool, int], DateOf] = {}

    def __call__(self, number: int, cells: Sequence[str]) -> DateOf:
        """The date of a row. Refused with the row and the column."""
        rule = self.rule
        text = rule.value or "" if self._place is None else cells[self._place]
        try:
            is_doubtful = bool(rule.doubt) and self._doubt(cells)
            is_near = bool(rule.near) and self._near(cells)
            key = text, is_doubtful, is_near, self._margin_of(cells)
            found = self._read.get(key)
            if found is None:
                found = self._date_of(*key)
                if len(self._read) < MOST_CACHED:
                    self._read[key] = found
            return found
        except BadDate as error:
            raise self._sheet.refused(error.code, error.words, number, self.column) from error
        except Refused as refused:
            words = f"«{text}»: {refused.message}"
            raise self._sheet.refused(refused.code, words, number, self.column) from refused

    def _date_of(self, text: str, is_doubtful: bool, is_near: bool, margin: int) -> DateOf:
        is_missing = self._sheet.is_missing(text)
        found = read_cell(text, self.rule, self._words, is_missing=is_missing)
        if isinstance(found, Sentinel):
            return DateOf(None, found)
        shifts = self._is_end and self.rule.end == "first-not"
        return DateOf(parse(_qualified(found, is_doubtful, is_near, margin, shifts=shifts)), None)

    def _margin_of(self, cells: Sequence[str]) -> int:
        margin = self.rule.margin
        if self._margin is None:
            return margin if isinstance(margin, int) else 0
        text = cells[self._margin]
        if self._sheet.is_missing(text):
            return 0
        if not (text.isascii() and text.isdecimal()) or len(text) > 5:
            words = f"the margin in «{margin}» is «{text}»: it is a number of days, such as 30."
            raise BadDate("BAD_MARGIN", words)
        return int(text)


def read_cell(text: str, rule: Dates, words: DateWords, *, is_missing: bool) -> str | Sentinel:
    """The date of a cell in EDTF, a single date or a set; or what stands for one. BadDate else."""
    if rule.open is not None and text in rule.open:
        return Sentinel.OPEN
    if rule.unknown is not None and text in rule.unknown:
        return Sentinel.UNKNOWN
    if is_missing:
        raise BadDate(
            "EMPTY_CELL",
            f"a date is missing: say in [dates] what that means, with `open = [{_quoted(text)}]` "
            f"(an end that has not come) or `unknown = [{_quoted(text)}]`.",
        )
    if rule.serial is not None and re.fullmatch(r"\d+(\.\d+)?", text, re.ASCII):
        return _serial(text, rule.serial)
    if match := _MIDNIGHT.fullmatch(text):
        text = match[1]
    if _EDTF.fullmatch(text):
        return _edtf(text, rule)
    if text.endswith("?") and len(text) > 1:
        found = read_cell(text[:-1].rstrip(), rule, words, is_missing=False)
        return found if isinstance(found, Sentinel) else _marked(found, "?")
    plain = folded(text)
    if match := _COMPACT.fullmatch(plain):
        return _compact(text, match, rule)
    if re.fullmatch(r"\d+", plain, re.ASCII):
        return _number(text, plain)
    if re.fullmatch(r"-\d+", plain, re.ASCII):
        return _negative(text, plain, rule)
    if match := _NUMBERS.fullmatch(folded(text.replace(".", "/"))):
        return _by_order(text, match, rule)
    if match := _DECADE.fullmatch(plain):
        return f"{match[1]}X"
    if rule.centuries and (match := _CENTURY_DIGITS.fullmatch(text.casefold())):
        return f"{match[1]}XX"
    return _in_words(text, plain, rule, words)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _edtf(text: str, rule: Dates) -> str:
    if len(text) == 7 and re.fullmatch(r"\d{4}-\d\d", text) and text[5:] > "12":
        raise BadDate(
            "AMBIGUOUS_DATE",
            f"«{text}» may be a season, or the years {text[:4]} to {text[:2]}{text[5:]}: write it "
            "another way.",
        )
    if text.startswith("-"):
        if rule.negative_years is None:
            raise _undeclared_negative(text)
        if rule.negative_years == "bc":
            year, rest = int(text[1:5]), text[5:]
            return _year_before(year) + rest
    return parse(text).text


def _serial(text: str, system: int) -> str:
    number = int(min(float(text), LAST_SERIAL + 1))  # of 310 digits or more it is infinite
    if not 1 <= number <= LAST_SERIAL:
        raise BadDate("BAD_DATE", f"«{text}» is no day of Excel's: they go from 1 to 2958465.")
    if system == 1900 and number == FALSE_LEAP_DAY:
        raise BadDate("BAD_DATE", "the day 60 of Excel's is 29 February 1900, which never was.")
    late = system == 1900 and number < FALSE_LEAP_DAY
    return iso_of(EXCEL_EPOCH[system] + number + late)


def _compact(text: str, match: re.Match[str], rule: Dates) -> str:
    year, month, day = match.groups()
    if not rule.compact:
        raise BadDate(
            "AMBIGUOUS_DATE",
            f"«{text}» may be a date without hyphens, or a number of days: say `compact = true` or "
            "`serial = 1900` for it.",
        )
    return parse("-".join(filter(None, (year, month, day)))).text


def _number(text: str, plain: str) -> str:
    """A year of three digits; shorter ones may be of any century, longer ones anything."""
    if len(plain) == 3:
        return plain.zfill(4)
    if len(plain) == 4:
        return plain
    if len(plain) < 3:
        words = f"«{text}» may be a year of any century: write it in full, such as 0078 or 1978."
        raise BadDate("TWO_DIGIT_YEAR", words)
    words = f"«{text}» is no date that is written so: is it one of Excel's (`serial = 1900`)?"
    raise BadDate("BAD_DATE", words)


def _negative(text: str, plain: str, rule: Dates) -> str:
    if len(plain) > 5:
        raise BadDate("BAD_DATE", f"«{text}» is before the year -9999.")
    if rule.negative_years is None:
        raise _undeclared_negative(text)
    year = int(plain[1:])
    return _year_before(year) if rule.negative_years == "bc" else f"-{year:04}"


def _undeclared_negative(text: str) -> BadDate:
    return BadDate(
        "AMBIGUOUS_DATE",
        f"«{text}» may be a year before the first one, or stand for nothing: say with "
        '`negativeYears` which year it is ("bc" or "astronomical"), or list it in `unknown`, '
        "`open` or [file] `missing`.",
    )


def _year_before(year: int) -> str:
    """The year before Christ in EDTF, where 1 BC is 0000."""
    if not 1 <= year <= 10_000:
        raise BadDate("BAD_DATE", f"{year} BC is no year that the record holds.")
    return "0000" if year == 1 else f"-{year - 1:04}"


def _by_order(text: str, match: re.Match[str], rule: Dates) -> str:
    first, _, second, third = match.groups()
    order = "YMD" if len(first) >= 3 else rule.order
    if order is None:
        words = (
            f"«{text}» may be read in more than one order: say `order` (DMY, MDY or YMD) for it."
        )
        raise BadDate("AMBIGUOUS_DATE", words)
    parts = dict(zip(order, (first, second, third), strict=True))
    year = _full_year(text, parts["Y"], rule)
    return _day(text, year, int(parts["M"]), int(parts["D"]), f" in the order {order}")


def _full_year(text: str, year: str, rule: Dates) -> int:
    if len(year) >= 3:
        return int(year)
    if rule.two_digit_years is None or len(year) == 1:
        words = (
            f"the year of «{text}» has only {len(year)} digits: say with `twoDigitYears` from "
            "which year on they count, such as 1930."
        )
        raise BadDate("TWO_DIGIT_YEAR", words)
    first = rule.two_digit_years
    return first + (int(year) - first) % 100


def _day(text: str, year: int, month: int, day: int, order: str = "") -> str:
    try:
        return iso_of(days_from_civil(year, month, day))
    except ValueError as error:
        raise BadDate("BAD_DATE", f"«{text}» is no day{order}.") from error


def _in_words(text: str, plain: str, rule: Dates, words: DateWords) -> str:
    """A date with a month's name, an era, a century, or `about`."""
    is_before = is_era = False
    for era, before in words.eras.items():
        letters = " ?".join(map(re.escape, era))  # B.C. is `b c` once it is folded
        stripped = re.sub(rf"(^|(?<=\d)|(?<=\s)){letters}(?=\s|$|\d)", " ", plain)
        if stripped != plain:
            plain, is_before, is_era = stripped.strip(), before, True
            break
    numbers: list[str] = []
    month = None
    is_about = is_century = False
    for name in words.long_months:
        plain = plain.replace(name, name.replace(" ", ""))
    for at, token in enumerate(_TOKEN.findall(plain)):
        if token.isdecimal():
            numbers.append(token)
        elif (named := words.months.get(token)) and month in (None, named):  # or said twice
            month = named
        elif token in words.about and at == 0:
            is_about = True
        elif token in words.centuries and rule.centuries:
            is_century = True
        elif rule.centuries and not numbers and (roman := _roman(token)):
            numbers.append(str(roman))
        elif token == "~" and at == 0:
            is_about = True
        elif token not in FILLERS and token not in ",-/'":
            raise _unread(text, token, rule)
    if not plain or not numbers or len(numbers) > 2 or (month is None and len(numbers) != 1):
        raise _unread(text, None, rule)
    if is_century and month is None:
        found = _century(text, int(numbers[0]), is_before=is_before)
    else:
        if month is None and not is_era and not is_about:
            raise _unread(text, None, rule)
        found = _named(text, numbers, month, rule, is_before=is_before, is_era=is_era)
    return _marked(found, "~") if is_about else found


def _named(
    text: str, numbers: list[str], month: int | None, rule: Dates, *, is_before: bool, is_era: bool
) -> str:
    """A year, a month of a year, or a day of it."""
    *days, written = numbers
    if days and len(days[0]) > 2:  # the year stands first
        written, days = days[0], [written]
    year = int(written) if is_era or len(written) > 2 else _full_year(text, written, rule)
    if len(written) > 4:
        raise _unread(text, written, rule)
    if is_before:
        if year < 1:
            raise BadDate("BAD_DATE", f"«{text}»: there is no year 0 before Christ.")
        year = 1 - year
    sign = "-" if year < 0 else ""
    if month is None:
        return f"{sign}{abs(year):04}"
    if not days:
        return f"{sign}{abs(year):04}-{month:02}"
    return _day(text, year, month, int(days[0]))


def _century(text: str, number: int, *, is_before: bool) -> str:
    if not 1 <= number <= 99:
        raise BadDate("BAD_DATE", f"«{text}» is no century that the record holds.")
    if is_before:
        return f"[{_year_before(number * 100)}..{_year_before(number * 100 - 99)}]"
    return f"[{number * 100 - 99:04}..{number * 100:04}]"


def _roman(token: str) -> int:
    """The number of a Roman numeral up to XXIX, 0 for what is none."""
    if not (match := _ROMAN.fullmatch(token)) or not match[1]:
        return 0
    digits = [_ROMAN_DIGITS[letter] for letter in match[1]]
    following = [*digits[1:], 0]
    return sum(-d if d < after else d for d, after in zip(digits, following, strict=True))


def _unread(text: str, token: str | None, rule: Dates) -> BadDate:
    languages = ", ".join(rule.months or ()) or "no language: see `months`"
    at = f"«{token}» in " if token else ""
    return BadDate(
        "BAD_DATE",
        f"{at}«{text}» can't be read as a date (names of months are looked for in {languages}). "
        "Write it as 1960-07-09, or declare in [dates] of the map how it is written.",
    )


def _qualified(text: str, doubtful: bool, near: bool, margin: int, *, shifts: bool) -> str:
    """A date with what the rest of its row says of it: `~` is of the precision as written."""
    if near:
        text = _marked(text, "~")
    if shifts or margin:
        days = parse(text)
        doubtful = doubtful or days.uncertain
        earliest = max(days.earliest - shifts - margin, MIN_DAY)
        latest = min(days.latest - shifts + margin, MAX_DAY)
        assert days.end is None
        text = iso_of(earliest)
        if earliest != latest:
            text = f"[{text}..{iso_of(latest)}]"
    return _marked(text, "?") if doubtful else text


def _marked(text: str, mark: str) -> str:
    """A date, or both ends of a set, with a qualifier more."""
    if text.startswith("["):
        ends: list[Any] = [_marked(end, mark) if end else "" for end in text[1:-1].split("..")]
        return f"[{'..'.join(ends)}]"
    if text[-1] not in "?~%":
        return text + mark
    return text if text[-1] in (mark, "%") else f"{text[:-1]}%"
