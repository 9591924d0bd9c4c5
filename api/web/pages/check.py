"""/check: what is likely a slip, contested, or weakly attested, each with the form that mends it.

It speaks of the head of the log by all that is known. A section is read in PostgreSQL, a page of it
at a time, as a costly question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import PageAddress
from api.clocks import last_day
from api.export.node_dates import Row
from api.export.nodes import Nodes
from api.web.editing import labels
from api.web.page_queries import read, words_of
from api.web.render import show, takes
from domain.dates import iso_of, today
from domain.errors import Refused
from domain.point import Clocks
from domain.vocabulary import question_value
from domain.warnings import RecordWarning, WarningCode
from projections import view_rows
from projections.follower import progress_of
from projections.holdings import LONG
from projections.record_check import RowPlace, Weakness, WeakRow, first_warnings, weak_rows
from projections.record_vocabulary import read_vocabulary

ROWS: Final = 50
FEW: Final = 5
"""Rows of a section where all are shown."""

SECTIONS: Final[dict[str, WarningCode | Weakness]] = {
    each.lower().replace("_", "-"): each
    for each in (Weakness.CONTESTED, *WarningCode, Weakness.SINGLE_SOURCE, Weakness.UNATTESTED)
}
"""By what addresses call them."""
MENDING: Final[dict[WarningCode | Weakness, tuple[str, ...]]] = {
    Weakness.CONTESTED: ("prefer", "correct"),
    WarningCode.STARTS_WITHOUT_END: ("prefer", "correct"),
    WarningCode.LOOKALIKE: (),
    Weakness.SINGLE_SOURCE: ("corroborate",),
    Weakness.UNATTESTED: ("attest",),
}
"""The acts on its first fact that mend a row; of others, to correct it."""
_WARNING: Final = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_ROW: Final = re.compile(
    r"(-?[0-9]{1,10})/([A-Za-z0-9._:-]{1,128})/([A-Za-z0-9._:-]{1,128})/([a-z][A-Za-z0-9]{0,62})"
    r"/([0-9]{1,4})"
)


class CheckRow(NamedTuple):
    """What is worth a look: of whom, the facts that make it, and the forms that mend it.

    `question` is what the fluent's row answers, None where several entities are named instead;
    `day` the last one on which a source attests it.
    """

    question: str | None
    entities: list[Row]
    facts: list[dict[str, Any]]
    mending: list[tuple[str, str, dict[str, str]]]
    """The label of an act, the path of its form, and the form's parameters."""
    day: int | None


class CheckSection(NamedTuple):
    """A kind of likely slip, or weakness, with a page of its rows, and where the next page is."""

    name: str
    about: WarningCode | Weakness
    rows: list[CheckRow]
    next: str | None


@takes("show", "after", "before")
async def check(request: Request, state: PageAddress) -> Response:
    """GET /check; `show` is a section, all if left out, `before` since when nothing attests."""
    given = request.query_params
    name, after = given.get("show") or None, given.get("after") or None
    if name is not None and name not in SECTIONS:
        known = ", ".join(SECTIONS)
        raise Refused("BAD_VALUE", f"There is no section {name[:40]!a}: {known}.", field="show")
    asked = given.get("before", "").strip()
    before = last_day(asked, "before") if asked else today() - LONG
    sections = await read(
        request,
        partial(_sections, lang=state.lang, name=name, after=after, before=before),
    )
    return await show(
        request,
        state,
        "check.html",
        chosen=name,
        names=SECTIONS,
        sections=sections,
        is_first=after is None,
        before=iso_of(before),
        kept={"show": name, "before": asked or None},
        act_label=labels.named(state.lang, words_of(request))["act_label"],
    )


def _sections(
    connection: view_rows.Connection, *, lang: str, name: str | None, after: str | None, before: int
) -> list[CheckSection]:
    reader = _Reader(connection, lang, before)
    if name is not None:
        return [reader.section(name, after, ROWS)]
    return [reader.section(each, None, FEW) for each in SECTIONS]


