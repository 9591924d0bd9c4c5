"""Every path and what answers it. All but GraphQL's are described by /openapi.json."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import cache
from pathlib import PurePosixPath
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from api.export.formats import FORMATS
from api.graphql.http import graphql
from api.reconciliation import service as reconciliation
from api.rest import document_download, export, health, schemas, transparency
from api.rest.metrics import metrics
from api.rest.query_parameters import Endpoint
from api.rest.responses import answer
from api.rest.schemas import FAILURES, UNCHANGED
from api.web import tool_pages
from api.web.editing.pages import EDITS
from api.web.importing.import_page import IMPORTS
from api.web.pages import PAGES, browse, search
from api.web.render import page
from api.web.static import static

GRAPHQL: Final = "/graphql"


def _of(description: str, *media_types: str) -> dict[str, Any]:
    return {"description": description, "content": {each: {} for each in media_types}}


_PAGE: Final = _of("A page.", "text/html")
_TEXT: Final = _of("Text.", "text/plain")
_JSON: Final = _of("A JSON document.", "application/json")
_BYTES: Final = _of("Bytes.", "application/octet-stream")
_SCRIPTS: Final = _of("A file of a page.", "text/javascript", "text/css", "application/json")
_STATIC: Final = _of(
    "A file of a page.", "text/javascript", "text/css", "image/svg+xml", "font/woff2"
)
_EXPORT: Final = _of("The view in the format.", *{each.media_type for each in FORMATS.values()})
_DOCUMENT: Final = _of("The document.", *document_download.SUFFIXES)
_NO_PAGES: Final = {
    ".svg": _of("A picture.", "image/svg+xml"),
    ".png": _of("A picture.", "image/png"),
    ".atom": _of("A feed.", "application/atom+xml"),
    ".xml": _of("A sitemap.", "application/xml"),
    ".txt": _TEXT,
}
"""What paths below the pages' answer with that end so."""
_SEEN: Final[dict[int | str, dict[str, Any]]] = {303: {"description": "The page is elsewhere."}}
_SAID: Final = schemas.DESCRIBED
_CLOCKS: Final = {**schemas.CLOCKS, **schemas.LANGUAGE}


def _add(
    router: APIRouter,
    path: str,
    endpoint: Endpoint,
    *parameters: Mapping[str, str],
    ok: dict[str, Any] = _PAGE,
    methods: tuple[str, ...] = (),
    more: dict[int | str, dict[str, Any]] = UNCHANGED,
    tag: str = "pages",
) -> None:
    """A path by GET, described, and by HEAD; `methods` are further ones, described too."""
    summary = (endpoint.__doc__ or path).strip().splitlines()[0]
    router.add_route(path, endpoint, methods=["HEAD"])  # models would double the start's time
    for method in ("GET", *methods):
        router.add_api_route(
            path,
            endpoint,
            methods=[method],
            response_class=Response,
            responses={**FAILURES, 200: ok, **more},
            summary=summary,
            operation_id=f"{method.lower()} {path}",
            tags=[tag],
            openapi_extra={"parameters": schemas.parameters(path, *parameters)},
        )


def _files(router: APIRouter) -> None:
    _add(
        router, export.ROUTE, export.exported, _CLOCKS, schemas.FIRST_POINT, _SAID["narrowing"],
        ok=_EXPORT, tag="files",
    )  # fmt: skip
    hidden = {"model": schemas.Errors, "description": "It may not be shown."}
    _add(
        router, "/document/{sha256}", document_download.document,
        ok=_DOCUMENT, more={**UNCHANGED, 403: hidden}, tag="files",
    )  # fmt: skip


def _log(router: APIRouter) -> None:
    _add(router, "/log/checkpoint", transparency.checkpoint, ok=_TEXT, tag="log")
    _add(router, "/log/vkey", transparency.vkey, ok=_TEXT, tag="log")
    _add(router, "/log/tile/{path:path}", transparency.tile, ok=_BYTES, tag="log")
    _add(router, "/log/proof/fact/{id}", transparency.proof_of("fact"), ok=_TEXT, tag="log")
    _add(router, "/log/proof/story/{id}", transparency.proof_of("story"), ok=_TEXT, tag="log")
    _add(router, "/log/proof/answer", transparency.proof_of_answer, schemas.CLOCKS,
         _SAID["answer_proof"], ok=_JSON, tag="log")  # fmt: skip


