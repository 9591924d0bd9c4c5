"""Arrays are received as they were sent, whatever they hold."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg import errors

from store.arrays import Array, Blobs, Int4s, Int8s, Texts
from store.database import READER, Database


@pytest.mark.parametrize(
    ("kind", "name", "items"),
    [
        (Texts, "text[]", ["a", None, "", "سوريا", "😀\n{,}\"'\\", "NULL"]),
        (Texts, "text[]", ["x", None, "x" * 1_000]),
        (Blobs, "bytea[]", [b"", None, b"\0\xff", bytes(range(256))]),
        (Int4s, "integer[]", [0, -1, 2**31 - 1, -(2**31)]),
        (Int8s, "bigint[]", [0, -1, 2**63 - 1, -(2**63)]),
    ],
)
def test_what_is_sent_is_what_is_received(
    database: Database, kind: type[Array], name: str, items: list[Any]
) -> None:
    asked = f"SELECT %b::{name}, array_lower(%b::{name}, 1), pg_typeof(%b)::text".encode()
    with database.connect(READER) as connection:
        for some in (items, items[:1], [], [item for item in items if item is not None] * 500):
            sent = kind(some)
            for prepare in (False, True):
                row = connection.execute(asked, (sent, sent, sent), prepare=prepare).fetchone()
                assert row == (some, 1 if some else None, name)


def test_a_text_that_postgresql_does_not_take_is_refused(database: Database) -> None:
    with database.connect(READER) as connection:
        with pytest.raises(errors.CharacterNotInRepertoire):
            connection.execute("SELECT %b::text[]", (Texts(["a\0b"]),))
        with pytest.raises(UnicodeEncodeError):
            Texts(["\ud800"])
