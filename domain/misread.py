"""What msgspec could not read, as a refusal: which key, what is wrong with it, what it may be."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec import inspect

from domain.entities import Names
from domain.errors import Refused

_AT = re.compile(r" - at (?:`key` in )?`\$?\.?(.*?)`$", re.DOTALL)
_STEP = re.compile(r"[^.\[\]]+|\[\.\.\.\]|\[\d+\]")
_UNKNOWN = re.compile(r"unknown field `(.*?)`", re.DOTALL)
_MISSING = re.compile(r"missing required field `(.*?)`")
_ENUM = re.compile(r"^Invalid enum value (.*)$", re.DOTALL)
_NAMES_OF_TYPES = {
    "`str`": "text", "`int`": "a whole number", "`float`": "a number", "`bool`": "true or false",
    "`array`": "a list", "`object`": "an object", "`null`": "null",
}  # fmt: skip
LONGEST = 100
"""Characters of the user's own text in a message."""


def refusal(error: msgspec.ValidationError, kind: type[Any], obj: dict[str, Any]) -> Refused:
    """Why `obj` is no entry of this kind."""
    text = str(error)
    path = _path(text, obj)
    words = _AT.sub("", text)
    name = kind.__name__
    cause = error.__cause__.__cause__ if error.__cause__ is not None else None
    if isinstance(cause, Refused):
        return Refused(cause.code, cause.message, field=path, **cause.data)
    if found := _UNKNOWN.search(words):
        return Refused(
            "UNKNOWN_KEY",
            f"{name} has no key {cut(found[1])!a}: remove it or mend it.",
            field=f"{path}.{cut(found[1])}".lstrip("."),
        )
    if found := _MISSING.search(words):
        field = f"{path}.{found[1]}".lstrip(".")
        code = "NO_CITATION" if field == "citations" else "MISSING_KEY"
        return Refused(code, f"{name} needs the key {found[1]}.", field=field)
    described = _described(kind, path, of_key="`key` in" in text)
    if "matching regex '^[A-Za-z0-9._:-]{1,128}" in words:
        return Refused(
            "BAD_ID", "An id is 1 to 128 letters (ASCII), digits, . _ : or -.", field=path
        )
    if "matching regex" in words and described:
        words = f"Expected {described}"
    elif (found := _ENUM.match(words)) and described:
        words = f"{cut(found[1])} is none of {described}"
    for theirs, ours in _NAMES_OF_TYPES.items():
        words = words.replace(theirs, ours).replace(theirs[:-1] + " | null`", f"{ours} or null")
    return Refused("BAD_VALUE", f"{name}: {cut(words, 500)}.", field=path)


def cut(text: str, longest: int = LONGEST) -> str:
    """Text for a message, cut when it is long."""
    return text if len(text) <= longest else text[:longest] + "…"


def _path(text: str, obj: dict[str, Any]) -> str:
    """The path of the key; msgspec does not say which of the names it is."""
    path = found[1] if (found := _AT.search(text)) else ""
    if path not in ("names", "names[...]") or not isinstance(obj.get("names"), dict):
        return path
    for language, name in obj["names"].items():
        try:
            msgspec.convert({language: name}, Names)
        except msgspec.ValidationError:
            return f"names.{cut(language)}"
    return path


def _described(kind: type[Any], path: str, *, of_key: bool) -> str | None:
    """What may stand at a path of an entry of this kind, None where its type says enough."""
    info: inspect.Type | None = inspect.type_info(kind)
    for step in _STEP.findall(path):
        info = _without_null(info)
        if isinstance(info, inspect.StructType):
            info = next((f.type for f in info.fields if f.encode_name == step), None)
        elif isinstance(info, inspect.DictType):
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
    return None


def _without_null(info: inspect.Type | None) -> inspect.Type | None:
    """The type that is not null of an optional one; a description stays about it."""
    if isinstance(info, inspect.UnionType):
        info = next(each for each in info.types if not isinstance(each, inspect.NoneType))
    if isinstance(info, inspect.Metadata) and not (info.extra_json_schema or {}):
        return _without_null(info.type)
    return info
