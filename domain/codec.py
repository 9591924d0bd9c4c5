"""Entries in their three forms: a record file's JSON object, a typed entry, stored bytes.

Stored types carry a version (`MemberJoined/1`); what was stored in an older one is lifted by its
upcasters when read, and the bytes stay as they are. Stored bytes are canonical JSON (RFC 8785):
the entry, its actor, its time and a salt.
"""

from __future__ import annotations

import json
from binascii import hexlify
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from os import urandom
from typing import Any, Generic, NamedTuple, Protocol, TypeVar, Union, cast

import msgspec
from msgspec import Struct

from domain.canonical import (
    canonical,
    date_of_text,
    is_plain_entry,
    sorted_json,
    text_of_date,
)
from domain.corrections import FactCorrected
from domain.defined_facts import shaped
from domain.entities import EntityRegistered
from domain.errors import Refusals, Refused
from domain.facts import MOST_TYPES, Fact
from domain.sources import Entry, Position
from domain.strict_json import check_text, is_plain_text, parse_json
from domain.validation_errors import nearest, refusals_of
from domain.vocabulary import ADMINISTRATION, CORE, DEFINITIONS, Vocabulary

Json = dict[str, Any]

VERSION = 1
"""The version in which entries are stored, where VERSIONS has no other for their type."""
VERSIONS: dict[str, int] = {}
UPCASTERS: dict[tuple[str, int], Callable[[Json], Json]] = {}
"""(type name, version) → what lifts an entry's object from that version to the next."""


STORED_TYPES: dict[str, type[Entry]] = {**CORE.types, **ADMINISTRATION}
"""Types of which events are stored without a shape: those that every record has."""


class Event(NamedTuple):
    """An entry as the log holds it."""

    position: Position
    recorded_at: datetime
    actor: str
    entry: Entry
    fact_type: type[Fact] | None = None
    """The type with the new key, where a correction gives a fact a key that its type lacked when
    the fact was recorded."""


# A record file's object ⇄ an entry


_LINES: msgspec.json.Decoder[Entry] = msgspec.json.Decoder(
    Union[tuple(CORE.types.values())],  # noqa: UP007  # made of a tuple
    dec_hook=date_of_text,
)


def read(obj: Any, vocabulary: Vocabulary = CORE) -> Entry:
    """A record file's object as an entry; `Refused` says which key is wrong and why."""
    if not isinstance(obj, dict):
        raise Refused("BAD_ENTRY", 'An entry is a JSON object with a "type" and an "id".')
    check_text(obj)
    return read_checked(obj, vocabulary)


def read_checked(obj: Json, vocabulary: Vocabulary = CORE) -> Entry:
    """The same of an object whose texts were checked already."""
    name = obj.get("type")
    if name is None:
        raise Refused("MISSING_KEY", 'An entry needs a "type", such as MemberJoined.', field="type")
    types = vocabulary.types
    kind = types.get(name) if isinstance(name, str) else None
    if kind is None:
        raise Refused(
            "UNKNOWN_TYPE",
            f"There is no type {str(name)[:80]!a}; the types are {nearest(str(name), types)}.",
            field="type",
        )
    entry = _convert(kind, {key: value for key, value in obj.items() if value is not None})
    entry.check()
    check_kind(entry, vocabulary)
    return entry


def check_kind(entry: Entry, vocabulary: Vocabulary) -> None:
    """Refuse an entity of a kind that the vocabulary does not have."""
    if isinstance(entry, EntityRegistered) and entry.kind not in vocabulary.kinds:
        kinds = ", ".join(vocabulary.kinds)
        raise Refused(
            "BAD_VALUE", f"EntityRegistered: {entry.kind!r} is none of {kinds}.", field="kind"
        )


def read_line(line: bytes, vocabulary: Vocabulary = CORE) -> Entry:
    """A record file's line as an entry: what `read(parse_json(line))` makes of it, or refuses."""
    return _read_plain(line, vocabulary) or read(parse_json(line), vocabulary)


