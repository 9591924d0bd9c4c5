"""The fetcher: what it takes from a server that it reaches, and the process that it is."""

from __future__ import annotations

import gzip
import json
import os
import socket
import ssl
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from domain.errors import Refused, Unreachable
from store import sandbox
from store.capture import FETCHER, capture_url
from store.fetcher import LARGEST, REDIRECTS, Rules, fetch
from store.public_urls import Address

BODY = b"A page of words.\n"

# A server of our own


class Handler(BaseHTTPRequestHandler):
    """Answers by path. What it was asked is in `asked`."""

    asked: list[tuple[str, str]] = []  # noqa: RUF012 - emptied by the fixture

    def do_GET(self) -> None:
        self.asked.append((self.headers["Host"], self.path))
        kind, _, rest = self.path.lstrip("/").partition("/")
        getattr(self, f"send_{kind}")(rest)

    def give(self, body: bytes, *headers: tuple[str, str], status: int = 200) -> None:
        self.send_response(status)
        for name, value in headers or (("Content-Length", str(len(body))),):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def send_page(self, rest: str) -> None:
        self.give(BODY, ("Content-Type", "text/plain; charset=utf-8"))

    def send_to(self, rest: str) -> None:
        self.give(b"", ("Location", unquote(rest)), status=302)

    def send_hops(self, rest: str) -> None:
        left = int(rest)
        self.give(b"", ("Location", f"/hops/{left - 1}" if left > 1 else "/page"), status=307)

    def send_round(self, rest: str) -> None:
        self.give(b"", ("Location", "/round/"), status=301)

    def send_nowhere(self, rest: str) -> None:
        self.give(b"", status=303)

    def send_status(self, rest: str) -> None:
        self.give(b"", status=int(rest))

    def send_large(self, rest: str) -> None:
        self.give(b"x" * int(rest), ("Content-Type", "text/plain"))

    def send_gzip(self, rest: str) -> None:
        self.give(gzip.compress(BODY), ("Content-Encoding", "gzip"))

    def send_deflate(self, rest: str) -> None:
        self.give(zlib.compress(BODY), ("Content-Encoding", "deflate"))

    def send_bomb(self, rest: str) -> None:
        self.give(gzip.compress(bytes(4_000_000)), ("Content-Encoding", "gzip"))

    def send_cut(self, rest: str) -> None:
        self.give(gzip.compress(BODY)[:-9], ("Content-Encoding", "gzip"))

    def send_trailed(self, rest: str) -> None:
        self.give(gzip.compress(BODY) + b"more", ("Content-Encoding", "gzip"))

    def send_brotli(self, rest: str) -> None:
        self.give(b"\x0b", ("Content-Encoding", "br"))

    def send_short(self, rest: str) -> None:
        self.give(BODY, ("Content-Length", str(len(BODY) + 1)))

    def send_slow(self, rest: str) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(100):
                self.wfile.write(b"x")
                time.sleep(0.05)
        except OSError:
            pass

    def log_message(self, *details: object) -> None:
        pass


