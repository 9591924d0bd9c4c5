"""Draws the map of the world that pages show, from the outlines of Natural Earth, at set-up."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

from api.web.atlas import WORLD, Country, Place, outlines

WIDTH: Final = 2000
TOP: Final = 20
HEIGHT: Final = 860
"""Of the drawing, in its own units; what lies below is Antarctica, and is left out."""
DOT: Final = 7
"""Radius of a country too small for the world's outlines."""


def write_world(folder: Path) -> None:
    """Draw the world from the outlines in a folder, beside them."""
    coarse = outlines(folder / "countries-110m.json")
    fine = outlines(folder / "countries-50m.json")
    known = {country.code for country in coarse}
    paths = "".join(
        f'<path{f" id={chr(34)}{c.code}{chr(34)}" if c.code else ""} d="{_outline(c)}"/>'
        for c in coarse
        if c.code != "AQ"
    )
    dots = "".join(_dot(country) for country in fine if country.code not in known)
    (folder / WORLD).write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 {TOP} {WIDTH} {HEIGHT}">'
        f'<g id="world">{paths}</g>{dots}</svg>'
    )


def projected(place: Place) -> tuple[int, int]:
    """Where a place is on the drawing of the world, by the Natural Earth projection.

    https://doi.org/10.3138/carto.46.1.4 has the polynomials.
    """
    longitude, latitude = (math.radians(degrees) for degrees in place)
    p2 = latitude * latitude
    p4 = p2 * p2
    x = longitude * (
        0.8707 - 0.131979 * p2 + p4 * (-0.013791 + p4 * (0.003971 * p2 - 0.001529 * p4))
    )
    y = latitude * (1.007226 + p2 * (0.015085 + p4 * (-0.044475 + 0.028874 * p2 - 0.005916 * p4)))
    scale = WIDTH / (2 * math.pi * 0.8707)
    return round(WIDTH / 2 + x * scale), round(520 - y * scale)


def _outline(country: Country) -> str:
    parts = []
    for ring in country.rings:
        points = [projected(place) for place in ring]
        (x, y), steps = points[0], []
        for px, py in points[1:-1]:
            if (px, py) != (x, y):
                steps.append(f"{px - x} {py - y}")
                x, y = px, py
        parts.append(f"M{points[0][0]} {points[0][1]}l{' '.join(steps)}z".replace(" -", "-"))
    return "".join(parts)


def _dot(country: Country) -> str:
    if not country.code:
        return ""
    x, y = projected(country.mainland.middle)
    return f'<circle id="{country.code}" cx="{x}" cy="{y}" r="{DOT}"/>'
