"""The countries of Natural Earth (world-atlas, TopoJSON) as outlines to draw, by ISO 3166 code.

tools/world.py draws the world once, at set-up: a page shows a country by `<use>` of the file.
`region` gives the outlines in a box of a few degrees, finer, for a map of places.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple
from xml.etree import ElementTree

from babel.core import get_global

WORLD: Final = "world.svg"
SVG_NAMES: Final = "{http://www.w3.org/2000/svg}"
WITHOUT_CODE: Final = {"Kosovo": "XK"}

Place = tuple[float, float]
"""Longitude and latitude, in degrees."""
Ring = list[Place]


class Box(NamedTuple):
    """A stretch of the globe, in degrees."""

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def of(cls, ring: Ring) -> Box:
        """The bounds of a ring."""
        xs, ys = [x for x, _ in ring], [y for _, y in ring]
        return cls(min(xs), min(ys), max(xs), max(ys))

    def meets(self, other: Box) -> bool:
        return (
            self.west <= other.east
            and other.west <= self.east
            and self.south <= other.north
            and other.south <= self.north
        )

    @property
    def middle(self) -> Place:
        return (self.west + self.east) / 2, (self.south + self.north) / 2


class Country(NamedTuple):
    """A country: the rings of its outline and their bounds; `code` is "" where there is none."""

    code: str
    rings: list[Ring]
    bounds: list[Box]

    @classmethod
    def of(cls, code: str, rings: list[Ring]) -> Country:
        return cls(code, rings, [Box.of(ring) for ring in rings])

    @property
    def mainland(self) -> Box:
        """The bounds of the ring with the most places."""
        return max(zip(self.rings, self.bounds, strict=True), key=lambda each: len(each[0]))[1]


@cache
def world_shapes(path: Path) -> dict[str, str]:
    """The countries of a drawing of the world as elements of SVG, by code; "" is all the land."""
    drawing = ElementTree.parse(path).getroot()
    names = {SVG_NAMES + "path": ("d",), SVG_NAMES + "circle": ("cx", "cy", "r")}
    found: dict[str, str] = {}
    for shape in drawing.iter():
        if shape.tag in names and (code := shape.get("id")):
            given = " ".join(f'{name}="{shape.get(name)}"' for name in names[shape.tag])
            found[code] = f"{shape.tag.removeprefix(SVG_NAMES)} {given}"
    land = "".join(shape.get("d", "") for shape in drawing.iter(SVG_NAMES + "path"))
    return {**found, "": f'path d="{land}"'}


@cache
def outlines(path: Path) -> tuple[Country, ...]:
    """The countries of a file, kept."""
    return tuple(_countries(path))


def region(countries: Iterable[Country], box: Box) -> list[Country]:
    """What of the countries lies within a box."""
    found = []
    for country in countries:
        rings = [
            clipped
            for ring, bounds in zip(country.rings, country.bounds, strict=True)
            if bounds.meets(box) and len(clipped := _clip(ring, box)) > 2
        ]
        if rings:
            found.append(Country.of(country.code, rings))
    return found


def _countries(path: Path) -> list[Country]:
    """https://github.com/topojson/topojson-specification: arcs are chains of differences."""
    topology = json.loads(path.read_text())
    (kx, ky), (dx, dy) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs: list[Ring] = []
    for arc in topology["arcs"]:
        x = y = 0
        line = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            line.append((x * kx + dx, y * ky + dy))
        arcs.append(line)
    return [
        Country.of(
            _code(shape),
            [piece for ring in _rings(shape) for piece in _cut(_ring(arcs, ring))],
        )
        for shape in topology["objects"]["countries"]["geometries"]
    ]


def _code(shape: dict[str, Any]) -> str:
    aliases: dict[str, list[str]] = get_global("territory_aliases")  # type: ignore[assignment]
    codes = aliases.get(shape.get("id", ""), [])
    return codes[0] if codes else WITHOUT_CODE.get(shape["properties"]["name"], "")


def _rings(shape: dict[str, Any]) -> list[list[int]]:
    polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
    return [ring for polygon in polygons for ring in polygon]


def _ring(arcs: Sequence[Ring], indexes: Iterable[int]) -> Ring:
    ring: Ring = []
    for index in indexes:
        line = arcs[index] if index >= 0 else arcs[~index][::-1]
        ring.extend(line[1:] if ring else line)
    return ring


def _cut(ring: Ring) -> list[Ring]:
    """The pieces of a ring that may cross the 180th meridian."""
    turn, before, unrolled = 0, ring[0][0], []
    for x, y in ring:
        turn += -360 if x - before > 180 else 360 if x - before < -180 else 0
        before = x
        unrolled.append((x + turn, y))
    if not any(abs(x) > 180 for x, _ in unrolled):
        return [ring]
    pieces = []
    for shift in (-360, 0, 360):
        moved = [(x + shift, y) for x, y in unrolled]
        pieces.append(_clip(moved, Box(-180, -90, 180, 90)))
    return [piece for piece in pieces if len(piece) > 2]


def _clip(ring: Ring, box: Box) -> Ring:
    """Sutherland and Hodgman: one side of the box after the other."""
    for axis, bound, sign in (
        (0, box.west, 1),
        (0, box.east, -1),
        (1, box.south, 1),
        (1, box.north, -1),
    ):
        kept: Ring = []
        for before, here in zip([*ring[-1:], *ring[:-1]], ring, strict=True):
            inside = (here[axis] - bound) * sign >= 0
            if inside != ((before[axis] - bound) * sign >= 0):
                share = (bound - before[axis]) / (here[axis] - before[axis])
                kept.append(
                    (
                        before[0] + share * (here[0] - before[0]),
                        before[1] + share * (here[1] - before[1]),
                    )
                )
            if inside:
                kept.append(here)
        ring = kept
    return ring
