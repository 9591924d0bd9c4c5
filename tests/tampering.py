"""Changes of a single byte with the owner's rights behind the service's back, and their undoing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import psycopg
from psycopg import sql

TABLES = ("sijill_events_tt_main", "sijill_events_tt_tag", "leaves", "tree_head", "checkpoints")

PLACES = {
    "an event's bytes": ("sijill_events_tt_main", "data", "id"),
    "an event's type": ("sijill_events_tt_main", "type", "id"),
    "an event's tags": ("sijill_events_tt_main", "tags", "id"),
    "an event's position": ("sijill_events_tt_main", "id", "id"),
    "a leaf's hash": ("leaves", "hash", "position"),
    "the nodes above a leaf": ("leaves", "above", "position"),
    "a leaf's number": ("leaves", "idx", "position"),
    "a leaf's position": ("leaves", "position", "position"),
    "the head's size": ("tree_head", "size", "position"),
    "the head's position": ("tree_head", "position", "position"),
    "the head's peaks": ("tree_head", "peaks", "position"),
    "a tag's text": ("sijill_events_tt_tag", "tag", "main_id"),
    "a tag's event": ("sijill_events_tt_tag", "main_id", "main_id"),
    "a checkpoint": (
        "checkpoints",
        "note",
        "(SELECT position FROM leaves WHERE idx = checkpoints.size - 1)",
    ),
}
"""What can be touched: its table and column, and the position of the event that it is about."""


def disable_triggers(connection: psycopg.Connection[Any]) -> None:
    """Take away what refuses changes, foreign keys too."""
    for table in TABLES:
        name = sql.Identifier(table)
        connection.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER ALL").format(name))


@contextmanager
def touched(connection: psycopg.Connection[Any], what: str, random: Random) -> Iterator[int]:
    """One byte changed while the block runs; the position of the event that it is about."""
    table, column, about = PLACES[what]
    rows = connection.execute(
        f"SELECT ctid, {column}, {about} FROM {table} ORDER BY {about}, {column}".encode()
    ).fetchall()
    place, before, position = random.choice([row for row in rows if row[1]])
    change = f"UPDATE {table} SET {column} = %s WHERE ctid = %s RETURNING ctid".encode()
    taken = [row[1] for row in rows] if isinstance(before, int) else [before]
    after = before
    while after in taken:
        after = _changed(before, random)
    row = connection.execute(change, (after, place)).fetchone()
    assert row is not None
    try:
        yield position
    finally:
        connection.execute(change, (before, row[0]))


def _changed(value: Any, random: Random) -> Any:
    """The value with one byte changed, as far as its type takes it."""
    kinds: dict[type, Callable[[], Any]] = {
        bytes: lambda: _flipped(value, random),
        str: lambda: _misspelt(value, random),
        int: lambda: value ^ random.randrange(1, 256) << 8 * random.randrange(3),
        list: lambda: _one_of(value, random),
    }
    return kinds[type(value)]()


def _flipped(value: bytes, random: Random) -> bytes:
    at = random.randrange(len(value))
    return value[:at] + bytes([value[at] ^ random.randrange(1, 256)]) + value[at + 1 :]


def _misspelt(value: str, random: Random) -> str:
    at = random.choice([at for at, letter in enumerate(value) if letter.isascii()])
    return value[:at] + chr(random.randrange(32, 127)) + value[at + 1 :]


def _one_of(values: list[Any], random: Random) -> list[Any]:
    at = random.randrange(len(values))
    return [*values[:at], _changed(values[at], random), *values[at + 1 :]]
