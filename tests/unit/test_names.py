"""Names of keys and of tokens' holders, which pages, feeds and terminals show as they are."""

from __future__ import annotations

import pytest

from domain.errors import Refused
from domain.names import check_name, is_name


@pytest.mark.parametrize(
    "name", ["Amal", "حمزة المصطفى", "می\u200cخواهم", "Ana-Lucía (desk 3)", "李", "🖋 desk"]
)
def test_a_name_of_visible_characters_is_taken(name: str) -> None:
    assert check_name(f"  {name} ") == name
    assert is_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "", "   ", "a" * 201, "Mal\x01ory", "Mal\nory", "Mal\tory", "Mal\x1b[2Jory", "Mal\u202eory",
        "Mal\u2066ory", "Mal\u200bory", "Mal\ufeffory", "Mal\u2028ory", "Mal\u00a0ory", "\u200d",
        "Mal\ud800ory", "Mal\ufffeory", "e\u0301", "Mal\U000e0041ory",
    ],
)  # fmt: skip
def test_a_name_that_hides_something_is_refused(name: str) -> None:
    with pytest.raises(Refused) as refused:
        check_name(name)

    assert refused.value.code in ("BAD_NAME", "BAD_TEXT")
    assert refused.value.field == "name"
    assert not is_name(name)
