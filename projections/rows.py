"""Rectangles to rows and back: what one batch of events opens and closes in the tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any, Final, Generic, LiteralString, TypeVar

import msgspec
import psycopg

from domain.canonical import text_of_date
from domain.catalogue import EntityVersion, SourceVersion
from domain.dates import AFTER_ALL, BEFORE_ALL, Days
from domain.intervals import ANNOUNCEMENT, Interval
from domain.lookalike import skeletons_of
from domain.name_match import LONG, consonants_of, forms_of, identifier_key, name_keys
from domain.spans import DaySpan
from domain.stretches import Stretch, Stretches
from domain.versions import Alternative, FactRef, Version
from store.arrays import Int8s, Texts
from store.sql import queries

SQL = queries("projections", "projections.sql")

T = TypeVar("T")


def _bound(day: int, unbounded: str) -> str:
    return unbounded if day == BEFORE_ALL or day == AFTER_ALL else str(day)  # noqa: SIM109


def _span(span: DaySpan) -> str:
    return _range(*span)


def _range(first: int, until: int) -> str:
    """Days from `first` up to but not including `until`, as PostgreSQL writes a range."""
    if first >= until:
        return "empty"
    if until == AFTER_ALL:
        return "(,)" if first == BEFORE_ALL else f"[{first},)"
    return f"(,{until})" if first == BEFORE_ALL else f"[{first},{until})"


def _days(first: int, last: int) -> str:
    """Days from the first to the last, both included, as PostgreSQL writes a range."""
    return _range(first, last if last == AFTER_ALL else last + 1)


class Table(Generic[T]):
    """The rows of one table that a batch opens and closes.

    `cells` are the columns of an item up to `known` and `recorded`, as COPY takes them; `name`
    are those, as text, that tell the rows apart that are open at the same time, but for `known`.
    """

    def __init__(
        self, table: str, cells: Callable[[T], str], name: Callable[[T], tuple[Hashable, ...]]
    ) -> None:
        self.table = table
        self.copy: LiteralString = SQL[f"copy_{table}"]
        self._close = SQL[f"close_{table}"]
        self._cells, self._name = cells, name
        self._opened: dict[Stretch[T], int] = {}
        self._closed: list[tuple[Hashable, ...]] = []
        self._passed: list[str] = []

    def change(self, before: Stretches[T], after: Stretches[T], position: int) -> None:
        """Note what an event changed: what is no more is closed, what is new is opened.

        What stays is the same object in both.
        """
        opened = self._opened
        if before:
            still = set(after)
            for each in before:
                if each not in still:
                    self._shut(each, position)
            there = set(before)
            for each in after:
                if each not in there:
                    opened[each] = position
        else:
            for each in after:
                opened[each] = position

    def _shut(self, each: Stretch[T], position: int) -> None:
        known = _range(each.first, each.until)
        opened = self._opened.pop(each, None)
        if opened is None:
            self._closed.append((*self._name(each.item), known, position))
        else:
            self._passed.append(f"{self._cells(each.item)}\t{known}\t[{opened},{position})\n")

    def write(self, cursor: psycopg.Cursor[Any]) -> None:
        """Bring the table up to date."""
        if self._closed:
            cursor.execute(
                self._close,
                [
                    Texts(column) if isinstance(column[0], str) else Int8s(column)
                    for column in zip(*self._closed, strict=True)
                ],
            )
        if block := self.block():
            with cursor.copy(self.copy) as copy:
                copy.write(block)

    def block(self) -> str:
        """What is opened, as the text that `copy` takes."""
        cells = self._cells
        opened = [
            f"{cells(each.item)}\t{_range(each.first, each.until)}\t[{position},)\n"
            for each, position in self._opened.items()
        ]
        return "".join(self._passed) + "".join(opened)

    def clear(self) -> None:
        """Forget what was opened and closed: it is written."""
        self._opened.clear()
        self._closed.clear()
        self._passed.clear()


# Text as COPY takes it: ids need no care, since they have only ASCII letters, digits and . _ : -


def line(*cells: str | int | None) -> str:
    """One row."""
    return "\t".join(_NULL if cell is None else _text(str(cell)) for cell in cells) + "\n"


def _text(text: str) -> str:
    if not text.isalnum() and _SPECIAL.search(text):
        return _SPECIAL.sub(lambda match: _ESCAPED[match[0]], text)
    return text


_ESCAPED = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_SPECIAL = re.compile(r"[\\\t\n\r]")


_NULL: Final = "\\N"


def _or_null(value: str | int | None) -> str | int:
    return _NULL if value is None else value


def _ids(ids: tuple[str, ...]) -> str:
    """An array of ids, or of other texts of letters and digits."""
    return '{"' + '","'.join(ids) + '"}' if ids else "{}"


def _json(value: Any) -> str:
    """JSON has no tab and no newline of its own, but backslashes."""
    return msgspec.json.encode(value, enc_hook=text_of_date).decode().replace("\\", "\\\\")


def _source_cells(version: SourceVersion) -> str:
    source = version.source
    seen = source.observed_through
    observed = _NULL if seen is None else _bound(seen.latest, _NULL)
    return f"{source.id}\t{_json(source)}\t{observed}\t{_bool(version.withdrawn)}"


def _bool(value: bool) -> str:
    return "t" if value else "f"


def _entity_cells(version: EntityVersion) -> str:
    location = None if version.location is None else _json(version.location)
    return (
        f"{version.id}\t{version.canonical}\t{version.kind}\t{_json(dict(version.names))}\t"
        f"{_json(dict(version.aliases))}\t{_json(dict(version.identifiers))}\t"
        f"{_or_null(version.iso3166)}\t{_or_null(version.wikidata)}\t{_or_null(location)}\t"
        f"{_ids(skeletons_of(name for _, name in version.names))}\t"
        f"{_match_cells(version)}\t{_span(version.valid)}"
    )


def _match_cells(version: EntityVersion) -> str:
    """Keys of names and identifiers, and how the longer names sound, a line each."""
    names = [name for _, name in version.names]
    names += [alias for _, aliases in version.aliases for alias in aliases]
    keys = {key for name in names for key in name_keys(name)}
    identifiers = [*version.identifiers, ("iso3166", version.iso3166)]
    identifiers.append(("wikidata", version.wikidata))
    keys.update(identifier_key(scheme, value) for scheme, value in identifiers if value)
    letters = [forms_of(name).letters for name in names]
    sounds = [consonants_of(each) for each in letters if len(each) >= LONG]
    return f"{{{','.join(map(str, sorted(keys)))}}}\t" + ("\\n".join(sounds) or _NULL)


def _version_cells(version: Version) -> str:
    fact = version.fact
    when = fact.when
    return (
        f"{fact.id}\t{type(fact).__name__}\t{_json(fact)}\t{when.earliest}\t{when.latest}\t"
        f"{_bool(version.disputed)}\t{_ids(version.set_aside_by)}\t{_ids(version.subjects)}\t"
        f"{_ids(version.sources)}"
    )


def _fact(ref: FactRef) -> str:
    if ref.written is None:
        ref.written = f'{{"id":"{ref.id}","type":"{ref.type}","when":"{ref.when}"}}'
    return ref.written


def _side(days: Days | None, text: str) -> str:
    if days is None:
        return "null"
    earliest, latest = days
    first, last = _bound(earliest, "null"), _bound(latest, "null")
    return f'{{"edtf":"{text}","earliest":{first},"latest":{last}}}'


def _alternative(alternative: Alternative) -> str:
    if alternative.written is None:
        sources = '"' + '","'.join(alternative.sources) + '"' if alternative.sources else ""
        alternative.written = (
            f'{{"since":{_side(alternative.since, alternative.text)},'
            f'"until":{_side(alternative.until, alternative.text)},'
            f'"fact":{_fact(alternative.fact)},'
            f'"setAside":{"true" if alternative.set_aside else "false"},'
            f'"sources":[{sources}]}}'
        )
    return alternative.written


def _alternatives(alternatives: Sequence[Alternative]) -> str:
    if not alternatives:  # of nearly all
        return "[]"
    return f"[{','.join([_alternative(each) for each in alternatives])}]"


def _interval_cells(interval: Interval) -> str:
    fluent, scope, subject = interval.key
    first, last = interval.start_earliest, interval.end_latest
    start_latest, end_earliest = interval.start_latest, interval.end_earliest
    certain = "empty" if interval.ordinal == ANNOUNCEMENT else _range(start_latest, end_earliest)
    return (
        f"{fluent}\t{scope}\t{subject}\t{interval.ordinal}\t{_days(first, last)}\t{certain}\t"
        f"{_bound(first, _NULL)}\t{_bound(start_latest, _NULL)}\t"
        f"{_bound(end_earliest, _NULL)}\t{_bound(last, _NULL)}\t"
        f"{_or_null(interval.since)}\t{_or_null(interval.until)}\t"
        f"{_bool(interval.ended)}\t{_bool(interval.contested)}\t{_bool(interval.disputed)}\t"
        f"[{','.join([_fact(ref) for ref in interval.facts])}]\t"
        f"{_alternatives(interval.alternatives)}\t{_alternatives(interval.announced_ends)}\t"
        f"{_or_null(interval.attested)}\t"
        f"{_ids(interval.sources)}"
    )


class Tables:
    """All tables that rows are opened and closed in."""

    def __init__(self) -> None:
        self.sources = Table[SourceVersion](
            "sources", _source_cells, lambda version: (version.source.id,)
        )
        self.entities = Table[EntityVersion](
            "entities", _entity_cells, lambda version: (version.id, _span(version.valid))
        )
        self.versions = Table[Version](
            "versions", _version_cells, lambda version: (version.fact.id,)
        )
        self.intervals = Table[Interval](
            "intervals", _interval_cells, lambda interval: (*interval.key, interval.ordinal)
        )

    def __iter__(self) -> Iterator[Table[Any]]:
        return iter((self.sources, self.entities, self.versions, self.intervals))

    def clear(self) -> None:
        """Forget what was opened and closed in them."""
        for table in self:
            table.clear()
