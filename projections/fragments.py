"""Answers that PostgreSQL writes: SQL put together of the fragments in fragments.sql.

What is asked for is the caller's to know; here are the expressions that write it as JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from psycopg import sql

from store.sql import queries

FRAGMENTS: Final = queries("projections", "fragments.sql")

_NAMES: Final = {
    name: tuple(dict.fromkeys(re.findall(r"\{(\w+)\}", text))) for name, text in FRAGMENTS.items()
}
_MOST_ARGUMENTS: Final = 90
"""A function of PostgreSQL takes 100."""


def needs(name: str) -> tuple[str, ...]:
    """What a fragment is to be filled with: objects in capitals, parameters not."""
    return _NAMES[name]


def filled(name: str, given: Mapping[str, sql.Composable]) -> sql.Composed:
    """A fragment with what it needs, of all that is given."""
    return sql.SQL(FRAGMENTS[name]).format(**{each: given[each] for each in _NAMES[name]})


def written(fields: Iterable[tuple[str, Sequence[Any]]]) -> list[Any]:
    """An object of these keys, in parts: text, SQL that writes some, and what is neither."""
    parts: list[Any] = ["{"]
    for number, (key, value) in enumerate(fields):
        for part in (f'{"," if number else ""}"{key}":', *value):
            _append(parts, part)
    _append(parts, "}")
    return parts


def _append(parts: list[Any], part: Any) -> None:
    """Add a part; text goes with the text before it."""
    if isinstance(part, str) and parts and isinstance(before := parts[-1], str):
        parts[-1] = before + part
    else:
        parts.append(part)


def concatenated(parts: Iterable[sql.Composable | str]) -> sql.Composable:
    """Parts as one expression of text."""
    texts: list[sql.Composable] = [
        sql.Literal(part) if isinstance(part, str) else part for part in parts
    ]
    while len(texts) > 1:
        texts = [
            sql.SQL("concat({})").format(sql.SQL(", ").join(texts[at : at + _MOST_ARGUMENTS]))
            for at in range(0, len(texts), _MOST_ARGUMENTS)
        ]
    return texts[0]


def listed(parts: Iterable[sql.Composable]) -> sql.Composed:
    """Parts with commas between them."""
    return sql.SQL(", ").join(parts)


def joined(parts: Iterable[sql.Composable]) -> sql.Composed:
    """Parts one after another."""
    return sql.SQL(" ").join(parts)
