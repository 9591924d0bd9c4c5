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

from api.addresses import PageAddress
from api.auth import Principal
from api.web.editing import acts, editor_session
from api.web.editing.described import described, entity, sentences_of, source, views_told
from api.web.editing.description_forms import texts_of_entity, texts_of_fact, texts_of_source
from api.web.editing.editing_page import (
    editing,
    last,
    show_editing,
    sign_in,
    sign_in_first,
    sign_out,
)
from api.web.editing.editor_session import Values
from api.web.editing.filled_form import Form, again, form
from api.web.editing.form_errors import refusals_of
from api.web.editing.name_lookup import names_of, resolved
from api.web.editing.recorded import recorded
from api.web.editing.story_forms import first_of
from api.web.editing.undo import undo
from api.web.evidence import evidence
from api.web.page_queries import answer, ask, document, words_of
from api.web.pages.word_tables import vocabulary
from api.web.render import Page
from domain.errors import Refusals, Refused
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
    """GET and POST /edit/ACT/ID, of a definition and a story /edit/ACT/new"""
    act, id_ = request.path_params["act"], request.path_params["id"]
    if act not in acts.ACTS or act == "record":
        raise Refused("NOT_FOUND", f"There is no form for {act[:40]!a}.")
    if act in acts.DEFINING:
        about = id_ if act == acts.EXTENDING else None
        if about is None and id_ != acts.NEW:
            raise Refused("NOT_FOUND", f"A definition has its form at /edit/{act}/{acts.NEW}.")
        return await _form(request, state, act, acts.ACTS[act].__name__, about, {})
    if act == acts.TELLING:
        if id_ != acts.NEW:
            raise Refused("NOT_FOUND", f"A story has its form at /edit/{act}/{acts.NEW}.")
        return await _form(request, state, act, acts.ACTS[act].__name__, None, {})
    if act in (*acts.OF_ENTITY, *acts.OF_SOURCE):
        told = await described(request, state, "entity" if act in acts.OF_ENTITY else "source", id_)
        return await _form(request, state, act, acts.ACTS[act].__name__, told["about"], told)
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
            return _recorded(state, filled, sent)
        said = await answer(request, document("preview"), {**variables, "lang": state.lang}, who)
    except Refused as refused:
        if refused.code == "REQUEST_ID_REUSED":
            values["form"] = again(filled)
        return [*wrongs, *_told(refused, filled, {it.field for it in wrongs})]
    if wrongs:
        return wrongs
    told = said["apply"]
    values |= {"diff": told["diff"], "warnings": told["warnings"] or []}
    values["previewed"] = filled.digest
    if filled.act in (*acts.OF_ENTITY, *acts.OF_SOURCE):
        values["sentences"] = await sentences_of(request, state, entries)
    elif filled.act == acts.TELLING:
        values["sentences"] = await views_told(request, state, entries[-1]["views"])
    return []


def _told(refused: Refused, filled: Form, known: set[str | None]) -> Iterator[Refused]:
    """All that the record refuses, at the fields of the form, but where something is known to be
    wrong already, and in the box of what is new, which has fields of its own."""
    for each in Refusals(refused).first:
        field = filled.field_of(each.field)
        if field not in known and field not in filled.new:
            yield Refused(each.code, each.message, field=field)


def _recorded(state: PageAddress, filled: Form, sent: Mapping[str, Any]) -> Response:
    """On to the page that says what was recorded: a reload of it sends nothing again."""
    if filled.is_definition:
        told = f"{state.link('/edit/vocabulary')}#{filled.about or filled.text['id']}"
        return RedirectResponse(told, HTTPStatus.SEE_OTHER)
    told = filled.about or filled.text["id"]
    if filled.act == acts.TELLING:
        return RedirectResponse(state.link(f"/story/{told}"), HTTPStatus.SEE_OTHER)
    kind = "fact"
    if filled.act in (*acts.OF_ENTITY, *acts.OF_SOURCE):
        kind = "entity" if filled.act in acts.OF_ENTITY else "source"
    if not sent["recorded"]:
        return RedirectResponse(state.link(f"/{kind[0]}/{told}"), HTTPStatus.SEE_OTHER)
    asked = {"event": filled.text["id"], "position": sent["position"], kind: told}
    return RedirectResponse(state.link("/edit/recorded", **asked), HTTPStatus.SEE_OTHER)


async def _now(
    request: Request, state: PageAddress, act: str, kind: str, told: Mapping[str, Any]
) -> dict[str, str]:
    """What the fields have at first."""
    if act == "correct":
        return texts_of_fact(told["fact"], words_of(request))
    if act == acts.TELLING:
        return first_of(request.query_params.get("about"))
    if act == "withdraw_preference":
        return {"preference": next(iter(acts.preferences_of(told["fact"])), "")}
    if act == "rename":
        return names_of(told["entity"])
    if act == "correct_entity":
        return texts_of_entity(told["entry"])
    if act in acts.OF_SOURCE:
        return texts_of_source(told["source"])
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
    "/edit/entity/{id}": editing(entity),
    "/edit/source/{id}": editing(source),
    "/edit/undo/{position}": editing(undo),
    "/edit/{act}/{id}": editing(about),
}
"""Path → what answers it, by GET and by POST."""
