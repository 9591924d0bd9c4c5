"""What things are called in the language of the page: types of events, kinds, questions, keys.

What a record has words for is called by its definitions, and what those have no name for by its id
in words. What the program has beside is called by the catalogues.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from api.language.words import LOCALES, Words, named, words
from domain.vocabulary import Vocabulary, question_value


def labels_beside(module: str) -> dict[str, dict[str, str]]:
    """The labels of a module, by section and key: those of the TOML file beside it."""
    return tomllib.loads(Path(module).with_suffix(".toml").read_text(encoding="utf-8"))


_LABELS: Final = labels_beside(__file__)
EVENTS: Final = _LABELS["events"]
SUBJECTS: Final = _LABELS["subjects"]
DESCRIPTIONS: Final = _LABELS["descriptions"]
COMPARATORS: Final = _LABELS["comparator"]
KEY_TYPES: Final = _LABELS["key_type"]
RELIABILITY: Final = _LABELS["reliability"]
WARNINGS: Final = _LABELS["warning"]
REPORTS: Final = _LABELS["reports"]
QUANTITIES: Final = ("QuantityReported", "MemberCountReported")
"""The reports of a number."""
VIEWS: Final = _LABELS["views"]


class RecordLabels(NamedTuple):
    """What a record's words are called in a language."""

    spoken: Words
    vocabulary: Vocabulary

    def event(self, name: str) -> str:
        """A type of event."""
        if name in EVENTS:
            return self.spoken.gettext(EVENTS[name])
        found = self.vocabulary.fact_types.get(name)
        return self._called(name, found and found.names)

    def kind(self, name: str) -> str:
        """A kind of entities."""
        found = self.vocabulary.kinds.get(name)
        return self._called(name, found and found.names)

    def view(self, name: str) -> str:
        """A view of an entity, such as the answer to a question."""
        if name in VIEWS:
            return self.spoken.gettext(VIEWS[name])
        for question, fluent, inverse in self.vocabulary.questions:
            if question == name:
                return self._called(name, fluent.inverse_names if inverse else fluent.names)
        return name

    def group(self, name: str) -> str:
        """The heading of reports of a type, or of the answers to a question."""
        if name in REPORTS:
            return self.spoken.gettext(REPORTS[name])
        return self.event(name) if name in self.vocabulary.fact_types else self.view(name)

    def question(self, name: str) -> str:
        """What a value of the enum of questions asks for."""
        for fluent in self.vocabulary.fluents.values():
            if question_value(fluent.question) == name:
                return self._called(fluent.question, fluent.names)
        return name

    def subject(self, name: str, fact_type: str = "") -> str:
        """A key of a fact, or a side of a fluent, which is called as the keys that name it are."""
        types = self.vocabulary.fact_types
        own = types[fact_type].key_names.get(name) if fact_type in types else None
        if own is None and name in SUBJECTS:
            return self.spoken.gettext(SUBJECTS[name])
        if own := own or next(
            (it.key_names[name] for it in types.values() if name in it.key_names), None
        ):
            return named(own, self.spoken.lang)
        kind = name.upper()
        return self.kind(kind) if kind in self.vocabulary.kinds else in_words(name)

    def defined(self, name: str) -> str:
        """What a definition defines: a kind, what holds for a while, or a type of facts."""
        if name in self.vocabulary.kinds:
            return self.kind(name)
        fluent = self.vocabulary.fluents.get(name)
        return self.event(name) if fluent is None else self._called(fluent.question, fluent.names)

    def functions(self) -> dict[str, Callable[..., str]]:
        """What templates call these."""
        return {
            "event_label": self.event,
            "kind_label": self.kind,
            "view_label": self.view,
            "group_label": self.group,
            "question_label": self.question,
            "subject_label": self.subject,
        }

    def _called(self, name: str, names: Mapping[str, str] | None) -> str:
        """By its definition, else in words; as it is where nothing defines it."""
        if names is None:
            return name
        return named(names, self.spoken.lang) if names else in_words(name)


def fact_labels(vocabulary: Vocabulary) -> list[tuple[str, str]]:
    """Types of facts with what they, and the questions that they answer, are called in every
    language that pages have: whoever searches may use any of these words."""
    found = []
    for lang in LOCALES:
        called = RecordLabels(words(lang), vocabulary)
        for name, kind in vocabulary.fact_types.items():
            fluents = (vocabulary.fluents[name] for name in {each.fluent for each in kind.effects})
            questions = (q for fluent in fluents for q in (fluent.question, fluent.inverse) if q)
            texts = [called.event(name), *(called.view(question) for question in questions)]
            found.append((name, " ".join(texts)))
    return found


def in_words(name: str) -> str:
    """TreatyRatified → Treaty ratified, NAVAL_BASE → Naval base"""
    if name.isupper():
        return name.replace("_", " ").capitalize()
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name).capitalize()


def labels(gettext: Callable[[str], str]) -> dict[str, Callable[[object], str]]:
    """Functions that name what these sets have; anything else is called as it is."""

    def naming(called: Mapping[str, str]) -> Callable[[object], str]:
        def label(key: object) -> str:
            said = called.get(str(key))
            if said is None:
                return str(key)
            return said and gettext(said)  # gettext of nothing is the catalogue's head

        return label

    sets = ("cause", "comparator", "reliability", "credibility", "warning", "key_type")
    return {f"{name}_label": naming(_LABELS[name]) for name in sets}
