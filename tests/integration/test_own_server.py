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
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql
from support.own_server import DEPLOY, ROOT, free_port, own_server, wait_for

from domain.checkpoint import open_note
from domain.codec import read
from domain.record import Record
from projections.follower import progress_of
from store.binaries import find
from store.database import READER, Database
from store.recorder import PostgresRecorder
from store.signing_key import load_signer

PROJECT = Path(__file__).parents[2]
UNREACHED = re.compile(
    "NewConnectionError|NameResolutionError|ProxyError|ConnectTimeout|Network is unreachable"
    "|ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN"
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


def may_run(python: str | None, account: Mapping[str, Any]) -> bool:
    """Whether the account can make environments with an interpreter that is new enough."""
    check = "import ensurepip, sys; sys.exit(sys.version_info < (3, 11))"
    try:
        return python is not None and not subprocess.call([python, "-c", check], **account)
    except PermissionError:
        return False


class Image:
    """The image as a folder: paths below it stand for the image's own.

    Its interpreter is one that the image's user can run, if there is one and we may become it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = getattr(sys, "_base_executable", sys.executable)
        self.account: dict[str, Any] = {}
        uid, gid = map(int, last("USER").split(":"))
        account = {"user": uid, "group": gid, "extra_groups": []}
        for python in (self.python, shutil.which("python3", path="/usr/local/bin:/usr/bin")):
            if ROOT and may_run(python, account):
                self.python, self.account = python, account
                break

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
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "vendor"))
        else:
            shutil.copy(source, target)

    def argv(self, *command: str) -> list[str]:
        """The argument vector of the entry point with a command, CMD's if none is given."""
        words = json.loads(last("ENTRYPOINT")) + (list(command) or json.loads(last("CMD")))
        return [self.there(word) for word in words]

    def environment(self, secrets: Path, login: str, **settings: object) -> dict[str, str]:
        """A container's environment: the image's, and what compose.yaml gives it."""
        own = dict(pair.split("=", 1) for pair in last("ENV").split())
        mounted = self.folder / login  # as a container has it, from a folder closed to its user
        shutil.copy(secrets / login, mounted)
        given = {"SIJILL_DATABASE_URL": "service=sijill", "PGSERVICEFILE": str(mounted)}
        local = {"SIJILL_HOST": "127.0.0.1", "PATH": "/usr/bin:/bin"}
        return own | given | local | {name: str(value) for name, value in settings.items()}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that every account can walk into."""
    made = Path(tempfile.mkdtemp(prefix="sijill-own-", dir="/tmp"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def secrets(folder: Path) -> Path:
    """The passwords and the key, as deploy/secrets.sh makes them."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not there: deploy/secrets.sh makes no key")
    made = folder / "secrets"
    subprocess.run(["sh", DEPLOY / "secrets.sh", made, "127.0.0.1"], check=True)
    return made


@pytest.fixture(scope="module")
def port(folder: Path, secrets: Path) -> Iterator[int]:
    """A PostgreSQL 18 started by hand, with the logins of deploy/logins.sql."""
    with own_server(folder, (secrets / "postgres").read_text()) as port:
        environment = os.environ | {
            "PGPASSWORD": (secrets / "postgres").read_text(),
            "SIJILL_SECRETS": str(secrets),
        }
        psql = [find() / "psql", "-X", f"host=127.0.0.1 port={port} user=postgres"]
        for _ in range(2):  # the second time changes nothing
            subprocess.run([*psql, "-f", DEPLOY / "logins.sql"], check=True, env=environment)
        yield port


@pytest.fixture(scope="module")
def image(folder: Path) -> Image:
    made = Image(folder)
    made.build()
    return made


@pytest.fixture(scope="module")
def as_service(image: Image, secrets: Path, port: int) -> dict[str, str]:
    return image.environment(secrets, "sijill_service", PGPORT=port, SIJILL_PORT=free_port())


@pytest.fixture(scope="module")
def as_owner(image: Image, secrets: Path, port: int) -> dict[str, str]:
    return image.environment(secrets, "sijill_owner", PGPORT=port)


@pytest.fixture(scope="module")
def migrated(image: Image, as_owner: dict[str, str]) -> None:
    done = run(image, as_owner, "migrate")
    assert done.returncode == 0, done.stderr


