"""iCalendar has what a calendar can say, and its manifest counts what is there."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import icalendar
import pytest
from conftest import NewInstance, browsing

from domain.codec import read

CITED = {"citations": [{"source": "s"}]}
FOUNDED = {"first-century": "00XX", "before": "-0509", "year-0": "0000-06-01", "dated": "0800"}


@pytest.fixture(scope="module")
def client(new_instance: NewInstance) -> Iterator[httpx.Client]:
    with new_instance() as instance:
        entries = [{"type": "SourceRegistered", "id": "s", "title": "A title", "published": "2020"}]
        for name, date in FOUNDED.items():
            names = {"en": name}
            entries += [
                {"type": "EntityRegistered", "id": name, "kind": "COALITION", "names": names},
                {
                    "type": "CoalitionFounded",
                    "id": f"{name}-founded",
                    "coalition": name,
                    "when": date,
                    **CITED,
                },
            ]
        instance.record.apply([read(entry) for entry in entries], actor="someone")
        instance.catch_up()
        with browsing(instance) as client:
            yield client


def events(client: httpx.Client, path: str) -> list[tuple[str, str, str]]:
    calendar = icalendar.Calendar.from_ical(client.get(path).content)
    return [
        (str(e["summary"]), e.decoded("dtstart").isoformat(), e.decoded("dtend").isoformat())
        for e in calendar.walk("VEVENT")
    ]


def test_a_date_that_begins_before_the_year_1_has_its_days_from_then_on(
    client: httpx.Client,
) -> None:
    assert events(client, "/e/first-century/timeline.ics") == [
        ("Coalition founded: first-century", "0001-01-01", "0100-01-01")
    ]


def test_the_manifest_counts_what_is_in_the_calendar(client: httpx.Client) -> None:
    found = [summary for summary, _, _ in events(client, "/facts.ics")]
    manifest = client.get("/facts.ics?manifest").json()

    assert found == ["Coalition founded: first-century", "Coalition founded: dated"]
    assert manifest["rows"] == 2
    assert any("left out" in note for note in manifest["notes"])
    assert client.get("/facts.json?manifest").json()["rows"] == len(FOUNDED)


@pytest.mark.parametrize("path", ["/e/before/timeline.ics", "/facts.ics?type=MemberJoined"])
def test_an_empty_calendar_is_a_valid_one(client: httpx.Client, path: str) -> None:
    content = client.get(path).content

    calendar = icalendar.Calendar.from_ical(content)
    assert events(client, path) == []
    # RFC 5545, section 3.6: an iCalendar object must include at least one calendar component.
    assert [component.name for component in calendar.subcomponents] == ["VTIMEZONE"]
    assert client.get(f"{path}{'&' if '?' in path else '?'}manifest").json()["rows"] == 0
