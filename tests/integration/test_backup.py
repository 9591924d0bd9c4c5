"""`sijill backup`, `restore` and `drill`: nothing is lost, and nothing is overwritten unseen."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from conftest import NewInstance
from running import SIJILL
from strategies import random_record
from support.documented import sections
from support.forked_sijill import sijill_program
from tampering import disable_triggers

from api.instance import Instance
from domain.codec import read
from domain.errors import Refused
from store.backup import back_up, newest, restore
from store.database import WRITER
from store.published_log import publish

ENTRIES = [read(entry) for entry in random_record(9, facts=14, corrections=12, oddities=False)]
PAGE = sections("operations.md")
SYSTEMD = Path(__file__).parents[2] / "deploy" / "systemd"


def sijill(instance: Instance, *arguments: str, **more: str) -> tuple[int, Any]:
    """How a command ends, and its JSON."""
    ended = subprocess.run(
        [sijill_program(), *arguments, "--json"], capture_output=True, text=True, timeout=120,
        env={
            **os.environ, "SIJILL_DATABASE_URL": instance.database.url,
            "SIJILL_DATA": str(instance.settings.data), **more,
        },
    )  # fmt: skip
    assert "Traceback" not in ended.stderr, ended.stderr
    return ended.returncode, json.loads(ended.stdout)


def contents(instance: Instance) -> list[Any]:
    log = "sijill_events_tt_main", "sijill_events_tt_tag", "requests", "leaves", "checkpoints"
    tables = *log, "keys", "documents", "captures", "projections.intervals", "projections.versions"
    with instance.database.connect() as owner:
        return [
            sorted(map(repr, owner.execute(f"SELECT * FROM {table}".encode()).fetchall()))
            for table in tables
        ]


@pytest.fixture
def live(new_instance: NewInstance) -> Iterator[Instance]:
    with new_instance() as instance:
        for entry in ENTRIES[:20]:
            instance.record.apply([entry], actor="someone")
        instance.catch_up()
        yield instance


def grow(instance: Instance) -> None:
    instance.record.apply(ENTRIES[20:], actor="someone")
    instance.catch_up()


@pytest.fixture
def empty(new_instance: NewInstance) -> Iterator[Instance]:
    with new_instance() as instance:
        yield instance


def quit(instance: Instance) -> None:  # noqa: A001
    """Leave the database, as a restore asks for."""
    instance.record.recorder.close()  # type: ignore[attr-defined]


def test_a_backup_restores_all_that_a_record_has(
    live: Instance, empty: Instance, tmp_path: Path
) -> None:
    status, made = sijill(live, "backup", "--to", str(tmp_path / "b"))
    assert (status, made["events"]) == (0, 20)

    quit(empty)
    status, told = sijill(empty, "restore", str(tmp_path / "b"))

    assert status == 0, told
    assert (told["root"], told["lost"], told["published"]) == (made["root"], 0, None)
    assert contents(empty) == contents(live)
    assert sijill(empty, "verify")[1]["ok"]
    assert sijill(empty, "rebuild")[1]["differing"] == []
    with empty.database.connect() as owner, pytest.raises(psycopg.Error, match="only grows"):
        owner.execute("DELETE FROM sijill_events_tt_main")


def test_a_backup_is_closed_to_others_and_unfinished_ones_do_not_count(
    live: Instance, tmp_path: Path
) -> None:
    made = back_up(live.database, tmp_path / "b")
    (tmp_path / "b" / "sijill-29991231T000000Z-000000000099.dump").write_bytes(b"half")

    assert made.file.stat().st_mode & 0o077 == 0
    assert (tmp_path / "b").stat().st_mode & 0o077 == 0
    assert newest(tmp_path / "b") == newest(made.file) == made
    with pytest.raises(Refused, match="no backup"):
        newest(tmp_path / "nowhere")


def test_an_earlier_state_is_brought_forward_and_a_record_that_is_ahead_refused(
    live: Instance, empty: Instance, tmp_path: Path
) -> None:
    early = back_up(live.database, tmp_path)
    quit(empty)
    restore(empty.database, early)
    grow(live)
    late = back_up(live.database, tmp_path)
    quit(live)

    assert restore(empty.database, late).events == len(ENTRIES)
    assert contents(empty) == contents(live)
    with pytest.raises(Refused) as refused:
        restore(live.database, early)

    assert refused.value.code == "RECORD_AHEAD"
    assert contents(live) == contents(empty)


def test_another_record_is_refused_even_of_the_same_entries(
    live: Instance, empty: Instance, tmp_path: Path
) -> None:
    """Their events differ by their salts."""
    made = back_up(live.database, tmp_path)
    for entry in ENTRIES[:20]:
        empty.record.apply([entry], actor="someone")
    before = contents(empty)
    quit(empty)

    with pytest.raises(Refused) as refused:
        restore(empty.database, made)

    assert refused.value.code == "OTHER_RECORD"
    assert contents(empty) == before


def test_a_record_in_use_and_a_damaged_backup_are_refused(
    live: Instance, empty: Instance, tmp_path: Path
) -> None:
    made = back_up(live.database, tmp_path)
    with empty.database.connect(), pytest.raises(Refused) as in_use:
        restore(empty.database, made)
    content = bytearray(made.file.read_bytes())
    content[-1000] ^= 1
    made.file.write_bytes(content)
    with pytest.raises(Refused) as damaged:
        restore(empty.database, made)

    assert (in_use.value.code, damaged.value.code) == ("RECORD_IN_USE", "BAD_BACKUP")
    assert contents(empty)[0] == []


def test_what_was_published_and_is_not_in_the_backup_is_told(
    live: Instance, empty: Instance, tmp_path: Path
) -> None:
    back_up(live.database, tmp_path / "b")
    grow(live)
    with live.database.connect(WRITER) as connection:
        publish(connection, live.signer(), tmp_path / "published")

    quit(empty)
    status, told = sijill(
        empty, "restore", str(tmp_path / "b"), SIJILL_PUBLISHED=str(tmp_path / "published")
    )

    lost = len(ENTRIES) - 20
    assert (status, told["lost"], told["published"]) == (0, lost, len(ENTRIES))


def test_a_drill_compares_the_newest_backup_with_the_live_record(
    live: Instance, tmp_path: Path
) -> None:
    assert sijill(live, "backup", "--to", str(tmp_path))[0] == 0
    grow(live)

    status, told = sijill(live, "drill")
    assert (status, told["ok"], told["events"]) == (0, True, 20)

    with live.database.connect() as owner:
        disable_triggers(owner)
        owner.execute("UPDATE projections.versions SET disputed = NOT disputed")
        owner.execute("UPDATE leaves SET above = set_byte(above, 100, 1) WHERE idx = 15")
    status, told = sijill(live, "drill", str(tmp_path))
    assert (status, told["ok"]) == (1, False)
    words = " ".join(told["problems"])
    assert "another root at 20 events" in words
    assert "The rows of versions at position" in words


def test_the_page_of_operations_works_with_the_embedded_server(tmp_path: Path) -> None:
    """Its backup, restore and replay, in that order, as it says."""
    folder = tmp_path.parent / f"{tmp_path.name}-open"
    folder.mkdir(mode=0o711)
    file = folder / "record.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in random_record(9, facts=14)))
    environment = {
        **os.environ, "SIJILL_DATA": str(folder / "data"),
        "PATH": f"{sijill_program().parent}:/usr/bin:/bin",
    }  # fmt: skip

    def run(script: str, **more: str) -> str:
        done = subprocess.run(
            ["sh", "-euc", script], cwd=folder, env={**environment, **more}, capture_output=True,
            text=True, timeout=200,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    run(f"sijill import {shlex.quote(str(file))}")
    run(PAGE["Back up"])
    events = json.loads(run("sijill log --json"))["events"]
    run(PAGE["Restore"], SIJILL_DATA=str(folder / "restored"))
    script = PAGE["Any earlier moment"].partition("\n")[0].replace("100", "10")
    run(script, SIJILL_DATA=str(folder / "restored"))
    then = run(
        "sijill log --json", SIJILL_DATA=str(folder / "restored"), SIJILL_DATABASE_URL="then"
    )
    assert json.loads(then)["events"] == [each for each in events if each["position"] <= 10]


def test_the_units_of_systemd_start_commands_that_are_there() -> None:
    units = {path.name: path.read_text() for path in SYSTEMD.iterdir()}
    assert set(units) == {"sijill.service", "sijill-backup.service", "sijill-backup.timer"}
    for name in units:
        assert name in PAGE["As a service"]
        assert f"/etc/systemd/system/{name}" in PAGE["Remove"]
    for text in units.values():
        parser = configparser.RawConfigParser(strict=False)
        parser.optionxform = str  # type: ignore[assignment,method-assign]
        parser.read_string(text)
        assert parser.has_section("Unit")
        for command in re.findall(r"^ExecStart=/opt/sijill/bin/sijill (.+)$", text, re.MULTILINE):
            shown = subprocess.run([SIJILL, *command.split(), "--help"], capture_output=True)
            assert shown.returncode == 0
