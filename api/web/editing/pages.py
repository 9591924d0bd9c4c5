"""/edit: signing in, the form of each act with the preview of what it changes, and what was done.

Every form posts to its own address: `step` is preview, send, cite for one more citation, stay to
have it in another language, or one that arranges the views of a story. What is sent is what was
previewed; a form that has errors comes back with all that was typed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.addresses import PageAddress, position_of
from api.auth import Principal
from api.web.editing import acts, editor_session
from api.web.editing.description_pages import entity, source
from api.web.editing.editing_page import (
    editing,
    for_signed_in,
    last,
    show_editing,
    sign_in,
    sign_in_first,
    sign_out,
)
from api.web.editing.editor_session import Values
from api.web.editing.filled_form import Form, FormAddress, FormSubject
from api.web.editing.form_errors import refusals_of
from api.web.editing.forms import FORMS
from api.web.editing.name_lookup import resolved
from api.web.editing.undo import undo
from api.web.evidence import evidence
from api.web.page_queries import answer, ask, document, words_of
from api.web.pages.word_tables import vocabulary
from api.web.render import Page
from domain.errors import Refusals, Refused
from domain.roles import allow, role_of
from domain.vocabulary import Vocabulary


@for_signed_in
async def start(request: Request, state: PageAddress, who: Principal) -> Response:
    """GET /edit: who is signed in and what they may do."""
    return await show_editing(
        request, state, "edit_start.html", who, types=_types(request), about=None
    )


@for_signed_in
async def fact(request: Request, state: PageAddress, who: Principal) -> Response:
    """GET /edit/fact/ID: what can be done about a fact."""
    told = await evidence(request, state, request.path_params["id"])
    follow = acts.follow(told["fact"], words_of(request))
    return await show_editing(request, state, "edit_fact.html", who, **told, follow=follow)


@for_signed_in
async def words(request: Request, state: PageAddress, who: Principal) -> Response:
    """GET /edit/vocabulary: /vocabulary for those who may define more"""
    try:
        allow(who.role, role_of(acts.ACTS[acts.EXTENDING]))
    except Refused as refused:
        given: dict[str, Any] = {"types": _types(request), "about": None}
        return await show_editing(request, state, "edit_start.html", who, [refused], **given)
    return await vocabulary(request, state, who)


async def record(request: Request, state: PageAddress) -> Response:
    """GET and POST /edit/record?type=…, `about` being an entity to begin with"""
    kind = request.query_params.get("type", "")
    if kind in words_of(request).fact_types:
        subject = await FORMS["record"].subject_of(FormAddress(request, state, "record", kind))
        return await _form(request, state, "record", subject)
    who = await editor_session.signed_in(request)
    if who is None:
        return await sign_in_first(request, state)
    about = request.query_params.get("about")
    return await show_editing(
        request, state, "edit_start.html", who, types=_types(request), about=about
    )


async def about(request: Request, state: PageAddress) -> Response:
    """GET and POST /edit/ACT/ID, of a definition and a story /edit/ACT/new"""
    act, id_ = request.path_params["act"], request.path_params["id"]
    if act not in FORMS or act == "record":
        raise Refused("NOT_FOUND", f"There is no form for {act[:40]!a}.")
    subject = await FORMS[act].subject_of(FormAddress(request, state, act, id_))
    return await _form(request, state, act, subject)


async def recorded(request: Request, state: PageAddress) -> Response:
    """GET /edit/recorded?event=ID&position=N: what the log has there, and where it shows"""
    given = request.query_params
    position, id_ = position_of(given.get("position")), given.get("event", "")
    told = given.get("fact", id_)
    after = max(0, (position or 0) - 1)
    log = (await ask(request, "log", {"after": after, "first": 1}))["log"]
    event = next((it for it in log["events"] if it["id"] == id_), None)
    if position is None or event is None:
        raise Refused("NOT_FOUND", f"The log has no event {id_[:128]!a} at that position.")
    who = await editor_session.signed_in(request)
    values: dict[str, Any] = {"fact": None, "source": None, "entities": []}
    if entity := given.get("entity"):
        found = await ask(request, "named", {"id": entity, "lang": state.lang})
        values["entities"] = [found["entity"]]
    elif source := given.get("source"):
        found = await ask(request, "source", {"id": source, "lang": state.lang})
        values["source"] = found["source"]
    else:
        found = await ask(request, "fact", {"id": told, "lang": state.lang})
        values |= {
            "fact": found["fact"],
            "entities": [it["entity"] for it in found["fact"]["subjects"]],
        }
    return await show_editing(request, state, "edit_recorded.html", who, event=event, **values)


async def _form(request: Request, state: PageAddress, act: str, subject: FormSubject) -> Response:
    told = subject.shown
    who = await editor_session.signed_in(request)
    wrongs: list[Refused] = []
    given: Values | None = None
    key = ""
    try:
        if request.method == "POST":
            given = await editor_session.values_of(request)
            key = "" if who is not None else last(given, "key").strip()
            who = who or await editor_session.holder_of(request, key)
        elif who is None:
            return await sign_in_first(request, state)
        allow(who and who.role, role_of(acts.ACTS[act]))
    except Refused as refused:
        wrongs = [refused]
        if given is None:
            more: dict[str, Any] = {"types": _types(request), "about": None}
            template = "edit_start.html"
            if "fact" in told:
                follow = acts.follow(told["fact"], words_of(request))
                template, more = "edit_fact.html", {"follow": follow, **told}
            return await show_editing(request, state, template, who, wrongs, **more)
    values: dict[str, Any] = {
        **told,
        "form": FORMS[act](act, subject, given, state.lang, words_of(request)),
        "rivals": await _rivals(request, state, told["fact"]) if act == "prefer" else [],
        "sentences": [],
        "diff": None,
        "warnings": [],
        "previewed": "",
        "entries": [],
        "candidates": {},
        "names": {},
    }
    is_sent = given is not None and last(given, "step") in ("", "preview", "send")
    if not wrongs and given is not None and is_sent and not last(given, "make"):
        taken = await _take(request, state, given, who, values)
        if isinstance(taken, Response):
            return taken
        wrongs = taken
    else:
        found = await resolved(request, state.lang, values["form"], given or {})
        values |= {"form": found.form, "candidates": found.candidates, "names": found.names}
    answer = await show_editing(request, state, "edit_form.html", who, wrongs, **values)
    if key and who is not None:
        editor_session.keep(answer, request, key, who.role)
    return answer


async def _take(
    request: Request,
    state: PageAddress,
    given: Values,
    who: Principal | None,
    values: dict[str, Any],
) -> Response | list[Refused]:
    """Preview or send what was filled in; into `values` goes what the page then shows.

    Without a preview of the same, there is a preview first.
    """
    found = await resolved(request, state.lang, values["form"], given)
    filled: Form = found.form
    values["form"] = filled
    values |= {"candidates": found.candidates, "names": found.names}
    wrongs = [*refusals_of(filled), *found.unknown]
    try:
        entries = values["entries"] = filled.entries()
    except Refused as refused:
        return [*wrongs, *([] if any(it.field == refused.field for it in wrongs) else [refused])]
    previewed = last(given, "previewed")
    variables = {"entries": entries, "requestId": filled.text["requestId"]}
    try:
        if last(given, "step") == "send" and previewed == filled.digest and not wrongs:
            sent = (await answer(request, document("send"), variables, who))["apply"]
            # A reload of the page that says what was recorded sends nothing again.
            return RedirectResponse(filled.recorded_at(state, sent), HTTPStatus.SEE_OTHER)
        said = await answer(request, document("preview"), {**variables, "lang": state.lang}, who)
    except Refused as refused:
        if refused.code == "REQUEST_ID_REUSED":
            values["form"] = filled.again()
        return [*wrongs, *_told(refused, filled, {it.field for it in wrongs})]
    if wrongs:
        return wrongs
    told = said["apply"]
    values |= {"diff": told["diff"], "warnings": told["warnings"] or []}
    values["previewed"] = filled.digest
    values["sentences"] = await filled.sentences(request, state)
    return []


def _told(refused: Refused, filled: Form, known: set[str | None]) -> Iterator[Refused]:
    """All that the record refuses, at the fields of the form, but where something is known to be
    wrong already, and in the box of what is new, which has fields of its own."""
    for each in Refusals(refused).first:
        field = filled.field_of(each.field)
        if field not in known and field not in filled.new:
            yield Refused(each.code, each.message, field=field)


async def _rivals(
    request: Request, state: PageAddress, fact: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The facts that give another date of something that the fact starts or ends."""
    words = words_of(request)
    own = _fluents(fact, words)
    rivals: dict[str, dict[str, Any]] = {}
    for subject in dict.fromkeys(subject for _, _, subject in own):
        found = await ask(request, "rivals", {"entity": subject, "lang": state.lang})
        for node in (edge["node"] for edge in found["facts"]["edges"]):
            if node["id"] != fact["id"] and not own.isdisjoint(_fluents(node, words)):
                rivals[node["id"]] = node
    return list(rivals.values())


