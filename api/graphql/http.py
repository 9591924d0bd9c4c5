"""GraphQL over HTTP: requests into documents, responses into statuses.

After https://graphql.github.io/graphql-over-http/draft/, with both of its media types. One
operation a request, queries by GET too, no subscriptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

import psycopg
from graphql import OperationType
from starlette.datastructures import State
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Scope

from api.auth import UNAUTHENTICATED, Principal, authenticate
from api.graphql import run
from api.graphql.answers import Name
from api.graphql.context import Access
from api.graphql.errors import INTERNAL, TIMEOUT, UNAVAILABLE, codes, failure, refusal
from api.graphql.planned import Recalled, Written
from api.replicas import Lease
from api.rest.answers import RAW_HEADERS, answer, encoded, refused
from domain.codec import parse_json
from domain.dates import today
from domain.errors import Refused

JSON: Final = "application/json"
GRAPHQL: Final = "application/graphql-response+json"
BAD_REQUEST: Final = "BAD_REQUEST"
FOR_EVER: Final = "public, max-age=31536000, immutable"
VARY: Final = "Accept, Authorization"
REQUESTS: Final = 16 * 1024 * 1024
"""Bytes of requests that are known again."""
_UNUSUAL: Final = {b"authorization", b"content-length", b"transfer-encoding"}
"""Headers of requests that say who sends them, or have a body by GET."""
_OF_BODY: Final = 1
"""How many of the headers kept speak of a body."""
_KEPT: Final = {
    (media_type, is_pinned): [
        (b"content-type", f"{media_type}; charset=utf-8".encode()),
        *RAW_HEADERS,
        (b"vary", VARY.encode()),
        (b"cache-control", (FOR_EVER if is_pinned else "no-cache").encode()),
    ]
    for media_type in (JSON, GRAPHQL)
    for is_pinned in (True, False)
}
"""The headers of a known answer but its ETag and length."""


class Known(NamedTuple):
    """An answer that was given before, as it is sent by GET."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Told(NamedTuple):
    """That the answer with an ETag is unchanged, at a generation and a position, None for any."""

    etag: bytes
    generation: int | None
    position: int | None
    answer: Known

    def holds(self, now: tuple[int, int] | None) -> bool:
        """Whether it is so still."""
        return (
            now is not None
            and now[0] == self.generation
            and (self.position is None or now[1] == self.position)
        )


def known(state: State, scope: Scope) -> Known | None:
    """The answer of a GET that is known to be the same still; None leaves it to `graphql`."""
    given = dict(reversed(scope["headers"]))  # of several, the first
    if not given.keys().isdisjoint(_UNUSUAL):
        return None
    media_type = negotiate(given.get(b"accept", b"*/*").decode("latin-1"))
    if media_type is None:
        return None
    key = _key("GET", scope["query_string"], given.get(b"content-type"), media_type)
    had, now = given.get(b"if-none-match"), state.answers.head.now()
    told: Told | None = state.told.get(key)
    if told is not None and told.etag == had and told.holds(now):
        _saw(state)
        return told.answer
    found = _found(state, key)
    if found is None:
        return None
    name, etag, body = found
    headers = [*_KEPT[media_type, name.is_pinned], (b"etag", _shown(etag, media_type).encode())]
    if had is not None and _has(had, etag, media_type):
        unchanged = Known(304, headers[_OF_BODY:], b"")
        at = None if now is None or name.is_pinned else now[1]
        state.told.put(key, Told(had, now and now[0], at, unchanged), _size(key) + len(had) + 500)
        return unchanged
    if body is None:
        return None
    return Known(200, [(b"content-length", b"%d" % len(body)), *headers], body)


class Asked(NamedTuple):
    """The parameters of a request."""

    document: str
    variables: dict[str, Any]
    operation_name: str | None


