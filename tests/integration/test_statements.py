"""How often an answer asks the database does not grow with its rows, whatever is asked for."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
import pytest
from conftest import NewInstance, browsing
from graphql import (
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    parse,
)

from api.graphql.as_of_rows import QUESTIONS
from api.graphql.context import Operation
from api.graphql.execution import access, resolved
from api.graphql.schema import schema_of
from api.instance import Instance
from domain.codec import read
from domain.vocabulary import CORE
from projections import view_rows
from store.checkpoints import sign_now
from store.database import WRITER

FEW, MANY = 3, 30
DEEPEST = 6
ARGUMENTS = {
    **{each.name: f'{each.asked}: "c"' for each in QUESTIONS if each.asked != "kind"},
    "memberships": 'member: "m0"',
    "organisations": "",
    "state": 'entity: "c"',
    "entity": 'id: "c"',
    "entities": "",
    "fact": 'id: "m0-joins"',
    "facts": 'entity: "c"',
    "holding": 'fluent: "membership", scope: "c"',
    "source": 'id: "s0"',
    "sources": "",
    "timeline": 'entity: "c"',
    "quantities": 'subject: "c"',
    "log": "",
    "search": 'text: "member"',
    "diff": 'from: {asOf: "2010"}, to: {asOf: "2020"}',
    "why": 'fact: "m0-joins"',
    "explain": 'question: MEMBERS, scope: "c", subject: "m0"',
    "vocabulary": "",
    "story": 'id: "story-0"',
    "stories": "",
    "whatIf": 'without: {sources: ["s0"]}',
}


def entries(members: int) -> Iterator[dict[str, Any]]:
    """A coalition with so many members, sources, corrections and reports."""
    yield {"type": "EntityRegistered", "id": "c", "kind": "COALITION", "names": {"en": "Members"}}
    for number in range(members):
        yield {"type": "SourceRegistered", "id": f"s{number}", "title": "Of a member",
               "published": "2014-12", "publisher": "p"}  # fmt: skip
        yield {"type": "EntityRegistered", "id": f"m{number}", "kind": "COUNTRY",
               "names": {"en": f"A member {number}", "ar": "عضو"}}  # fmt: skip
        citations = [{"source": f"s{number}", "locator": {"page": number + 1}}]
        yield {"type": "MemberJoined", "id": f"m{number}-joins", "coalition": "c",
               "member": f"m{number}", "when": "2015-03", "citations": citations}  # fmt: skip
        yield {"type": "MemberCountReported", "id": f"count-{number}", "coalition": "c",
               "value": number, "when": "2016", "citations": citations}  # fmt: skip
        # Views of one point are looked up at once; each other point is a state of its own.
        then = {"entity": "c", "asOf": "2016", "atPosition": 2, "texts": {"en": "Then."}}
        yield {"type": "StoryTold", "id": f"story-{number}", "titles": {"en": "How it began"},
               "views": [then],
               "citations": citations}  # fmt: skip
        yield {"type": "QuantityReported", "id": f"quantity-{number}", "subject": "c",
               "measure": "sorties", "value": number, "unit": "1", "when": "2016",
               "citations": citations}  # fmt: skip
    # The newest of them are of the oldest facts.
    for number in reversed(range(members)):
        yield {"type": "FactCorroborated", "id": f"m{number}-too", "fact": f"m{number}-joins",
               "citations": [{"source": f"s{number}"}]}  # fmt: skip
    for number in range(members):
        yield {"type": "EntityRenamed", "id": f"m{number}-renamed", "entity": f"m{number}",
               "when": str(1990 + number), "names": {"en": f"Renamed {number}"},
               "reason": "By decree."}  # fmt: skip


def selection(kind: Any, depth: int = 1) -> str:
    """All of a type, as deep as it may be asked for here."""
    if isinstance(kind, GraphQLUnionType):
        return "".join(f" ... on {each.name} {{ {selection(each, depth)} }}" for each in kind.types)
    assert isinstance(kind, GraphQLObjectType)
    found = ["__typename"]
    for name, field in kind.fields.items():
        of = get_named_type(field.type)
        if is_leaf_type(of):
            found.append(name)
        elif depth < DEEPEST:
            is_asked = any(map(is_required_argument, field.args.values()))
            arguments = f"({ARGUMENTS[name]})" if is_asked else ""
            found.append(f"{name}{arguments} {{ {selection(of, depth + 1)} }}")
    return " ".join(found)


@pytest.fixture(scope="module")
def few_and_many(new_instance: NewInstance) -> Iterator[tuple[Instance, Instance]]:
    with new_instance() as few, new_instance() as many:
        for instance, members in (few, FEW), (many, MANY):
            instance.record.apply([read(each) for each in entries(members)], actor="someone")
            instance.catch_up()
            with instance.database.connect(WRITER) as connection:
                sign_now(connection, instance.signer())
        yield few, many


def statements(instance: Instance, document: str) -> list[str]:
    """What the resolvers of a document ask the database, in all of their sessions."""
    asked: list[str] = []
    patch = pytest.MonkeyPatch()
    for kind in (psycopg.Cursor, psycopg.AsyncCursor):
        execute = kind.execute

        def counted(self: Any, query: Any, *args: Any, _: Any = execute, **kwargs: Any) -> Any:
            asked.append(query if isinstance(query, str) else str(query))
            return _(self, query, *args, **kwargs)

        patch.setattr(kind, "execute", counted)

    async def answer() -> None:
        async with Operation(access(instance)) as operation:
            response = await resolved(operation, parse(document), {}, None)
            assert "errors" not in response, response["errors"][:3]

    try:
        asyncio.run(answer())
    finally:
        patch.undo()
    return asked


def test_every_field_at_the_root_is_asked() -> None:
    assert schema_of(CORE).graphql.query_type is not None
    assert set(ARGUMENTS) == set(schema_of(CORE).graphql.query_type.fields)


@pytest.mark.parametrize("field", ARGUMENTS)
def test_ten_times_the_rows_take_no_more_statements(
    few_and_many: tuple[Instance, Instance], field: str
) -> None:
    assert schema_of(CORE).graphql.query_type is not None
    kind = get_named_type(schema_of(CORE).graphql.query_type.fields[field].type)
    arguments = f"({ARGUMENTS[field]})" if ARGUMENTS[field] else ""
    document = f"{{ {field}{arguments} {{ {selection(kind)} }} }}"

    few, many = (statements(each, document) for each in few_and_many)

    grown = Counter(many) - Counter(few)
    # Fields that are answered side by side may just miss each other's look; one for each row is 27.
    assert grown.total() < (MANY - FEW) / 2, grown


def test_sentences_look_up_all_their_facts_at_once(
    few_and_many: tuple[Instance, Instance], monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []
    look_up = view_rows.facts_by_id
    for instance in few_and_many:
        asked: list[Sequence[str]] = []

        def counted(
            connection: Any, point: Any, ids: Sequence[str], asked: list[Sequence[str]] = asked
        ) -> Any:
            asked.append(ids)
            return look_up(connection, point, ids)

        monkeypatch.setattr(view_rows, "facts_by_id", counted)
        with browsing(instance) as client:
            page = client.get("/activity", headers={"accept": "text/html"}).raise_for_status()
        assert "-joins" in page.text
        looks.append(len(asked))

    assert looks == [1, 1]


def test_a_page_of_renamings_asks_once_for_the_names_before(
    few_and_many: tuple[Instance, Instance], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []
    for instance in few_and_many:
        asked: list[str] = []
        execute = psycopg.Cursor.execute

        def counted(
            self: Any, query: Any, *args: Any, asked: list[str] = asked, _: Any = execute, **kw: Any
        ) -> Any:
            asked.append(str(query))
            return _(self, query, *args, **kw)

        with browsing(instance) as client, monkeypatch.context() as patch:
            patch.setattr(psycopg.Cursor, "execute", counted)
            page = client.get("/log", headers={"accept": "text/html"}).raise_for_status()
        assert page.text.count("is called") >= len(told) * (MANY - FEW) + FEW
        told.append(len(asked))

    assert told[0] == told[1]
