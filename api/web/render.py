"""Rendering: templates in the page's language, under a policy that runs nothing of others.

Every value is escaped by Jinja2; what the record or a user wrote stands in its own <bdi>.
"""

from __future__ import annotations

import asyncio
import gzip
import re
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from starlette.requests import Request
from starlette.responses import Response

from api.addresses import CLOCKS, LANGUAGES, PLACES, PageAddress, language
from api.language.episodes import episode_words
from api.language.labels import RecordLabels, labels
from api.language.words import words
from api.rest.negotiation import takes_gzip
from api.rest.query_parameters import check_parameters
from api.rest.responses import problem_of, retry_after, status_of
from api.web.evidence import evidence_beside
from api.web.foreign_value import bdi
from api.web.link_preview import link_preview
from api.web.static import modules, version
from domain.dates import civil_from_days, iso_of, parse, today
from domain.errors import Refused

POLICY: Final = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HERE: Final = Path(__file__).parent
SMALLEST_ZIPPED: Final = 500
"""Bytes under which compressing is not worth it."""
COMPRESSED: Final = ("image/png",)
"""What is compressed already."""

ALWAYS: Final = (*CLOCKS, "lang", "evidence")
"""The parameters that every page has; `evidence` is a fact that is told beside it."""

Page = Callable[[Request, PageAddress], Awaitable[Response]]


def takes(*parameters: str) -> Callable[[Page], Page]:
    """Says which parameters a page has besides language and clocks."""

    def with_parameters(asked: Page) -> Page:
        asked.parameters = parameters  # type: ignore[attr-defined]
        return asked

    return with_parameters


def page(asked: Page) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint of a page: reads its state; a refusal and a failure become pages, too."""

    async def endpoint(request: Request) -> Response:
        try:
            check_parameters(request.query_params, [*ALWAYS, *getattr(asked, "parameters", ())])
            return await _mended(request, PageAddress.as_typed(request))
        except Exception as error:
            _, code, message, field = problem_of(error)
            return await problem(request, code, message, field)

    async def _mended(request: Request, state: PageAddress) -> Response:
        """The page; without a clock that is refused, which says so in its field."""
        try:
            return await asked(request, state)
        except Refused as refused:
            place = PLACES.get(refused.field or "", "typed")
            if place == "typed" or getattr(state, place) is None or status_of(refused.code) != 400:
                raise
            return await _mended(request, state.without(refused.field or "", refused.message))

    return endpoint


async def problem(request: Request, code: str, message: str, field: str | None = None) -> Response:
    """The page of a refusal, with the status that its code has."""
    status = status_of(code)
    state = PageAddress(*language(request))
    asked_for = request.path_params.get("id", "")[:128]
    values: dict[str, Any] = {"code": code, "message": message, "field": field}
    values["asked_for"] = asked_for if field in ("id", "entity") else None
    earlier = bool({"atPosition", "recordedAt", "knownAt"} & set(request.query_params))
    answer = await show(request, state, "problem.html", status=status, earlier=earlier, **values)
    answer.headers.update(retry_after(status))
    return answer


async def show(
    request: Request,
    state: PageAddress,
    template: str,
    *,
    status: int = 200,
    media_type: str = "text/html; charset=utf-8",
    kept: Mapping[str, Any] = MappingProxyType({}),
    **values: Any,
) -> Response:
    """A page, made in a thread. `kept` are parts of its address besides language and clocks."""
    path = request.url.path
    beside = await evidence_beside(request, state) if status == 200 else None
    if beside is not None:
        kept = {**kept, "evidence": request.query_params["evidence"]}

    def stay(**changes: Any) -> str:
        return state.link(path, **{**kept, **changes})

    called = RecordLabels(words(state.lang), request.app.state.instance.vocabulary.current)
    given = {
        "request": request,
        "path": path,
        "state": state,
        "link": state.link,
        "stay": stay,
        "beside": beside,
        "fact_types": called.vocabulary.fact_types,
        "episode_words": lambda row: episode_words(row, called),
        "day": called.spoken.edtf(state.as_of or iso_of(today())),
        "known_by": called.spoken.edtf(state.known_at or iso_of(today())),
        "preview": link_preview(request, state, values) if status == 200 else None,
        **called.functions(),
    }

    def rendered() -> bytes:
        found = environment(state.lang).get_template(template)
        return found.render({**given, "kept": kept, "status": status, **values}).encode()

    return await sent(request, rendered, media_type, status)


async def sent(
    request: Request, made: Callable[[], bytes], media_type: str, status: int = 200
) -> Response:
    """Content of this page's own, made in a thread, and compressed for those who take it."""
    headers = {
        "content-type": media_type,
        "content-security-policy": POLICY,
        "cache-control": "no-cache",
        "vary": "accept-encoding, accept-language",
    }
    can_unzip = takes_gzip(request.headers.get("accept-encoding"))

    def response() -> Response:
        content = made()
        if can_unzip and len(content) >= SMALLEST_ZIPPED and media_type not in COMPRESSED:
            content = gzip.compress(content, 5, mtime=0)
            headers["content-encoding"] = "gzip"
        return Response(content, status, headers)

    return await asyncio.to_thread(response)


_NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def in_xml(text: str) -> str:
    """Text with what XML can't contain (XML 1.0 §2.2) replaced: old actors may have it."""
    return _NOT_IN_XML.sub("\ufffd", text)


class CompiledTemplates(FileSystemBytecodeCache):
    """Compiled templates, kept as Python keeps compiled modules: in __pycache__, where that may be
    written. Compiling them anew takes a server two seconds of processor time.

    They are of no language: no template has one of our filters on a constant, whose result Jinja2
    would compile in.
    """

    def __init__(self) -> None:
        super().__init__(str(HERE / "__pycache__"), "template-%s.cache")

    def dump_bytecode(self, bucket: Bucket) -> None:
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                super().dump_bytecode(bucket)


@cache
def environment(lang: str) -> Environment:
    """Jinja2 for a language."""
    found = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        bytecode_cache=CompiledTemplates(),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    spoken = words(lang)
    found.install_gettext_callables(  # type: ignore[attr-defined]
        spoken.gettext, spoken.ngettext, newstyle=True
    )
    found.globals.update(
        words=spoken,
        lang=lang,
        dir=spoken.dir,
        languages=LANGUAGES,
        static=lambda name: f"/static/{version()}/{name}",
        modules=modules(),
        bdi=bdi,
        bounds=spoken.bounds,
        last_day_of=last_day_of,
        plain=plain,
        standings=standings,
        **labels(spoken.gettext),
    )
    found.filters.update(
        xml=in_xml, day=spoken.day, iso=spoken.iso, span=spoken.span, edtf=spoken.edtf
    )
    return found


def standings(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many rows hold for certain, may hold, are announced, and have dates that differ."""
    rows = list(rows)
    found = Counter(row["standing"] for row in rows)
    return {
        **{name: found[name.upper()] for name in ("certain", "possible", "announced")},
        "contested": sum(row["contested"] for row in rows),
    }


def last_day_of(month: str) -> int:
    """How many days a month has, such as 2025-11."""
    return civil_from_days(parse(month).latest)[2]


def plain(value: Any) -> Any:
    """A number as people write it."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return f"{value:,}" if isinstance(value, int | float) and not isinstance(value, bool) else value
