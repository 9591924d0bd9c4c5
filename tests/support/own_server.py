"""A PostgreSQL 18 started by hand that asks for passwords, with the logins of deploy/logins.sql."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from psycopg.pq import PGconn, Ping

from store.binaries import Account, find, within_reach

DEPLOY = Path(__file__).parents[2] / "deploy"
ROOT = os.geteuid() == 0


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def is_ready(port: int) -> bool:
    """Whether a PostgreSQL takes sessions; it listens some time before."""
    return PGconn.ping(f"host=127.0.0.1 port={port}".encode()) == Ping.OK


def wait_for(condition: Callable[[], Any], what: str, seconds: float = 60) -> Any:
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, f"{what} did not come within {seconds} seconds"
        time.sleep(0.1)
    return found


@contextmanager
def own_server(folder: Path, password: str) -> Iterator[int]:
    """A server in a folder that every account can walk into; its port. `postgres` is superuser."""
    account = Account(65534, 65534) if ROOT else None
    as_account = account.popen() if account else {}
    programs = within_reach(find(), account, folder)
    home, port = folder / "postgres", free_port()
    home.mkdir(mode=0o700)
    (home / "password").write_text(password)
    if account:
        os.chown(home, account.uid, account.gid)
        os.chown(home / "password", account.uid, account.gid)
    initdb = [programs / "initdb", "-D", home / "data", "-U", "postgres", "--no-sync"]
    options = ["--auth=scram-sha-256", f"--pwfile={home / 'password'}"]
    subprocess.run([*initdb, *options], check=True, capture_output=True, cwd=home, **as_account)
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        "fsync": "off",
        "log_statement": "all",
    }
    given = [f"--{name}={value}" for name, value in settings.items()]
    with open(home / "log", "wb") as log:
        server = subprocess.Popen(
            [programs / "postgres", "-D", home / "data", *given], stderr=log, **as_account
        )
    try:
        wait_for(lambda: is_ready(port), "PostgreSQL")
        yield port
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=30)
        shutil.rmtree(home, ignore_errors=True)
