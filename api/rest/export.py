"""Every view as a file: the address of its page with an extension, such as /e/syria.csv?asOf=2025.

With `manifest` among the parameters the answer is the manifest of that file instead of the file.
"""

from __future__ import annotations

import base64
import sys
from collections.abc import AsyncIterator, Callable
from typing import Final

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.addresses import CLOCKS, FIRST_POINT, OWN
from api.export.export_job import Export, export
from api.export.formats import EXTENSIONS, FORMATS
from api.export.views import OF_RECORD, ExportView, views_below
from api.rest.conditional import LASTING, not_modified
from api.rest.cross_origin import shared
from api.rest.query_parameters import check_parameters, names_given
from api.rest.responses import answer, failed
from api.rest.site import site_of
from api.rest.spool import Spool
from api.session import Session
from domain.errors import Refused
from domain.vocabulary import Vocabulary

AT_ONCE: Final = 1 << 20
"""Bytes up to which an export is made before anything of it is sent, and held in memory."""

_ENDINGS: Final = "|".join(extension.replace(".", r"\.") for extension in EXTENSIONS)


class _Exported(Convertor[str]):
    """The path of a view, with the extension of a format."""

    regex = (
        rf"(?:(?:{'|'.join(OF_RECORD)})|(?:{'|'.join(OWN)})/[^/]+(?:/[A-Za-z0-9]+)?)"
        rf"\.(?:{_ENDINGS})"
    )

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("exported", _Exported())
ROUTE: Final = "/{file:exported}"


async def exported(request: Request) -> Response:
    """GET /e/{id}.{extension} and its like."""
    try:
        view, subject, extension = _asked(
            request.path_params["file"], request.app.state.instance.vocabulary.current
        )
        given = dict(request.query_params)
        check_parameters(names_given(request.query_params), parameters_of(view, extension))
        made = await export(
            request.app.state.access,
            view,
            subject,
            extension,
            given,
            site=site_of(request),
        )
        sharing = shared(request) if made.pinned.is_pinned else {}
        headers = _headers(made) | sharing
        if (unchanged := not_modified(request, headers)) is not None:
            return unchanged
        costly, session = request.app.state.access.costly, Session()

        async def in_a_turn(make: Callable[[], bool]) -> bool:
            more: bool = await costly.run(lambda _: session.work(make))
            return more

        spool = Spool(made.chunks(session), AT_ONCE, in_a_turn)
        try:
            if "manifest" in given:
                await spool.reach(sys.maxsize)
                spool.close()
                kept = {"cache-control": headers["cache-control"]}
                return answer(made.manifest(), headers=kept | sharing)
            return await _sent(made, spool, headers)
        except BaseException:
            spool.close()
            raise
    except Exception as error:
        return failed(error)


def parameters_of(view: ExportView, extension: str) -> list[str]:
    """The parameters that a file of a view takes."""
    made = FORMATS[extension]
    return [
        *CLOCKS,
        *(FIRST_POINT if view.name == "changes" else ()),
        *("lang", "manifest", *view.takes, *made.options),
        *(["accessed"] if made.cites else ()),
    ]


def _asked(file: str, vocabulary: Vocabulary) -> tuple[ExportView, str | None, str]:
    """The view, whom it is of, and the extension. Refused(UNKNOWN_VIEW)."""
    extension = next(each for each in EXTENSIONS if file.endswith(f".{each}"))
    steps = file.removesuffix(f".{extension}").split("/")
    if len(steps) == 1:
        return OF_RECORD[steps[0]], None, extension
    views = views_below(steps[0], vocabulary)
    name = steps[2] if len(steps) > 2 else OWN[steps[0]]
    if name not in views:
        raise Refused(
            "UNKNOWN_VIEW",
            f"There is no {name[:40]!a} to export here; there are {', '.join(views)}.",
        )
    return views[name], steps[1], extension


def _headers(made: Export) -> dict[str, str]:
    pinned, form = made.pinned, made.format
    address = pinned.address(form.extension)
    charset = "; charset=utf-8" if form.media_type.startswith("text/") else ""
    headers = {
        "content-type": f"{form.media_type}{charset}",
        "content-disposition": f'attachment; filename="{made.file_name}"',
        "cache-control": LASTING if pinned.is_pinned else "no-cache",
        "etag": made.tag,
        "sijill-position": str(pinned.moment.position),
        "link": f'<{address}>; rel="canonical", <{address}&manifest>; rel="describedby"',
    }
    if form.extension == "csv":
        headers["sijill-csv"] = "formulas guarded by an apostrophe"
    return headers


async def _sent(made: Export, spool: Spool, headers: dict[str, str]) -> Response:
    """Whole if it is small, else as it comes: what is refused is refused before the first byte."""
    await spool.reach(AT_ONCE)
    if spool.size > AT_ONCE:
        return StreamingResponse(_streamed(spool), headers=headers)
    digest = base64.b64encode(bytes.fromhex(made.sha256())).decode()
    content = b"".join([chunk async for chunk in _streamed(spool)])
    return Response(content, headers={**headers, "repr-digest": f"sha-256=:{digest}:"})


async def _streamed(spool: Spool) -> AsyncIterator[bytes]:
    try:
        async for chunk in spool.read():
            yield chunk
    finally:
        spool.close()
