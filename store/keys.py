"""Keys of those who may write: made once, shown once, kept as SHA-256, revoked, never deleted."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

import psycopg
from psycopg.rows import class_row

from domain.administration import KeyIssued, KeyRevoked
from domain.errors import Refused
from domain.names import check_name
from domain.roles import Role
from store.administration import append, time_of
from store.arrays import Blobs
from store.sql import queries

SQL = queries("store", "keys.sql")
PREFIX = "sijill_"
SHAPE = re.compile(r"^sijill_[A-Za-z0-9_-]{43}\Z")


class Key(NamedTuple):
    """What is known of a key: never the key itself."""

    id: str
    name: str
    role: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class Holder(NamedTuple):
    """Whose key it is."""

    id: str
    name: str
    role: Role


def digest_of(key: str) -> bytes:
    """What is kept of a key. 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(key.encode()).digest()


def add_key(
    connection: psycopg.Connection[Any],
    name: str,
    role: Role,
    expires_at: datetime | None = None,
    *,
    actor: str = "local",
) -> tuple[str, str]:
    """Make a key: its id, and the key, which can't be had again. Refused as `check_name` does."""
    name = check_name(name)
    key_id, key = secrets.token_hex(6), PREFIX + secrets.token_urlsafe(32)
    entry = KeyIssued(id=key_id, name=name, role=role.value, expires=time_of(expires_at))
    with connection.transaction():
        connection.execute(
            SQL["add"],
            {
                "id": key_id,
                "name": name,
                "role": role.value,
                "digest": digest_of(key),
                "expires_at": expires_at,
            },
        )
        append(connection, entry, actor=actor, tag=f"key:{key_id}")
    return key_id, key


def list_keys(connection: psycopg.Connection[Any]) -> list[Key]:
    """All keys that there ever were, oldest first."""
    with connection.cursor(row_factory=class_row(Key)) as cursor:
        return cursor.execute(SQL["list"]).fetchall()


def revoke_key(connection: psycopg.Connection[Any], key_id: str, *, actor: str = "local") -> None:
    """End a key, from the next request on; again changes nothing. Refused(UNKNOWN_KEY_ID)."""
    with connection.transaction():
        row = connection.execute(SQL["revoke"], {"id": key_id}).fetchone()
        if row is None:
            raise Refused(
                "UNKNOWN_KEY_ID", f"There is no key {key_id[:80]!a}: list them.", field="id"
            )
        if row[0]:
            entry = KeyRevoked(id=f"{key_id}-revoked", key=key_id)
            append(connection, entry, actor=actor, tag=f"key:{key_id}")


async def find_holders(
    connection: psycopg.AsyncConnection[Any], digests: Collection[bytes]
) -> dict[bytes, Holder]:
    """Whose the keys of some digests are, of those that are good now."""
    cursor = await connection.execute(SQL["find"], {"digests": Blobs(digests)}, prepare=True)
    return {
        digest: Holder(key_id, name, Role(role))
        for digest, key_id, name, role in await cursor.fetchall()
    }
