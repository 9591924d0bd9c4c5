"""The words of a page in its language: messages, days, dates as sources write them, counts.

Messages are gettext's: English in the code and templates, other languages in `locale/*.po`. Days
and months come from CLDR; Arabic has the months of Syria and, as tables need them, Latin digits.
"""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from domain.dates import MAX_DAY, MIN_DAY, civil_from_days, day_of, parse

LOCALES: Final = {"en": "en", "ar": "ar_SY"}
# In Arabic, CLDR's short months are whole words: they refer to its long ones. Babel gives "ar_SY"
# the short ones of "ar" once it has read those, as it does for dates of a sheet.
MONTHS: Final = {"en": "abbreviated", "ar": "wide"}
CATALOGUES: Final = Path(__file__).with_name("locale")

_PLAIN = re.compile(r"(-?\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")
_MARK = re.compile(r"[?~%]+")


class Words:
    """One language's."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.locale = Locale.parse(LOCALES[lang])
        self.dir = "rtl" if self.locale.text_direction == "rtl" else "ltr"
        self.catalogue = _catalogue(lang)
        self.gettext = self.catalogue.gettext
        self.ngettext = self.catalogue.ngettext
        self.months = [self.locale.months["format"][MONTHS[lang]][m] for m in range(1, 13)]

    def day(self, day: int) -> str:
        """A day by its number: 10 Nov 2025."""
        year, month, day_of_month = civil_from_days(day)
        return f"{day_of_month} {self.months[month - 1]} {self._year(year)}"

    def iso(self, text: str | None) -> str:
        """A day, or the day of a time, as JSON has it."""
        return (
            ""
            if text is None
            else self.day(day_of(text[: text.index("T")] if "T" in text else text))
        )

    def span(self, side: dict[str, Any] | None) -> str:
        """A date range of GraphQL's in words: as it is written, else by its bounds."""
        _ = self.gettext
        if side is None:
            return ""
        if side.get("edtf"):
            return self.edtf(side["edtf"])
        earliest, latest = side.get("earliest"), side.get("latest")
        if earliest and latest:
            return _("between %(a)s and %(b)s") % {"a": self.iso(earliest), "b": self.iso(latest)}
        if latest:
            return _("by %(day)s") % {"day": self.iso(latest)}
        if earliest:
            return _("%(day)s or later") % {"day": self.iso(earliest)}
        return _("at a time not known")

    def edtf(self, text: str) -> str:
        """An EDTF expression in words; what has none stays as written."""
        _ = self.gettext
        if text.startswith("[") and text.endswith("]"):
            return self._one_of(text[1:-1])
        if "/" in text:
            start, end = text.split("/", 1)
            if start in ("", ".."):
                return _("until %(day)s") % {"day": self._single(end)}
            if end in ("", ".."):
                return _("from %(day)s on") % {"day": self._single(start)}
            return f"{self._single(start)} – {self._single(end)}"
        return self._single(text)

    def _one_of(self, inner: str) -> str:
        _ = self.gettext
        if ".." in inner and "," not in inner:
            start, end = inner.split("..", 1)
            if not start:
                return _("by %(day)s") % {"day": self._single(end)}
            if not end:
                return _("%(day)s or later") % {"day": self._single(start)}
            return _("between %(a)s and %(b)s") % {"a": self._single(start), "b": self._single(end)}
        return _(" or ").join(self.edtf(part.strip()) for part in inner.split(","))

    def _single(self, text: str) -> str:
        _ = self.gettext
        marks = "".join(_MARK.findall(text))
        words = self._date(_MARK.sub("", text))
        if "~" in marks or "%" in marks:
            words = _("c. %(day)s") % {"day": words}
        if "?" in marks or "%" in marks:
            words = _("%(day)s, uncertain") % {"day": words}
        return words

    def _date(self, text: str) -> str:
        text = text.split("T")[0]
        if text.endswith("X") and text[:3].isdigit() and len(text) == 4:
            return self.gettext("the %(year)ss") % {"year": text[:3] + "0"}
        found = _PLAIN.fullmatch(text)
        if found is None:
            return text
        year, month, day = self._year(int(found[1])), found[2], found[3]
        if month is None:
            return year
        if not 1 <= int(month) <= 12:
            season = self._season(month)
            return f"{season} {year}" if season else text
        words = f"{self.months[int(month) - 1]} {year}"
        return words if day is None else f"{int(day)} {words}"

    def _season(self, number: str) -> str | None:
        _ = self.gettext
        names = {"21": _("spring"), "22": _("summer"), "23": _("autumn"), "24": _("winter")}
        return names.get(number)

    def _year(self, year: int) -> str:
        if year > 0:
            return str(year)
        return self.gettext("%(year)s BCE") % {"year": 1 - year}

    def territory(self, code: str) -> str:
        """A country's name, where the record has none."""
        return str(self.locale.territories.get(code, code))

    def language(self, code: str) -> str:
        """A language's name."""
        return str(self.locale.languages.get(code, code))

    def examples(self) -> dict[str, int]:
        """By each plural form that the language has, a number of that form."""
        rule = self.locale.plural_form
        return {rule(number): number for number in range(100, -1, -1)}

    def bounds(self, text: str) -> tuple[str, str]:
        """The first and the last day that an EDTF expression may mean."""
        date = parse(text)
        first, last = date.earliest, date.latest
        return (
            "…" if first < MIN_DAY else self.day(first),
            "…" if last > MAX_DAY else self.day(last),
        )


def marked(text: str) -> str:
    """Marks a message for the catalogues, as `_`; whoever shows it translates it."""
    return text


def named(names: Mapping[str, str], lang: str) -> str:
    """A name in a language, else in English, else the first: as answers have it."""
    return names.get(lang) or names.get("en") or next(iter(names.values()))


@cache
def words(lang: str) -> Words:
    """Those of a language that pages have."""
    return Words(lang)


@cache
def _catalogue(lang: str) -> gettext.NullTranslations:
    path = CATALOGUES / f"{lang}.po"
    if not path.is_file():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=lang))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
