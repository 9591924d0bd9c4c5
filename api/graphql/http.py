"""GraphQL over HTTP: requests into documents, responses into statuses.

After https://graphql.github.io/graphql-over-http/draft/, with both of its media types. One
operation a request, queries by GET too, no subscriptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import psycopg
from graphql import OperationType
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.auth import UNAUTHENTICATED, Principal, authenticate
from api.graphql import run
from api.graphql.context import Access
from api.graphql.errors import INTERNAL, TIMEOUT, UNAVAILABLE, codes, failure, refusal
from api.replicas import Lease
from api.rest.answers import answer, refused
from domain.codec import parse_json
from domain.errors import Refused

JSON: Final = "application/json"
GRAPHQL: Final = "application/graphql-response+json"
BAD_REQUEST: Final = "BAD_REQUEST"


class Asked(NamedTuple):
    """The parameters of a request."""

    document: str
    variables: dict[str, Any]
    operation_name: str | None


async def graphql(request: Request) -> Response:
    """GET and POST /graphql"""
    state, accepted = request.app.state, request.headers.get("accept")
    media_type = negotiate(accepted)
    if media_type is None:
        if request.method == "GET" and "text/html" in (accepted or ""):
            return RedirectResponse("/graphiql", 303)
        return refused(406, "NOT_ACCEPTABLE", f"The answer comes as {GRAPHQL} or {JSON}.")
    try:
        if request.method == "GET":
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
        access = Access(state.instance, state.reader, await _principal(request))
        if state.replicas is not None:
            kind = run.operation_type(asked.document, asked.operation_name)
            lease = Lease(state.replicas, writes=kind is not OperationType.QUERY)
            access = access._replace(lease=lease)
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
    response = await run.execute(access, asked.document, asked.variables, asked.operation_name)
    if access.lease is not None and access.lease.failed:
        access = access._replace(lease=None)
        response = await run.execute(access, asked.document, asked.variables, asked.operation_name)
    state.metrics.saw(response.get("errors", ()))
    status = status_of(response, media_type)
    headers = {"retry-after": "1"} if status == 503 else None
    return answer(response, status, headers, media_type)


async def _principal(request: Request) -> Principal | None:
    """Who sends the request. Refused(UNAUTHENTICATED) for credentials that are not good."""
    header = request.headers.get("authorization")
    if header is None:
        return None
    async with request.app.state.reader() as connection:
        return await authenticate(header, connection, request.app.state.oidc)


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
