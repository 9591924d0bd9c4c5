"""/card.png?page=PATH: the title and the description of a page, as the picture of its preview."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import unquote, urlencode

from selectolax.lexbor import LexborHTMLParser
from starlette.requests import Request
from starlette.routing import compile_path

from api.addresses import PageAddress
from api.language.words import Words, words
from api.web.pages.pictures import PNG, SVG, Drawing, picture
from api.web.picture_frame import INK, INK_2, LEAST, SIDE, WIDTH, TextLine, broken, line_of
from api.web.render import Page, page, takes
from domain.errors import Refused

LONGEST: Final = 2_000
"""Characters of a page's address."""
PASSED: Final = {b"host"}
"""Headers that the page is asked with: it is nobody's in particular."""
HEIGHT: Final = LEAST - 90
SITE: Final = " · "
"""What stands before the name of the site in a title."""


def cards(pages: Mapping[str, Page]) -> dict[str, Page]:
    """The pictures of previews of pages."""
    shown = {
        compile_path(path)[0]: page(asked)
        for path, asked in pages.items()
        if not path.endswith((".svg", ".png", ".atom", ".xml", ".txt"))
    }

    async def card(request: Request, state: PageAddress) -> Drawing:
        """GET /card.svg and .png: a page's title and description; `page` is its path and query"""
        given = request.query_params.get("page", "/")
        path, _, query = given.partition("?")
        path = unquote(path)
        found = next(
            ((endpoint, match) for form, endpoint in shown.items() if (match := form.match(path))),
            None,
        )
        if found is None or len(given) > LONGEST:
            raise Refused("NOT_FOUND", f"There is no page {given[:80]!a}.", field="page")
        endpoint, match = found
        clocks = urlencode({**state.asked, "lang": state.lang})
        scope = {
            **request.scope,
            "path": path,
            "raw_path": path.encode(errors="replace"),
            "query_string": "&".join(filter(None, (query, clocks))).encode(errors="replace"),
            "path_params": match.groupdict(),
            "headers": [each for each in request.scope["headers"] if each[0] in PASSED],
        }
        answer = await endpoint(Request(scope, request.receive))
        if answer.status_code != 200:
            raise Refused("NOT_FOUND", f"The page {given[:80]!a} has no answer.", field="page")
        told = LexborHTMLParser(bytes(answer.body))
        title, description = told.css_first("title"), told.css_first("meta[name=description]")
        if title is None or description is None:
            raise Refused("NOT_FOUND", f"{given[:80]!a} is no page.", field="page")
        name = title.text().strip()
        name = name.rpartition(SITE)[0] or name
        lines = list(_lines(name, description.attributes["content"] or "", words(state.lang)))
        return Drawing("card", name, "", None, state.at_position, [], HEIGHT, None, lines)

    return {
        f"/card.{extension}": takes("page")(picture(card, media_type))
        for extension, media_type in (("svg", SVG), ("png", PNG))
    }


def _lines(title: str, description: str, spoken: Words) -> Iterator[TextLine]:
    y = 60.0
    for text, size, weight, most, fill in (
        (title, 56, 600, 3, INK),
        (description, 30, 400, 6, INK_2),
    ):
        for line in broken(text, WIDTH - 2 * SIDE, size, most):
            y += round(size * 1.3)
            yield line_of(SIDE, y - size * 0.4, line, spoken, size, weight, fill)
        y += 24
