"""/graphiql and /docs: GraphiQL and Swagger UI, served by this host alone."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.web.page_queries import ask
from domain.dates import iso_of, today

HERE: Final = Path(__file__).parent
POLICY: Final = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""GraphiQL sets styles on its elements; scripts come from files of this host only."""


class ToolPage(NamedTuple):
    """A page of a tool: its HTML, the script without which it is not set up, and its files."""

    html: str
    needs: str
    files: dict[str, tuple[str, str]]
    """Name in the address → file and media type."""

    async def page(self, request: Request) -> Response:
        """The page of the tool, 503 where its files are not set up."""
        if (HERE / self.needs).is_file():
            return _answer(_file(self.html), "text/html")
        return _answer(_file("missing.html"), "text/html", 503)

    async def asset(self, request: Request) -> Response:
        """A file of the page."""
        name, media_type = self.files.get(request.path_params["name"], ("", ""))
        if not (HERE / name).is_file():
            raise HTTPException(404)
        return _answer(_file(name), media_type)


GRAPHIQL: Final = ToolPage(
    "graphiql.html",
    "vendor/graphiql.min.js",
    {
        "page.js": ("page.js", "text/javascript"),
        "page.css": ("page.css", "text/css"),
        "react.min.js": ("vendor/react.min.js", "text/javascript"),
        "react-dom.min.js": ("vendor/react-dom.min.js", "text/javascript"),
        "graphiql.min.js": ("vendor/graphiql.min.js", "text/javascript"),
        "graphiql.min.css": ("vendor/graphiql.min.css", "text/css"),
    },
)
DOCS: Final = ToolPage(
    "docs.html",
    "vendor/swagger-ui-bundle.js",
    {
        "page.js": ("docs.js", "text/javascript"),
        "swagger-ui-bundle.js": ("vendor/swagger-ui-bundle.js", "text/javascript"),
        "swagger-ui.css": ("vendor/swagger-ui.css", "text/css"),
    },
)


async def question(request: Request) -> Response:
    """GET /graphiql/question.json: one that this record can answer."""
    return _answer(json.dumps(await _question(request)).encode(), "application/json")


async def _question(request: Request) -> dict[str, Any]:
    """A question about the first coalition, else the first entity, else the log."""
    found = await ask(request, "first", {})
    for name in ("coalition", "entity"):
        for edge in found[name]["edges"]:
            variables = {name: edge["node"]["id"], "asOf": iso_of(today())}
            return {"query": _file(f"question-{name}.graphql").decode(), "variables": variables}
    return {"query": _file("question-log.graphql").decode(), "variables": {}}


def _answer(content: bytes, media_type: str, status: int = 200) -> Response:
    headers = {
        "content-type": f"{media_type}; charset=utf-8",
        "content-security-policy": POLICY,
        "cache-control": "no-cache",
    }
    return Response(content, status, headers)


@cache
def _file(name: str) -> bytes:
    return (HERE / name).read_bytes()
