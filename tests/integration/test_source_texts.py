"""The cache of what answers write of sources: read once, never shown where it does not stand."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import psycopg
import pytest

from api.graphql import execution
from api.graphql.answer_cache import AnswerCache
from api.graphql.source_texts import SourceTexts
from api.instance import Instance
from domain.codec import read
from projections.rebuild import rebuild

DOCUMENT = """query ($asOf: EDTFDate, $knownAt: Date, $at: Int) {
  members(coalition: "c", asOf: $asOf, knownAt: $knownAt, atPosition: $at) {
    edges { node { member { name } sources { title } } }
  }
}"""
SOURCE = {"type": "SourceRegistered", "id": "s", "title": "A title", "published": "2014"}
COALITION = {"type": "EntityRegistered", "id": "c", "kind": "COALITION", "names": {"en": "C"}}
CORRECTED = {
    "type": "SourceCorrected", "id": "f", "source": "s", "changes": {"title": "Mended"},
    "reason": "a slip",
}  # fmt: skip
KEPT = {"Iraq": "A title", "Syria": "A title"}


def member(name: str) -> list[dict[str, Any]]:
    return [
        {"type": "EntityRegistered", "id": name, "kind": "COUNTRY", "names": {"en": name.title()}},
        {
            "type": "MemberJoined", "id": f"{name}-joins", "coalition": "c", "member": name,
            "when": "2015", "citations": [{"source": "s"}],
        },
    ]  # fmt: skip


def record(instance: Instance, *entries: dict[str, Any]) -> int:
    instance.record.apply([read(entry) for entry in entries], actor="someone")
    return instance.catch_up()


class Server:
    """Answers as one process does; `statements` were needed for the last answer."""

    def __init__(self, instance: Instance, patch: pytest.MonkeyPatch) -> None:
        self.instance = instance
        self.access = execution.access(instance)._replace(answers=AnswerCache(0))
        self.statements = 0
        execute = psycopg.AsyncRawCursor.execute

        def counted(cursor: Any, *args: Any, **kwargs: Any) -> Any:
            self.statements += 1
            return execute(cursor, *args, **kwargs)

        patch.setattr(psycopg.AsyncRawCursor, "execute", counted)

    def members(self, **variables: Any) -> dict[str, str]:
        """The name of each member, and the title of its source."""
        self.statements = 0
        given = {"asOf": "2020-01-01", **variables}
        answer = asyncio.run(execution.answered(self.access, DOCUMENT, given, None))
        assert not isinstance(answer, dict)
        edges = json.loads(answer.body)["data"]["members"]["edges"]
        return {
            edge["node"]["member"]["name"]: edge["node"]["sources"][0]["title"] for edge in edges
        }


@pytest.fixture
def server(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> Server:
    record(instance, SOURCE, COALITION, *member("iraq"), *member("syria"))
    return Server(instance, monkeypatch)


def test_a_source_is_read_once_for_any_day_and_later_position(server: Server) -> None:
    assert (server.members(), server.statements) == (KEPT, 2)

    assert (server.members(), server.statements) == (KEPT, 1)
    assert (server.members(asOf="2019"), server.statements) == (KEPT, 1)
    record(server.instance, *member("jordan"))
    assert server.members() == {**KEPT, "Jordan": "A title"}
    assert server.statements == 1


def test_a_corrected_source_is_shown_from_its_position_on(server: Server) -> None:
    server.members()
    before = record(server.instance)
    record(server.instance, CORRECTED)

    for statements in 2, 1:
        assert server.members() == {"Iraq": "Mended", "Syria": "Mended"}
        assert server.statements == statements
    for _ in range(2):
        assert server.members(at=before) == KEPT
        assert server.members(knownAt="2016-01-01") == {"Iraq": "Mended", "Syria": "Mended"}
        assert server.members(knownAt="2016-01-01", at=before) == KEPT


def test_rebuilt_projections_are_read_anew(server: Server) -> None:
    server.members()

    rebuild(server.instance.database, workers=0)

    assert (server.members(), server.statements) == (KEPT, 2)


def test_what_takes_more_than_the_limit_is_read_each_time(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.graphql.source_texts.LIMIT", 500)
    assert server.access.answers is not None
    server.access.answers.source_texts = SourceTexts()

    for _ in range(2):
        assert (server.members(), server.statements) == (KEPT, 2)
