"""Commands answered without the resolvers: the same bytes and errors, and the same is recorded."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from conftest import NewInstance
from strategies import random_record

from api.auth import Principal, Reader
from api.graphql.context import Access, Operation
from api.graphql.planned import Written
from api.graphql.run import Read, direct_response, prepare, resolved
from api.graphql.writing import KINDS
from api.instance import Instance
from domain.codec import read as read_entry
from domain.roles import Role
from projections.asof import Connection
from store.database import READER

ROLES = [None, Role.READER, Role.CONTRIBUTOR, *[Role.ADMIN] * 15]
COUNTS = ["position", "recorded", "unchanged", "__typename"]


class Author:
    """Writes commands at random: sound ones, and ones with something wrong."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        entries = random_record(seed, facts=80, corrections=20, oddities=False)
        self.known = [entry for entry in entries if "Registered" in entry["type"]]
        self.entries = [entry for entry in entries if entry not in self.known]
        self.sent: list[dict[str, Any]] = []
        self.numbers = iter(range(1_000))

    def command(self) -> tuple[str, dict[str, Any]]:
        """A document and its variables."""
        name, entries = self.given()
        request = self.rng.choice([f"r{next(self.numbers)}"] * 20 + ["r1", "", "x" * 201, 7])
        variables: dict[str, Any] = {"entries": entries, "id": request}
        declared, arguments = "$entries: [JSON!]!, $id: ID!", "entries: $entries, requestId: $id"
        if self.rng.random() < 0.2:
            variables["dry"] = self.rng.choice([True, False, False, None, "yes"])
            declared, arguments = f"{declared}, $dry: Boolean", f"{arguments}, dryRun: $dry"
        if self.rng.random() < 0.2:
            variables["flag"] = self.rng.random() < 0.5
            declared = f"{declared}, $flag: Boolean!"
        if self.rng.random() < 0.1:
            del variables[self.rng.choice(list(variables))]
        fields, more = self.fields("flag" in variables)
        alias = self.rng.choice(["", "", "it: "])
        root = f"{alias}{name}({arguments}) {{ {fields} }}"
        if self.rng.random() < 0.1:
            root += f" {root if self.rng.random() < 0.5 else '__typename'}"
        return f"mutation M({declared}) {{ {root} }} {more}", variables

    def given(self) -> tuple[str, Any]:
        """A command, and entries for it: the next of a record, mostly."""
        if self.sent and self.rng.random() < 0.15:
            name = self.rng.choice(list(KINDS))
            return name, [self.rng.choice(self.sent)]
        if self.rng.random() < 0.15:
            wrong = [[], None, {"id": "x"}, [{"type": "Nonsense"}], [{"type": "MemberJoined"}], [3]]
            return self.rng.choice(list(KINDS)), self.rng.choice(wrong)
        taken = [self.entries.pop(0) for _ in range(self.rng.randint(1, 2)) if self.entries]
        self.sent += taken
        return "apply", taken

    def fields(self, has_flag: bool) -> tuple[str, str]:
        """What is asked of the answer, and the fragments for it."""
        found = []
        for number in range(self.rng.randint(1, 4)):
            alias = self.rng.choice(["", "", f"f{number}: "])
            condition = self.rng.choice(["@skip(if: $flag)", "@include(if: $flag)"])
            found.append(
                f"{alias}{self.rng.choice(COUNTS)} {condition if has_flag and number % 2 else ''}"
            )
        text, kind = " ".join(found), self.rng.random()
        if has_flag and "$flag" not in text:
            text += " __typename @skip(if: $flag)"
        if kind < 0.15:
            return "...F", f"fragment F on Applied {{ {text} }}"
        if kind < 0.3:
            return f"... on Applied {{ {text} }} position", ""
        if kind < 0.4:
            return f"{text} diff {{ totalCount }}", ""
        return text, ""


@asynccontextmanager
async def reading(instance: Instance) -> AsyncIterator[Reader]:
    async with await Connection.connect(
        instance.database.url, autocommit=True, **instance.database.session(READER)
    ) as connection:

        @asynccontextmanager
        async def reader() -> AsyncIterator[Connection]:
            yield connection

        yield reader


def events(instance: Instance) -> list[Any]:
    with instance.database.connect() as connection:
        rows = connection.execute(
            "SELECT id, type, tags, convert_from(data, 'UTF8') FROM sijill_events_tt_main"
            " ORDER BY id"
        ).fetchall()
    return [(*row[:3], json.loads(row[3])["entry"]) for row in rows]


@pytest.mark.parametrize("seed", range(6))
def test_a_command_is_answered_and_recorded_as_by_the_resolvers(
    new_instance: NewInstance, seed: int
) -> None:
    author, direct, wrong = Author(seed), 0, 0

    async def compare(one: Instance, other: Instance) -> None:
        nonlocal direct, wrong
        async with reading(one) as mine, reading(other) as theirs:
            for _ in range(90):
                document, variables = author.command()
                read = prepare(document, variables, None)
                if not isinstance(read, Read):
                    continue
                role = author.rng.choice(ROLES)
                principal = None if role is None else Principal("someone", role)
                async with Operation(Access(one, mine, principal)) as operation:
                    found = await direct_response(operation, read, document, variables, None)
                    direct += found is not None
                    wrong += isinstance(found, dict)
                    if found is None:
                        found = await resolved(operation, read.document, variables, None)
                async with Operation(Access(other, theirs, principal)) as operation:
                    expected = await resolved(operation, read.document, variables, None)
                body = found.body if isinstance(found, Written) else encoded(found)
                assert body == encoded(expected), document

    with new_instance() as one, new_instance() as other:
        known = [read_entry(entry) for entry in author.known]
        for each in (one, other):
            each.record.apply(known, actor="someone", request_id="known")
        asyncio.run(compare(one, other))
        assert events(one) == events(other)
        assert len(events(one)) > len(author.known) + 10
    assert direct > 40
    assert wrong > 5
    assert direct - wrong > 10


def encoded(response: Any) -> bytes:
    return msgspec.json.encode(response, enc_hook=str)
