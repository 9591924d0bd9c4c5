"""Random entries of all types, words of a record's own among them, and the JSON Schema of them."""

from __future__ import annotations

import json
import random
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema_rs

from api.entry_schema import entry_schema
from domain.codec import read
from domain.dates import parse
from domain.definitions import Definition
from domain.errors import Refused
from domain.vocabulary import CORE, Vocabulary
from tools.reference import examples

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "vocabulary.md"
MORE_KEYS = {
    "instrument": {"type": "CODE", "codes": ["RATIFICATION", "ACCESSION"], "required": False},
    "share": {"type": "NUMBER", "required": False},
    "articles": {"type": "INTEGER", "required": False},
    "witnesses": {"type": "ENTITIES", "required": False},
    "deposited": {"type": "DATE", "required": False},
}
VALUES: list[Any] = [
    None, "", 5, -1, 3.5, True, [], {}, "x", "a b", "2014-09-10", "2014-13", "1968?", "2015/2016",
    "OCCURRED", "EVIDENCE", "NO", ["a"], ["a", "a b"], {"en": "X"}, {"en": ""}, {"e n": "X"}, "Q5",
    "SY", "A", 7, [{"source": "s"}], [{"source": "s", "stance": "DISPUTES"}], [{"src": "s"}],
    {"when": "2015"}, {"paragraph": 1}, "treaty", "TREATY", "CODE", "ACCESSION",
]  # fmt: skip
BEYOND = {"BAD_EFFECT", "BAD_KEY", "SAME_SIDES", "RESERVED", "BAD_LOCATOR"}
"""Codes of what needs two keys at once, or a list of names that are taken."""
OF_THE_RECORD = {
    "UNKNOWN_ENTITY", "UNKNOWN_SOURCE", "UNKNOWN_FACT", "UNKNOWN_PREFERENCE", "UNKNOWN_DEFINITION",
    "UNKNOWN_FLUENT", "UNKNOWN_KIND", "ID_TAKEN", "NAME_TAKEN", "CHANGES_DEFINITION",
    "UNKNOWN_STORY", "ALREADY_WITHDRAWN", "BAD_POSITION",
}  # fmt: skip
"""Codes of what is refused because of what the record has, or has not."""


def words() -> tuple[Vocabulary, list[dict[str, Any]]]:
    """The words of the how-to with keys of all types, and an entry of each type."""
    found = re.search(r"```json title=[^\n]+\n(.*?)```", HOW_TO.read_text(encoding="utf-8"), re.S)
    assert found is not None
    lines = [json.loads(line) for line in found[1].splitlines()]
    lines[2]["keys"] |= MORE_KEYS
    lines[7] |= {
        "instrument": "ACCESSION", "share": 0.5, "articles": 3, "witnesses": ["a", "b"],
        "deposited": "1968-07",
    }  # fmt: skip
    vocabulary = CORE
    for line in lines[:4]:
        definition = read(line, vocabulary)
        assert isinstance(definition, Definition)
        vocabulary = vocabulary.extended(definition)
    left = {key: lines[7][key] for key in ("id", "treaty", "party", "when", "citations")}
    entries = [each for name in CORE.types for each in examples(name)]
    return vocabulary, [*entries, *lines, {"type": "TreatyDenounced", **left}]


VOCABULARY, ENTRIES = words()


def is_edtf(text: str) -> bool:
    try:
        parse(text)
    except Refused:
        return False
    return True


def validator() -> Any:
    """What takes and refuses entries by the schema, dates too."""
    schema = entry_schema(VOCABULARY)
    assert jsonschema_rs.meta.is_valid(schema)
    return jsonschema_rs.Draft202012Validator(
        json.loads(json.dumps(schema)), formats={"edtf": is_edtf}, validate_formats=True
    )


def changed(entry: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """The entry with a key or two left out, added, or given another value, at any depth."""
    entry = json.loads(json.dumps(entry))
    for _ in range(rng.choice([0, 1, 1, 1, 2])):
        at: Any = entry
        while rng.random() < 0.6:
            inner = at.values() if isinstance(at, dict) else at
            below = [each for each in inner if isinstance(each, dict | list) and each]
            if not below:
                break
            at = rng.choice(below)
        if isinstance(at, list):
            at[rng.randrange(len(at))] = deepcopy(rng.choice(VALUES))
            continue
        if not at:
            continue
        key, what = rng.choice(list(at)), rng.random()
        if what < 0.3:
            del at[key]
        elif what < 0.4:
            at["unknown"] = 1
        else:
            at[key] = deepcopy(rng.choice(VALUES))
    return entry
