"""Answers with an ETag: a client that has one already gets 304 (RFC 9110, section 13)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import NotModifiedResponse

LASTING: Final = "public, max-age=31536000, immutable"
"""The Cache-Control of what never changes."""
UNCHANGED: Final = frozenset(NotModifiedResponse.NOT_MODIFIED_HEADERS)
"""The headers that a 304 has of those of the answer."""


def etag_of(body: bytes) -> str:
    """The strong ETag of a body."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def not_modified(request: Request, headers: Mapping[str, str]) -> Response | None:
    """304 if the client has the answer with these headers, an ETag among them; else None."""
    if request.method not in ("GET", "HEAD"):
        return None
    tags = [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]
    if tags != ["*"] and headers["etag"] not in [tag.removeprefix("W/") for tag in tags]:
        return None
    kept = {name: value for name, value in headers.items() if name in UNCHANGED}
    return Response(status_code=304, headers=kept)
