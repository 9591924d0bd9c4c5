"""`diff` and `why`: what changed between two points of the clocks, and the life of a fact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from api.commands.options import clocks_of
from api.commands.query import answered, catch_up, document, executed
from api.terminal import JsonFlag, print_json, say, show

PAGE = 5_000
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
    from api.instance import opened
    from api.settings import Settings

    old, new = points({"asOf": as_of, "knownAt": known_at, "atPosition": at_position})
    variables = {"entity": subject, "from": old, "to": new, "first": PAGE}
    with opened(Settings.read(), say) as instance:
        catch_up(instance, {})
        found = executed(instance, document("diff"), variables, {"entity": ("ENTITY", "SUBJECT")})[
            "diff"
        ]
        page = found
        while page["pageInfo"]["hasNextPage"]:
            after = page["pageInfo"]["endCursor"]
            page = executed(instance, document("diff"), {**variables, "after": after})["diff"]
            found["edges"] += page["edges"]
        found["pageInfo"] = page["pageInfo"]
    if as_json:
        print_json({"diff": found})
    else:
        _print_diff(found)


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


def _print_diff(found: Mapping[str, Any]) -> None:
    for edge in found["edges"]:
        node = edge["node"]
        sign = {"ADDED": "+", "REMOVED": "−", "CHANGED": "≠"}[node["change"]]
        where = f"{node['question'].lower()} {node['scope']['id']} {node['subject']['id']}"
        show(f"{sign} {where}: {_state(node['before'])} → {_state(node['after'])}")
        events = ", ".join(event["id"] for event in node["events"])
        show(f"    {', '.join(node['causes']).lower()}: {events}")
    ends = [f"{end['asOf']} known {end['knownAt'] or 'by now'} at {end['position']}"
            for end in (found["from"], found["to"])]  # fmt: skip
    show(f"{len(found['edges'])} differ between {ends[0]} and {ends[1]}.")


def _state(state: Mapping[str, Any] | None) -> str:
    if state is None:
        return "nothing"
    since, until = state["since"]["edtf"] or "?", state["until"] and state["until"]["edtf"]
    words = f"{state['standing'].lower()} since {since}" + (f" until {until}" if until else "")
    return words + (", contested" if state["contested"] else "")


def _print_life(life: list[Mapping[str, Any]]) -> None:
    for turn in life:
        known = f", known from {turn['knownFrom']}" if turn["knownFrom"] else ""
        show(f"{turn['position']:>8}  {turn['effect']} ({turn['event']['type']} "
                  f"{turn['event']['id']}) by {turn['actor']}{known}")  # fmt: skip
        if turn["reason"]:
            show(f"          {turn['reason']}")
