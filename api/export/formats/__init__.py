"""The formats by their extension. A new one is a module here and its name in `_MODULES`."""

from __future__ import annotations

from typing import Final

from api.export.format import CITED, Format
from api.export.formats import (
    bibtex,
    csl_json,
    csv,
    geojson,
    icalendar,
    json,
    json_ld,
    json_lines,
    parquet,
    prov_json,
    ris,
    text,
    timelinejs,
    turtle,
)
from api.export.views import ALL_FACTS, OF_RECORD, ExportView, Kind
from domain.errors import Refused

_MODULES: Final = (
    json, json_lines, csv, parquet, geojson, icalendar, timelinejs, prov_json, json_ld, csl_json,
    ris, bibtex, text, turtle,
)  # fmt: skip

FORMATS: Final[dict[str, Format]] = {each.FORMAT.extension: each.FORMAT for each in _MODULES}
EXTENSIONS: Final = sorted(FORMATS, key=len, reverse=True)
"""The longest first: `x.prov.json` is a prov.json."""


def format_of(view: ExportView, extension: str) -> tuple[ExportView, Format]:
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


def formats_of(view: ExportView) -> list[str]:
    """The extensions of the formats that a view comes in."""
    if view == OF_RECORD["record"]:
        return list(FORMATS)
    return [name for name, each in FORMATS.items() if view.kind in each.kinds]
