"""`sijill verify`: what was touched behind the service's back is found, and its event named."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest
from conftest import NewInstance
from strategies import random_record
from support.forked_sijill import sijill_program
from tampering import PLACES, disable_triggers, touched
from thorough import times

from api.commands.log_evidence import audited
from api.instance import Instance
from domain.codec import encoder, read
from domain.errors import Refused, Unreachable
from projections.rebuild import rebuild
from store.audit import LogProblem
from store.checkpoints import sign_now
from store.database import WRITER
from store.published_log import check_published, publish, read_published, remember, remembered
from store.tree import stored_hash

ENTRIES = [read(entry) for entry in random_record(5, facts=12, corrections=10, oddities=False)]


def verify(instance: Instance, *published: Path, log_only: bool = False) -> list[LogProblem]:
    """What is found, but for the triggers that these tests take away (test_administration)."""
    folders = list(published)
    _, found = audited(instance, folders, None, log_only, lambda words, total: lambda come: None)
    return [problem for problem in found if not problem.what.startswith("the trigger ")]


def sign(instance: Instance) -> str:
    with instance.database.connect(WRITER) as connection:
        return sign_now(connection, instance.signer()).note


def publish_to(instance: Instance, folder: Path) -> int:
    with instance.database.connect(WRITER) as connection:
        return publish(connection, instance.signer(), folder)[1]


def names(instance: Instance) -> dict[int, str]:
    with instance.database.connect() as connection:
        return dict(connection.execute("SELECT position, id FROM events").fetchall())


@pytest.fixture(scope="module")
def signed(new_instance: NewInstance) -> Iterator[Instance]:
    """A record with two checkpoints, whose owner has taken the triggers away."""
    with new_instance() as instance:
        for entry in ENTRIES[:20]:
            instance.record.apply([entry], actor="someone")
        sign(instance)
        instance.record.apply(ENTRIES[20:], actor="someone")
        sign(instance)
        instance.catch_up()
        assert verify(instance) == []
        with instance.database.connect() as owner:
            disable_triggers(owner)
        yield instance


@pytest.mark.parametrize("what", PLACES)
def test_a_byte_changed_is_found_and_its_event_named(signed: Instance, what: str) -> None:
    random, ids = Random(f"{what} 1"), names(signed)
    with signed.database.connect() as owner:
        for _ in range(times(5, 72)):
            with touched(owner, what, random) as position:
                found = verify(signed)

            assert (position, ids[position]) in {(x.position, x.event) for x in found}, found

    assert verify(signed) == []


def test_an_event_forged_with_its_leaf_is_found_by_the_checkpoint_and_the_projections(
    signed: Instance,
) -> None:
    with signed.database.connect() as owner, forged(owner, 7):
        found = verify(signed, log_only=True)
        named = verify(signed)

    assert any("of other events" in problem.what for problem in found)
    assert all(problem.event for problem in named)
    assert names(signed)[7] in {problem.event for problem in named}


def test_an_event_forged_with_its_leaf_is_named_by_the_published_tiles(
    signed: Instance, tmp_path: Path
) -> None:
    publish_to(signed, tmp_path)
    assert verify(signed, tmp_path) == []

    with signed.database.connect() as owner, forged(owner, 7):
        found = verify(signed, tmp_path, log_only=True)

    assert (7, names(signed)[7]) in {(x.position, x.event) for x in found if "published" in x.what}


class forged:  # noqa: N801
    """An event and its leaf changed together, the tree above them left as it was."""

    def __init__(self, owner: psycopg.Connection, position: int) -> None:
        self.owner, self.position = owner, position

    def __enter__(self) -> None:
        row = self.owner.execute(
            "SELECT type, data, tags, hash FROM sijill_events_tt_main "
            "JOIN leaves ON position = id WHERE id = %s",
            (self.position,),
        ).fetchone()
        assert row is not None
        kind, self.data, tags, self.hash = row
        data = self.data.replace(b"someone", b"another")
        assert data != self.data
        self.put(data, stored_hash(kind, data, tags, self.position))

    def __exit__(self, *exc: object) -> None:
        self.put(self.data, self.hash)

    def put(self, data: bytes, leaf: bytes) -> None:
        for statement, value in (
            ("UPDATE sijill_events_tt_main SET data = %s WHERE id = %s", data),
            ("UPDATE leaves SET hash = %s WHERE position = %s", leaf),
        ):
            self.owner.execute(statement.encode(), (value, self.position))


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE projections.events SET actor = 'x' WHERE position = 9", "projection events"),
        ("DELETE FROM projections.events WHERE position = 9", "projection events"),
        ("UPDATE projections.versions SET disputed = NOT disputed", "projection versions"),
        ("UPDATE requests SET recorded = 9 WHERE position = 9", "the request"),
        ("DELETE FROM sijill_events_tt_main WHERE id = 9", "the event is gone"),
        ("UPDATE sijill_events_tt_main SET data = NULL WHERE id = 9", "does not hash"),
        ("DELETE FROM leaves WHERE position = 9", "the event has no leaf"),
        ("DELETE FROM sijill_events_tt_tag WHERE main_id = 9", "index of tags lacks"),
        ("INSERT INTO sijill_events_tt_tag VALUES ('fact:x', 9999)", "index of tags has"),
    ],
)
def test_what_is_made_of_the_log_is_checked_too(
    signed: Instance, statement: str, words: str
) -> None:
    with signed.database.connect() as owner:
        saved = "sijill_events_tt_main", "leaves", "sijill_events_tt_tag", "requests"
        kept = {table: owner.execute(f"SELECT * FROM {table}".encode()).fetchall()
                for table in saved}  # fmt: skip
        owner.execute("ALTER TABLE requests DISABLE TRIGGER ALL")
        owner.execute(statement.encode())
        found = verify(signed)
        for table, rows in kept.items():
            owner.execute(f"DELETE FROM {table}".encode())
            marks = ", ".join(["%s"] * len(rows[0]))
            owner.cursor().executemany(f"INSERT INTO {table} VALUES ({marks})".encode(), rows)
    rebuild(signed.database, accept=True)

    assert any(words in problem.what for problem in found), found
    assert verify(signed) == []


# The log against what was published


def test_a_log_cut_short_is_refused_at_its_first_append(instance: Instance, tmp_path: Path) -> None:
    instance.record.apply(ENTRIES, actor="someone")
    publish_to(instance, tmp_path)

    with instance.database.connect() as owner:
        disable_triggers(owner)
        for statement in (
            "DELETE FROM sijill_events_tt_tag WHERE main_id > 30",
            "DELETE FROM sijill_events_tt_main WHERE id > 30",
        ):
            owner.execute(statement.encode())

    assert refusal(instance, tmp_path) == "LOG_DIFFERS"
    assert "is gone" in str(verify(instance, tmp_path))


def test_an_older_copy_is_refused_at_its_first_append_and_may_not_be_published(
    new_instance: NewInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domain.record.encoder", partial(encoder, random=bytes))
    with new_instance() as live, new_instance() as older:
        moment = live.record.clock()
        for each in (live, older):
            each.record.clock = lambda: moment
            each.record.apply(ENTRIES[:20], actor="someone", request_id="r")
        key = older.settings.data / "signing.key"
        sign(live)
        key.write_bytes((live.settings.data / "signing.key").read_bytes())
        sign(older)
        assert refusal(older, tmp_path) is None
        live.record.apply(ENTRIES[20:], actor="someone")
        publish_to(live, tmp_path)

        assert refusal(older, tmp_path) == "LOG_DIFFERS"
        with pytest.raises(Refused, match="shorter"):
            publish_to(older, tmp_path)
        assert any("more events than" in problem.what for problem in verify(older, tmp_path))
        # It goes on in its own way, past the size that was published.
        older.record.apply(ENTRIES[20:], actor="another")
        older.record.apply([read({**json.loads(EXTRA)})], actor="another")
        assert refusal(older, tmp_path) == "LOG_DIFFERS"
        assert verify(older, tmp_path)
        assert refusal(live, tmp_path) is None


EXTRA = '{"type": "EntityRegistered", "id": "extra", "kind": "OTHER", "names": {"en": "Extra"}}'


def refusal(instance: Instance, folder: Path) -> str | None:
    """The code by which a service on the record would refuse to append."""
    published = read_published(folder)
    if published is None:
        return None
    try:
        with instance.database.connect(WRITER) as connection:
            check_published(connection, published)
    except Refused as refused:
        return refused.code
    return None


def test_an_instance_holds_its_log_against_the_folder_it_was_last_published_to(
    instance: Instance, tmp_path: Path
) -> None:
    instance.record.apply(ENTRIES, actor="someone")
    instance.check_published()
    publish_to(instance, tmp_path)
    assert remember(instance.settings.data, tmp_path)
    assert remembered(instance.settings.data) == tmp_path
    instance.check_published()

    with instance.database.connect() as owner:
        disable_triggers(owner)
        owner.execute("DELETE FROM leaves WHERE idx > 10")
    with pytest.raises(Refused, match="shorter"):
        instance.check_published()

    (tmp_path / "checkpoint").unlink()
    with pytest.raises(Unreachable, match="bring it back"):
        instance.check_published()


# The command line


def command(instance: Instance, *arguments: str, **more: str) -> tuple[int, Any]:
    """How a command ends, and its JSON."""
    ended = subprocess.run(
        [sijill_program(), *arguments],
        env={
            **os.environ,
            "SIJILL_DATABASE_URL": instance.database.url,
            "SIJILL_DATA": str(instance.settings.data),
            **more,
        },
        capture_output=True,
        timeout=60,
    )
    told = json.loads(ended.stdout) if "--json" in arguments else ended.stderr.decode()
    return ended.returncode, told


def test_the_command_line_signs_publishes_verifies_and_refuses(
    instance: Instance, tmp_path: Path
) -> None:
    instance.record.apply(ENTRIES, actor="someone")
    file = tmp_path / "extra.jsonl"
    file.write_text(EXTRA)
    folder = str(tmp_path / "log")

    status, signed = command(instance, "checkpoint", "--json")
    assert (status, signed["size"]) == (0, len(ENTRIES))
    status, told = command(instance, "checkpoint", "publish", "--to", folder, "--json")
    assert (status, told["size"], told["to"]) == (0, len(ENTRIES), folder)
    whole = {"ok": True, "events": len(ENTRIES), "problems": []}
    assert command(instance, "verify", "--json", "--vkey", signed["vkey"]) == (0, whole)

    with instance.database.connect() as owner:
        disable_triggers(owner)
        owner.execute("DELETE FROM sijill_events_tt_main WHERE id = (SELECT max(id) "
                      "FROM sijill_events_tt_main)")  # fmt: skip
    status, told = command(instance, "verify", "--json")
    assert (status, told["ok"], told["problems"][0]["position"]) == (1, False, len(ENTRIES))
    assert command(instance, "verify", "--log-only")[0] == 1
    for refused in (("import", str(file), "--json"), ("serve", "--port", "0")):
        status, told = command(instance, *refused)
        assert status == 1
        assert "LOG_DIFFERS" in str(told) or "The log is shorter than" in told
    with instance.database.connect() as owner:
        assert owner.execute("SELECT count(*) FROM leaves").fetchone() == (len(ENTRIES),)
