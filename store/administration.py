"""Events of administration: appended with what they tell of, and held against it by an audit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg

from domain.administration import Administration, DocumentCaptured, KeyIssued, KeyRevoked
from domain.codec import decode, encode
from store.arrays import Blobs, Int4s, Int8s, Texts
from store.audit import LogProblem
from store.sql import queries

LOG = queries("store", "log.sql")
SQL = queries("store", "administration.sql")


def append(
    connection: psycopg.Connection[Any], entry: Administration, *, actor: str, tag: str
) -> None:
    """Append an event in the caller's transaction, in the owner's or the writer's role."""
    stored_type, data = encode(entry, actor=actor, recorded_at=datetime.now(UTC))
    connection.execute(
        LOG["append"],
        {
            "conditions": Texts([""]), "afters": Int8s([0]), "counts": Int4s([1]),
            "types": Texts([stored_type]), "datas": Blobs([data]), "tags": Texts([tag]),
            "request_ids": Texts([None]), "digests": Blobs([None]), "recorded": Int4s([0]),
            "unchanged": Int4s([0]),
        },
    )  # fmt: skip


def time_of(when: datetime | None) -> str | None:
    """A time as events have it."""
    return None if when is None else when.astimezone(UTC).isoformat(timespec="microseconds")


def audit_keys(connection: psycopg.Connection[Any]) -> Iterator[LogProblem]:
    """Keys that were made, changed, revoked, restored or deleted behind the service."""
    issued: dict[str, tuple[int, KeyIssued]] = {}
    revoked: dict[str, int] = {}
    for position, entry in _events(connection, "issued"):
        if isinstance(entry, KeyIssued):
            issued[entry.id] = position, entry
        elif isinstance(entry, KeyRevoked):
            revoked[entry.key] = position
    for key, name, role, expires_at, revoked_at in connection.execute(SQL["keys"]).fetchall():
        found = issued.pop(key, None)
        if found is None:
            yield LogProblem(
                None, f"the key {key} of {name!a} ({role}) was made behind the service"
            )
            continue
        position, told = found
        has = {"name": name, "role": role, "expires": time_of(expires_at)}
        for what, value in has.items():
            if value != getattr(told, what):
                yield LogProblem(
                    position,
                    f"the {what} of the key {key} is {value!a}, and was issued as "
                    f"{getattr(told, what)!a}",
                )
        if (revoked_at is None) != (key not in revoked):
            words = "in force again, and was revoked" if revoked_at is None else "revoked"
            yield LogProblem(
                revoked.get(key, position), f"the key {key} is {words}, unlike the log"
            )
    for key, (position, told) in issued.items():
        yield LogProblem(position, f"the key {key} of {told.name!a} is gone")


def audit_documents(connection: psycopg.Connection[Any]) -> Iterator[LogProblem]:
    """Documents that were deleted, changed, or shown or hidden behind the service."""
    told = {
        entry.id: (position, entry)
        for position, entry in _events(connection, "captured")
        if isinstance(entry, DocumentCaptured)
    }
    for number, sha256, shown, is_held in connection.execute(SQL["captures"]).fetchall():
        found = told.pop(f"capture-{number}", None)
        if found is None or found[1].sha256 != sha256:
            yield LogProblem(
                None, f"a capture of the document {sha256} was made behind the service"
            )
        elif found[1].shown != shown:
            words = "shown" if shown else "hidden"
            yield LogProblem(found[0], f"the document {sha256} was {words} behind the service")
        if not is_held:
            yield LogProblem(
                found and found[0], f"the document {sha256} is gone, or not as it was captured"
            )
    for position, entry in told.values():
        yield LogProblem(position, f"the document {entry.sha256} that was captured is gone")


def _events(connection: psycopg.Connection[Any], query: str) -> Iterator[tuple[int, object]]:
    for position, stored_type, data in connection.execute(SQL[query]).fetchall():
        try:
            yield position, decode(position, stored_type, data).entry
        except ValueError:
            continue  # the audit of the log names it
