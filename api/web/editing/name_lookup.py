"""Entities and sources by name: what someone types, as the id that the entry has."""

from __future__ import annotations

from collections.abc import Collection
from secrets import token_hex
from typing import Any, Final, NamedTuple

from starlette.requests import Request

from api.web.editing.acts import NEW_ID, Field
from api.web.editing.editor_session import Values
from api.web.editing.field_values import parts_of
from api.web.editing.filled_form import Form
from api.web.page_queries import ask
from domain.errors import Refused

Candidates = dict[str, list[tuple[str, str, str]]]
"""Field name → what a text in it may mean: ids, names and kinds."""
MOST_NAMES: Final = 100
"""Names in one field that are looked up; a field with more must have ids."""
SOUGHT: Final = {"entity": "ENTITY", "entities": "ENTITY", "source": "SOURCE"}


class ResolvedForm(NamedTuple):
    """The form with ids in place of names, the names of those ids, and per field the candidates for
    a name that several have. `unknown` are refusals of names that nothing has."""

    form: Form
    names: dict[str, str]
    candidates: Candidates
    unknown: list[Refused]


async def resolved(request: Request, lang: str, form: Form, chosen: Values) -> ResolvedForm:
    """Look up what is typed into the fields that name something, of what was `chosen` before.

    A name that only one has is replaced by its id; what is new gets an id that nothing has.
    """
    text, names, candidates = dict(form.text), dict[str, str](), Candidates()
    unknown: list[Refused] = []
    fields = {field.name: field for field in form.all_fields if field.kind in SOUGHT}
    new = dict(form.new)
    for name, it in form.new.items():
        details = form.details_of(name)
        found = await find_named(request, lang, fields[name], it.box) if it.box else NOTHING
        if found.name and not it.has_name:  # the record has it: only its kind or so was filled in
            text |= {each.name: "" for each in details} | {name: found.id}
            names[name] = found.name
            del new[name]
            continue
        own = next(each.name for each in details if each.label == NEW_ID)
        if not it.has_id:
            taken = {text[other] for other in form.new if other != name}
            text[own] = await _free_id(request, lang, fields[name], text[own], taken)
        text[name] = text[own]
        names[name] = next((text[it.name] for it in details if text[it.name]), "")
    for name, field in fields.items():
        typed = text[name]
        if not typed or name in form.new:
            continue
        parts = parts_of(typed) if field.kind == "entities" else [typed]
        if len(parts) > MOST_NAMES:
            continue
        before = set(parts_of(chosen.get(f"chosen[{name}]", [""])[-1]))
        all_found = [await find_named(request, lang, field, part, before) for part in parts]
        text[name] = ", ".join(found.id for found in all_found)
        others = [other for found in all_found for other in found.others]
        if others:
            candidates[name] = others
        if all(found.name for found in all_found):
            said = [found.name for found in all_found]
            if field.kind != "entities" or all(len(parts_of(it)) == 1 for it in said):
                names[name] = ", ".join(said)
        else:
            part = next(
                part for part, found in zip(parts, all_found, strict=True) if not found.name
            )
            message = f"The record has nothing called {part[:80]!a}."
            unknown.append(
                Refused(f"UNKNOWN_{SOUGHT[field.kind]}", message, field=name, typed=part)
            )
    return ResolvedForm(form.with_text(text, new), names, candidates, unknown)


async def _free_id(request: Request, lang: str, field: Field, wanted: str, taken: set[str]) -> str:
    """An id that nothing has, the one wanted if nothing has that."""
    if wanted in taken or (await find_named(request, lang, field, wanted)).id_is_taken:
        return f"{wanted}-{token_hex(2)}"
    return wanted


class FoundName(NamedTuple):
    """What a text names: its id and name. The name is empty where the text may mean several."""

    id: str
    name: str
    others: list[tuple[str, str, str]]
    """The candidates then: id, name, kind."""
    id_is_taken: bool = False


NOTHING: Final = FoundName("", "", [])


async def find_named(
    request: Request, lang: str, field: Field, typed: str, chosen: Collection[str] = ()
) -> FoundName:
    """What a text names; of several of that name, one that was chosen before."""
    asked = {"text": typed, "kinds": [SOUGHT[field.kind]], "lang": lang}
    try:
        edges = (await ask(request, "find", asked))["search"]["edges"]
    except Refused:  # the record is asked in the end
        return FoundName(typed, typed, [])
    nodes = [edge["node"] for edge in edges]
    for node in nodes:
        if node["id"] == typed:
            return FoundName(typed, _name(node), [], True)
    same = [node for node in nodes if typed.casefold() in _names(node)]
    same = [node for node in same if node["id"] in chosen] or same
    if len(same) == 1:
        return FoundName(same[0]["id"], _name(same[0]), [])
    others = [(node["id"], _name(node), (node["entity"] or {}).get("kind", "")) for node in nodes]
    return FoundName(typed, "", others)


def _name(node: dict[str, Any]) -> str:
    return str(node["entity"]["name"] if node["entity"] else node["source"]["title"])


def _names(node: dict[str, Any]) -> set[str]:
    if node["entity"]:
        called = [*node["entity"]["names"], *node["entity"]["aliases"]]
        return {each["name"].casefold() for each in called}
    return {node["source"]["title"].casefold()}
