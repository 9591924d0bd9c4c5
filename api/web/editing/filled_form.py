"""A form as filled in: what it says as entries, and which of its fields a refusal concerns.

Each family of acts has a class of its own here: `forms.FORMS`.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from secrets import token_hex
from typing import Any, ClassVar, NamedTuple, Self
from uuid import uuid4

from markupsafe import Markup
from starlette.requests import Request

from api.addresses import PageAddress
from api.language.typed_dates import TypedDate, read_date
from api.web.editing.acts import (
    ACTS,
    CHANGES,
    MOST_CITATIONS,
    NAMED_IN,
    Block,
    Field,
    citation,
    fields_of,
    newcomer,
)
from api.web.editing.editor_session import Values
from api.web.editing.entry_parts import (
    CHECKED,
    NewThing,
    citation_of,
    entity_of,
    is_filled,
    key_of,
    source_of,
    take_in,
    values,
)
from api.web.editing.field_values import (
    LONGEST_ID,
    digest_of,
    trimmed,
    value_of,
    whole_number,
)
from domain.errors import Refused
from domain.vocabulary import Vocabulary

_CITATION = re.compile(r"citations\[(\d+)\]")
_ENTRY = re.compile(r"(?:variables\.)?entries\[(\d+)\]\.?")
_NAMES = tuple(f"names.{lang}" for lang in NAMED_IN)
PASSAGE = ("locator", "quote", "quoteSha256")


class FormAddress(NamedTuple):
    """What the address of a form says: the act, and what it is about."""

    request: Request
    state: PageAddress
    act: str
    id: str


class FormSubject(NamedTuple):
    """What a form is about."""

    kind: str
    """The type of the fact that it records or is about, or of the entry."""
    about: str | None = None
    """The id of the fact, the entity, the source or the definition."""
    shown: Mapping[str, Any] = {}
    """What the page shows of it."""
    now: Mapping[str, str] = {}
    """What the fields have at first; in a correction, what the record has now."""


class FieldGroup(NamedTuple):
    """Fields within one frame: a view, a key or an effect. `part` is empty where there is none."""

    part: str
    number: int
    fields: list[Field]


class Form(ABC):
    """The form of an act, and what stands in it."""

    kind_of_subject: ClassVar[str] = ""
    """fact, entity or source, where it is about one."""
    is_definition: ClassVar[bool] = False
    registers_entities: ClassVar[bool] = False
    """Whether its fields may name entities that the record does not have yet."""
    fewest_rows: ClassVar[int] = 1
    most_rows: ClassVar[int] = MOST_CITATIONS
    """Rows of citations, or of keys, at first and at the most."""
    carried: ClassVar[tuple[str, ...]] = ()
    """The hidden inputs that an act has of its own."""

    def __init__(
        self,
        act: str,
        subject: FormSubject,
        given: Values | None,
        lang: str,
        vocabulary: Vocabulary,
    ) -> None:
        """What was sent, or what there is at first. New entities are named in `lang`."""
        sent = self.arranged({key: texts[-1] for key, texts in (given or {}).items()})
        self.act, self.kind, self.about, self.lang = act, subject.kind, subject.about, lang
        self.now = subject.now
        count = max(whole_number(sent.get("count", "")) or 0, self.fewest_rows)
        self.rows = min(count + (sent.get("step") == "cite"), self.most_rows)
        self.fields = tuple(_of_lines(each, self.now) for each in self.own_fields(sent, vocabulary))
        self.blocks = tuple(citation(number, act) for number in range(self.count_citations()))
        self.newcomers = {
            field.name: newcomer(field, self.kind, vocabulary)
            for field in self.fields
            if field.kind == "entity" and self.registers_entities
        }
        """By the field that names an entity, those of one that the record does not have yet."""
        checked = next((field.name for field in self.fields if field.kind in CHECKED), "over")
        self.over = tuple((given or {}).get(checked, ()))
        name, _, id_ = sent.get("take", "").partition("=")
        if name:  # one of what may be meant
            sent[name] = id_
        self.text = {
            "id": sent.get("id", "").strip() or self.new_id(sent),
            **{name: sent[name] for name in self.carried},
            "requestId": sent.get("requestId", "")[:200] or str(uuid4()),
        }
        """By field, as typed or as it is now."""
        self.readings: dict[str, TypedDate] = {}
        """By the field of a date, how it was read; what stands in the field is that reading."""
        self._fill(sent, is_first=given is None)
        if (made := sent.get("make", "")) in self.text:
            self._name(made)
        self.new = take_in(self.text, self.newcomers, self.blocks, lang)
        """By the field that names it, what is new to the record."""

    @classmethod
    @abstractmethod
    async def subject_of(cls, asked: FormAddress) -> FormSubject:
        """What the form at an address is about. Refused where there is no such thing."""

    def arranged(self, sent: dict[str, str]) -> dict[str, str]:
        """What was sent, after its rows were moved about."""
        return sent

    def own_fields(self, sent: Mapping[str, str], vocabulary: Vocabulary) -> Iterable[Field]:
        """The fields besides citations."""
        return fields_of(self.act, self.kind, vocabulary)

    def count_citations(self) -> int:
        return self.rows

    def new_id(self, sent: Mapping[str, str]) -> str:
        """The id of an entry that was sent without one."""
        return self.unused_id()

    def says(self) -> dict[str, Any]:
        """What the entry says besides its type, its id and its citations."""
        return values(self.fields, self.text, self.over)

    def own_refusals(self) -> Iterable[Refused]:
        """What its own fields lack, besides those that are always required."""
        return ()

    @property
    def entry_type(self) -> str:
        return ACTS[self.act].__name__

    @property
    def entry_id(self) -> str:
        return self.text["id"]

    @property
    def back(self) -> str:
        """The page that one comes from."""
        return f"/edit/{self.kind_of_subject}/{self.about}"

    def recorded_at(self, state: PageAddress, sent: Mapping[str, Any]) -> str:
        """The address of the page that says what was recorded."""
        about, kind = self.about or self.text["id"], self.kind_of_subject
        if not sent["recorded"]:
            return state.link(f"/{kind[0]}/{about}")
        asked = {"event": self.text["id"], "position": sent["position"], kind: about}
        return state.link("/edit/recorded", **asked)

    async def sentences(self, request: Request, state: PageAddress) -> list[Markup]:
        """What its entries say, in sentences beside the preview."""
        return []

    @property
    def all_fields(self) -> Iterator[Field]:
        """Those of its citations, too, and of sources and entities that are new."""
        yield from self.fields
        for fields in self.newcomers.values():
            yield from fields
        for block in self.blocks:
            yield from block.fields
            yield from block.source

    @property
    def groups(self) -> list[FieldGroup]:
        """The fields besides citations, in the frames that the page draws."""
        found: list[FieldGroup] = []
        for field in self.fields:
            part, _, rest = field.name.partition("[")
            group = (part, int(rest.partition("]")[0])) if rest else ("", 0)
            if not found or found[-1][:2] != group:
                found.append(FieldGroup(*group, []))
            found[-1].fields.append(field)
        return found

    def _fill(self, sent: Mapping[str, str], *, is_first: bool) -> None:
        for field in self.all_fields:
            has_usual = is_first or field.kind == "choice"
            usual = self.now.get(field.name, field.usual) if has_usual else ""
            typed = sent.get(field.name, usual)
            if field.kind == "pairs":  # browsers send the ends of lines as CR LF
                typed = typed.replace("\r\n", "\n")
            self.text[field.name] = trimmed(field, typed)
            if field.kind == "date" and self.text[field.name]:
                reading = self.readings[field.name] = read_date(self.text[field.name])
                self.text[field.name] = reading.edtf or self.text[field.name]

    def _name(self, name: str) -> None:
        """Take the name in a field as the name of something new."""
        own = f"sources[{name[10:-8]}].title" if name.endswith(".source") else None
        own = own or f"entities[{name}].names.{self.lang}"
        if own in self.text:
            self.text[own] = self.text[own] or self.text[name]

    def entries(self) -> list[dict[str, Any]]:
        """The new entities and sources and the entry of the act, as a record file has them.

        Refused(NOTHING_CHANGED) for a correction of nothing. Half a locator is left out.
        """
        text, cited = self.text, [citation_of(block, self.text) for block in self.cited()]
        return [
            *(
                entity_of(text[name], fields, text, self.lang)
                for name, fields in self.newcomers.items()
                if self.names_new(name)
            ),
            *(source_of(block, text) for block in self._new_sources()),
            {
                "type": self.entry_type,
                "id": self.entry_id,
                **self.says(),
                **({"citations": cited} if cited else {}),
            },
        ]

    def with_changes(self) -> dict[str, Any]:
        """What the fields of a correction say. Refused(NOTHING_CHANGED)."""
        changing = [it for it in self.fields if it.name.startswith(CHANGES)]
        changed = {
            field.name.removeprefix(CHANGES): value_of(field, self.text[field.name])
            for field in changing
            if self.text[field.name] != self.now.get(field.name, "")
        }
        if not changed:
            raise Refused(
                "NOTHING_CHANGED",
                "Nothing differs from what the record has: change what is wrong.",
                field=self.fields[0].name,
            )
        others = [it for it in self.fields if it not in changing]
        return {**values(others, self.text, self.over), "changes": self.whole(changed)}

    def whole(self, changed: dict[str, Any]) -> dict[str, Any]:
        """The changes as the entry has them: a key is changed as a whole."""
        return changed

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

    def _new_sources(self) -> list[Block]:
        return list(filter(self.registers, self.blocks))

    def details_of(self, name: str) -> tuple[Field, ...]:
        """The fields of what is new, by the field that names it."""
        found = {f"citations[{it.number}].source": it.source for it in self.blocks}
        return found[name] if name in found else self.newcomers[name]

    def registers(self, block: Block) -> bool:
        """Whether a citation is of a source that is new to the record."""
        return is_filled(self.text, block.source)

    def names_new(self, field: str) -> bool:
        """Whether a field names an entity that is new to the record."""
        return is_filled(self.text, self.newcomers[field])

    @property
    def has_unplaced(self) -> bool:
        """Whether a citation says neither where in its source to look nor for which words."""
        return any(
            not any(self.text[f"citations[{block.number}].{key}"] for key in PASSAGE)
            for block in self.cited()
        )

    def field_of(self, path: str | None) -> str | None:
        """The field for a path in the entries, as the API names it; None without one."""
        found = _ENTRY.match(path or "")
        if path is None or found is None:
            return None
        number, path, new = int(found[1]), path[found.end() :], self._new_sources()
        named = list(filter(self.names_new, self.newcomers))
        if number < len(named):
            label = path.partition(".")[0]
            if label not in ("id", "kind", "aliases", "identifiers"):
                label = path if path in _NAMES else f"names.{self.lang}"
            return f"entities[{named[number]}].{label}"
        number -= len(named)
        if number < len(new):
            return self._field_at(f"sources[{new[number].number}].{path}")
        if path == "citations":
            return self._field_at("citations[0].source")
        if cited := _CITATION.match(path):
            at = self.cited()[int(cited[1])].number
            return self._field_at(f"citations[{at}]{path[cited.end() :] or '.source'}")
        return self.own_field(path)

    def own_field(self, path: str) -> str | None:
        """The field for a path in the act's own entry, besides citations."""
        return self._field_at(path)

    def _field_at(self, path: str) -> str | None:
        if path == "id":
            return path
        names = [it.name for it in self.all_fields if _begins(path, key_of(it))]
        return max(names, key=len, default=None)

    @property
    def digest(self) -> str:
        """A hash of the entries: only entries that were previewed are recorded."""
        return digest_of(self.entries())

    def with_text(self, text: dict[str, str], new: dict[str, NewThing]) -> Self:
        """The same form with other text in its fields."""
        other = copy(self)
        other.text, other.new = text, new
        return other

    def again(self) -> Self:
        """The same form with a new request id and entry id, for when these are taken."""
        fresh = {"requestId": str(uuid4()), "id": self.unused_id()}
        return self.with_text({**self.text, **fresh}, self.new)

    def unused_id(self) -> str:
        """An id that nothing has."""
        return f"{self.id_words[:LONGEST_ID]}-{token_hex(4)}"

    @property
    def id_words(self) -> str:
        """What an id that is made begins with."""
        return f"{self.act}-{self.about or 'new'}"


def _of_lines(field: Field, now: Mapping[str, str]) -> Field:
    """The field, as an area where its text has several lines: browsers make one of them in a line,
    which would be a change that nobody made."""
    has_lines = field.kind == "line" and "\n" in now.get(field.name, "")
    return field._replace(kind="area") if has_lines else field


def _begins(path: str, name: str) -> bool:
    """Whether a path is a field's name or something within it."""
    return path == name or (path.startswith(name) and path[len(name)] in ".[")
