"""Answers that PostgreSQL writes: SQL put together of the fragments in fragments.sql.

What is asked for is the caller's to know; here are the expressions that write it as JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

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


def written(fields: Iterable[tuple[str, sql.Composable | str]]) -> sql.Composable:
    """An object of these keys; a field that is a string is written as it is."""
    parts: list[sql.Composable] = []
    text = "{"
    for number, (key, value) in enumerate(fields):
        text += f'{"," if number else ""}"{key}":'
        if isinstance(value, str):
            text += value
        else:
            parts += [sql.Literal(text), value]
            text = ""
    parts.append(sql.Literal(text + "}"))
    while len(parts) > 1:
        parts = [
            sql.SQL("concat({})").format(sql.SQL(", ").join(parts[at : at + _MOST_ARGUMENTS]))
            for at in range(0, len(parts), _MOST_ARGUMENTS)
        ]
    return parts[0]


def listed(parts: Iterable[sql.Composable]) -> sql.Composed:
    """Parts with commas between them."""
    return sql.SQL(", ").join(parts)


def joined(parts: Iterable[sql.Composable]) -> sql.Composed:
    """Parts one after another."""
    return sql.SQL(" ").join(parts)


def added(parts: Iterable[sql.Composable]) -> sql.Composed:
    """The sum of parts."""
    return sql.SQL(" + ").join(parts)
