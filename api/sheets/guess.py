"""A first guess of a map: what a sheet's headers and its first rows suggest, to be edited."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import PurePath
from typing import Final, NamedTuple
from unicodedata import name as letter_name

from api.sheets.cell_dates import BadDate, Sentinel, read_cell
from api.sheets.date_words import DateWords, folded, words_of
from api.sheets.entity_finder import slug
from api.sheets.sheet import Sheet
from api.sheets.sheet_map import Dates
from domain.errors import Refused

SAMPLE: Final = 500
"""Rows that are looked at."""
MOST: Final = 0.8
"""Of the cells of a column so many must look alike."""
ORDERS: Final = ("YMD", "DMY", "MDY")
LANGUAGES: Final = ("en", "fr", "ar", "de", "es")
SENTINELS: Final = ("9999-12-31", "9999", "NA", "N/A", "n/a", "-9", "-", "present", "ongoing")
STARTS: Final = re.compile(
    r"begin|start|from|since|entr|join|debut|depuis|von$|beginn|seit|desde|inicio|accession"
    r"|بداي|بدء|بدا|منذ|^من$|دخول|انضم|تولي|تعيين"
)
ENDS: Final = re.compile(
    r"end(?!er|ar|or|ing|a$)|until|to$|exit|left|fin$|jusqu|sortie|bis|ende$|austritt|hasta|close|termin"
    r"|نهاي|انته|حتى|^الى$|خروج|انسحاب|مغادره|مغادرة"
)
NAMES: Final = re.compile(
    r"name|title|label|libell|state|country|member|pays|nom|اسم|دوله|دولة|بلد|عضو|لقب"
)
CODES: Final = re.compile(r"id$|code|abb|iso|^id|key|رمز|كود|معرف")
DATED: Final = re.compile(r"year|date|jahr|annee|fecha|سنه|سنة|عام|تاريخ")
DAYS: Final = re.compile(
    r"as.?of|snapshot|^(date|day|datum|jour|fecha|retrieved|observed|listed)$|^(ال)?(تاريخ|يوم)$"
)
"""Headers: of starts, ends, names, codes, numbers that are years, and days of lists, as `folded`
writes them."""
SCRIPTS: Final = {"ARABIC": "ar", "HEBREW": "he", "GREEK": "el", "ARMENIAN": "hy", "GEORGIAN": "ka",
                  "HANGUL": "ko", "THAI": "th"}  # fmt: skip
"""By the first word of Unicode's names of letters, the language that most texts in them are in."""
ANSWERS: Final = (("1", "0"), ("true", "false"), ("yes", "no"), ("y", "n"), ("oui", "non"),
                  ("ja", "nein"), ("si", "no"), ("نعم", "لا"))  # fmt: skip
"""What says in, and what says out."""
YEAR: Final = re.compile(r"\d{4}(-\d\d)?")
FILE_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
PERIOD: Final = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
KEY_TYPES: Final = ("EntityEstablished", "EntityAbolished")
MEMBERS: Final = (
    'start = "MemberJoined"',
    'end = "MemberLeft"',
    'keys = { coalition = "ID", member = "@thing" }',
)
NEITHER: Final = "              # what is missing is neither"


class ColumnProfile(NamedTuple):
    """What the cells of a column look like."""

    name: str
    filled: int
    distinct: int
    is_date: bool
    dates: Dates
    sentinels: tuple[str, ...]
    language: str


class Naming(NamedTuple):
    """The columns of a name and of a code, and the language of the names."""

    name: str
    code: str
    language: str


