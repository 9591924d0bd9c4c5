"""Types of facts made of definitions, and their shapes.

A *shape* is what the stored bytes of a defined fact say of its type: its effects and what its keys
are. So the event is read without the definition, by whoever has nothing else of the log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct, defstruct, inspect

from domain.canonical import date_of_text, sorted_json, text_of_date
from domain.dates import Edtf
from domain.definitions import EffectDefined, FactTypeDefined, KeyDefined, KeyType
from domain.entities import EntityId
from domain.facts import MOST_TYPES, Effect, Fact
from domain.sources import Text

_OF_KEY: dict[KeyType, Any] = {
    KeyType.ENTITY: EntityId,
    KeyType.ENTITIES: Annotated[tuple[EntityId, ...], Meta(min_length=1, max_length=1_000)],
    KeyType.TEXT: Text,
    KeyType.INTEGER: Annotated[int, Meta(gt=-(2**53), lt=2**53)],
    KeyType.NUMBER: Annotated[int, Meta(gt=-(2**53), lt=2**53)]
    | Annotated[float, Meta(ge=-1e15, le=1e15)],
    KeyType.DATE: Edtf,
    KeyType.CODE: Text,
}


class FactShape(Struct, frozen=True, forbid_unknown_fields=True):
    """The name of a type of facts, its effects, and the type of each of its keys, in order."""

    name: str
    effects: tuple[EffectDefined, ...]
    keys: tuple[tuple[str, KeyType], ...]


_shape = msgspec.json.Decoder(FactShape).decode


def fact_type(definition: FactTypeDefined) -> type[Fact]:
    """The type of facts that a definition, as extended, makes."""
    return _defined(definition.id, msgspec.json.encode((definition.effects, definition.keys)))


@lru_cache(MOST_TYPES)
def _defined(name: str, written: bytes) -> type[Fact]:
    effects, keys = msgspec.json.decode(
        written, type=tuple[tuple[EffectDefined, ...], dict[str, KeyDefined]]
    )
    fields = [
        _field(
            key,
            Literal[defined.codes] if defined.codes else _OF_KEY[defined.type],
            defined.required,
        )
        for key, defined in keys.items()
    ]
    return _made(
        fields, FactShape(name, effects, tuple((key, each.type) for key, each in keys.items()))
    )


@lru_cache(MOST_TYPES)
def shaped(shape: bytes) -> type[Fact]:
    """The type of facts that a stored shape makes: what was checked when it was recorded is not
    checked again. Raises ValueError where the bytes are no shape."""
    read = _shape(shape)
    needed = {key for effect in read.effects for key in (effect.scope, effect.subject)}
    if not needed <= {key for key, _ in read.keys}:
        raise ValueError(f"no shape of {read.name}: an effect names a key that is not there")
    fields = [_field(key, _OF_KEY[kind], key in needed) for key, kind in read.keys]
    return _made(fields, read)


def _field(key: str, kind: Any, required: bool) -> tuple[str, Any] | tuple[str, Any, Any]:
    return (key, kind) if required else (key, kind | None, None)


def _made(fields: Iterable[Any], shape: FactShape) -> type[Fact]:
    name = shape.name
    effects = tuple(
        Effect(each.fluent, each.starts is not None, each.scope, each.subject)
        for each in shape.effects
    )
    namespace = {
        "__doc__": f"A fact of the type {name}, which the record defines.",
        "__reduce__": _reduced,
        "effects": effects,
        "shape": sorted_json(shape),
    }
    made = defstruct(
        name, fields, bases=(Fact,), namespace=namespace, module=__name__, frozen=True, kw_only=True
    )
    assert issubclass(made, Fact)
    return made


def _reduced(fact: Fact) -> tuple[Callable[..., Fact], tuple[bytes, bytes]]:
    """What other processes make the fact of again: the type's name says nothing to them."""
    shape = fact.shape
    assert shape is not None
    return _restored, (shape, msgspec.json.encode(fact, enc_hook=text_of_date))


def _restored(shape: bytes, written: bytes) -> Fact:
    return msgspec.json.decode(written, type=shaped(shape), dec_hook=date_of_text)


def effects_words(effects: Iterable[Effect]) -> Iterable[Mapping[str, Any]]:
    """Effects as a definition has them."""
    for effect in effects:
        side = "starts" if effect.is_start else "ends"
        yield {side: effect.fluent, "scope": effect.scope, "subject": effect.subject}


def keys_of(kinds: Iterable[type[Fact]]) -> Iterator[dict[str, KeyDefined]]:
    """The keys of each core type beside those of every fact: as `_OF_KEY`, the other way round."""
    every = set(Fact.__struct_fields__)
    for info in inspect.multi_type_info(kinds):
        assert isinstance(info, inspect.StructType)
        own = [field for field in info.fields if field.name not in every]
        yield {field.encode_name: _key(field) for field in own}


def _key(field: inspect.Field) -> KeyDefined:
    found, codes = _key_type(field.type)
    return KeyDefined(found, field.required, None, codes)


def _key_type(info: inspect.Type) -> tuple[KeyType, tuple[str, ...] | None]:
    if isinstance(info, inspect.Metadata):
        if (info.extra or {}).get("names") == "entity":
            return KeyType.ENTITY, None
        return _key_type(info.type)
    if isinstance(info, inspect.UnionType):
        parts = [each for each in info.types if not isinstance(each, inspect.NoneType)]
        return (KeyType.NUMBER, None) if len(parts) > 1 else _key_type(parts[0])
    if isinstance(info, inspect.EnumType):
        return KeyType.CODE, tuple(str(each.value) for each in info.cls)
    if isinstance(info, inspect.VarTupleType):
        return KeyType.ENTITIES, None
    if isinstance(info, inspect.CustomType) and info.cls is Edtf:
        return KeyType.DATE, None
    return (KeyType.INTEGER if isinstance(info, inspect.IntType) else KeyType.TEXT), None
