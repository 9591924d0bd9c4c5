"""Names can be seen and told apart; ids can be reached."""

from __future__ import annotations

from typing import Any

import pytest
from hostile import HIDDEN, STRINGS

from domain.codec import read, read_line
from domain.errors import Refused


def entity(**more: Any) -> dict[str, Any]:
    return {"type": "EntityRegistered", "id": "it", "kind": "OTHER", "names": {"en": "It"}, **more}


def renamed(names: dict[str, str]) -> dict[str, Any]:
    return {"type": "EntityRenamed", "id": "r", "entity": "it", "when": "2020", "names": names,
            "reason": "So it calls itself."}  # fmt: skip


def corrected(names: dict[str, str]) -> dict[str, Any]:
    return {"type": "EntityCorrected", "id": "c", "entity": "it", "changes": {"names": names},
            "reason": "A slip."}  # fmt: skip


def code_of(entry: dict[str, Any]) -> str | None:
    try:
        read(entry)
    except Refused as refused:
        return refused.code
    return None


@pytest.mark.parametrize("name", HIDDEN, ids=ascii)
def test_a_name_with_nothing_or_something_hidden_is_refused(name: str) -> None:
    for entry in (entity(names={"en": name}), renamed({"en": name})):
        assert code_of(entry) == ("BAD_NAME" if name else "BAD_VALUE"), entry
    assert code_of(corrected({"en": name})) == "BAD_NAME"


@pytest.mark.parametrize(
    "name",
    [*STRINGS[:50], "می‌خواهم", "क्‍ष", "👩‍👩‍👧‍👦", "a\u00a0b", "Sana’a", "ـــ", "1", "–", "\u0600١٢"],
    ids=ascii,
)
def test_a_name_that_its_script_writes_so_is_taken(name: str) -> None:
    assert code_of(entity(names={"en": name})) is None


def test_one_language_has_one_name() -> None:
    assert code_of(entity(names={"EN": "One", "en": "Other"})) == "DUPLICATE_LANGUAGE"
    assert code_of(renamed({"zh-Hant": "One", "zh-hant": "Other"})) == "DUPLICATE_LANGUAGE"
    assert code_of(entity(names={"en": "One", "en-GB": "Other"})) is None


@pytest.mark.parametrize("id_", [".", ".."])
def test_an_id_that_an_address_would_lose_is_refused(id_: str) -> None:
    assert code_of(entity(id=id_)) == "BAD_ID"
    assert code_of(entity(id=f"{id_}x")) is None
    cited = {"type": "MemberJoined", "id": "f", "coalition": id_, "member": "m", "when": "2020",
             "citations": [{"source": "s"}]}  # fmt: skip
    assert code_of(cited) == "BAD_ID"


def test_a_plain_line_is_checked_as_any_other() -> None:
    line = b'{"type":"EntityRegistered","id":"x","kind":"OTHER","names":{"en":"   "}}'

    with pytest.raises(Refused) as refused:
        read_line(line)
    assert (refused.value.code, refused.value.field) == ("BAD_NAME", "names.en")