def guessed_map(sheet: Sheet, *, is_form: bool = False) -> str:
    """A map in TOML, with comments. A form has spells and panels with a column for each period."""
    rows = [cells for _, cells in islice(sheet.rows(), SAMPLE)]
    cells = {
        name: [each[place] for each in rows]
        for place, name in enumerate(sheet.headers)
        if name and sheet.headers.count(name) == 1
    }
    columns = [_column(name, each) for name, each in cells.items()]
    name = slug(PurePath(sheet.name).stem)[:32] or "sheet"
    periods = [each.name for each in columns if PERIOD.fullmatch(each.name)]
    others = [each for each in columns if each.name not in periods]
    shape, by = _spells(columns), _named(others).code
    if len(periods) >= 3:
        shape = _panel(_named(others), _wide(periods))
    elif not is_form and (found := _long(columns, cells) or _listed(columns, cells, sheet.name)):
        shape, by = found
    top = [*_top(sheet, name, [by]), *_dates(columns, _languages(columns, sheet, rows))]
    return "\n".join([*top, *shape])


def _column(name: str, cells: Sequence[str]) -> ColumnProfile:
    said = [cell for cell in cells if cell]
    sentinels = tuple(each for each in SENTINELS if each in said)
    dates = [cell for cell in said if cell not in sentinels]
    most = len(dates) * MOST
    best, read = Dates(), 0
    for candidate in _candidates():
        count = sum(_reads(cell, candidate, words_of(LANGUAGES)) for cell in dates)
        if count > read:
            best, read = candidate, count
    if dates:
        is_date = read >= most and _looks_dated(name, dates)
    else:
        is_date = any(each.startswith("9999") for each in sentinels)
    return ColumnProfile(name, len(said), len(set(said)), is_date, best, sentinels, _language(said))


def _language(cells: Sequence[str]) -> str:
    """The language of most letters in the cells, by their script; English for any other."""
    scripts = Counter(
        letter_name(each, "").partition(" ")[0] for each in "".join(cells) if each.isalpha()
    )
    return SCRIPTS.get(next((script for script, _ in scripts.most_common(1)), ""), "en")


def _candidates() -> Iterable[Dates]:
    yield Dates(months=LANGUAGES)
    for order in ORDERS[1:]:
        yield Dates(order=order, months=LANGUAGES, two_digit_years=1930)
    yield Dates(compact=True, months=LANGUAGES)


def _reads(cell: str, rule: Dates, words: DateWords) -> bool:
    """Whether a cell can be read by a rule."""
    try:
        found = read_cell(cell, rule, words, is_missing=False)
    except (BadDate, Refused):
        return False
    return not isinstance(found, Sentinel)


def _looks_dated(name: str, cells: Sequence[str]) -> bool:
    """Numbers of three or four digits are years only under a header that says so."""
    if any(not cell.lstrip("-").isdecimal() for cell in cells):
        return True
    return any(each.search(folded(name)) for each in (STARTS, ENDS, DATED))


def _top(sheet: Sheet, name: str, key: Sequence[str]) -> list[str]:
    layout = sheet.layout
    declared = {"encoding": layout.encoding, "delimiter": layout.delimiter, "sheet": layout.sheet}
    return [
        f"# A guess from the headers and first rows of {_line(sheet.name)}. Look at every line.",
        "# Then: sijill import --dry-run FILE --map MAP",
        "",
        "# The ids of all entries begin with it.",
        f"id = {_text(name)}",
        "# By these columns a row is known again in a later version; equal ones are numbered.",
        f"key = {_list(key)}",
        'repeats = "number"       # or "refuse"',
        "",
        "# The sheet itself, as the record cites it. What it says is known from `published` on.",
        "[source]",
        f"id = {_text(name)}",
        f"title = {_text(PurePath(sheet.name).stem)}",
        '# publisher = "…"',
        '# published = "2024-05-01"',
        '# observedThrough = "2024-04-30"   # how far in the world\'s time it looked',
        "",
        "[file]",
        *(f"{key} = {_text(value)}" for key, value in declared.items() if value is not None),
        f"header = {layout.header}",
        "# What stands in a cell that says nothing.",
        'missing = ["", "NA"]',
        "",
    ]


