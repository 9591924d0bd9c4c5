"""The command line as its users see it: real processes, their output and how they end."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import httpx
import pytest
from conftest import NewDatabase
from running import SIJILL, serving
from support.forked_sijill import sijill_program

from api.cli import app, main
from api.files import sample
from api.graphql.as_of_rows import QUESTIONS
from api.instance import Instance
from api.terminal import show
from projections.follower import LOG
from store.database import Database
from store.datafolder import supervised

pytestmark = pytest.mark.timeout(120)

ROOT = Path(__file__).parents[2]
SAMPLE = [str(path) for path in sorted((ROOT / "records" / "global-coalition").glob("*.jsonl"))]
COALITION = "global-coalition"
ACCESSION = ("ask", "members", COALITION, "--as-of", "2025-11-10")
NOWHERE = "postgresql://me:hunter2@127.0.0.1:1/nothing"
ENTITY = {"type": "EntityRegistered", "id": "new", "kind": "OTHER", "names": {"en": "New"}}


class Ended(subprocess.CompletedProcess[bytes]):
    """A process that has ended, and the one JSON document that it printed."""

    @property
    def json(self) -> Any:
        assert b"Traceback" not in self.stderr
        return json.loads(self.stdout.decode())  # fails on anything before or after it


def environment(url: str, **more: str) -> dict[str, str]:
    return {**os.environ, "SIJILL_DATABASE_URL": url, **more}


def sijill(
    url: str, *arguments: str, stdin: bytes = b"", program: Path | None = None, **more: str
) -> Ended:
    """Run a command as a process: a forked one, unless the program is given."""
    ended = subprocess.run(
        [program or sijill_program(), *arguments],
        input=stdin,
        capture_output=True,
        timeout=60,
        env=environment(url, **more),
    )
    return Ended(ended.args, ended.returncode, ended.stdout, ended.stderr)


Run = Callable[..., Ended]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Run a command within this process, which is quicker."""

    def within(url: str, *arguments: str, **more: str) -> Ended:
        for name, value in {"SIJILL_DATABASE_URL": url, **more}.items():
            monkeypatch.setenv(name, value)
        status = main(arguments)
        return Ended(arguments, status, *capfdbinary.readouterr())

    return within


@pytest.fixture(scope="module")
def filled(sampled: Instance) -> Instance:
    """The sample record, for tests that only ask."""
    return sampled


@pytest.fixture
def url(filled: Instance) -> str:
    return filled.database.url


def head(database: Database) -> int:
    with database.connect() as connection:
        (position,) = connection.execute(LOG["head"]).fetchone() or (0,)
    return int(position)


# Help and wrong usage


def test_each_command_has_help_of_one_line_with_an_example(
    capfd: pytest.CaptureFixture[str],
) -> None:
    for command in app.registered_commands:
        assert command.callback is not None
        words = (command.callback.__doc__ or "").strip()
        assert re.search(rf": sijill {command.name}( |$)", words), words
        assert "\n" not in words
        assert main([str(command.name), "--help"]) == 0
    assert "Usage" in capfd.readouterr().out


def test_help_loads_nothing_heavy() -> None:
    heavy = "strawberry graphql uvicorn fastapi psycopg msgspec edtf eventsourcing asyncio domain"
    program = (
        "import sys, api.cli\n"
        "assert api.cli.main(['--help']) == 0\n"
        f"sys.exit(' '.join(sys.modules.keys() & set({heavy.split()!r})) or 0)"
    )

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, cwd=ROOT)

    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.parametrize(
    "arguments",
    [
        ("fly",),
        ("ask", "members"),
        ("ask", "members", COALITION, "--at-position", "three"),
        ("import",),
        ("log", "--after", "-1"),
        ("serve", "--port", "99999"),
        ("log", "--colour"),
    ],
)
def test_wrong_usage_is_status_2_and_said_on_standard_error(
    arguments: tuple[str, ...], run: Run
) -> None:
    is_wrong_usage(run, NOWHERE, *arguments)


