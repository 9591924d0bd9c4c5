"""Answers that are not GraphQL's: the same shape of error everywhere, and the headers of all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.costly_pool import STATUSES
from api.graphql.errors import INTERNAL, TIMEOUT, UNAVAILABLE, failure
from domain.errors import Refused

FRAMELESS: Final = "frame-ancestors 'none'"
API_POLICY: Final = f"default-src 'none'; {FRAMELESS}"
HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": API_POLICY,
}
"""What every answer has, unless it has its own; one that may be framed has no x-frame-options."""
RETRY_AFTER: Final = {429: "10", 503: "1"}
"""Seconds after which to ask again, by HTTP status."""
RAW_HEADERS: Final = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
_POLICY: Final = b"content-security-policy"
_FRAMELESS: Final = FRAMELESS.encode()


def answer(
    content: Any,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    media_type: str = "application/json",
) -> Response:
    """JSON."""
    return encoded(msgspec.json.encode(content, enc_hook=str), status, headers, media_type)


def encoded(
    content: bytes,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    media_type: str = "application/json",
) -> Response:
    """JSON that is bytes already."""
    named = {"content-type": f"{media_type}; charset=utf-8", "cache-control": "no-store"}
    return Response(content, status, {**named, **retry_after(status), **(headers or {})})


def retry_after(status: int) -> dict[str, str]:
    """The header that says when to ask again, of a status that will pass."""
    return {"retry-after": RETRY_AFTER[status]} if status in RETRY_AFTER else {}


def refused(
    status: int,
    code: str,
    message: str,
    headers: Mapping[str, str] | None = None,
    *,
    field: str | None = None,
) -> Response:
    """A refusal, in the shape of GraphQL's errors."""
    extensions = {"code": code} if field is None else {"code": code, "field": field}
    error = {"message": message, "extensions": extensions}
    return answer({"errors": [error]}, status, headers)


class Problem(NamedTuple):
    """Why an endpoint has no answer, as the client is told."""

    status: int
    code: str
    message: str
    field: str | None = None


def problem_of(error: Exception) -> Problem:
    """What an endpoint raised."""
    if isinstance(error, Refused):
        return Problem(status_of(error.code), error.code, error.message, error.field)
    told = failure(error)
    code = told["extensions"]["code"]
    return Problem(status_of(code), code, told["message"])


def failed(error: Exception, headers: Mapping[str, str] | None = None) -> Response:
    """The answer of an endpoint that raised an error."""
    status, code, message, field = problem_of(error)
    return refused(status, code, message, headers, field=field)


def status_of(code: str) -> int:
    """The HTTP status of a refusal."""
    if code.startswith("UNKNOWN_") or code == "NOT_FOUND":
        return 404
    if code in STATUSES:
        return STATUSES[code]
    if code in (UNAVAILABLE, TIMEOUT):
        return 503
    return 500 if code == INTERNAL else 400


class SafeHeaders:
    """ASGI middleware: sees to the headers of every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = message.get("headers", ())
                named = {name.lower(): value for name, value in own}
                if _FRAMELESS not in named.get(_POLICY, _FRAMELESS):
                    named[b"x-frame-options"] = b""
                missing = (each for each in RAW_HEADERS if each[0] not in named)
                message["headers"] = [*own, *missing]
            await send(message)

        await self.app(scope, receive, with_headers)