def run(
    image: Image, environment: Mapping[str, str], *command: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        image.argv(*command), env=environment, cwd="/", capture_output=True, text=True, timeout=60,
        **image.account,
    )  # fmt: skip


@contextmanager
def running(
    image: Image, environment: Mapping[str, str], *command: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A container's process; left with the image's STOPSIGNAL, on which it ends well."""
    with tempfile.TemporaryFile() as words:
        process = subprocess.Popen(
            image.argv(*command), env=environment, cwd="/", stdout=words, stderr=words,
            **image.account,
        )  # fmt: skip
        try:
            yield process
            process.send_signal(signal.Signals[last("STOPSIGNAL")])
            assert process.wait(timeout=15) == 0
        finally:
            process.kill()
            process.wait()
            words.seek(0)
            print(words.read().decode())


def superuser(secrets: Path, port: int, database: str) -> psycopg.Connection:
    password = (secrets / "postgres").read_text()
    return psycopg.connect(
        host="127.0.0.1", port=port, user="postgres", password=password, dbname=database,
        autocommit=True,
    )  # fmt: skip


def test_the_passwords_stay_out_of_the_servers_log(folder: Path, secrets: Path, port: int) -> None:
    log = (folder / "postgres" / "log").read_text()

    assert "SET log_statement = none" in log
    for login in ("sijill_owner", "sijill_service"):
        assert (secrets / login).read_text().split("password=")[1].strip() not in log


@pytest.mark.parametrize("state", ["empty", "behind"])
def test_a_service_refuses_a_database_that_the_owner_has_not_migrated(
    image: Image, as_service: dict[str, str], secrets: Path, port: int, migrated: None, state: str
) -> None:
    template = {"empty": "template0", "behind": "sijill"}[state]
    with superuser(secrets, port, "postgres") as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER sijill_owner").format(
                sql.Identifier(state), sql.Identifier(template)
            )
        )
    if state == "behind":
        with superuser(secrets, port, state) as connection:
            connection.execute("DELETE FROM schema_migrations WHERE name LIKE 'projections/%'")
    url = {"SIJILL_DATABASE_URL": f"service=sijill dbname={state}"}

    done = run(image, as_service | url)

    assert done.returncode == 3
    assert "run `sijill migrate`" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("role", ["sijill_writer", "sijill_follower", "sijill_reader"])
def test_the_service_login_takes_roles_on_and_has_no_rights_without_one(
    as_service: dict[str, str], migrated: None, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    for name in ("PGSERVICEFILE", "PGPORT"):
        monkeypatch.setenv(name, as_service[name])

    with psycopg.connect("service=sijill", autocommit=True) as connection:
        for attempt in ("SELECT * FROM requests", "SELECT * FROM projections.events"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(attempt.encode())
        connection.execute(f"SET ROLE {role}".encode())
        connection.execute("SELECT * FROM requests, projections.events")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM requests")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SET ROLE sijill_owner")


def test_it_starts_records_follows_and_answers(
    image: Image, as_service: dict[str, str], migrated: None
) -> None:
    file = image.folder / "record.jsonl"
    file.write_text("".join(json.dumps(entry) + "\n" for entry in RECORD))
    address = f"http://127.0.0.1:{as_service['SIJILL_PORT']}"
    check = [image.there(word) for word in json.loads(last("HEALTHCHECK").partition("CMD ")[2])]

    with running(image, as_service) as server, running(image, as_service, "follow"):
        wait_for(
            lambda: (
                server.poll() is not None
                or not subprocess.call(check, env=as_service, stderr=subprocess.DEVNULL)
            ),
            "the image's health check",
        )
        assert server.poll() is None
        wait_for(
            lambda: httpx.get(f"{address}/health/ready").status_code == 200,
            "the follower's first report",
        )
        assert httpx.get(f"{address}/graphiql").status_code == 200
        done = run(image, as_service, "import", str(file), "--json")
        assert json.loads(done.stdout)["recorded"] == len(RECORD), done.stderr

        reply = httpx.post(f"{address}/graphql", json={"query": QUESTION}).json()

    assert reply == {"data": ANSWER}


def test_a_follower_alone_keeps_the_answers_up_to_the_log(
    image: Image, as_service: dict[str, str], migrated: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PGSERVICEFILE", "PGPORT"):
        monkeypatch.setenv(name, as_service[name])
    database = Database("service=sijill")
    recorder = PostgresRecorder(database)
    entry = read({"type": "EntityRegistered", "id": "late", "kind": "OTHER", "names": {"en": "L"}})

    with running(image, as_service, "follow"), database.connect(READER) as connection:
        position = Record(recorder).apply([entry], actor="a test").position
        recorder.close()
        wait_for(lambda: progress_of(connection).position >= position, "the follower", 10)


def test_the_owner_rebuilds_and_the_service_may_not(
    image: Image, as_service: dict[str, str], as_owner: dict[str, str], migrated: None
) -> None:
    refused = run(image, as_service, "rebuild")
    assert refused.returncode == 3, refused.stderr
    assert "Traceback" not in refused.stderr

    done = run(image, as_owner, "rebuild")

    assert done.returncode == 0, done.stderr


def test_a_dump_brings_back_the_log_and_what_protects_it(
    folder: Path, as_owner: dict[str, str], secrets: Path, port: int, migrated: None
) -> None:
    dump = folder / "sijill.dump"
    saved = [find() / "pg_dump", "service=sijill", "--format=custom", f"--file={dump}"]
    subprocess.run(saved, check=True, env=as_owner)
    with superuser(secrets, port, "sijill") as connection:
        log = connection.execute("SELECT * FROM sijill_events_tt_main").fetchall()
        connection.execute("CREATE DATABASE restored TEMPLATE template0 OWNER sijill_owner")

    target = f"host=127.0.0.1 port={port} user=postgres dbname=restored"
    password = {"PGPASSWORD": (secrets / "postgres").read_text()}
    brought_back = [find() / "pg_restore", "--exit-on-error", f"--dbname={target}", dump]
    subprocess.run(brought_back, check=True, env=os.environ | password)

    with superuser(secrets, port, "restored") as connection:
        assert connection.execute("SELECT * FROM sijill_events_tt_main").fetchall() == log
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="the log only grows"):
            connection.execute("DELETE FROM sijill_events_tt_main")
        connection.execute("SET ROLE sijill_writer")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
            connection.execute("DELETE FROM sijill_events_tt_main")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not there")
def test_the_signing_key_is_a_secret_that_the_service_alone_has(tmp_path: Path) -> None:
    subprocess.run(
        ["sh", DEPLOY / "secrets.sh", tmp_path / "made", "127.0.0.1", "example.org/record"],
        check=True,
    )

    signer = load_signer(tmp_path / "made" / "signing_key")

    assert signer.verifier.name == "example.org/record"
    note = signer.sign("a text\n")
    assert open_note(note, [signer.verifier]).text == "a text\n"
    assert {path.name for path in (tmp_path / "made").iterdir()} == {
        "postgres", "sijill_owner", "sijill_service", "signing_key",
    }  # fmt: skip
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed: compose.yaml is not read")
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    holders = [name for name, it in services.items() if "signing_key" in it["secrets"]]
    assert holders == ["service"]
    key = services["service"]["environment"]["SIJILL_SIGNING_KEY"]
    assert key == "/run/secrets/signing_key"


def test_the_compose_file_is_closed_and_pinned() -> None:
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed: compose.yaml is not read")
    file = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"]

    assert set(file["services"]) == {"postgres", "migrate", "service", "follower"}
    for service in file["services"].values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "privileged" not in service
        assert "@sha256:" in service["image"] or service["image"] == f"localhost/sijill:{version}"
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
        assert not [name for name in service["environment"] if name.endswith("PASSWORD")]
    for name, secret in file["secrets"].items():
        assert secret == {"file": f"./secrets/{name}"}
    assert "secrets/" in (DEPLOY / ".gitignore").read_text().splitlines()


def test_the_image_is_pinned_and_runs_as_nobody_in_particular() -> None:
    stages = [rest for name, rest in instructions() if name in ("ARG", "FROM")]

    assert re.fullmatch(r"PYTHON=[\w./:-]+:3\.11\.\d+[\w.-]*@sha256:[0-9a-f]{64}", stages[0])
    assert stages[1:] == ["${PYTHON} AS build", "${PYTHON}"]
    assert int(last("USER").split(":")[0]) > 0
    assert "--require-hashes" in [rest for name, rest in instructions() if name == "RUN"][1]
