"""/edit: signing in, the form of each act with the preview of what it changes, and what was done.

Every form posts to its own address: `step` is preview, send, cite for one more citation, or stay to
have it in another language. What is sent is what was previewed; a form that has errors comes back
with all that was typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.addresses import PageAddress
from api.auth import Principal
from api.web.editing import acts, editor_session
from api.web.editing.editing_page import (
    editing,
    last,
    show_editing,
    sign_in,
    sign_in_first,
    sign_out,
)
from api.web.editing.editor_session import Values
from api.web.editing.filled_form import Form, again, form, texts_of
from api.web.editing.name_lookup import names_of, resolved
from api.web.editing.recorded import recorded
from api.web.editing.undo import undo
from api.web.evidence import evidence
from api.web.page_queries import answer, ask, document, words_of
from api.web.pages.word_tables import vocabulary
from api.web.render import Page
from domain.errors import Refused
from domain.roles import allow, role_of
from domain.vocabulary import Vocabulary


async def start(request: Request, state: PageAddress) -> Response:
    """GET /edit: who is signed in and what they may do."""
    who = await editor_session.signed_in(request)
    if who is None:
        return await sign_in_first(request, state)
    return await show_editing(
        request, state, "edit_start.html", who, types=_types(request), about=None
    )


async def fact(request: Request, state: PageAddress) -> Response:
    """GET /edit/fact/ID: what can be done about a fact."""
    who = await editor_session.signed_in(request)
    if who is None:
        return await sign_in_first(request, state)
    told = await evidence(request, state, request.path_params["id"])
    follow = acts.follow(told["fact"], words_of(request))
    return await show_editing(request, state, "edit_fact.html", who, **told, follow=follow)


async def words(request: Request, state: PageAddress) -> Response:
    """GET /edit/vocabulary: /vocabulary for those who may define more"""
    who = await editor_session.signed_in(request)
    if who is None:
        return await sign_in_first(request, state)
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
        return await _form(request, state, "record", kind, None, {})
    who = await editor_session.signed_in(request)
    if who is None:
        return await sign_in_first(request, state)
    about = request.query_params.get("about")
    return await show_editing(
        request, state, "edit_start.html", who, types=_types(request), about=about
    )


async def about(request: Request, state: PageAddress) -> Response:
    """GET and POST /edit/ACT/ID, of a definition /edit/ACT/new"""
    act, id_ = request.path_params["act"], request.path_params["id"]
    if act not in acts.ACTS or act == "record":
        raise Refused("NOT_FOUND", f"There is no form for {act[:40]!a}.")
    if act in acts.DEFINING:
        about = id_ if act == acts.EXTENDING else None
        if about is None and id_ != acts.NEW:
            raise Refused("NOT_FOUND", f"A definition has its form at /edit/{act}/{acts.NEW}.")
        return await _form(request, state, act, acts.ACTS[act].__name__, about, {})
    if act == acts.OF_ENTITY:
        told = await ask(request, "named", {"id": id_, "lang": state.lang})
        id_ = told["entity"]["id"]
        return await _form(request, state, act, acts.ACTS[act].__name__, id_, told)
    told = await evidence(request, state, request.path_params["id"])
    return await _form(request, state, act, told["fact"]["type"], id_, told)


async def _form(
    request: Request,
    state: PageAddress,
    act: str,
    kind: str,
    about: str | None,
    told: Mapping[str, Any],
) -> Response:
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
        "form": form(
            act,
            kind,
            about,
            await _now(request, state, act, kind, told),
            given,
            state.lang,
            words_of(request),
        ),
        "rivals": await _rivals(request, state, told["fact"]) if act == "prefer" else [],
    }
    values |= {
        "diff": None,
        "warnings": [],
        "previewed": "",
        "entries": [],
        "candidates": {},
        "names": {},
    }
    if not wrongs and given is not None and last(given, "step") not in ("cite", "stay"):
        taken = await _take(request, state, given, who, values)
        if isinstance(taken, Response):
            return taken
        wrongs = taken
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
    found = await resolved(request, state.lang, values["form"])
    filled: Form = found.form
    values["form"] = filled
    values |= {"candidates": found.candidates, "names": found.names}
    try:
        entries = values["entries"] = filled.entries()
    except Refused as refused:
        return [refused]
    previewed = last(given, "previewed")
    variables = {"entries": entries, "requestId": filled.text["requestId"]}
    try:
        if last(given, "step") == "send" and previewed == filled.digest:
            sent = (await answer(request, document("send"), variables, who))["apply"]
            return _recorded(state, filled, sent)
        said = await answer(request, document("preview"), {**variables, "lang": state.lang}, who)
    except Refused as refused:
        if refused.code == "REQUEST_ID_REUSED":
            values["form"] = again(filled)
        return [Refused(refused.code, refused.message, field=filled.field_of(refused.field))]
    told = said["apply"]
    values |= {"diff": told["diff"], "warnings": told["warnings"] or []}
    values["previewed"] = filled.digest
    return []


def _recorded(state: PageAddress, filled: Form, sent: Mapping[str, Any]) -> Response:
    """On to the page that says what was recorded: a reload of it sends nothing again."""
    if filled.is_definition:
        told = f"{state.link('/edit/vocabulary')}#{filled.about or filled.text['id']}"
        return RedirectResponse(told, HTTPStatus.SEE_OTHER)
    told = filled.about or filled.text["id"]
    kind = "entity" if filled.act == acts.OF_ENTITY else "fact"
    if not sent["recorded"]:
        return RedirectResponse(state.link(f"/{kind[0]}/{told}"), HTTPStatus.SEE_OTHER)
    asked = {"event": filled.text["id"], "position": sent["position"], kind: told}
    return RedirectResponse(state.link("/edit/recorded", **asked), HTTPStatus.SEE_OTHER)


async def _now(
    request: Request, state: PageAddress, act: str, kind: str, told: Mapping[str, Any]
) -> dict[str, str]:
    """What the fields have at first."""
    if act == "correct":
        return texts_of(told["fact"], words_of(request))
    if act == "withdraw_preference":
        return {"preference": next(iter(acts.preferences_of(told["fact"])), "")}
    if act == acts.OF_ENTITY:
        return names_of(told["entity"])
    entity = request.query_params.get("about")
    if act != "record" or entity is None:
        return {}
    found = await ask(request, "entity", {"id": entity, "lang": state.lang})
    keys = words_of(request).subject_keys(kind)
    like = found["entity"]["kind"].lower()
    return {like if like in keys else key: entity for key in keys[:1]}


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
    "/edit/undo/{position}": editing(undo),
    "/edit/{act}/{id}": editing(about),
}
"""Path → what answers it, by GET and by POST."""
