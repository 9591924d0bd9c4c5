"""The how-to pages own-server.md and operations.md, followed to the letter: passwords and logins.

Scripts are run by sh as the pages have them. What differs is said here: the host, a free port, and
that the servers of the pages run in the background.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest
from running import serving
from support.documented import DOCS, sections
from support.forked_sijill import sijill_program
from support.own_server import free_port, own_server
from thorough import times

from api.commands.query import executed
from api.graphql.question_document import document_of, question_named
from api.instance import opened
from api.settings import Settings
from store.binaries import find
from store.database import READER, Database
from store.replay import replay

PROJECT = DOCS.parents[1]
SAMPLE = sorted((PROJECT / "records" / "global-coalition").glob("*.jsonl"))
OWN = sections("own-server.md")
ASKED = ("ask", "members", "global-coalition", "--as-of", "2025-11-10", "--json")
POINTS = times(8, 20)
COALITION = "global-coalition"
CREATE = """CREATE DATABASE {} OWNER sijill_owner TEMPLATE template0 ENCODING 'UTF8'
    LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"""

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="openssl is not there: deploy/secrets.sh makes no key"
)


class Machine:
    """A machine with a checkout, on which somebody reads the page of a server at a port."""

    def __init__(self, checkout: Path, port: int, secrets: str, superuser: str) -> None:
        self.checkout, self.secrets = checkout, secrets
        ours = f"{sijill_program().parent}:{Path(sys.executable).parent}"
        self.environment = {
            "PATH": f"{ours}:{find()}:/usr/bin:/bin", "HOME": str(checkout),
            "PGPORT": str(port), "PGPASSWORD": superuser,
            "SIJILL_DATA": str(checkout / f"data-{port}"), "LANG": "C.UTF-8",
        }  # fmt: skip

    def run(self, script: str) -> str:
        """What a script prints. It ends at its first failure."""
        script = script.replace("db.example.org", "127.0.0.1")
        script = script.replace("deploy/secrets", f"deploy/{self.secrets}")
        script = script.replace("sh deploy/" + self.secrets + ".sh", "sh deploy/secrets.sh")
        done = subprocess.run(
            ["sh", "-euc", script], cwd=self.checkout, env=self.environment, capture_output=True,
            text=True, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        return done.stdout

    def become(self, login: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Log in by a file of secrets.sh in this very process."""
        file = self.checkout / "deploy" / self.secrets / login
        for name, value in {
            "PGPORT": self.environment["PGPORT"], "PGSERVICEFILE": str(file),
            "SIJILL_DATABASE_URL": "service=sijill", "SIJILL_DATA": self.environment["SIJILL_DATA"],
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)

    def superuser(self) -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1", port=self.environment["PGPORT"], user="postgres", dbname="postgres",
            password=self.environment["PGPASSWORD"], autocommit=True,
        )  # fmt: skip

    def as_login(self, login: str, *arguments: str) -> str:
        """What `sijill` prints to whoever logs in by a file of secrets.sh."""
        words = " ".join(f"'{each}'" for each in arguments)
        return self.run(
            f"export SIJILL_DATABASE_URL=service=sijill PGSERVICEFILE=deploy/secrets/{login}\n"
            f"export SIJILL_SIGNING_KEY=deploy/secrets/signing_key\nsijill {words}"
        )


@pytest.fixture(scope="module")
def checkout() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="sijill-page-", dir="/tmp"))
    folder.chmod(0o711)
    shutil.copytree(PROJECT / "deploy", folder / "deploy", ignore=lambda *_: {"secrets", "second"})
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def machine(checkout: Path) -> Iterator[Machine]:
    """The first server, set up and filled as the page says."""
    (checkout / "first").mkdir(mode=0o711)
    with own_server(checkout / "first", "a password") as port:
        machine = Machine(checkout, port, "secrets", "a password")
        machine.run(OWN["Set it up"])
        told = machine.as_login("sijill_service", "import", *map(str, SAMPLE), "--json")
        assert json.loads(told)["recorded"] > 500
        yield machine


def test_the_owner_makes_keys_verifies_and_rebuilds(machine: Machine) -> None:
    said = machine.run(OWN["Run it"].split("sijill serve")[1].partition("\n")[2])

    assert "Amal" in said
    assert "is whole" in said
    for command in (["keys", "list"], ["verify"], ["checkpoint"], ["doctor"], ["rebuild"]):
        told = json.loads(machine.as_login("sijill_owner", *command, "--json"))
        assert told
    listed = json.loads(machine.as_login("sijill_owner", "keys", "list", "--json"))
    machine.as_login("sijill_owner", "keys", "revoke", listed["keys"][0]["id"])
    assert json.loads(machine.as_login("sijill_owner", "verify", "--json"))["ok"]


