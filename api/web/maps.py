"""Maps: the world with the countries that hold something, and a region with places in it.

The world's outlines are a file that pages share; a region is drawn into its page, from finer ones.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from api.language.words import Words
from api.web import atlas
from api.web.atlas import Box, Country

OUTLINES: Final = Path(__file__).with_name("vendor") / "countries-50m.json"
WIDTH: Final = 600
MARGIN: Final = 1.2
"""Degrees left round the places."""
LEAST: Final = 4.0
"""Degrees that a region is wide and high at least."""
EXACT: Final = 10_000
"""Metres up to which a place is a point; beyond, a ring as wide as it is inexact."""
METRES_A_DEGREE: Final = 111_320
LETTER: Final = 6.4
"""About how wide a letter of a label is."""


class Marker(NamedTuple):
    """A place on a map of a region, in the map's units; `ring` is 0 for a point."""

    id: str
    name: str
    x: float
    y: float
    ring: float
    standing: str
    contested: bool
    fact: str | None
    label: str


class Region(NamedTuple):
    """A map of a region: outlines with the names of countries, and places."""

    width: int
    height: int
    outlines: list[tuple[str, str]]
    countries: list[tuple[float, float, str]]
    markers: list[Marker]


def region(rows: Iterable[Mapping[str, Any]], spoken: Words) -> Region | None:
    """The map of the rows that have a place; None if no row has, or the outlines are missing."""
    placed = [row for row in rows if row["it"]["location"]]
    if not placed or not OUTLINES.is_file():
        return None
    box = _box([row["it"]["location"] for row in placed])
    draw = _Drawing(box)
    shapes = atlas.region(atlas.outlines(OUTLINES), box)
    markers: list[Marker] = []
    for row in placed:
        markers.append(draw.marker(row, markers))
    return Region(
        WIDTH,
        draw.height,
        [(shape.code, draw.path(shape)) for shape in shapes],
        [
            (*draw.at(*shape.mainland.middle), spoken.territory(shape.code))
            for shape in shapes
            if shape.code and _spans(shape, box)
        ],
        markers,
    )


def _box(places: list[dict[str, Any]]) -> Box:
    lons, lats = [p["lon"] for p in places], [p["lat"] for p in places]
    wide = max((LEAST - (max(lons) - min(lons))) / 2, MARGIN)
    high = max((LEAST * 0.6 - (max(lats) - min(lats))) / 2, MARGIN)
    return Box(
        max(-180, min(lons) - wide),
        max(-85, min(lats) - high),
        min(180, max(lons) + wide),
        min(85, max(lats) + high),
    )


def _spans(shape: Country, box: Box) -> bool:
    """Whether a country takes up enough of a box to have its name there."""
    west, south, east, north = shape.mainland
    return east - west > (box.east - box.west) / 7 and north - south > (box.north - box.south) / 7


class _Drawing:
    """Degrees → the map's units: equirectangular, true at the box's middle latitude."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.narrowing = math.cos(math.radians((box.south + box.north) / 2))
        self.scale = WIDTH / ((box.east - box.west) * self.narrowing)
        self.height = round((box.north - box.south) * self.scale)

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        return (
            round((lon - self.box.west) * self.narrowing * self.scale, 1),
            round((self.box.north - lat) * self.scale, 1),
        )

    def path(self, shape: Country) -> str:
        parts = []
        for ring in shape.rings:
            points = " ".join(f"{x:g} {y:g}" for x, y in (self.at(*place) for place in ring))
            parts.append(f"M{points}z")
        return "".join(parts)

    def marker(self, row: Mapping[str, Any], before: list[Marker]) -> Marker:
        it = row["it"]
        place = it["location"]
        x, y = self.at(place["lon"], place["lat"])
        metres = place["precisionM"] or 0
        ring = 0 if metres <= EXACT else round(metres / METRES_A_DEGREE * self.scale, 1)
        fact = row["facts"][0]["id"] if row["facts"] else None
        made = Marker(
            it["id"], it["name"], x, y, ring, row["standing"], row["contested"], fact, "after"
        )
        for label in ("after", "before", ""):
            made = made._replace(label=label)
            if not label or (self._fits(made) and not any(_touch(made, each) for each in before)):
                break
        return made

    def _fits(self, marker: Marker) -> bool:
        left, right = _extent(marker)
        return left >= 0 and right <= WIDTH


def _extent(marker: Marker) -> tuple[float, float]:
    """How far a marker goes with its label, from left to right."""
    wide = len(marker.name) * LETTER + 12
    if marker.label == "after":
        return marker.x - 6, marker.x + wide
    if marker.label == "before":
        return marker.x - wide, marker.x + 6
    return marker.x - 6, marker.x + 6


def _touch(one: Marker, other: Marker) -> bool:
    (a, b), (c, d) = _extent(one), _extent(other)
    return abs(one.y - other.y) < 15 and a < d and c < b
