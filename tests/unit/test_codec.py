"""Stored bytes: canonical, stable, lifted from every version that was ever written."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from domain import codec
from domain.canonical import canonical
from domain.codec import decode, encode, read, write
from domain.errors import Refused
from domain.strict_json import parse_json
from domain.vocabulary import CORE

GOLDEN = Path(__file__).parents[1] / "golden"
WHEN = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)

corpus = [
    (path.stem, number, json.loads(line))
    for path in sorted(GOLDEN.glob("events-*.jsonl"))
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines())
]


@pytest.mark.parametrize("case", corpus, ids=lambda case: f"{case[0]}:{case[2]['stored']}")
def test_every_event_ever_stored_is_read_as_the_entry_that_it_was(case: Any) -> None:
    _, position, line = case

    event = decode(position, line["stored"], line["data"].encode())

    assert write(event.entry) == write(read(line["entry"]))
    assert (event.actor, event.recorded_at) == ("someone", WHEN)


def test_the_corpus_has_the_present_version_of_every_type() -> None:
    stored = {line["stored"] for _, _, line in corpus}

    assert {f"{name}/{codec.VERSIONS.get(name, codec.VERSION)}" for name in CORE.types} <= stored


@pytest.mark.parametrize("case", corpus, ids=lambda case: f"{case[0]}:{case[2]['stored']}")
def test_todays_program_stores_the_same_bytes(case: Any) -> None:
    line = case[2]
    name, _, version = line["stored"].partition("/")
    if int(version) != codec.VERSIONS.get(name, codec.VERSION):
        pytest.skip("an older version, which is only read")

    stored, data = encode(
        read(line["entry"]), actor="someone", recorded_at=WHEN, random=lambda n: bytes(range(n))
    )

    assert (stored, data.decode()) == (line["stored"], line["data"])


def test_an_event_stored_twice_has_two_salts_of_sixteen_bytes() -> None:
    entry = read(corpus[0][2]["entry"])

    stored = [json.loads(encode(entry, actor="a", recorded_at=WHEN)[1]) for _ in range(2)]

    first, second = (bytes.fromhex(event.pop("salt")) for event in stored)
    assert first != second
    assert len(first) == len(second) == 16
    assert stored[0] == stored[1]


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-1e15, 1e15)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text("abXé\ufb33\U0001f602", min_size=1), inner)
    ),
    max_leaves=20,
)


@given(values)
def test_stored_bytes_are_canonical_json(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


def test_an_older_version_is_lifted_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(codec.VERSIONS, "FactRetracted", 3)
    monkeypatch.setitem(
        codec.UPCASTERS, ("FactRetracted", 1), lambda obj: {**obj, "reason": obj["why"]}
    )
    monkeypatch.setitem(
        codec.UPCASTERS,
        ("FactRetracted", 2),
        lambda obj: {key: value for key, value in obj.items() if key != "why"},
    )
    data = canonical(
        {
            "actor": "someone",
            "entry": {"id": "r", "fact": "f", "why": "a slip"},
            "recordedAt": WHEN.isoformat(),
        }
    )

    event = decode(7, "FactRetracted/1", data)

    assert write(event.entry) == {
        "type": "FactRetracted", "id": "r", "fact": "f", "reason": "a slip",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("stored", "data"),
    [
        ("Nonsense/1", b"{}"),
        ("FactRetracted/2", b"{}"),
        ("FactRetracted/x", b"{}"),
        ("FactRetracted/1", b"\xff"),
        ("FactRetracted/1", b"[]"),
        ("FactRetracted/1", b'{"actor":"a","recordedAt":"2020","entry":{"id":"x"}}'),
    ],
)
def test_bytes_that_are_none_of_ours_name_their_position(stored: str, data: bytes) -> None:
    with pytest.raises(ValueError, match="position 7"):
        decode(7, stored, data)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"\xff", "BAD_UTF8"),
        ("{", "BAD_JSON"),
        ('{"a": NaN}', "BAD_JSON"),
        ('{"a": 1, "a": 2}', "BAD_JSON"),
        ("[" * 100_000, "TOO_DEEP"),
        ("1" * 5_000, "BAD_VALUE"),
    ],
)
def test_json_is_read_strictly(text: str | bytes, code: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_json(text)
    assert caught.value.code == code


def test_names_keep_the_order_that_their_author_gave_them() -> None:
    entity = {
        "type": "EntityRegistered",
        "id": "e",
        "kind": "OTHER",
        "names": {"fr": "b", "ar": "a"},
    }

    event = decode(1, *encode(read(entity), actor="someone", recorded_at=WHEN))

    assert list(write(event.entry)["names"]) == ["fr", "ar"]


def test_a_null_is_as_if_left_out() -> None:
    source = {"type": "SourceRegistered", "id": "s", "title": "t"}

    assert read({**source, "publisher": None}) == read(source)
