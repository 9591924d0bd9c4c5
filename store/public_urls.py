"""Which URLs a document may be fetched from: http and https, usual ports, public addresses.

What a URL says is checked before any name is looked up; the addresses that a name has are checked
before any connection is made (OWASP, Server-Side Request Forgery Prevention; IANA's IPv4 and IPv6
Special-Purpose Address Registries, RFC 6890). An address that reaches another one, as NAT64, 6to4,
Teredo and IPv4-mapped ones do, is refused whatever it reaches.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple
from urllib.parse import quote, urlsplit

import idna

from domain.errors import Refused

Address = IPv4Address | IPv6Address

PORTS = frozenset({80, 443})
LONGEST = 2_000
"""Characters of a URL, as in a source."""


def _networks(written: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(map(ip_network, written.split()))


_SPECIAL_4 = _networks(
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 "
    "192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 "
    "198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 168.63.129.16/32"
)
"""The last one is public by its number, and inside a data centre by its use."""
_UNICAST_6 = ip_network("2000::/3")
_SPECIAL_6 = _networks("2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_INSIDE = ("localhost", "local", "internal", "intranet", "lan", "home.arpa", "onion", "arpa")
"""Names that are nobody's on the public network."""


class Target(NamedTuple):
    """What to ask whom for. `host` is a name in ASCII or an address, without brackets."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"http": 80, "https": 443}[self.scheme] == self.port
        return f"{self.scheme}://{host}{'' if usual else f':{self.port}'}{self.path}"


def is_public(address: Address) -> bool:
    """Whether an address is one that anybody on the public network would reach."""
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in network for network in _SPECIAL_4)
    return (
        address.scope_id is None
        and address in _UNICAST_6
        and address.is_global
        and not any(address in network for network in _SPECIAL_6)
    )


def target_of(url: str, ports: frozenset[int] = PORTS) -> Target:
    """What a URL asks for. Refused as BAD_URL where it is not plainly a public document's."""
    if len(url) > LONGEST:
        raise _bad(url, f"it has more than {LONGEST:,} characters")
    if re.search(r"[\x00-\x20\x7f-\xa0\\]", url):
        raise _bad(url, "it has a blank, a control character or a backslash")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _bad(url, "its host or port can't be read") from error
    if parts.scheme not in ("http", "https"):
        raise _bad(url, "it begins with neither http:// nor https://")
    if "@" in parts.netloc or "%" in parts.netloc:
        raise _bad(url, "it has a user name, or a percent sign in its host")
    if port is None:
        if parts.netloc.endswith(":"):
            raise _bad(url, "its port is empty")
        port = 443 if parts.scheme == "https" else 80
    if port not in ports:
        raise _bad(url, f"its port is {port}, not {' or '.join(map(str, sorted(ports)))}")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    if parts.query:
        path += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    return Target(parts.scheme, _host_of(url, parts.netloc, parts.hostname), port, path)


def literal(host: str) -> Address | None:
    """The address that a target's host is, None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def _host_of(url: str, netloc: str, host: str | None) -> str:
    if not host:
        raise _bad(url, "it has no host")
    if netloc.startswith("["):
        if (address := literal(host)) is None:
            raise _bad(url, "the address in its brackets can't be read")
        return str(address)
    try:
        ascii_host = host if host.isascii() else idna.encode(host, uts46=True).decode()
    except idna.IDNAError as error:
        raise _bad(url, "its host is no domain name") from error
    ascii_host = ascii_host.lower().removesuffix(".")
    labels = ascii_host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        # Readers differ on 0177.1, 2130706433 and 0x7f.1: only four decimal numbers are clear.
        if str(literal(ascii_host)) != host:
            raise _bad(url, "its address is not written as four decimal numbers")
        return ascii_host
    if len(ascii_host) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise _bad(url, "its host is no domain name")
    if len(labels) == 1 or any(f".{ascii_host}".endswith(f".{name}") for name in _INSIDE):
        raise _bad(url, "its host is a name inside a network")
    return ascii_host


def _bad(url: str, why: str) -> Refused:
    return Refused(
        "BAD_URL",
        f"Nothing is fetched from {url[:200]!a}, since {why}: give the public http or https "
        "address of the document.",
    )
