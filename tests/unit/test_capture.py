"""What a captured document adds to the record."""

from __future__ import annotations

import pytest

from domain.capture import Finding, entry_for, source_of
from domain.codec import read, write
from domain.errors import Refused
from domain.sources import SourceRegistered

ONE, OTHER = "1" * 64, "2" * 64


def source(**more: str) -> SourceRegistered:
    entry = read({"type": "SourceRegistered", "id": "s", "title": "T", **more})
    assert isinstance(entry, SourceRegistered)
    return entry


def test_a_new_source_takes_what_was_found_and_what_is_said_of_it_first() -> None:
    finding = Finding(ONE, "Its own title", "https://example.org/a", "2025-11-03")

    entry = entry_for("s", None, finding, {"title": "Ours", "published": "2025-11"})

    assert entry is not None
    assert write(entry) == {
        "type": "SourceRegistered",
        "id": "s",
        "title": "Ours",
        "url": "https://example.org/a",
        "published": "2025-11",
        "retrieved": "2025-11-03",
        "sha256": ONE,
    }


@pytest.mark.parametrize(
    ("title", "taken"),
    [
        ("Cafe\u0301", "Café"),
        ("A\u202eB\x07C\ufffe", "ABC"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("x" * 2_000, "x" * 1_000),
    ],
)
def test_a_documents_own_title_is_made_text_that_the_record_takes(title: str, taken: str) -> None:
    entry = entry_for("s", None, Finding(ONE, title), {})

    assert isinstance(entry, SourceRegistered)
    assert entry.title == taken


def test_a_source_of_the_very_document_needs_nothing() -> None:
    assert entry_for("s", source(sha256=ONE), Finding(ONE, "Another"), {"title": "T"}) is None


def test_a_source_without_a_hash_is_given_one_under_an_id_that_stays() -> None:
    found = Finding(ONE, None, "https://example.org/b", "2025-11-03")
    before = source(url="https://example.org/a")

    entry, again = (entry_for("s", before, found, {}) for _ in range(2))

    assert entry == again
    assert entry is not None
    assert write(entry)["changes"] == {"sha256": ONE, "retrieved": "2025-11-03"}
    after = source_of([before, entry])
    assert after is not None
    assert entry_for("s", after, found, {}) is None
    with pytest.raises(Refused, match=f"{ONE}.*{OTHER}") as refused:
        entry_for("s", after, Finding(OTHER), {})
    assert refused.value.code == "HASH_MISMATCH"
