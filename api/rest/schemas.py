"""What OpenAPI says of parameters and answers. The endpoints read and check parameters themselves,
so that a refusal names what is wrong in the same words everywhere: here they are text."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Query
from pydantic import BaseModel

Text = Annotated[str | None, Query()]


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


def language(
    lang: Annotated[str | None, Query(description="Language of names: en or ar.")] = None,
) -> None:
    """The parameter of pages and files."""


def clocks(
    asOf: Annotated[str | None, Query(description="Valid time, in EDTF.")] = None,  # noqa: N803
    knownAt: Annotated[str | None, Query(description="Publication time, a day.")] = None,  # noqa: N803
    recordedAt: Annotated[str | None, Query(description="Record time, a timestamp.")] = None,  # noqa: N803
    atPosition: Annotated[str | None, Query(description="Record time, a position.")] = None,  # noqa: N803
) -> None:
    """The clocks of a question, as in GraphQL."""


def first_point(
    fromAsOf: Text = None,  # noqa: N803
    fromKnownAt: Text = None,  # noqa: N803
    fromRecordedAt: Text = None,  # noqa: N803
    fromAtPosition: Text = None,  # noqa: N803
) -> None:
    """The first point of a difference."""


def narrowing(
    manifest: Annotated[str | None, Query(description="Ask for the file's manifest.")] = None,
    type: Annotated[str | None, Query(description="Of facts: their type.")] = None,  # noqa: A002
    kind: Annotated[str | None, Query(description="Of entities: their kind.")] = None,
    search: Annotated[str | None, Query(description="Of entities: words of names.")] = None,
    year: Annotated[str | None, Query(description="Of facts, or of sources' publication.")] = None,
    only: Annotated[str | None, Query(description="Of facts: contested, disputed, …")] = None,
    publisher: Annotated[str | None, Query(description="Of sources.")] = None,
    grade: Annotated[str | None, Query(description="Of sources, such as B or B2.")] = None,
    measure: Annotated[str | None, Query(description="Of quantities: the measure.")] = None,
    accessed: Annotated[str | None, Query(description="Of citations: the day of access.")] = None,
) -> None:
    """What narrows an export. Which views take which says a refusal."""


def searching(
    q: Annotated[str, Query(description="Words in any language, or an id.")] = "",
    kind: Annotated[str | None, Query(description="entity, fact or source.")] = None,
    after: Annotated[str | None, Query(description="A cursor.")] = None,
) -> None:
    """The parameters of a search."""


def previewed(
    page: Annotated[str, Query(description="The path and query of a page of this site.")] = "/",
) -> None:
    """The parameter of a card."""


def listed(
    part: Annotated[str | None, Query(description="The number of a part, from 1.")] = None,
) -> None:
    """The parameter of a sitemap."""


def reconciling(
    queries: Annotated[str | None, Query(description="A batch of queries, in JSON.")] = None,
    extend: Annotated[str | None, Query(description="The properties wanted, in JSON.")] = None,
) -> None:
    """The parameters of the reconciliation service."""


def proposing(
    type: Annotated[str | None, Query(description="A kind of entities.")] = None,  # noqa: A002
    limit: Annotated[str | None, Query(description="How many.")] = None,
) -> None:
    """The parameters of proposed properties."""


def suggesting(
    prefix: Annotated[str, Query(description="What is typed so far.")] = "",
    cursor: Annotated[str | None, Query(description="How many were given before.")] = None,
) -> None:
    """The parameters of suggestions."""


def proving(
    question: Annotated[str | None, Query(description="A question, such as members.")] = None,
    subject: Annotated[str | None, Query(description="The id of whom it is asked.")] = None,
    first: Text = None,
    after: Text = None,
    lang: Text = None,
) -> None:
    """The parameters of a proof, beside the clocks."""


def logged(before: Annotated[str | None, Query(description="A position.")] = None) -> None:
    """The page of the log."""


def acted(
    actor: Annotated[str | None, Query(description="Who recorded it.")] = None,
    kind: Annotated[str | None, Query(description="A type of entries.")] = None,
    day: Annotated[str | None, Query(description="The day it was recorded on.")] = None,
) -> None:
    """What narrows the page of activity."""


def imported(
    request: Annotated[str | None, Query(description="A request id of one's own.")] = None,
) -> None:
    """The pages of an import."""


def compared(
    left: Annotated[str | None, Query(description="An entity, by its id or its name.")] = None,
    right: Annotated[str | None, Query(description="An entity, by its id or its name.")] = None,
    question: Annotated[str | None, Query(description="A question, such as members.")] = None,
) -> None:
    """The two sides of a comparison."""


def paged(after: Annotated[str | None, Query(description="A cursor.")] = None) -> None:
    """The pages of stories."""


def stepped(
    step: Annotated[str | None, Query(description="The number of a view, from 1.")] = None,
) -> None:
    """The views of a story."""


def ordered(
    sort: Annotated[
        str | None, Query(description="The order of lists: name, newest, date or standing.")
    ] = None,
) -> None:
    """The pages that list what holds."""


def checked(
    show: Annotated[str | None, Query(description="A section, such as contested.")] = None,
    after: Annotated[str | None, Query(description="A place within it.")] = None,
    before: Annotated[str | None, Query(description="A day, a month or a year.")] = None,
) -> None:
    """The page of what is worth a look."""


def browsed(
    sort: Annotated[str | None, Query(description="The order, such as name or facts.")] = None,
    page: Annotated[str | None, Query(description="The number of the page, from 1.")] = None,
    letter: Annotated[str | None, Query(description="Of entities: how names begin.")] = None,
) -> None:
    """The pages of lists."""


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
    429: _failure("Too many costly questions in a minute: wait."),
    503: _failure("The record can't be reached, or is too busy."),
}
"""The statuses that any path may answer with."""
UNCHANGED: Final[dict[int | str, dict[str, Any]]] = {
    304: {"description": "The client has the answer with this ETag."}
}
