"""Every view as a file: the address of its page with an extension, such as /e/syria.csv?asOf=2025.

With `manifest` among the parameters the answer is the manifest of that file instead of the file.
"""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator
from typing import Final

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.export.formats import EXTENSIONS
from api.export.making import Export, export
from api.export.views import FOLDERS, OF_RECORD, View
from api.graphql.errors import INTERNAL, failure
from api.rest.answers import answer, refused
from api.rest.conditional import LASTING, not_modified
from api.rest.sharing import shared
from api.rest.site import site_of
from domain.errors import Refused, Unreachable
from domain.sources import ID

AT_ONCE: Final = 1 << 20
"""Bytes up to which an export is sent whole, with its length and digest; a longer one streams."""

_ENDINGS: Final = "|".join(extension.replace(".", r"\.") for extension in EXTENSIONS)


class _Exported(Convertor[str]):
    """The path of a view, with the extension of a format."""

    regex = (
        rf"(?:(?:{'|'.join(OF_RECORD)})|(?:{'|'.join(FOLDERS)})/[^/]+(?:/[A-Za-z]+)?)"
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
        view, subject, extension = _asked(request.path_params["file"])
        given = dict(request.query_params)
        _check(given)
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
        if "manifest" in given:
            async for _ in made.chunks():
                pass
            kept = {"cache-control": headers["cache-control"]}
            return answer(made.manifest(), headers=kept | sharing)
        return await _sent(made, headers)
    except Refused as problem:
        status = 404 if problem.code.startswith("UNKNOWN_") else 400
        if problem.code == INTERNAL:
            status = 500
        return refused(status, problem.code, problem.message)
    except Unreachable as problem:
        return refused(503, "UNAVAILABLE", str(problem), {"retry-after": "1"})
    except Exception as error:
        told = failure(error)
        code = told["extensions"]["code"]
        status = 500 if code == INTERNAL else 503
        return refused(status, code, told["message"], {"retry-after": "1"})


def _asked(file: str) -> tuple[View, str | None, str]:
    """The view, whom it is of, and the extension. Refused(UNKNOWN_VIEW)."""
    extension = next(each for each in EXTENSIONS if file.endswith(f".{each}"))
    steps = file.removesuffix(f".{extension}").split("/")
    if len(steps) == 1:
        return OF_RECORD[steps[0]], None, extension
    views, own = FOLDERS[steps[0]]
    name = steps[2] if len(steps) > 2 else own
    if name not in views:
        raise Refused(
            "UNKNOWN_VIEW",
            f"There is no {name[:40]!a} to export here; there are {', '.join(views)}.",
        )
    return views[name], _id(steps[1]), extension


def _id(text: str) -> str:
    if not re.match(ID, text):
        raise Refused("UNKNOWN_ID", f"{text[:128]!a} is no id of anything in the record.")
    return text


def _check(given: dict[str, str]) -> None:
    """Refuse what no database text has."""
    for name, value in given.items():
        if "\0" in name + value or not (name + value).isprintable():
            raise Refused(
                "BAD_TEXT", f"The parameter {name[:40]!a} has a character that can't be printed."
            )


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


async def _sent(made: Export, headers: dict[str, str]) -> Response:
    """Whole if it is small, else as it comes: what is refused is refused before the first byte."""
    chunks = made.chunks()
    held: list[bytes] = []
    async for chunk in chunks:
        held.append(chunk)
        if made.size > AT_ONCE:
            return StreamingResponse(_rest(held, chunks), headers=headers)
    digest = base64.b64encode(bytes.fromhex(made.sha256())).decode()
    return Response(b"".join(held), headers={**headers, "repr-digest": f"sha-256=:{digest}:"})


async def _rest(held: list[bytes], chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield b"".join(held)
    held.clear()
    async for chunk in chunks:
        if chunk:
            yield chunk
