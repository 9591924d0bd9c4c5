"""JSON as exports write it: compact, in UTF-8, a list's items on lines of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

encode = msgspec.json.Encoder().encode


def dumps(value: Any) -> str:
    """A value as text."""
    return encode(value).decode()


def listed(batches: Iterable[Iterable[Any]]) -> Iterator[bytes]:
    """The items of all batches, a chunk for each batch: what stands between [ and ]."""
    between = b"\n"
    for batch in batches:
        if chunk := b",\n".join(map(encode, batch)):
            yield between + chunk
            between = b",\n"
