"""What the editing pages share: who they are for, what was refused, how they are shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api import costly_pool
from api.addresses import PageAddress
from api.auth import UNAUTHENTICATED, Principal
from api.graphql.errors import INTERNAL, TIMEOUT, UNAVAILABLE
from api.web.editing import acts, editor_session, labels
from api.web.page_queries import words_of
from api.web.render import Page, show, takes
from domain.errors import Refused

STATUSES: Final = {
    UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    "FORBIDDEN": HTTPStatus.FORBIDDEN,
    editor_session.CROSS_ORIGIN: HTTPStatus.FORBIDDEN,
    "CONFLICT": HTTPStatus.CONFLICT,
    UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    TIMEOUT: HTTPStatus.SERVICE_UNAVAILABLE,
    INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
    "BODY_TOO_LARGE": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "BODY_TOO_SLOW": HTTPStatus.REQUEST_TIMEOUT,
    "TOO_LARGE": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    **{code: HTTPStatus(status) for code, status in costly_pool.STATUSES.items()},
}


def editing(asked: Page) -> Page:
    """A page of these."""
    return private(asked, "type", "about", "event", "position", "fact", "entity", "source", "act")


def private(asked: Page, *parameters: str) -> Page:
    """A page whose state has no clocks, which is nobody else's, and tells its own origin.

    Without a referrer browsers would not say where a form comes from. An address here has no key.
    """

    @takes(*parameters)
    async def endpoint(request: Request, state: PageAddress) -> Response:
        answer = await asked(request, PageAddress(state.lang, state.lang_given))
        answer.headers["cache-control"] = "private, no-cache"
        answer.headers["vary"] = "accept-encoding, accept-language, cookie"
        answer.headers["referrer-policy"] = "same-origin"
        return answer

    return endpoint


def for_signed_in(asked: Callable[[Request, PageAddress, Principal], Awaitable[Response]]) -> Page:
    """A page for those who are signed in: others sign in first."""

    async def endpoint(request: Request, state: PageAddress) -> Response:
        who = await editor_session.signed_in(request)
        if who is None:
            return await sign_in_first(request, state)
        return await asked(request, state, who)

    return endpoint


async def show_editing(
    request: Request,
    state: PageAddress,
    template: str,
    who: Principal | None,
    wrongs: Sequence[Refused] = (),
    **values: Any,
) -> Response:
    """A page of these; `wrongs` is why a form was not taken, all of it, those of fields with them.
    The first one gives the status."""
    status = STATUSES.get(wrongs[0].code, HTTPStatus.BAD_REQUEST) if wrongs else HTTPStatus.OK
    given = {
        "kept": {key: value for key, value in request.query_params.items() if key != "lang"},
        "at": {each.field: each for each in reversed(wrongs) if each.field},
        "acts": acts.allowed(who and who.role),
        "defining": acts.DEFINING,
        "here": _address_of(request),
        **labels.named(state.lang, words_of(request)),
        **values,
    }
    return await show(request, state, template, status=status, who=who, wrongs=wrongs, **given)


def _address_of(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


async def sign_in_first(
    request: Request, state: PageAddress, wrongs: Sequence[Refused] = (), to: str = ""
) -> Response:
    to = to or _address_of(request)
    return await show_editing(request, state, "edit_sign_in.html", None, wrongs, to=to)


async def sign_in(request: Request, state: PageAddress) -> Response:
    """POST /edit/sign-in with `key` and `next`"""
    if request.method != "POST":
        return RedirectResponse(state.link(editor_session.HERE), HTTPStatus.SEE_OTHER)
    try:
        given = await editor_session.values_of(request)
    except Refused as refused:
        return await sign_in_first(request, state, [refused], editor_session.HERE)
    key, to = last(given, "key").strip(), editor_session.safe_next(last(given, "next"))
    holder = await editor_session.holder_of(request, key)
    if holder is None:
        message = "This is no key that is good now: it may be mistyped, expired or revoked."
        return await sign_in_first(
            request, state, [Refused(UNAUTHENTICATED, message, field="key")], to
        )
    return editor_session.after_signing_in(request, key, holder.role, to)


async def sign_out(request: Request, state: PageAddress) -> Response:
    """POST /edit/sign-out"""
    if request.method != "POST":
        return RedirectResponse(state.link(editor_session.HERE), HTTPStatus.SEE_OTHER)
    try:
        await editor_session.values_of(request)
    except Refused as refused:
        return await sign_in_first(request, state, [refused], editor_session.HERE)
    return editor_session.after_signing_out(state.link(editor_session.HERE))


def last(given: Mapping[str, list[str]], name: str) -> str:
    return given.get(name, [""])[-1]
