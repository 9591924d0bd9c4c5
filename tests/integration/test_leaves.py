"""The tree over the log: a leaf an event, made with it, in the log's order and without gaps."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from threading import Event

import psycopg
import pytest
from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem
from eventsourcing.persistence import IntegrityError
from psycopg.errors import InsufficientPrivilege
from support.tree_verifier import consistency_path, verify_consistency

from domain.checkpoint import Signer, open_checkpoint
from domain.errors import Refused
from domain.merkle import EMPTY_ROOT, nodes_of, root
from domain.recorder import Request
from store.checkpoints import Signing, sign_now
from store.database import FOLLOWER, READER, WRITER, Database
from store.recorder import PostgresRecorder
from store.signing_key import load_signer
from store.tree import frontier_at, root_at, stored_hash, with_nodes

NOTHING = DCBAppendCondition(DCBQuery([DCBQueryItem(tags=["none:"])]), after=0)


def event(name: str) -> DCBEvent:
    return DCBEvent("Tried/1", f'{{"ü":"{name}"}}'.encode(), [f"fact:{name}", "cites:é"])


def append(recorder: PostgresRecorder, *names: str, request: str | None = None) -> int:
    kept = None if request is None else Request(request, b"digest", 0, len(names), 0)
    return recorder.append_once([event(name) for name in names], NOTHING, kept)


def hashes(connection: psycopg.Connection) -> list[bytes]:
    """The leaves' hashes of the events, from the events alone."""
    rows = connection.execute("SELECT type, data, tags, id FROM sijill_events_tt_main ORDER BY id")
    return [stored_hash(*row) for row in rows.fetchall()]


def check_tree(database: Database) -> int:
    """The tree is that of the events, at every size; the size."""
    with database.connect(READER) as connection:
        expected = hashes(connection)
        rows = connection.execute("SELECT idx, hash FROM leaves ORDER BY position").fetchall()
        head = connection.execute("SELECT size, peaks FROM tree_head").fetchone()
        assert rows == list(enumerate(expected))
        for size in range(len(expected) + 1):
            assert root_at(connection, size) == root(expected[:size])
        frontier = frontier_at(connection, len(expected))
        assert head == (len(expected), frontier.peaks)
        assert frontier.root() == root(expected)
        return len(expected)


@pytest.fixture
def recorder(database: Database) -> PostgresRecorder:
    return PostgresRecorder(database)


def test_every_append_adds_its_leaves(database: Database, recorder: PostgresRecorder) -> None:
    assert check_tree(database) == 0

    append(recorder, "a")
    append(recorder, "b", "c", "d")
    append(recorder, *(f"e{number}" for number in range(300)))

    assert check_tree(database) == 304


def test_events_of_any_shape_have_the_leaves_that_the_audit_works_out(
    database: Database, recorder: PostgresRecorder
) -> None:
    recorder.append(
        [
            DCBEvent("Tried/1", b"x" * 70_000, ["fact:large"]),
            DCBEvent("Tried/1", b"", []),
            DCBEvent(
                "Tri\u00e9d/1", "\U0001f30d\\x00'".encode(), ["fact:\\x00", "", "cites:سوريا"]
            ),
        ],
        NOTHING,
    )

    assert check_tree(database) == 3


def test_more_events_than_the_tree_takes_at_once_have_their_leaves(
    database: Database, recorder: PostgresRecorder
) -> None:
    recorder.append([DCBEvent("Tried/1", b"", ["fact:x"])] * 10_003, NOTHING)
    recorder.append([DCBEvent("Tried/1", b"", ["fact:x"])] * 2, NOTHING)

    with database.connect(READER) as connection:
        assert root_at(connection, 10_005) == root(hashes(connection))


def test_a_refused_append_leaves_a_gap_in_positions_and_none_in_leaves(
    database: Database, recorder: PostgresRecorder
) -> None:
    append(recorder, "a", request="same")
    with pytest.raises(IntegrityError):
        append(recorder, "b", request="same")
    with database.connect(WRITER) as connection, connection.transaction(force_rollback=True):
        connection.execute(
            "INSERT INTO sijill_events_tt_main (type, data, tags) VALUES ('Tried/1', '', '{}')"
        )
    last = append(recorder, "c")

    assert last == 3
    assert check_tree(database) == 2


def test_concurrent_writers_make_a_dense_tree(
    database: Database, recorder: PostgresRecorder
) -> None:
    def write(writer: int) -> None:
        for number in range(25):
            append(recorder, *(f"w{writer}-{number}-{each}" for each in range(1 + number % 3)))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(4)))

    assert check_tree(database) == 4 * (9 * 1 + 8 * 2 + 8 * 3)


def test_events_that_a_superuser_wrote_get_their_leaves_with_the_next_append(
    database: Database, recorder: PostgresRecorder
) -> None:
    with database.connect() as owner:
        for number in range(7):
            owner.execute(
                "INSERT INTO sijill_events_tt_main (type, data, tags) VALUES ('Old/1', %s, %s)",
                (b"{}", [f"fact:o{number}"]),
            )

    append(recorder, "a", "b")

    assert check_tree(database) == 9


