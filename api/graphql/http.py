"""GraphQL over HTTP: requests into documents, responses into statuses.

After https://graphql.github.io/graphql-over-http/draft/, with both of its media types. One
operation a request, queries by GET too, no subscriptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl

import psycopg
from graphql import OperationType
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.auth import UNAUTHENTICATED, Principal, authenticate
from api.costly_pool import STATUSES
from api.graphql import execution
from api.graphql.answer_cache import CachedAnswer
from api.graphql.context import Access
from api.graphql.errors import INTERNAL, TIMEOUT, UNAVAILABLE, codes, failure, refusal
from api.replicas import Lease
from api.rest.conditional import LASTING, not_modified
from api.rest.negotiation import media_type_of, takes_html
from api.rest.responses import answer, encoded, refused
from domain.errors import Refused
from domain.strict_json import parse_json

JSON: Final = "application/json"
GRAPHQL: Final = "application/graphql-response+json"
BAD_REQUEST: Final = "BAD_REQUEST"
VARY: Final = "Accept, Authorization"


class GraphQLRequest(NamedTuple):
    """The parameters of a request."""

    document: str
    variables: dict[str, Any]
    operation_name: str | None


async def graphql(request: Request) -> Response:
    """GET and POST /graphql; HEAD is a GET whose body the server leaves out."""
    state, accepted = request.app.state, request.headers.get("accept")
    media_type = media_type_of(accepted, (JSON, GRAPHQL))
    if media_type is None:
        if _is_get(request) and takes_html(request):
            return RedirectResponse("/graphiql", 303)
        return refused(406, "NOT_ACCEPTABLE", f"The answer comes as {GRAPHQL} or {JSON}.")
    try:
        if _is_get(request):
            asked = _parsed(_of_query(request))
        elif problem := _content_problem(request.headers.get("content-type")):
            return refused(415, "UNSUPPORTED_MEDIA_TYPE", problem)
        else:
            asked = _parsed(parse_json(await request.body()))
        schema = execution.schema_now(state.access)
        await execution.read_ahead(asked.document, state.access.costly, schema)
        kind = execution.operation_type(asked.document, asked.operation_name, schema)
        if _is_get(request) and kind not in (None, OperationType.QUERY):
            return refused(
                405, "METHOD_NOT_ALLOWED", "By GET there are only queries.", {"allow": "POST"}
            )
        access = await _access(request, writes=kind is not OperationType.QUERY)
    except (psycopg.Error, Refused) as problem:
        return _refused(request, problem, media_type)
    response = await execution.answered(access, *asked)
    if access.lease is not None and access.lease.failed:
        response = await execution.answered(access._replace(lease=None), *asked)
    if isinstance(response, CachedAnswer):
        return _from_plan(request, response, media_type)
    state.metrics.saw(response.get("errors", ()))
    return answer(response, status_of(response, media_type), media_type=media_type)


def _is_get(request: Request) -> bool:
    return request.method in ("GET", "HEAD")


def _from_plan(request: Request, found: CachedAnswer, media_type: str) -> Response:
    """The answer of a plan; by GET it has an ETag, unless it is for someone in particular."""
    if not _is_get(request) or "authorization" in request.headers:
        return encoded(found.body, media_type=media_type)
    headers = {
        "etag": found.etag if media_type == JSON else f'{found.etag[:-1]}-g"',
        "vary": VARY,
        "cache-control": LASTING if found.is_pinned else "no-cache",
    }
    unchanged = not_modified(request, headers)
    return unchanged or encoded(found.body, headers=headers, media_type=media_type)


def _refused(request: Request, problem: Exception, media_type: str) -> Response:
    """The answer to a request that is refused before it is executed."""
    headers = None
    if isinstance(problem, Refused):
        error, status = refusal(problem), STATUSES.get(problem.code, 400)
        if problem.code == UNAUTHENTICATED:
            status, headers = 401, {"www-authenticate": 'Bearer realm="sijill"'}
    else:
        error = failure(problem)
        status = 503
    request.app.state.metrics.saw([error])
    return answer({"errors": [error]}, status, headers, media_type)


async def _access(request: Request, *, writes: bool) -> Access:
    """What the request may reach. Refused(UNAUTHENTICATED) for credentials that are not good."""
    state = request.app.state
    principal = await _principal(request)
    lease = None if state.replicas is None else Lease(state.replicas, writes=writes)
    access: Access = state.access
    return access._replace(principal=principal, lease=lease)


async def _principal(request: Request) -> Principal | None:
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
    for code, status in STATUSES.items():
        if code in found:
            return status
    if "data" in response:
        return 200
    if TIMEOUT in found:
        return 503
    if INTERNAL in found:
        return 500
    return 400 if media_type == GRAPHQL else 200


def _content_problem(content_type: str | None) -> str | None:
    name, *parameters = (word.strip().lower() for word in (content_type or "").split(";"))
    if name != JSON:
        return f"A request's body is {JSON}."
    for parameter in parameters:
        if parameter.startswith("charset=") and parameter[8:].strip('"') not in ("utf-8", "utf8"):
            return "A request's body is in UTF-8."
    return None


def _of_query(request: Request) -> dict[str, Any]:
    query = request.scope["query_string"].decode("latin-1")
    found: dict[str, Any] = dict(parse_qsl(query, keep_blank_values=True))
    for key in ("variables", "extensions"):
        if key in found:
            found[key] = parse_json(found[key])
    return found


def _parsed(body: Any) -> GraphQLRequest:
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
    name = body.get("operationName") or None
    return GraphQLRequest(body["query"], body.get("variables") or {}, name)
