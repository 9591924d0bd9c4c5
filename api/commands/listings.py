"""`search`, `entities`, `facts`, `timeline` and `show`: what the record has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from api.commands.options import (
    After,
    First,
    Lang,
    Variables,
    clocked,
    given,
    in_our_words,
    in_words,
)
from api.commands.query import answered, catch_up, close_names, document, executed, opened_record
from api.commands.questions import Entity, kind_of
from api.terminal import JsonFlag, print_json, show, show_table

OF_ID = ("entity", "source", "fact")
"""What has an id of its own."""


@clocked
def search(
    text: Annotated[str, typer.Argument(help="Words in any language, whole or in part, or an id.")],
    clocks: Variables,
    kind: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND", help="entity, fact or source; again for more."),
    ] = None,
    lang: Lang = "en",
    first: First = None,
    after: After = None,
    as_json: JsonFlag = False,
) -> None:
    """Find entities, facts and sources by words, the best first: sijill search coalition"""
    kinds = ("ENTITY", "FACT", "SOURCE")
    if unknown := [each for each in kind or () if each.upper() not in kinds]:
        raise typer.BadParameter(f"{unknown[0]!a} is none of entity, fact and source.")
    variables = given(
        text=text,
        kinds=kind and [each.upper() for each in kind],
        first=first,
        after=after,
        lang=lang,
    )

    with opened_record() as instance:
        catch_up(instance, clocks)
        data = executed(instance, document("search"), {**variables, **clocks})
        found, close = data["search"], ""
        if not found["edges"] and not after and "ENTITY" in variables.get("kinds", kinds):
            close = close_names(instance, text, found["position"])
    if as_json:
        print_json(data)
        return
    rows = [(node["kind"].lower(), node["id"], _found(node)) for node in _nodes(data["search"])]
    show_table(("Kind", "Id", "What"), rows)
    _show_end(data["search"], clocks, close)


@clocked
def entities(
    text: Annotated[str | None, typer.Argument(help="A part of a name in any language.")] = None,
    *,
    clocks: Variables,
    kind: Annotated[
        str | None, typer.Option(metavar="KIND", help="Such as country or person.")
    ] = None,
    lang: Lang = "en",
    first: First = None,
    after: After = None,
    as_json: JsonFlag = False,
) -> None:
    """List the entities of a name or a kind, by name: sijill entities --kind coalition"""
    kind = kind and kind_of(kind)
    variables = given(search=text, kind=kind, first=first, after=after, lang=lang)
    data = answered(document("entities"), {**variables, **clocks})
    if as_json:
        print_json(data)
        return
    rows = [
        (node["id"], node["kind"].lower(), node["name"], node["iso3166"] or "")
        for node in _nodes(data["entities"])
    ]
    show_table(("Id", "Kind", "Name", "ISO 3166"), rows)
    _show_end(data["entities"], clocks)


@clocked
def facts(
    clocks: Variables,
    entity: Annotated[
        str | None, typer.Option(metavar="ENTITY", help="That name it, by its id or its name.")
    ] = None,
    source: Annotated[
        str | None, typer.Option(metavar="SOURCE", help="That cite it, by its id or its title.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--type", metavar="TYPE", help="Such as MemberJoined.")
    ] = None,
    lang: Lang = "en",
    first: First = None,
    after: After = None,
    as_json: JsonFlag = False,
) -> None:
    """List facts by date: sijill facts --entity syria --type MemberJoined"""
    variables = given(entity=entity, source=source, type=kind, first=first, after=after, lang=lang)
    names = {"entity": ("ENTITY", "--entity"), "source": ("SOURCE", "--source")}
    _show_facts(
        "facts", answered(document("facts"), {**variables, **clocks}, names), clocks, as_json
    )


@clocked
def timeline(
    entity: Entity,
    clocks: Variables,
    lang: Lang = "en",
    first: First = None,
    after: After = None,
    as_json: JsonFlag = False,
) -> None:
    """List the facts about an entity that count, by date: sijill timeline syria"""
    variables = given(entity=entity, first=first, after=after, lang=lang)
    data = answered(document("timeline"), {**variables, **clocks}, {"entity": ("ENTITY", "ENTITY")})
    _show_facts("timeline", data, clocks, as_json)


@clocked
def show_id(
    name: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="The id of an entity, a fact or a source; or an entity's name, or a "
            "source's title.",
        ),
    ],
    clocks: Variables,
    lang: Lang = "en",
    as_json: JsonFlag = False,
) -> None:  # fmt: skip
    """Show an entity, a fact or a source, with all that is written of it: sijill show syria"""
    with opened_record() as instance:
        catch_up(instance, clocks)
        found = _of_id(instance, {"id": name, "lang": lang, **clocks})
    if as_json:
        print_json(found)
        return
    for kind, item in found.items():
        if item is not None:
            show_table((kind.capitalize(), ""), _lines(item))


def _of_id(instance: Any, variables: Variables) -> dict[str, Any]:
    """What has an id: of each kind of thing what has it, or None. Refused where nothing has."""
    from api.graphql import execution
    from api.graphql.question_document import data_of
    from domain.errors import Refused

    found: dict[str, Any] = dict.fromkeys(OF_ID)
    for kind in OF_ID:
        try:
            found[kind] = data_of(execution.ask(instance, document(kind), variables))[kind]
        except Refused as refused:
            if refused.code != f"UNKNOWN_{kind.upper()}":
                raise in_our_words(refused) from refused
    if any(found.values()):
        return found
    for kind in ("entity", "source"):
        try:
            again = executed(
                instance, document(kind), dict(variables), {"id": (kind.upper(), "ID")}
            )
            return {**found, **again}
        except Refused as refused:
            if refused.code != f"UNKNOWN_{kind.upper()}":
                raise
    raise Refused(
        "UNKNOWN_ID",
        f"The record has no entity, fact or source with the id or the name "
        f"{variables['id'][:128]!r}: `sijill search` finds ids.",
        option="ID",
    )


# For people


def _nodes(connection: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [edge["node"] for edge in connection["edges"]]


def _show_facts(field: str, data: Mapping[str, Any], clocks: Variables, as_json: bool) -> None:
    if as_json:
        print_json(data)
        return
    rows = [
        (
            node["when"]["edtf"] or "",
            f"{node['type']}\n{_marks(node)}".rstrip(),
            node["id"],
            _about(node),
        )
        for node in _nodes(data[field])
    ]
    show_table(("When", "Type", "Id", "About"), rows)
    _show_end(data[field], clocks)


def _show_end(connection: Mapping[str, Any], clocks: Variables, more: str = "") -> None:
    show(f"{len(connection['edges'])} found, {in_words(clocks)}, "
         f"at log position {connection['position']}.{more}")  # fmt: skip
    if connection["pageInfo"]["hasNextPage"]:
        show(f"There are more: --after {connection['pageInfo']['endCursor']}")


def _found(node: Mapping[str, Any]) -> str:
    if node["entity"]:
        return f"{node['entity']['name']}, {node['entity']['kind'].lower()}"
    if node["source"]:
        source = node["source"]
        return ", ".join(filter(None, (source["title"], source["publisher"])))
    return f"{node['fact']['type']} {node['fact']['when']['edtf'] or ''}: {_about(node['fact'])}"


def _about(fact: Mapping[str, Any]) -> str:
    names = ", ".join(subject["entity"]["name"] for subject in fact["subjects"])
    details = ", ".join(f"{key} {value}" for key, value in fact["details"].items())
    return "\n".join(filter(None, (names, details)))


def _marks(fact: Mapping[str, Any]) -> str:
    marks = [fact["modality"].lower()] if fact["modality"] != "OCCURRED" else []
    marks += ["disputed"] if fact["disputed"] else []
    marks += [f"set aside by {', '.join(fact['setAsideBy'])}"] if fact["setAsideBy"] else []
    return ", ".join(marks or ([] if fact["counts"] else ["does not count"]))


def _lines(item: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Key and value of all that is there, a line each; what is within is written flat."""
    lines: list[tuple[str, str]] = []
    for key, value in item.items():
        for each in value if isinstance(value, list) else [value]:
            if each not in (None, {}, []):
                lines.append((key, _flat(each)))
    return lines


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        keys = set(value)
        if keys == {"edtf"}:
            return str(value["edtf"])
        if keys == {"lang", "name"}:
            return f"{value['name']} ({value['lang']})"
        if keys == {"scheme", "value"}:
            return f"{value['scheme']} {value['value']}"
        if keys in ({"id", "name"}, {"id", "title"}):
            return f"{value.get('name') or value['title']} ({value['id']})"
        parts = (f"{key} {_flat(each)}" for key, each in value.items() if each not in (None, []))
        return ", ".join(parts)
    if isinstance(value, list):
        return " ".join(map(_flat, value))
    return str(value)