def _languages(
    columns: Sequence[ColumnProfile], sheet: Sheet, rows: Sequence[Sequence[str]]
) -> list[str]:
    """Those without which some date can't be read; the first two where there is no such date."""
    words = {language: words_of((language,)) for language in LANGUAGES}
    found: dict[str, None] = {}
    for each in columns:
        place = sheet.headers.index(each.name)
        for cell in (cells[place] for cells in rows if each.is_date):
            if not _reads(cell, each.dates, words_of(tuple(found))):
                reading = (name for name in LANGUAGES if _reads(cell, each.dates, words[name]))
                found.update(dict.fromkeys(islice(reading, 1)))
    return list(found or LANGUAGES[:2])


def _dates(columns: Sequence[ColumnProfile], languages: Sequence[str]) -> list[str]:
    rules = [each.dates for each in columns if each.is_date]
    order = next((each.order for each in rules if each.order), None)
    sentinels = dict.fromkeys(s for each in columns if each.is_date for s in each.sentinels)
    opens = [each for each in sentinels if each.startswith("9999") or each.isalpha()]
    unknown = [each for each in sentinels if each not in opens]
    lines = ["# How dates are written. What may be read in two ways is refused.", "[dates]"]
    if order:
        lines += [
            f'order = "{order}"            # 7/9/60 could be read as {_other(order)} too',
            "twoDigitYears = 1930     # the first of the hundred years that they are of",
        ]
    if any(each.compact for each in rules):
        lines.append("compact = true           # 196007 is July 1960")
    lines += [
        f"months = {_list(languages)}   # the languages of months and eras",
        f'open = {_list(opens)}   # an end that has not come; with "" also where a cell is empty',
        f"unknown = {_list(unknown)}   # a day that nobody knows",
        'end = "last-held"        # or "first-not": the first day on which it did not hold',
        "",
    ]
    return lines


def _spells(columns: Sequence[ColumnProfile]) -> list[str]:
    dates = [each.name for each in columns if each.is_date]
    ends = [name for name in dates if ENDS.search(folded(name))]
    # Where nothing has ended yet, no cell of it has a date.
    open_ = [each.name for each in columns if each.distinct == len(each.sentinels)]
    ends += [name for name in open_ if name not in dates and ENDS.search(folded(name))]
    starts = [name for name in dates if STARTS.search(folded(name))]
    start = next(iter(starts or [name for name in dates if name not in ends]), "Start?")
    end = next(iter(name for name in [*ends, *dates] if name != start), "End?")
    return [
        *_entity(_named(columns)),
        "# Each row is a spell: it starts and ends something, in an episode of its own.",
        "[[spells]]",
        f'start = "{KEY_TYPES[0]}"   # or MemberJoined, OfficeAssumed, …',
        f'end = "{KEY_TYPES[1]}"',
        'keys = { entity = "@thing" }   # of MemberJoined: { coalition = "ID", member = "@thing" }',
        f"since = {_text(start)}",
        f"until = {_text(end)}",
        'reversed = "refuse"      # or "skip": rows that end before they start',
    ]


def _panel(naming: Naming, cells: Sequence[str]) -> list[str]:
    return [
        *_entity(naming),
        "# What is in or not, by period.",
        "[panel]",
        *MEMBERS,
        f"item = [{_text(naming.code)}]",
        *cells,
        'holds = "whole"          # of the period, or "part", "first-day", "last-day"',
    ]


def _wide(periods: Sequence[str]) -> list[str]:
    width = max(map(len, periods))
    pattern = r"^\d{4}$" if width == 4 else r"^\d{4}(-\d\d)*$"
    return [f"columns = '{pattern}'", 'in = ["1"]', f'out = ["0"]{NEITHER}']


