"""What a client takes, by its Accept headers and their weights (RFC 9110, section 12.5)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from starlette.requests import Request

_WEIGHT: Final = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")
MOST: Final = 50
"""Parts of a header that are read."""


@lru_cache(maxsize=256)
def weights(header: str) -> dict[str, float]:
    """By name, in small letters, how much it is wanted: 1 if nothing is said, 0 for not at all, or
    for a weight that is none. Of a name that comes twice the first counts."""
    found: dict[str, float] = {}
    for part in header.split(",")[:MOST]:
        name, *parameters = (word.strip().lower() for word in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                value = value.strip()
                weight = float(value) if _WEIGHT.fullmatch(value) else 0.0
        if name:
            found.setdefault(name, weight)
    return found


def takes_gzip(accept_encoding: str | None) -> bool:
    """Whether a client that sends this Accept-Encoding wants content compressed."""
    wanted = weights(accept_encoding or "")
    return wanted.get("gzip", wanted.get("x-gzip", wanted.get("*", 0.0))) > 0


@lru_cache(maxsize=256)
def media_type_of(accept: str | None, offered: tuple[str, ...]) -> str | None:
    """The one of some media types that a client wants most, None if it takes none of them. Of those
    that it wants alike, the one that it names first, then the one offered first."""
    wanted = weights(accept or "*/*")
    order = list(wanted)
    best: tuple[float, int] | None = None
    chosen = None
    for each in offered:
        ranges = (each, f"{each.partition('/')[0]}/*", "*/*")  # what is named more closely counts
        named = next((name for name in ranges if name in wanted), None)
        if named is not None and wanted[named] > 0:
            found = wanted[named], -order.index(named)
            if best is None or found > best:
                best, chosen = found, each
    return chosen


def takes_html(request: Request) -> bool:
    """Whether a client asks for a page by name, as browsers do."""
    return weights(request.headers.get("accept", "")).get("text/html", 0.0) > 0
