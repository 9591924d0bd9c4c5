"""The formats by their extension: media type, what they can carry, and who writes them.

A writer turns pages of rows into bytes: `begin`, `rows` for each page, `end`. The same rows always
give the same bytes. A format that needs a library loads it when it is first written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any, Final, NamedTuple, Protocol

from api.export.reading import Pinned, Row
from api.export.views import ALL_FACTS, OF_RECORD, Kind, View
from domain.errors import Refused


class Writer(Protocol):
    """Writes one export."""

    def begin(self) -> bytes: ...
    def rows(self, rows: Sequence[Row]) -> bytes: ...
    def end(self, counts: Mapping[str, Any]) -> Iterable[bytes]: ...


class Format(NamedTuple):
    """`writer` is a module of this package and a class in it; `needs_facts` is whether what is held
    must come with its facts whole; `cites` is whether it has citations: of facts and sources one
    for each, of any other view one of the view itself; `says` is what a reader should know of it.
    """

    extension: str
    media_type: str
    writer: str
    kinds: frozenset[Kind]
    needs_facts: bool = False
    cites: bool = False
    says: str | None = None

    def make(self, pinned: Pinned, base: str) -> Writer:
        """A writer of this export; `base` is what addresses in it begin with, "" for none."""
        module, name = self.writer.split(".")
        made: Callable[[Pinned, str], Writer] = getattr(import_module(f"api.export.{module}"), name)
        return made(pinned, base)


_ANY: Final = frozenset(Kind)
_ALL: Final = _ANY - {Kind.VIEW}
_DATED: Final = frozenset({Kind.HELD, Kind.FACT})
_PLACED: Final = frozenset({Kind.HELD, Kind.FACT, Kind.ENTITY})
CITED: Final = frozenset({Kind.FACT, Kind.SOURCE})
"""What is cited row by row."""
_LINKED: Final = frozenset({Kind.HELD, Kind.FACT, Kind.SOURCE, Kind.ENTITY})

GUARD_SAYS: Final = (
    "For spreadsheets: a cell of text that begins with = + - @ ' a tab or a line end has an "
    "apostrophe put before it. Take one leading apostrophe away to have the text as it is; JSON "
    "Lines and Parquet have it so."
)
RECORD_SAYS: Final = (
    "A record file: importing it into an empty record gives the same answers, with positions in "
    "the same order but counted anew. Not carried: who recorded each entry and when (see the same "
    "export as .json, .csv or .parquet); so recordedAt means the time of the import, and a source "
    "without a date of publication is known from that day on."
)

FORMATS: Final = {
    each.extension: each
    for each in (
        Format("json", "application/json", "lines.Json", _ALL),
        Format("jsonl", "application/jsonl", "lines.JsonLines", _ALL),
        Format("csv", "text/csv", "tables.Csv", _ALL, says=GUARD_SAYS),
        Format("parquet", "application/vnd.apache.parquet", "parquet.Parquet", _ALL),
        Format("geojson", "application/geo+json", "places.GeoJson", _PLACED),
        Format("ics", "text/calendar", "calendar.Calendar", _DATED),
        Format("timeline.json", "application/json", "timeline.Timeline", _DATED,
               says="For TimelineJS 3, which shows its texts as HTML: so they are escaped."),
        Format("prov.json", "application/json", "prov.Prov", _LINKED, needs_facts=True),
        Format("jsonld", "application/ld+json", "graph.JsonLd", _LINKED, needs_facts=True),
        Format("csl.json", "application/vnd.citationstyles.csl+json", "cite.Csl", _ANY, cites=True),
        Format("ris", "application/x-research-info-systems", "cite.Ris", _ANY, cites=True),
        Format("bib", "application/x-bibtex", "bibliography.BibTeX", _ANY, cites=True),
        Format("txt", "text/plain", "bibliography.Text", _ANY, cites=True),
        Format("ttl", "text/turtle", "graph.Turtle", _LINKED, needs_facts=True),
    )
}  # fmt: skip
EXTENSIONS: Final = sorted(FORMATS, key=len, reverse=True)
"""The longest first: `x.prov.json` is a prov.json."""


def format_of(view: View, extension: str) -> tuple[View, Format]:
    """The format of an extension, and the view in it. Refused(UNKNOWN_FORMAT).

    The whole record is its log where a format has rows or lines, else its facts.
    """
    found = FORMATS.get(extension)
    if found is not None and view == OF_RECORD["record"] and Kind.EVENT not in found.kinds:
        view = ALL_FACTS
    if found is None or view.kind not in found.kinds:
        offered = ", ".join(formats_of(view))
        raise Refused(
            "UNKNOWN_FORMAT",
            f"{view.name} does not come as {extension[:20]!a}; it comes as {offered}.",
            field="format",
        )
    if found.cites and view.kind not in CITED:
        view = view._replace(kind=Kind.VIEW)
    return view, found


def formats_of(view: View) -> list[str]:
    """The extensions of the formats that a view comes in."""
    if view == OF_RECORD["record"]:
        return list(FORMATS)
    return [name for name, each in FORMATS.items() if view.kind in each.kinds]


def notes_on(view: View, made: Format) -> list[str]:
    """What a reader of an export should know of it."""
    notes = [made.says] if made.says else []
    if made.extension == "jsonl" and view == OF_RECORD["record"]:
        notes.append(RECORD_SAYS)
    return notes
