"""Arrays as PostgreSQL receives them.

psycopg looks at each element several times to find out what it is; an append knows what it sends,
be it one event, where that is a tenth of the time, or 100,000.
"""

from __future__ import annotations

from collections.abc import Iterable
from struct import Struct

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

_HEAD = Struct(">iiIii")  # dimensions, whether there are nulls, type of the elements, size, first
_LENGTH, _INT4, _INT8 = Struct(">i"), Struct(">i"), Struct(">q")
_NULL = _LENGTH.pack(-1)


class Array:
    """A list in the binary form of one type of array (PostgreSQL's array_recv)."""

    __slots__ = ("data",)
    element: int
    """The oid of the type of its elements."""

    def __init__(self, items: Iterable[bytes | None]) -> None:
        parts, has_null, pack = [b""], False, _LENGTH.pack
        for item in items:
            if item is None:
                has_null = True
                parts += (b"", _NULL)
            else:
                parts += (pack(len(item)), item)
        size = len(parts) // 2
        parts[0] = _HEAD.pack(bool(size), has_null, self.element, size, 1)[: 20 if size else 12]
        self.data = b"".join(parts)


class Texts(Array):
    """text[]"""

    __slots__ = ()
    element = 25

    def __init__(self, items: Iterable[str | None]) -> None:
        super().__init__(None if item is None else item.encode() for item in items)


class Blobs(Array):
    """bytea[]"""

    __slots__ = ()
    element = 17


class Int4s(Array):
    """integer[]"""

    __slots__ = ()
    element = 23

    def __init__(self, items: Iterable[int]) -> None:
        super().__init__(map(_INT4.pack, items))


class Int8s(Array):
    """bigint[]"""

    __slots__ = ()
    element = 20

    def __init__(self, items: Iterable[int]) -> None:
        super().__init__(map(_INT8.pack, items))


class _Ready(Dumper):
    format = Format.BINARY

    def dump(self, obj: Array) -> bytes:
        return obj.data


def _register(kind: type[Array], oid: int) -> None:
    psycopg.adapters.register_dumper(kind, type(f"{kind.__name__}Dumper", (_Ready,), {"oid": oid}))


for _kind, _oid in ((Texts, 1009), (Blobs, 1001), (Int4s, 1007), (Int8s, 1016)):
    _register(_kind, _oid)
