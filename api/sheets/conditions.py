"""What is put together from cells of a row: conditions, and text by a template."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from api.sheets.sheet import Sheet
from api.sheets.sheet_map import Condition
from domain.errors import Refused

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


class Test:
    """Whether a row meets all of some conditions."""

    def __init__(self, sheet: Sheet, conditions: Sequence[Condition]) -> None:
        """Refused for a column that the sheet does not have."""
        self._tests = [_test(sheet, each) for each in conditions]

    def __call__(self, cells: Sequence[str]) -> bool:
        return not self._tests or all(test(cells) for test in self._tests)


class Template:
    """Text with the cells of some columns in it: `state-{Code}`."""

    def __init__(self, sheet: Sheet, text: str) -> None:
        """Refused for a column that the sheet does not have, and for a stray brace."""
        self._sheet = sheet
        *_, rest = pieces = _PLACEHOLDER.split(text)
        if any("{" in piece or "}" in piece for piece in pieces[::2]):
            words = f"In the template «{text}» a brace is astray: a column is written {{Name}}."
            raise Refused("BAD_TEMPLATE", words)
        self.columns = pieces[1::2]
        self._parts = list(
            zip(pieces[::2], (sheet.column(name) for name in self.columns), strict=False)
        )
        self._rest = rest
        is_cell = not rest and [before for before, _ in self._parts] == [""]
        self.cell = self._parts[0][1] if is_cell else None
        """The place of the cell that is the whole text, where one is."""

    def __call__(self, cells: Sequence[str]) -> str | None:
        """The text for a row, None where a cell of it says nothing."""
        found = []
        for before, place in self._parts:
            cell = cells[place]
            if self._sheet.is_missing(cell):
                return None
            found += [before, cell]
        return "".join((*found, self._rest))

    def empty(self, cells: Sequence[str]) -> str | None:
        """The first column whose cell says nothing."""
        for name, (_, place) in zip(self.columns, self._parts, strict=True):
            if self._sheet.is_missing(cells[place]):
                return name
        return None


def _test(sheet: Sheet, condition: Condition) -> Callable[[Sequence[str]], bool]:
    place = sheet.column(condition.column)
    wanted = None if condition.is_ is None else frozenset(condition.is_)
    unwanted = frozenset(condition.not_ or ())
    pattern = None if condition.matches is None else re.compile(condition.matches)

    same = None if condition.same_as is None else sheet.column(condition.same_as)
    other = None if condition.differs_from is None else sheet.column(condition.differs_from)

    def test(cells: Sequence[str]) -> bool:
        cell = cells[place]
        return (
            (wanted is None or cell in wanted)
            and cell not in unwanted
            and (pattern is None or pattern.search(cell) is not None)
            and (same is None or cell == cells[same])
            and (other is None or cell != cells[other])
        )

    return test
