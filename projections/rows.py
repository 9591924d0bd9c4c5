"""Rectangles to rows and back: what one batch of events opens and closes in the tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Generic, LiteralString, TypeVar

import msgspec
import psycopg
from psycopg.types.range import Range

from domain.codec import write
from domain.dates import AFTER_ALL, BEFORE_ALL, Days
from domain.dossier import Span
from domain.entities import Location
from domain.history import Stretches
from domain.intervals import Alternative, FactRef, Interval, Version
from domain.registry import EntityVersion, SourceVersion
from store.sql import queries

SQL = queries("projections", "projections.sql")

T = TypeVar("T")


def _bound(day: int) -> int | None:
    return None if day in (BEFORE_ALL, AFTER_ALL) else day


def span_range(span: Span) -> Range[int]:
    """Days from `first` up to but not including `until`."""
    return Range(_bound(span.first), _bound(span.until))


def _days_range(days: Days | None) -> Range[int]:
    if days is None:
        return Range(empty=True)
    return Range(_bound(days.earliest), None if days.latest == AFTER_ALL else days.latest + 1)


class Table(Generic[T]):
    """The rows of one table that a batch opens and closes. `cells` are the columns of an item up
    to `known` and `recorded`; `key` are the parameters that tell an open row, but for `known`."""

    def __init__(
        self, name: str, cells: Callable[[T], tuple[Any, ...]], key: Callable[[T], dict[str, Any]]
    ) -> None:
        self.name, self._close = name, SQL[f"close_{name}"]
        self.copy: LiteralString = SQL[f"copy_{name}"]
        self._cells, self._key = cells, key
        self._opened: dict[tuple[T, Span], int] = {}
        self._closed: list[tuple[T, Span, int]] = []
        self._passed: list[tuple[T, Span, int, int]] = []

    def change(self, before: Stretches[T], after: Stretches[T], position: int) -> None:
        """Note what an event changed: what is no more is closed, what is new is opened."""
        for item in before:
            if item not in after:
                if item in self._opened:
                    self._passed.append((*item, self._opened.pop(item), position))
                else:
                    self._closed.append((*item, position))
        for item in after:
            if item not in before:
                self._opened[item] = position

    def write(self, cursor: psycopg.Cursor[Any]) -> None:
        """Bring the table up to date."""
        if self._closed:
            cursor.executemany(
                self._close,
                [
                    {**self._key(item), "known": span_range(span), "position": position}
                    for item, span, position in self._closed
                ],
            )
        if self._opened or self._passed:
            with cursor.copy(self.copy) as copy:
                for row in self.rows():
                    copy.write_row(row)

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """What is opened, as the columns that `copy` names."""
        for item, span, opened, closed in self._passed:
            yield (*self._cells(item), span_range(span), Range(opened, closed))
        for (item, span), opened in self._opened.items():
            yield (*self._cells(item), span_range(span), Range(opened, None))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _source_cells(version: SourceVersion) -> tuple[Any, ...]:
    return version.source.id, _json(write(version.source)), version.withdrawn


def _location(location: Location | None) -> str | None:
    return None if location is None else _json(msgspec.to_builtins(location))


def _entity_cells(version: EntityVersion) -> tuple[Any, ...]:
    return (
        version.id,
        version.canonical,
        version.kind.value,
        _json(dict(version.names)),
        version.iso3166,
        version.wikidata,
        _location(version.location),
        span_range(version.valid),
    )


def _version_cells(version: Version) -> tuple[Any, ...]:
    fact = version.fact
    return (
        fact.id,
        type(fact).__name__,
        _json(write(fact)),
        fact.when.earliest,
        fact.when.latest,
        version.disputed,
        list(version.set_aside_by),
        list(version.subjects),
        list(version.sources),
    )


def _fact(ref: FactRef) -> dict[str, Any]:
    return {"id": ref.id, "type": ref.type, "when": ref.when}


def _side(days: Days | None, text: str) -> dict[str, Any] | None:
    if days is None:
        return None
    return {"edtf": text, "earliest": _bound(days.earliest), "latest": _bound(days.latest)}


def _alternative(alternative: Alternative) -> dict[str, Any]:
    return {
        "since": _side(alternative.since, alternative.text),
        "until": _side(alternative.until, alternative.text),
        "fact": _fact(alternative.fact),
        "sources": list(alternative.sources),
    }


def _interval_cells(interval: Interval) -> tuple[Any, ...]:
    return (
        *interval.key,
        interval.ordinal,
        _days_range(interval.possible),
        _days_range(interval.certain),
        _bound(interval.start_earliest),
        _bound(interval.start_latest),
        _bound(interval.end_earliest),
        _bound(interval.end_latest),
        interval.since,
        interval.until,
        interval.ended,
        interval.contested,
        interval.disputed,
        _json([_fact(ref) for ref in interval.facts]),
        _json([_alternative(alternative) for alternative in interval.alternatives]),
        list(interval.sources),
    )


def source_table() -> Table[SourceVersion]:
    return Table("sources", _source_cells, lambda version: {"id": version.source.id})


def entity_table() -> Table[EntityVersion]:
    return Table(
        "entities",
        _entity_cells,
        lambda version: {"id": version.id, "valid": span_range(version.valid)},
    )


def version_table() -> Table[Version]:
    return Table("versions", _version_cells, lambda version: {"fact": version.fact.id})


def interval_table() -> Table[Interval]:
    return Table(
        "intervals",
        _interval_cells,
        lambda interval: {**interval.key._asdict(), "ordinal": interval.ordinal},
    )
