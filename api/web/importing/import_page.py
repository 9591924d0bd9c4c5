"""/import: a table is sent, its columns are assigned, cells mended in place, then it is recorded.

Every form posts to /import with all that was said so far: `step` is read, preview, send, or stay to
show the same for another type or in another language. What is sent is what was previewed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, Final
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.addresses import PageAddress
from api.auth import UNAUTHENTICATED, Principal
from api.graphql.context import Operation
from api.graphql.mutations import WRITERS, projected
from api.instance import Instance
from api.session import Session
from api.sheets.capture import captured_sheet
from api.sheets.sheet import Sheet
from api.web.editing import acts, editing_page, editor_session
from api.web.editing.acts import Field
from api.web.editing.editing_page import last
from api.web.editing.editor_session import Values
from api.web.editing.name_lookup import find_named
from api.web.importing import labels
from api.web.importing.column_uses import (
    PERIOD,
    SAMPLES,
    ImportForm,
    end_of,
    given_form,
    guessed_form,
    kinds_for,
)
from api.web.importing.import_map import map_of_form
from api.web.importing.import_preview import ImportPreview, preview
from api.web.importing.sent_table import IMPORT, SentTable, form_of, mended, read
from api.web.page_queries import words_of
from api.web.render import Page
from domain.errors import Refusals, Refused
from domain.record import Outcome, request_key
from domain.roles import Role, allow
from domain.vocabulary import Vocabulary
from store import documents
from store.database import WRITER

CLOSING: Final = ("BODY_TOO_LARGE", "BODY_TOO_SLOW")
"""Refusals after which the rest of a body may still be on its way."""


def importing(asked: Page) -> Page:
    """A page of these, which is nobody else's and tells its own origin, as the editing pages."""
    return editing_page.private(asked, "request")


async def start(request: Request, state: PageAddress) -> Response:
    """GET and POST /import: takes a table, shows what it would record, and records it."""
    who = await editor_session.signed_in(request)
    try:
        if request.method == "POST" and who is not None:
            values, table = await form_of(request)
        else:
            async for _ in request.stream():
                pass  # what nobody is signed in for is not kept
            if who is None:
                words = "Sign in, then send the table again."
                is_sent = request.method == "POST"
                wrongs = [Refused(UNAUTHENTICATED, words)] if is_sent else []
                return await editing_page.sign_in_first(request, state, wrongs)
            values, table = {}, None
        allow(who.role, Role.CONTRIBUTOR)
    except Refused as refused:
        return await _start(request, state, who, Refusals(refused))
    request_id = last(values, "requestId") or str(uuid4())
    if last(values, "step") == "send" and await _recorded(request, who, request_id):
        return _to_recorded(state, request_id)
    if table is None:
        missing = Refused("NOTHING_SENT", "Choose a file, or paste cells.", field="file")
        nothing = Refusals(*([missing] if request.method == "POST" else ()))
        return await _start(request, state, who, nothing, values)
    return await _take(request, state, who, values, table, request_id)


@editing_page.for_signed_in
async def recorded(request: Request, state: PageAddress, who: Principal) -> Response:
    """GET /import/recorded?request=ID: what a request of one's own has recorded."""
    found = await _recorded(request, who, request.query_params.get("request", ""))
    if found is None:
        raise Refused("NOT_FOUND", "The record has no such request of yours.")
    return await _show(request, state, "import_recorded.html", who, Refusals(), outcome=found)


async def _take(
    request: Request,
    state: PageAddress,
    who: Principal,
    values: Values,
    table: SentTable,
    request_id: str,
) -> Response:
    """The page of a table, or on to the next one once it is recorded."""
    access, vocabulary = request.app.state.access, words_of(request)
    step = last(values, "step")

    def work(session: Session) -> tuple[SentTable, Sheet, ImportForm]:
        sheet = read(table)
        again = mended(sheet, values)
        kept = table if again is None else again
        if again is not None:
            sheet = read(again)
        try:
            if "use[0]" in values:
                return kept, sheet, given_form(values, sheet, vocabulary)
            return kept, sheet, guessed_form(sheet, vocabulary)
        except Refused as refused:  # a row that is none
            raise Refused(refused.code, refused.message, field="file") from refused

    try:
        kept, sheet, form = await _beside(request, work)
    except Refused as refused:
        return await _start(request, state, who, Refusals(refused), values, table)
    refusals = Refusals()
    form, candidates, names = await _resolved(request, state.lang, form)
    found: ImportPreview | None = None
    if step in ("preview", "send"):
        for name in candidates:
            refusals.add(_unknown(name))
        try:
            file = map_of_form(form, sheet, vocabulary)
            if not refusals:
                found = await _beside(
                    request,
                    lambda _: preview(access.instance, sheet, file, who.role, state.lang),
                )
        except Refused as refused:
            refusals.add(refused)
    if found is not None and step == "send":
        is_whole = found.entries and not found.refusals
        try:
            if is_whole and last(values, "previewed") == found.digest:
                await _record(request, who, sheet, found, request_id)
                return _to_recorded(state, request_id)
        except Refused as refused:
            refusals.add(refused)
        if await _recorded(request, who, request_id):  # by the same form, sent a moment before
            return _to_recorded(state, request_id)
    shown = _shown(sheet, form, vocabulary)
    more = {"table": kept, "sheet": sheet, "form": form, "found": found, "names": names}
    more |= {"candidates": candidates, "requestId": request_id, "types": _types(vocabulary)}
    return await _show(request, state, "import.html", who, refusals, **more, **shown)