def _read_plain(line: bytes, vocabulary: Vocabulary) -> Entry | None:
    """The entry of a line with nothing out of the ordinary, None for any other.

    msgspec silently takes the last of two equal keys. In a line without backslashes each quotation
    mark begins or ends a text. So the entry, written again, has as many of them as the line only if
    no key stood twice, was empty, or said what holds without it.
    """
    if b"\\" in line:
        return None
    try:
        if line.isascii():
            if b"\x7f" in line:
                return None
        elif not is_plain_text(line.decode()):
            return None
        entry = _decoded(line, vocabulary)
        if not is_plain_entry(entry):
            return None
        if sorted_json(entry).count(b'"') != line.count(b'"'):
            return None
        entry.check()
        check_kind(entry, vocabulary)
    except (UnicodeDecodeError, msgspec.MsgspecError, Refused, RecursionError):
        return None  # refused, with words, when read in full
    return entry


class _Typed(Struct):
    type: str


_type_of = msgspec.json.Decoder(_Typed).decode


def _decoded(line: bytes, vocabulary: Vocabulary) -> Entry:
    try:
        return _LINES.decode(line)
    except msgspec.ValidationError:
        found = vocabulary.fact_types.get(_type_of(line).type)
        if found is None or found.entry.shape is None:
            raise
        return _decoder_of(found.entry).decode(line)


@lru_cache(MOST_TYPES)
def _decoder_of(kind: type[Fact]) -> msgspec.json.Decoder[Fact]:
    return msgspec.json.Decoder(kind, dec_hook=date_of_text)


def _convert(kind: type[Entry], obj: Json) -> Entry:
    try:
        return msgspec.convert(obj, kind, dec_hook=date_of_text)
    except msgspec.ValidationError as error:
        raise refusals_of(kind, obj, date_of_text, error).joined() from error


def write(entry: Entry) -> Json:
    """An entry as a record file's object: `type` first, keys in camelCase, none that is empty."""
    return cast(Json, msgspec.to_builtins(entry, enc_hook=text_of_date))


def changed(entry: Entry, changes: Json, kind: type[Entry] | None = None) -> Entry:
    """The entry with new values of some keys; null takes an optional key away.

    It is then of a `kind`, where its type has more keys now than when it was recorded.
    Refused: a key that the type does not have or that never changes, a value that it can't have.
    """
    for key in changes:
        if key in ("type", "id", "citations"):
            raise Refused(
                "UNCHANGEABLE_KEY", f"The {key} of an entry never changes.", field=f"changes.{key}"
            )
    obj = {key: value for key, value in {**write(entry), **changes}.items() if value is not None}
    try:
        new = _convert(kind or type(entry), obj)
        new.check()
    except Refused as refused:
        raise Refusals(*map(_of_changes, Refusals(refused).first)).joined() from refused
    return new


def _of_changes(refused: Refused) -> Refused:
    field = f"changes.{refused.field}" if refused.field else "changes"
    return Refused(refused.code, refused.message, field=field, **refused.data)


# Stored bytes


_ORDERED = {"EntityRegistered", "EntityCorrected", "EntityRenamed", *DEFINITIONS}
"""Types of entries with objects whose order is the author's choice."""
_IN_ORDER = ("names", "inverseNames", "keys")


def _keep_order(obj: Json) -> Json:
    """Some objects as pairs, since canonical JSON sorts keys and the first name is the author's
    choice."""
    pairs: Json = {
        key: [list(pair) for pair in obj[key].items()]
        for key in _IN_ORDER
        if isinstance(obj.get(key), dict)
    }
    if isinstance(obj.get("changes"), dict):
        pairs["changes"] = _keep_order(obj["changes"])
    return {**obj, **pairs}


def _give_order(obj: Json) -> Json:
    objects = {key: dict(obj[key]) for key in _IN_ORDER if isinstance(obj.get(key), list)}
    if isinstance(obj.get("changes"), dict):
        objects["changes"] = _give_order(obj["changes"])
    return {**obj, **objects}


SALT = 16
"""Random bytes in each stored event. The hash of its leaf is public: without a salt, anyone could
guess what an event says and check the guess against the hash."""
Random = Callable[[int], bytes]


def encode(
    entry: Entry, *, actor: str, recorded_at: datetime, random: Random = urandom
) -> tuple[str, bytes]:
    """The stored type and bytes of an entry that `actor` records at a time in UTC.

    `random` gives the salt, as many bytes as it is asked for: two calls give different bytes.
    """
    return encoder(actor, recorded_at, random)(entry)


class Encoder(Protocol):
    """What gives the stored type and bytes of an entry, and of the type of its fact where an Event
    would have one."""

    def __call__(
        self, entry: Entry, fact_type: type[Fact] | None = None, /
    ) -> tuple[str, bytes]: ...


