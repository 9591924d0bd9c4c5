"""What an extension makes of a definition's parts: it adds to them, and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from domain.definitions import KeyChanges, KeyDefined, KeyType
from domain.entities import check_names
from domain.errors import Refused
from domain.validation_errors import refusals_of

S = TypeVar("S", bound=Struct)


def read_changes(kind: type[S], changes: dict[str, Any]) -> S:
    """The changes that an extension makes of a definition; `Refused` says which key is wrong."""
    try:
        return msgspec.convert(changes, kind)
    except msgspec.ValidationError as error:
        raise refusals_of(kind, changes, _nothing, error).joined() from error


def extended_key(name: str, known: KeyDefined | None, change: KeyChanges) -> KeyDefined:
    """A key of a type of facts with what is added to it, or a new one, which nothing may require.

    Refused(CHANGES_DEFINITION): what the key was before would no longer hold.
    """
    field = f"keys.{name}"
    if known is None:
        if change.required is not False:
            raise Refused(
                "CHANGES_DEFINITION",
                f'The key {name} is new, and facts without it are there: write "required": false.',
                field=f"{field}.required",
            )
        return KeyDefined(change.type, False, change.kinds, change.codes)
    if change.type is not known.type or change.required not in (None, known.required):
        what = "type" if change.type is not known.type else "required"
        raise Refused(
            "CHANGES_DEFINITION",
            f"The key {name} is there already with another {what}: an extension adds, and changes "
            "nothing.",
            field=f"{field}.{what}",
        )
    if change.kinds and not known.kinds and known.type in (KeyType.ENTITY, KeyType.ENTITIES):
        return msgspec.structs.replace(known, kinds=change.kinds)
    return msgspec.structs.replace(
        known,
        kinds=extended_values(known.kinds or (), change.kinds) or None,
        codes=extended_values(known.codes or (), change.codes) or None,
    )


def extended_names(
    names: Mapping[str, str], added: Mapping[str, str] | None, field: str
) -> Mapping[str, str]:
    """Names by language with more; Refused(CHANGES_DEFINITION) where one is there already."""
    within, _, key = field.rpartition(".")
    check_names(added or {}, within=f"{within}." if within else "", key=key)
    for language, name in (added or {}).items():
        if names.get(language, name) != name:
            raise Refused(
                "CHANGES_DEFINITION",
                f"There is a name in {language} already, {names[language][:100]}: an extension "
                "adds, and changes nothing.",
                field=f"{field}.{language}",
            )
    return {**names, **(added or {})}


def extended_values(known: tuple[str, ...], added: tuple[str, ...] | None) -> tuple[str, ...]:
    """Kinds or codes with more, each once."""
    return tuple(dict.fromkeys((*known, *(added or ()))))


def _nothing(kind: type, value: Any) -> Any:
    raise TypeError(f"no reading of {kind}")


def refused_changes(refused: Refused) -> Refused:
    """What a change is refused for, named as the extension has it: a field below `changes`."""
    if refused.code == "UNKNOWN_DEFINITION":
        return refused
    field = f"changes.{refused.field}" if refused.field else "changes"
    return Refused(refused.code, refused.message, field=field, **refused.data)