def test_a_question_that_the_record_does_not_have_is_wrong_usage(url: str, run: Run) -> None:
    is_wrong_usage(run, url, "ask", "memberz", COALITION)


def is_wrong_usage(run: Run, url: str, *arguments: str) -> None:
    plain, with_json = run(url, *arguments), run(url, *arguments, "--json")

    assert (plain.returncode, plain.stdout) == (2, b"")
    assert b"Usage" in plain.stderr
    assert with_json.returncode == 2
    assert with_json.json["error"]["code"] == "WRONG_USAGE"


def test_the_version_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", capfd.readouterr().out)


# import


def test_importing_again_records_nothing(database: Database) -> None:
    first = sijill(database.url, "import", "--json", *SAMPLE, program=SIJILL)
    again = sijill(database.url, "import", "--json", *SAMPLE)

    count = len(sample().entries)
    assert (first.returncode, again.returncode) == (0, 0)
    assert first.json == {"recorded": count, "unchanged": 0, "position": head(database)}
    assert again.json == {"recorded": 0, "unchanged": count, "position": head(database)}


def test_a_dry_run_writes_nothing(database: Database) -> None:
    ended = sijill(database.url, "import", "--json", "--dry-run", *SAMPLE)

    assert ended.returncode == 0
    assert ended.json == {"recorded": len(sample().entries), "unchanged": 0, "position": 0}
    assert head(database) == 0


def test_standard_input_is_a_file_too_and_what_follows_sees_it(database: Database) -> None:
    entry = {**ENTITY, "names": {"en": "New", "ar": "جديد"}}
    ended = sijill(database.url, "import", "-", stdin=json.dumps(entry).encode())
    log = sijill(database.url, "log", "--json")

    assert ended.returncode == 0
    assert b"1 recorded" in ended.stdout
    (event,) = log.json["events"]
    assert (event["position"], event["type"], event["id"]) == (1, "EntityRegistered", "new")
    assert event["actor"]