@pytest.fixture(scope="module")
def served() -> Iterator[int]:
    """The port of a server on 127.0.0.1."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_port
        server.shutdown()


def at_home(name: str, port: int) -> list[Address]:
    return [ip_address("127.0.0.1")]


@pytest.fixture
def take(served: int) -> Callable[..., Any]:
    """Fetches a path of the server, by a name, under rules that allow it and its port alone."""
    Handler.asked.clear()

    def take(path: str, **rules: Any) -> Any:
        allowed = Rules(ports=frozenset({served}), public=lambda a: str(a) == "127.0.0.1", **rules)
        return fetch(f"http://pages.example.org:{served}{path}", allowed, at_home)

    return take


def test_a_page_is_fetched_from_the_address_by_its_name(
    take: Callable[..., Any], served: int
) -> None:
    found = take("/page")

    assert found.content == BODY
    assert found.content_type == "text/plain; charset=utf-8"
    assert found.url == f"http://pages.example.org:{served}/page"
    assert Handler.asked == [(f"pages.example.org:{served}", "/page")]


def test_three_redirects_are_followed_and_a_fourth_is_not(take: Callable[..., Any]) -> None:
    assert take(f"/hops/{REDIRECTS}").content == BODY

    with pytest.raises(Refused) as refused:
        take(f"/hops/{REDIRECTS + 1}")
    assert refused.value.code == "TOO_MANY_REDIRECTS"
    with pytest.raises(Refused, match="3 redirects"):
        take("/round/")


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("http://10.0.0.1/", "BAD_URL"),  # its port is not the one allowed here
        ("http://10.0.0.1:{port}/", "PRIVATE_ADDRESS"),
        ("http://[::ffff:127.0.0.1]:{port}/", "PRIVATE_ADDRESS"),
        ("http://[::1]:{port}/", "PRIVATE_ADDRESS"),
        ("//169.254.169.254:{port}/latest/", "PRIVATE_ADDRESS"),
        ("http://2130706433:{port}/", "BAD_URL"),
        ("http://localhost:{port}/", "BAD_URL"),
        ("http://user@pages.example.org:{port}/", "BAD_URL"),
        ("file:///etc/passwd", "BAD_URL"),
        ("http://[", "FETCH_FAILED"),
    ],
)
def test_a_redirect_is_checked_like_a_url(
    take: Callable[..., Any], served: int, location: str, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        take("/to/" + location.format(port=served))

    assert refused.value.code == code
    assert len(Handler.asked) == 1


def test_a_name_is_looked_up_once_so_that_it_cannot_change_in_between(served: int) -> None:
    looked_up: list[str] = []

    def rebinding(name: str, port: int) -> list[Address]:
        looked_up.append(name)
        return at_home(name, port) if len(looked_up) == 1 else [ip_address("10.0.0.1")]

    rules = Rules(ports=frozenset({served}), public=lambda a: str(a) == "127.0.0.1")
    assert fetch(f"http://pages.example.org:{served}/page", rules, rebinding).content == BODY
    assert looked_up == ["pages.example.org"]

    looked_up.clear()
    with pytest.raises(Refused, match=r"10\.0\.0\.1"):
        fetch(f"http://pages.example.org:{served}/hops/1", rules, rebinding)


@pytest.mark.parametrize("path", ["/gzip/", "/deflate/"])
def test_what_is_compressed_unasked_is_decompressed(take: Callable[..., Any], path: str) -> None:
    assert take(path).content == BODY


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/large/1000001", "DOCUMENT_TOO_LARGE"),
        ("/bomb/", "DOCUMENT_TOO_LARGE"),
        ("/cut/", "FETCH_FAILED"),
        ("/trailed/", "FETCH_FAILED"),
        ("/brotli/", "FETCH_FAILED"),
        ("/short/", "FETCH_FAILED"),
        ("/nowhere/", "FETCH_FAILED"),
        ("/status/404", "FETCH_FAILED"),
        ("/status/500", "FETCH_FAILED"),
        ("/status/204", "FETCH_FAILED"),
    ],
)
def test_what_can_not_be_kept_whole_is_refused(
    take: Callable[..., Any], path: str, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        take(path, largest=1_000_000)

    assert refused.value.code == code


def test_the_largest_size_is_taken_and_one_byte_more_is_not(take: Callable[..., Any]) -> None:
    assert len(take(f"/large/{LARGEST}").content) == LARGEST

    with pytest.raises(Refused, match="20,971,520 bytes"):
        take(f"/large/{LARGEST + 1}")


def test_a_server_that_drips_is_left_at_the_deadline(take: Callable[..., Any]) -> None:
    started = time.monotonic()

    with pytest.raises(Unreachable, match="too long"):
        take("/slow/", seconds=0.5)

    assert time.monotonic() - started < 2


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_says_nothing_is_left_too(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        rules = Rules(ports=frozenset({port}), public=lambda a: True, seconds=0.3)

        with pytest.raises(Unreachable, match="too long"):
            fetch(f"{scheme}://pages.example.org:{port}/", rules, at_home)


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]  # bound, and not listened to
        rules = Rules(ports=frozenset({port}), public=lambda a: True)

        with pytest.raises(Unreachable, match="ConnectionRefusedError"):
            fetch(f"http://pages.example.org:{port}/", rules, at_home)


def certificate(folder: Path, name: str) -> Path:
    """A certificate of a name, signed by itself, with its key, in one file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.mark.parametrize("named", ["pages.example.org", "other.example.org"])
def test_tls_is_with_the_name_though_the_connection_is_to_the_address(
    tmp_path: Path, named: str
) -> None:
    asked_for: list[str | None] = []
    file = certificate(tmp_path, named)
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(file)
    server_side.sni_callback = lambda sock, name, context: asked_for.append(name)
    Handler.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = server_side.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        port = server.server_port
        rules = Rules(
            ports=frozenset({port}),
            public=lambda a: True,
            tls=lambda: ssl.create_default_context(cafile=str(file)),
        )
        url = f"https://pages.example.org:{port}/page"
        try:
            if named == "pages.example.org":
                assert fetch(url, rules, at_home).content == BODY
                assert Handler.asked == [(f"pages.example.org:{port}", "/page")]
            else:
                with pytest.raises(Unreachable, match="certificate"):
                    fetch(url, rules, at_home)
        finally:
            server.shutdown()
    assert asked_for == ["pages.example.org"]


