"""Citations of sources, facts, stories and views, as items of CSL-JSON, which other formats write
in their own way.

A date that CSL can't say in numbers has its words beside them, in the language asked for, and its
EDTF text, for formats that read that: `words` and `edtf` are ours, not CSL's.
"""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import quote, urlencode

from api.addresses import whole
from api.export.node_dates import Row
from api.export.pinned_view import PinnedView, path_of
from api.export.views import Kind
from api.language.titles import (
    fact_title,
    labels_in,
    root_told,
    spoken,
    version_told,
    view_title,
)

Item = dict[str, Any]

_SIMPLE: Final = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?([?~%]?)")
"""A year, a month or season, or a day, with what is said of it: digits that formats have places
for."""
_SEASONS: Final = {"21": 1, "22": 2, "23": 3, "24": 4}


def item(pinned: PinnedView, row: Row, site: str) -> Item:
    """A source, or a fact, a story or a view as the record has it at a position, as CSL-JSON."""
    if pinned.view.kind is not Kind.SOURCE:
        return _of_record(pinned, row, site)
    found = {
        "id": row["id"],
        "type": "webpage" if row["url"] else "document",
        "title": row["title"],
        "publisher": row["publisher"],
        "author": [{"literal": row["author"]}] if row["author"] else None,
        "language": row["language"],
        "URL": row["url"],
        "issued": _date(row["published"], pinned.lang),
        "accessed": _date(row["retrieved"], pinned.lang),
    }
    return {key: value for key, value in found.items() if value is not None}


def _of_record(pinned: PinnedView, row: Row, site: str) -> Item:
    """A fact, a story or a view: the record is its author, the root of its tree says which."""
    position, tree = pinned.moment.position, pinned.tree
    assert tree is not None
    called = labels_in(pinned.lang, pinned.vocabulary)
    kind = "dataset"
    if pinned.view.kind is Kind.STORY:
        # Its views are pinned: without clocks its address always shows the same.
        kind, key = "webpage", f"sijill-story-{row['id']}"
        title, issued = row["title"], row["recordedAt"]
        page = f"{path_of(pinned.view, row['id'])}?lang={pinned.lang}"
    elif pinned.view.kind is Kind.FACT:
        key, title, issued = row["id"], fact_title(row, called), row["recordedAt"]
        asked = {**pinned.moment.variables(), "lang": pinned.lang}
        page = f"{whole(f'/f/{quote(key)}')}?{urlencode(asked)}"
    else:
        clocks, since = pinned.moment.variables(), pinned.since
        name = pinned.view.name
        title = view_title(name, row["name"], clocks, since and since.variables(), called)
        key = "-".join(filter(None, ["sijill", pinned.subject, name, str(position)]))
        issued = pinned.recorded_at and pinned.recorded_at.date().isoformat()
        page = pinned.page()
    found = {
        "id": key,
        "type": kind,
        "title": title,
        "author": [{"literal": spoken(pinned.lang).gettext("Sijill")}],
        "version": version_told(position, pinned.lang),
        "note": root_told(tree.size, tree.root, pinned.lang),
        "language": spoken(pinned.lang).lang,
        "URL": f"{site}{page}" if site else None,
        "issued": _day(issued[:10]) if issued else None,
        "accessed": _day(pinned.accessed) if pinned.accessed else None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _day(text: str) -> Item:
    """A day; one before the year 1 as it is written."""
    if text.startswith(("-", "0000")):
        return {"literal": text}
    return {"date-parts": [[int(part) for part in text.split("-")]]}


def _date(date: Row | None, lang: str) -> Item | None:
    """A date as exactly as it is known, its doubt, approximation and season with it."""
    if date is None:
        return None
    text: str = date["edtf"]
    found = _SIMPLE.fullmatch(text)
    said: Item
    if found is None or int(found[1]) < 1:
        words = spoken(lang).edtf(text)
        said = {"literal": words, "words": words, "edtf": text}
        first, last = (date[name] or "" for name in ("earliest", "latest"))
        if first[:4] == last[:4] and first[:4].isdigit() and int(first[:4]):
            said["date-parts"] = [[int(first[:4])]]
        return said
    year, month, day, mark = found.groups()
    said = {"date-parts": [[int(year)]]}
    if month in _SEASONS:
        said["season"] = _SEASONS[month]
    elif month:
        said["date-parts"] = [[int(part) for part in (year, month, day) if part]]
    if mark in ("~", "%"):
        said["circa"] = True
    if mark or month in _SEASONS:
        said |= {"words": spoken(lang).edtf(text), "edtf": text}
    if mark in ("?", "%"):  # which CSL has no key for
        said["literal"] = said["words"]
    return said


def plain_words(date: Item | None) -> str | None:
    """What a date says that its numbers don't, None if they say all."""
    return None if date is None else date.get("words") or date.get("literal")


def year_of(date: Item | None) -> int | None:
    """The year of a date that has one in numbers."""
    parts = (date or {}).get("date-parts")
    return parts[0][0] if parts else None


def digits(date: Item | None, between: str) -> str | None:
    """A date in digits, four for the year, else as it is written; None without one."""
    if date is None:
        return None
    if "date-parts" not in date:
        return str(date["literal"])
    year, *rest = date["date-parts"][0]
    return between.join([f"{year:04}", *(f"{part:02}" for part in rest)])


def line(text: str) -> str:
    """A text on one line."""
    return " ".join(text.split())
