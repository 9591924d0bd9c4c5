"""What a reader takes along from a page: a citation of it, and what it shows as files, pinned."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode

from markupsafe import escape
from starlette.requests import Request

from api.export.bibliography import bibtex, styled
from api.export.cite import Item
from api.export.formats import CITED, FORMATS, formats_of
from api.export.making import export
from api.export.reading import Pinned
from api.export.views import STATE, Kind, View
from api.rest.site import site_of
from api.web.state import State
from api.web.static import version
from api.web.titles import VIEWS
from domain.dates import iso_of, today

NAMES: Final = {
    "json": "JSON",
    "jsonl": "JSON Lines",
    "csv": "CSV",
    "parquet": "Parquet",
    "geojson": "GeoJSON",
    "ics": "iCalendar",
    "timeline.json": "TimelineJS",
    "prov.json": "PROV-JSON",
    "jsonld": "JSON-LD",
    "ttl": "Turtle",
    "csl.json": "CSL-JSON",
    "ris": "RIS",
    "bib": "BibTeX",
    "txt": "TXT",
}
"""What formats are called, by their extension."""
DATES: Final = ("issued", "citation_publication_date"), ("accessed", "citation_access_date")


class File(NamedTuple):
    """A file to take; its manifest is at the same address with `&manifest`."""

    name: str
    media_type: str
    address: str


class Part(NamedTuple):
    """A view that the page shows, by the name of its label, and the files that it comes in."""

    label: str
    files: list[File]


class Embedding(NamedTuple):
    """HTML that shows an answer on a page of others: an element of our script, or a frame."""

    element: str
    frame: str
    questions: list[str]


class Takeaway(NamedTuple):
    """The citation as a sentence, as BibTeX and as files, then the page's view and its parts."""

    text: str
    bibtex: str
    citations: list[File]
    whole: Part
    parts: list[Part]
    metas: list[tuple[str, str]]
    embedding: Embedding | None


async def takeaway(
    request: Request,
    state: State,
    view: View,
    subject: str | None,
    position: int,
    *,
    parts: Sequence[View] = (),
    more: dict[str, str] | None = None,
) -> Takeaway:
    """What is to be taken from a page that shows a view at a position; `more` narrows it."""
    site = site_of(request)
    given = {
        **(more or {}),
        "asOf": state.as_of or iso_of(today()),
        "knownAt": state.clocks["knownAt"] or "",
        "atPosition": str(position),
        "lang": state.lang,
        "accessed": iso_of(today()),
    }
    app = request.app.state
    one = view if view.name in ("fact", "source") else view._replace(kind=Kind.VIEW)
    made = await export(app.access, one, subject, "csl.json", given, site=site)
    found: Item = json.loads(b"".join([chunk async for chunk in made.chunks()]))[0]
    pinned = replace(made.pinned, view=view)
    is_itself = one is view or view.kind not in CITED  # else its files cite row by row
    return Takeaway(
        text=styled(found, state.lang),
        bibtex=bibtex(found).strip(),
        citations=[_file(pinned, name) for name in FORMATS if is_itself and FORMATS[name].cites],
        whole=_part(pinned, view, cites=not is_itself),
        parts=[_part(pinned, part, cites=part.kind in CITED) for part in parts],
        metas=list(_metas(found)),
        embedding=_embedding(
            pinned, site, found["title"], [part.name for part in parts if part.name in STATE]
        )
        if app.instance.settings.embed
        else None,
    )


def _embedding(pinned: Pinned, site: str, title: str, questions: list[str]) -> Embedding | None:
    """Of the first of some questions that a page answers."""
    if pinned.view.of != "entity" or not questions:
        return None
    moment, of, asked = pinned.moment, pinned.subject, {**pinned.moment.variables()}
    said = {"of": of, "question": questions[0], "as-of": moment.as_of, "known-at": moment.known_at,
            "at-position": moment.position, "lang": pinned.lang}  # fmt: skip
    attributes = " ".join(f'{name}="{escape(value)}"' for name, value in said.items() if value)
    source = (
        f"/embed/e/{quote(of or '')}/{questions[0]}?{urlencode({**asked, 'lang': pinned.lang})}"
    )
    address = escape(f"{site}{pinned.page()}")
    return Embedding(
        f'<script type="module" src="{escape(site)}/static/{version()}/embed.js"></script>\n'
        f'<sijill-view {attributes}><a href="{address}">{escape(title)}</a></sijill-view>',
        f'<iframe src="{escape(site + source)}" title="{escape(title)}" width="100%" height="480" '
        'loading="lazy"></iframe>',
        questions,
    )


def _part(pinned: Pinned, view: View, *, cites: bool) -> Part:
    """A view with its files, those with citations of its rows among them if it `cites`."""
    plain = replace(pinned, view=view, accessed=None)
    names = [name for name in formats_of(view) if cites or not FORMATS[name].cites]
    return Part(VIEWS[view.name], [_file(plain, name) for name in names])


def _file(pinned: Pinned, extension: str) -> File:
    return File(NAMES[extension], FORMATS[extension].media_type, pinned.address(extension))


def _metas(found: Item) -> Iterator[tuple[str, str]]:
    """Names and contents of meta elements, as search engines and Zotero read them."""
    yield "citation_title", found["title"]
    for author in found.get("author", ()):
        yield "citation_author", author["literal"]
    for name in ("publisher", "language"):
        if name in found:
            yield f"citation_{name}", found[name]
    for name, said in DATES:
        date: Any = found.get(name, {})
        if parts := date.get("date-parts", [[]])[0]:
            yield said, "/".join(f"{part:02}" for part in parts)
    if "URL" in found:
        yield "citation_public_url", found["URL"]
