"""What OpenAPI says of parameters and answers. The endpoints read and check parameters themselves,
so that a refusal names what is wrong in the same words everywhere: here they are text."""

from __future__ import annotations

from collections.abc import Mapping
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


LANGUAGE: Final = {"lang": "Language of names: en or ar."}
CLOCKS: Final = {
    "asOf": "Valid time, in EDTF.",
    "knownAt": "Publication time, a day.",
    "recordedAt": "Record time, a timestamp.",
    "atPosition": "Record time, a position.",
}
FIRST_POINT: Final = {FROM[name]: f"Of the first point: {words}" for name, words in CLOCKS.items()}
NARROWING: Final = {
    "manifest": "Ask for the file's manifest.",
    "type": "Of facts: their type.",
    "kind": "Of entities: their kind.",
    "search": "Of entities: words of names.",
    "year": "Of facts, or of sources' publication.",
    "only": "Of facts: contested, disputed, …",
    "publisher": "Of sources.",
    "grade": "Of sources, such as B or B2.",
    "measure": "Of quantities: the measure.",
    "accessed": "Of citations: the day of access.",
}
"""What narrows an export. Which views take which says a refusal."""
SEARCH: Final = {
    "q": "Words in any language, or an id.",
    "kind": "entity, fact or source.",
    "after": "A cursor.",
}
CARD: Final = {"page": "The path and query of a page of this site."}
SITE_MAP: Final = {"part": "The number of a part, from 1."}
RECONCILIATION: Final = {
    "queries": "A batch of queries, in JSON.",
    "extend": "The properties wanted, in JSON.",
}
PROPERTIES: Final = {"type": "A kind of entities.", "limit": "How many."}
SUGGESTIONS: Final = {
    "prefix": "What is typed so far.",
    "cursor": "How many were given before.",
}
ANSWER_PROOF: Final = {
    "question": "A question, such as members.",
    "subject": "The id of whom it is asked.",
    "first": "How many rows at most.",
    "after": "A cursor.",
    **LANGUAGE,
}
LOG: Final = {"before": "A position."}
ACTIVITY: Final = {
    **LOG,
    "actor": "Who recorded it.",
    "kind": "A type of entries.",
    "day": "The day it was recorded on.",
}
IMPORT: Final = {"request": "A request id of one's own."}
COMPARISON: Final = {
    **FIRST_POINT,
    "left": "An entity, by its id or its name.",
    "right": "An entity, by its id or its name.",
    "question": "A question, such as members.",
}
STORIES: Final = {"after": "A cursor."}
SORT: Final = {"sort": "The order of lists: name, newest, date or standing."}
STORY: Final = {"step": "The number of a view, from 1.", **SORT}
CHECK: Final = {
    "show": "A section, such as contested.",
    "after": "A place within it.",
    "before": "A day, a month or a year.",
}
LISTS: Final = {
    "sort": "The order, such as name or facts.",
    "page": "The number of the page, from 1.",
    "letter": "Of entities: how names begin.",
    **NARROWING,
}


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
