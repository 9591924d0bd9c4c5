"""What is kept in memory is counted by all that it holds, whatever was sent."""

from __future__ import annotations

import asyncio
import tracemalloc

import pytest

from api import limits
from api.graphql import planned, run
from api.graphql.bounded import Bounded
from api.instance import Instance

WORDS = 1_900


@pytest.mark.parametrize(
    "text",
    [
        "{" + " id" * WORDS + "}",
        "{ a(b: [" + "1 " * WORDS + "]) }",
        "{" + "a: b " * (WORDS // 3) + "}",
        "{" + "a(b: $c) " * (WORDS // 7) + "}",
        '{ a(b: "' + "x" * 90_000 + '") }',
        "{ a }" + "#\n" * 499,
        '{ a(b: "😀' + "x" * 90_000 + '") }',
    ],
)
def test_a_document_is_counted_by_what_it_takes(text: str) -> None:
    tracemalloc.start()
    document = limits.read(text)
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert taken <= limits.size(document) * 1.1


def test_plans_are_counted_with_their_documents(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = [Bounded(10_000_000) for _ in range(3)]
    for module, name, each in zip(
        (planned, planned, run), ("_plans", "_roots", "_documents"), kept, strict=True
    ):
        monkeypatch.setattr(module, name, each)
    text = f"{{ organisations(standings: [{'CERTAIN ' * WORDS}]) {{ position }} }}"

    response = asyncio.run(run.execute(run.access(instance), text))

    assert response["data"] == {"organisations": {"position": 0}}
    assert min(each.size for each in kept) >= limits.size(limits.read(text))
