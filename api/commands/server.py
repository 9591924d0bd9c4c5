"""`serve` and `demo`: the HTTP app until it is told to stop. `follow`: the follower alone."""

from __future__ import annotations

import gc
import os
import shlex
import signal
import socket
import sys
import time
from dataclasses import replace
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.query import opened_record
from api.terminal import bars, say

if TYPE_CHECKING:
    from api.instance import Instance
    from api.settings import Settings

STOP_WITHIN = 5
"""Seconds that requests have to end once we are told to stop."""
SWITCH_EVERY = 0.0005
"""Seconds after which a thread that computes lets the event loop go on. Python's own 5 ms count for
each of the dozen times that a request waits for a socket."""
YOUNG_OBJECTS = 5_000
"""New objects after which the garbage collector looks for cycles: all wait for it, some 5 ms."""

Host = Annotated[str | None, typer.Option(help="Address to serve at; else SIJILL_HOST, 127.0.0.1.")]
Port = Annotated[
    int | None,
    typer.Option(min=0, max=65_535, help="Port to serve at, 0 for any; else SIJILL_PORT, 8000."),
]

QUESTIONS = (
    "members global-coalition --as-of 2025-11-10 --known-at 2025-11-03",
    "members global-coalition --as-of 2014-09-15",
    "bases global-coalition --as-of 2025-11-03 --lang ar",
)


def serve(host: Host = None, port: Port = None) -> None:
    """Serve the record until Ctrl-C: sijill serve --host 127.0.0.1 --port 8000"""
    _serve(host, port)


def demo(host: Host = None, port: Port = None) -> None:
    """Import the sample record, then serve it: sijill demo --port 8000"""
    _serve(host, port, is_demo=True)


def _serve(host: str | None, port: int | None, *, is_demo: bool = False) -> None:
    from api.instance import opened

    settings = _settings(host, port)
    with (
        _Stopping() as stopping,
        listening(settings) as listener,
        opened(settings, say) as instance,
    ):
        if is_demo:
            _import_sample(instance)
        _run(instance, listener, stopping, QUESTIONS if is_demo else ())


def follow() -> None:
    """Keep the answers up to the log until Ctrl-C, beside or without a server: sijill follow"""
    from projections.follower_process import Follower

    with (
        _Stopping(),
        opened_record() as instance,
        Follower(instance.database, say),
    ):
        say("Following the log. Ctrl-C ends it.")
        while True:
            time.sleep(3600)  # until a signal ends it


def share_time() -> None:
    """Have this process stop for nothing longer than some milliseconds, threads or garbage."""
    sys.setswitchinterval(SWITCH_EVERY)
    gc.set_threshold(YOUNG_OBJECTS, 10, 10)


def _settings(host: str | None, port: int | None) -> Settings:
    from api.settings import Settings

    read = Settings.read()
    return replace(read, host=host or read.host, port=read.port if port is None else port)


def _import_sample(instance: Instance) -> None:
    from api.commands.record_import import take_in
    from api.files import sample
    from domain.errors import Refused

    with bars() as bar:
        try:
            outcome = take_in(instance, sample(), bar)
        except Refused as refused:
            if refused.code != "ID_TAKEN":
                raise
            say(f"The sample record here is not this version's, and stays: {refused.message}")
            return
    if outcome.recorded:
        say(f"The sample record is imported: {outcome.recorded} entries.")
    _hold_documents(instance)


def _hold_documents(instance: Instance) -> None:
    """Keep the documents that come with the sample record, which everybody may read."""
    from hashlib import sha256

    from api.commands.record_import import whoever_runs_this
    from api.files import sample_documents
    from store import documents
    from store.capture import captured
    from store.database import WRITER

    with instance.database.connect(WRITER) as connection:
        held = set(documents.held(connection))
        for content in sample_documents():
            if sha256(content).hexdigest() not in held:
                kept = captured(content, "text/plain", None)
                documents.keep(connection, kept, captured_by=whoever_runs_this(), shown=True)
    instance.catch_up()


def listening(settings: Settings) -> socket.socket:
    """A socket at the address of the settings, not yet open to clients. Raises Unreachable."""
    from domain.errors import Unreachable

    where = f"{settings.host} port {settings.port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.set_inheritable(False)
        except BaseException:
            listener.close()
            raise
    except (OSError, UnicodeError) as error:
        raise Unreachable(
            f"Nothing can be served at {where} ({getattr(error, 'strerror', None) or error}): "
            "stop what is there, or choose another --host or --port."
        ) from error
    return listener


class _Stopping:
    """SIGTERM and SIGINT end the program with status 0, at once or when the server has ended."""

    def __init__(self) -> None:
        self.served = False
        """Whether a server minds the signals, or has."""

    def __enter__(self) -> _Stopping:
        self._before = {
            number: signal.signal(number, self._stop) for number in (signal.SIGTERM, signal.SIGINT)
        }
        return self

    def __exit__(self, *exc: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if not self.served:
            raise SystemExit(0)


def _run(
    instance: Instance,
    listener: socket.socket,
    stopping: _Stopping,
    questions: tuple[str, ...],
) -> None:
    import uvicorn

    from api.app import create_app
    from api.protocol import Protocol
    from api.web.preload import settle
    from domain.errors import Unreachable
    from projections.follower_process import FollowerProcess

    class Server(uvicorn.Server):
        """Says where it is once it is there."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                _welcome(instance, listener, questions)

    instance.check_published()
    config = uvicorn.Config(
        create_app(instance, prepare=settle, follow=FollowerProcess),
        http=Protocol,
        ws="none",
        forwarded_allow_ips=list(instance.settings.trusted_proxies),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_WITHIN,
    )
    stopping.served = True
    share_time()
    try:
        Server(config).run(sockets=[listener])
    except OSError as error:
        raise Unreachable(f"The server stopped ({error}): start it again.") from error
    except SystemExit as error:  # uvicorn's way to say that the app did not start
        if error.code:
            raise Unreachable("The server did not start: see the words above.") from error


def _welcome(instance: Instance, listener: socket.socket, questions: tuple[str, ...]) -> None:
    host, port = listener.getsockname()[:2]
    say(f"Sijill is at http://{f'[{host}]' if ':' in host else host}:{port}")
    if not questions:
        return
    data = os.environ.get("SIJILL_DATA")
    where = f"SIJILL_DATA={shlex.quote(data)} " if data else ""
    say("Three questions to try, in another terminal:")
    for question in questions:
        say(f"  {where}{_program()} ask {question}")
    say("Ctrl-C ends it.")


def _program() -> str:
    """How this program was called, so that the same words work again."""
    return shlex.quote(sys.argv[0]) if sys.argv[0].endswith("sijill") else "sijill"
