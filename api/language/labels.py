"""What closed sets are called in the language of the page: types of events, causes, measures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final


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
    "LOOKALIKE": _("Names that look alike"),
}
"""What is likely a slip."""


def labels(gettext: Callable[[str], str]) -> dict[str, Callable[[object], str]]:
    """Functions that name what these sets have; anything else is called as it is."""
    sets: dict[str, dict[object, str]] = {
        "event": dict(EVENTS.items()),
        "cause": dict(CAUSES.items()),
        "question": dict(QUESTIONS.items()),
        "subject": dict(SUBJECTS.items()),
        "comparator": dict(COMPARATORS.items()),
        "reliability": dict(RELIABILITY.items()),
        "credibility": dict(CREDIBILITY.items()),
        "warning": dict(WARNINGS.items()),
    }

    def naming(named: dict[object, str]) -> Callable[[object], str]:
        # gettext of nothing is the catalogue's head.
        return lambda key: str(key) if key not in named else named[key] and gettext(named[key])

    return {f"{name}_label": naming(named) for name, named in sets.items()}
