"""The JSON Schema of entries against the command: `sijill import --dry-run` says the same of random
ones, but for what needs the record."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from conftest import NewInstance
from support.random_entries import (
    BEYOND,
    ENTRIES,
    OF_THE_RECORD,
    VOCABULARY,
    changed,
    validator,
)
from thorough import times

from api.cli import main
from api.instance import Instance
from domain.definitions import DefinitionExtended

ENTRIES_TRIED = times(300, 5_000)
AT_ONCE = 10


@pytest.fixture
def defined(new_instance: NewInstance, monkeypatch: pytest.MonkeyPatch) -> Iterator[Instance]:
    """A record with the words of the how-to, which the command opens."""
    with new_instance() as instance:
        definitions = [
            each
            for each in VOCABULARY.definitions.values()
            if not isinstance(each, DefinitionExtended)
        ]
        instance.record.apply(definitions, actor="someone")
        monkeypatch.setenv("SIJILL_DATABASE_URL", instance.database.url)
        yield instance


def refusals(
    entries: Sequence[dict[str, Any]], file: Path, capfd: pytest.CaptureFixture[str]
) -> dict[int, set[str]]:
    """The number of each refused entry with the codes that the command gives."""
    file.write_text("".join(json.dumps(each) + "\n" for each in entries), encoding="utf-8")
    status = main(["import", "--dry-run", "--json", str(file)])
    told = json.loads(capfd.readouterr().out)
    if status == 0:
        return {}
    errors = told.get("errors") or [told["error"]]
    if told.get("count", 1) > len(errors):  # it lists the first ones alone
        middle = len(entries) // 2
        later = refusals(entries[middle:], file, capfd)
        return refusals(entries[:middle], file, capfd) | {n + middle: c for n, c in later.items()}
    found: dict[int, set[str]] = {}
    for each in errors:
        number = each["line"] - 1
        # What a description is corrected to is checked with the rest of it, which the record has.
        is_corrected = entries[number].get("type") in ("SourceCorrected", "EntityCorrected")
        if not (is_corrected and str(each.get("field")).startswith("changes.")):
            found.setdefault(number, set()).add(each["code"])
    return found


@pytest.mark.usefixtures("defined")
def test_random_entries_are_taken_and_refused_as_the_command_does(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    rng, schema = random.Random(3), validator()
    refused, taken, left_out = Counter[str](), 0, 0
    for _ in range(ENTRIES_TRIED // AT_ONCE):
        entries = [changed(rng.choice(ENTRIES), rng) for _ in range(AT_ONCE)]
        # What a definition defines is for later lines, of which the schema knows nothing.
        entries.sort(key=lambda entry: "Define" in str(entry.get("type")))
        found = refusals(entries, tmp_path / "entries.jsonl", capfd)
        for number, entry in enumerate(entries):
            codes = found.get(number, set())
            by_itself = codes - OF_THE_RECORD
            refused.update(codes)
            if by_itself and by_itself <= BEYOND and schema.is_valid(entry):
                left_out += 1
                continue
            assert schema.is_valid(entry) is not bool(by_itself), (codes, entry)
            taken += not by_itself

    assert 0.2 < taken / ENTRIES_TRIED < 0.8
    assert left_out < ENTRIES_TRIED / 50
    assert refused.keys() & OF_THE_RECORD
    assert refused.keys() - OF_THE_RECORD
