"""Answers that PostgreSQL writes: SQL put together of the fragments in fragments.sql.

The caller knows what is asked for; here are the expressions that write it as JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Final

from psycopg import sql

from projections.asof import rows_at
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


def json_object(fields: Iterable[tuple[str, sql.Composable]]) -> sql.Composable:
    """The expression that writes an object of these keys."""
    parts: list[str | sql.Composable] = ["{"]
    for number, (key, value) in enumerate(fields):
        parts += (f'{"," if number else ""}"{key}":', value)
    return concatenated([*parts, "}"])


def concatenated(parts: Iterable[sql.Composable | str]) -> sql.Composable:
    """Parts as one expression of text; null is nothing."""
    texts = [
        text
        for are_words, some in groupby(parts, lambda part: isinstance(part, str))
        for text in ([sql.Literal("".join(map(str, some)))] if are_words else some)
        if isinstance(text, sql.Composable)
    ]
    while len(texts) > 1:
        texts = [
            sql.SQL("concat({})").format(sql.SQL(", ").join(texts[at : at + _MOST_ARGUMENTS]))
            for at in range(0, len(texts), _MOST_ARGUMENTS)
        ]
    return texts[0]


class Parameters:
    """The parameters of a statement, each a field's group of arguments and a name among them."""

    def __init__(self) -> None:
        self.places: dict[tuple[int, str], sql.Composable] = {}

    def place(self, group: int, name: str) -> sql.Composable:
        """The placeholder of a parameter, the same for each use."""
        place = sql.SQL(f"${len(self.places) + 1}")
        return self.places.setdefault((group, name), place)


class Scope(Mapping[str, sql.Composable]):
    """The SQL of what fragments need: what is fixed, a group's parameters, what is around them.

    `entities` and `sources` are the rows of these tables at the scope's point of the clocks.
    """

    def __init__(
        self,
        parameters: Parameters,
        group: int,
        names: frozenset[str],
        around: Mapping[str, sql.Composable] | None = None,
        fixed: Mapping[str, sql.Composable] | None = None,
    ) -> None:
        self.parameters, self.group = parameters, group
        self._names, self._around, self._fixed = names, around or {}, fixed or {}

    def __getitem__(self, name: str) -> sql.Composable:
        if name in self._fixed:
            return self._fixed[name]
        if name in self._names:
            return self.parameters.place(self.group, name)
        if name in self._around:
            return self._around[name]
        if name in ("entities", "sources"):
            return rows_at(name, self)
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return name in self._fixed or name in self._names or name in self._around

    def __iter__(self) -> Iterator[str]:
        return iter({*self._fixed, *self._names, *self._around})

    def __len__(self) -> int:
        return len(set(self))

    def within(self, group: int, names: frozenset[str]) -> Scope:
        """This scope with a group's parameters of these names."""
        return Scope(self.parameters, group, names, self)

    def fixing(self, fixed: Mapping[str, sql.Composable]) -> Scope:
        """This scope with some SQL fixed."""
        return Scope(self.parameters, self.group, frozenset(), self, fixed)
