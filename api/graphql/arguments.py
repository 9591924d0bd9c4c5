"""Arguments that many fields share: the three clocks, and the page asked for."""

# No `from __future__ import annotations`: strawberry reads these annotations as objects.

import inspect
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, TypeVar

import strawberry

from api.graphql.context import Operation
from domain.dates import Edtf
from domain.errors import Refused
from domain.point import Clocks
from domain.sources import Day
from domain.standing import Standing
from projections.asof import LARGEST_PAGE

USUAL_PAGE = 100

Info = strawberry.Info[Operation, None]
T = TypeVar("T")


def _argument(annotation: Any, description: str, **more: Any) -> Any:
    return Annotated[annotation, strawberry.argument(description=description, **more)]


_CLOCKS = {
    "as_of": _argument(
        Edtf | None, "True on: a day, or a month or a year as a whole; today if left out."
    ),
    "known_at": _argument(
        Day | None, "Known by: what had been published by that day; everything if left out."
    ),
    "recorded_at": _argument(
        datetime | None, "Recorded by: as the log stood then; as it stands now if left out."
    ),
    "at_position": _argument(int | None, "Recorded by, as a log position; instead of recordedAt."),
}
First = Annotated[
    int | None,
    strawberry.argument(description=f"How many at most: from 1 to {LARGEST_PAGE}."),
]
After = Annotated[
    str | None, strawberry.argument(description="Go on after this cursor of another page.")
]
Lang = Annotated[
    str | None, strawberry.argument(description="The language of the names that give the order.")
]


def named(annotation: Any, name: str) -> Any:
    """An annotation of an argument that is called something else in GraphQL."""
    return Annotated[annotation, strawberry.argument(name=name)]


def clocked(resolve: Callable[..., Awaitable[T]]) -> Callable[..., Awaitable[T]]:
    """A resolver with the clock arguments, of a function that takes the view they give first.

    It asks the record, or what a supposition would make of it where it is a field of one.
    """

    async def resolver(self: Any, info: Info, **given: Any) -> T:
        operation: Operation = getattr(self, "supposed", None) or info.context
        clocks = Clocks(*(given.pop(name, None) for name in Clocks._fields))
        return await resolve(await operation.view(clocks), **given)

    signature = inspect.signature(resolve)
    parameters = [
        inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Any),
        inspect.Parameter("info", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Info),
        *list(signature.parameters.values())[1:],
        *(_keyword(name, None, kind) for name, kind in _CLOCKS.items()),
    ]
    return without_null_defaults(_shown(resolver, signature.replace(parameters=parameters)))


def paged(resolve: Callable[..., T]) -> Callable[..., T]:
    """A resolver of what holds, whose `**page` is shown as the arguments of a page."""
    signature = inspect.signature(resolve)
    *own, _ = signature.parameters.values()
    parameters = [
        *own,
        _keyword("standings", None, list[Standing] | None),
        _keyword("lang", "en", Lang),
        _keyword("first", USUAL_PAGE, First),
        _keyword("after", None, After),
    ]
    return _shown(resolve, signature.replace(parameters=parameters))


def _keyword(name: str, default: Any, annotation: Any) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
    )


def _shown(resolver: Callable[..., T], signature: inspect.Signature) -> Callable[..., T]:
    """The resolver, shown in the schema with a signature."""
    resolver.__signature__ = signature  # type: ignore[attr-defined]
    named = {each.name: each.annotation for each in signature.parameters.values()}
    resolver.__annotations__ = {**named, "return": signature.return_annotation}
    return resolver


def root_field(name: str, resolve: Any, description: str, kind: Any = None) -> Any:
    """A field at the root with the clocks; `kind` is its type where the resolver does not say."""
    resolver = clocked(resolve)
    resolver.__name__ = name  # by which the fields at the root are told apart
    return strawberry.field(
        resolver=resolver, name=name, description=description, graphql_type=kind
    )


def without_null_defaults(resolver: Callable[..., T]) -> Callable[..., T]:
    """The resolver, shown in the schema without a default wherever it is None."""
    signature = inspect.signature(resolver)
    resolver.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[
            each.replace(default=strawberry.UNSET) if each.default is None else each
            for each in signature.parameters.values()
        ]
    )
    return resolver


def position_after(after: int | None) -> int:
    """The position that a stretch of the log begins after. Refused(BAD_POSITION)."""
    if after is not None and after < 0:
        raise Refused("BAD_POSITION", "A position is 0 or more.", field="after")
    return after or 0


def page_size(first: int | None) -> int:
    """How many rows a page has. Refused(BAD_FIRST)."""
    if first is None:
        return USUAL_PAGE
    if not 1 <= first <= LARGEST_PAGE:
        raise Refused(
            "BAD_FIRST",
            f"A page has from 1 to {LARGEST_PAGE} rows, not {first}.",
            field="first",
        )
    return first
