"""A form as filled in: what it says as an entry, and which of its fields a refusal concerns."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from secrets import token_hex
from typing import Any, NamedTuple
from uuid import uuid4

from api.addresses import DIGITS
from api.language.typed_dates import TypedDate, read_date
from api.web.editing import definition_forms
from api.web.editing.acts import (
    ACTS,
    CHANGES,
    DEFINING,
    MOST_CITATIONS,
    OF_ENTITY,
    Block,
    Field,
    citation,
    fields_of,
    newcomer,
)
from api.web.editing.definition_forms import parts_of
from api.web.editing.editor_session import Values
from domain.anchoring import sha256_of
from domain.corrections import FactCorrection
from domain.entities import EntityRegistered
from domain.errors import Refused
from domain.sources import ID, SourceRegistered
from domain.vocabulary import Vocabulary

_CITATION = re.compile(r"citations\[(\d+)\]")
_ENTRY = re.compile(r"(?:variables\.)?entries\[(\d+)\]\.?")
LONGEST_ID = 100
PASSAGE = ("locator", "quote", "quoteSha256")


class Form(NamedTuple):
    """A form of an act, and what stands in it: text by field, as typed or as it is now."""

    act: str
    kind: str
    """The type of the fact that it records, or that it is about."""
    about: str | None
    """The fact that it is about, the entity, or the definition."""
    fields: tuple[Field, ...]
    blocks: tuple[Block, ...]
    text: dict[str, str]
    over: tuple[str, ...]
    now: Mapping[str, str]
    """What the fields of a correction say of the fact as it is."""
    lang: str
    newcomers: Mapping[str, tuple[Field, ...]]
    """By the field that names an entity, those of one that the record does not have yet."""
    readings: Mapping[str, TypedDate]
    """By the field of a date, how it was read; what stands in the field is that reading."""
    rows: int
    """How many citations it has, or keys of a definition."""

    @property
    def is_definition(self) -> bool:
        return self.act in DEFINING

    @property
    def all_fields(self) -> Iterable[Field]:
        """Those of its citations, too, and of sources and entities that are new."""
        yield from self.fields
        for fields in self.newcomers.values():
            yield from fields
        for block in self.blocks:
            yield from block.fields
            yield from block.source

    def entries(self) -> list[dict[str, Any]]:
        """The new entities and sources and the entry of the act, as a record file has them.

        Refused(NOTHING_CHANGED) for a correction of nothing, BAD_LOCATOR for half a locator.
        """
        return [
            *map(self._newcomer, filter(self.names_new, self.newcomers)),
            *map(self._registered, self._new()),
            self._entry(),
        ]

    def _entry(self) -> dict[str, Any]:
        if self.is_definition:
            return definition_forms.entry(self.kind, self.about, self.text)
        made: dict[str, Any] = {
            "type": self.kind if self.act == "record" else ACTS[self.act].__name__,
            "id": self.text["id"],
        }
        if issubclass(ACTS[self.act], FactCorrection):
            made["fact"] = self.about
        elif self.act == OF_ENTITY:
            made["entity"] = self.about
        changes = {}
        for field in self.fields:
            text = self.text[field.name]
            key, _, language = field.name.partition(".")
            if field.kind == "facts":
                made[field.name] = list(self.over)
            elif field.name.startswith(CHANGES):
                if text != self.now[field.name]:
                    changes[field.label] = _value(field, text)
            elif text == self.now.get(field.name) and self.act == OF_ENTITY:
                continue  # it is called so already
            elif text and language:
                made.setdefault(key, {})[language] = _value(field, text)
            elif text:
                made[key_of(field)] = _value(field, text)
        if self.act == "correct":
            if not changes:
                raise Refused(
                    "NOTHING_CHANGED",
                    "Nothing differs from what the record has: change what is wrong.",
                    field=self.fields[0].name,
                )
            made["changes"] = changes
        if cited := [self._citation(block) for block in self._cited()]:
            made["citations"] = cited
        return made

    def _cited(self) -> list[Block]:
        """The citations that are not blank."""
        return [
            block
            for block in self.blocks
            if self.registers(block)
            or any(
                self.text[field.name]
                for field in block.fields
                if field.label != "stance" and field.kind != "check"
            )
        ]

    def _new(self) -> list[Block]:
        return list(filter(self.registers, self.blocks))

    def registers(self, block: Block) -> bool:
        """Whether a citation is of a source that is new to the record."""
        return any(self.text[field.name] for field in block.source)

    def names_new(self, field: str) -> bool:
        """Whether a field names an entity that is new to the record."""
        return any(self.text[each.name] for each in self.newcomers[field])

    def _newcomer(self, field: str) -> dict[str, Any]:
        said = {each.label: self.text[each.name] for each in self.newcomers[field]}
        return {
            "type": EntityRegistered.__name__,
            "id": self.text[field],
            "kind": said["kind"] or None,
            "names": {self.lang: said["name"]},
            **({"aliases": {self.lang: parts_of(said["aliases"])}} if said["aliases"] else {}),
            **({"identifiers": _pairs(said["identifiers"])} if said["identifiers"] else {}),
        }

    def _registered(self, block: Block) -> dict[str, Any]:
        said = {field.label: _value(field, self.text[field.name]) for field in block.source}
        return {
            "type": SourceRegistered.__name__,
            "id": self.text[f"citations[{block.number}].source"],
            **{key: value for key, value in said.items() if value is not None},
        }

    def _citation(self, block: Block) -> dict[str, Any]:
        text = {field.label: self.text[field.name] for field in block.fields}
        quote, digest = text["quote"], text["quoteSha256"]
        if bool(text["place"]) != bool(text["locator"]):
            raise Refused(
                "BAD_LOCATOR",
                "Say both what is counted (paragraphs, pages, rows or characters) and the number.",
                field=f"citations[{block.number}].{'locator' if text['place'] else 'place'}",
            )
        found: dict[str, Any] = {
            "source": text["source"] or None,
            "stance": text.get("stance") or None,
            "locator": _locator(text["place"], text["locator"]),
            "quoteSha256": digest or (sha256_of(quote) if quote else None),
            "quote": None if text["hashOnly"] else quote or None,
            "attributedTo": text["attributedTo"] or None,
        }
        return {key: value for key, value in found.items() if value is not None}

    @property
    def has_unplaced(self) -> bool:
        """Whether a citation says neither where in its source to look nor for which words."""
        return any(
            not any(self.text[f"citations[{block.number}].{key}"] for key in PASSAGE)
            for block in self._cited()
        )

    def field_of(self, path: str | None) -> str | None:
        """The field that the API speaks of by a path in the entries; None if it is none of them."""
        found = _ENTRY.match(path or "")
        if path is None or found is None:
            return None
        number, path, new = int(found[1]), path[found.end() :], self._new()
        if self.is_definition:
            return definition_forms.field_of(path, self.text, [each.name for each in self.fields])
        named = list(filter(self.names_new, self.newcomers))
        if number < len(named):
            label = path.partition(".")[0]
            label = label if label in ("kind", "aliases", "identifiers") else "name"
            return named[number] if path == "id" else f"entities[{named[number]}].{label}"
        number -= len(named)
        if number < len(new):
            at = new[number].number
            path = f"citations[{at}].source" if path == "id" else f"sources[{at}].{path}"
        elif path == "citations":
            path = "citations[0].source"
        elif cited := _CITATION.match(path):
            at = self._cited()[int(cited[1])].number
            path = f"citations[{at}]{path[cited.end() :] or '.source'}"
        if path == "id":
            return path
        names = [it.name for it in self.all_fields if _begins(path, key_of(it))]
        return max(names, key=len, default=None)

    @property
    def digest(self) -> str:
        """What tells these entries from others: a preview is of some."""
        return digest_of(self.entries())


def form(
    act: str,
    kind: str,
    about: str | None,
    now: Mapping[str, str],
    given: Values | None,
    lang: str,
    vocabulary: Vocabulary,
) -> Form:
    """A form with what was sent, or as it is at first. New entities are named in `lang`."""
    first = given is None
    sent = {key: values[-1] for key, values in (given or {}).items()}
    is_definition = act in DEFINING
    least, most = definition_forms.KEYS if is_definition else (1, MOST_CITATIONS)
    count = min(max(_whole(sent.get("count", "")) or least, least), most)
    if sent.get("step") == "cite":
        count = min(count + 1, most)
    if is_definition:
        asked = definition_forms.fields(kind, about, count, vocabulary)
    else:
        asked = fields_of(act, kind, vocabulary)
    fields = tuple(_of_lines(field, now) for field in asked)
    blocks = tuple(citation(number, act) for number in range(0 if is_definition else count))
    name, _, id_ = sent.get("take", "").partition("=")
    if name:  # one of what may be meant
        sent[name] = id_
    text = {"id": sent.get("id", "").strip() or _new_id(act, kind, about)}
    text["requestId"] = sent.get("requestId", "")[:200] or str(uuid4())
    newcomers = {
        field.name: newcomer(field, kind, vocabulary)
        for field in fields
        if field.kind == "entity" and act == "record"
    }
    readings: dict[str, TypedDate] = {}
    made = Form(act, kind, about, fields, blocks, text, (), now, lang, newcomers, readings, count)
    for field in made.all_fields:
        usual = now.get(field.name, field.usual) if first or field.kind == "choice" else ""
        typed = sent.get(field.name, usual)
        if field.kind == "pairs":  # browsers send the ends of lines as CR LF
            typed = typed.replace("\r\n", "\n")
        text[field.name] = _typed(field, typed)
        if field.kind == "date" and text[field.name]:
            readings[field.name] = read_date(text[field.name])
            text[field.name] = readings[field.name].edtf or text[field.name]
    for name in filter(made.names_new, newcomers):
        if not re.match(ID, text[name]):  # what was typed is its name, or nothing
            said = newcomers[name][0].name
            text[said] = text[said] or text[name]
            text[name] = _slug(text[said])
    for block in filter(made.registers, blocks):
        name = f"citations[{block.number}].source"
        text[name] = text[name] or f"source-{token_hex(4)}"
    return made._replace(over=tuple((given or {}).get("over", ())))


def _of_lines(field: Field, now: Mapping[str, str]) -> Field:
    """The field, as an area where its text has several lines: browsers make one of them in a line,
    which would be a change that nobody made."""
    has_lines = field.kind == "line" and "\n" in now.get(field.name, "")
    return field._replace(kind="area") if has_lines else field


def texts_of(fact: Mapping[str, Any], vocabulary: Vocabulary) -> dict[str, str]:
    """What a fact says, as the fields of its correction have it."""
    subjects: dict[str, list[str]] = {}
    for each in fact["subjects"]:
        subjects.setdefault(each["key"], []).append(each["entity"]["id"])
    said = {
        **{key: ", ".join(ids) for key, ids in subjects.items()},
        **{key: str(value) for key, value in fact["details"].items() if value is not None},
        "when": fact["when"]["edtf"],
        "modality": fact["modality"],
    }
    return {
        field.name: _typed(field, said.get(field.label, field.usual))
        for field in fields_of("correct", fact["type"], vocabulary)
        if field.name.startswith(CHANGES)
    }


def digest_of(entries: Iterable[Mapping[str, Any]], but: str = "") -> str:
    """What tells some entries from others, whatever they have under one of their keys."""
    kept = [{key: value for key, value in each.items() if key != but} for each in entries]
    text = json.dumps(kept, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def again(form: Form) -> Form:
    """The same as a request and an entry of its own, where this one's names are taken."""
    text = {**form.text, "requestId": str(uuid4()), "id": _new_id(form.act, form.kind, form.about)}
    return form._replace(text=text)


