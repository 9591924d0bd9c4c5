"""Options that many commands share, each declared once: the clocks, the page, the language."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

if TYPE_CHECKING:
    from domain.errors import Refused

Variables = dict[str, Any]
"""Variables of a GraphQL document, without those that were left out."""

Lang = Annotated[str, typer.Option(metavar="LANG", help="Language of the names.")]
First = Annotated[
    int | None, typer.Option(metavar="N", help="So many at most; 100 if left out, up to 5000.")
]
After = Annotated[
    str | None, typer.Option(metavar="CURSOR", help="Go on after this cursor of another page.")
]
CLOCKS: Mapping[str, Any] = {
    "as_of": Annotated[
        str | None,
        typer.Option(metavar="EDTF", help="True on this day, month or year; else today."),
    ],
    "known_at": Annotated[
        str | None,
        typer.Option(metavar="DATE", help="By what was published by this day, month or year."),
    ],
    "recorded_at": Annotated[
        str | None,
        typer.Option(metavar="TIME", help="As the log stood at this time, or after this day."),
    ],
    "at_position": Annotated[
        int | None, typer.Option(metavar="N", help="As the log stood at this position.")
    ],
}


OPTIONS = {
    "asOf": "--as-of", "knownAt": "--known-at", "recordedAt": "--recorded-at",
    "atPosition": "--at-position", "first": "--first", "after": "--after", "type": "--type",
    "kind": "--kind", "format": "--format", "fact": "FACT",
    "without.sources": "--without-source", "without.facts": "--without-fact",
    "without.publishers": "--without-publisher", "without.gradesBelow": "--grades-below",
}  # fmt: skip
"""GraphQL's argument → the option that gives it; any other is a part of the command itself."""


def clocked(command: Callable[..., None]) -> Callable[..., None]:
    """A command with an option for each clock in place of its parameter `clocks`."""
    hints = get_type_hints(command, include_extras=True)

    @wraps(command)
    def with_clocks(**given: Any) -> None:
        clocks = clocks_of(*(given.pop(name) for name in CLOCKS))
        command(clocks=clocks, **given)

    parameters = []
    for parameter in inspect.signature(command).parameters.values():
        if parameter.name == "clocks":
            parameters += [
                inspect.Parameter(name, parameter.kind, default=None, annotation=option)
                for name, option in CLOCKS.items()
            ]
        else:
            parameters.append(parameter.replace(annotation=hints[parameter.name]))
    with_clocks.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    with_clocks.__annotations__ = {each.name: each.annotation for each in parameters}
    return with_clocks


def clocks_of(
    as_of: str | None, known_at: str | None, recorded_at: str | None, at_position: int | None
) -> Variables:
    """GraphQL's variables for the clocks: where they want a day, a month or a year is its last."""
    from api.clocks import last_day, last_moment
    from domain.dates import iso_of
    from domain.errors import Refused

    try:
        return given(
            asOf=as_of,
            knownAt=None if known_at is None else iso_of(last_day(known_at, "knownAt")),
            recordedAt=None if recorded_at is None else last_moment(recorded_at, "recordedAt"),
            atPosition=at_position,
        )
    except Refused as refused:
        raise in_our_words(refused) from refused


def in_our_words(refused: Refused) -> Refused:
    """A refusal of GraphQL's with the option that it concerns."""
    from domain.errors import Refused

    words, advice, _ = refused.message.partition(": look it up with")
    if advice:
        words += ": find it with `sijill search`."
    data = refused.data
    if refused.field in OPTIONS:
        data = {**data, "option": OPTIONS[refused.field]}
    return Refused(refused.code, words, field=refused.field, **data)


def given(**variables: Any) -> Variables:
    """Variables without those that were left out."""
    return {name: value for name, value in variables.items() if value is not None}


def in_words(clocks: Variables) -> str:
    """The point of the clocks that a question was asked at."""
    words = {
        "true": f"on {clocks['asOf']}" if "asOf" in clocks else "today",
        "known by": clocks.get("knownAt"),
        "recorded by": clocks.get("recordedAt", clocks.get("atPosition")),
    }
    return ", ".join(f"{name} {value}" for name, value in words.items() if value is not None)
