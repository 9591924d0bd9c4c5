"""`sijill verify` sees what was done behind the service: to keys, requests, documents, rights."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from conftest import NewInstance
from strategies import random_record
from support.forked_sijill import sijill_program
from tampering import disable_triggers

from api.commands.log_evidence import audited
from api.commands.source import take_in
from api.instance import Instance
from domain.codec import read
from domain.errors import Refused
from domain.roles import Role
from projections.rebuild import rebuild
from store.capture import capture
from store.checkpoints import sign_now
from store.database import READER, WRITER
from store.keys import add_key, list_keys, revoke_key

ENTRIES = [read(entry) for entry in random_record(5, facts=8, corrections=6, oddities=False)]


def problems(instance: Instance, *, log_only: bool = False) -> list[str]:
    found = audited(instance, [], None, log_only, lambda words, total: lambda come: None)[1]
    return [problem.what for problem in found]


@pytest.fixture
def live(new_instance: NewInstance, tmp_path: Path) -> Iterator[Instance]:
    """A record with keys, one of them revoked, and a document, signed."""
    (tmp_path / "page.txt").write_text("A passage of a page.")
    with new_instance() as instance:
        instance.record.apply(ENTRIES, actor="someone", request_id="first")
        instance.record.apply([*ENTRIES[:2], read(EXTRA)], actor="someone", request_id="second")
        with instance.database.connect() as owner:
            until = datetime(2030, 1, 1, tzinfo=UTC)
            add_key(owner, "Amal", Role.REVIEWER, until)
            revoked, _ = add_key(owner, "Basil", Role.ADMIN)
            revoke_key(owner, revoked)
            revoke_key(owner, revoked)
        take_in(instance, "page", capture(str(tmp_path / "page.txt")), {"title": "P"}, shown=True)
        with instance.database.connect(WRITER) as connection:
            signed = sign_now(connection, instance.signer())
            instance.remember_signed(connection, signed.note)
        instance.catch_up()
        assert problems(instance) == []
        assert problems(instance, log_only=True) == []
        yield instance


EXTRA = {"type": "EntityRegistered", "id": "extra", "kind": "OTHER", "names": {"en": "Extra"}}


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("INSERT INTO keys (id, name, role, digest) VALUES ('k', 'Mallory', 'admin', sha256(''))",
         "the key k of 'Mallory' (admin) was made behind the service"),
        ("UPDATE keys SET role = 'admin' WHERE name = 'Amal'", "the role of the key"),
        ("UPDATE keys SET name = 'Mallory' WHERE name = 'Amal'", "the name of the key"),
        ("UPDATE keys SET expires_at = NULL WHERE name = 'Amal'", "the expires of the key"),
        ("UPDATE keys SET revoked_at = NULL", "is in force again, and was revoked"),
        ("UPDATE keys SET revoked_at = now() WHERE name = 'Amal'", "is revoked, unlike the log"),
        ("DELETE FROM keys WHERE name = 'Amal'", "of 'Amal' is gone"),
        ("DELETE FROM requests WHERE unchanged = 0", "events is gone"),
        ("DELETE FROM requests", "the request"),
        ("UPDATE requests SET digest = sha256('x') WHERE unchanged = 0", "not as it was kept"),
        ("UPDATE requests SET unchanged = 3 WHERE unchanged = 0", "not as it was kept"),
        ("UPDATE requests SET unchanged = 0", "not as it was kept"),
        ("UPDATE requests SET recorded = recorded + 1", "is kept as"),
        ("DELETE FROM checkpoints", "that was signed here is gone"),
        ("DELETE FROM captures; DELETE FROM documents", "that was captured is gone"),
        ("UPDATE captures SET shown = false", "was hidden behind the service"),
        ("INSERT INTO captures (sha256, shown, captured_by) "
         "SELECT sha256, true, 'x' FROM documents", "was made behind the service"),
    ],
)  # fmt: skip
def test_what_is_changed_behind_the_service_is_told(
    live: Instance, statement: str, words: str
) -> None:
    with live.database.connect() as owner:
        disable_triggers(owner)
        for table in ("requests", "documents", "captures"):
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL".encode())
        owner.execute(statement.encode())

    found = problems(live)

    assert any(words in what for what in found), found
    if "documents" not in statement and "captures" not in statement:
        assert any(words in what for what in problems(live, log_only=True))


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("ALTER TABLE requests DISABLE TRIGGER only_grows", "protects requests is off"),
        ("ALTER TABLE leaves ENABLE TRIGGER only_grows", "protects leaves is off"),
        ("ALTER TABLE documents DISABLE TRIGGER ALL", "protects documents is off"),
        ("DROP TRIGGER stays ON tree_head", "protects tree_head is off"),
        ("CREATE OR REPLACE FUNCTION public.refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
         "'BEGIN RETURN NEW; END'", "the function refuse_change is not the one"),
        ("CREATE TRIGGER mine BEFORE INSERT ON leaves EXECUTE FUNCTION refuse_change()",
         "leaves has a trigger mine"),
        ("CREATE RULE mine AS ON INSERT TO requests DO INSTEAD NOTHING",
         "requests has a rule mine"),
        ("GRANT UPDATE ON sijill_events_tt_main TO sijill_writer",
         "sijill_writer was granted UPDATE on sijill_events_tt_main"),
        ("GRANT INSERT ON keys TO sijill_reader", "sijill_reader was granted INSERT on keys"),
        ("GRANT SELECT ON keys TO PUBLIC", "everybody was granted SELECT on keys"),
        ("GRANT UPDATE (data) ON sijill_events_tt_main TO sijill_follower",
         "sijill_follower was granted UPDATE on sijill_events_tt_main.data"),
        ("GRANT CREATE ON SCHEMA public TO sijill_writer", "CREATE on schema public"),
        ("REVOKE SELECT ON leaves FROM sijill_writer", "sijill_writer lacks SELECT on leaves"),
        ("GRANT DELETE ON projections.intervals TO sijill_reader",
         "sijill_reader was granted DELETE on intervals"),
        ("GRANT EXECUTE ON FUNCTION grow_tree TO sijill_reader", "EXECUTE on grow_tree"),
        ("ALTER TABLE keys OWNER TO sijill_writer", "the role sijill_writer owns keys"),
    ],
)  # fmt: skip
def test_protection_that_was_weakened_is_told(live: Instance, statement: str, words: str) -> None:
    with live.database.connect() as owner:
        owner.execute(statement.encode())
        before = rights(owner)

    found = problems(live)

    assert any(words in what for what in found), found
    status, told = sijill(live, "doctor")
    assert status == 3
    assert any(not each["ok"] and each["check"] == "protection" for each in told["checks"])
    with live.database.connect() as owner:
        assert rights(owner) == before  # looking changes nothing


def rights(owner: psycopg.Connection[Any]) -> list[Any]:
    return owner.execute("SELECT oid, relacl FROM pg_class ORDER BY oid").fetchall()


@pytest.mark.parametrize(
    ("change", "undo", "words"),
    [
        ("ALTER ROLE sijill_writer SUPERUSER", "ALTER ROLE sijill_writer NOSUPERUSER",
         "the role sijill_writer is a superuser"),
        ("ALTER ROLE sijill_reader LOGIN", "ALTER ROLE sijill_reader NOLOGIN", "may log in"),
        ("GRANT sijill_writer TO sijill_reader", "REVOKE sijill_writer FROM sijill_reader",
         "the role sijill_reader is a member of sijill_writer"),
        ("GRANT pg_write_all_data TO sijill_follower",
         "REVOKE pg_write_all_data FROM sijill_follower", "is a member of pg_write_all_data"),
    ],
)  # fmt: skip
def test_a_role_that_was_given_power_is_told(
    live: Instance, change: str, undo: str, words: str
) -> None:
    with live.database.connect() as owner:
        owner.execute(change.encode())
        try:
            found = problems(live, log_only=True)
        finally:
            owner.execute(undo.encode())

    assert any(words in what for what in found), found


def sijill(instance: Instance, *arguments: str) -> tuple[int, Any]:
    ended = subprocess.run(
        [sijill_program(), *arguments, "--json"], capture_output=True, text=True, timeout=60,
        env={**os.environ, "SIJILL_DATABASE_URL": instance.database.url,
             "SIJILL_DATA": str(instance.settings.data)},
    )  # fmt: skip
    assert "Traceback" not in ended.stderr, ended.stderr
    return ended.returncode, json.loads(ended.stdout)


def test_issuing_and_revoking_a_key_stand_in_the_log_and_in_no_export(
    live: Instance, tmp_path: Path
) -> None:
    file = tmp_path / "record.jsonl"
    key = sijill(live, "keys", "add", "Dana", "--role", "contributor")[1]["id"]
    assert sijill(live, "keys", "revoke", key)[0] == 0
    events = sijill(live, "log")[1]["events"]
    sijill(live, "export", "--out", str(file))

    assert [(each["type"], each["id"]) for each in events[-2:]] == [
        ("KeyIssued", key), ("KeyRevoked", f"{key}-revoked"),
    ]  # fmt: skip
    assert {"KeyIssued", "KeyRevoked", "DocumentCaptured"} <= {each["type"] for each in events}
    with live.database.connect(READER) as connection:
        log = b"".join(data for (data,) in connection.execute(
            "SELECT data FROM sijill_events_tt_main WHERE type LIKE 'Key%'"))  # fmt: skip
        digests = connection.execute("SELECT encode(digest, 'hex') FROM keys").fetchall()
    assert not any(digest.encode() in log for (digest,) in digests)
    kinds = [json.loads(line)["type"] for line in file.read_text().splitlines()]
    assert len(kinds) == len(ENTRIES) + 2
    assert not {"KeyIssued", "KeyRevoked", "DocumentCaptured"} & set(kinds)
    assert rebuild(live.database).differing == []
    assert problems(live) == []


def test_a_key_that_could_not_be_logged_is_not_made(live: Instance) -> None:
    with live.database.connect() as owner:
        before = list_keys(owner)
        owner.execute("ALTER TABLE leaves ADD CONSTRAINT none CHECK (false) NOT VALID")
        with suppress(psycopg.Error):
            add_key(owner, "Nobody", Role.ADMIN)

        assert list_keys(owner) == before


def test_nobody_records_an_event_of_administration(live: Instance) -> None:
    for entry in (
        {"type": "KeyIssued", "id": "k", "name": "Mallory", "role": "admin"},
        {"type": "KeyRevoked", "id": "k", "key": "k2"},
        {"type": "DocumentCaptured", "id": "capture-9", "sha256": "0" * 64, "shown": True},
    ):
        with pytest.raises(Refused) as refused:
            read(entry)
        assert refused.value.code == "UNKNOWN_TYPE"
