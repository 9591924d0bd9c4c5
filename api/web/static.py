"""The files that pages load: style, scripts, fonts, the world's outlines.

They lie flat under /static/VERSION/, where the version is a hash of them all: scripts import each
other by relative names, and whatever an address once answered stays what it answers.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.rest.conditional import LASTING
from api.rest.cross_origin import shared
from api.rest.negotiation import takes_gzip
from api.web.atlas import WORLD

HERE: Final = Path(__file__).parent
OWN: Final = HERE / "static"
VENDORED: Final = (
    *("reactive-element.js", "css-tag.js", "lit-html.js", "lit-element.js"),
    *("directive.js", "directive-helpers.js", "repeat.js"),
    *("sans-400.woff2", "sans-600.woff2", "serif-600.woff2"),
    *("arabic-400.woff2", "arabic-600.woff2"),
    WORLD,
)
TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
SCRIPT: Final = "record.js"
"""The script of every page."""
_IMPORTED: Final = re.compile(r"""\b(?:from|import)\s*["']\./([\w.-]+\.js)["']""")
SHARED: Final = ("embed.js", "embed.css")
"""What pages of other origins load."""


class StaticFile(NamedTuple):
    """A file as served; `zipped` is None where that would not make it smaller."""

    content: bytes
    zipped: bytes | None
    media_type: str


async def static(request: Request) -> Response:
    """GET /static/VERSION/NAME; of another version, what is there now."""
    name = request.path_params["name"]
    found = files().get(name)
    if found is None:
        raise HTTPException(404)
    current = request.path_params["version"] == version()
    headers = {
        "content-type": found.media_type,
        "cache-control": LASTING if current else "no-cache",
        "vary": "accept-encoding",
    }
    if name in SHARED:
        asked = shared(request)
        headers |= asked | {"vary": ", ".join(filter(None, ["accept-encoding", asked.get("vary")]))}
    if found.zipped is not None and takes_gzip(request.headers.get("accept-encoding")):
        return Response(found.zipped, headers={**headers, "content-encoding": "gzip"})
    return Response(found.content, headers=headers)


@cache
def files() -> dict[str, StaticFile]:
    """By name, what there is: what is not set up is missing, and pages do without."""
    paths = [*sorted(OWN.iterdir()), *(HERE / "vendor" / name for name in VENDORED)]
    return {path.name: _file(path) for path in paths if path.suffix in TYPES and path.is_file()}


@cache
def modules() -> list[str]:
    """The scripts that a page's own imports, directly or not: told ahead, they are fetched at once
    instead of one after another."""
    found, left = set[str](), [SCRIPT]
    while left:
        content = files()[left.pop()].content.decode()
        new = {name for name in _IMPORTED.findall(content) if name in files()} - found
        found |= new
        left += new
    return sorted(found)


@cache
def version() -> str:
    """The hash of all files."""
    hashed = hashlib.sha256()
    for name, file in sorted(files().items()):
        hashed.update(name.encode() + hashlib.sha256(file.content).digest())
    return hashed.hexdigest()[:16]


def _file(path: Path) -> StaticFile:
    content = path.read_bytes()
    zipped = None if path.suffix == ".woff2" else gzip.compress(content, 9, mtime=0)
    return StaticFile(content, zipped, TYPES[path.suffix])
