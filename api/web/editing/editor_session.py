"""Who is signed in on the editing pages: a key in a cookie that those pages alone are sent.

The cookie is out of the reach of scripts and of other sites, and `/graphql` never looks at it. A
form is taken only from a page of this site (docs/decisions/0009-signing-in.md).
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.auth import UNAUTHENTICATED, Principal, authenticate
from api.rest.site import site_of
from domain.errors import Refused
from domain.roles import Role

COOKIE: Final = "sijill_key"
ROLE_COOKIE: Final = "sijill_role"
"""Has the role alone and is no secret: by it the header of any page offers what one may do."""
HERE: Final = "/edit"
PATHS: Final = (HERE, "/import")
"""The pages that the cookie is sent to, each with those below it."""
LASTS: Final = 12 * 60 * 60
"""Seconds after which one has to sign in again."""
LONGEST_KEY: Final = 3_500
"""Characters: a cookie holds 4,096 bytes with its name."""
MOST_FIELDS: Final = 400
LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
"""Where a cookie for encrypted connections only would not come back."""
CROSS_ORIGIN: Final = "CROSS_ORIGIN"
_NEXT = re.compile(r"/[a-z]+[A-Za-z0-9._:/?&=%,-]{0,2000}\Z")

Values = dict[str, list[str]]
"""What a form sent, by the names of its fields."""


async def signed_in(request: Request) -> Principal | None:
    """Whose key the cookie has; None without one that is good now."""
    return await holder_of(request, request.cookies.get(COOKIE, ""))


async def holder_of(request: Request, key: str) -> Principal | None:
    """Whose key or token it is; None if it is not good now."""
    if not key or len(key) > LONGEST_KEY:
        return None
    try:
        state = request.app.state
        return await authenticate(f"Bearer {key}", state.holders, state.oidc)
    except Refused as refused:
        if refused.code == UNAUTHENTICATED:
            return None
        raise


async def values_of(request: Request) -> Values:
    """What a form of this site sent, with newlines as the record has them.

    Refused: CROSS_ORIGIN for a form of another site's, BAD_REQUEST for what is no form.
    """
    check_origin(request)
    name = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if name != "application/x-www-form-urlencoded":
        raise Refused("BAD_REQUEST", "A form is sent as application/x-www-form-urlencoded.")
    try:
        pairs = parse_qsl(
            (await request.body()).decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError as error:
        raise Refused("BAD_REQUEST", "What was sent can't be read as a form.") from error
    found: Values = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value.replace("\r\n", "\n"))
    return found


def check_origin(request: Request) -> None:
    """Take a form only from a page of ours, by what browsers say of where it comes from.

    After https://pkg.go.dev/net/http#CrossOriginProtection, which browsers that say neither get
    past; here they do not.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        ours = site in ("same-origin", "none")
    else:
        origin = request.headers.get("origin", "").partition("://")[2]
        ours = bool(origin) and origin in (request.headers.get("host"), _site(request).netloc)
    if not ours:
        raise Refused(
            CROSS_ORIGIN,
            "The form does not come from a page of this record: open the page here, and send it "
            "from there.",
        )


def _site(request: Request) -> SplitResult:
    """The address at which people have us."""
    return urlsplit(site_of(request))


def after_signing_in(request: Request, key: str, role: Role, wanted: str) -> Response:
    """On to the page that was wanted, signed in from now on."""
    answer = RedirectResponse(safe_next(wanted), HTTPStatus.SEE_OTHER)
    keep(answer, request, key, role)
    return answer


def keep(answer: Response, request: Request, key: str, role: Role) -> None:
    """Have the browser send the key along to the editing pages, and hold the role for scripts."""
    site = _site(request)
    secure = site.scheme == "https" or site.hostname not in LOOPBACK
    answer.set_cookie(ROLE_COOKIE, role.value, max_age=LASTS, secure=secure, samesite="strict")
    for path in PATHS:
        answer.set_cookie(
            COOKIE,
            key,
            max_age=LASTS,
            path=path,
            secure=secure,
            httponly=True,
            samesite="strict",
        )


def after_signing_out(wanted: str) -> Response:
    """To the page for signing in, without the cookie."""
    answer = RedirectResponse(safe_next(wanted), HTTPStatus.SEE_OTHER)
    for path in PATHS:
        answer.delete_cookie(COOKIE, path=path, httponly=True, samesite="strict")
    answer.delete_cookie(ROLE_COOKIE, samesite="strict")
    return answer


def safe_next(wanted: str) -> str:
    """An address among the editing pages; anything else is their first.

    Steps that a browser takes back, `..` or `%2e%2e`, would lead out of them.
    """
    first, *steps = unquote(wanted.partition("?")[0]).removeprefix("/").split("/")
    is_here = _NEXT.match(wanted) and f"/{first}" in PATHS
    return wanted if is_here and not {"", ".", ".."} & set(steps) else HERE
