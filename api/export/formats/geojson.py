"""GeoJSON (RFC 7946): a feature for each row, at the place of what it is about.

`precisionM` is the radius in metres within which the place lies; what has no place has a null
geometry. A fact has a feature for each of its subjects that has a place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from api.export.columns import COLUMNS
from api.export.format import DATED, Format
from api.export.json_text import listed
from api.export.pinned_view import PinnedView
from api.export.reader import Row, ViewReader
from api.export.views import Kind


def write(pinned: PinnedView, base: str, rows: ViewReader) -> Iterator[bytes]:
    kind = pinned.view.kind
    yield b'{"type":"FeatureCollection","features":['
    yield from listed([each for row in batch for each in _features(kind, row)] for batch in rows)
    yield b"]}\n"


def _features(kind: Kind, row: Row) -> Iterator[dict[str, Any]]:
    said = {column.name: column.get(row) for column in COLUMNS[kind]}
    if kind is not Kind.FACT:
        yield _feature(row["entity"] if kind is Kind.HELD else row, said)
        return
    placed = [each for each in row["subjects"] if each["entity"]["location"]]
    for each in placed:
        yield _feature(each["entity"], {**said, "key": each["key"]})
    if not placed:
        yield _feature({"location": None}, said)


def _feature(entity: Row, said: Row) -> dict[str, Any]:
    place = entity["location"]
    at = place and {"type": "Point", "coordinates": [place["lon"], place["lat"]]}
    about = {"entity": entity["id"], "precisionM": place["precisionM"]} if place else {}
    return {"type": "Feature", "geometry": at or None, "properties": {**said, **about}}


FORMAT: Final = Format(
    extension="geojson",
    name="GeoJSON",
    media_type="application/geo+json",
    kinds=DATED | {Kind.ENTITY},
    write=write,
    opens_in="maps; `precisionM` is the radius of what is known",
)
