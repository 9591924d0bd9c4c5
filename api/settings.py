"""Settings from the environment, prefix SIJILL_."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from domain.errors import Refused
from store.database import Database, is_name
from store.embedded import default_data_dir

ANSWER_CACHE = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the data is and where to serve. `database_url` None means the embedded server, and
    `database` the one of its databases that a replay has made.

    `signing_key`, `origin` and `published` are of the signed log: the file of its key, its name,
    and the folder that it was published to, where they are not those of the data folder.
    `read_urls` are replicas of the database, to read from.
    `embed` are the origins whose pages may read and frame pinned answers, "*" for all.
    `public_url` is where readers find the record, where the server can't tell by what they ask.
    `allowed_hosts` are further names of the server, see api/rest/hosts.py.
    `trusted_proxies` are addresses whose word counts for who a client is (X-Forwarded-For).
    `answer_cache` is how many bytes of answers a server keeps, 0 for none.
    """

    database_url: str | None
    data: Path
    host: str
    port: int
    signing_key: Path | None = None
    origin: str | None = None
    published: Path | None = None
    answer_cache: int = ANSWER_CACHE
    database: str | None = None
    read_urls: tuple[str, ...] = ()
    public_url: str | None = None
    embed: tuple[str, ...] = ("*",)
    allowed_hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """The settings of an environment. Refused(BAD_SETTING) for numbers that are none."""
        port = environ.get("SIJILL_PORT") or "8000"
        if not (port.isascii() and port.isdecimal() and 0 <= int(port) <= 65_535):
            raise _bad(f"SIJILL_PORT is {port!a}: set it to a number up to 65535.")
        kept = environ.get("SIJILL_ANSWER_CACHE") or str(ANSWER_CACHE)
        if not (kept.isascii() and kept.isdecimal() and len(kept) < 16):
            raise _bad(f"SIJILL_ANSWER_CACHE is {kept!a}: set it to a number of bytes, 0 for none.")
        data, key, published = (
            environ.get(f"SIJILL_{name}") for name in ("DATA", "SIGNING_KEY", "PUBLISHED")
        )
        url = environ.get("SIJILL_DATABASE_URL") or None
        named = url if url is not None and is_name(url) else None
        return cls(
            database_url=None if named else url,
            database=named,
            data=Path(data).absolute() if data else default_data_dir(),
            host=environ.get("SIJILL_HOST") or "127.0.0.1",
            port=int(port),
            signing_key=Path(key).absolute() if key else None,
            origin=environ.get("SIJILL_ORIGIN") or None,
            answer_cache=int(kept),
            published=Path(published).absolute() if published else None,
            read_urls=_several(environ.get("SIJILL_READ_URL") or ""),
            embed=_origins(environ.get("SIJILL_EMBED", "*")),
            trusted_proxies=_networks(environ.get("SIJILL_TRUSTED_PROXIES") or "127.0.0.1 ::1"),
            allowed_hosts=tuple((environ.get("SIJILL_ALLOWED_HOSTS") or "").split()),
            public_url=_address(environ.get("SIJILL_PUBLIC_URL") or ""),
        )

    def at(self, url: str) -> Database:
        """The database meant, of the server at an address of ours or of the user's."""
        database = Database(url)
        return database if self.database is None else database.named(self.database)


def _bad(words: str) -> Refused:
    return Refused("BAD_SETTING", words)


def _origins(text: str) -> tuple[str, ...]:
    """Origins apart by spaces, or "*" for any."""
    origins = tuple(text.split())
    for origin in origins:
        if not _is_address(origin, "") and origins != ("*",):
            raise _bad(
                f"SIJILL_EMBED names {origin!a}: write origins such as https://news.example, apart "
                "by spaces, or * for all; nothing for none."
            )
    return origins


def _networks(text: str) -> tuple[str, ...]:
    """Addresses and networks apart by spaces."""
    for each in text.split():
        try:
            ip_network(each)
        except ValueError:
            raise _bad(
                f"SIJILL_TRUSTED_PROXIES names {each!a}: write addresses or networks such as "
                "10.0.0.0/8, apart by spaces."
            ) from None
    return tuple(text.split())


def _address(text: str) -> str | None:
    """A web address without a slash at its end; None for none."""
    if text and not _is_address(text, "/?"):
        raise _bad(
            f"SIJILL_PUBLIC_URL is {text!a}: set it to a scheme and a host, such as "
            "https://record.example. Sijill is not served below a path of another site: give it a "
            "host name of its own."
        )
    return text.rstrip("/") or None


def _is_address(text: str, path: str) -> bool:
    """Whether it is a scheme, a host, maybe a port, and a path of that form."""
    host = r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]+)?"
    if not re.fullmatch(f"https?://{host}{path}", text):
        return False
    try:
        found = urlsplit(text)  # refuses what no IPv6 address is
        return found.port is None or found.port > 0  # and a port past the last one
    except ValueError:
        return False


def _several(urls: str) -> tuple[str, ...]:
    """URLs apart by spaces, or one libpq connection string such as `host=replica dbname=sijill`."""
    words = tuple(urls.split())
    if all("://" in word for word in words):
        return words
    if any("://" in word for word in words):
        raise _bad(
            "SIJILL_READ_URL mixes URLs with other words: write URLs, apart by spaces, or one "
            "libpq connection string."
        )
    return (urls.strip(),)