@pytest.mark.parametrize("role", [WRITER, FOLLOWER, READER])
def test_no_role_changes_the_tree_but_by_appending(
    database: Database, recorder: PostgresRecorder, role: str
) -> None:
    append(recorder, "a", "b", "c")
    refused = [
        "UPDATE leaves SET hash = hash",
        "DELETE FROM leaves",
        "TRUNCATE leaves",
        "INSERT INTO leaves VALUES (3, 9, sha256(''), '')",
        "UPDATE tree_head SET size = 9",
        "DELETE FROM tree_head",
        "UPDATE checkpoints SET note = ''",
        "DELETE FROM checkpoints",
        *(["SELECT grow_tree()"] if role != WRITER else []),
    ]
    with database.connect(role) as connection:
        for statement in refused:
            with pytest.raises(InsufficientPrivilege):
                connection.execute(statement.encode())

    assert check_tree(database) == 3


def test_the_owner_and_the_writer_can_only_let_the_tree_grow(
    database: Database, recorder: PostgresRecorder
) -> None:
    append(recorder, "a", "b", "c")
    with database.connect() as owner, database.connect(WRITER) as writer:
        for statement in (
            "UPDATE leaves SET hash = hash",
            "DELETE FROM checkpoints",
            "UPDATE tree_head SET peaks = peaks",
            "DELETE FROM tree_head",
        ):
            with pytest.raises(InsufficientPrivilege, match="the log only grows"):
                owner.execute(statement.encode())
        writer.execute("SELECT grow_tree()")

    assert check_tree(database) == 3


# Checkpoints


def test_checkpoints_continue_one_another(
    database: Database, recorder: PostgresRecorder, tmp_path: Path
) -> None:
    signer = load_signer(tmp_path / "k" / "signing.key")
    signed = []
    with database.connect(WRITER) as connection:
        signed.append(sign_now(connection, signer))
        for size in (1, 2, 5, 70):
            append(recorder, *(f"s{size}-{number}" for number in range(size)))
            signed += [sign_now(connection, signer), sign_now(connection, signer)]
        nodes = nodes_of(hashes(connection))
        proved = with_nodes(connection, lambda node_at: consistency_path(3, 78, node_at))

    heads = [open_checkpoint(each.note, signer.verifier).head for each in signed]
    assert [head.size for head in heads] == [0, 1, 1, 3, 3, 8, 8, 78, 78]
    assert heads[0].root == EMPTY_ROOT
    for old, new in pairwise(heads):
        path = consistency_path(old.size, new.size, nodes)
        assert verify_consistency(old.size, new.size, path, old.root, new.root)
    assert proved == consistency_path(3, 78, nodes)
    assert load_signer(tmp_path / "k" / "signing.key").verifier == signer.verifier


def test_an_event_that_is_not_as_it_was_recorded_is_not_signed(
    database: Database, recorder: PostgresRecorder, tmp_path: Path
) -> None:
    signer = load_signer(tmp_path / "signing.key")
    append(recorder, "a", "b", "c")
    with database.connect() as owner:
        owner.execute("ALTER TABLE sijill_events_tt_main DISABLE TRIGGER only_grows")
        owner.execute("UPDATE sijill_events_tt_main SET type = 'Tried/2' WHERE id = 2")
        with pytest.raises(Refused, match="position 2 is not as it was recorded"):
            sign_now(owner, signer)


def test_a_server_rests_while_it_hashes_a_log_and_signs_it_in_the_end(
    database: Database,
    recorder: PostgresRecorder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("store.checkpoints.STEP", 4)
    signer = load_signer(tmp_path / "signing.key")
    append(recorder, *(f"s{number}" for number in range(18)))
    rests: list[int] = []
    with database.connect(WRITER) as connection:
        signed = sign_now(connection, signer, lambda: rests.append(1))
        again = sign_now(connection, signer, lambda: rests.append(1))

    assert signed.size == 18
    assert len(rests) == 4  # after 4, 8, 12 and 16
    assert again == signed


def test_a_server_that_stops_leaves_a_log_half_hashed_unsigned(
    database: Database,
    recorder: PostgresRecorder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("store.checkpoints.STEP", 1)
    monkeypatch.setattr("store.checkpoints.REST", 600)
    resting, said = Event(), list[str]()
    append(recorder, "a", "b", "c")

    def signer() -> Signer:
        resting.set()
        return load_signer(tmp_path / "signing.key")

    with Signing(database, signer, said.append) as signing:
        assert resting.wait(10)
    assert not signing._thread.is_alive()
    assert said == []
    with database.connect(READER) as connection:
        assert connection.execute("SELECT FROM checkpoints").fetchall() == []


def test_the_key_is_its_users_alone_and_keeps_its_name(tmp_path: Path) -> None:
    path = tmp_path / "signing.key"
    made = load_signer(path, "example.org/log")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert made.verifier.name == "example.org/log"
    assert load_signer(path).verifier == made.verifier
    with pytest.raises(Refused, match="SIJILL_ORIGIN"):
        load_signer(path, "example.org/other")
    with pytest.raises(Refused, match="without spaces"):
        load_signer(tmp_path / "other.key", "a name")
    path.write_text("PRIVATE+KEY+nonsense")
    with pytest.raises(Refused, match="not a signing key"):
        load_signer(path)