def test_the_service_serves_imports_and_signs(machine: Machine) -> None:
    script, _, _ = OWN["Run it"].partition("sijill serve")
    settings = dict(re.findall(r"(SIJILL_\w+|PGSERVICEFILE)=(\S+)", script))
    for name in ("PGSERVICEFILE", "SIJILL_SIGNING_KEY"):
        settings[name] = str(machine.checkout / settings[name])
    address = ("--host", "127.0.0.1", "--port", str(free_port()))

    with serving("serve", *address, **{**machine.environment, **settings}) as (at, *_):
        import httpx

        assert httpx.get(f"{at}/health/live").status_code == 200
        assert httpx.get(f"{at}/log/vkey").status_code == 200
    signed = json.loads(machine.as_login("sijill_service", "checkpoint", "--json"))
    assert signed["size"] > 0


@pytest.fixture(scope="module")
def second(machine: Machine, checkout: Path) -> Iterator[Machine]:
    """Another server, onto which the first one's backup is restored as the page says."""
    machine.run("rm -rf backups")
    drilled = machine.run(OWN["Back it up"].partition("sijill drill")[0] + "sijill drill --json")
    assert json.loads(drilled.splitlines()[-1])["ok"]
    (checkout / "other").mkdir(mode=0o711)
    with own_server(checkout / "other", "another password") as port:
        second = Machine(checkout, port, "second", "another password")
        set_up, _, _ = OWN["Set it up"].partition("export")
        second.run(set_up)
        second.run(OWN["Back it up"].partition("sijill drill")[2])
        yield second


def test_a_backup_restored_onto_a_second_server_answers_as_the_first(
    machine: Machine, second: Machine
) -> None:
    for login in ("sijill_owner", "sijill_service"):
        assert second.as_login(login, *ASKED) == machine.as_login(login, *ASKED)
    shutil.copy(
        machine.checkout / "deploy/secrets/signing_key", machine.checkout / "deploy/second/old_key"
    )
    os.replace(
        machine.checkout / "deploy/second/old_key", machine.checkout / "deploy/second/signing_key"
    )
    told = json.loads(second.as_login("sijill_owner", "verify", "--json"))
    assert told["problems"] == []
    roots = [
        json.loads(m.as_login("sijill_owner", "checkpoint", "--json")) for m in (machine, second)
    ]
    assert roots[0] == roots[1]


def test_random_restore_points_answer_as_the_record_did_then(
    machine: Machine, second: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each a record of its own, copied from the restored one, which ends at that position."""
    monkeypatch.chdir(machine.checkout)
    questions = [("members", COALITION), ("bases", COALITION), ("memberships", "syria")]

    def asked(position: int | None) -> list[Any]:
        clocks = {"asOf": "2025-11-10"} | ({} if position is None else {"atPosition": position})
        with opened(Settings.read(), print) as instance:
            instance.catch_up()
            return [
                executed(
                    instance, document_of(question_named(name)), {"subject": subject, **clocks}
                )
                for name, subject in questions
            ]

    machine.become("sijill_owner", monkeypatch)
    with Database("service=sijill").connect(READER) as connection:
        rows = connection.execute("SELECT position, id FROM projections.events ORDER BY position")
        events = rows.fetchall()
    known = max(position for position, name in events if name in (COALITION, "syria"))
    later = [position for position, _ in events if position >= known]
    points = sorted(Random("points 1").sample(later, POINTS))
    live = {position: asked(position) for position in points}

    second.become("sijill_owner", monkeypatch)
    for position in points:
        name = f"then_{position}"
        with second.superuser() as connection:
            connection.execute(CREATE.format(name).encode())
        target = Database(f"service=sijill dbname={name}")
        assert replay(Database("service=sijill"), target, position).position == position
        monkeypatch.setenv("SIJILL_DATABASE_URL", target.url)
        assert asked(None) == live[position], position
        with second.superuser() as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())

    assert len({json.dumps(each) for each in live.values()}) > POINTS // 2


def test_every_command_of_the_page_is_run_here_or_in_containers() -> None:
    """A new section of commands asks for a test."""
    assert set(OWN) == {"Set it up", "Run it", "In containers", "Back it up"}
