"""Answers with an ETag: a client that has one already gets 304 (RFC 9110, section 13)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles

LASTING: Final = "public, max-age=31536000, immutable"
"""The Cache-Control of what never changes."""
_STARLETTE: Final = StaticFiles(check_dir=False)


def etag_of(body: bytes) -> str:
    """The strong ETag of a body."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def not_modified(request: Request, headers: Mapping[str, str]) -> Response | None:
    """304 if the client has the answer with these headers, an ETag among them; else None."""
    if request.method not in ("GET", "HEAD"):
        return None
    given = Headers(headers)
    if not _STARLETTE.is_not_modified(given, request.headers):
        return None
    return NotModifiedResponse(given)