async def graphql(request: Request) -> Response:
    """GET and POST /graphql; HEAD is a GET whose body the server leaves out."""
    state, accepted = request.app.state, request.headers.get("accept")
    media_type = negotiate(accepted)
    if media_type is None:
        if _is_get(request) and "text/html" in (accepted or ""):
            return RedirectResponse("/graphiql", 303)
        return refused(406, "NOT_ACCEPTABLE", f"The answer comes as {GRAPHQL} or {JSON}.")
    try:
        # Of the day on which it begins: what is answered over midnight is not the next day's.
        key = _key_of(request, media_type, await request.body())
        again = None if key is None else await _again(request, media_type, key)
        if again is not None:
            return again
        if _is_get(request):
            asked = _asked(_of_query(request))
            if run.operation_type(asked.document, asked.operation_name) not in (
                None,
                OperationType.QUERY,
            ):
                return refused(
                    405, "METHOD_NOT_ALLOWED", "By GET there are only queries.", {"allow": "POST"}
                )
        else:
            if problem := _content_problem(request.headers.get("content-type")):
                return refused(415, "UNSUPPORTED_MEDIA_TYPE", problem)
            asked = _asked(parse_json(await request.body()))
        kind = run.operation_type(asked.document, asked.operation_name)
        writes = kind is not OperationType.QUERY
        access = _access(state, await _principal(request), writes=writes)
    except psycopg.Error as error:
        state.metrics.saw([failure(error)])
        return answer({"errors": [failure(error)]}, 503, {"retry-after": "1"}, media_type)
    except Refused as problem:
        if problem.code == UNAUTHENTICATED:
            state.metrics.saw([refusal(problem)])
            challenge = {"www-authenticate": 'Bearer realm="sijill"'}
            return answer({"errors": [refusal(problem)]}, 401, challenge, media_type)
        state.metrics.saw([refusal(problem)])
        return answer({"errors": [refusal(problem)]}, 400, media_type=media_type)
    response = await run.answered(access, asked.document, asked.variables, asked.operation_name)
    if access.lease is not None and access.lease.failed:
        access = access._replace(lease=None)
        response = await run.answered(access, asked.document, asked.variables, asked.operation_name)
    if isinstance(response, Written):
        return _written(request, media_type, key, response)
    return _told(state, media_type, response)


def _told(state: State, media_type: str, response: run.Response) -> Response:
    """The answer of the resolvers."""
    state.metrics.saw(response.get("errors", ()))
    status = status_of(response, media_type)
    headers = {"retry-after": "1"} if status == 503 else None
    return answer(response, status, headers, media_type)


def _key(method: str, asked: bytes, content_type: bytes | None, media_type: str) -> tuple[Any, ...]:
    """What makes two requests of a day the same, of those that don't say who they are."""
    return method, asked, content_type, media_type, today()


def _size(key: tuple[Any, ...]) -> int:
    """Bytes that it takes of its own, about."""
    return len(key[1]) + len(key[2] or b"")


def _key_of(request: Request, media_type: str, body: bytes) -> tuple[Any, ...] | None:
    if "authorization" in request.headers:
        return None
    asked = request.scope["query_string"] if _is_get(request) else body
    content_type = request.headers.get("content-type")
    given = None if content_type is None else content_type.encode("latin-1")
    return _key("GET" if _is_get(request) else request.method, asked, given, media_type)


def _is_get(request: Request) -> bool:
    return request.method in ("GET", "HEAD")


def _found(state: State, key: tuple[Any, ...]) -> tuple[Name, str, bytes | None] | None:
    """What answers a request that was answered before, if it is known to be the same still."""
    request: Recalled | None = state.requests.get(key)
    found = None if request is None else state.answers.find(request.name)
    if request is None or found is None:
        return None
    _saw(state)
    etag = found.etag
    if etag is None:
        etag = state.answers.etag(found.key, found.body)
    return request.name, etag, found.body


def _saw(state: State) -> None:
    if state.replicas is not None:
        state.replicas.saw(state.answers.head.position)


async def _again(request: Request, media_type: str, key: tuple[Any, ...]) -> Response | None:
    """The answer of a request that is known, kept or worked out anew; None: it has to be read."""
    state = request.app.state
    known: Recalled | None = state.requests.get(key)
    if known is None:
        return None
    if request.method == "POST":
        found = state.answers.find(known.name)
        if found is not None and found.body is not None:
            _saw(state)
            return encoded(found.body, media_type=media_type)
    response = await run.answered_again(_access(state), known)
    if isinstance(response, Written):
        return _written(request, media_type, key, response)
    return None if response is None else _told(state, media_type, response)


def _access(state: State, principal: Principal | None = None, *, writes: bool = False) -> Access:
    lease = None if state.replicas is None else Lease(state.replicas, writes=writes)
    return Access(state.instance, state.reader, principal, lease, state.answers)


