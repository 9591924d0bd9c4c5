"""/edit/entity/ID and /edit/source/ID: what can be done about an entity or a source. What entries
say in sentences before they are recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from api.addresses import PageAddress
from api.auth import Principal
from api.language.words import words
from api.web.editing import acts
from api.web.editing.editing_page import for_signed_in, show_editing
from api.web.event_sentences import named_in
from api.web.page_queries import ask, words_of
from domain.codec import read
from domain.entities import name_in


@for_signed_in
async def entity(request: Request, state: PageAddress, who: Principal) -> Response:
    """GET /edit/entity/ID"""
    return await _hub(request, state, who, "entity", acts.OF_ENTITY)


@for_signed_in
async def source(request: Request, state: PageAddress, who: Principal) -> Response:
    """GET /edit/source/ID"""
    return await _hub(request, state, who, "source", acts.OF_SOURCE)


async def _hub(
    request: Request, state: PageAddress, who: Principal, kind: str, offered: Sequence[str]
) -> Response:
    told = await description_of(request, state, kind, request.path_params["id"])
    follow = [act for act in offered if act != "split" or told["merged"]]
    if kind == "source" and told["source"]["withdrawn"]:
        follow.remove("withdraw_source")
    return await show_editing(
        request, state, "edit_described.html", who, **told, of=kind, follow=follow
    )


async def description_of(
    request: Request, state: PageAddress, kind: str, id_: str
) -> dict[str, Any]:
    """An entity, with what is merged into it, or a source. Refused where there is none."""
    if kind == "source":
        found = await ask(request, "source", {"id": id_, "lang": state.lang})
        return {"source": found["source"], "about": id_, "name": found["source"]["title"]}
    found = await ask(request, "named", {"id": id_, "lang": state.lang})
    about = found["entity"]["id"]
    record = request.app.state.instance.record
    entry, merged = await asyncio.to_thread(record.entity, about)
    names = {other: name_in(it.names, state.lang) for other, it in merged.items()}
    return {
        "entity": found["entity"],
        "about": about,
        "name": found["entity"]["name"],
        "entry": entry,
        "merged": names,
    }


async def sentences_of(
    request: Request, state: PageAddress, entries: Sequence[dict[str, Any]]
) -> list[Markup]:
    """Sentences of entries that are not recorded yet. An entry that names what the record does not
    have is left out."""
    head = (await ask(request, "log", {"after": 0, "first": 1}))["log"]["position"]
    typed = [read(entry, words_of(request)) for entry in entries]
    named = await named_in(request, state, head, entries=typed)
    return [named.entries[entry.id] for entry in typed if entry.id in named.entries]


async def views_told(
    request: Request, state: PageAddress, views: Sequence[dict[str, Any]]
) -> list[Markup]:
    """What each view of a story shows, with a link to it, and its paragraph."""
    lines = []
    for view in views:
        found = await ask(request, "named", {"id": view["entity"], "lang": state.lang})
        points = {name: view.get(name) for name in ("asOf", "knownAt", "atPosition")}
        day = words(state.lang).edtf(view["asOf"])
        text = view["texts"].get(state.lang) or next(iter(view["texts"].values()))
        line = Markup('<a href="{}">{}</a>: <bdi>{}</bdi>')
        name = f"{found['entity']['name']}, {day}"
        lines.append(line.format(state.link(f"/e/{view['entity']}", **points), name, text))
    return lines