def _fluents(fact: Mapping[str, Any], vocabulary: Vocabulary) -> set[tuple[str, str, str]]:
    """What a fact starts or ends."""
    named = {it["key"]: it["entity"]["id"] for it in fact["subjects"]}
    return {
        (effect.fluent, named.get(effect.scope, ""), named.get(effect.subject, ""))
        for effect in acts.effects_of(fact["type"], vocabulary)
    }


def _types(request: Request) -> dict[bool, list[str]]:
    """The types of facts: those that start or end something, and reports."""
    found: dict[bool, list[str]] = {True: [], False: []}
    for name, effective in acts.types_of_facts(words_of(request)):
        found[effective].append(name)
    return found


EDITS: Final[dict[str, Page]] = {
    "/edit": editing(start),
    "/edit/sign-in": editing(sign_in),
    "/edit/sign-out": editing(sign_out),
    "/edit/vocabulary": editing(words),
    "/edit/record": editing(record),
    "/edit/recorded": editing(recorded),
    "/edit/fact/{id}": editing(fact),
    "/edit/entity/{id}": editing(entity),
    "/edit/source/{id}": editing(source),
    "/edit/undo/{position}": editing(undo),
    "/edit/{act}/{id}": editing(about),
}
"""Path → what answers it, by GET and by POST."""
