"""Which URLs are fetched: what is refused by its text or its address, before anything connects."""

from __future__ import annotations

import socket
from ipaddress import ip_address

import pytest

from domain.errors import Refused
from store.fetcher import fetch
from store.public_urls import is_public, target_of

NOBODY = "nobody.example.org"
# What a URL alone tells.
BAD = [
    "",
    "example.org/page",
    "//example.org/page",
    "ftp://example.org/page",
    "file:///etc/passwd",
    "gopher://example.org/1",
    "data:text/plain,words",
    "jar:http://example.org!/",
    "unix:///var/run/docker.sock",
    "http://",
    "http:///etc/passwd",
    "http://:80/",
    "http://example.org:/",
    "http://example.org:22/",
    "http://example.org:8080/",
    "http://example.org:5432/",
    "http://example.org:0/",
    "http://example.org:65536/",
    "http://example.org:80a/",
    "http://user@example.org/",
    "http://user:secret@example.org/",
    "http://example.org@127.0.0.1/",
    "http://127.0.0.1:80@example.org:80/",
    "http://example.org\\@127.0.0.1/",
    "http://example.org%2f@127.0.0.1/",
    "http://127.0.0.1%00.example.org/",
    "http://%31%32%37.0.0.1/",
    "http://exa mple.org/",
    "http://example.org/a page",
    "http://example.org/\r\nHost: 127.0.0.1",
    "http://exam\tple.org/",
    " http://example.org/",
    "http://example.org/\x00",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://127.1/",
    "http://127.0.1/",
    "http://127.0.0.01/",
    "http://0/",
    "http://127.0.0.1./",
    "http://256.256.256.256/",
    "http://①②⑦.⓪.⓪.①/",
    "http://１２７.0.0.1/",
    "http://127。0。0。1/",
    "http://localhost/",
    "http://LOCALHOST/",
    "http://localhost./",
    "http://ⓛocalhost/",
    "http://a.localhost/",
    "http://printer/",
    "http://printer.local/",
    "http://metadata.google.internal/computeMetadata/v1/",
    "http://router.home.arpa/",
    "http://db.lan/",
    "http://1.0.0.127.in-addr.arpa/",
    "http://-example.org/",
    "http://exa_mple..org/",
    "http://exam'ple.org/",
    f"http://{'a' * 64}.org/",
    f"http://example.org/{'a' * 2_000}",
    "http://[::1/",
    "http://[example.org]/",
    "http://[fe80::1%25eth0]/",
    "http://[v1.fe80::a]/",
]

# What an address tells.
PRIVATE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:7f00:1::",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2002:808:808::1",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
PUBLIC = ["8.8.8.8", "93.184.216.34", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001::200e"]


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """No connection and no look-up; the attempts."""
    attempts: list[object] = []

    def attempt(*details: object, **more: object) -> None:
        attempts.append(details)
        raise AssertionError(f"the network was used: {details}")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, attempt)
    for name in ("getaddrinfo", "gethostbyname", "create_connection"):
        monkeypatch.setattr(socket, name, attempt)
    return attempts


@pytest.mark.parametrize("url", BAD)
def test_a_bad_url_is_refused_and_nothing_is_looked_up(url: str, no_network: list[object]) -> None:
    with pytest.raises(Refused) as refused:
        fetch(url)

    assert refused.value.code == "BAD_URL"
    assert no_network == []


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_refused_unconnected(
    address: str, scheme: str, no_network: list[object]
) -> None:
    host = f"[{address}]" if ":" in address else address
    for url in (f"{scheme}://{host}/", f"{scheme}://{NOBODY}/"):
        with pytest.raises(Refused) as refused:
            fetch(url, look_up=lambda name, port: [ip_address(address)])

        assert refused.value.code == "PRIVATE_ADDRESS"
    assert no_network == []


def test_one_private_address_among_public_ones_is_enough(no_network: list[object]) -> None:
    addresses = [ip_address("8.8.8.8"), ip_address("10.0.0.1")]

    with pytest.raises(Refused, match=r"10\.0\.0\.1"):
        fetch("https://example.org/", look_up=lambda name, port: addresses)

    assert no_network == []


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    ("url", "asks"),
    [
        ("http://example.org", "http://example.org/"),
        ("HTTPS://Example.ORG:443/A?b=c#d", "https://example.org/A?b=c"),
        ("http://example.org:443/", "http://example.org:443/"),
        ("https://example.org./", "https://example.org/"),
        ("https://مثال.السعودية/خبر", "https://xn--mgbh0fb.xn--mgberp4a5d4ar/%D8%AE%D8%A8%D8%B1"),
        ("http://8.8.8.8/", "http://8.8.8.8/"),
        ("http://[2606:4700::1111]/", "http://[2606:4700::1111]/"),
    ],
)
def test_a_public_url_is_asked_for_as_written(url: str, asks: str) -> None:
    assert target_of(url).url == asks
