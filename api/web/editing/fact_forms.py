"""The forms by which facts are recorded, and by which something is done about a recorded one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from api.web.editing.acts import ACTS, CHANGES, fields_of, preferences_of
from api.web.editing.field_values import trimmed
from api.web.editing.filled_form import Form, FormAddress, FormSubject
from api.web.evidence import evidence
from api.web.page_queries import ask, words_of
from domain.corrections import FactCorrection
from domain.vocabulary import Vocabulary


class FactForm(Form):
    """Records a fact."""

    kind_of_subject = "fact"
    registers_entities = True
    back = "/edit"

    @classmethod
    async def subject_of(cls, asked: FormAddress) -> FormSubject:
        """Its id is the type of the fact."""
        request, state, _, kind = asked
        entity = request.query_params.get("about")
        if entity is None:
            return FormSubject(kind)
        found = await ask(request, "entity", {"id": entity, "lang": state.lang})
        keys = words_of(request).subject_keys(kind)
        like = found["entity"]["kind"].lower()
        now = {like if like in keys else key: entity for key in keys[:1]}
        return FormSubject(kind, now=now)

    @property
    def entry_type(self) -> str:
        return self.kind

    @property
    def id_words(self) -> str:
        return re.sub(r"(?<!^)(?=[A-Z])", "-", self.kind).lower()


class FactCorrectionForm(Form):
    """Corrects, disputes, retracts … a fact."""

    kind_of_subject = "fact"

    @classmethod
    async def subject_of(cls, asked: FormAddress) -> FormSubject:
        told = await evidence(asked.request, asked.state, asked.id)
        fact, now = told["fact"], dict[str, str]()
        if asked.act == "correct":
            now = _texts_of(fact, words_of(asked.request))
        elif asked.act == "withdraw_preference":
            now = {"preference": next(iter(preferences_of(fact)), "")}
        return FormSubject(fact["type"], asked.id, told, now)

    def says(self) -> dict[str, Any]:
        said = self.with_changes() if self.act == "correct" else super().says()
        # A withdrawal of a preference names the preference, which names the fact.
        names_fact = issubclass(ACTS[self.act], FactCorrection)
        return {"fact": self.about, **said} if names_fact else said


def _texts_of(fact: Mapping[str, Any], vocabulary: Vocabulary) -> dict[str, str]:
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
        field.name: trimmed(field, said.get(field.label, field.usual))
        for field in fields_of("correct", fact["type"], vocabulary)
        if field.name.startswith(CHANGES)
    }