def _service(router: APIRouter) -> None:
    ready = {"model": schemas.Ready, "description": "Whether the answers are up to date."}
    _add(router, "/health/live", health.live, ok={"model": schemas.Live}, tag="service")
    _add(router, "/health/ready", health.ready, ok=ready, more={503: ready}, tag="service")
    _add(router, "/metrics", metrics, ok=_TEXT, tag="service")
    _add(router, "/graphiql/question.json", tool_pages.question, ok=_JSON, tag="service")
    for path, tool in (("/docs", tool_pages.DOCS), ("/graphiql", tool_pages.GRAPHIQL)):
        _add(router, path, tool.page, tag="service")
        _add(router, f"{path}/{{name}}", tool.asset, ok=_SCRIPTS, tag="service")
    _add(router, "/static/{version}/{name}", static, ok=_STATIC, tag="service")


def _pages(router: APIRouter) -> None:
    _add(router, "/search.json", search.found, _CLOCKS, _SAID["search"],
         ok={"model": schemas.SearchResult}, tag="files")  # fmt: skip
    own: dict[str, Mapping[str, str]] = {
        "/search": _SAID["search"],
        "/log": _SAID["log"],
        "/activity": _SAID["activity"],
        **dict.fromkeys(("/card.svg", "/card.png"), _SAID["card"]),
        "/sitemap.xml": _SAID["site_map"],
        "/check": _SAID["check"],
        "/compare": {**schemas.FIRST_POINT, **_SAID["comparison"]},
        "/stories": _SAID["stories"],
        **dict.fromkeys(("/story/{id}", "/story/{id}/story"), _SAID["story"]),
        **dict.fromkeys(("/e/{id}", "/e/{id}/state", "/map"), _SAID["sort"]),
        "/e/{id}/changes": schemas.FIRST_POINT,
        **{path: {**_SAID["lists"], **_SAID["narrowing"]} for path in browse.LISTS},
    }
    for path, shown in PAGES.items():
        ok = _NO_PAGES.get(PurePosixPath(path).suffix, _PAGE)
        _add(router, path, page(shown), _CLOCKS, own.get(path, {}), ok=ok)
    for path, shown in EDITS.items():
        _add(router, path, page(shown), schemas.LANGUAGE, methods=("POST",),
             more={**_SEEN, 401: _PAGE, 403: _PAGE, 409: _PAGE}, tag="editing")  # fmt: skip
    for path, shown in IMPORTS.items():
        _add(router, path, page(shown), schemas.LANGUAGE, _SAID["import"], methods=("POST",),
             more={**_SEEN, 401: _PAGE, 403: _PAGE}, tag="editing")  # fmt: skip


def _reconciliation(router: APIRouter) -> None:
    base, own = reconciliation.PATH, reconciliation
    _add(router, base, own.reconcile, _SAID["reconciliation"], ok=_JSON, methods=("POST",),
         tag="reconciliation")  # fmt: skip
    _add(router, f"{base}/properties", own.properties, _SAID["properties"], ok=_JSON,
         tag="reconciliation")  # fmt: skip
    for name, endpoint in (
        ("entity", own.suggest_entity),
        ("property", own.suggest_property),
        ("type", own.suggest_type),
    ):
        _add(router, f"{base}/suggest/{name}", endpoint, _SAID["suggestions"], ok=_JSON,
             tag="reconciliation")  # fmt: skip
    _add(router, f"{base}/preview/{{id}}", page(own.preview), _CLOCKS, tag="reconciliation")


@cache
def _routes() -> list[BaseRoute]:
    """All paths, the same for each app of a process."""
    router = APIRouter()
    router.add_route(GRAPHQL, graphql, methods=["GET", "POST"])
    router.add_route("/openapi.json", openapi, methods=["GET", "HEAD"])
    # Files come before the pages, whose addresses they have with an extension.
    for add in (_service, _reconciliation, _files, _log, _pages):
        add(router)
    return router.routes


def add_routes(app: FastAPI) -> None:
    """Add all of them."""
    app.router.routes.extend(_routes())


async def openapi(request: Request) -> Response:
    """GET /openapi.json"""
    document = await asyncio.to_thread(request.app.openapi)
    return answer(document, headers={"cache-control": "no-cache"})


def described(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document."""
    return get_openapi(
        title="Sijill",
        version="1",
        summary="A historical record, asked along three clocks.",
        description="GraphQL is at /graphql, described by its own introspection (see /graphiql).",
        routes=app.routes,
    )
