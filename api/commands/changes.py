"""`diff` and `why`: what changed between two points of the clocks, and the life of a fact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.options import clocks_of
from api.commands.query import answered, catch_up, document, opened_record, with_id
from api.terminal import JsonFlag, print_json, print_json_list, show

if TYPE_CHECKING:
    from api.export.pinned_view import PinnedView
    from api.instance import Instance

Points = tuple[dict[str, Any], dict[str, Any]]


def diff(
    subject: Annotated[
        str | None, typer.Argument(help="The entity to look at; the whole record if left out.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="A[..B]", help="True on the day A, then on B.")
    ] = None,
    known_at: Annotated[
        str | None, typer.Option(metavar="A[..B]", help="By what was published by A, then by B.")
    ] = None,
    at_position: Annotated[
        str | None, typer.Option(metavar="A[..B]", help="As the log stood at A, then at B.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Say what changed and why: sijill diff syria --known-at 2025-11-03..2025-12-01"""
    from api.export.reader import reading
    from api.session import Session

    given = given_of({"asOf": as_of, "knownAt": known_at, "atPosition": at_position})
    with opened_record() as instance:
        catch_up(instance, {})
        pinned = with_id(instance, "ENTITY", subject, lambda id_: _pinned(instance, id_, given))
        with reading(instance.database, pinned, Session()) as reader:
            rows = chain.from_iterable(reader)
            if as_json:
                print_json_list("rows", rows, **_moments(pinned))
            else:
                _print_diff(rows)
                ends = [f"{end['asOf']} known {end['knownAt'] or 'by now'} at {end['position']}"
                        for end in _moments(pinned).values()]  # fmt: skip
                show(f"{reader.rows} differ between {ends[0]} and {ends[1]}.")


def given_of(clocks: Mapping[str, str | None]) -> dict[str, str]:
    """Clocks written `A..B` as the parameters of a diff's address."""
    old, new = points(clocks)
    first = {f"from{name[0].upper()}{name[1:]}": str(x) for name, x in old.items()}
    return {**{name: str(x) for name, x in new.items()}, **first}


def _pinned(instance: Instance, subject: str | None, given: Mapping[str, str]) -> PinnedView:
    import asyncio

    from api.export.pinned_view import pin
    from api.export.views import OF_ENTITY, OF_RECORD
    from api.graphql.execution import access

    views = OF_RECORD if subject is None else OF_ENTITY
    return asyncio.run(pin(access(instance), views["changes"], subject, given))


def _moments(pinned: PinnedView) -> dict[str, Any]:
    """The two points as they were understood."""
    assert pinned.since is not None
    return {
        name: {"asOf": moment.as_of, "knownAt": moment.known_at, "position": moment.position}
        for name, moment in (("from", pinned.since), ("to", pinned.moment))
    }


def points(given: Mapping[str, str | None]) -> Points:
    """Two points of clocks written `A..B`, or `A` for one that stays where it is."""
    old: dict[str, Any] = {}
    new: dict[str, Any] = {}
    for clock, text in given.items():
        if text is None:
            continue
        first, dots, second = text.partition("..")
        if text.startswith("[") or not dots:  # a one-of set has dots of its own
            first = second = text
        old[clock], new[clock] = first, second
    return _read(old), _read(new)


def _read(point: Mapping[str, str]) -> dict[str, Any]:
    position = point.get("atPosition")
    if position is not None and not (position.isascii() and position.isdecimal()):
        raise typer.BadParameter(f"a position is a number, not {position!a}.")
    return clocks_of(
        point.get("asOf"),
        point.get("knownAt"),
        point.get("recordedAt"),
        None if position is None else int(position),
    )


def why(
    fact: Annotated[str, typer.Argument(help="The id of the fact.")], as_json: JsonFlag = False
) -> None:
    """Tell the life of a fact, everything that bears on it: sijill why syria-joins"""
    data = answered(document("why"), {"fact": fact})
    if as_json:
        print_json(data)
    else:
        _print_life(data["why"]["life"])


# For people


def _print_diff(rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        sign = {"ADDED": "+", "REMOVED": "−", "CHANGED": "≠"}[row["change"]]
        where = f"{row['question'].lower()} {row['scope']['id']} {row['subject']['id']}"
        show(f"{sign} {where}: {_state(row['before'])} → {_state(row['after'])}")
        events = ", ".join(event["id"] for event in row["events"])
        show(f"    {', '.join(row['causes']).lower()}: {events}")


def _state(state: Mapping[str, Any] | None) -> str:
    if state is None:
        return "nothing"
    since, until = state["since"]["edtf"] or "?", state["until"] and state["until"]["edtf"]
    words = f"{state['standing'].lower()} since {since}" + (f" until {until}" if until else "")
    ends = "".join(f", announced to end {each['edtf']}" for each in state["announcedEnds"])
    return words + (", contested" if state["contested"] else "") + ends


def _print_life(life: list[Mapping[str, Any]]) -> None:
    for turn in life:
        known = f", known from {turn['knownFrom']}" if turn["knownFrom"] else ""
        show(f"{turn['position']:>8}  {turn['effect']} ({turn['event']['type']} "
                  f"{turn['event']['id']}) by {turn['actor']}{known}")  # fmt: skip
        if turn["reason"]:
            show(f"          {turn['reason']}")
