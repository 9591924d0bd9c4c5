"""/edit/undo/POSITION: what undoes an event, what that changes, and one button to record it."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from secrets import token_hex
from typing import Any
from uuid import uuid4

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.addresses import PageAddress, position_of
from api.auth import Principal
from api.language.words import words
from api.web.editing import editor_session
from api.web.editing.editing_page import for_signed_in, last, show_editing
from api.web.editing.field_values import digest_of
from api.web.event_sentences import named_in
from api.web.page_queries import answer, ask, document, read
from domain.codec import Event, decode, write
from domain.corrections import FactCorrection, SourceCorrection
from domain.errors import Refused
from domain.facts import Fact
from domain.roles import allow, role_for
from domain.sources import Entry, SourceRegistered
from projections import view_rows


@for_signed_in
async def undo(request: Request, state: PageAddress, who: Principal) -> Response:
    """GET and POST /edit/undo/POSITION. Refused(NOT_FOUND) where no event can be undone there."""
    event = await _event(request, request.path_params["position"])
    given: editor_session.Values = {}
    wrongs: list[Refused] = []
    made: list[Entry] = []
    why: Refused | None = None
    usual = words(state.lang).gettext("Undoes entry %(number)s of the log.")
    values: dict[str, Any] = {
        "reason": usual % {"number": event.position},
        "id": f"undo-{event.position}-{token_hex(4)}",
        "requestId": str(uuid4()),
        "previewed": "",
        "made": [],
        "diff": None,
        "warnings": [],
    }
    try:
        if request.method == "POST":
            given = await editor_session.values_of(request)
        values |= {
            key: given[key][-1].strip()
            for key in ("reason", "id", "requestId")
            if last(given, key).strip()
        }
        try:
            made = await asyncio.to_thread(
                request.app.state.instance.record.opposites, event, values["id"], values["reason"]
            )
            if request.method == "GET" and not all(
                who.role.includes(role_for(entry)) for entry in made
            ):
                raise Refused("FOR_REVIEWERS", "This takes the role reviewer.")
        except Refused as refused:
            why = refused
        else:
            for entry in made:
                allow(who.role, role_for(entry))
            sent = await _take(request, state, who, given, made, values)
            if sent is not None:
                return _recorded(state, event.entry, made, sent)
    except Refused as refused:
        wrongs = [refused]
    head = (await ask(request, "log", {"after": 0, "first": 1}))["log"]["position"]
    named = await named_in(request, state, head, events=[event.position], entries=made)
    return await show_editing(
        request,
        state,
        "edit_undo.html",
        who,
        wrongs,
        event=event,
        why=why,
        type=type(event.entry).__name__,
        sentence=named.events.get(event.position, Markup()),
        opposites=[named.entries.get(entry.id, Markup()) for entry in made],
        **values,
    )


async def _take(
    request: Request,
    state: PageAddress,
    who: Principal,
    given: editor_session.Values,
    made: list[Entry],
    values: dict[str, Any],
) -> int | None:
    """Record the opposite if it was previewed, and return the log's position; else preview it."""
    entries = [write(entry) for entry in made]
    values |= {"made": entries, "previewed": digest_of(entries, but="reason")}
    variables = {"entries": entries, "requestId": values["requestId"]}
    if last(given, "step") == "send" and last(given, "previewed") == values["previewed"]:
        sent = await answer(request, document("send"), variables, who)
        return int(sent["apply"]["position"])
    said = await answer(request, document("preview"), {**variables, "lang": state.lang}, who)
    values |= {"diff": said["apply"]["diff"], "warnings": said["apply"]["warnings"] or []}
    return None


async def _event(request: Request, text: str) -> Event:
    """The event at a position. Refused(NOT_FOUND) where there is none."""
    position = position_of(text)

    def found(connection: view_rows.Connection) -> list[tuple[int, str, bytes]]:
        return view_rows.entries_at(connection, [position or 0])

    rows = await read(request, found)
    if not rows:
        raise Refused("NOT_FOUND", f"The log has no entry that could be undone at {text[:40]!a}.")
    return decode(*rows[0])


def _recorded(state: PageAddress, undone: Entry, made: list[Entry], position: int) -> Response:
    """On to the page that says what was recorded."""
    asked = {"event": made[-1].id, "position": position, **about_of(undone, *made)}
    return RedirectResponse(state.link("/edit/recorded", **asked), HTTPStatus.SEE_OTHER)


def about_of(*entries: Entry) -> dict[str, str]:
    """What the first entry with a subject is about: kind → id."""
    for entry in entries:
        if isinstance(entry, Fact):
            return {"fact": entry.id}
        if isinstance(entry, FactCorrection):
            return {"fact": entry.fact}
        if isinstance(entry, SourceRegistered):
            return {"source": entry.id}
        if isinstance(entry, SourceCorrection):
            return {"source": entry.source}
        for key in ("entity", "into"):
            if isinstance(entity := getattr(entry, key, None), str):
                return {"entity": entity}
    return {}