def _new_id(act: str, kind: str, about: str | None) -> str:
    """An id that nothing has."""
    words = re.sub(r"(?<!^)(?=[A-Z])", "-", kind).lower() if act == "record" else f"{act}-{about}"
    return f"{words[:LONGEST_ID]}-{token_hex(4)}"


def _slug(name: str) -> str:
    """An id that reads like a name; of one without Latin letters, an id that nothing has."""
    latin = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", latin).strip("-")[:LONGEST_ID]
    return words or f"entity-{token_hex(4)}"


def _typed(field: Field, text: str) -> str:
    """Text without the blanks round it; of a quote every character counts."""
    if field.label == "quote":
        return text if text.strip() else ""
    return text.strip()


def _value(field: Field, text: str) -> Any:
    """A field's text as the entry has it; what is no number stays text, for the API to refuse."""
    if not text:
        return None
    if field.kind in ("entities", "list"):
        return parts_of(text)
    if field.kind == "pairs":
        return _pairs(text)
    if field.kind == "number":
        return number_of(text)
    return text


def _pairs(text: str) -> dict[str, str]:
    """Lines of `scheme: text`; of one without a colon the text is empty, for the API to refuse."""
    lines = (line.partition(":") for line in text.splitlines() if line.strip())
    return {scheme.strip(): value.strip() for scheme, _, value in lines}


def _locator(place: str, text: str) -> dict[str, Any] | None:
    if not place:
        return None
    if place == "chars":
        parts = [part.strip() for part in re.split(r"[-–,،]", text)]
        return {place: [_whole(part) if _whole(part) is not None else part for part in parts]}
    return {place: _whole(text) if _whole(text) is not None else text}


def number_of(text: str) -> int | float | str:
    """A number as it is written here, with a point or the Arabic comma (٫); else the text."""
    digits = text.translate(DIGITS)
    whole = _whole(digits)
    if whole is not None:
        return whole
    return float(digits) if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", digits) else text


def _whole(text: str) -> int | None:
    digits = text.strip().translate(DIGITS)
    return int(digits) if re.fullmatch(r"-?[0-9]{1,15}", digits) else None


def key_of(field: Field) -> str:
    """The place in the entry that a field is for."""
    return field.name.removesuffix("_")


def _begins(path: str, name: str) -> bool:
    """Whether a path is a field's name or something within it."""
    return path == name or (path.startswith(name) and path[len(name)] in ".[")
