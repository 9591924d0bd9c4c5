"""The form that tells a story: its fields, views moved about, and what they say as an entry. A view
is given as the address of a page of the record."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from api.addresses import LANGUAGES
from api.language.typed_dates import read_date
from api.web.editing.acts import Field
from api.web.editing.field_values import slug, whole_number
from domain.dates import iso_of, today
from domain.errors import Refused
from domain.stories import Show

MOST_VIEWS: Final = 30
"""Views that a form has room for: a form takes so many fields."""
PARTS: Final = ("address", "show", *(f"texts.{lang}" for lang in LANGUAGES))
STEPS: Final = ("view", "up", "down", "drop")
"""The buttons of a form by which views are added, moved and left out."""
_SHOWS: Final = tuple(str(each) for each in Show)
_PAGE: Final = re.compile(r"/e/([^/]+)(/.*)?")
_PLACE: Final = re.compile(r"views\[(\d+)\]\.?(.*)")


def fields(sent: Mapping[str, str]) -> list[Field]:
    """The titles, and the fields of as many views as were sent."""
    found = [Field(f"titles.{lang}", f"title-{lang}", "line") for lang in LANGUAGES]
    for number in range(count_of(sent)):
        at = f"views[{number}]."
        found.append(Field(f"{at}address", "view-address", "line"))
        found.append(Field(f"{at}show", "show", "choice", False, _SHOWS, _SHOWS[0]))
        found += [Field(f"{at}texts.{lang}", f"text-{lang}", "area") for lang in LANGUAGES]
    return found


def count_of(sent: Mapping[str, str]) -> int:
    """How many views a form has."""
    return min(max(whole_number(sent.get("views", "")) or 1, 1), MOST_VIEWS)


def arranged(sent: dict[str, str]) -> dict[str, str]:
    """What was sent, after a view was added (`step` is view), moved (up-2, down-2) or left out
    (drop-2)."""
    count = count_of(sent)
    views = [_view(sent, number) for number in range(count)]
    step, _, text = sent.get("step", "").partition("-")
    at = whole_number(text) or 0
    if step == "view":
        views = [*views, {}][:MOST_VIEWS]
    elif step == "drop" and at < count:
        del views[at]
    elif step in ("up", "down"):
        to = at + (1 if step == "down" else -1)
        if 0 <= to < count and at < count:
            views.insert(to, views.pop(at))
    rest = {name: text for name, text in sent.items() if not name.startswith("views[")}
    for number, view in enumerate(views):
        rest |= {f"views[{number}].{part}": text for part, text in view.items()}
    return {**rest, "views": str(max(len(views), 1))}


def _view(sent: Mapping[str, str], number: int) -> dict[str, str]:
    names = {part: f"views[{number}].{part}" for part in PARTS}
    return {part: sent[name] for part, name in names.items() if name in sent}


def first_of(address: str | None) -> dict[str, str]:
    """What the form has at first: the view that someone came from."""
    show = Show.MAP if address and urlsplit(address).path == "/map" else Show.OVERVIEW
    return {"views[0].address": address or "", "views[0].show": str(show)}


def id_of(sent: Mapping[str, str], lang: str) -> str:
    """An id that reads like the title, none without one."""
    order = sorted(LANGUAGES, key=lambda each: each != lang)
    titles = [sent.get(f"titles.{each}", "").strip() for each in order]
    return slug(*titles) if any(titles) else ""


def views_of(text: Mapping[str, str]) -> list[dict[str, Any]]:
    """The views as the entry has them; of what is no address of a view the entity is left empty,
    for the API to refuse."""
    return [
        {
            **(view_at(text[f"views[{number}].address"]) or {"entity": "", "asOf": ""}),
            "show": text[f"views[{number}].show"],
            "texts": {
                lang: said for lang in LANGUAGES if (said := text[f"views[{number}].texts.{lang}"])
            },
        }
        for number in _filled(text)
    ]


def view_at(address: str) -> dict[str, Any] | None:
    """What an address of an entity's page shows, or of a map of it; None of any other, and of one
    at a moment of recording: a copied link has the log's position instead."""
    try:
        parts = urlsplit(address)
        asked = dict(parse_qsl(parts.query))
    except ValueError:
        return None
    page = _PAGE.fullmatch(parts.path)
    entity = unquote(page[1]) if page else asked.get("entity") if parts.path == "/map" else None
    if not entity or "recordedAt" in asked:
        return None
    found: dict[str, Any] = {"entity": entity, "asOf": _date(asked.get("asOf")) or iso_of(today())}
    if known_at := _date(asked.get("knownAt")):
        found["knownAt"] = known_at
    if position := asked.get("atPosition"):
        number = whole_number(position)
        found["atPosition"] = position if number is None else number
    return found


def _date(text: str | None) -> str | None:
    return None if not text else read_date(text).edtf or text


def _filled(text: Mapping[str, str]) -> list[int]:
    """The numbers of the views that are not blank."""
    parts = [part for part in PARTS if part != "show"]
    return [
        number
        for number in range(count_of(text))
        if any(text[f"views[{number}].{part}"] for part in parts)
    ]


def refusals(text: Mapping[str, str], lang: str) -> Iterator[Refused]:
    """What has to be filled in and is not, and addresses that show no view."""
    if not any(text[f"titles.{each}"] for each in LANGUAGES):
        yield Refused("MISSING_KEY", "", field=f"titles.{lang}")
    for number in _filled(text) or [0]:
        at = f"views[{number}]."
        address = text[f"{at}address"]
        if not address:
            yield Refused("MISSING_KEY", "", field=f"{at}address")
        elif view_at(address) is None:
            yield Refused("NO_VIEW", "", field=f"{at}address")
        if not any(text[f"{at}texts.{each}"] for each in LANGUAGES):
            yield Refused("MISSING_KEY", "", field=f"{at}texts.{lang}")


def field_of(path: str, text: Mapping[str, str], lang: str) -> str:
    """The field that the API speaks of by a path in the entry."""
    if path == "titles":
        return f"titles.{lang}"
    found = _PLACE.match(path)
    if found is None:
        return "views[0].address" if path == "views" else path
    numbers = _filled(text) or [0]
    at = f"views[{numbers[min(int(found[1]), len(numbers) - 1)]}]."
    if found[2] in PARTS:
        return at + found[2]
    return at + (f"texts.{lang}" if found[2].startswith("texts") else "address")
