"""What rows say of the entities that a map creates, and the warnings where they say it otherwise.

The first row that names an entity describes it. What a later row, or a later import, says
otherwise changes nothing and is told once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from api.sheets.sheet import Sheet
from domain.errors import Refused


class Draft(NamedTuple):
    """An entity to be created, the sheet and the row that names it first, the words its id is made
    of, and by key the column that it is from."""

    obj: dict[str, Any]
    sheet: Sheet
    row: int
    wanted: str
    columns: Mapping[str, str]


class EntityDifference(NamedTuple):
    """What a row says otherwise: the key of the entity, its words, the row's column, and both."""

    key: str
    words: str
    column: str | None
    said: str
    known: str


class DescriptionWarnings:
    """Warns of differences, of each once."""

    def __init__(self, warn: Callable[[Refused], None], told: set[tuple[str, str, str]]) -> None:
        """`told` has the entity, what of it, and what was said, of what needs no warning more."""
        self._warn, self._told = warn, told

    def add(
        self, sheet: Sheet, row: int, entity: str, found: EntityDifference, draft: Draft | None
    ) -> None:
        """A row describes an entity otherwise than its draft, or than the record."""
        key = entity, found.words, found.said
        if key in self._told:
            return
        self._told.add(key)
        known = found.known or "none"
        if draft is None:
            words = (
                f"{known} in the record of {entity}. A sheet corrects facts alone: mend it here or "
                "in the map, or record an EntityCorrected, or an EntityRenamed from the day on "
                "which it changed."
            )
        else:
            column = draft.columns.get(found.key)
            place = f"row {draft.row}{f', column {column}' if column else ''}"
            if draft.sheet.name != sheet.name:
                place += f" of {draft.sheet.name}"
            words = (
                f"{known} in {place}. The first row that names {entity} describes it: mend one of "
                "them, give other names as `aliases` in the map, or record an EntityRenamed from "
                "the day on which it changed."
            )
        said = f"its {found.words} is {found.said} here, and {words}"
        self._warn(sheet.refused("ENTITY_DIFFERS", said, row, found.column))
