"""`sijill replay`: the record as it stood, in a database of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from conftest import NewDatabase, NewInstance
from projected import tables
from psycopg import sql
from strategies import random_record
from typer.testing import CliRunner

from api.cli import app
from api.commands.log_evidence import audited
from api.commands.query import executed
from api.graphql.question_document import document_of, question_named
from api.instance import Instance, opened
from api.settings import Settings
from domain.codec import read
from domain.errors import Refused
from projections.follower import catch_up
from store import replay as replaying
from store.checkpoints import sign_now
from store.database import WRITER, Database
from store.replay import replay
from store.tree import root_at

ENTRIES = [read(entry) for entry in random_record(11, facts=14, corrections=12, oddities=False)]
LOG = "SELECT id, type, data, tags FROM sijill_events_tt_main WHERE id <= %s ORDER BY id"
TAGS = "SELECT tag, main_id FROM sijill_events_tt_tag WHERE main_id <= %s ORDER BY 1, 2"
LEAVES = "SELECT idx, position, hash, above FROM leaves WHERE position <= %s ORDER BY idx"
CHECKPOINTS = "SELECT size, note, signed_at FROM checkpoints WHERE size <= %s ORDER BY size"

Out = Callable[[], Database]


@pytest.fixture(scope="module")
def live(new_instance: NewInstance) -> Iterator[Instance]:
    """A record with a checkpoint half way, a gap in its positions and one request an event."""
    with new_instance() as instance:
        half = len(ENTRIES) // 2
        for entry in ENTRIES[:half]:
            instance.record.apply([entry], actor="someone")
        with instance.database.connect(WRITER) as connection:
            sign_now(connection, instance.signer())
            connection.execute("SELECT nextval('sijill_events_tt_main_id_seq')")
        for entry in ENTRIES[half:]:
            instance.record.apply([entry], actor="someone")
        instance.catch_up()
        yield instance


@pytest.fixture
def out(live: Instance) -> Iterator[Out]:
    """Names of databases that do not exist yet; what is made of them is dropped."""
    made: list[Database] = []

    def name() -> Database:
        made.append(live.database.named(f"sijill_test_{uuid4().hex[:12]}"))
        return made[-1]

    yield name
    with live.database.named("postgres").connect() as connection:
        for database in made:
            assert database.name is not None
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
                    sql.Identifier(database.name)
                )
            )


def rows(database: Database, query: str, upto: int) -> list[Any]:
    with database.connect() as connection:
        return connection.execute(query.encode(), (upto,)).fetchall()


def positions(live: Instance) -> list[int]:
    return [row[0] for row in rows(live.database, LOG, 2**62)]


def record_of(live: Instance, database: Database) -> Instance:
    return live.__class__(Settings(database.url, live.settings.data, "127.0.0.1", 0), database,
                          live.record)  # fmt: skip


def contents(database: Database) -> list[Any]:
    return [rows(database, query, 2**62) for query in (LOG, TAGS, LEAVES, CHECKPOINTS)]


def test_a_copy_has_the_very_log_its_tree_and_its_checkpoints(live: Instance, out: Out) -> None:
    before = contents(live.database)
    for share in (0.3, 0.8, 1):
        upto = positions(live)[int(share * (len(ENTRIES) - 1))]
        target = out()

        copied = replay(live.database, target, upto)

        for query in (LOG, TAGS, LEAVES):
            assert rows(target, query, 2**62) == rows(live.database, query, upto)
        with live.database.connect() as connection:
            assert copied.root == root_at(connection, copied.size)
        assert copied.size == len(rows(live.database, LOG, upto))
        assert rows(target, CHECKPOINTS, 2**62) == rows(live.database, CHECKPOINTS, copied.size)
    assert contents(live.database) == before


def test_a_copy_is_whole_to_the_audit_and_answers_as_the_record_stood(
    live: Instance, out: Out
) -> None:
    upto = positions(live)[-5]
    target = out()
    replay(live.database, target, upto)
    copy = record_of(live, target)
    copy.catch_up()

    events, problems = audited(copy, [], None, False, lambda words, total: lambda come: None)
    assert (events, problems) == (len(ENTRIES) - 4, [])
    entities = rows(target, "SELECT DISTINCT id FROM entities WHERE lower(recorded) < %s", 2**62)
    assert len(entities) > 3
    for question in ("members", "bases", "partners"):
        document = document_of(question_named(question))
        for (entity,) in entities:
            was = executed(live, document, {"subject": entity, "atPosition": upto})
            assert executed(copy, document, {"subject": entity}) == was


def test_a_copy_of_the_whole_log_is_projected_to_the_same_rows(live: Instance, out: Out) -> None:
    target = out()
    replay(live.database, target, positions(live)[-1])
    copy = record_of(live, target)
    copy.catch_up()

    assert tables(copy) == tables(live)


@pytest.mark.parametrize("cut_after", [0, 1, 3])
def test_a_copy_that_was_cut_short_is_not_asked_and_carries_on(
    live: Instance, out: Out, monkeypatch: pytest.MonkeyPatch, cut_after: int
) -> None:
    monkeypatch.setattr(replaying, "BATCH", 7)
    upto, target = positions(live)[-3], out()
    batches = 0

    def cut(events: int) -> None:
        nonlocal batches
        if batches == cut_after:
            raise KeyboardInterrupt
        batches += 1

    with pytest.raises(KeyboardInterrupt):
        replay(live.database, target, upto, seen=cut)

    settings = Settings(target.url, live.settings.data, "127.0.0.1", 0)
    with pytest.raises(Refused) as refused, opened(settings, lambda words: None):
        pass
    assert refused.value.code == "HALF_A_COPY"
    with pytest.raises(Refused, match="half a copy"):
        replay(live.database, target, upto - 1)
    for _ in range(2):  # the second finds it whole
        replay(live.database, target, upto)
    for query in (LOG, TAGS, LEAVES):
        assert rows(target, query, 2**62) == rows(live.database, query, upto)


def test_a_database_with_something_in_it_is_refused_and_left_alone(
    live: Instance, new_instance: NewInstance, new_database: NewDatabase, out: Out
) -> None:
    upto = positions(live)[3]
    copy = out()
    replay(live.database, copy, upto)
    foreign = out()
    with live.database.named("postgres").connect() as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(foreign.name or "")))
    with foreign.connect() as connection:
        connection.execute("CREATE TABLE public.theirs ()")
    with new_instance() as other:
        other.record.apply(ENTRIES[:5], actor="someone")
        for target, position in [
            (live.database, upto), (live.database, 0), (other.database, upto), (copy, upto + 1),
            (foreign, upto),
        ]:  # fmt: skip
            before = None if target is foreign else contents(target)
            with pytest.raises(Refused) as refused:
                replay(live.database, target, position)
            assert refused.value.code == "HAS_A_RECORD"
            assert before is None or contents(target) == before
        with foreign.connect() as connection:
            found = connection.execute("SELECT to_regclass('public.schema_migrations')").fetchone()
    assert found == (None,)
    with live.database.connect() as connection:
        assert connection.execute("SELECT * FROM replay").fetchall() == []
    with new_database() as empty:
        assert replay(live.database, empty, upto).position == upto


def test_a_position_that_the_log_does_not_reach_is_refused(live: Instance, out: Out) -> None:
    target = out()
    for position in (-1, positions(live)[-1] + 1):
        with pytest.raises(Refused, match="goes from position 0") as refused:
            replay(live.database, target, position)
        assert refused.value.code == "BAD_POSITION"
    assert replay(live.database, target, 0).size == 0


def test_nothing_is_added_to_a_copy(live: Instance, out: Out) -> None:
    target = out()
    replay(live.database, target, positions(live)[-3])
    settings = Settings(target.url, live.settings.data, "127.0.0.1", 0)

    with opened(settings, lambda words: None) as copy:
        with pytest.raises(Refused) as refused:
            copy.record.apply(ENTRIES, actor="someone")
        copy.check_published()

    assert refused.value.code == "A_COPY"


def test_a_log_that_was_altered_gives_no_whole_copy(new_instance: NewInstance, out: Out) -> None:
    with new_instance() as instance:
        instance.record.apply(ENTRIES, actor="someone")
        with instance.database.connect() as owner:
            owner.execute("ALTER TABLE sijill_events_tt_main DISABLE TRIGGER only_grows")
            owner.execute("UPDATE sijill_events_tt_main SET data = data || ' ' WHERE id = 4")
        target = out()

        with pytest.raises(Refused) as refused:
            replay(instance.database, target, len(ENTRIES))

    assert refused.value.code == "LOG_DIFFERS"
    with target.connect() as connection, pytest.raises(Refused, match="half a copy"):
        replaying.check_whole(connection)


def test_the_command_copies_by_name_and_says_what_it_copied(live: Instance, out: Out) -> None:
    upto, target = positions(live)[-3], out()
    assert target.name is not None

    ended = CliRunner().invoke(
        app,
        ["replay", "--to-position", str(upto), "--out", target.name, "--json"],
        env={**os.environ, "SIJILL_DATABASE_URL": live.database.url},
    )

    assert ended.exit_code == 0, ended.output
    with target.connect() as connection:
        root = root_at(connection, len(ENTRIES) - 2).hex()
        assert catch_up(connection) == upto
    assert f'"events": {len(ENTRIES) - 2}, "root": "{root}"' in ended.stdout


def test_a_server_that_may_not_make_databases_says_so(live: Instance, out: Out) -> None:
    target = out()
    with live.database.connect() as owner:
        owner.execute("DROP ROLE IF EXISTS sijill_test_poor")
        owner.execute("CREATE ROLE sijill_test_poor LOGIN")
    try:
        url = psycopg.conninfo.make_conninfo(target.url, user="sijill_test_poor")
        with pytest.raises(Exception, match="may not make one"):
            replay(live.database, Database(url), 1)
    finally:
        with live.database.connect() as owner:
            owner.execute("DROP ROLE sijill_test_poor")