def _written(
    request: Request, media_type: str, key: tuple[Any, ...] | None, written: Written
) -> Response:
    """The answer of a plan; the same request is known from now on."""
    state = request.app.state
    if key is None:
        return encoded(written.body, media_type=media_type)
    if written.request is not None:
        state.requests.put(key, written.request, _size(key) + written.request.size)
    if not _is_get(request):
        return encoded(written.body, media_type=media_type)
    etag = state.answers.etag(written.key, written.body)
    is_pinned = written.request is not None and written.request.name.is_pinned
    headers = {
        "etag": _shown(etag, media_type),
        "vary": VARY,
        "cache-control": FOR_EVER if is_pinned else "no-cache",
    }
    given = request.headers.get("if-none-match")
    if _has(None if given is None else given.encode("latin-1"), etag, media_type):
        return Response(None, 304, headers)
    return encoded(written.body, headers=headers, media_type=media_type)


def _shown(etag: str, media_type: str) -> str:
    """The ETag of an answer in a media type."""
    return etag if media_type == JSON else f'{etag[:-1]}-g"'


def _has(given: bytes | None, etag: str, media_type: str) -> bool:
    """Whether a client that sends this If-None-Match has the answer."""
    if given is None:
        return False
    shown = _shown(etag, media_type).encode()
    return given == shown or any(
        each.strip().removeprefix(b"W/") in (shown, b"*") for each in given.split(b",")
    )


async def _principal(request: Request) -> Principal | None:
    """Who sends the request. Refused(UNAUTHENTICATED) for credentials that are not good."""
    header = request.headers.get("authorization")
    if header is None:
        return None
    state = request.app.state
    return await authenticate(header, state.holders, state.oidc)


def status_of(response: Mapping[str, Any], media_type: str) -> int:
    """The HTTP status of a response, which application/json has only for what is not GraphQL's."""
    found = codes(response.get("errors", ()))
    if UNAVAILABLE in found:
        return 503
    if "data" in response:
        return 200
    if TIMEOUT in found:
        return 503
    if INTERNAL in found:
        return 500
    return 400 if media_type == GRAPHQL else 200


@lru_cache(maxsize=256)
def negotiate(accept: str | None) -> str | None:
    """The media type of the answer, None if the client takes neither."""
    best: tuple[float, str] | None = None
    for part in (accept or "*/*").split(","):
        name, *parameters = (word.strip().lower() for word in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    quality = float(parameter[2:])
                except ValueError:
                    quality = 0.0
        media_type = GRAPHQL if name == GRAPHQL else JSON
        if name not in (GRAPHQL, JSON, "application/*", "*/*") or not 0 < quality <= 1:
            continue
        if best is None or quality > best[0]:
            best = quality, media_type
    return None if best is None else best[1]


def _content_problem(content_type: str | None) -> str | None:
    name, *parameters = (word.strip().lower() for word in (content_type or "").split(";"))
    if name != JSON:
        return f"A request's body is {JSON}."
    for parameter in parameters:
        if parameter.startswith("charset=") and parameter[8:].strip('"') not in ("utf-8", "utf8"):
            return "A request's body is in UTF-8."
    return None


def _of_query(request: Request) -> dict[str, Any]:
    found: dict[str, Any] = dict(request.query_params)
    for key in ("variables", "extensions"):
        if key in found:
            found[key] = parse_json(found[key])
    return found


def _asked(body: Any) -> Asked:
    if isinstance(body, list):
        raise Refused(BAD_REQUEST, "A request has one operation: send several one by one.")
    if not isinstance(body, dict):
        raise Refused(BAD_REQUEST, 'A request is a JSON object with a "query".')
    if not isinstance(body.get("query"), str):
        raise Refused(
            BAD_REQUEST, 'A request needs a "query", a GraphQL document as text.', field="query"
        )
    if not isinstance(body.get("operationName"), str | None):
        raise Refused(BAD_REQUEST, "An operationName is text.", field="operationName")
    for key in ("variables", "extensions"):
        if not isinstance(body.get(key), dict | None):
            raise Refused(BAD_REQUEST, f"The {key} are a JSON object.", field=key)
    return Asked(body["query"], body.get("variables") or {}, body.get("operationName") or None)
