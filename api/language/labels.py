"""What things are called in the language of the page: types of events, kinds, questions, keys.

What a record has words for is called by its definitions, and what those have no name for by its id
in words. What the program has beside is called by the catalogues.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from api.language.words import LOCALES, Words, named, words
from api.language.words import marked as _
from domain.vocabulary import Vocabulary, question_value

EVENTS: Final = {
    "SourceRegistered": _("Source registered"),
    "EntityRegistered": _("Entity registered"),
    "FactCorroborated": _("Fact corroborated"),
    "HoldingAttested": _("Still held"),
    "AnnouncementCancelled": _("Announcement called off"),
    "FactDisputed": _("Fact disputed"),
    "DisputeWithdrawn": _("Dispute withdrawn"),
    "FactCorrected": _("Fact corrected"),
    "FactRetracted": _("Fact retracted"),
    "FactReinstated": _("Fact reinstated"),
    "FactPreferred": _("Fact preferred"),
    "PreferenceWithdrawn": _("Preference withdrawn"),
    "KindDefined": _("Kind defined"),
    "FluentDefined": _("Question defined"),
    "FactTypeDefined": _("Type of facts defined"),
    "DefinitionExtended": _("Definition extended"),
    "KeyIssued": _("Key issued"),
    "KeyRevoked": _("Key revoked"),
    "DocumentCaptured": _("Document captured"),
    "SourceWithdrawn": _("Source withdrawn"),
    "SourceReassessed": _("Source reassessed"),
    "SourceCorrected": _("Source corrected"),
    "EntityCorrected": _("Entity corrected"),
    "EntityRenamed": _("Entity renamed"),
    "EntitiesMerged": _("Entities merged"),
    "EntitiesSplit": _("Entities split"),
    "StoryTold": _("Story told"),
    "StoryWithdrawn": _("Story withdrawn"),
}
"""Types of entries that are no facts."""
CAUSES: Final = {
    "RECORDED": _("newly recorded"),
    "CORRECTED": _("a correction"),
    "RETRACTED": _("retracted"),
    "EDITORIAL": _("editorial"),
    "LEARNED": _("we learned it"),
    "WORLD": _("the world changed"),
}
SUBJECTS: Final = {
    "coalition": _("Coalition"),
    "member": _("Member"),
    "command": _("Command"),
    "fund": _("Fund"),
    "force": _("Force"),
    "organisation": _("Organisation"),
    "leader": _("Leader"),
    "operator": _("Operator"),
    "base": _("Base"),
    "to": _("To"),
    "entity": _("Entity"),
    "from": _("Before"),
    "into": _("After"),
    "at": _("At"),
    "partner": _("Partner"),
    "institution": _("Institution"),
    "office": _("Office"),
    "holder": _("Holder"),
    "objective": _("Objective"),
    "subject": _("Subject"),
    "speaker": _("Speaker"),
    "visitor": _("Visitor"),
    "parties": _("Parties"),
    "gist": _("In short"),
    "venue": _("Venue"),
    "measure": _("Measure"),
    "value": _("Value"),
    "comparator": _("Compared"),
    "unit": _("Unit"),
    "episode": _("Label"),
}
DESCRIPTIONS: Final = {
    "modality": _("Happened or announced"),
    "kind": _("Kind"),
    "names": _("Names"),
    "aliases": _("Other names"),
    "identifiers": _("Identifiers"),
    "iso3166": _("ISO 3166 code"),
    "wikidata": _("Wikidata id"),
    "location": _("Coordinates"),
    "title": _("Title"),
    "publisher": _("Publisher"),
    "author": _("Author"),
    "language": _("Language"),
    "url": _("Address"),
    "published": _("Published"),
    "retrieved": _("Retrieved"),
    "observedThrough": _("Looked at the world up to"),
    "sha256": _("SHA-256 of the document"),
    "reliability": _("Reliability"),
    "credibility": _("Credibility"),
}
"""Keys of a fact, an entity or a source that name nobody."""
COMPARATORS: Final = {
    "=": "",
    ">": _("more than"),
    ">=": _("at least"),
    "<": _("less than"),
    "<=": _("at most"),
    "~": _("about"),
}
"""How a number that a source gives is written before it."""
KEY_TYPES: Final = {
    "ENTITY": _("an entity"),
    "ENTITIES": _("several entities"),
    "TEXT": _("a text"),
    "INTEGER": _("a whole number"),
    "NUMBER": _("a number"),
    "DATE": _("a date"),
    "CODE": _("one of some codes"),
}
"""What a key of a fact may say."""
RELIABILITY: Final = {
    "A": _("completely reliable"),
    "B": _("usually reliable"),
    "C": _("fairly reliable"),
    "D": _("not usually reliable"),
    "E": _("unreliable"),
    "F": _("reliability can't be judged"),
}
CREDIBILITY: Final = {
    1: _("confirmed by others"),
    2: _("probably true"),
    3: _("possibly true"),
    4: _("doubtful"),
    5: _("improbable"),
    6: _("truth can't be judged"),
}
"""The Admiralty code's grades."""

WARNINGS: Final = {
    "END_BEFORE_START": _("An end before the first start"),
    "END_WITHOUT_START": _("An end without a start"),
    "STARTS_WITHOUT_END": _("Two starts without an end in between"),
    "SWALLOWED_START": _("A start taken for an earlier one"),
    "BEYOND_EXISTENCE": _("A start after the end of what it is about"),
    "OF_ITSELF": _("Something said of a thing and itself"),
    "IN_THE_FUTURE": _("Told as having happened, but still to come"),
    "KIND": _("An entity of another kind than expected"),
    "SINGLE": _("Two at a time where one is expected"),
    "LOOKALIKE": _("Names that look alike"),
}
"""What is likely a slip."""

REPORTS: Final = {
    "QuantityReported": _("Quantities"),
    "MemberCountReported": _("Counts reported"),
    "StatementMade": _("Statements"),
    "AgreementSigned": _("Agreements"),
    "VisitMade": _("Visits"),
    "OperationConducted": _("Operations"),
}
"""The headings of what is reported, by type."""
QUANTITIES: Final = ("QuantityReported", "MemberCountReported")
"""The reports of a number."""
VIEWS: Final = {
    "timeline": _("Timeline"),
    "facts": _("Facts"),
    "sources": _("Sources"),
    "quantities": _("Quantities"),
    "changes": _("What changed"),
    "log": _("Event log"),
    "entities": _("Entities"),
    "record": _("The whole record"),
    "state": _("All that holds"),
    "source": _("The source"),
    "fact": _("The fact"),
    "story": _("The story"),
}
"""By the names of views that are no questions."""


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
    sets: dict[str, dict[object, str]] = {
        "cause": dict(CAUSES.items()),
        "comparator": dict(COMPARATORS.items()),
        "reliability": dict(RELIABILITY.items()),
        "credibility": dict(CREDIBILITY.items()),
        "warning": dict(WARNINGS.items()),
        "key_type": dict(KEY_TYPES.items()),
    }

    def naming(called: dict[object, str]) -> Callable[[object], str]:
        # gettext of nothing is the catalogue's head.
        return lambda key: str(key) if key not in called else called[key] and gettext(called[key])

    return {f"{name}_label": naming(called) for name, called in sets.items()}
