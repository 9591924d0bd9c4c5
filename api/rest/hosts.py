"""Which Host headers are answered: a page of another site must not reach a local server (DNS
rebinding), and no link may be built of a name that is not ours."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.rest.responses import refused
from api.settings import Settings


class AllowedHosts:
    """ASGI middleware: refuses a request whose Host is another's name.

    Taken are IP addresses, since nobody can rebind one, the names of loopback, SIJILL_HOST, the
    host of SIJILL_PUBLIC_URL and those of SIJILL_ALLOWED_HOSTS. A server that listens beyond
    loopback and has neither of the last two can't know its names and takes all.
    """

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self._app = app
        public = urlsplit(settings.public_url or "").hostname
        given = {*settings.allowed_hosts, *([public] if public else [])}
        self._takes_all = not given and not _is_loopback(settings.host)
        self._names = {"localhost", settings.host.lower(), *(name.lower() for name in given)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._takes_all:
            host = Headers(scope=scope).get("host")
            if host is not None and not self._is_ours(host):
                answer = refused(
                    400,
                    "UNKNOWN_HOST",
                    "This server has another name than the request's Host says: ask for it by its "
                    "own, or add that name to SIJILL_ALLOWED_HOSTS.",
                )
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _is_ours(self, host: str) -> bool:
        try:
            name = (urlsplit(f"//{host}").hostname or "").removesuffix(".")
        except ValueError:
            return False
        return name in self._names or name.endswith(".localhost") or _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host.lower() == "localhost" or (_is_address(host) and ip_address(host).is_loopback)