def _to_recorded(state: PageAddress, request_id: str) -> Response:
    """On to the page that says what was recorded: a reload of it sends nothing again."""
    address = state.link(f"{IMPORT}/recorded", request=request_id)
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)


async def _record(
    request: Request, who: Principal, sheet: Sheet, found: ImportPreview, request_id: str
) -> None:
    """Record what was previewed as one batch, and keep the sheet as a document."""
    access = request.app.state.access
    outcome: Outcome = await asyncio.get_running_loop().run_in_executor(
        WRITERS, _write, access.instance, who.actor, sheet, found, request_id
    )
    async with Operation(access._replace(principal=who)) as operation:
        await projected(operation, outcome.position)


def _write(
    instance: Instance, actor: str, sheet: Sheet, found: ImportPreview, request_id: str
) -> Outcome:
    outcome = instance.record.apply(found.entries, actor=actor, request_id=request_id)
    captured = captured_sheet(sheet)
    with instance.database.connect(WRITER) as connection:
        if captured is not None and sheet.sha256 not in documents.held(connection):
            documents.keep(connection, captured, captured_by=actor)
    return outcome


async def _recorded(request: Request, who: Principal, request_id: str) -> Any:
    """What a request of somebody's has recorded, None where it has not."""
    recorder = request.app.state.access.instance.record.recorder
    key = request_key(who.actor, request_id)
    return (await asyncio.to_thread(recorder.look, ["none:"], key)).request


async def _beside(request: Request, work: Any) -> Any:
    """What work gives in a thread, as a costly question."""
    session = Session()
    return await request.app.state.access.costly.run(lambda _: session.work(partial(work, session)))


async def _resolved(
    request: Request, lang: str, form: ImportForm
) -> tuple[ImportForm, dict[str, list[tuple[str, str]]], dict[str, str]]:
    """The form with ids in place of names that hold for every row, the candidates for names that
    several have, and the names of the ids."""
    text = dict(form.text)
    candidates: dict[str, list[tuple[str, str]]] = {}
    names: dict[str, str] = {}
    for field in form.fixed:
        name = f"fixed.{field.label}"
        if field.kind != "entity" or not text[name]:
            continue
        found = await find_named(request, lang, field, text[name])
        text[name] = found.id
        if found.name:
            names[name] = found.name
        else:
            candidates[name] = [(id_, called) for id_, called, _ in found.others]
    return form._replace(text=text), candidates, names


def _unknown(name: str) -> Refused:
    words = "The record has nothing of that name: choose what is meant, or record it first."
    return Refused("UNKNOWN_ENTITY", words, field=name)


def _shown(sheet: Sheet, form: ImportForm, vocabulary: Vocabulary) -> dict[str, Any]:
    """What the form of a sheet has beside its fields."""
    samples = []
    for row in sheet.rows():
        samples.append(row.cells)
        if len(samples) == SAMPLES:
            break
    return {
        "samples": samples,
        "offered": list(form.offered),
        "kinds": {f.label: kinds_for(f, form.type, vocabulary) for f in form.named if _names(f)},
        "is_panel": PERIOD in form.uses,
    }


def _names(field: Field) -> bool:
    return field.kind in ("entity", "entities")


def _types(vocabulary: Vocabulary) -> dict[bool, list[str]]:
    """The types of facts: those whose rows are spells, and others."""
    found: dict[bool, list[str]] = {True: [], False: []}
    for name, _ in acts.types_of_facts(vocabulary):
        found[end_of(name, vocabulary) is not None].append(name)
    return found


async def _start(
    request: Request,
    state: PageAddress,
    who: Principal | None,
    wrong: Refusals,
    values: Mapping[str, Any] = {},
    table: SentTable | None = None,
) -> Response:
    return await _show(
        request,
        state,
        "import_start.html",
        who,
        wrong,
        table=table,
        text={key: last(values, key) for key in (*labels.READ_AS, "cells", "requestId")},
    )


async def _show(
    request: Request,
    state: PageAddress,
    template: str,
    who: Principal | None,
    wrong: Refusals,
    **values: Any,
) -> Response:
    more = {**labels.named(state.lang, words_of(request)), "here": state.link(IMPORT), **values}
    answer = await editing_page.show_editing(request, state, template, who, wrong.first, **more)
    if not wrong and (found := values.get("found")) is not None and found.refusals:
        answer.status_code = HTTPStatus.BAD_REQUEST
    if wrong and wrong.first[0].code in CLOSING:
        answer.headers["connection"] = "close"
    return answer


IMPORTS: Final[dict[str, Page]] = {
    IMPORT: importing(start),
    f"{IMPORT}/recorded": importing(recorded),
}
"""Path → what answers it, by GET and by POST."""
