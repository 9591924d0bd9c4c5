"""Definitions that come with the program, as a record takes them in that calls them otherwise.

A vocabulary gains names from version to version, and a definition is never changed: what a record
lacks is added by an extension.
"""

from __future__ import annotations

from itertools import count
from typing import Any

from domain.codec import write
from domain.definitions import Definition, DefinitionExtended, FluentDefined, KindDefined
from domain.vocabulary import Vocabulary

Json = dict[str, Any]
_NAMES = "names", "inverseNames"


def adopted(definition: Definition, vocabulary: Vocabulary) -> Definition:
    """What the vocabulary lacks of a definition that it has but for names, or of an extension of
    one by names: an extension by the missing ones, or the definition that it has if none is.

    A name that it has in a language stays. Any other definition is given back as it is.
    """
    obj = write(definition)
    extends = isinstance(definition, DefinitionExtended)
    known = vocabulary.definitions.get(obj["definition"] if extends else obj["id"])
    if known is None or definition in (known, vocabulary.extensions.get(definition.id)):
        return definition
    content = obj["changes"] if extends else obj
    names = _names(content)
    if names != content if extends else _nameless(obj) != _nameless(write(known)):
        return definition
    missing = _missing(names, _called(vocabulary, known))
    if not missing:
        return known
    wanted = obj["id"] if extends else f"names-{known.id}"
    free = (wanted if n == 1 else f"{wanted}-{n}" for n in count(1))
    return DefinitionExtended(
        id=next(name for name in free if name not in vocabulary.extensions),
        definition=known.id,
        changes=missing,
        reason=obj.get("reason", "Names that the vocabulary has had since."),
    )


def _names(content: Json) -> Json:
    """The names in a definition or in the changes of an extension, as the changes of one."""
    names: Json = {key: content[key] for key in _NAMES if key in content}
    keys = {
        name: {"type": key["type"], "names": key["names"]}
        for name, key in content.get("keys", {}).items()
        if "names" in key
    }
    return names | ({"keys": keys} if keys else {})


def _nameless(obj: Json) -> Json:
    keys = {name: _nameless(key) for name, key in obj.get("keys", {}).items()}
    return {key: value for key, value in obj.items() if key not in _NAMES} | {"keys": keys}


def _called(vocabulary: Vocabulary, known: Definition) -> Json:
    """What a kind, a fluent or a type of facts is called, as the changes of an extension."""
    if isinstance(known, KindDefined):
        return {"names": vocabulary.kinds[known.id].names}
    if isinstance(known, FluentDefined):
        fluent = vocabulary.fluents[known.id]
        return {"names": fluent.names, "inverseNames": fluent.inverse_names}
    found = vocabulary.fact_types[known.id]
    keys = {key: {"names": names} for key, names in found.key_names.items()}
    return {"names": found.names, "keys": keys}


def _missing(names: Json, there: Json) -> Json:
    """Names by language that are not there in their language."""
    found: Json = {}
    for key in _NAMES:
        known = there.get(key, {})
        more = {lang: name for lang, name in names.get(key, {}).items() if lang not in known}
        if more:
            found[key] = more
    keys = {
        name: {"type": key["type"], **more}
        for name, key in names.get("keys", {}).items()
        if (more := _missing(key, there.get("keys", {}).get(name, {})))
    }
    return found | ({"keys": keys} if keys else {})
