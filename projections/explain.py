"""Why a row of an answer is as it is, or is not there: the least of the log that decides it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any, NamedTuple

import psycopg

from domain.codec import Event
from domain.corrections import (
    Correction,
    EntitiesMerged,
    EntitiesSplit,
    FactCorroborated,
)
from domain.dates import AFTER_ALL, BEFORE_ALL, MAX_DAY, iso_of
from domain.entities import EntityRegistered
from domain.errors import Refused
from domain.event_stream import citations_of
from domain.facts import Fact, Modality
from domain.intervals import Interval
from domain.point import Point
from domain.sources import SourceRegistered
from domain.standing import Standing
from domain.tags import fluent_tag
from domain.versions import FluentKey
from projections.diff_causes import learned_on
from projections.follower import read_tagged
from projections.minimal_log import Claim, Replay, Row, least, shrink
from projections.related_events import GatheredEvents, Tagged, gather_entities, gather_tagged

MOST_TRIED = 500
"""Events that are tried one by one, to find which would have to go for a row to be there."""


class Explained(NamedTuple):
    """A row's standing (None if it does not hold), the rule that makes it so, and what it needs."""

    standing: Standing | None
    rule: str
    events: tuple[tuple[Event, str], ...]


def explain(connection: psycopg.Connection[Any], key: FluentKey, point: Point) -> Explained:
    """The minimal events, each with its role, that yield a fluent's row at a point.

    Minimal for the standing and the days of since and until, of an announcement for the standing:
    replaying only these gives the same, and without any one of them, and what then can't be
    replayed, it differs. Of a row that is not there, what decides that: see `_absent`. `key` has
    canonical ids.
    """
    events = events_bearing(connection, key, point.position)
    row = Replay(events.values()).row(key, point)
    if row is None:
        return _absent(events, key, point)

    def says(replay: Replay) -> object:
        return essence(replay.row(key, point))

    found = least(events, [Claim(list(events), says)])
    return Explained(row[0], rule_of(*row), _with_roles(events, found))


def events_bearing(
    connection: psycopg.Connection[Any], key: FluentKey, upto: int
) -> dict[int, Event]:
    """By position, all events up to one that bear on a fluent, and the entities that they name."""
    known = GatheredEvents()
    with connection.cursor() as cursor:

        def read(tags: set[str]) -> list[Tagged]:
            return read_tagged(cursor, tags, upto)

        found = gather_tagged([fluent_tag(*key)], read, known=known)[0]
        named = gather_entities(known, read)
    found += [event for event in named if isinstance(event.entry, EntityRegistered)]
    return {event.position: event for event in sorted(found, key=lambda each: each.position)}


def essence(row: Row | None) -> tuple[object, ...] | None:
    """What an explanation must yield again."""
    if row is None:
        return None
    standing, interval = row
    if standing is Standing.ANNOUNCED:
        return (standing,)
    bounds = interval.start_earliest, interval.start_latest
    return (standing, *bounds, interval.ended, interval.end_earliest, interval.end_latest)


# A row that is not there


def _absent(events: Mapping[int, Event], key: FluentKey, point: Point) -> Explained:
    """What decides that a row is not there.

    The least that would have to be left out for it to be there: an end, a retraction, a withdrawn
    source … Where nothing would do, the episode that ended last before the days asked about, or
    begins first after them; or what is not known by then, with the source that makes it known; or
    nothing, where nothing starts it.
    """
    whole = Replay(events.values())
    if undoing := _undoing(events, key, point):
        roles = dict.fromkeys(role_of(events[at]) for at in undoing)
        rule = " ".join(dict.fromkeys(DECIDING.get(role, DECIDING["correction"]) for role in roles))
        return Explained(None, rule, _with_roles(events, undoing))
    if intervals := whole.intervals(key, point.known_at):
        return _elsewhere(events, intervals, point)
    starts = [
        event.entry.id
        for event in events.values()
        if isinstance(event.entry, Fact) and _starts(whole, event.entry.id, key)
    ]
    if not starts:
        return Explained(None, "Nothing that is recorded starts it.", ())
    return _unknown(events, whole, starts, key, point)


def _undoing(events: Mapping[int, Event], key: FluentKey, point: Point) -> list[int]:
    """The positions of the fewest events that would all have to go for the row to be there; none
    where no such events were found."""

    def is_there(without: Sequence[int]) -> bool:
        gone = set(without)
        try:
            replay = Replay(event for at, event in events.items() if at not in gone)
            return replay.row(key, point) is not None
        except Refused:
            return False

    for candidates in _candidates(events):
        if not is_there(candidates):
            continue
        kept = set(candidates)

        def spare(positions: Sequence[int], kept: set[int] = kept) -> bool:
            if not is_there(list(kept.difference(positions))):
                return False
            kept.difference_update(positions)
            return True

        shrink(kept, candidates, spare)
        return sorted(kept)
    return []


