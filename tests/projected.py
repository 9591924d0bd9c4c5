"""Asking the projections on PostgreSQL what the oracle is asked, in the oracle's words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import psycopg
from asking import told
from oracle import QUESTIONS, Oracle

from api.instance import Instance
from domain.codec import decode, write
from domain.dates import MAX_DAY, Days, iso_of
from domain.point import Point
from projections.asof import Row, canonical, held, reported_counts
from store.database import READER

TABLES = ("events", "sources", "entities", "versions", "intervals")
Moment = tuple[tuple[int, int], int | None, int]


def log_of(instance: Instance, after: int = 0) -> list[dict[str, Any]]:
    """The log as the oracle takes it, after a position."""
    with instance.database.connect(READER) as connection:
        rows = connection.execute(
            "SELECT id, type, data FROM sijill_events_tt_main WHERE id > %s ORDER BY id", [after]
        ).fetchall()
    events = [decode(*row) for row in rows]
    return [
        {
            "position": event.position,
            "recordedAt": event.recorded_at.isoformat(),
            "actor": event.actor,
            "entry": write(event.entry),
        }
        for event in events
    ]


def tables(instance: Instance) -> dict[str, list[str]]:
    with instance.database.connect(READER) as connection:
        return {
            table: sorted(map(str, connection.execute(f"SELECT * FROM {table}".encode())))
            for table in TABLES
        }


def _iso(day: int | None) -> str | None:
    return None if day is None else iso_of(day)


def node(row: Row) -> dict[str, Any]:
    def side(name: str, text: str | None) -> dict[str, Any]:
        earliest, latest = row[f"{name}_earliest"], row[f"{name}_latest"]
        return {"edtf": text, "earliest": _iso(earliest), "latest": _iso(latest)}

    return {
        "subject": {"id": row["id"]},
        **{key: row[key] for key in ("standing", "contested", "disputed", "sources")},
        "since": side("start", row["since"]),
        "until": side("end", row["until"]) if row["ended"] else None,
        "facts": [{**fact, "when": {"edtf": fact["when"]}} for fact in row["facts"]],
        "alternatives": [
            {**alternative, "facts": [alternative["fact"]["id"]]}
            for alternative in row["alternatives"]
        ],
        "announcedEnds": [
            {
                "edtf": end["until"]["edtf"],
                "earliest": _iso(end["until"]["earliest"]),
                "latest": _iso(end["until"]["latest"]),
                "facts": [end["fact"]["id"]],
                "sources": end["sources"],
            }
            for end in row["announced_ends"]
        ],
    }


async def answers(
    instance: Instance,
    asked: Sequence[tuple[str, str | None, Moment]],
    prepare: Callable[[psycopg.AsyncConnection[Any]], Awaitable[None]] | None = None,
) -> list[dict[str, Any]]:
    """What the projections answer, on a session that may be prepared first."""
    found = []
    instance.vocabulary.refresh()
    words = instance.vocabulary.current
    questions = {name: (fluent, inverse) for name, fluent, inverse in words.questions}
    async with await psycopg.AsyncConnection.connect(
        instance.database.url, autocommit=True, **instance.database.session(READER)
    ) as connection:
        if prepare is not None:
            await prepare(connection)
        for question, who, (days, k, r) in asked:
            fluent, inverse = questions[question]
            point = Point(Days(*days), MAX_DAY if k is None else k, r)
            named = None if who is None else await canonical(connection, who, point)
            page = await held(connection, fluent, named, point, inverse=inverse, first=5000)
            reported = []
            if question == "members" and named is not None:
                reported = await reported_counts(connection, named, point)
            counts = page.certain, page.possible, page.announced
            found.append(
                {
                    "ids": [row["id"] for row in page.rows],
                    "nodes": told(node(row) for row in page.rows),
                    "attested": {row["id"]: _iso(row["attested"]) for row in page.rows},
                    "counts": counts,
                    "reported": [(r["source"], r["value"], r["comparator"]) for r in reported],
                }
            )
    return found


def naive(oracle: Oracle, question: str, who: str | None, moment: Moment) -> dict[str, Any]:
    answer = oracle.answer(question, who, *moment)
    count = answer["count"]
    return {
        "ids": [node["subject"]["id"] for node in answer["nodes"]],
        "nodes": told(answer["nodes"]),
        "attested": {node["subject"]["id"]: node["attested"] for node in answer["nodes"]},
        "counts": (count["certain"], count["possible"], count["announced"]),
        "reported": [
            (report["source"]["id"], report["value"], report["comparator"])
            for report in count["reported"]
        ],
    }


def every_question(
    points: Sequence[Moment], questions: Mapping[str, tuple[str, str]] = QUESTIONS
) -> list[tuple[str, str | None, Moment]]:
    """Every question about every entity of a random record, at every point."""
    return [
        (question, who, point)
        for point in points
        for question, (_, side) in questions.items()
        for who in ([None] if side == "kind" else ["e1", "e2", "e3", "e4", "e5"])
    ]
