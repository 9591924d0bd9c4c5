"""Canonical JSON (RFC 8785): what is stored and hashed, the same bytes for the same values.

msgspec's sorted dump is the same bytes where the values are plain, and many times faster.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import msgspec
import rfc8785
from msgspec import inspect

from domain.dates import Edtf, parse
from domain.errors import Refused
from domain.sources import LANGUAGE, Entry

LARGEST_INTEGER = 2**53 - 1


def text_of_date(value: Any) -> Any:
    """What msgspec can't encode by itself: a date, which is its text."""
    if isinstance(value, Edtf):
        return value.text
    raise TypeError(f"no writing of {type(value)}")


def date_of_text(kind: type, value: Any) -> Any:
    """What msgspec can't decode by itself: a date, from its text, or as it was read already."""
    if kind is not Edtf:
        raise TypeError(f"no reading of {kind}")
    if isinstance(value, Edtf):
        return value
    if not isinstance(value, str):
        raise ValueError("Expected an EDTF date as text, such as 2014-09")
    try:
        return parse(value)
    except Refused as refused:
        raise ValueError(refused.message) from refused


sorted_json = msgspec.json.Encoder(enc_hook=text_of_date, order="sorted").encode
"""Canonical JSON of what is plain: no floats, only ASCII keys."""


def canonical(obj: Any) -> bytes:
    """Canonical JSON (RFC 8785). msgspec's sorted dump is the same bytes where it is plain."""
    return sorted_json(obj) if _is_plain(obj) else rfc8785.dumps(obj)


def _is_plain(value: Any) -> bool:
    """Whether it has no floats, which RFC 8785 writes its own way, and only ASCII keys, since it
    sorts them by UTF-16."""
    if isinstance(value, dict):
        return all(key.isascii() for key in value) and all(map(_is_plain, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return not isinstance(value, float)


def is_plain_entry(entry: Entry) -> bool:
    """Whether an entry is plain, and has no integer too large, by its type alone."""
    odd = _odd_keys(type(entry))
    return not odd or all(getattr(entry, name) is None for name in odd)


@lru_cache(5_000)
def _odd_keys(kind: type[Entry]) -> list[str]:
    """The keys of a kind of entry whose values may not be plain."""
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    return [field.name for field in info.fields if not _has_plain_values(field.type)]


def _has_plain_values(info: inspect.Type) -> bool:
    if isinstance(info, inspect.StructType):
        return all(_has_plain_values(field.type) for field in info.fields)
    if isinstance(info, inspect.DictType):
        return _is_ascii_key(info.key_type) and _has_plain_values(info.value_type)
    if isinstance(info, inspect.UnionType):
        return all(map(_has_plain_values, info.types))
    if isinstance(info, inspect.VarTupleType):
        return _has_plain_values(info.item_type)
    if isinstance(info, inspect.TupleType):
        return all(map(_has_plain_values, info.item_types))
    if isinstance(info, inspect.Metadata):
        return _has_plain_values(info.type)
    if isinstance(info, inspect.IntType):
        return info.le is not None and info.le <= LARGEST_INTEGER
    if isinstance(info, inspect.CustomType):
        return info.cls is Edtf  # written as its text
    return isinstance(info, inspect.StrType | inspect.EnumType | inspect.NoneType)


def _is_ascii_key(info: inspect.Type) -> bool:
    text = info.type if isinstance(info, inspect.Metadata) else info
    return isinstance(text, inspect.StrType) and text.pattern == LANGUAGE


class EntryDigest:
    """The SHA-256 of entries as one list in canonical JSON, an entry at a time."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256(b"[")
        self._is_first = True

    def take(self, entry: Entry) -> None:
        """Add the next entry."""
        self._hash.update(b"" if self._is_first else b",")
        self._is_first = False
        if is_plain_entry(entry):
            self._hash.update(sorted_json(entry))
        else:
            self._hash.update(canonical(msgspec.to_builtins(entry, enc_hook=text_of_date)))

    def digest(self) -> bytes:
        """The digest of what was taken so far."""
        found = self._hash.copy()
        found.update(b"]")
        return found.digest()


def digest_of(entries: Iterable[Entry]) -> bytes:
    """The SHA-256 of the entries as one list in canonical JSON."""
    digest = EntryDigest()
    for entry in entries:
        digest.take(entry)
    return digest.digest()
