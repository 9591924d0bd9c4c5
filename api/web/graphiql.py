"""The GraphiQL page: served by this host alone, with a question that this record can answer."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

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

ASSETS: Final = {
    "page.js": ("page.js", "text/javascript"),
    "page.css": ("page.css", "text/css"),
    "react.min.js": ("vendor/react.min.js", "text/javascript"),
    "react-dom.min.js": ("vendor/react-dom.min.js", "text/javascript"),
    "graphiql.min.js": ("vendor/graphiql.min.js", "text/javascript"),
    "graphiql.min.css": ("vendor/graphiql.min.css", "text/css"),
}
"""Name in the address → file and media type."""


async def page(request: Request) -> Response:
    """GET /graphiql"""
    name = "graphiql.html" if (HERE / "vendor/graphiql.min.js").is_file() else "missing.html"
    return file_answer(name, "text/html", 200 if name == "graphiql.html" else 503)


async def asset(request: Request) -> Response:
    """GET /graphiql/{name}"""
    if request.path_params["name"] == "question.json":
        return _answer(json.dumps(await _question(request)).encode(), "application/json")
    found = ASSETS.get(request.path_params["name"])
    if found is None or not (HERE / found[0]).is_file():
        raise HTTPException(404)
    return file_answer(*found)


async def _question(request: Request) -> dict[str, Any]:
    """A question about the first coalition, else the first entity, else the log."""
    found = await ask(request, "first", {})
    for name in ("coalition", "entity"):
        for edge in found[name]["edges"]:
            variables = {name: edge["node"]["id"], "asOf": iso_of(today())}
            return {"query": _file(f"question-{name}.graphql").decode(), "variables": variables}
    return {"query": _file("question-log.graphql").decode(), "variables": {}}


def file_answer(name: str, media_type: str, status: int = 200) -> Response:
    """A file of this folder."""
    return _answer(_file(name), media_type, status)


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
