"""Validation errors of msgspec as refusals: which key, what is wrong with it, what it may be.

msgspec stops at the first error. Here the object is looked at key by key, so that all are found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import islice
from typing import Any, get_args, get_origin

import msgspec
from msgspec import inspect

from domain.errors import Refusals, Refused

Decode = Callable[[type, Any], Any]

_AT = re.compile(r" - at (?:`key` in )?`\$?\.?(.*?)`$", re.DOTALL)
_STEP = re.compile(r"[^.\[\]]+|\[\.\.\.\]|\[\d+\]")
_ENUM = re.compile(r"^Invalid enum value (.*)$", re.DOTALL)
_NAMES_OF_TYPES = {
    "`int | float`": "a number",
    "`str`": "text", "`int`": "a whole number", "`float`": "a number", "`bool`": "true or false",
    "`array`": "a list", "`object`": "an object", "`null`": "null",
}  # fmt: skip
LONGEST = 100
"""Characters of the user's own text in a message."""


def refusals_of(
    kind: type[msgspec.Struct], obj: dict[str, Any], decode: Decode, error: msgspec.ValidationError
) -> Refusals:
    """What keeps an object from being an entry of this kind, which msgspec refused.

    No more than Refusals.MOST, since an object may have any number of unknown keys.
    """
    found = Refusals(*islice(_of_struct(kind, obj, "", decode, kind.__name__), Refusals.MOST))
    return found or Refusals(Refused("BAD_VALUE", f"{kind.__name__}: {cut(str(error), 500)}."))


def nearest(word: str, known: Iterable[str]) -> str:
    """Words in a list, those most like another one first."""
    return _by_likeness(word[:LONGEST].lower(), tuple(known))


@lru_cache(maxsize=1_000)
def _by_likeness(word: str, known: tuple[str, ...]) -> str:
    # Cached, since a file tends to have the same slip on every line.
    return ", ".join(
        sorted(known, key=lambda each: -SequenceMatcher(None, word, each.lower()).ratio())
    )


