"""/docs: the HTTP API by its OpenAPI document, in Swagger UI from this host alone."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.web.graphiql import file_answer

HERE: Final = Path(__file__).parent
ASSETS: Final = {
    "page.js": ("docs.js", "text/javascript"),
    "swagger-ui-bundle.js": ("vendor/swagger-ui-bundle.js", "text/javascript"),
    "swagger-ui.css": ("vendor/swagger-ui.css", "text/css"),
}
"""Name in the address → file and media type."""


async def page(request: Request) -> Response:
    """GET /docs"""
    is_there = (HERE / "vendor/swagger-ui-bundle.js").is_file()
    name = "docs.html" if is_there else "missing.html"
    return file_answer(name, "text/html", 200 if is_there else 503)


async def asset(request: Request) -> Response:
    """GET /docs/{name}"""
    found = ASSETS.get(request.path_params["name"])
    if found is None or not (HERE / found[0]).is_file():
        raise HTTPException(404)
    return file_answer(*found)