def _long(
    columns: Sequence[ColumnProfile], cells: Mapping[str, Sequence[str]]
) -> tuple[list[str], str] | None:
    """A panel with a row for each item and period, and the column of the item."""
    dated = [each.name for each in columns if each.is_date]
    answers = {each.name: said for each in columns if (said := _answers(cells[each.name]))}
    period = dated[0] if len(dated) == 1 else None
    if period is None or not answers or not all(map(YEAR.fullmatch, cells[period])):
        return None
    naming = _named([each for each in columns if each.name not in answers])
    if not _is_repeated(cells.get(naming.code, ()), cells[period]):
        return None
    (value, (within, out)), *more = answers.items()
    either = f"   # or {', '.join(_text(_line(each)) for each, _ in more)}" if more else ""
    where = [
        f"period = {_text(period)}",
        f"value = {_text(value)}{either}",
        f"in = {_list(within)}",
        f"out = {_list(out)}{NEITHER}",
    ]
    return _panel(naming, where), naming.code


def _answers(cells: Sequence[str]) -> tuple[list[str], list[str]] | None:
    """What says in and what says out in a column that says no more than that."""
    said = sorted({cell for cell in cells if cell and cell not in SENTINELS})
    for answers in ANSWERS:
        found = tuple([cell for cell in said if folded(cell) == each] for each in answers)
        if all(found) and sum(map(len, found)) == len(said):
            return found[0], found[1]
    return None


def _listed(
    columns: Sequence[ColumnProfile], cells: Mapping[str, Sequence[str]], file_name: str
) -> tuple[list[str], str] | None:
    """Snapshots: lists of some days in one file, or a file without dates that is named by a day."""
    dated = [each.name for each in columns if each.is_date]
    naming = _named(columns)
    if not dated and (day := FILE_DAY.search(file_name)):
        before, after = file_name[: day.start()], file_name[day.end() :]
        pattern = rf"^{re.escape(before)}([0-9-]+){re.escape(after)}$"
        where = [f"fileDay = {_text(pattern)}   # give the files of all days together"]
    elif (
        len(dated) == 1
        and DAYS.search(folded(dated[0]))
        and not any(map(YEAR.fullmatch, cells[dated[0]]))
        and _is_repeated(cells.get(naming.code, ()), cells[dated[0]])
        and len(set(cells[dated[0]])) * 2 <= len(cells[dated[0]])
    ):
        where = [f"day = {_text(dated[0])}"]
    else:
        return None
    shape = [
        *_entity(naming),
        "# What is there on a day, of several days.",
        "[snapshots]",
        *MEMBERS,
        f"item = [{_text(naming.code)}]",
        *where,
    ]
    return shape, naming.code


def _is_repeated(items: Sequence[str], periods: Sequence[str]) -> bool:
    """Whether most items stand there for several periods, and none twice for one."""
    pairs = Counter(zip(items, periods, strict=False))
    counts = Counter(item for item, _ in pairs)
    several = sum(1 for count in counts.values() if count > 1)
    return max(pairs.values(), default=2) == 1 and several * 2 >= len(counts)


def _named(columns: Sequence[ColumnProfile]) -> Naming:
    plain = [each for each in columns if not each.is_date and each.filled]
    codes = [each.name for each in plain if CODES.search(folded(each.name))]
    names = [
        each.name for each in plain if NAMES.search(folded(each.name)) and each.name not in codes
    ]
    first = plain[0].name if plain else "Name?"
    name = names[0] if names else first
    language = next((each.language for each in plain if each.name == name), "en")
    return Naming(name, codes[0] if codes else name, language)


def _entity(naming: Naming) -> list[str]:
    return [
        "# Who or what the rows are about.",
        "[entities.thing]",
        'by = ["id", "name", "alias"]   # or "identifier:SCHEME"',
        'unknown = "refuse"       # or "list", or "create" with the id, kind and names below',
        f"id = {_text('{' + naming.code + '}')}",
        'kind = "OTHER"',
        "# The language of the names, guessed from their letters.",
        f"names = {{ {naming.language} = {_text('{' + naming.name + '}')} }}",
        "",
    ]


def _other(order: str) -> str:
    return "9 July" if order == "MDY" else "7 September"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _list(items: Sequence[str]) -> str:
    return json.dumps(list(items), ensure_ascii=False)


def _line(text: str) -> str:
    return " ".join(text.split())
