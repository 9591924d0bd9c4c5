"""The pages of docs/ that are made from the code."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from memory import MemoryRecorder

from domain.codec import read
from domain.errors import Refused
from domain.record import Record
from domain.vocabulary import CORE, CORRECTIONS
from tools import reference

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "record-file.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", PAGE, re.DOTALL | re.MULTILINE))


def examples(text: str = PAGE) -> list[dict[str, Any]]:
    blocks = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    return [json.loads(line) for block in blocks for line in block.splitlines()]


@pytest.mark.parametrize("name", reference.PAGES)
def test_a_page_says_what_the_code_says(name: str) -> None:
    page = (DOCS / name).read_text(encoding="utf-8")

    assert page == reference.PAGES[name](), "run make docs-reference"


def test_the_examples_are_a_record_of_every_type() -> None:
    entries = [read(example) for example in examples()]

    outcome = Record(MemoryRecorder()).apply(entries, actor="someone")

    assert outcome.recorded == len(entries)
    assert {type(entry).__name__ for entry in entries} == CORE.types.keys() == SECTIONS.keys()


def required(text: str) -> set[str]:
    """The keys that the first table of a section calls required."""
    table = text.partition("| key |")[2].partition("\n\n")[0]
    return set(re.findall(r"^\| `(\w+)` \| required", table, re.MULTILINE))


BY_RULE = {
    "FactCorroborated": {"citations"},  # one that supports the fact
    "HoldingAttested": {"citations"},  # one that says so
    "EntityRenamed": {"names"},  # the one thing of the example that is new
    "FactCorrected": {"citations"},  # its basis is EVIDENCE
    "SourceReassessed": {"reliability"},  # the one grade of the example
}
"""Keys of examples that are needed by more than their types."""


@pytest.mark.parametrize("name", CORE.types)
def test_a_key_is_needed_where_the_page_calls_it_required(name: str) -> None:
    chapter = (
        "Facts" if name in CORE.fact_types else "Facts about facts" if name in CORRECTIONS else None
    )
    of_all = required(PAGE.partition(f"\n## {chapter}\n")[2]) if chapter else set()
    told = required(SECTIONS[name]) | of_all | BY_RULE.get(name, set())
    told -= {"reason"} if name == "FactCorroborated" else set()
    example = examples(SECTIONS[name])[0]

    needed = set()
    for key in example.keys() - {"type"}:
        try:
            read({each: value for each, value in example.items() if each != key})
        except Refused:
            needed.add(key)

    assert needed == told


def test_no_meaning_is_of_a_key_that_no_entry_has() -> None:
    assert [key for key in reference.MEANINGS if f"| `{key}` |" not in PAGE] == []
