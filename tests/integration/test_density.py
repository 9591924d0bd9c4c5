"""Changes counted by PostgreSQL are those of a reading of all rectangles."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest
from conftest import browsing
from selectolax.lexbor import LexborHTMLParser

from api.addresses import PageAddress
from api.graphql.execution import session
from api.instance import Instance
from api.web.bar import bar, holds
from domain.dates import MAX_DAY, MIN_DAY, day_of, today
from projections import rectangles
from projections.density import BUCKETS, MARGIN, Clock, ClockReading, Density, density
from projections.rectangles import Rectangles, of_entity
from store.database import READER

COALITION = "/e/global-coalition"
TODAY = day_of("2026-06-01")
POINTS = [
    ("2025-11-10", None, None),
    ("2014", "2014-12-31", None),
    ("2025-11", "2025-11-03", 400),
    ("2030-01-01", None, 120),
    ("1900-01-01", None, 0),
]


@pytest.fixture
def client(sampled: Instance, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    """Of a server where no page may hold more than ten rectangles."""
    monkeypatch.setattr(rectangles, "MOST", 10)
    with browsing(sampled) as client:
        client.headers["accept"] = "text/html"
        yield client


def told(
    instance: Instance, entity: str, place: ClockReading, around: int | None
) -> tuple[Rectangles, dict[Clock, Density]]:
    """All rectangles, and what is counted of them."""

    async def look() -> dict[Clock, Density]:
        async with await psycopg.AsyncConnection.connect(
            instance.database.url, autocommit=True, **session(instance.database)
        ) as connection:
            return {
                clock: await density(connection, entity, clock, place, around) for clock in Clock
            }

    with instance.database.connect(READER) as connection:
        return of_entity(connection, entity, place.head, MAX_DAY), asyncio.run(look())


def places(rows: Rectangles, clock: Clock, place: ClockReading) -> list[int]:
    """Where along a clock something changes, read off all rectangles."""
    found: list[int] = []
    for row in [*rows.intervals, *rows.reports]:
        spans = [row["recorded"]] if clock is Clock.RECORDED else [row["known"]]
        if clock is Clock.WORLD:
            spans = [row["possible"], row["certain"]] if "possible" in row else []
            found += [] if spans or not _stands(row, place) else [row["earliest"]]
        if clock is Clock.RECORDED or (
            _stands(row, place)
            if clock is Clock.WORLD
            else holds(row["recorded"], place.point.position)
        ):
            found += [
                end
                for span in spans
                if not span.isempty
                for end in (span.lower, span.upper)
                if end is not None
            ]
    return [at for at in found if clock is Clock.RECORDED or MIN_DAY <= at <= MAX_DAY]


def _stands(row: dict[str, Any], place: ClockReading) -> bool:
    return holds(row["recorded"], place.point.position) and holds(
        row["known"], place.point.known_at
    )


@pytest.mark.parametrize("around", [None, 200])
@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("entity", ["global-coalition", "syria", "united-states"])
def test_what_is_counted_is_what_is_told(
    sampled: Instance, entity: str, point: tuple[str, str | None, int | None], around: int | None
) -> None:
    state = PageAddress("en", as_of=point[0], known_at=point[1], at_position=point[2])
    with sampled.database.connect() as owner:
        head = owner.execute("SELECT position FROM progress").fetchone()[0]  # type: ignore[index]
    place = ClockReading(state.point(state.position(head)), TODAY, head)

    rows, counted = told(sampled, entity, place, around)

    for clock, found in counted.items():
        changes = places(rows, clock, place)
        first, last = {
            Clock.WORLD: place.point.as_of,
            Clock.PUBLISHED: (min(place.point.known_at, TODAY),) * 2,
            Clock.RECORDED: (place.point.position, place.point.position),
        }[clock]
        assert found.before == max((at for at in changes if at < first), default=None)
        assert found.after == min((at for at in changes if at > last), default=None)
        if clock is Clock.RECORDED:
            assert (found.low, found.high) == (0, head)
        elif around is None:
            assert found.low == min([*changes, first, TODAY]) - MARGIN
            assert found.high == max([*changes, last, TODAY]) + MARGIN
        else:
            assert (found.low, found.high) == (first - around, last + around)
        wide = max(1, found.high - found.low)
        many = Counter(
            min(BUCKETS - 1, (at - found.low) * BUCKETS // wide)
            for at in changes
            if found.low <= at <= found.high
        )
        assert found.counts == [many[bucket] for bucket in range(BUCKETS)]


@pytest.mark.parametrize("point", POINTS)
def test_a_bar_of_counts_has_the_neighbours_that_a_bar_of_rectangles_has(
    sampled: Instance, point: tuple[str, str | None, int | None]
) -> None:
    state = PageAddress("en", as_of=point[0], known_at=point[1], at_position=point[2])
    with sampled.database.connect() as owner:
        head = owner.execute("SELECT position FROM progress").fetchone()[0]  # type: ignore[index]
    position = state.position(head)
    place = ClockReading(state.point(position), today(), position)

    rows, counted = told(sampled, "global-coalition", place, None)
    second = counted[Clock.RECORDED if state.by_record else Clock.PUBLISHED]

    of_rows = bar(state, position, rows)
    of_counts = bar(state, position, counted=[counted[Clock.WORLD], second])
    assert of_counts == of_rows._replace(is_counted=True)


@pytest.mark.parametrize("tab", ["", "/changes", "/sources", "/log"])
def test_a_page_that_can_not_hold_its_rectangles_has_counts(
    client: httpx.Client, tab: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"{COALITION}{tab}?asOf=2025-11-10&knownAt=2025-11-03"
    counted = LexborHTMLParser(client.get(address).text)
    monkeypatch.setattr(rectangles, "MOST", 4_000)
    held = LexborHTMLParser(client.get(address).text)

    bars = [page.css_first("record-asof").attributes for page in (held, counted)]
    assert [("data-rectangles" in each, "data-density" in each) for each in bars] == [
        (True, False), (False, True),
    ]  # fmt: skip
    steps = [[it.attributes["href"] for it in page.css("a.step[href]")] for page in (held, counted)]
    assert steps[0] == steps[1] != []
    lists = [[it.text() for it in page.css("record-members tr")] for page in (held, counted)]
    assert lists[0] == lists[1]
    data = client.get(bars[1]["data-density"]).json()
    assert [len(each["counts"]) for each in data["clocks"]] == [BUCKETS, BUCKETS]
    assert sum(data["clocks"][0]["counts"]) > 60


def test_what_is_drawn_of_a_point_is_what_stands_there(client: httpx.Client) -> None:
    page = LexborHTMLParser(client.get(f"{COALITION}?asOf=2025-11-10&knownAt=2025-11-03").text)

    marks = page.css(".timeline .mark")
    assert len(marks) > 20
    assert not [mark for mark in marks if "off" in (mark.attributes["class"] or "").split()]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (f"{COALITION}/density", 200),
        (f"{COALITION}/density?asOf=2014&knownAt=2020&span=near", 200),
        (f"{COALITION}/density?atPosition=0", 404),
        (f"{COALITION}/density?asOf=-9999-01-01&span=near", 200),
        (f"{COALITION}/density?span=far", 400),
        (f"{COALITION}/density?asOf=soon", 400),
        ("/e/nobody/density", 404),
    ],
)
def test_counts_are_told_of_any_point_or_refused(
    client: httpx.Client, asked: str, status: int
) -> None:
    assert client.get(asked).status_code == status
