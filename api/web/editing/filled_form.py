"""A form as filled in: what it says as an entry, and which of its fields a refusal concerns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from secrets import token_hex
from typing import Any, NamedTuple
from uuid import uuid4

from api.language.typed_dates import TypedDate, read_date
from api.web.editing import definition_forms, description_forms, story_forms
from api.web.editing.acts import (
    ACTS,
    CHANGES,
    CORRECTING,
    DEFINING,
    EDITORIAL,
    MOST_CITATIONS,
    NAMED_IN,
    NEW_ID,
    OF_ENTITY,
    OF_SOURCE,
    TELLING,
    Block,
    Field,
    citation,
    fields_of,
    newcomer,
)
from api.web.editing.definition_forms import parts_of
from api.web.editing.editor_session import Values
from api.web.editing.field_values import (
    LONGEST_ID,
    digest_of,
    locator_of,
    pairs_of,
    slug,
    trimmed,
    value_of,
    whole_number,
)
from domain.anchoring import sha256_of
from domain.corrections import FactCorrection
from domain.entities import EntityRegistered
from domain.errors import Refused
from domain.sources import SourceRegistered
from domain.vocabulary import Vocabulary

_CITATION = re.compile(r"citations\[(\d+)\]")
_ENTRY = re.compile(r"(?:variables\.)?entries\[(\d+)\]\.?")
_NAMES = tuple(f"names.{lang}" for lang in NAMED_IN)
CHECKED = ("facts", "merged")
"""The kinds of fields that are boxes to check."""
PASSAGE = ("locator", "quote", "quoteSha256")


class New(NamedTuple):
    """Something that a form registers along: what was typed in its box, whether its own fields have
    a name or a title for it, and an id."""

    box: str
    has_name: bool
    has_id: bool


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
    new: Mapping[str, New]
    """By the field that names it, what is new to the record."""
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

        Refused(NOTHING_CHANGED) for a correction of nothing. Half a locator is left out.
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
            "id": self.text["id"]
            or self.act,  # of a story without a title, which it is refused for
        }
        if issubclass(ACTS[self.act], FactCorrection):
            made["fact"] = self.about
        elif self.act in OF_SOURCE:
            made["source"] = self.about
        elif self.act in OF_ENTITY:
            made["into" if self.act == "merge" else "entity"] = self.about
        changes = {}
        if self.act == TELLING:
            made["views"] = story_forms.views_of(self.text)
        for field in self.fields:
            if field.name.startswith("views["):
                continue
            text = self.text[field.name]
            key, _, language = field.name.partition(".")
            if field.kind in CHECKED:
                made[field.name] = list(self.over)
            elif field.name.startswith(CHANGES):
                if text != self.now.get(field.name, ""):
                    changes[field.name.removeprefix(CHANGES)] = value_of(field, text)
            elif text == self.now.get(field.name) and self.act in (*OF_ENTITY, *OF_SOURCE):
                continue  # it is called or graded so already
            elif text and language:
                made.setdefault(key, {})[language] = value_of(field, text)
            elif text:
                made[key_of(field)] = value_of(field, text)
        if self.act in CORRECTING:
            values = {field.name: value_of(field, self.text[field.name]) for field in self.fields}
            description_forms.whole(changes, self.text, values)
            if not changes:
                raise Refused(
                    "NOTHING_CHANGED",
                    "Nothing differs from what the record has: change what is wrong.",
                    field=self.fields[0].name,
                )
            made["changes"] = changes
        if cited := [self._citation(block) for block in self.cited()]:
            made["citations"] = cited
        return made

    def cited(self) -> list[Block]:
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

    def details_of(self, name: str) -> tuple[Field, ...]:
        """The fields of what is new, by the field that names it."""
        found = {f"citations[{it.number}].source": it.source for it in self.blocks}
        return found[name] if name in found else self.newcomers[name]

    def registers(self, block: Block) -> bool:
        """Whether a citation is of a source that is new to the record."""
        return _is_filled(self.text, block.source)

    def names_new(self, field: str) -> bool:
        """Whether a field names an entity that is new to the record."""
        return _is_filled(self.text, self.newcomers[field])

    def _newcomer(self, field: str) -> dict[str, Any]:
        said = {each.label: self.text[each.name] for each in self.newcomers[field]}
        return {
            "type": EntityRegistered.__name__,
            "id": self.text[field],
            "kind": said["kind"] or None,
            "names": {
                lang: said[f"name-{lang}"] for lang in _in(self.lang) if said[f"name-{lang}"]
            },
            **({"aliases": {self.lang: parts_of(said["aliases"])}} if said["aliases"] else {}),
            **({"identifiers": pairs_of(said["identifiers"])} if said["identifiers"] else {}),
        }

    def _registered(self, block: Block) -> dict[str, Any]:
        said = {
            field.label: value_of(field, self.text[field.name])
            for field in block.source
            if field.label != NEW_ID
        }
        return {
            "type": SourceRegistered.__name__,
            "id": self.text[f"citations[{block.number}].source"],
            **{key: value for key, value in said.items() if value is not None},
        }

    def _citation(self, block: Block) -> dict[str, Any]:
        text = {field.label: self.text[field.name] for field in block.fields}
        quote, digest = text["quote"], text["quoteSha256"]
        found: dict[str, Any] = {
            "source": text["source"] or None,
            "stance": text.get("stance") or None,
            "locator": locator_of(text["place"], text["locator"]),
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
            for block in self.cited()
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
            if label not in ("id", "kind", "aliases", "identifiers"):
                label = path if path in _NAMES else f"names.{self.lang}"
            return f"entities[{named[number]}].{label}"
        number -= len(named)
        if number < len(new):
            at = new[number].number
            path = f"sources[{at}].{path}"
        elif path == "citations":
            path = "citations[0].source"
        elif cited := _CITATION.match(path):
            at = self.cited()[int(cited[1])].number
            path = f"citations[{at}]{path[cited.end() :] or '.source'}"
        elif self.act == TELLING:
            path = story_forms.field_of(path, self.text, self.lang)
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
    count = min(max(whole_number(sent.get("count", "")) or least, least), most)
    if sent.get("step") == "cite":
        count = min(count + 1, most)
    if act == TELLING:
        sent = story_forms.arranged(sent)
        sent["id"] = sent.get("id", "").strip() or story_forms.id_of(sent, lang)
        asked = story_forms.fields(sent)
    elif is_definition:
        asked = definition_forms.fields(kind, about, count, vocabulary)
    elif act in (*OF_ENTITY, *OF_SOURCE):
        asked = list(description_forms.fields(act, now, vocabulary))
    else:
        asked = fields_of(act, kind, vocabulary)
    fields = tuple(_of_lines(field, now) for field in asked)
    cited = range(0 if is_definition or act in EDITORIAL else count)
    blocks = tuple(citation(number, act) for number in cited)
    name, _, id_ = sent.get("take", "").partition("=")
    if name:  # one of what may be meant
        sent[name] = id_
    text = {"id": sent.get("id", "").strip() or _new_id(act, kind, about)}
    if act == TELLING:
        text |= {"id": sent["id"], "views": sent["views"]}
    text["requestId"] = sent.get("requestId", "")[:200] or str(uuid4())
    newcomers = {
        field.name: newcomer(field, kind, vocabulary)
        for field in fields
        if field.kind == "entity" and act == "record"
    }
    readings: dict[str, TypedDate] = {}
    new: dict[str, New] = {}
    made = Form(
        act, kind, about, fields, blocks, text, (), now, lang, newcomers, readings, new, count
    )
    for field in made.all_fields:
        usual = now.get(field.name, field.usual) if first or field.kind == "choice" else ""
        typed = sent.get(field.name, usual)
        if field.kind == "pairs":  # browsers send the ends of lines as CR LF
            typed = typed.replace("\r\n", "\n")
        text[field.name] = trimmed(field, typed)
        if field.kind == "date" and text[field.name]:
            readings[field.name] = read_date(text[field.name])
            text[field.name] = readings[field.name].edtf or text[field.name]
    if (name := sent.get("make", "")) in text:  # what is named there is new
        own = f"sources[{name[10:-8]}].title" if name.endswith(".source") else None
        own = own or f"entities[{name}].names.{lang}"
        if own in text:
            text[own] = text[own] or text[name]
    for name in filter(made.names_new, newcomers):
        names = [f"entities[{name}].names.{each}" for each in _in(lang)]
        id_ = slug(*(text[each] for each in [*names, name]))
        new[name] = _taken_in(text, name, names, f"entities[{name}].id", id_)
    for block in filter(made.registers, blocks):
        at = f"sources[{block.number}]."
        name = f"citations[{block.number}].source"
        called = text[at + "publisher"] or text[at + "title"] or text[name]
        id_ = slug(f"{called} {text[at + 'published']}")
        new[name] = _taken_in(text, name, [at + "title"], at + "id", id_)
    checked = next((field.name for field in fields if field.kind in CHECKED), "over")
    return made._replace(over=tuple((given or {}).get(checked, ())))


def _taken_in(text: dict[str, str], name: str, called: list[str], own: str, id_: str) -> New:
    """Have what is new its name from the box where its own fields have none, and an id."""
    found = New(text[name], any(text[each] for each in called), bool(text[own]))
    if not found.has_name:
        text[called[0]] = found.box
    if not found.has_id:
        text[own] = id_
    text[name] = text[own]
    return found


def _is_filled(text: Mapping[str, str], fields: Iterable[Field]) -> bool:
    """Whether any of the fields of something new is filled in."""
    return any(text[field.name] for field in fields)


def _in(lang: str) -> list[str]:
    """The languages of names, that of the page first."""
    return sorted(NAMED_IN, key=lambda each: each != lang)


def _of_lines(field: Field, now: Mapping[str, str]) -> Field:
    """The field, as an area where its text has several lines: browsers make one of them in a line,
    which would be a change that nobody made."""
    has_lines = field.kind == "line" and "\n" in now.get(field.name, "")
    return field._replace(kind="area") if has_lines else field


def again(form: Form) -> Form:
    """The same as a request and an entry of its own, where this one's names are taken."""
    text = {**form.text, "requestId": str(uuid4()), "id": _new_id(form.act, form.kind, form.about)}
    return form._replace(text=text)


def _new_id(act: str, kind: str, about: str | None) -> str:
    """An id that nothing has."""
    words = (
        re.sub(r"(?<!^)(?=[A-Z])", "-", kind).lower()
        if act == "record"
        else f"{act}-{about or 'new'}"
    )
    return f"{words[:LONGEST_ID]}-{token_hex(4)}"


def key_of(field: Field) -> str:
    """The place in the entry that a field is for."""
    return field.name.removesuffix("_")


def _begins(path: str, name: str) -> bool:
    """Whether a path is a field's name or something within it."""
    return path == name or (path.startswith(name) and path[len(name)] in ".[")