def _candidates(events: Mapping[int, Event]) -> Iterator[list[int]]:
    """What may have to be left out, the plainest first: ends, one event, all that is said of facts,
    that with the ends."""
    ends = [at for at, event in events.items() if role_of(event) == "end"]
    said = [
        at
        for at, event in events.items()
        if isinstance(event.entry, Correction) and not isinstance(event.entry, FactCorroborated)
    ]
    yield ends
    both = sorted([*ends, *said])
    if len(both) <= MOST_TRIED:
        yield from ([at] for at in reversed(both))
    yield said
    yield both


def _elsewhere(
    events: Mapping[int, Event], intervals: Sequence[Interval], point: Point
) -> Explained:
    """Where it holds, or is announced, only on other days."""
    before = [each for each in intervals if each.end_latest < point.as_of.earliest]
    if before:
        speaking = max(before, key=lambda each: each.end_latest)
        rule = f"It has ended: it is not possible after {_day(speaking.end_latest)}."
    else:
        speaking = min(intervals, key=lambda each: each.start_earliest)
        rule = f"It has not begun: it is not possible before {_day(speaking.start_earliest)}."
    facts = {ref.id for ref in speaking.facts}
    return Explained(None, rule, _named(events, facts))


def _unknown(
    events: Mapping[int, Event], whole: Replay, starts: Sequence[str], key: FluentKey, point: Point
) -> Explained:
    """Where something starts it, but was not known by then."""
    stretches = whole.history.intervals.get(key, [])
    later = [stretch.first for stretch in stretches if stretch.first > point.known_at]
    if not later:
        undoing = (
            _undoing(events, key, point._replace(known_at=MAX_DAY))
            if point.known_at < MAX_DAY
            else []
        )
        named = _named(events, set(starts)) + _with_roles(events, undoing)
        return Explained(
            None,
            "What starts it never counts.",
            tuple(sorted(named, key=lambda each: each[0].position)),
        )
    first = min(later)
    rule = f"Nothing that is known by then starts it: what does is known from {iso_of(first)} on."
    learned = {event.position for event in learned_on(whole.history, key, first)}
    cited = {c.source for at in learned for c in citations_of(events[at].entry)}
    sources = {s for s in cited if whole.dossier.known_from(s) == first}
    found = _named(events, set(), sources) + _with_roles(events, sorted(learned))
    return Explained(None, rule, tuple(sorted(found, key=lambda each: each[0].position)))


def _starts(whole: Replay, fact: str, key: FluentKey) -> bool:
    """Whether a fact starts a fluent, by any K."""
    version = whole.history.life(fact).version(MAX_DAY)
    for effect in version.effects:
        sides = (
            whole.dossier.canonical(getattr(version, side), MAX_DAY)
            for side in (effect.scope, effect.subject)
        )
        if effect.is_start and FluentKey(effect.fluent, *sides) == key:
            return True
    versions = whole.history.versions.get(fact, [])
    return any(not mark.is_end for each in versions for mark in each.item.marks(key))


def _named(
    events: Mapping[int, Event], facts: Set[str], sources: Set[str] = frozenset()
) -> tuple[tuple[Event, str], ...]:
    """The events that recorded some facts and registered some sources, with their roles."""
    return _with_roles(
        events,
        [
            at
            for at, event in events.items()
            if (isinstance(event.entry, Fact) and event.entry.id in facts)
            or (isinstance(event.entry, SourceRegistered) and event.entry.id in sources)
        ],
    )


def _with_roles(
    events: Mapping[int, Event], positions: Iterable[int]
) -> tuple[tuple[Event, str], ...]:
    return tuple((events[at], role_of(events[at])) for at in positions)


DECIDING = {
    "end": "It has ended.",
    "retraction": "What starts it is retracted.",
    "withdrawal": "A source that makes it known is withdrawn.",
    "preference": "Another date is preferred to the one that would start it.",
    "dispute": "What would start it is disputed.",
    "identity": "Its entities are taken for others: some were merged or split.",
    "cancellation": "What was announced is called off.",
    "correction": "It is corrected to another date, or to something else.",
}
"""Why a row is not there, by the role of the event without which it would be."""


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
            if len(fact.effects) > 1:
                return "handover"
            if fact.effects and fact.effects[0].is_start:
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
    "AnnouncementCancelled": "cancellation",
    "HoldingAttested": "attestation",
}


def rule_of(standing: Standing, interval: Interval) -> str:
    """The rule that gives a standing, with its days (docs/contract/folding.md#standing)."""
    start, sure = _day(interval.start_earliest), _day(interval.start_latest)
    ending, ended = _day(interval.end_earliest), _day(interval.end_latest)
    match standing:
        case Standing.CERTAIN:
            return f"Certain from {sure}, the latest start, until {ending}, the earliest end."
        case Standing.POSSIBLE:
            return (
                f"Possible from {start}, the earliest start, to {ended}, the latest end; "
                f"certain only from {sure} until {ending}."
            )
        case Standing.ANNOUNCED:
            return f"Announced for {start} or later, and nothing that occurred lasts beyond it."


def _day(day: int) -> str:
    return {BEFORE_ALL: "ever", AFTER_ALL: "no known day"}.get(day) or iso_of(day)
