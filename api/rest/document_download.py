"""Downloads of documents that the record keeps, where they may be shown: /document/SHA256.

They are other people's files: a browser is told to save them, to guess nothing and to run nothing.
"""

from __future__ import annotations

import re
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from api.graphql.errors import failure
from api.rest.conditional import not_modified
from api.rest.query_parameters import without_parameters
from api.rest.responses import refused
from domain.errors import Refused
from projections.cited_documents import shown_document

SUFFIXES: Final = {
    "text/plain": "txt",
    "text/html": "html",
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
}
STATUSES: Final = {"NOT_SHOWN": 403, "NOT_HELD": 404}
CLOSED: Final = {
    "content-security-policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "cache-control": "no-cache",  # rights may change
}


@without_parameters
async def document(request: Request) -> Response:
    """GET /document/SHA256: the bytes that have the hash."""
    sha256 = request.path_params["sha256"]
    try:
        if not re.fullmatch("[0-9a-f]{64}", sha256):
            raise Refused("NOT_HELD", "A document is asked for by its SHA-256, in 64 hexadecimals.")
        async with request.app.state.reader() as connection:
            media_type, content = await shown_document(connection, sha256)
    except Refused as error:
        return refused(STATUSES[error.code], error.code, error.message)
    except Exception as error:
        told = failure(error)
        return refused(503, told["extensions"]["code"], told["message"], {"retry-after": "10"})
    name = f"{sha256}.{SUFFIXES[media_type]}"
    headers = {
        **CLOSED,
        "content-type": media_type,
        "content-disposition": f'attachment; filename="{name}"',
        "etag": f'"{sha256}"',
    }
    return not_modified(request, headers) or Response(content, headers=headers)
