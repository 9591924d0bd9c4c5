"""The panels of a page for citing, exporting and embedding what it shows, pinned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode

from markupsafe import escape
from starlette.requests import Request

from api.addresses import PageAddress
from api.export.bibliography import Item, item
from api.export.format import CITED
from api.export.formats import FORMATS, formats_of
from api.export.formats.bibtex import bibtex
from api.export.formats.text import styled
from api.export.node_dates import Row
from api.export.pinned_view import PinnedView, pin
from api.export.views import ExportView, Kind
from api.language.titles import labels_in
from api.rest.site import site_of
from api.web.static import version
from domain.dates import iso_of, today

OWN_ROWS: Final = ("fact", "source", "story")
"""Views whose one row is what is cited."""
ALL: Final[Row] = {"name": None}
"""What a view of the whole record is of."""
DATES: Final = ("issued", "citation_publication_date"), ("accessed", "citation_access_date")


class FileLink(NamedTuple):
    """A file to take; its manifest is at the same address with `&manifest`."""

    name: str
    media_type: str
    address: str


class ViewFiles(NamedTuple):
    """A view that the page shows, as it is called, the files that it comes in, and how many rows
    those have, where the page knows it."""

    label: str
    files: list[FileLink]
    rows: int | None

    def of(self, *names: str) -> list[FileLink]:
        """The files of formats of these names."""
        return [file for file in self.files if file.name in names]

    def but(self, *names: str) -> list[FileLink]:
        """The other files."""
        return [file for file in self.files if file.name not in names]


class PictureFiles(NamedTuple):
    """A picture of what the page shows, by its kind, and HTML that shows it on a page of others."""

    kind: str
    png: str
    svg: str
    html: str


class Embedding(NamedTuple):
    """HTML that shows an answer on a page of others: an element of our script, or a frame, whose
    address is `source`."""

    element: str
    frame: str
    source: str
    questions: list[str]


class CitationPanel(NamedTuple):
    """The citation as a sentence, as BibTeX and as files, then the page's view and its parts."""

    text: str
    bibtex: str
    citations: list[FileLink]
    whole: ViewFiles
    parts: list[ViewFiles]
    metas: list[tuple[str, str]]
    embedding: Embedding | None
    pictures: list[PictureFiles]
    position: int


async def citation_panel(
    request: Request,
    state: PageAddress,
    view: ExportView,
    position: int,
    row: Row = ALL,
    *,
    parts: Sequence[ExportView] = (),
    more: dict[str, str] | None = None,
    rows: Mapping[str, int | None] = MappingProxyType({}),
    pictures: Mapping[str, str] = MappingProxyType({}),
) -> CitationPanel:
    """The panels of a page that shows a view at a position; `more` narrows it. `rows` are how many
    each view has, by its name; `pictures` the paths of those that there are, by their kind.

    `row` is what is cited: the fact, source or story, of any other view whom it is of, by `id` and
    `name`.
    """
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
    one = view if view.name in OWN_ROWS else view._replace(kind=Kind.VIEW)
    asked = await pin(app.access, one, row.get("id"), given, cites=True)
    found = item(asked, row, site)
    pinned = replace(asked, view=view)
    is_itself = one is view or view.kind not in CITED  # else its files cite row by row
    return CitationPanel(
        text=styled(found, state.lang),
        bibtex=bibtex(found).strip(),
        citations=[_file(pinned, name) for name in FORMATS if is_itself and FORMATS[name].cites],
        whole=_part(pinned, view, rows.get(view.name), cites=not is_itself),
        parts=[
            _part(pinned, part, rows.get(part.name), cites=part.kind in CITED) for part in parts
        ],
        metas=list(_metas(found)),
        embedding=_embedding(
            pinned, site, found["title"], [part.name for part in parts if part.question]
        )
        if app.instance.settings.embed
        else None,
        pictures=[
            _picture(pinned, kind, path, site, found["title"]) for kind, path in pictures.items()
        ],
        position=position,
    )


def _embedding(pinned: PinnedView, site: str, title: str, questions: list[str]) -> Embedding | None:
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
        source,
        questions,
    )


def _picture(pinned: PinnedView, kind: str, path: str, site: str, title: str) -> PictureFiles:
    asked = urlencode({**pinned.moment.variables(), "lang": pinned.lang})
    png, svg = f"{path}.png?{asked}", f"{path}.svg?{asked}"
    html = (
        f'<a href="{escape(site + pinned.page())}"><img src="{escape(site + png)}" '
        f'alt="{escape(title)}" width="100%" loading="lazy"></a>'
    )
    return PictureFiles(kind, png, svg, html)


def _part(pinned: PinnedView, view: ExportView, rows: int | None, *, cites: bool) -> ViewFiles:
    """A view with its files, those with citations of its rows among them if it `cites`."""
    plain = replace(pinned, view=view, accessed=None)
    names = [name for name in formats_of(view) if cites or not FORMATS[name].cites]
    called = labels_in(pinned.lang, pinned.vocabulary)
    return ViewFiles(called.view(view.name), [_file(plain, name) for name in names], rows)


def _file(pinned: PinnedView, extension: str) -> FileLink:
    return FileLink(
        FORMATS[extension].name, FORMATS[extension].media_type, pinned.address(extension)
    )


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