class _Reader:
    """Reads sections by a connection, with names in a language."""

    def __init__(self, connection: view_rows.Connection, lang: str, before: int) -> None:
        self._connection = connection
        self._point = Clocks().point(progress_of(connection).position, today())
        self._words = read_vocabulary(connection)
        self._nodes = Nodes(connection, self._point, lang, self._words)
        self._before = before

    def section(self, name: str, after: str | None, most: int) -> CheckSection:
        """A page of a section. Refused(BAD_CURSOR)."""
        about = SECTIONS[name]
        if isinstance(about, WarningCode):
            place = "" if after is None else _read_place(_WARNING, after)[0]
            warnings = first_warnings(self._connection, about, place, most + 1)
            rows = list(self._of_warnings(about, warnings[:most]))
            has_more, last = len(warnings) > most, warnings[:most][-1:]
            return CheckSection(name, about, rows, last[0].events[0] if has_more else None)
        at = RowPlace() if after is None else _row_place(_read_place(_ROW, after))
        weak = weak_rows(self._connection, about, at, self._before, most + 1)
        found = [self._of_row(about, each) for each in weak[:most]]
        end = "/".join(map(str, weak[most - 1].place)) if len(weak) > most else None
        return CheckSection(name, about, found, end)

    def _of_warnings(
        self, about: WarningCode, warnings: Sequence[RecordWarning]
    ) -> Iterator[CheckRow]:
        if about is WarningCode.LOOKALIKE:
            found = self._nodes.entities(event for each in warnings for event in each.events)
            for each in warnings:
                yield CheckRow(None, [found[event] for event in each.events], [], [], None)
            return
        ids = {event for each in warnings for event in each.events}
        facts = view_rows.facts_by_id(self._connection, self._point, sorted(ids))
        names = self._nodes.entities(id_ for row in facts.values() for id_ in row["subjects"])
        for each in warnings:
            told = [facts[event] for event in each.events if event in facts]
            subjects = dict.fromkeys(told[0]["subjects"] if told else ())
            yield CheckRow(
                None,
                [names[id_] for id_ in subjects if id_ in names],
                [
                    {"id": row["id"], "type": row["type"], "when": row["version"]["when"]}
                    for row in told
                ],
                self._mending(about, each.events[0], told[0] if told else None),
                None,
            )

    def _of_row(self, about: Weakness, row: WeakRow) -> CheckRow:
        _, scope, subject, fluent, _ = row.place
        found = self._nodes.entities((scope, subject))
        first = (row.contradicting or [each["id"] for each in row.facts])[0]
        return CheckRow(
            question_value(self._words.fluents[fluent].question),
            [found[id_] for id_ in dict.fromkeys((scope, subject)) if id_ in found],
            row.facts,
            self._mending(about, first, None),
            row.place.day if about is Weakness.UNATTESTED else None,
        )

    def _mending(
        self, about: WarningCode | Weakness, fact: str, row: Row | None
    ) -> list[tuple[str, str, dict[str, str]]]:
        found: list[tuple[str, str, dict[str, str]]] = [
            (act, f"/edit/{act}/{fact}", {}) for act in MENDING.get(about, ("correct",))
        ]
        if about is WarningCode.END_WITHOUT_START and row is not None:
            types = self._words.fact_types
            effects = types[row["type"]].entry.effects
            ended = next(effect for effect in effects if not effect.is_start)
            start = ended._replace(is_start=True)
            kind = next(name for name, each in types.items() if start in each.entry.effects)
            given = {"type": kind, "about": row["version"][ended.scope]}
            found.insert(0, ("record", "/edit/record", given))
        return found


def _read_place(form: re.Pattern[str], after: str) -> tuple[str, ...]:
    found = form.fullmatch(after)
    if found is None:
        raise Refused(
            "BAD_CURSOR",
            "The place is not one of ours: follow the link to the next page, or leave it out.",
            field="after",
        )
    return found.groups() or (after,)


def _row_place(parts: tuple[str, ...]) -> RowPlace:
    day, scope, subject, fluent, ordinal = parts
    if abs(int(day)) >= 2**31:
        raise Refused("BAD_CURSOR", "There is no such day.", field="after")
    return RowPlace(int(day), scope, subject, fluent, int(ordinal))
