"""What a dry run of a sheet says: rows, entries, warnings, questions to look at, the diff."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

import psycopg

from api.instance import Instance
from api.sheets.sheet_import import SheetImport
from domain.dates import iso_of, today
from domain.errors import Refusals, Refused
from domain.facts import Fact
from domain.point import Clocks
from domain.sources import Entry
from projections import what_if
from projections.diff import Difference, first_of

QUESTIONS: Final = 10
MOST_SUPPOSED: Final = 5_000
"""Entries whose diff is shown before they are recorded."""
MOST_OF_A_FLUENT: Final = 300
"""Facts that start or end one and the same, past which no diff is shown: to fold them takes more
than the square of their number."""
MOST_DIFFERENCES: Final = 20
_PLACES: Final = ("file", "row", "column")


def report_of(found: SheetImport) -> dict[str, Any]:
    """What is to be recorded, in numbers, and what is worth a look."""
    findings = found.findings
    return {
        "rows": findings.rows,
        "leftOut": dict(findings.left_out.most_common()),
        "entries": dict(found.types.most_common()),
        "unchanged": found.unchanged,
        "corrected": found.types["FactCorrected"],
        "gone": len(found.gone),
        "guessed": {sheet.name: sheet.guessed for sheet in found.sheets if sheet.guessed},
        **warned(findings.warnings),
    }


def warned(warnings: Refusals) -> dict[str, Any]:
    """The first warnings, and the number of each code."""
    return {
        "warnings": [_told(each) for each in warnings.first],
        "warningCodes": dict(warnings.codes.most_common()),
    }


def questions(found: SheetImport) -> Iterator[dict[str, Any]]:
    """Questions whose answers are worth a look once it is recorded: about facts here and there."""
    facts = [n for n, entry in enumerate(found.entries) if _is_askable(entry)]
    for number in _spread(facts, QUESTIONS):
        entry = found.entries[number]
        assert isinstance(entry, Fact)
        effect = entry.effects[0]
        sheet, row = found.row_of(number)
        scope = getattr(entry, effect.scope)
        # Existence is asked of a kind, not of an entity: its state is.
        fluent = found.file.vocabulary.fluents[effect.fluent]
        question = f"ask {fluent.question}" if fluent.inverse else "state"
        # On the day after its end it should be gone, on the last day of its start there.
        day = iso_of(entry.when.latest if effect.is_start else entry.when.latest + 1)
        yield {
            "command": f"sijill {question} {scope} --as-of {day}",
            "about": getattr(entry, effect.subject),
            "expected": "there" if effect.is_start else "gone",
            "file": sheet.name,
            "row": row,
        }


def differences(instance: Instance, entries: Sequence[Entry]) -> list[Difference] | None:
    """The first of what the entries would change of today's answers; None where they are many."""
    from store.database import READER

    if not entries:
        return []
    if len(entries) > MOST_SUPPOSED or _largest_fluent(entries) > MOST_OF_A_FLUENT:
        return None
    with instance.database.connect(READER) as connection:
        try:
            return _supposed(instance, connection, entries)
        finally:
            connection.rollback()


def _supposed(
    instance: Instance, connection: psycopg.Connection[Any], entries: Sequence[Entry]
) -> list[Difference]:
    with connection.transaction(force_rollback=True):
        supposition = what_if.suppose(connection, instance.record, what_if.Exclusions(), entries)
        what_if.install(connection, supposition)
        new = Clocks().point(supposition.head, today())
        old = new._replace(position=supposition.base)
        return first_of(connection, MOST_DIFFERENCES, None, old, new, supposition.fresh)


def _largest_fluent(entries: Sequence[Entry]) -> int:
    """The number of facts that start or end the same, where it is largest."""
    counts = Counter(
        (effect.fluent, getattr(entry, effect.scope), getattr(entry, effect.subject))
        for entry in entries
        if isinstance(entry, Fact)
        for effect in entry.effects
    )
    return max(counts.values(), default=0)


def _is_askable(entry: Entry) -> bool:
    from domain.dates import MAX_DAY, MIN_DAY

    return (
        isinstance(entry, Fact)
        and bool(entry.effects)
        and entry.when.earliest >= MIN_DAY
        and entry.when.latest < MAX_DAY
    )


def _spread(items: Sequence[int], most: int) -> Iterator[int]:
    step = max(1, len(items) // most)
    return islice(iter(items[::step]), most)


def _told(refused: Refused) -> dict[str, Any]:
    where: dict[str, Any] = {key: refused.data[key] for key in _PLACES if key in refused.data}
    return {"code": refused.code, "message": refused.message, **where}