def encoder(actor: str, recorded_at: datetime, random: Random = urandom) -> Encoder:
    """`encode` for many entries of one actor and time."""
    stamp = recorded_at.astimezone(UTC).isoformat(timespec="microseconds")
    before = b'{"actor":' + sorted_json(actor) + b',"entry":'
    after = b',"recordedAt":' + sorted_json(stamp) + b',"salt":"'
    kinds: dict[type[Entry], tuple[str, bytes, bool, bytes]] = {}

    def end(fact_type: type[Fact] | None) -> bytes:
        shape = None if fact_type is None else fact_type.shape
        return b'"}' if shape is None else b'","shape":' + shape + b"}"

    def encoded(entry: Entry, fact_type: type[Fact] | None = None, /) -> tuple[str, bytes]:
        kind = type(entry)
        if kind not in kinds:
            name = kind.__name__
            kinds[kind] = (
                f"{name}/{VERSIONS.get(name, VERSION)}",
                f',"type":"{name}"'.encode(),
                name in _ORDERED,
                end(kind if issubclass(kind, Fact) else None),
            )
        stored_type, type_key, is_ordered, ending = kinds[kind]
        is_plain = is_plain_entry(entry)
        if is_plain and not is_ordered:
            # No text contains this: a quotation mark within one follows a backslash.
            data = sorted_json(entry).replace(type_key, b"", 1)
        else:
            obj = write(entry)
            if is_ordered:
                obj = _keep_order(obj)
            del obj["type"]
            data = (sorted_json if is_plain else canonical)(obj)
        if fact_type is not None:
            ending = end(fact_type)
        return stored_type, b"".join((before, data, after, hexlify(random(SALT)), ending))

    return encoded


E = TypeVar("E", bound=Entry)


class _Stored(Struct, Generic[E], rename="camel"):
    actor: str
    entry: E
    recorded_at: str
    shape: msgspec.Raw = msgspec.Raw()


class _Shaped(Struct):
    shape: msgspec.Raw


_shape_of = msgspec.json.Decoder(_Shaped).decode


def _stored(kind: type[Entry]) -> msgspec.json.Decoder[_Stored[Any]]:
    return msgspec.json.Decoder(_Stored[kind], dec_hook=date_of_text)  # type: ignore[valid-type]


_STORED: dict[str, msgspec.json.Decoder[_Stored[Any]]] = {
    name: _stored(kind) for name, kind in STORED_TYPES.items() if name not in _ORDERED
}


def decode(position: int, stored_type: str, data: bytes) -> Event:
    """The event of stored bytes, lifted to today's version of its type.

    Raises ValueError where the bytes are none that this program, or an older one, stored.
    """
    name, _, number = stored_type.partition("/")
    kind = STORED_TYPES.get(name)
    current = VERSIONS.get(name, VERSION)
    is_known = number.isdecimal() and 1 <= int(number) <= current
    if not is_known or (kind is None and b'"shape":' not in data):
        raise ValueError(f"position {position}: unknown event type {stored_type!r}")
    try:
        decoder = _STORED.get(name) if kind is not None else _decoder_of_shape(name, data)
        if decoder is not None and int(number) == current:
            stored = decoder.decode(data)
            when = datetime.fromisoformat(stored.recorded_at)
            fact_type = None
            if kind is FactCorrected and (shape := bytes(stored.shape)):
                fact_type = shaped(shape)
            return Event(Position(position), when, stored.actor, stored.entry, fact_type)
        payload = json.loads(data)
        obj = _give_order(payload["entry"]) if name in _ORDERED else payload["entry"]
        for version in range(int(number), current):
            obj = UPCASTERS[name, version](obj)
        entry = msgspec.convert({**obj, "type": name}, kind, dec_hook=date_of_text)
        when = datetime.fromisoformat(payload["recordedAt"])
        return Event(Position(position), when, payload["actor"], entry)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"position {position}: {stored_type} can't be read: {error}") from error


def _decoder_of_shape(name: str, data: bytes) -> msgspec.json.Decoder[_Stored[Any]]:
    """Of a fact of a type that the record defines."""
    decoder, own = _stored_shape(bytes(_shape_of(data).shape))
    if own != name:
        raise ValueError(f"its shape is that of {own}")
    return decoder


@lru_cache(MOST_TYPES)
def _stored_shape(shape: bytes) -> tuple[msgspec.json.Decoder[_Stored[Any]], str]:
    kind = shaped(shape)
    return _stored(kind), kind.__name__