@lru_cache(5_000)
def _fields(kind: type[msgspec.Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    return {field.encode_name: field for field in msgspec.structs.fields(kind)}


def cut(text: str, longest: int = LONGEST) -> str:
    """Text for a message, cut when it is long."""
    return text if len(text) <= longest else text[:longest] + "…"


def _of_struct(
    kind: type[msgspec.Struct], obj: dict[str, Any], path: str, decode: Decode, name: str
) -> Iterator[Refused]:
    """What is wrong with an object, `name` being the type of the entry that it belongs to."""
    fields = _fields(kind)
    for key, value in obj.items():
        at = f"{path}.{cut(key)}".lstrip(".")
        if key in fields:
            yield from _of_value(fields[key].type, value, at, decode, name)
        elif key != "type" or path:
            where = f" in {path}" if path else ""
            yield Refused(
                "UNKNOWN_KEY",
                f"{name} has no key {cut(key)!a}{where}; its keys are {nearest(key, fields)}.",
                field=at,
            )
    missing = [key for key, field in fields.items() if field.required and key not in obj]
    if not path and "citations" in missing:
        missing.remove("citations")
        yield Refused("NO_CITATION", f"{name} needs the key citations.", field="citations")
    if missing:
        *others, last = missing
        words = f"keys {', '.join(others)} and {last}" if others else f"key {last}"
        at = f"{path}.{missing[0]}".lstrip(".")
        yield Refused("MISSING_KEY", f"{name} needs the {words}.", field=at)


def _of_value(
    annotation: Any, value: Any, path: str, decode: Decode, name: str
) -> Iterator[Refused]:
    """What is wrong with the value of a key."""
    try:
        msgspec.convert(value, annotation, dec_hook=decode)
        return
    except msgspec.ValidationError as refused:
        error = refused.with_traceback(None)  # whose frames would hold the error itself
    if isinstance(value, dict) and (of_items := _values_of(annotation)) is not None:
        yield from _of_structs(annotation, of_items, value, path, decode, name)
        return
    struct, is_list = _struct_of(annotation)
    items = value if is_list and isinstance(value, list) else [value]
    is_whole = True
    for number, item in enumerate(items):
        at = f"{path}[{number}]" if is_list else path
        if not isinstance(item, dict):
            continue
        if struct is not None:
            inner = _of_struct(struct, item, at, decode, name)
        else:
            inner = _of_items(annotation, item, at, decode, name)
        for each in inner:
            is_whole = False
            yield each
    if is_whole:
        yield _refusal(error, annotation, path, name)


def _of_items(
    annotation: Any, value: dict[str, Any], path: str, decode: Decode, name: str
) -> Iterator[Refused]:
    """What is wrong with an object of keys that its author chose: msgspec does not say which."""
    for key, item in value.items():
        try:
            msgspec.convert({key: item}, annotation, dec_hook=decode)
        except msgspec.ValidationError as error:
            yield _refusal(error, annotation, f"{path}.{cut(key)}", name, is_item=True)


def _of_structs(
    annotation: Any,
    struct: type[msgspec.Struct],
    value: dict[str, Any],
    path: str,
    decode: Decode,
    name: str,
) -> Iterator[Refused]:
    """What is wrong with an object of objects under keys that its author chose."""
    whole = True
    for key, item in value.items():
        try:
            msgspec.convert({key: item}, annotation, dec_hook=decode)
        except msgspec.ValidationError as error:
            whole, at = False, f"{path}.{cut(key)}"
            found = list(_of_value(struct, item, at, decode, name))
            yield from found or [_refusal(error, annotation, at, name, is_item=True)]
    if whole:
        try:
            msgspec.convert(value, annotation, dec_hook=decode)
        except msgspec.ValidationError as error:
            yield _refusal(error, annotation, path, name)


def _values_of(annotation: Any) -> type[msgspec.Struct] | None:
    """The kind of the objects in an object whose keys its author chooses; None for all others."""
    if get_origin(annotation) is dict:
        _, found = get_args(annotation)
        is_struct = isinstance(found, type) and issubclass(found, msgspec.Struct)
        return found if is_struct else None
    return next(filter(None, map(_values_of, get_args(annotation))), None)


def _struct_of(annotation: Any) -> tuple[type[msgspec.Struct] | None, bool]:
    """The kind of object that a value, or each item of a list, is; None for all others."""
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return annotation, False
    for part in get_args(annotation):
        found, is_list = _struct_of(part)
        if found is not None:
            return found, is_list or get_origin(annotation) is tuple
    return None, False


def _refusal(
    error: Exception, annotation: Any, path: str, name: str, *, is_item: bool = False
) -> Refused:
    """One error of msgspec's as a refusal; `path` is that of the value that it refused."""
    text = str(error)
    inside = found[1] if (found := _AT.search(text)) else ""
    if not is_item:
        path = f"{path}{inside if inside.startswith('[') else f'.{inside}'}".rstrip(".")
    words = _AT.sub("", text)
    cause = error.__cause__.__cause__ if error.__cause__ is not None else None
    if isinstance(cause, Refused):
        return Refused(cause.code, cause.message, field=path, **cause.data)
    if "[A-Za-z0-9._:-]{1,128}" in words:
        return Refused(
            "BAD_ID",
            "An id is 1 to 128 letters (ASCII), digits, . _ : or -, but not . or .. alone.",
            field=path,
        )
    described = _described(annotation, inside, of_key="`key` in" in text)
    if "matching regex" in words and described:
        words = f"Expected {described}"
    elif (found := _ENUM.match(words)) and described:
        words = f"{cut(found[1])} is none of {described}"
    for theirs, ours in _NAMES_OF_TYPES.items():
        words = words.replace(theirs, ours).replace(theirs[:-1] + " | null`", f"{ours} or null")
    return Refused("BAD_VALUE", f"{name}: {cut(words, 500)}.", field=path)


def _described(annotation: Any, path: str, *, of_key: bool) -> str | None:
    """What may stand at a path of a value, None where its type says enough."""
    info: inspect.Type | None = inspect.type_info(annotation)
    for _ in _STEP.findall(path) or ([""] if of_key else []):
        info = _without_null(info)
        if isinstance(info, inspect.DictType):
            info = info.key_type if of_key else info.value_type
        elif isinstance(info, inspect.VarTupleType):
            info = info.item_type
        else:
            return None
    info = _without_null(info)
    if isinstance(info, inspect.Metadata):
        return (info.extra_json_schema or {}).get("description")
    if isinstance(info, inspect.EnumType):
        return ", ".join(str(each.value) for each in info.cls)
    if isinstance(info, inspect.LiteralType):
        return ", ".join(map(str, info.values))
    return None


def _without_null(info: inspect.Type | None) -> inspect.Type | None:
    """The type that is not null of an optional one; a description stays about it."""
    if isinstance(info, inspect.UnionType):
        info = next(each for each in info.types if not isinstance(each, inspect.NoneType))
    if isinstance(info, inspect.Metadata) and not (info.extra_json_schema or {}):
        return _without_null(info.type)
    return info
