"""The stories that the log tells, as they stood at a position: read from the log by their tags."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import psycopg

from domain.codec import decode
from domain.errors import Refused
from domain.point import Point
from domain.sources import ID
from domain.stories import StoryTold, StoryWithdrawn
from domain.tags import STORIES
from projections import asof
from store.sql import queries

SQL = queries("projections", "stories.sql")
LAST = 2**63 - 1
"""A position after all others."""


class StoryWithdrawal(NamedTuple):
    """Why a story was withdrawn, and where the log says so."""

    reason: str
    position: int
    recorded_at: datetime


class LoggedStory(NamedTuple):
    """A story with its place in the log, and its withdrawal if there is one."""

    told: StoryTold
    position: int
    recorded_at: datetime
    withdrawn: StoryWithdrawal | None = None


async def stories(
    connection: psycopg.AsyncConnection[Any],
    position: int,
    most: int,
    *,
    before: int = LAST,
    only: str | None = None,
) -> list[LoggedStory]:
    """The stories told up to a position and before another, the newest first; or `only` one."""
    if only is not None and not re.match(ID, only):
        return []
    given = {"tag": f"{STORIES}{only or ''}", "position": position, "before": before}
    rows = await (await connection.execute(SQL["told"], {**given, "limit": most})).fetchall()
    found = list(_told(rows))
    asked = {"tags": [f"{STORIES}{each.told.id}" for each in found], "position": position}
    withdrawals = await (await connection.execute(SQL["withdrawals"], asked)).fetchall()
    by_story = dict(_withdrawals(withdrawals))
    return [each._replace(withdrawn=by_story.get(each.told.id)) for each in found]


def story_at(connection: psycopg.Connection[Any], name: str, position: int) -> LoggedStory | None:
    """The story of an id as it stood at a position."""
    tag = f"{STORIES}{name}"
    given = {"tag": tag, "position": position, "before": LAST, "limit": 1}
    for story in _told(connection.execute(SQL["told"], given).fetchall()):
        asked = {"tags": [tag], "position": position}
        rows = connection.execute(SQL["withdrawals"], asked).fetchall()
        return story._replace(withdrawn=dict(_withdrawals(rows)).get(name))
    return None


def canonical_entity(connection: psycopg.Connection[Any], entity: str, point: Point) -> str | None:
    """Whom the id of a view means at its point, None where the record has not heard of it."""
    given = {"id": entity, **point.parameters}
    row = connection.execute(asof.SQL["canonical"], given).fetchone()
    return None if row is None else str(row[0])


def unknown_story(name: str, position: int) -> Refused:
    """Of an id that tells no story at a position."""
    return Refused(
        "UNKNOWN_STORY",
        f"The record has no story {name[:128]!a} at position {position}: look it up with stories.",
        field="id",
        story=name[:128],
    )


def story_named(connection: psycopg.Connection[Any], name: str) -> StoryTold | None:
    """The story of an id, at any position."""
    given = {"tag": f"{STORIES}{name}", "position": LAST, "before": LAST, "limit": 1}
    rows = connection.execute(SQL["told"], given).fetchall()
    return next((story.told for story in _told(rows)), None)


def _told(rows: Iterable[tuple[Any, ...]]) -> Iterable[LoggedStory]:
    for position, stored_type, data, recorded_at in rows:
        entry = decode(position, stored_type, data).entry
        assert isinstance(entry, StoryTold)
        yield LoggedStory(entry, position, recorded_at)


def _withdrawals(rows: Iterable[tuple[Any, ...]]) -> Iterable[tuple[str, StoryWithdrawal]]:
    for position, stored_type, data, recorded_at in rows:
        entry = decode(position, stored_type, data).entry
        assert isinstance(entry, StoryWithdrawn)
        yield entry.story, StoryWithdrawal(entry.reason, position, recorded_at)
