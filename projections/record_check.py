"""Warnings of the whole record, and those that some entries bring.

PostgreSQL finds the few facts that a warning may be about. Of those alone the log is read, some at
a time, and the domain decides: memory and time go by how much may be wrong, not by the record.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import islice
from typing import Any, Final, NamedTuple

import psycopg
from psycopg import sql

from domain.catalogue import entity_versions
from domain.corrections import EntityCorrected, EntityRenamed
from domain.dates import AFTER_ALL, BEFORE_ALL
from domain.definitions import Definition
from domain.dossier import Dossier
from domain.entities import EntityRegistered
from domain.facts import EXISTENCE, Fact, subjects_of
from domain.lookalike import skeletons, skeletons_of
from domain.record import Record
from domain.sources import Entry
from domain.tags import fluent_tag
from domain.vocabulary import CORE, Vocabulary
from domain.warnings import RecordWarning, WarningCode, WarningReader, lookalike
from projections.follower import LOG, decoded, progress_of, read_tagged
from projections.record_vocabulary import read_vocabulary
from projections.related_events import GatheredEvents, Tagged, gather_tagged
from projections.view_rows import SQL as ROWS
from projections.what_if import ProjectedLog, supposed_events
from store.arrays import Int4s, Texts
from store.sql import queries

SQL = queries("projections", "record_check.sql")

CANDIDATES: Final = {
    WarningCode.END_BEFORE_START: "ends",
    WarningCode.END_WITHOUT_START: "ends",
    WarningCode.STARTS_WITHOUT_END: "starts",
    WarningCode.SWALLOWED_START: "swallowed",
    WarningCode.BEYOND_EXISTENCE: "beyond",
    WarningCode.OF_ITSELF: "itself",
    WarningCode.IN_THE_FUTURE: "future",
    WarningCode.KIND: "kinds",
    WarningCode.SINGLE: "single",
}
"""The query that finds the facts that a warning may be about."""
CHUNK: Final = 500
"""Facts whose part of the log is in memory at a time."""
LOOKED_AT: Final = 10
"""Candidates that are looked at for each warning that is wanted, where not all are."""

Connection = psycopg.Connection[Any]


def record_warnings(
    connection: Connection, since: int = 0, most: int | None = None
) -> Iterator[RecordWarning]:
    """The warnings, by code and then by their first event, of what was changed after a position.

    Where `most` is given, up to so many of each code, of those that the first candidates are: it
    takes no longer for a large record.
    """
    for code in WarningCode:
        chunk, limit = (CHUNK, None) if most is None else (most, LOOKED_AT * most)
        found = warnings_of(connection, code, since=since, chunk=chunk, limit=limit)
        yield from islice(found, most)


def warnings_of(
    connection: Connection,
    code: WarningCode,
    after: str = "",
    since: int = 0,
    chunk: int = CHUNK,
    limit: int | None = None,
) -> Iterator[RecordWarning]:
    """The warnings of a code, in the order of their first events, which come after an id. So many
    candidates are read at first; then more at a time, up to CHUNK, and no more than the limit."""
    with connection.transaction():
        connection.execute(SQL["one_state"])
        if code is WarningCode.LOOKALIKE:
            yield from _lookalikes(connection, after, since)
            return
        upto = progress_of(connection).position
        vocabulary, given = CORE, {}
        if code in (WarningCode.KIND, WarningCode.SINGLE):
            vocabulary = read_vocabulary(connection)
            given = _expectations(vocabulary)
        found = sql.SQL(SQL[CANDIDATES[code]])
        query = sql.SQL(SQL["candidates"]).format(found=found)
        with connection.cursor("candidates") as cursor, connection.cursor() as reading:
            connection.execute(ROWS["read_all"])
            cursor.execute(query, {"after": after, "since": since, "limit": limit, **given})
            connection.execute(ROWS["look_up"])
            while rows := cursor.fetchmany(chunk):
                chunk = min(2 * chunk, CHUNK)  # of many candidates few may be a slip
                facts = [fact for (fact,) in rows]
                reader = _reader(reading, facts, upto, vocabulary)
                found_here = [each for each in reader.warnings(facts) if each.code is code]
                found_here.sort(key=lambda each: each.events)
                yield from _changed(reading, found_here, since) if since else found_here


def _changed(
    cursor: psycopg.Cursor[Any], warnings: list[RecordWarning], since: int
) -> list[RecordWarning]:
    facts = Texts({event for each in warnings for event in each.events})
    rows = cursor.execute(SQL["changed_since"], {"facts": facts, "since": since})
    changed = {fact for (fact,) in rows}
    return [each for each in warnings if not changed.isdisjoint(each.events)]


def _expectations(vocabulary: Vocabulary) -> dict[str, Any]:
    """What a vocabulary expects of kinds and of subjects, as the queries take it."""
    expected = [
        (name, key, ",".join(kinds))
        for name in vocabulary.fact_types
        for key, kinds in vocabulary.expected_kinds(name)
    ]
    types, keys, kinds = zip(*expected, strict=True) if expected else ((), (), ())
    single = Texts(each.name for each in vocabulary.fluents.values() if each.single)
    return {"types": Texts(types), "keys": Texts(keys), "kinds": Texts(kinds), "single": single}


def _reader(
    cursor: psycopg.Cursor[Any], facts: Sequence[str], upto: int, vocabulary: Vocabulary
) -> WarningReader:
    """What reads the warnings about some facts."""
    dossier = Dossier()
    for event in _gathered(cursor, {f"fact:{fact}" for fact in facts}, (), upto, vocabulary):
        dossier.take(event)
    return WarningReader(dossier, vocabulary, _kinds(cursor, dossier, vocabulary))


def _kinds(cursor: psycopg.Cursor[Any], dossier: Dossier, vocabulary: Vocabulary) -> dict[str, str]:
    """The kinds of what facts name of which kinds are expected."""
    files = (file.first.entry for file in dossier.facts.values())
    named = {
        name
        for fact in files
        if isinstance(fact, Fact) and any(vocabulary.expected_kinds(type(fact).__name__))
        for name in subjects_of(fact)
    }
    if not named:
        return {}
    return dict(cursor.execute(SQL["kinds_of"], {"ids": Texts(named)}).fetchall())


def _gathered(
    cursor: psycopg.Cursor[Any],
    tags: set[str],
    fresh: Sequence[Tagged],
    upto: int,
    vocabulary: Vocabulary,
) -> Iterator[Any]:
    """The events up to a position, in order, that bear on tags and fresh events: what bears on
    their fluents, on the existence of the two sides of each, and on the other subjects of a scope
    where one is expected."""

    def read(some: set[str]) -> list[Tagged]:
        return read_tagged(cursor, some, upto)

    known = GatheredEvents()
    events, seen = gather_tagged(tags, read, fresh, known)
    fluents = [tag.removeprefix("fluent:").split("/") for tag in seen if tag.startswith("fluent:")]
    single = {each.name for each in vocabulary.fluents.values() if each.single}
    alone = [(name, scope) for name, scope, _ in fluents if name in single]
    if alone:
        names, scopes = zip(*alone, strict=True)
        rows = cursor.execute(
            SQL["subjects_of"], {"fluents": Texts(names), "scopes": Texts(scopes)}
        ).fetchall()
        others = [list(row) for row in rows]
        events += gather_tagged({fluent_tag(*each) for each in others}, read, fresh, known)[0]
        fluents += others
    sides = {side for _, *both in fluents for side in both}
    lives = {fluent_tag(EXISTENCE.name, side, side) for side in sides}
    events += gather_tagged(lives, read, fresh, known)[0]
    return iter(sorted(events, key=lambda event: event.position))


def _lookalikes(connection: Connection, after: str, since: int) -> Iterator[RecordWarning]:
    with connection.cursor("lookalikes") as cursor:
        cursor.execute(SQL["lookalikes"], {"after": after, "since": since})
        for later, its_names, first, other_names in cursor:
            yield _alike(later, its_names, first, other_names)


def _alike(
    entity: str, names: dict[str, str], other: str, others_names: dict[str, str]
) -> RecordWarning:
    """The warning of two entities that look alike, by the names that do."""
    like = (
        (name, others_name)
        for name in names.values()
        for others_name in others_names.values()
        if skeletons(name) & skeletons(others_name)
    )
    name, others_name = next(like)
    return lookalike(entity, name, other, others_name)


# What some entries bring


def warnings_of_new(
    connection: Connection, record: Record, entries: Sequence[Entry]
) -> list[RecordWarning]:
    """The warnings that entries would bring if they were recorded now, after what is projected.
    Refused as recording them would be."""
    with connection.transaction(), connection.cursor() as cursor:
        connection.execute(SQL["one_state"])
        base = progress_of(connection).position
        plan = record.plan(entries, ProjectedLog(cursor, base))
        return _brought(cursor, supposed_events(record, plan, base), base)


def warnings_of_recorded(
    connection: Connection, position: int, recorded: int
) -> list[RecordWarning]:
    """The warnings that the last events up to a position brought, which are projected."""
    base = position - recorded
    with connection.transaction(), connection.cursor() as cursor:
        rows = cursor.execute(
            LOG["events_after"], {"after": base, "limit": recorded}, binary=True
        ).fetchall()
        return _brought(cursor, list(decoded(rows)), base)


def _brought(
    cursor: psycopg.Cursor[Any], fresh: Sequence[Tagged], base: int
) -> list[RecordWarning]:
    if not fresh:
        return []
    dossier = Dossier()
    vocabulary = read_vocabulary(cursor.connection).with_all(
        each.event.entry for each in fresh if isinstance(each.event.entry, Definition)
    )
    for event in _gathered(cursor, set(), fresh, base, vocabulary):
        dossier.take(event)
    dossier.forget_touched()
    for tagged in fresh:
        dossier.take(tagged.event)
    kinds = _kinds(cursor, dossier, vocabulary)
    for tagged in fresh:
        entry = tagged.event.entry
        if isinstance(entry, EntityRegistered | EntityCorrected):
            name = entry.id if isinstance(entry, EntityRegistered) else entry.entity
            kinds[name] = entity_versions(dossier, name)[-1].item.kind
    found = WarningReader(dossier, vocabulary, kinds).warnings(dossier.facts)
    brought = [each for each in found if not dossier.touched_facts.isdisjoint(each.events)]
    return brought + _looking_like(cursor, dossier, [each.event.entry for each in fresh])


def _looking_like(
    cursor: psycopg.Cursor[Any], dossier: Dossier, entries: Sequence[Entry]
) -> list[RecordWarning]:
    """The entities that are registered or named anew and look like another one."""
    ids = {
        entry.id if isinstance(entry, EntityRegistered) else entry.entity
        for entry in entries
        if isinstance(entry, EntityRegistered | EntityCorrected | EntityRenamed)
    }
    first: dict[tuple[str, str], tuple[str, dict[str, str]]] = {}
    found: dict[str, RecordWarning] = {}
    asked: list[tuple[int, str, str]] = []
    listed: list[tuple[str, dict[str, str]]] = []
    for id_ in sorted(ids, key=lambda each: dossier.entities[each].first.position):
        version = next(
            each.item
            for each in reversed(entity_versions(dossier, id_))
            if each.until == AFTER_ALL and each.item.valid.until == AFTER_ALL
        )
        if version.canonical != id_:
            continue
        names = dict(version.names)
        for skeleton in skeletons_of(names.values()):
            other = first.setdefault((version.kind, skeleton), (id_, names))
            if other[0] != id_:
                found[id_] = _alike(id_, names, *other)
            asked.append((len(listed), version.kind, skeleton))
        listed.append((id_, names))
    if asked:
        numbers, kinds, skeletons = zip(*asked, strict=True)
        given = {"numbers": Int4s(numbers), "kinds": Texts(kinds), "skeletons": Texts(skeletons)}
        rows = cursor.execute(SQL["looking_like"], {**given, "ids": Texts(ids)})
        for number, other_id, other_names, position in rows:
            id_, names = listed[number]
            if dossier.entities[id_].first.position > position:
                found[id_] = _alike(id_, names, other_id, other_names)
            else:
                found[id_] = _alike(other_id, other_names, id_, names)
    return list(found.values())


class Weakness(StrEnum):
    """Why a row is worth a look, though nothing is wrong with it."""

    CONTESTED = "contested"
    SINGLE_SOURCE = "single_source"
    UNATTESTED = "unattested"


class RowPlace(NamedTuple):
    """A row's place in the order of weak rows; `day` is the last one on which it is attested."""

    day: int = BEFORE_ALL
    scope: str = ""
    subject: str = ""
    fluent: str = ""
    ordinal: int = 0


class WeakRow(NamedTuple):
    """An episode that is worth a look: its place, its facts as rows have them (id, type, when), and
    those that contradict the others."""

    place: RowPlace
    facts: list[dict[str, str]]
    contradicting: list[str]


def weak_rows(
    connection: Connection, weakness: Weakness, after: RowPlace, before: int, most: int
) -> list[WeakRow]:
    """The first rows after a place, by everything known and recorded; `before` is the day since
    which what is UNATTESTED has not been."""
    query = sql.SQL(SQL["rows"]).format(found=sql.SQL(SQL[weakness]))
    given = {**after._asdict(), "before": before, "limit": most}
    return [
        WeakRow(
            RowPlace(day, scope, subject, fluent, ordinal),
            facts,
            [each["fact"]["id"] for each in alternatives if not each["setAside"]],
        )
        for fluent, scope, subject, ordinal, facts, alternatives, day in connection.execute(
            query, given
        )
    ]


def first_warnings(
    connection: Connection, code: WarningCode, after: str, most: int
) -> list[RecordWarning]:
    """The first warnings of a code whose first events come after an id."""
    return list(islice(warnings_of(connection, code, after, chunk=most), most))
