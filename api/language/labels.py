"""What things are called in the language of the page: types of events, kinds, questions, keys.

What every record has is called by the catalogues, what a record defines by its definitions, and
what those have no name for by its id in words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from api.language.words import LOCALES, Words, named, words
from domain.vocabulary import Vocabulary, question_value


def _(text: str) -> str:
    """Marks a message for the catalogues; the page translates it."""
    return text


EVENTS: Final = {
    "CoalitionFounded": _("Coalition founded"),
    "CoalitionDissolved": _("Coalition dissolved"),
    "CommandEstablished": _("Command established"),
    "CommandDisbanded": _("Command disbanded"),
    "FundEstablished": _("Fund established"),
    "FundClosed": _("Fund closed"),
    "ForceFormed": _("Force formed"),
    "ForceDisbanded": _("Force disbanded"),
    "EntityEstablished": _("Entity established"),
    "EntityAbolished": _("Entity abolished"),
    "MemberJoined": _("Member joined"),
    "MemberLeft": _("Member left"),
    "LeadershipAssumed": _("Leadership assumed"),
    "LeadershipRelinquished": _("Leadership relinquished"),
    "BaseEstablished": _("Base established"),
    "BaseClosed": _("Base closed"),
    "BaseHandedOver": _("Base handed over"),
    "ForceDeployed": _("Force deployed"),
    "ForceWithdrawn": _("Force withdrawn"),
    "PartnershipBegun": _("Partnership begun"),
    "PartnershipEnded": _("Partnership ended"),
    "ForceIntegrated": _("Force integrated"),
    "ForceSeparated": _("Force separated"),
    "OfficeAssumed": _("Office assumed"),
    "OfficeVacated": _("Office vacated"),
    "ObjectiveAdopted": _("Objective adopted"),
    "ObjectiveDropped": _("Objective dropped"),
    "MemberCountReported": _("Number of members reported"),
    "QuantityReported": _("Quantity reported"),
    "StatementMade": _("Statement made"),
    "VisitMade": _("Visit made"),
    "AgreementSigned": _("Agreement signed"),
    "OperationConducted": _("Operation conducted"),
    "EntitiesSucceeded": _("Succession"),
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
CAUSES: Final = {
    "RECORDED": _("newly recorded"),
    "CORRECTED": _("a correction"),
    "RETRACTED": _("retracted"),
    "EDITORIAL": _("editorial"),
    "LEARNED": _("we learned it"),
    "WORLD": _("the world changed"),
}
QUESTIONS: Final = {
    "MEMBERS": _("Members"),
    "BASES": _("Bases"),
    "PARTNERS": _("Partners"),
    "DEPLOYMENTS": _("Deployments"),
    "OBJECTIVES": _("Objectives"),
    "LEADERS": _("Leaders"),
    "HOLDERS": _("Holders of offices"),
    "INTEGRATIONS": _("Integrations"),
    "ORGANISATIONS": _("Organisations"),
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
KINDS: Final = {
    "COALITION": _("Coalition"),
    "COUNTRY": _("Country"),
    "ORGANISATION": _("Organisation"),
    "COMMAND": _("Command"),
    "FORCE": _("Force"),
    "FUND": _("Fund"),
    "BASE": _("Base"),
    "PLACE": _("Place"),
    "PERSON": _("Person"),
    "OFFICE": _("Office"),
    "OBJECTIVE": _("Objective"),
    "PUBLISHER": _("Publisher"),
    "OTHER": _("Other"),
}
VIEWS: Final = {
    "members": _("Members"),
    "bases": _("Bases"),
    "partners": _("Partners"),
    "deployments": _("Forces here"),
    "objectives": _("Objectives"),
    "leaders": _("Led by"),
    "holders": _("Held by"),
    "integrations": _("Forces integrated"),
    "memberships": _("Member of"),
    "operators": _("Operated by"),
    "partnerships": _("Partner of"),
    "forceDeployments": _("Deployed at"),
    "adopters": _("Adopted by"),
    "leaderships": _("Leads"),
    "offices": _("Offices held"),
    "integratedInto": _("Part of"),
    "organisations": _("Organisations"),
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
}
"""By the names of views; a question is one."""


class RecordLabels(NamedTuple):
    """What a record's words are called in a language."""

    spoken: Words
    vocabulary: Vocabulary

    def event(self, name: str) -> str:
        """A type of event."""
        found = self.vocabulary.fact_types.get(name)
        return self._called(name, EVENTS, found and found.names)

    def kind(self, name: str) -> str:
        """A kind of entities."""
        found = self.vocabulary.kinds.get(name)
        return self._called(name, KINDS, found and found.names)

    def view(self, name: str) -> str:
        """A view of an entity, such as the answer to a question."""
        if name in VIEWS:
            return self.spoken.gettext(VIEWS[name])
        for question, fluent, inverse in self.vocabulary.questions:
            if question == name:
                return self._called(name, {}, fluent.inverse_names if inverse else fluent.names)
        return name

    def group(self, name: str) -> str:
        """The heading of reports of a type, or of the answers to a question."""
        if name in REPORTS:
            return self.spoken.gettext(REPORTS[name])
        return self.event(name) if name in self.vocabulary.fact_types else self.view(name)

    def question(self, name: str) -> str:
        """What a value of the enum of questions asks for."""
        if name in QUESTIONS:
            return self.spoken.gettext(QUESTIONS[name])
        for fluent in self.vocabulary.fluents.values():
            if question_value(fluent.question) == name:
                return self._called(fluent.question, {}, fluent.names)
        return name

    def subject(self, name: str) -> str:
        """A key of a fact, or a side of a fluent."""
        return self._called(name, SUBJECTS, {})

    def functions(self) -> dict[str, Callable[[str], str]]:
        """What templates call these."""
        return {
            "event_label": self.event,
            "kind_label": self.kind,
            "view_label": self.view,
            "group_label": self.group,
            "question_label": self.question,
            "subject_label": self.subject,
        }

    def _called(self, name: str, core: Mapping[str, str], names: Mapping[str, str] | None) -> str:
        """By the catalogues, else by a definition, else in words; as it is where nothing has it."""
        if name in core:
            return self.spoken.gettext(core[name])
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
    }

    def naming(called: dict[object, str]) -> Callable[[object], str]:
        # gettext of nothing is the catalogue's head.
        return lambda key: str(key) if key not in called else called[key] and gettext(called[key])

    return {f"{name}_label": naming(called) for name, called in sets.items()}
