"""The JSON Schema of entries takes and refuses what the reader takes and refuses.

tests/integration/test_json_schema.py holds it against `sijill import --dry-run`.
"""

from __future__ import annotations

import json
import random
from io import BytesIO
from typing import Any

import pytest
from support.random_entries import (
    BEYOND,
    ENTRIES,
    OF_THE_RECORD,
    VOCABULARY,
    changed,
    validator,
)

from api.files import RecordFiles


@pytest.fixture(scope="module", name="validator")
def _validator() -> Any:
    return validator()


def refusal(entry: dict[str, Any]) -> str | None:
    """The code of what an import says of a line that it reads, None if it takes it."""
    found = RecordFiles(VOCABULARY)
    found.take("entries.jsonl", BytesIO(json.dumps(entry).encode()))
    codes = {each.code for each in found.refusals.first} - OF_THE_RECORD
    return min(codes, default=None)


def test_an_example_of_each_type_is_taken(validator: Any) -> None:
    assert {entry["type"] for entry in ENTRIES} == set(VOCABULARY.types)
    for entry in ENTRIES:
        assert validator.is_valid(entry), [each.message for each in validator.iter_errors(entry)]


def test_5000_random_entries_are_taken_and_refused_as_an_import_does(validator: Any) -> None:
    rng = random.Random(16)
    taken = left_out = 0
    for _ in range(5_000):
        entry = changed(rng.choice(ENTRIES), rng)
        code = refusal(entry)
        if code in BEYOND and validator.is_valid(entry):
            left_out += 1
            continue
        taken += code is None
        assert validator.is_valid(entry) is (code is None), (code, entry)
    assert 1_000 < taken < 4_000
    assert left_out < 50
