"""Entities and sources by name: what someone types, as the id that the entry has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from starlette.requests import Request

from api.web.editing.acts import NAMED_IN, Field
from api.web.editing.definition_forms import parts_of
from api.web.editing.filled_form import Form
from api.web.page_queries import ask
from domain.errors import Refused

Candidates = dict[str, list[tuple[str, str]]]
"""By the name of a field, ids and names of what may be meant."""
MOST_NAMES: Final = 100
"""That are looked up of one field; where there are more, all have to be ids."""
SOUGHT: Final = {"entity": "ENTITY", "entities": "ENTITY", "source": "SOURCE"}


class ResolvedForm(NamedTuple):
    """The form with ids where names were typed; the names of ids; what else may be meant."""

    form: Form
    names: dict[str, str]
    candidates: Candidates


async def resolved(request: Request, lang: str, form: Form) -> ResolvedForm:
    """Look up what is typed into the fields that name something.

    A name that only one has is replaced by its id. What is not found stays, for the API to refuse.
    """
    text, names, candidates = dict(form.text), {}, Candidates()
    new = {f"citations[{block.number}].source" for block in form.blocks if form.registers(block)}
    new |= set(filter(form.names_new, form.newcomers))
    for field in form.all_fields:
        typed = text[field.name]
        if field.kind not in SOUGHT or not typed or field.name in new:
            continue
        ids, said = [], []
        parts = parts_of(typed) if field.kind == "entities" else [typed]
        if len(parts) > MOST_NAMES:
            continue
        for part in parts:
            id_, name, others = await find_named(request, lang, field, part)
            ids.append(id_)
            said.append(name)
            if others:
                candidates.setdefault(field.name, []).extend(others)
        text[field.name] = ", ".join(ids)
        if all(said):
            names[field.name] = ", ".join(said)
    return ResolvedForm(form._replace(text=text), names, candidates)


async def find_named(
    request: Request, lang: str, field: Field, typed: str
) -> tuple[str, str, list[tuple[str, str]]]:
    """The id, its name, and if there is none, what may be meant."""
    asked = {"text": typed, "kinds": [SOUGHT[field.kind]], "lang": lang}
    try:
        edges = (await ask(request, "find", asked))["search"]["edges"]
    except Refused:
        return typed, "", []
    nodes = [edge["node"] for edge in edges]
    for node in nodes:
        if node["id"] == typed:
            return typed, _name(node), []
    same = [node for node in nodes if typed.casefold() in _names(node)]
    if len(same) == 1:
        return same[0]["id"], _name(same[0]), []
    return typed, "", [(node["id"], _name(node)) for node in nodes]


def _name(node: dict[str, Any]) -> str:
    return str(node["entity"]["name"] if node["entity"] else node["source"]["title"])


def _names(node: dict[str, Any]) -> set[str]:
    if node["entity"]:
        called = [*node["entity"]["names"], *node["entity"]["aliases"]]
        return {each["name"].casefold() for each in called}
    return {node["source"]["title"].casefold()}


def names_of(entity: Mapping[str, Any]) -> dict[str, str]:
    """What an entity is called, as the fields of its renaming have it."""
    names = {each["lang"]: each["name"] for each in entity["names"]}
    aliases: dict[str, list[str]] = {}
    for each in entity["aliases"]:
        aliases.setdefault(each["lang"], []).append(each["name"])
    return {
        **{f"names.{lang}": names.get(lang, "") for lang in NAMED_IN},
        **{f"aliases.{lang}": ", ".join(aliases.get(lang, ())) for lang in NAMED_IN},
        "identifiers": "\n".join(f"{it['scheme']}: {it['value']}" for it in entity["identifiers"]),
    }