def test_a_refusal_is_json_on_standard_output_and_words_on_standard_error(
    database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "record.jsonl"
    file.write_text(json.dumps({**ENTITY, "kind": "EMPIRE"}))
    ended = sijill(database.url, "import", "--json", str(file))
    missing = sijill(database.url, "import", "--json", str(tmp_path / "none.jsonl"))

    assert (ended.returncode, missing.returncode) == (1, 1)
    error = ended.json["error"]
    assert set(error) == {"code", "message", "file", "line", "field"}
    assert (error["file"], error["line"], error["field"]) == (str(file), 1, "kind")
    assert ended.stderr.decode() == f"{file}, line 1, kind: {error['message']}\n"
    assert missing.json["error"]["code"] == "NO_FILE"


def test_an_interrupt_is_status_130(database: Database, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    process = subprocess.Popen(
        [SIJILL, "import", str(fifo)], env=environment(database.url), stderr=subprocess.PIPE
    )
    with fifo.open("wb"):  # it is open once the command reads
        process.send_signal(signal.SIGINT)
        _, words = process.communicate(timeout=30)

    assert process.returncode == 130
    assert b"Traceback" not in words


# ask


def test_a_question_is_answered_as_graphql_answers_it(url: str) -> None:
    then = sijill(url, *ACCESSION, "--known-at", "2025-11-03", "--json").json
    later = sijill(url, *ACCESSION, "--known-at", "2025-12-01", "--json").json

    assert list(then) == ["members"]
    assert set(then["members"]) == {"position", "count", "pageInfo", "edges"}

    def syria(data: Any) -> Any:
        nodes = [edge["node"] for edge in data["members"]["edges"]]
        return next(node for node in nodes if node["member"]["id"] == "syria")

    assert set(syria(then)) == {
        "member", "standing", "contested", "disputed", "alternatives", "announcedEnds", "attested",
        "since", "until", "facts", "sources",
    }  # fmt: skip
    assert (syria(then)["standing"], syria(later)["standing"]) == ("ANNOUNCED", "CERTAIN")
    assert syria(then)["sources"][0].keys() == {"id", "title", "publisher", "published"}


def test_pages_follow_each_other_in_the_language_asked_for(url: str, run: Run) -> None:
    asked = (*ACCESSION, "--lang", "ar", "--json")
    whole = sijill(url, *asked, program=SIJILL, LC_ALL="C", PYTHONIOENCODING="ascii").json[
        "members"
    ]
    first = run(url, *asked, "--first", "2").json["members"]
    more = ("--first", "2", "--after", first["pageInfo"]["endCursor"])
    second = run(url, *asked, *more).json["members"]

    assert first["edges"] + second["edges"] == whole["edges"][:4]
    assert re.search("[\u0600-\u06ff]", whole["edges"][0]["node"]["member"]["name"])


def test_an_old_position_and_an_old_time_are_asked_for(url: str, run: Run) -> None:
    asked = ("ask", "members", COALITION, "--json")
    before = run(url, *asked, "--recorded-at", "2020-01-01T00:00:00Z").json["members"]
    early = run(url, *asked, "--at-position", "300").json["members"]

    assert (before["position"], before["edges"]) == (0, [])
    assert early["position"] == 300
    assert len(early["edges"]) < len(run(url, *asked).json["members"]["edges"])


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_every_question_is_asked(question: Any, url: str, run: Run) -> None:
    subject = "coalition" if question.name == "organisations" else COALITION

    ended = run(url, "ask", question.name, subject, "--as-of", "2025", "--json")

    assert ended.returncode == 0
    data = ended.json
    assert list(data) == [question.name]
    for edge in data[question.name]["edges"]:
        assert edge["node"][question.answers]["id"]


@pytest.mark.parametrize(
    ("arguments", "code", "field"),
    [
        (("members", "nobody"), "UNKNOWN_ENTITY", "coalition"),
        (("members", COALITION, "--as-of", "2025-13"), "BAD_EDTF", "asOf"),
        (("members", COALITION, "--known-at", "soon"), "BAD_EDTF", "knownAt"),
        (("members", COALITION, "--known-at", "2025/.."), "BAD_DATE", "knownAt"),
        (("members", COALITION, "--recorded-at", "12:00"), "BAD_DATETIME", "recordedAt"),
        (("members", COALITION, "--at-position", "-1"), "BAD_POSITION", "atPosition"),
        (("members", COALITION, "--at-position", "9999"), "POSITION_NOT_REACHED", "atPosition"),
        (("members", COALITION, "--first", "5001"), "BAD_FIRST", "first"),
        (("members", COALITION, "--after", "x"), "BAD_CURSOR", "after"),
        (("organisations", "empire"), "BAD_USER_INPUT", None),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(
    arguments: tuple[str, ...], code: str, field: str | None, url: str, run: Run
) -> None:
    ended = run(url, "ask", *arguments, "--json")

    error = ended.json["error"]
    assert (ended.returncode, error["code"], error.get("field")) == (1, code, field)
    assert error["message"] in ended.stderr.decode()


def test_a_table_fits_a_terminal_and_is_a_line_a_row_anywhere_else(url: str) -> None:
    asked = (*ACCESSION, "--known-at", "2025-11-03", "--first", "3")
    piped = sijill(url, *asked)
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (50, 140))
    on_terminal = subprocess.Popen(
        [SIJILL, *asked],
        env=environment(url, TERM="xterm", COLUMNS="140", LINES="50"),
        stdout=theirs,
        stderr=subprocess.PIPE,
    )
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(ours, 65_536):
            shown += chunk
    except OSError:  # the terminal's other end is closed
        pass
    _, words = on_terminal.communicate(timeout=30)
    os.close(ours)

    assert piped.stderr == b""
    heading, *rows = piped.stdout.decode().splitlines()
    assert heading.split() == ["Name", "Standing", "Since", "Until", "Sources"]
    assert rows[0].startswith("Afghanistan; afghanistan  ")
    assert re.search(r"  certain; attested 2016-08-24 +\[2014-09-10\.\.2016-08-24\]  ", rows[0])
    assert not re.search("[\u2500-\u257f\x1b]", piped.stdout.decode())
    assert "─" in shown.decode()
    for table in (piped.stdout.decode(), shown.decode()):
        assert "Afghanistan" in table
        assert "certain" in table
        assert "2014-09-10..2016-08-24" in table
        assert "There are more" in table
    assert words == b""


# Where results go


RESULTS = {
    ACCESSION: "Syria",
    ("why", "syria-joins-2025-11-11"): "syria",
    ("log",): "SourceRegistered",
    ("diff", "syria", "--known-at", "2025-11-03..2025-12-01"): "differ between",
    ("verify",): "is whole",
    ("verify", "sources"): "are whole",
    ("keys", "list"): "contributor  Amal",
    ("doctor",): "ok",
    ("migrate",): "up to date",
    ("rebuild",): "Rebuilt",
    ("import", *SAMPLE): "there already",
    ("import", "--dry-run", *SAMPLE): "there already",
}
"""Commands, and a piece of what each says to people."""


@pytest.fixture
def with_a_key(url: str, run: Run) -> str:
    run(url, "keys", "add", "Amal", "--role", "contributor")
    return url


@pytest.mark.parametrize("arguments", RESULTS, ids=lambda arguments: " ".join(arguments[:2]))
def test_results_go_to_standard_output_in_either_form(
    arguments: tuple[str, ...], with_a_key: str, run: Run
) -> None:
    plain, as_json = run(with_a_key, *arguments), run(with_a_key, *arguments, "--json")

    assert (plain.returncode, as_json.returncode) == (0, 0)
    assert RESULTS[arguments] in plain.stdout.decode()
    assert plain.stderr == as_json.stderr == b""
    assert as_json.json


def test_the_first_lines_of_an_answer_are_rows(url: str) -> None:
    with subprocess.Popen(
        [SIJILL, *ACCESSION], env=environment(url), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as asked:
        assert asked.stdout is not None
        assert asked.stderr is not None
        lines = subprocess.run(["head", "-3"], stdin=asked.stdout, capture_output=True).stdout
        asked.stdout.close()
        words = asked.stderr.read()

    assert [line.split()[0] for line in lines.decode().splitlines()] == [
        "Name", "Afghanistan;", "Albania;",
    ]  # fmt: skip
    assert (asked.returncode, words) == (0, b"")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("a\rb", r"a\rb"),
        ("\u202eevil", r"\u202eevil"),
        ("می\u200cخواهم\n", "می\u200cخواهم\n"),
    ],
)
def test_a_result_cannot_command_a_terminal(
    text: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    show(text)

    assert capsys.readouterr().out == shown + "\n"


# log


def test_the_log_is_listed_in_order(url: str, run: Run) -> None:
    whole = sijill(url, "log", "--json").json["events"]
    part = run(url, "log", "--after", "5", "--limit", "3", "--json").json["events"]
    none = run(url, "log", "--after", "9999", "--json").json

    administration = ("KeyIssued", "KeyRevoked", "DocumentCaptured")
    recorded = [event for event in whole if event["type"] not in administration]
    assert len(recorded) == len(sample().entries)
    assert [event["id"] for event in recorded] == [entry.id for entry in sample().entries]
    assert whole == sorted(whole, key=lambda event: event["position"])
    assert part == whole[5:8]
    assert none == {"events": []}
    assert set(whole[0]) == {"position", "type", "id", "recordedAt", "actor"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", whole[0]["recordedAt"])
    assert whole[0]["actor"] == "someone"
    assert "/" not in "".join(event["type"] for event in whole)


@pytest.mark.parametrize("arguments", [("log", "--json"), ("log",), ACCESSION])
def test_a_reader_that_goes_away_is_no_traceback(arguments: tuple[str, ...], url: str) -> None:
    process = subprocess.Popen(
        [SIJILL, *arguments],
        env=environment(url),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    _, words = process.communicate(timeout=30)

    assert (process.returncode, words) == (0, b"")


# What can't be reached, or is not in order


@pytest.mark.parametrize(
    "arguments",
    [("ask", "members", COALITION), ("log",), ("import", SAMPLE[0]), ("rebuild",), ("migrate",)],
)
def test_a_database_that_cannot_be_reached_is_status_3(
    arguments: tuple[str, ...], run: Run
) -> None:
    ended = run(NOWHERE, *arguments, "--json")

    assert ended.returncode == 3
    assert ended.json["error"]["code"] == "UNREACHABLE"
    assert "SIJILL_DATABASE_URL" in ended.json["error"]["message"]
    assert b"hunter2" not in ended.stdout + ended.stderr


def test_an_address_that_is_none_is_told_without_it(run: Run) -> None:
    ended = run("postgres:/me:hunter2@localhost", "log", "--json")

    assert (ended.returncode, ended.json["error"]["code"]) == (3, "BAD_SETTING")
    assert b"hunter2" not in ended.stdout + ended.stderr


def test_a_port_that_is_none_is_refused(run: Run) -> None:
    ended = run(NOWHERE, "log", "--json", SIJILL_PORT="eighty")

    assert (ended.returncode, ended.json["error"]["code"]) == (1, "BAD_SETTING")


def test_the_doctor_finds_all_well(url: str, run: Run) -> None:
    ended, plain = sijill(url, "doctor", "--json", program=SIJILL), run(url, "doctor")

    assert (ended.returncode, plain.returncode) == (0, 0)
    assert ended.json["ok"] is True
    assert [check["check"] for check in ended.json["checks"]] == [
        "python", "programs", "data folder", "server", "schema", "roles", "protection", "log",
        "clock", "answers",
    ]  # fmt: skip
    assert len(plain.stdout.splitlines()) == len(ended.json["checks"])


def test_the_doctor_says_what_is_wrong(run: Run) -> None:
    ended, plain = sijill(NOWHERE, "doctor", "--json"), run(NOWHERE, "doctor")

    assert (ended.returncode, plain.returncode) == (3, 3)
    assert ended.json["ok"] is False
    assert ended.json["checks"][-1]["check"] == "server"
    assert b"not ok  server: The database can't be reached" in plain.stdout


def test_an_event_that_cannot_be_projected_stops_the_answers(database: Database, run: Run) -> None:
    run(database.url, "import", *SAMPLE)
    good = head(database)
    with database.connect() as connection:
        connection.execute(
            "INSERT INTO sijill_events_tt_main (type, data, tags) VALUES ('Unheard/1', '{}', '{}')"
        )

    asked = run(database.url, "ask", "members", COALITION, "--json")
    before = run(database.url, "ask", "members", COALITION, "--at-position", str(good), "--json")
    seen = run(database.url, "doctor", "--json")
    imported = sijill(database.url, "import", "--json", "-", stdin=json.dumps(ENTITY).encode())

    assert (asked.returncode, asked.json["error"]["code"]) == (3, "PROJECTIONS_STOPPED")
    assert (before.returncode, before.json["members"]["position"]) == (0, good)
    assert seen.returncode == 3
    assert f"at {good + 1}" in seen.json["checks"][-1]["words"]
    assert (imported.returncode, imported.json["recorded"]) == (0, 1)
    assert b"the answers do not follow" in imported.stderr


def test_a_rebuild_gives_the_same_answers(database: Database, run: Run) -> None:
    run(database.url, "import", *SAMPLE)
    before = run(database.url, *ACCESSION, "--json").stdout

    rebuilt = run(database.url, "rebuild", "--json")

    assert (rebuilt.returncode, rebuilt.json) == (
        0,
        {"position": head(database), "differing": []},
    )
    assert run(database.url, *ACCESSION, "--json").stdout == before


def test_a_migration_of_what_is_up_to_date_changes_nothing(url: str, run: Run) -> None:
    ended = run(url, "migrate", "--json")

    assert ended.returncode == 0
    assert "store/0001_record" in ended.json["migrations"]


def test_the_schema_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert "type MembersConnection" in capfd.readouterr().out


# serve and demo


def get(address: str) -> tuple[int, str]:
    with urlopen(address, timeout=10) as response:
        return response.status, response.read().decode()


def wait_until_ready(address: str) -> None:
    """Until the follower has reported for the first time."""
    until = time.monotonic() + 20
    while True:
        with suppress(HTTPError):
            if get(f"{address}/health/ready")[0] == 200:
                return
        assert time.monotonic() < until
        time.sleep(0.1)


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_server_says_where_it_is_and_ends_when_told_to(stop: signal.Signals, url: str) -> None:
    with serving("serve", "--port", "0", SIJILL_DATABASE_URL=url) as (address, said, process):
        assert get(f"{address}/health/live")[0] == 200
        wait_until_ready(address)
        taken = sijill(url, "serve", "--port", address.rpartition(":")[2])

        process.send_signal(stop)

        assert process.wait(timeout=20) == 0
        assert process.stderr is not None
        assert (said, process.stderr.read()) == ([f"Sijill is at {address}\n"], "")
    assert taken.returncode == 3
    assert b"Traceback" not in taken.stderr
    assert b"choose another" in taken.stderr


def test_a_server_takes_its_address_from_the_environment_and_options_win(url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = str(busy.getsockname()[1])
        settings = {"SIJILL_DATABASE_URL": url, "SIJILL_PORT": port, "SIJILL_HOST": "::1"}
        taken = sijill(url, "serve", SIJILL_PORT=port, SIJILL_HOST="127.0.0.1")
        with serving("serve", "--host", "127.0.0.1", "--port", "0", **settings) as (address, *_):
            assert get(f"{address}/health/live")[0] == 200
    assert taken.returncode == 3


def test_an_address_that_is_not_here_is_status_3(url: str) -> None:
    ended = sijill(url, "serve", "--host", "192.0.2.1", "--port", "0")

    assert (ended.returncode, ended.stdout) == (3, b"")
    assert b"192.0.2.1" in ended.stderr


def test_a_server_without_its_database_is_status_3() -> None:
    ended = sijill(NOWHERE, "serve", "--port", "0")

    assert (ended.returncode, b"Traceback" in ended.stderr) == (3, False)


def test_the_demo_imports_the_sample_and_the_second_time_serves_it_as_it_is() -> None:
    folder = Path(tempfile.mkdtemp(prefix="sijill-demo-", dir="/tmp"))
    folder.chmod(0o755)  # a server that root starts runs as another account
    own = {"SIJILL_DATA": str(folder / "data"), "SIJILL_DATABASE_URL": ""}
    try:
        with serving("demo", "--port", "0", **own) as (address, said, process):
            assert any("sample record is imported" in line for line in said)
            assert process.stderr is not None
            told = [process.stderr.readline() for _ in range(4)]
            questions = [line.split("ask ")[1].split() for line in told if "ask " in line]
            assert len(questions) == 3
            for question in questions:
                answer = sijill("", "ask", *question, "--json", SIJILL_DATA=own["SIJILL_DATA"])
                assert answer.json[question[0]]["edges"]
            assert 'class="document"' in httpx.get(f"{address}/s/digest-syria-en").text
            process.terminate()
            assert process.wait(timeout=20) == 0
        with serving("demo", "--port", "0", **own) as (address, said, _):
            assert not any("imported" in line for line in said)
            wait_until_ready(address)
    finally:
        until = time.monotonic() + 20
        while supervised(folder / "data") and time.monotonic() < until:
            time.sleep(0.1)
        shutil.rmtree(folder, ignore_errors=True)


def test_a_sample_that_has_changed_meanwhile_stays(new_database: NewDatabase) -> None:
    first = json.loads(Path(SAMPLE[0]).read_text().splitlines()[0])
    with new_database() as database:
        other = json.dumps({**first, "title": "Another title"}).encode()
        sijill(database.url, "import", "-", stdin=other)
        with serving("demo", "--port", "0", SIJILL_DATABASE_URL=database.url) as (_, said, _):
            assert any("stays" in line for line in said)
        assert head(database) == 1
