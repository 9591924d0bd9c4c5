"""Where the record is served from: what links that leave it begin with, as of citations."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

_HOST: Final = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


def site_of(request: Request) -> str:
    """SIJILL_PUBLIC_URL, else as the request names us, such as https://record.example."""
    settings = request.app.state.instance.settings
    if settings.public_url:
        return str(settings.public_url)
    host = request.headers.get("host", "")
    if not _is_host(host):
        host = f"{settings.host}:{settings.port}"
    return f"{request.scope['scheme']}://{host}"


def _is_host(text: str) -> bool:
    """Whether a link can begin with it: brackets are for an address of IPv6."""
    try:
        urlsplit(f"//{text}")
    except ValueError:
        return False
    return _HOST.fullmatch(text) is not None
