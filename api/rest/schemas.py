"""What OpenAPI says of parameters and answers. The endpoints read and check parameters themselves,
so that a refusal names what is wrong in the same words everywhere: here they are text."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from api.addresses import FROM


class ErrorDetails(BaseModel):
    """`code` says what kind of error it is, `field` which argument it is about."""

    code: str
    field: str | None = None


class Error(BaseModel):
    message: str
    extensions: ErrorDetails


class Errors(BaseModel):
    """A refusal, in the shape of GraphQL's errors."""

    errors: list[Error]


class Live(BaseModel):
    live: bool


class Stopped(BaseModel):
    position: int
    why: str | None


class Ready(BaseModel):
    """Whether the answers are up to the log's head; `stopped` is the event they can't get past."""

    ready: bool
    position: int | None
    head: int | None
    stopped: Stopped | None
    why: str | None = None


class SearchResult(BaseModel):
    """The connection of GraphQL's `search`."""

    search: dict[str, Any]


def parameters(path: str, *described: Mapping[str, str]) -> list[dict[str, Any]]:
    """OpenAPI's parameters of a path: those within it, and those of its query as described."""
    text = {"schema": {"type": "string"}}
    return [
        *(
            {"name": step.split("}")[0].split(":")[0], "in": "path", "required": True, **text}
            for step in path.split("{")[1:]
        ),
        *(
            {"name": name, "in": "query", "required": False, "description": words, **text}
            for each in described
            for name, words in each.items()
        ),
    ]


DESCRIBED: Final[dict[str, dict[str, str]]] = tomllib.loads(
    Path(__file__).with_name("parameters.toml").read_text(encoding="utf-8")
)
"""What is said of parameters: of those that several paths share, and of those of some alone."""
CLOCKS: Final = DESCRIBED["clocks"]
LANGUAGE: Final = DESCRIBED["language"]
FIRST_POINT: Final = {FROM[name]: f"Of the first point: {words}" for name, words in CLOCKS.items()}


def _failure(description: str) -> dict[str, Any]:
    """JSON, but for pages, which are asked for as HTML. By reference: FastAPI makes a validator of
    each model that a path names, and with these on every path a start took twice as long."""
    refusal = {"schema": {"$ref": f"#/components/schemas/{Errors.__name__}"}}
    return {"description": description, "content": {"application/json": refusal, "text/html": {}}}


FAILURES: Final[dict[int | str, dict[str, Any]]] = {
    400: _failure("The request is malformed."),
    404: _failure("There is nothing here."),
    405: _failure("The method is not for this path."),
    408: _failure("The body did not arrive in time."),
    413: _failure("The body is too large."),
    429: _failure("Too many costly questions, of the client or of others: wait."),
    503: _failure("The record can't be reached, or the answer takes too long."),
}
"""The statuses that any path may answer with."""
UNCHANGED: Final[dict[int | str, dict[str, Any]]] = {
    304: {"description": "The client has the answer with this ETag."}
}
