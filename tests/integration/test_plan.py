"""The law of plans: whatever a document asks, its plan and the resolvers give the same bytes."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import psycopg
import pytest
from conftest import NewInstance
from strategies import random_record
from support.random_documents import DocumentAuthor, nasty
from thorough import times

from api.graphql import execution
from api.graphql.answer_cache import AnswerCache
from api.graphql.context import Access, Operation
from api.graphql.execution import Read, prepare, resolved, session
from api.instance import Instance
from api.web.pages.entity import ASKED, held_document
from domain.codec import read
from projections.rebuild import rebuild


@asynccontextmanager
async def access(instance: Instance) -> AsyncIterator[Access]:
    async with await psycopg.AsyncConnection.connect(
        instance.database.url, autocommit=True, **session(instance.database)
    ) as connection:

        @asynccontextmanager
        async def reader() -> AsyncIterator[psycopg.AsyncConnection[Any]]:
            yield connection

        yield Access(instance, reader, answers=AnswerCache(0))


async def both(
    access: Access, document: str, variables: Mapping[str, Any]
) -> tuple[bytes | None, bytes]:
    """A document's response by its plan, None where it has none, and by the resolvers."""
    checked = prepare(document, variables, None)
    assert isinstance(checked, Read), checked
    async with Operation(access) as operation:
        planned = await execution.by_plan(operation, checked, document, variables, None)
    async with Operation(access) as operation:
        answer = await resolved(operation, checked.document, variables, None)
    return planned and planned.body, msgspec.json.encode(answer, enc_hook=str)


@pytest.mark.parametrize("seed", range(times(1, 60)))
def test_a_plan_gives_the_bytes_that_the_resolvers_give(
    new_instance: NewInstance, caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    """As the record grows and is rebuilt, with what is kept of entities and sources before."""
    rng = random.Random(f"plan {seed}")
    entries = nasty(random_record(seed, facts=40, corrections=30, oddities=False), rng)
    with new_instance() as instance:

        async def compare(reach: Access, head: int) -> int:
            covered = 0
            for _ in range(times(30, 150)):
                document, variables = DocumentAuthor(rng, ids, sources, head).document()
                if isinstance(prepare(document, variables, None), list):
                    continue  # more aliases or rows than a document may have
                planned, answer = await both(reach, document, variables)
                if planned is not None:
                    covered += 1
                    assert planned == answer, (document, variables)
            return covered

        ids = [e["id"] for e in entries if e["type"] == "EntityRegistered"]
        sources = [e["id"] for e in entries if e["type"] == "SourceRegistered"]

        async def grow() -> int:
            covered = 0
            async with access(instance) as reach:
                for some in (entries[: len(entries) * 2 // 3], entries):
                    instance.record.apply([read(entry) for entry in some], actor="someone")
                    covered += await compare(reach, instance.catch_up())
                rebuild(instance.database, workers=0)
                return covered + await compare(reach, len(entries))

        assert asyncio.run(grow()) > times(90, 450) / 3
    assert "refused the statement" not in caplog.text


def test_a_plan_tells_within_a_state_how_many_members_were_reported(sampled: Instance) -> None:
    document = """query($id: ID!, $asOf: EDTFDate) { state(entity: $id, asOf: $asOf) { members {
        count { certain reported { value comparator when { edtf } source { id title } } }
    } bases { count { reported { value } } } } }"""

    async def ask() -> tuple[bytes | None, bytes]:
        async with access(sampled) as reach:
            return await both(reach, document, {"id": "global-coalition", "asOf": "2025-11-10"})

    planned, answer = asyncio.run(ask())

    assert planned == answer
    assert b'"comparator"' in answer


def test_the_page_of_an_entity_is_asked_by_a_plan(sampled: Instance) -> None:
    asked = {"id": "global-coalition", "lang": "ar", "asOf": "2025-11-10"}

    async def ask() -> tuple[bytes | None, bytes]:
        async with access(sampled) as reach:
            return await both(reach, held_document(ASKED), asked)

    planned, answer = asyncio.run(ask())

    assert planned == answer
