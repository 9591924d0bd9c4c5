"""Who may do what in the database: the log only grows, whoever asks, and positions are its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import psycopg
import pytest
from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from domain.recorder import Request
from store.database import FOLLOWER, READER, WRITER, Database
from store.migrations import PLACES, applied, fill
from store.recorder import PostgresRecorder

NO_RIGHT, TRIGGER = "no right", "refused by the trigger"
LOG = {"sijill_events_tt_main": "type", "sijill_events_tt_tag": "tag", "requests": "digest"}
"""The tables of the log, each with a column to try things on."""

CHANGES = [
    "UPDATE {table} SET {column} = {column}",
    "UPDATE {table} SET {column} = {column} WHERE false",
    "DELETE FROM {table}",
    "TRUNCATE {table} CASCADE",
    "MERGE INTO {table} AS a USING {table} AS b ON a.ctid = b.ctid WHEN MATCHED THEN DELETE",
]
WAYS_ROUND = [
    "ALTER TABLE {table} DISABLE TRIGGER only_grows",
    "DROP TRIGGER only_grows ON {table}",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE sql AS ''",
    "CREATE TRIGGER mine BEFORE INSERT ON {table} EXECUTE FUNCTION refuse_change()",
    "CREATE RULE mine AS ON INSERT TO {table} DO INSTEAD NOTHING",
    "ALTER TABLE {table} ALTER {column} TYPE text USING NULL",
    "ALTER TABLE {table} OWNER TO CURRENT_USER",
    "DROP TABLE {table} CASCADE",
    "SET session_replication_role = replica",
]
CHOICES_OF_A_POSITION = [
    "INSERT INTO sijill_events_tt_main (id, type, data, tags) VALUES (9, 'X', '', array[]::text[])",
    "INSERT INTO sijill_events_tt_main VALUES (9, 'X', '', array[]::text[])",
    "SELECT setval('sijill_events_tt_main_id_seq', 9)",
    "ALTER SEQUENCE sijill_events_tt_main_id_seq RESTART",
]
APPENDS = [
    "INSERT INTO sijill_events_tt_main (type, data, tags) VALUES ('X', '', array[]::text[])",
    "INSERT INTO sijill_events_tt_tag SELECT 'fact:x', id FROM sijill_events_tt_main",
    "INSERT INTO requests VALUES ('x', '', 1, 1, 1)",
    "LOCK TABLE sijill_events_tt_main IN EXCLUSIVE MODE",
    "SELECT nextval('sijill_events_tt_main_id_seq')",
]
KEYS = [
    "INSERT INTO keys (id, name, role, digest) VALUES ('k', 'k', 'admin', sha256(''))",
    "UPDATE keys SET revoked_at = NULL",
    "UPDATE keys SET role = 'admin'",
    "DELETE FROM keys",
]
PROJECTING = [
    "INSERT INTO events VALUES (9, now(), 'X', 'x', 'x')",
    "UPDATE progress SET position = position",
]
NEVER = [
    "DELETE FROM intervals",
    "TRUNCATE events",
    "CREATE TABLE public.mine ()",
    "CREATE TABLE projections.mine ()",
    "CREATE SCHEMA mine",
    "CREATE FUNCTION public.length(text) RETURNS int RETURN 0",
    "INSERT INTO schema_migrations (name) VALUES ('store/9999_mine')",
]
HOLDING_A_REQUEST_TWICE = (
    "INSERT INTO requests SELECT * FROM requests ON CONFLICT (id) DO UPDATE SET digest = ''"
)

everybody = pytest.mark.parametrize("session", [WRITER, FOLLOWER, READER], indirect=True)
writer = pytest.mark.parametrize("session", [WRITER], indirect=True)
follower = pytest.mark.parametrize("session", [FOLLOWER], indirect=True)
but_the_reader = pytest.mark.parametrize("session", [WRITER, FOLLOWER], indirect=True)
but_the_writer = pytest.mark.parametrize("session", [FOLLOWER, READER], indirect=True)
but_the_follower = pytest.mark.parametrize("session", [WRITER, READER], indirect=True)


def append(database: Database, request_id: str) -> int:
    """An event appended as the service does, in the writer's role: its position."""
    recorder = PostgresRecorder(database, pool_size=1)
    event = DCBEvent(type="Tried/1", data=b"{}", tags=["fact:tried"])
    nothing = DCBAppendCondition(DCBQuery([DCBQueryItem(tags=["fact:none"])]), after=0)
    try:
        return recorder.append_once([event], nothing, Request(request_id, b"digest", 0, 1, 0))
    finally:
        recorder.close()


@pytest.fixture
def log(database: Database) -> Database:
    """A database whose log has an event, its tag and a request."""
    append(database, "a-request")
    return database


@pytest.fixture(params=["at the connection", "by SET ROLE"])
def way(request: pytest.FixtureRequest) -> str:
    """How a session takes its role on."""
    return str(request.param)


