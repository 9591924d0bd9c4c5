"""The servers that are measured, as programs of their own on free ports of 127.0.0.1."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAM = "import sys; from api.cli import main; sys.exit(main())"
"""`sijill`, with its arguments after it."""
STARTS_WITHIN = 60
"""Seconds."""


def free_port() -> int:
    """A port that nothing listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def running(command: list[str], port: int, log: Path, **environment: str) -> Iterator[str]:
    """A program that serves at a port: its address. RuntimeError with its words if it fails."""
    with log.open("wb") as words:
        process = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(process, port, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()  # told to stop, it would wait for the connections that the load keeps
        process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as client:
            client.settimeout(0.5)
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"the server did not start: {log.read_text(errors='replace')[-2_000:]}")


@contextmanager
def sijill(url: str, folder: Path, **settings: str) -> Iterator[str]:
    """`sijill serve` on a database."""
    port = free_port()
    command = [sys.executable, "-c", PROGRAM, "serve", "--port", str(port)]
    settings = {"SIJILL_DATABASE_URL": url, "SIJILL_DATA": str(folder), **settings}
    with running(command, port, folder / f"serve-{port}.log", **settings) as address:
        yield address


@contextmanager
def app(factory: str, url: str, folder: Path, **settings: str) -> Iterator[str]:
    """An ASGI app, by the name of its factory, on the server that Sijill is served by."""
    port = free_port()
    command = [
        *(sys.executable, "-m", "uvicorn", "--factory", factory, "--host", "127.0.0.1"),
        *("--port", str(port), "--no-access-log", "--log-level", "warning", "--no-server-header"),
    ]
    settings = {"SIJILL_DATABASE_URL": url, **settings}
    with running(command, port, folder / f"app-{port}.log", **settings) as address:
        yield address
