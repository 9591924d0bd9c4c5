"""Feeds (Atom) of what is recorded of an entity, a question to it, or a source."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import NAMESPACE_OID, uuid5

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import PageAddress
from api.export.views import of_entity
from api.language.labels import RecordLabels
from api.language.words import words
from api.rest.site import site_of
from api.web.event_sentences import named_in
from api.web.page_queries import ask, read, words_of
from api.web.render import show
from domain.codec import decode
from domain.errors import Refused
from domain.vocabulary import Vocabulary
from projections import log_leaves, view_rows
from projections.follower import progress_of

EVENTS: Final = 50
MEDIA_TYPE: Final = "application/atom+xml; charset=utf-8"


async def of_an_entity(request: Request, state: PageAddress) -> Response:
    """GET /e/ID/feed.atom"""
    name, tags = await _entity(request, state)
    return await _feed(request, state, name, tags)


async def of_a_question(request: Request, state: PageAddress) -> Response:
    """GET /e/ID/QUESTION/feed.atom"""
    vocabulary, question = words_of(request), request.path_params["question"]
    view = of_entity(vocabulary).get(question)
    if view is None or view.question is None:
        raise Refused("NOT_FOUND", f"There is no question {question[:40]!a} to an entity.")
    name, tags = await _entity(request, state)
    called = RecordLabels(words(state.lang), vocabulary).view(question)
    about = [tag for tag in tags if tag.startswith("about:")]
    types = _types(question, vocabulary)
    return await _feed(request, state, f"{name}: {called}", about, types)


async def of_a_source(request: Request, state: PageAddress) -> Response:
    """GET /s/ID/feed.atom"""
    id_ = request.path_params["id"]
    found = await ask(request, "source", {"id": id_, "lang": state.lang})
    return await _feed(request, state, found["source"]["title"], [f"source:{id_}", f"cites:{id_}"])


async def _entity(request: Request, state: PageAddress) -> tuple[str, list[str]]:
    """What an entity is called, and the tags of its events and of the facts about it and about all
    that is merged into it."""
    given = {"id": request.path_params["id"], "lang": state.lang}
    entity = (await ask(request, "named", given))["entity"]
    record = request.app.state.instance.record
    _, merged = await asyncio.to_thread(record.entity, entity["id"])
    ids = [entity["id"], *merged]
    return entity["name"], [f"{kind}:{each}" for each in ids for kind in ("entity", "about")]


def _types(question: str, vocabulary: Vocabulary) -> list[str]:
    """The types of facts that start or end what a question asks for."""
    fluents = {
        name for name, it in vocabulary.fluents.items() if question in (it.question, it.inverse)
    }
    return [
        name
        for name, kind in vocabulary.fact_types.items()
        if any(effect.fluent in fluents for effect in kind.entry.effects)
    ]


async def _feed(
    request: Request,
    state: PageAddress,
    title: str,
    tags: Sequence[str],
    types: Sequence[str] | None = None,
) -> Response:
    def found(connection: view_rows.Connection) -> tuple[list[view_rows.StoredEvent], int]:
        about = view_rows.events_about(connection, tags, types, EVENTS)
        return about, progress_of(connection).position

    logged, head = await read(request, found)
    events = [
        {
            "position": each.position,
            "hash": each.hash,
            "id": (event := decode(each.position, each.type, each.data)).entry.id,
            "type": each.type.partition("/")[0],
            "actor": event.actor,
            "recordedAt": time_of(event.recorded_at),
        }
        for each in logged
    ]
    return await show_feed(request, state, title, events, head)


def time_of(at: datetime) -> str:
    """A time as RFC 3339 has it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


async def show_feed(
    request: Request, state: PageAddress, title: str, events: Sequence[dict[str, Any]], head: int
) -> Response:
    """A feed of events, newest first, of the page whose address has its own but for the end. They
    are named as they are called at the position `head`."""
    async with request.app.state.reader() as connection:
        first = await log_leaves.leaves(connection, 0, 1)
    path = request.url.path.removesuffix("/feed.atom")
    positions = [each["position"] for each in events]
    return await show(
        request,
        state,
        "feed.atom",
        media_type=MEDIA_TYPE,
        title=title,
        events=events,
        named=(await named_in(request, state, head, events=positions)).events,
        feed_id=id_of(next((leaf.hash for leaf in first.values()), ""), path),
        id_of=id_of,
        base=site_of(request),
        page=path,
    )


def id_of(leaf: str, path: str = "/log") -> str:
    """What a feed calls an event by the hash of its leaf, or by that of the log's first event the
    feed of a page: the same at whatever address it is served, in any language. A log without events
    has the id of no leaf."""
    return uuid5(NAMESPACE_OID, leaf if path == "/log" else f"{leaf}{path}").urn
