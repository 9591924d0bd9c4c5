"""The words of the pages: catalogues are whole, dates read as people write them."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from api.language.labels import EVENTS
from api.language.words import CATALOGUES, LOCALES, words
from domain.vocabulary import CORE, ENTRIES

API = CATALOGUES.parents[1]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
PLACES = re.compile(r"%\((\w+)\)s")


@pytest.fixture(scope="module")
def arabic() -> Catalog:
    """The catalogue as it is written."""
    with (CATALOGUES / "ar.po").open("rb") as file:
        return read_po(file, locale="ar")


def _labels(
    file: IO[bytes], *_: object, options: object
) -> Iterator[tuple[int, None, str, list[str]]]:
    """The messages of a file of labels, as babel takes them."""
    for section in tomllib.load(file).values():
        yield from ((1, None, message, []) for message in section.values() if message)


def _said() -> set[object]:
    """Every message of code, labels and templates."""
    methods = [("**.py", "python"), ("**/labels.toml", _labels), ("templates/**", "jinja2")]
    options = {"templates/**": {"extensions": "jinja2.ext.i18n,jinja2.ext.do"}}
    return {
        message
        for folder in ("web", "language")
        for _, _, message, _, _ in extract_from_dir(
            str(API / folder), method_map=methods, options_map=options, keywords=KEYWORDS
        )
    }


def test_every_message_has_its_arabic_and_no_arabic_is_left_over(arabic: Catalog) -> None:
    written = {message.id for message in arabic if message.id}

    assert written == _said()
    assert all(message.string and not message.fuzzy for message in arabic if message.id)


def test_arabic_has_six_forms_and_each_keeps_its_places(arabic: Catalog) -> None:
    assert arabic.num_plurals == 6
    for message in arabic:
        if not message.id:
            continue
        one = message.id if isinstance(message.id, str) else message.id[1]
        forms = [message.string] if isinstance(message.string, str) else message.string
        assert len(forms) == (1 if isinstance(message.id, str) else 6)
        assert all(set(PLACES.findall(form)) <= set(PLACES.findall(one)) for form in forms)
        if isinstance(message.id, str):
            assert set(PLACES.findall(forms[0])) == set(PLACES.findall(one))


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "لا أعضاء"),
        (1, "عضو واحد"),
        (2, "عضوان"),
        (5, "5 أعضاء"),
        (86, "86 عضواً"),
        (100, "100 عضو"),
    ],
)
def test_arabic_counts_in_six_ways(number: int, said: str) -> None:
    counted = words("ar").ngettext("%(num)s member", "%(num)s members", number)

    assert counted % {"num": number} == said


@pytest.mark.parametrize(
    ("text", "english", "arabic"),
    [
        ("2025-11-10", "10 Nov 2025", "10 تشرين الثاني 2025"),
        ("2014-09", "Sep 2014", "أيلول 2014"),
        ("2014", "2014", "2014"),
        ("201X", "the 2010s", "عقد 2010"),
        ("2014-21", "spring 2014", "ربيع 2014"),
        ("2014-01~", "c. Jan 2014", "نحو كانون الثاني 2014"),
        ("2010?", "2010, uncertain", "2010 (غير مؤكد)"),
        ("[2014..2025-11-03]", "between 2014 and 3 Nov 2025", "بين 2014 و3 تشرين الثاني 2025"),
        ("[..2025-11-03]", "by 3 Nov 2025", "حتى 3 تشرين الثاني 2025"),
        ("[2014..]", "2014 or later", "2014 أو بعده"),
        ("[2014,2016]", "2014 or 2016", "2014 أو 2016"),
        ("2015-06/2025-11", "Jun 2015 – Nov 2025", "حزيران 2015 – تشرين الثاني 2025"),
        ("2015/..", "from 2015 on", "منذ 2015"),
        ("-0043", "44 BCE", "44 ق.م"),
        ("2014-09-10T12:00:00Z", "10 Sep 2014", "10 أيلول 2014"),
        ("19XX", "19XX", "19XX"),
    ],
)
def test_dates_are_said_in_words(text: str, english: str, arabic: str) -> None:
    assert words("en").edtf(text) == english
    assert words("ar").edtf(text) == arabic


def test_the_months_of_syria_are_said_whatever_months_were_read_before() -> None:
    """In a process of its own, since what Babel has read it keeps."""
    program = (
        "from babel import Locale; Locale.parse('ar').months['format']['abbreviated']; "
        "from api.language.words import words; print(words('ar').edtf('2025-11'))"
    )

    said = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", program], capture_output=True, text=True, check=True
    )

    assert said.stdout.strip() == "تشرين الثاني 2025"


def test_every_word_of_the_core_has_a_name_in_every_language_of_the_pages() -> None:
    fluents = CORE.fluents.values()
    named = [
        *(kind.names for kind in CORE.kinds.values()),
        *(fact_type.names for fact_type in CORE.fact_types.values()),
        *(fluent.names for fluent in fluents),
        *(fluent.inverse_names for fluent in fluents if fluent.inverse),
    ]
    assert all(set(LOCALES) <= names.keys() for names in named)
    assert {*ENTRIES} - CORE.fact_types.keys() == EVENTS.keys()


def test_catalogues_are_committed_not_compiled() -> None:
    assert [path.suffix for path in Path(CATALOGUES).iterdir()] == [".po"]
