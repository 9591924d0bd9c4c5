"""A first guess of a map: what a sheet's headers and its first rows suggest, to be edited."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path, PurePath
from typing import Any, Final, NamedTuple
from unicodedata import name as letter_name

from api.sheets.cell_dates import BadDate, Sentinel, read_cell
from api.sheets.date_words import DateWords, folded, words_of
from api.sheets.entity_finder import slug
from api.sheets.sheet import Sheet
from api.sheets.sheet_map import Dates
from domain.errors import Refused

TEMPLATE: Final = Path(__file__).with_name("guess.toml.jinja")
SAMPLE: Final = 500
"""Rows that are looked at."""
MOST: Final = 0.8
"""Of the cells of a column so many must look alike."""
ORDERS: Final = ("YMD", "DMY", "MDY")
LANGUAGES: Final = ("en", "fr", "ar", "ar-SY", "ar-DZ", "ar-MA", "de", "es")
"""In which months are looked for: Arabic has three sets of names, by country."""
SENTINELS: Final = ("9999-12-31", "9999", "NA", "N/A", "n/a", "-9", "-", "present", "ongoing")
STARTS: Final = re.compile(
    r"begin|start|from|since|entr|join|debut|depuis|von$|beginn|seit|desde|inicio|accession"
    r"|بداي|بدء|بدا|منذ|^من$|دخول|انضم|تولي|تعيين"
)
ENDS: Final = re.compile(
    r"end(?!er|ar|or|ing|a$)|until|to$|exit|left|fin$|jusqu|sortie|bis|ende$|austritt|hasta|close|termin"
    r"|نهاي|انته|حتى|^الى$|خروج|خرج|غادر|انسحاب|مغادره|مغادرة"
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


class GuessedShape(NamedTuple):
    """The part of the map that says how rows become entries, what names them, the column that they
    are known again by, and what the template of the part takes."""

    part: str
    naming: Naming
    by: str
    values: dict[str, Any]


def guessed_map(sheet: Sheet, *, is_form: bool = False) -> str:
    """A map in TOML, with comments. A form has spells and panels with a column for each period."""
    from jinja2 import Environment

    rows = [cells for _, cells in islice(sheet.rows(), SAMPLE)]
    cells = {
        name: [each[place] for each in rows]
        for place, name in enumerate(sheet.headers)
        if name and sheet.headers.count(name) == 1
    }
    columns = [_column(name, each) for name, each in cells.items()]
    stem = PurePath(sheet.name).stem
    periods = [each.name for each in columns if PERIOD.fullmatch(each.name)]
    others = [each for each in columns if each.name not in periods]
    shape = _spells(columns, others)
    if len(periods) >= 3:
        shape = _wide(_named(others), periods)
    elif not is_form:
        shape = _long(columns, cells) or _listed(columns, cells, sheet.name) or shape
    environment = Environment(trim_blocks=True)
    environment.filters["text"] = partial(json.dumps, ensure_ascii=False)
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(
        title=" ".join(sheet.name.split()),
        name=slug(stem)[:32] or "sheet",
        stem=stem,
        layout=sheet.layout,
        months=_languages(columns, sheet, rows),
        shape=shape,
        **_dates(columns),
        **shape.values,
    ).rstrip()


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


def _dates(columns: Sequence[ColumnProfile]) -> dict[str, Any]:
    rules = [each.dates for each in columns if each.is_date]
    sentinels = dict.fromkeys(s for each in columns if each.is_date for s in each.sentinels)
    opens = [each for each in sentinels if each.startswith("9999") or each.isalpha()]
    return {
        "order": next((each.order for each in rules if each.order), None),
        "compact": any(each.compact for each in rules),
        "open": opens,
        "unknown": [each for each in sentinels if each not in opens],
    }


def _spells(columns: Sequence[ColumnProfile], others: Sequence[ColumnProfile]) -> GuessedShape:
    dates = [each.name for each in columns if each.is_date]
    ends = [name for name in dates if ENDS.search(folded(name))]
    # Where nothing has ended yet, no cell of it has a date.
    open_ = [each.name for each in columns if each.distinct == len(each.sentinels)]
    ends += [name for name in open_ if name not in dates and ENDS.search(folded(name))]
    starts = [name for name in dates if STARTS.search(folded(name))]
    start = next(iter(starts or [name for name in dates if name not in ends]), "Start?")
    end = next(iter(name for name in [*ends, *dates] if name != start), "End?")
    by = _named(others).code
    return GuessedShape("spells", _named(columns), by, {"start": start, "end": end})


def _wide(naming: Naming, periods: Sequence[str]) -> GuessedShape:
    """A panel with a column for each period."""
    pattern = r"^\d{4}$" if max(map(len, periods)) == 4 else r"^\d{4}(-\d\d)*$"
    values = {"pattern": pattern, "within": ["1"], "out": ["0"]}
    return GuessedShape("panel", naming, naming.code, values)


def _long(
    columns: Sequence[ColumnProfile], cells: Mapping[str, Sequence[str]]
) -> GuessedShape | None:
    """A panel with a row for each item and period."""
    dated = [each.name for each in columns if each.is_date]
    answers = {each.name: said for each in columns if (said := _answers(cells[each.name]))}
    period = dated[0] if len(dated) == 1 else None
    if period is None or not answers or not all(map(YEAR.fullmatch, cells[period])):
        return None
    naming = _named([each for each in columns if each.name not in answers])
    if not _is_repeated(cells.get(naming.code, ()), cells[period]):
        return None
    (value, (within, out)), *more = answers.items()
    values = {"period": period, "value": value, "within": within, "out": out}
    values["others"] = [" ".join(each.split()) for each, _ in more]
    return GuessedShape("panel", naming, naming.code, values)


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
) -> GuessedShape | None:
    """Snapshots: lists of some days in one file, or a file without dates that is named by a day."""
    dated = [each.name for each in columns if each.is_date]
    naming = _named(columns)
    if not dated and (day := FILE_DAY.search(file_name)):
        before, after = file_name[: day.start()], file_name[day.end() :]
        pattern = rf"^{re.escape(before)}([0-9-]+){re.escape(after)}$"
        return GuessedShape("snapshots", naming, naming.code, {"file_day": pattern})
    if (
        len(dated) == 1
        and DAYS.search(folded(dated[0]))
        and not any(map(YEAR.fullmatch, cells[dated[0]]))
        and _is_repeated(cells.get(naming.code, ()), cells[dated[0]])
        and len(set(cells[dated[0]])) * 2 <= len(cells[dated[0]])
    ):
        return GuessedShape("snapshots", naming, naming.code, {"day": dated[0]})
    return None


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
