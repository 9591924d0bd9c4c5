"""Why a row of an answer is as it is: the least of the log that yields it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import psycopg

from domain.checks import check
from domain.codec import Event
from domain.corrections import Correction, EntitiesMerged, EntitiesSplit
from domain.dates import AFTER_ALL, BEFORE_ALL, iso_of
from domain.dossier import Dossier
from domain.entities import EntityRegistered
from domain.errors import Refused
from domain.facts import Fact, Modality, subjects_of
from domain.history import History
from domain.intervals import Interval, Key
from domain.life import Lives
from domain.sources import SourceRegistered
from domain.speaking import Standing, speaking
from domain.tags import fluent_tag
from projections.asof import Point
from projections.follow import read_tagged
from projections.gather import Tagged, gather_tagged

Row = tuple[Standing, Interval]


class Explained(NamedTuple):
    """A row's standing (None if it does not hold), the rule that makes it so, and what it needs."""

    standing: Standing | None
    rule: str
    events: tuple[tuple[Event, str], ...]


def explain(connection: psycopg.Connection[Any], key: Key, point: Point) -> Explained:
    """The minimal events, each with its role, that yield a fluent's row at a point.

    Minimal for the standing and the days of since and until, of an announcement for the standing:
    replaying only these gives the same, and without any one of them it differs or they can't be
    replayed. `key` has canonical ids.
    """
    bearing = events_bearing(connection, [key], point.r)
    row = row_of(bearing, key, point)
    if row is None:
        return Explained(None, "Nothing that counts starts it by then, or it has ended.", ())
    wanted = essence(row)

    def yields_it(events: Sequence[Event]) -> bool:
        found = row_of(events, key, point)
        return found is not None and essence(found) == wanted

    least = minimal(bearing, yields_it)
    return Explained(row[0], rule_of(*row), tuple((event, role_of(event)) for event in least))


def events_bearing(
    connection: psycopg.Connection[Any],
    keys: Sequence[Key],
    upto: int,
    tags: Iterable[str] = (),
    described: tuple[type, ...] = (EntityRegistered,),
) -> list[Event]:
    """All events up to a position that bear on some fluents, and on other tags.

    Of the entities that these name, the events of the types `described` too.
    """
    found: dict[int, Event] = {}
    with connection.cursor() as cursor:

        def read(tags: set[str]) -> list[Tagged]:
            tagged = read_tagged(cursor, tags, upto)
            found.update((each.event.position, each.event) for each in tagged)
            return tagged

        gather_tagged([*(fluent_tag(*key) for key in keys), *tags], read)
        entities = {
            f"entity:{subject}"
            for event in found.values()
            if isinstance(event.entry, Fact)
            for subject in subjects_of(event.entry)
        }
        changed = {
            f"entity:{value}"
            for event in found.values()
            for value in getattr(event.entry, "changes", {}).values()
            if isinstance(value, str)
        }
        sides = {f"entity:{side}" for key in keys for side in (key.scope, key.subject)}
        for event, _ in read_tagged(cursor, entities | changed | sides, upto):
            if isinstance(event.entry, described):
                found[event.position] = event
    return [found[position] for position in sorted(found)]


def row_of(events: Sequence[Event], key: Key, point: Point) -> Row | None:
    """A fluent's row at a point, of a log of these events; None if the record refused them."""
    dossier = Dossier()
    lives = Lives(dossier)
    for event in events:
        try:
            check(event.entry, lives)
        except Refused:
            return None
        dossier.take(event)
    history = History(dossier)
    history.settle()
    stretches = history.intervals.get(key, [])
    here = [each.item for each in stretches if each.first <= point.k < each.until]
    return speaking(here, point.first, point.last)


def essence(row: Row) -> tuple[object, ...]:
    """What an explanation must yield again."""
    standing, interval = row
    if standing is Standing.ANNOUNCED:
        return (standing,)
    bounds = interval.start_earliest, interval.start_latest
    return (standing, *bounds, interval.ended, interval.end_earliest, interval.end_latest)


def minimal(events: Sequence[Event], yields_it: Callable[[Sequence[Event]], bool]) -> list[Event]:
    """Some of the events that still yield it, none of which can be left out alone.

    Large pieces are left out first, so that of a long history little is tried one by one.
    """
    kept = list(events)
    size = max(len(kept) // 2, 1)
    while True:
        shrunk = False
        for start in range(len(kept) - size, -size, -size):
            rest = kept[: max(start, 0)] + kept[max(start + size, 0) :]
            if yields_it(rest):
                kept, shrunk = rest, True
        if size > 1:
            size //= 2
        elif not shrunk:
            return kept


def role_of(event: Event) -> str:
    """What an event does for a row."""
    match event.entry:
        case SourceRegistered():
            return "source"
        case EntityRegistered():
            return "entity"
        case Fact(modality=Modality.ANNOUNCED):
            return "announcement"
        case Fact() as fact:
            if fact.effect is not None and fact.effect.is_start:
                return "episode" if fact.when.is_interval else "start"
            return "end"
        case EntitiesMerged() | EntitiesSplit():
            return "identity"
        case Correction() as correction:
            return ROLES.get(type(correction).__name__, "correction")
        case _:
            return "correction"


ROLES = {
    "FactCorroborated": "corroboration",
    "FactDisputed": "dispute",
    "DisputeWithdrawn": "dispute",
    "FactRetracted": "retraction",
    "FactReinstated": "retraction",
    "FactPreferred": "preference",
    "PreferenceWithdrawn": "preference",
    "SourceWithdrawn": "withdrawal",
}


def rule_of(standing: Standing, interval: Interval) -> str:
    """The rule of DESIGN §4 that gives a standing, with its days."""
    start, sure = _day(interval.start_earliest), _day(interval.start_latest)
    ending, ended = _day(interval.end_earliest), _day(interval.end_latest)
    match standing:
        case Standing.CERTAIN:
            return f"Certain from {sure}, the latest start, until {ending}, the earliest end."
        case Standing.POSSIBLE:
            return (
                f"Possible from {start}, the earliest start, until {ended}, the latest end; "
                f"certain only from {sure} until {ending}."
            )
        case Standing.ANNOUNCED:
            return f"Announced for {start} or later, and nothing that occurred lasts beyond it."


def _day(day: int) -> str:
    return {BEFORE_ALL: "ever", AFTER_ALL: "no known day"}.get(day) or iso_of(day)
