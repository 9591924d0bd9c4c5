"""/robots.txt and /sitemap.xml: where search engines may go, and every page that they may list."""

from __future__ import annotations

from functools import partial
from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import LANGUAGES, PageAddress, whole
from api.rest.site import site_of
from api.web.page_queries import point_of, read
from api.web.render import environment, sent, takes
from domain.errors import Refused
from domain.point import Point
from projections import view_rows
from projections.sitemap import addresses, total

PART: Final = 10_000
"""Entities and sources of a part: each has an address in each language, of 50,000 at most."""
MOST: Final = 1_000_000
FIXED: Final = (
    *("/", "/browse", "/entities", "/sources", "/facts", "/map", "/log", "/vocabulary", "/guide"),
    "/stories",
)
"""Pages of every record."""
ROBOTS: Final = """\
User-agent: *
Disallow: /edit
Disallow: /import
Disallow: /graphql
Disallow: /search.json
Disallow: /log/proof/
Disallow: /e/*/rectangles
Disallow: /e/*/density

Sitemap: {site}/sitemap.xml
"""
XML: Final = "application/xml; charset=utf-8"


async def robots(request: Request, state: PageAddress) -> Response:
    """GET /robots.txt (RFC 9309)"""
    text = ROBOTS.format(site=site_of(request))
    return await sent(request, text.encode, "text/plain; charset=utf-8")


@takes("part")
async def sitemap(request: Request, state: PageAddress) -> Response:
    """GET /sitemap.xml; of a large record the index of its parts: `part` is the number of one"""
    part = _part(request.query_params.get("part", ""))
    point = await point_of(request, state)
    number, found = await read(request, partial(_found, part=part, point=point))
    fixed = FIXED if part in (None, 1) else ()
    paths = [*fixed, *(whole(f"/{step}/{quote(id_, safe=':')}") for step, id_ in found)]
    template = environment(state.lang).get_template("sitemap.xml")
    site = site_of(request)

    def made() -> bytes:
        parts = range(1, number + 1) if part is None and number > 1 else ()
        text = template.render(site=site, paths=paths, parts=parts, languages=LANGUAGES)
        return text.encode()

    return await sent(request, made, XML)


def _found(
    connection: view_rows.Connection, *, part: int | None, point: Point
) -> tuple[int, list[tuple[str, str]]]:
    """How many parts there are, and what is in the one asked for, if it is not the index of more.
    Refused(NOT_FOUND)."""
    parts = max(1, -(-total(connection, point, MOST) // PART))
    if part is None and parts > 1:
        return parts, []
    if part is not None and part > parts:
        raise Refused("NOT_FOUND", f"The sitemap has {parts} parts.", field="part")
    return parts, addresses(connection, point, ((part or 1) - 1) * PART, PART)


def _part(text: str) -> int | None:
    if not text:
        return None
    if text.isascii() and text.isdigit() and 0 < len(text) < 7 and int(text) > 0:
        return int(text)
    raise Refused("BAD_VALUE", f"{text[:20]!a} is no part: write a number from 1.", field="part")
