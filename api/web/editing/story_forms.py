"""The form that tells a story: its fields, views moved about, and what they say as an entry. A view
is given as the address of a page of the record."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from markupsafe import Markup
from starlette.requests import Request

from api.addresses import LANGUAGES, PageAddress
from api.language.typed_dates import read_date
from api.web.editing.acts import ACTS, NEW, Field
from api.web.editing.description_pages import views_told
from api.web.editing.entry_parts import values
from api.web.editing.field_values import slug, whole_number
from api.web.editing.filled_form import Form, FormAddress, FormSubject
from domain.dates import iso_of, today
from domain.errors import Refused
from domain.stories import Show
from domain.vocabulary import Vocabulary

MOST_VIEWS: Final = 30
"""Views that a form has room for: a form takes so many fields."""
PARTS: Final = ("address", "show", *(f"texts.{lang}" for lang in LANGUAGES))
_SHOWS: Final = tuple(str(each) for each in Show)
_PAGE: Final = re.compile(r"/e/([^/]+)(/.*)?")
_PLACE: Final = re.compile(r"views\[(\d+)\]\.?(.*)")


class StoryForm(Form):
    """Tells a story."""

    carried = ("views",)
    back = "/stories"

    @classmethod
    async def subject_of(cls, asked: FormAddress) -> FormSubject:
        if asked.id != NEW:
            raise Refused("NOT_FOUND", f"A story has its form at /edit/{asked.act}/{NEW}.")
        address = asked.request.query_params.get("about") or ""
        show = Show.MAP if address.partition("?")[0] == "/map" else Show.OVERVIEW
        now = {"views[0].address": address, "views[0].show": str(show)}
        return FormSubject(ACTS[asked.act].__name__, now=now)

    def arranged(self, sent: dict[str, str]) -> dict[str, str]:
        return arranged(sent)

    def own_fields(self, sent: Mapping[str, str], vocabulary: Vocabulary) -> Iterable[Field]:
        found = [Field(f"titles.{lang}", f"title-{lang}", "line") for lang in LANGUAGES]
        for number in range(count_of(sent)):
            at = f"views[{number}]."
            found.append(Field(f"{at}address", "view-address", "line"))
            found.append(Field(f"{at}show", "show", "choice", False, _SHOWS, _SHOWS[0]))
            found += [Field(f"{at}texts.{lang}", f"text-{lang}", "area") for lang in LANGUAGES]
        return found

    def new_id(self, sent: Mapping[str, str]) -> str:
        return id_of(sent, self.lang)

    @property
    def entry_id(self) -> str:
        return self.text["id"] or self.act  # without a title, which it is refused for

    def says(self) -> dict[str, Any]:
        titles = [it for it in self.fields if not it.name.startswith("views[")]
        views = [self._view_entry(f"views[{number}].") for number in _filled(self.text)]
        return {"views": views, **values(titles, self.text, self.over)}

    def _view_entry(self, at: str) -> dict[str, Any]:
        """A view as the entry has it; of what is no address of a view the entity is left empty, for
        the API to refuse."""
        texts = {lang: said for lang in LANGUAGES if (said := self.text[f"{at}texts.{lang}"])}
        shown = view_at(self.text[f"{at}address"]) or {"entity": "", "asOf": ""}
        return {**shown, "show": self.text[f"{at}show"], "texts": texts}

    def own_refusals(self) -> Iterable[Refused]:
        return refusals(self.text, self.lang)

    def own_field(self, path: str) -> str | None:
        return super().own_field(field_of(path, self.text, self.lang))

    def recorded_at(self, state: PageAddress, sent: Mapping[str, Any]) -> str:
        return state.link(f"/story/{self.text['id']}")

    async def sentences(self, request: Request, state: PageAddress) -> list[Markup]:
        return await views_told(request, state, self.says()["views"])


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


def id_of(sent: Mapping[str, str], lang: str) -> str:
    """An id that reads like the title, none without one."""
    order = sorted(LANGUAGES, key=lambda each: each != lang)
    titles = [sent.get(f"titles.{each}", "").strip() for each in order]
    return slug(*titles) if any(titles) else ""


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