# The process


def allowing(port: int) -> tuple[str, ...]:
    """The fetcher's process under rules that allow a server here: a test's own program."""
    program = (
        "from ipaddress import ip_address; from store import fetcher; "
        f"fetcher.main(fetcher.Rules(ports=frozenset({{{port}}}), public=lambda a: True))"
    )
    return sys.executable, "-I", "-c", program


def test_the_process_fetches_and_hands_over_what_is_read_apart_too(served: int) -> None:
    captured = capture_url(f"http://127.0.0.1:{served}/page", allowing(served))

    assert captured.content == BODY
    assert captured.text == BODY.decode()
    assert captured.media_type == "text/plain"
    assert captured.url == f"http://127.0.0.1:{served}/page"


@pytest.mark.parametrize(
    "setting", ["SIJILL_FETCH_ALLOW", "SIJILL_DATABASE_URL", "PGPASSWORD", "HTTP_PROXY"]
)
def test_no_setting_lets_the_process_reach_this_machine(
    served: int, setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(setting, "127.0.0.1")
    Handler.asked.clear()

    with pytest.raises(Refused) as refused:
        capture_url("http://127.0.0.1/page", FETCHER)

    assert refused.value.code == "PRIVATE_ADDRESS"
    assert Handler.asked == []


REPORT = """
import os, resource, sys
from store import sandbox
def tell(header, content):
    limits = {name: resource.getrlimit(getattr(resource, name))[0] for name in (
        "RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_CORE")}
    files = [name for name in os.listdir("/proc/self/fd")]
    import json
    return {"environment": json.dumps(dict(os.environ)), "limits": json.dumps(limits),
            "files": str(len(files)), "folder": os.getcwd(), "path": json.dumps(sys.path)}, b""
sandbox.answer(tell, sys.stdin.buffer, sys.stdout.buffer)
"""


def test_the_process_has_no_secrets_and_little_of_everything(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SIJILL_DATABASE_URL", "postgresql://sijill:secret@db/sijill")
    monkeypatch.setenv("PGPASSWORD", "secret")
    monkeypatch.chdir(tmp_path)
    secret = os.open("/dev/null", os.O_RDONLY)
    os.set_inheritable(secret, True)
    try:
        told, _ = sandbox.ask((sys.executable, "-I", "-c", REPORT), {}, seconds=10)
    finally:
        os.close(secret)

    environment = json.loads(told["environment"])
    assert set(environment) <= {"SSL_CERT_FILE", "SSL_CERT_DIR", "LC_CTYPE"}
    assert json.loads(told["limits"]) == {
        "RLIMIT_AS": 1 << 30,
        "RLIMIT_CPU": 11,
        "RLIMIT_FSIZE": 160 << 20,
        "RLIMIT_NOFILE": 64,
        "RLIMIT_CORE": 0,
    }
    assert int(told["files"]) <= 4  # its input, its two outputs, and the listing itself
    assert told["folder"] == "/"
    assert str(tmp_path) not in json.loads(told["path"])


@pytest.mark.parametrize(
    ("doing", "raises"),
    [
        ("while True: pass", "TOO_HARD"),
        ("import time; time.sleep(60)", "TOO_HARD"),
        ("x = bytearray(2 << 30)", "TOO_HARD"),
        ("import os; os.kill(os.getpid(), 11)", "TOO_HARD"),
        ("return {}, bytes(sandbox.OUTPUT + 1)", "TOO_HARD"),
        ("raise KeyError('ours')", "RuntimeError"),
    ],
)
def test_a_process_that_is_led_astray_is_ended(
    doing: str, raises: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "GRACE", 0.5)
    program = (
        "import sys\nfrom store import sandbox\n"
        f"def serve(header, content):\n    {doing}\n    return {{}}, b''\n"
        "sandbox.answer(serve, sys.stdin.buffer, sys.stdout.buffer)"
    )

    with pytest.raises((Refused, RuntimeError)) as raised:
        sandbox.ask((sys.executable, "-I", "-c", program), {}, seconds=1)

    told = raised.value
    assert (told.code if isinstance(told, Refused) else type(told).__name__) == raises
