"""What went wrong, in GraphQL's words: the one place where errors get their code.

A refusal keeps its own code, words and data; GraphQL's own errors are shown as they are; whatever
else it is, is logged here and shown as INTERNAL, so that nothing of the inside gets out.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

import psycopg
from eventsourcing import persistence
from graphql import GraphQLError

from domain.errors import Refusals, Refused, Unreachable

log = logging.getLogger("sijill")

UNREACHED = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    persistence.OperationalError,
    persistence.InterfaceError,
    Unreachable,
)

LONGEST_MESSAGE = 500
"""Characters of a message that GraphQL made: it may quote all of the document."""

Told = dict[str, Any]
"""An error as the response has it: message, extensions.code, and where."""

SYNTAX, INVALID, BAD_INPUT = (
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "BAD_USER_INPUT",
)
INTERNAL, UNAVAILABLE, TIMEOUT = "INTERNAL", "UNAVAILABLE", "TIMEOUT"


def refusal(refused: Refused) -> Told:
    """A refusal as an error. Where more is wrong, `extensions.errors` has the first few of all."""
    found = [_extensions(each) for each in Refusals(refused).first]
    more = {"errors": found} if len(found) > 1 else {}
    return {
        "message": refused.message,
        "extensions": {
            key: value for key, value in _extensions(refused).items() if key != "message"
        }
        | more,
    }


def _extensions(refused: Refused) -> Told:
    field = {} if refused.field is None else {"field": refused.field}
    return {"code": refused.code, **field, **refused.data, "message": refused.message}


def tell(error: GraphQLError, otherwise: str = BAD_INPUT) -> Told:
    """An error as the response has it; `otherwise` is the code of one of GraphQL's own."""
    formatted: Told = {**error.formatted}
    places: Told = {key: formatted[key] for key in ("locations", "path") if key in formatted}
    return {**_told(error, otherwise), **places}


def _told(error: GraphQLError, otherwise: str) -> Told:
    cause = _cause(error)
    if isinstance(cause, Refused):
        return refusal(cause)
    if cause is None:
        code = (error.extensions or {}).get("code", otherwise)
        message = error.message[:LONGEST_MESSAGE]
        return {"message": message, "extensions": {**(error.extensions or {}), "code": code}}
    return failure(cause)


def failure(cause: BaseException) -> Told:
    """What broke, without saying more than the caller may know."""
    if isinstance(cause, psycopg.errors.QueryCanceled | TimeoutError):
        return _coded(TIMEOUT, "It took too long and was stopped: ask for less at a time.")
    if isinstance(cause, UNREACHED):
        log.warning("the database can't be reached: %s", cause)
        return _coded(UNAVAILABLE, "The record can't be reached just now: try again soon.")
    log.error("an answer failed", exc_info=cause)
    return _coded(INTERNAL, "Something is wrong on our side; it has been logged.")


def _coded(code: str, message: str) -> Told:
    return {"message": message, "extensions": {"code": code}}


def _cause(error: GraphQLError) -> BaseException | None:
    """What an error was made of, None if it is GraphQL's own."""
    cause: BaseException | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def data_of(response: Mapping[str, Any]) -> dict[str, Any]:
    """The data of a response without errors. Refused with GraphQL's code and words, Unreachable."""
    for error in response.get("errors", ()):
        code = error["extensions"]["code"]
        if code in (UNAVAILABLE, TIMEOUT):
            raise Unreachable(error["message"])
        more = {key: value for key, value in error["extensions"].items() if key != "code"}
        raise Refused(code, error["message"], field=more.pop("field", None), **more)
    data: dict[str, Any] = response["data"]
    return data


def codes(errors: Iterable[Mapping[str, Any]]) -> list[str]:
    """The codes of a response's errors."""
    return [str(error["extensions"]["code"]) for error in errors]
