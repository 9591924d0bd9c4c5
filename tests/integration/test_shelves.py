"""What is kept of entities and sources: looked up once, and never shown where it does not stand."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import psycopg
import pytest
from graphql import get_operation_ast

from api.graphql import run
from api.graphql.answer_cache import AnswerCache
from api.graphql.context import Operation
from api.graphql.planned import planned
from api.graphql.shelves import At, Lookup, Snapshot, look_up
from api.instance import Instance
from api.sized_cache import SizedCache
from domain.codec import read
from projections.rebuild import rebuild

DOCUMENT = """query ($asOf: EDTFDate, $at: Int) {
  members(coalition: "c", asOf: $asOf, atPosition: $at) {
    edges { node { member { name } sources { title } } }
  }
}"""
COALITION = {
    "type": "EntityRegistered",
    "id": "c",
    "kind": "COALITION",
    "names": {"en": "C"},
}
SOURCE = {"type": "SourceRegistered", "id": "s", "title": "A title", "published": "2014"}


def member(name: str) -> list[dict[str, Any]]:
    return [
        {"type": "EntityRegistered", "id": name, "kind": "COUNTRY", "names": {"en": name.title()}},
        joins(name),
    ]


def joins(name: str, fact: str = "") -> dict[str, Any]:
    return {
        "type": "MemberJoined", "id": fact or f"{name}-joins", "coalition": "c", "member": name,
        "when": "2015", "citations": [{"source": "s"}],
    }  # fmt: skip


@pytest.fixture
def recorded(instance: Instance) -> Instance:
    record(instance, SOURCE, COALITION, *member("iraq"), *member("syria"))
    return instance


def record(instance: Instance, *entries: dict[str, Any]) -> int:
    instance.record.apply([read(entry) for entry in entries], actor="someone")
    return instance.catch_up()


class Asking:
    """Asks as one process does; `statements` were needed for the last answer."""

    def __init__(self, instance: Instance, patch: pytest.MonkeyPatch) -> None:
        self.instance, self.answers = instance, AnswerCache(0)
        self.statements = 0
        execute = psycopg.AsyncRawCursor.execute

        def counted(cursor: Any, *args: Any, **kwargs: Any) -> Any:
            self.statements += 1
            return execute(cursor, *args, **kwargs)

        patch.setattr(psycopg.AsyncRawCursor, "execute", counted)

    def members(self, **variables: Any) -> dict[str, str]:
        """The name of each member, and the title of its source."""
        self.statements = 0
        body = asyncio.run(self._answer({"asOf": "2020-01-01", **variables}))
        edges = json.loads(body)["data"]["members"]["edges"]
        return {
            edge["node"]["member"]["name"]: edge["node"]["sources"][0]["title"] for edge in edges
        }

    async def _answer(self, variables: dict[str, Any]) -> bytes:
        prepared = run.prepare(DOCUMENT, variables, None)
        assert isinstance(prepared, run.Read)
        definition = get_operation_ast(prepared.document)
        assert definition is not None
        access = run.access(self.instance)._replace(answers=self.answers)
        async with Operation(access) as operation:
            written = await planned(
                operation, (DOCUMENT, None, ()), prepared.document, definition, variables
            )
        assert written is not None
        return written.body


@pytest.fixture
def asking(recorded: Instance, monkeypatch: pytest.MonkeyPatch) -> Asking:
    return Asking(recorded, monkeypatch)


def test_what_was_looked_up_is_not_looked_up_again(asking: Asking) -> None:
    assert asking.members() == {"Iraq": "A title", "Syria": "A title"}
    assert asking.statements == 3

    assert asking.members() == {"Iraq": "A title", "Syria": "A title"}
    assert asking.statements == 1


def test_facts_that_are_recorded_leave_what_is_kept(asking: Asking) -> None:
    asking.members()

    record(asking.instance, joins("iraq", "iraq-joins-again"))

    assert asking.members() == {"Iraq": "A title", "Syria": "A title"}
    assert asking.statements == 1


def test_what_is_new_leaves_what_is_kept(asking: Asking) -> None:
    asking.members()

    record(asking.instance, {**SOURCE, "id": "another"}, *member("jordan"))

    assert asking.members() == {"Iraq": "A title", "Jordan": "A title", "Syria": "A title"}
    assert asking.statements == 2


def test_a_day_or_a_position_never_asked_for_needs_no_look(asking: Asking) -> None:
    asking.members()

    assert asking.members(asOf="2019") == {"Iraq": "A title", "Syria": "A title"}
    assert asking.statements == 1
    assert asking.members(at=4) == {"Iraq": "A title"}
    assert asking.statements == 1


def test_a_new_name_is_shown_from_its_day_and_its_position_on(asking: Asking) -> None:
    asking.members()
    citations = [{"source": "s"}]
    before = record(asking.instance)
    record(
        asking.instance,
        {"type": "EntityRenamed", "id": "r", "entity": "syria", "names": {"en": "Sham"},
         "when": "2019-06-01", "reason": "so", "citations": citations},
        {"type": "SourceCorrected", "id": "f", "source": "s", "changes": {"title": "Mended"},
         "reason": "a slip"},
    )  # fmt: skip

    for _ in range(2):
        assert asking.members() == {"Iraq": "Mended", "Sham": "Mended"}
        assert asking.members(asOf="2019-05-31") == {"Iraq": "Mended", "Syria": "Mended"}
        assert asking.members(at=before) == {"Iraq": "A title", "Syria": "A title"}
    assert asking.statements == 1


def test_rebuilt_projections_are_looked_up_anew(asking: Asking) -> None:
    asking.members()

    rebuild(asking.instance.database, workers=0)

    assert asking.members() == {"Iraq": "A title", "Syria": "A title"}
    assert asking.statements == 3


def test_an_answer_of_a_replica_that_was_not_rebuilt_yet_is_not_kept_as_one_that_was(
    asking: Asking,
) -> None:
    asking.answers = AnswerCache(1_000_000)
    head = asking.answers.head
    head.generation, head.position = 1, 6  # as the primary tells of a rebuild

    for statements in (3, 1, 1):
        assert asking.members(at=6) == {"Iraq": "A title", "Syria": "A title"}
        assert asking.statements == statements


class Replica:
    """A cursor of a database that has these rows."""

    def __init__(self, *rows: tuple[Any, ...]) -> None:
        self.rows, self.asked = rows, 0
        self._left: list[tuple[Any, ...]] = []

    async def execute(self, *args: Any, **kwargs: Any) -> None:
        self.asked += 1
        self._left = list(self.rows)

    async def fetchmany(self, size: int) -> list[tuple[Any, ...]]:
        some, self._left = self._left[:size], self._left[size:]
        return some


LOOKUP = Lookup(b"", ())
GENERATION = 7


def version(text: bytes, first: int, until: int | None = None) -> tuple[Any, ...]:
    return GENERATION, b"s", first, until, None, None, None, None, None, None, text


def look(shelves: SizedCache, cursor: Replica, r: int, catalogued: int) -> bytes:
    seen = Snapshot(GENERATION, r, catalogued)
    found = asyncio.run(
        look_up(cursor, shelves, LOOKUP, (), {b"s"}, At(0, 0, r), seen)  # type: ignore[arg-type]
    )
    assert found is not None
    text: bytes = found[b"s"][-1]
    return text


def test_a_replica_that_lags_does_not_bring_back_what_has_ended() -> None:
    shelves, behind, ahead = SizedCache(10_000), Replica(version(b"old", 1)), Replica(
        version(b"new", 5)
    )  # fmt: skip
    assert look(shelves, ahead, 6, catalogued=5) == b"new"

    assert look(shelves, behind, 4, catalogued=1) == b"old"
    assert look(shelves, ahead, 6, catalogued=5) == b"new"
    assert ahead.asked == 1


def test_what_has_ended_is_found_by_a_replica_that_does_not_know_it() -> None:
    shelves, behind = SizedCache(10_000), Replica(version(b"old", 1))
    look(shelves, Replica(version(b"old", 1, 5)), 4, catalogued=5)

    assert look(shelves, behind, 3, catalogued=1) == b"old"
    assert behind.asked == 0


def test_a_shelf_that_takes_too_much_is_emptied() -> None:
    shelves, cursor = SizedCache(2_000), Replica(version(b"x" * 3_000, 1))

    assert look(shelves, cursor, 6, catalogued=5) == look(shelves, cursor, 6, catalogued=5)
    assert cursor.asked == 2
    assert shelves.size <= 2_000


def test_a_language_that_is_long_is_counted() -> None:
    shelves, values = SizedCache(1_000_000), [{"lang": "x" * 100_000}]
    lookup, seen = Lookup(b"", ((0, "lang"),)), Snapshot(GENERATION, 6, 5)

    asyncio.run(
        look_up(Replica(version(b"x", 1)), shelves, lookup, values, {b"s"}, At(0, 0, 6), seen)  # type: ignore[arg-type]
    )

    assert shelves.size > 100_000


def test_of_others_that_took_the_place_nothing_is_told() -> None:
    cursor = Replica(version(b"x", 1))
    seen = Snapshot(GENERATION + 1, 6, 5)

    found = asyncio.run(
        look_up(cursor, SizedCache(10_000), LOOKUP, (), {b"s"}, At(0, 0, 6), seen)  # type: ignore[arg-type]
    )

    assert found is None
