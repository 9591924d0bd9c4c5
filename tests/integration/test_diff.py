"""A + diff = B at random pairs of points, and each change has its cause and events."""

from __future__ import annotations

import random
from typing import Any

import pytest
from oracle import Oracle
from projected import log_of
from states import State as State_
from states import states as naive
from strategies import moments, random_record
from thorough import times

from api.instance import Instance
from domain.codec import read
from domain.dates import MAX_DAY, Days, day_of, iso_of
from domain.point import Point
from domain.versions import FluentKey
from projections.diff import Change, Difference, diff, first_of
from projections.diff_causes import Cause
from projections.diff_rows import FluentState
from store.database import READER


def record(instance: Instance, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Record, project, and give the log as the oracle takes it."""
    instance.record.apply([read(entry) for entry in entries], actor="someone")
    instance.catch_up()
    return log_of(instance)


def shown(state: FluentState) -> State_:
    def days(some: Any) -> State_ | None:
        if some is None:
            return None
        return (some[0], *(None if day is None else iso_of(day) for day in some[1:]))

    ends = tuple(days(end) for end in state.announced_ends)
    return (state.standing.value, state.contested, days(state.since), days(state.until), ends)


def applied(
    before: dict[FluentKey, State_], differences: list[Difference]
) -> dict[FluentKey, State_]:
    after = dict(before)
    for difference in differences:
        was = difference.before and shown(difference.before)
        assert before.get(difference.key) == was
        if difference.after is None:
            del after[difference.key]
        else:
            after[difference.key] = shown(difference.after)
    return after


def points(log: list[dict[str, Any]], seed: int, count: int) -> list[Point]:
    return [
        Point(Days(*days), MAX_DAY if k is None else k, r)
        for days, k, r in moments(log, seed, count)
    ]


def in_pages(connection: Any, old: Point, new: Point) -> list[Difference]:
    """A diff put together of pages of two."""
    found: list[Difference] = []
    while page := first_of(connection, 2, None, old, new, after=found[-1].key if found else None):
        found += page
    return found


@pytest.mark.parametrize("seed", range(times(8, 40)))
def test_applying_a_diff_to_the_first_point_gives_the_second(instance: Instance, seed: int) -> None:
    log = record(instance, random_record(2000 + seed, 14, 18, oddities=False))
    oracle = Oracle(log)
    rng = random.Random(seed)
    some = points(log, seed, 12)

    with instance.database.connect(READER) as connection:
        for _ in range(25):
            old, new = rng.choice(some), rng.choice(some)
            differences = list(diff(connection, None, old, new))
            assert applied(naive(oracle, old), differences) == naive(oracle, new), (old, new)
            assert in_pages(connection, old, new) == differences
            for difference in differences:
                assert difference.causes, (old, new, difference)
                assert difference.events, (old, new, difference)


def member(name: str, when: str, source: str = "early", **more: Any) -> dict[str, Any]:
    return {"type": "MemberJoined", "id": name, "coalition": "g", "member": "m", "when": when,
            "citations": [{"source": source}], **more}  # fmt: skip


def about(kind: str, name: str, **keys: Any) -> dict[str, Any]:
    return {"type": kind, "id": name, "reason": "we looked again", **keys}


BEGINNING = [
    {"type": "SourceRegistered", "id": "early", "title": "E", "published": "2015-01-01"},
    {"type": "SourceRegistered", "id": "late", "title": "L", "published": "2016-01-01"},
    {"type": "EntityRegistered", "id": "g", "kind": "COALITION", "names": {"en": "G"}},
    {"type": "EntityRegistered", "id": "m", "kind": "COUNTRY", "names": {"en": "M"}},
    member("f", "2014-09-10"),
]
X = day_of("2015-06-01")
R_STEPS = [
    (Cause.RECORDED, [member("f2", "2013")]),
    (Cause.CORRECTED, [about("FactCorrected", "c", fact="f", changes={"when": "2014"})]),
    (Cause.RETRACTED, [about("FactRetracted", "c", fact="f")]),
    (Cause.RETRACTED, [about("SourceWithdrawn", "c", source="early")]),
    (Cause.EDITORIAL, [about("FactDisputed", "c", fact="f")]),
    (Cause.EDITORIAL, [about("EntitiesMerged", "c", entities=["m"], into="g")]),
    (
        Cause.EDITORIAL,
        [about("SourceCorrected", "c", source="early", changes={"published": "2020-01-01"})],
    ),
]


@pytest.mark.parametrize(("cause", "entries"), R_STEPS, ids=lambda value: str(value)[:40])
def test_what_is_recorded_has_the_cause_of_its_kind(
    instance: Instance, cause: Cause, entries: list[dict[str, Any]]
) -> None:
    before = len(record(instance, BEGINNING))
    after = len(record(instance, entries))

    k = day_of("2016-06-01")
    with instance.database.connect(READER) as connection:
        differences = list(
            diff(connection, None, Point(Days(X, X), k, before), Point(Days(X, X), k, after))
        )

    assert {difference.causes for difference in differences} == {(cause,)}
    named = {event.entry.id for difference in differences for event in difference.events}
    assert named == {entry["id"] for entry in entries}


def only(instance: Instance, old: Point, new: Point) -> Difference:
    with instance.database.connect(READER) as connection:
        (difference,) = diff(connection, ["m"], old, new)
    return difference


def test_what_became_known_is_learned(instance: Instance) -> None:
    r = len(record(instance, [*BEGINNING, member("f2", "2013", "late")]))
    early, late = day_of("2015-02-01"), day_of("2016-02-01")

    found = only(instance, Point(Days(X, X), early, r), Point(Days(X, X), late, r))

    assert (found.change, found.causes) == (Change.CHANGED, (Cause.LEARNED,))
    assert [event.entry.id for event in found.events] == ["f2"]
    assert found.sources == ("late",)


def test_what_is_set_aside_is_not_what_was_learned(instance: Instance) -> None:
    preference = about("FactPreferred", "p", fact="f2", over=["f3"])
    late = [member("f2", "2013", "late"), member("f3", "2012", "late"), preference]
    r = len(record(instance, [*BEGINNING, *late]))

    found = only(
        instance,
        Point(Days(X, X), day_of("2015-02-01"), r),
        Point(Days(X, X), day_of("2016-02-01"), r),
    )

    assert [event.entry.id for event in found.events] == ["f2"]


def leaving(name: str, when: str, source: str = "early", **more: Any) -> dict[str, Any]:
    return member(name, when, source, **more) | {"type": "MemberLeft"}


def ends(difference: Difference) -> list[tuple[str, ...]]:
    """The announced ends before and after, as their facts wrote them."""
    states = difference.before, difference.after
    return [
        tuple(str(end.edtf) for end in state.announced_ends) if state else () for state in states
    ]


def test_an_end_that_is_announced_is_learned(instance: Instance) -> None:
    announced = leaving("f2", "2017-03", "late", modality="ANNOUNCED")
    r = len(record(instance, [*BEGINNING, announced]))
    early, late = day_of("2015-02-01"), day_of("2016-02-01")

    found = only(instance, Point(Days(X, X), early, r), Point(Days(X, X), late, r))

    assert (found.change, found.causes) == (Change.CHANGED, (Cause.LEARNED,))
    assert ends(found) == [(), ("2017-03",)]
    assert [event.entry.id for event in found.events] == ["f2"]
    assert found.sources == ("late",)


@pytest.mark.parametrize(
    ("entries", "cause"),
    [
        ([about("AnnouncementCancelled", "c", fact="f2")], Cause.RETRACTED),
        ([about("FactRetracted", "c", fact="f2")], Cause.RETRACTED),
    ],
    ids=["cancelled", "retracted"],
)
def test_an_announced_end_that_is_taken_back_has_the_cause_of_its_kind(
    instance: Instance, entries: list[dict[str, Any]], cause: Cause
) -> None:
    before = len(record(instance, [*BEGINNING, leaving("f2", "2017-03", modality="ANNOUNCED")]))
    after = len(record(instance, entries))
    k = day_of("2016-02-01")

    found = only(instance, Point(Days(X, X), k, before), Point(Days(X, X), k, after))

    assert (found.causes, ends(found)) == ((cause,), [("2017-03",), ()])
    assert [event.entry.id for event in found.events] == ["c"]


def test_the_announced_end_of_what_a_member_belongs_to_is_shown(instance: Instance) -> None:
    """A dissolution that is announced bears on each membership."""
    dissolved = {"type": "CoalitionDissolved", "id": "d", "coalition": "g", "when": "2018",
                 "modality": "ANNOUNCED", "citations": [{"source": "late"}]}  # fmt: skip
    r = len(record(instance, [*BEGINNING, dissolved]))
    early, late = day_of("2015-02-01"), day_of("2016-02-01")

    found = only(instance, Point(Days(X, X), early, r), Point(Days(X, X), late, r))

    assert (found.causes, ends(found)) == ((Cause.LEARNED,), [(), ("2018",)])
    assert [event.entry.id for event in found.events] == ["d"]


def test_what_came_to_pass_is_the_world(instance: Instance) -> None:
    r = len(record(instance, BEGINNING))
    k = day_of("2016-02-01")
    eve, day = day_of("2014-09-09"), day_of("2014-09-10")

    found = only(instance, Point(Days(eve, eve), k, r), Point(Days(day, day), k, r))

    assert (found.change, found.causes) == (Change.ADDED, (Cause.WORLD,))
    assert [event.entry.id for event in found.events] == ["f"]


def test_going_back_names_the_events_undone(instance: Instance) -> None:
    r = len(record(instance, BEGINNING))
    k = day_of("2016-02-01")

    found = only(instance, Point(Days(X, X), k, r), Point(Days(X, X), k, r - 1))

    assert (found.change, found.causes) == (Change.REMOVED, (Cause.RECORDED,))
    assert [event.entry.id for event in found.events] == ["f"]


def test_a_row_that_several_steps_change_gets_each_cause(instance: Instance) -> None:
    before = len(record(instance, [*BEGINNING, member("f2", "2013", "late")]))
    after = len(record(instance, [about("FactCorrected", "c", fact="f", changes={"when": "2012"})]))
    early, late = day_of("2015-02-01"), day_of("2016-02-01")
    eve = day_of("2011-12-31")

    found = only(instance, Point(Days(X, X), early, before), Point(Days(X, X), late, after))
    gone = only(instance, Point(Days(X, X), early, before), Point(Days(eve, eve), late, after))

    assert found.causes == (Cause.CORRECTED, Cause.LEARNED)
    assert gone.causes == (Cause.CORRECTED, Cause.LEARNED, Cause.WORLD)