@pytest.fixture
def session(
    log: Database, way: str, request: pytest.FixtureRequest
) -> Iterator[psycopg.Connection]:
    """A session in the role given as parameter."""
    with log.connect(request.param if way == "at the connection" else None) as connection:
        if way == "by SET ROLE":
            connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(request.param)))
        assert connection.execute("SELECT current_user").fetchone() == (request.param,)
        yield connection


def on_each_table(templates: Iterable[str]) -> list[str]:
    return [
        template.format(table=table, column=column)
        for template in templates
        for table, column in LOG.items()
    ]


def outcomes(connection: psycopg.Connection, statements: Iterable[str]) -> dict[str, str | None]:
    """Each statement with what refused it, None if nothing did; all are rolled back."""
    found: dict[str, str | None] = {}
    for statement in statements:
        found[statement] = None
        try:
            with connection.transaction(force_rollback=True):
                connection.execute(statement.encode())
        except InsufficientPrivilege as error:
            found[statement] = TRIGGER if "the log only grows" in str(error) else NO_RIGHT
    return found


def contents(database: Database) -> list[object]:
    with database.connect() as connection:
        return [
            connection.execute(f"SELECT * FROM {table} ORDER BY 1".encode()).fetchall()
            for table in LOG
        ]


def test_the_writer_appends_through_the_recorder(database: Database) -> None:
    first = append(database, "first")

    assert append(database, "second") > first


@everybody
def test_no_role_changes_the_log(session: psycopg.Connection) -> None:
    changes = [*on_each_table(CHANGES), HOLDING_A_REQUEST_TWICE]

    assert outcomes(session, changes) == dict.fromkeys(changes, NO_RIGHT)


@everybody
def test_no_role_gets_round_the_refusal(session: psycopg.Connection) -> None:
    ways = on_each_table(WAYS_ROUND)

    assert outcomes(session, ways) == dict.fromkeys(ways, NO_RIGHT)


@everybody
def test_no_role_chooses_a_position(session: psycopg.Connection) -> None:
    assert outcomes(session, CHOICES_OF_A_POSITION) == dict.fromkeys(
        CHOICES_OF_A_POSITION, NO_RIGHT
    )


@everybody
def test_no_role_makes_anything_of_its_own(session: psycopg.Connection) -> None:
    assert outcomes(session, NEVER) == dict.fromkeys(NEVER, NO_RIGHT)


@writer
def test_the_writer_may_append(session: psycopg.Connection) -> None:
    assert outcomes(session, APPENDS) == dict.fromkeys(APPENDS)


@but_the_writer
def test_nobody_else_may_append(session: psycopg.Connection) -> None:
    assert outcomes(session, APPENDS) == dict.fromkeys(APPENDS, NO_RIGHT)


@follower
def test_the_follower_may_project(session: psycopg.Connection) -> None:
    assert outcomes(session, PROJECTING) == dict.fromkeys(PROJECTING)


@but_the_follower
def test_nobody_else_may_project(session: psycopg.Connection) -> None:
    assert outcomes(session, PROJECTING) == dict.fromkeys(PROJECTING, NO_RIGHT)


@everybody
def test_no_role_makes_or_changes_a_key(session: psycopg.Connection) -> None:
    assert outcomes(session, KEYS) == dict.fromkeys(KEYS, NO_RIGHT)


@but_the_reader
def test_nobody_else_reads_the_keys(session: psycopg.Connection) -> None:
    assert outcomes(session, ["SELECT * FROM keys"]) == {"SELECT * FROM keys": NO_RIGHT}


@everybody
def test_every_role_reads_the_log_and_the_projections(session: psycopg.Connection) -> None:
    tables = [*LOG, "schema_migrations", "progress", "events", "intervals", "versions"]
    reads = [f"SELECT * FROM {table}" for table in tables]

    assert outcomes(session, reads) == dict.fromkeys(reads)


@pytest.mark.parametrize("replication_role", ["origin", "replica"])
def test_the_owner_does_not_change_the_log_either(log: Database, replication_role: str) -> None:
    changes = [*on_each_table(CHANGES), HOLDING_A_REQUEST_TWICE]
    before = contents(log)

    with log.connect(session_replication_role=replication_role) as owner:
        assert outcomes(owner, changes) == dict.fromkeys(changes, TRIGGER)
        with pytest.raises(InsufficientPrivilege, match="the log only grows: DELETE on requests"):
            owner.execute("DELETE FROM requests")

    assert contents(log) == before


def test_the_roles_are_given_their_rights_again_without_a_change(log: Database) -> None:
    rights = "SELECT oid::regclass::text, relacl::text[] FROM pg_class ORDER BY 1, oid"

    with log.connect() as owner:
        before = owner.execute(rights).fetchall()
        with owner.transaction():
            for package, schema in PLACES.items():
                fill(owner, package, schema, applied(owner))

        assert owner.execute(rights).fetchall() == before
