"""deploy/ without a container engine: its image's steps and start command, a PostgreSQL by hand.

The build stage of deploy/Containerfile is carried out step by step in a folder, so that what
starts is a bare virtual environment of the lock file and our wheel. PostgreSQL asks for passwords,
and deploy/'s scripts make them and the logins.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql

from store.binaries import Account, find, within_reach

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="PostgreSQL is started by hand on Unix"),
    pytest.mark.timeout(300),
]
PROJECT = Path(__file__).parents[2]
DEPLOY = PROJECT / "deploy"
ROOT = os.geteuid() == 0
UNREACHED = re.compile(
    "NewConnectionError|NameResolutionError|ProxyError|ConnectTimeout|Network is unreachable"
)
RECORD = [
    {"type": "SourceRegistered", "id": "a-source", "title": "A source", "published": "2014-09-10"},
    {"type": "EntityRegistered", "id": "a-coalition", "kind": "COALITION", "names": {"en": "C"}},
    {"type": "EntityRegistered", "id": "a-country", "kind": "COUNTRY", "names": {"en": "A"}},
    {
        "type": "MemberJoined",
        "id": "a-country-joins",
        "coalition": "a-coalition",
        "member": "a-country",
        "when": "2014-09-10",
        "citations": [{"source": "a-source"}],
    },
]
QUESTION = '{ members(coalition: "a-coalition") { edges { node { standing member { id } } } } }'
ANSWER = {"members": {"edges": [{"node": {"standing": "CERTAIN", "member": {"id": "a-country"}}}]}}


def instructions() -> list[tuple[str, str]]:
    """The Containerfile's instructions, each with what follows it, on one line."""
    text = re.sub(r"^\s*#.*\n", "", (DEPLOY / "Containerfile").read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in lines if line]


def last(instruction: str) -> str:
    return [rest for name, rest in instructions() if name == instruction][-1]


class Image:
    """The image as a folder: paths below it stand for the image's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = getattr(sys, "_base_executable", sys.executable)

    def there(self, words: str) -> str:
        """A command or path of the image's, as it is outside of one."""
        return re.sub(r"(?<![\w.:/])/(opt/sijill|build|source)\b", rf"{self.folder}/\1", words)

    def build(self) -> None:
        """Carry out the build stage. Skips where the registry can't be reached."""
        environment, here = dict(os.environ), self.folder
        stage = [name for name, _ in instructions()].index("FROM", 2)
        for name, rest in instructions()[2:stage]:
            if name == "WORKDIR":
                here = Path(self.there(rest))
                here.mkdir()
            elif name == "COPY":
                *sources, target = rest.split()
                for source in sources:
                    self._copy(PROJECT / source, here / target)
            elif name == "RUN":
                command = re.sub(r"\bpython -m venv", f"{self.python} -m venv", self.there(rest))
                done = subprocess.run(
                    ["sh", "-c", command], cwd=here, env=environment, capture_output=True, text=True
                )
                if done.returncode and UNREACHED.search(done.stderr + done.stdout):
                    pytest.skip("the package registry can't be reached: no bare environment")
                assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
            else:
                assert name == "ENV", f"a step that this test does not know: {name}"
                environment |= dict(pair.split("=", 1) for pair in rest.split())
                environment.pop("PIP_NO_CACHE_DIR", None)  # a test may use what was fetched before

    @staticmethod
    def _copy(source: Path, target: Path) -> None:
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)

    def argv(self, *command: str) -> list[str]:
        """The argument vector of the entry point with a command, CMD's if none is given."""
        words = json.loads(last("ENTRYPOINT")) + (list(command) or json.loads(last("CMD")))
        return [self.there(word) for word in words]

    def account(self) -> dict[str, Any]:
        """Popen's arguments for the image's user, where we may become it and it can run Python."""
        uid, gid = map(int, last("USER").split(":"))
        arguments = {"user": uid, "group": gid, "extra_groups": []} if ROOT else {}
        try:
            subprocess.run([self.argv()[0], "--help"], check=True, capture_output=True, **arguments)
        except PermissionError:
            return {}
        return arguments


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that every account can walk into."""
    made = Path(tempfile.mkdtemp(prefix="sijill-own-", dir="/tmp"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def secrets(folder: Path) -> Path:
    """The passwords, as deploy/secrets.sh makes them."""
    made = folder / "secrets"
    subprocess.run(["sh", DEPLOY / "secrets.sh", made, "127.0.0.1"], check=True)
    return made


@pytest.fixture(scope="module")
def port(folder: Path, secrets: Path) -> Iterator[int]:
    """A PostgreSQL 18 started by hand, with the logins of deploy/logins.sql."""
    account = Account(65534, 65534) if ROOT else None
    as_account = account.popen() if account else {}
    programs = within_reach(find(), account, folder)
    home, port = folder / "postgres", free_port()
    home.mkdir(mode=0o700)
    shutil.copy(secrets / "postgres", home / "password")
    if account:
        os.chown(home, account.uid, account.gid)
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
        wait_for(lambda: answers(port), "PostgreSQL")
        environment = os.environ | {
            "PGPASSWORD": (secrets / "postgres").read_text(),
            "SIJILL_SECRETS": str(secrets),
        }
        for _ in range(2):  # the second time changes nothing
            subprocess.run(
                [find() / "psql", "-X", f"host=127.0.0.1 port={port} user=postgres dbname=postgres"]
                + ["-f", DEPLOY / "logins.sql"],
                env=environment, check=True, capture_output=True,
            )  # fmt: skip
        yield port
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=30)


def answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def wait_for(condition: Any, what: str, seconds: float = 60) -> Any:
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, f"{what} did not come within {seconds} seconds"
        time.sleep(0.1)
    return found
