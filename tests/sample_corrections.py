"""Corrections that an editor of the sample record might make, of every kind, in their order.

EDITORIAL and EVIDENCE where a kind takes both. What each changes of the answers, why, and by which
events, is written down by hand from docs/contract/knowledge.md.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from domain.roles import Role

GC = "global-coalition"
APRIL, MAY = "editors-review-2026-04", "editors-review-2026-05"
REVIEWS = [
    {"type": "SourceRegistered", "id": APRIL, "title": "Review of this record, first part",
     "publisher": "Compilers of this record", "language": "en", "published": "2026-04-02",
     "reliability": "B", "credibility": 2},
    {"type": "SourceRegistered", "id": MAY, "title": "Review of this record, second part",
     "publisher": "Compilers of this record", "language": "en", "published": "2026-05-20",
     "reliability": "B", "credibility": 2},
]  # fmt: skip
PUBLISHED = {APRIL: ("2026-04-01", "2026-04-02"), MAY: ("2026-05-19", "2026-05-20")}
"""The day before the publication of what is cited as evidence, and the day of it."""

Row = tuple[str, str, str, str, str | None, str | None]


class Case(NamedTuple):
    """A correction and what a diff over it must say.

    `rows`, some of what it changes: question, scope, subject, change, standing before and after.
    `told`, where it changes no row: a selection, and its answers before and after.
    """

    name: str
    entry: dict[str, Any]
    cause: str = "EDITORIAL"
    rows: tuple[Row, ...] = ()
    x: str = "2026-03-01"
    k: str = "2026-06-01"
    sources: tuple[str, ...] = ()
    learned: tuple[str, str] | None = None
    told: tuple[str, Any, Any] | None = None
    role: Role = Role.REVIEWER

    @property
    def is_evidence(self) -> bool:
        return bool(self.entry.get("basis") == "EVIDENCE")


def _case(name: str, kind: str, reason: str, *rows: Row, **more: Any) -> Case:
    keys = {key: more.pop(key) for key in tuple(more) if key not in Case._fields}
    entry = {"type": kind, "id": name, "reason": reason, **keys}
    source = more.pop("evidence", None) or entry.pop("evidence", None)
    if source is not None:
        entry = {**entry, "basis": "EVIDENCE", "citations": [{"source": source}]}
        more.setdefault("learned", PUBLISHED.get(source))
        more["sources"] = tuple(sorted({source, *more.get("sources", ())}))
    return Case(name, entry, rows=rows, **more)


def _members(member: str, change: str, before: str | None, after: str | None) -> Row:
    return ("MEMBERS", GC, member, change, before, after)


CERTAIN, POSSIBLE, ANNOUNCED = "CERTAIN", "POSSIBLE", "ANNOUNCED"
CASES = [
    _case(
        "germany-by-2014", "FactCorroborated",
        "On the map of the coalition that the State Department's names were drawn from.",
        _members("germany", "ADDED", None, POSSIBLE),
        fact="germany-joins", citations=[{"source": "defenseone-2014-09-24"}],
        cause="RECORDED", x="2015-01-01", k="2015-01-01", sources=("defenseone-2014-09-24",),
        role=Role.CONTRIBUTOR,
    ),
    _case(
        "france-by-2014", "FactCorroborated", "On the same map.",
        _members("france", "ADDED", None, POSSIBLE),
        fact="france-joins", evidence="defenseone-2014-09-24", cause="RECORDED",
        x="2015-01-01", k="2015-01-01", learned=("2014-09-23", "2014-09-24"),
        role=Role.CONTRIBUTOR,
    ),
    _case(
        "singapore-doubted", "FactDisputed",
        "We see the name in one list only and want a second one.",
        _members("singapore", "CHANGED", CERTAIN, POSSIBLE),
        fact="singapore-joins",
    ),
    _case(
        "singapore-no-longer-doubted", "DisputeWithdrawn", "A second list was found.",
        _members("singapore", "CHANGED", POSSIBLE, CERTAIN),
        fact="singapore-joins",
    ),
    _case(
        "slovenia-doubted", "FactDisputed", "The review finds it in no list of the time.",
        _members("slovenia", "CHANGED", CERTAIN, POSSIBLE),
        fact="slovenia-joins", evidence=APRIL,
    ),
    _case(
        "slovenia-no-longer-doubted", "DisputeWithdrawn", "The second part takes the doubt back.",
        _members("slovenia", "CHANGED", POSSIBLE, CERTAIN),
        fact="slovenia-joins", evidence=MAY,
    ),
    _case(
        "serbia-misdated", "FactCorrected", "We had copied the range of the line above.",
        _members("serbia", "CHANGED", CERTAIN, CERTAIN),
        fact="serbia-joins", changes={"when": "[2014-09-24..2016-08-24]"}, cause="CORRECTED",
    ),
    _case(
        "greece-dated", "FactCorrected", "The review has the day of the Brussels meeting.",
        _members("greece", "CHANGED", CERTAIN, CERTAIN),
        fact="greece-joins", changes={"when": "2014-12-03"}, cause="CORRECTED", evidence=APRIL,
    ),
    _case(
        "sfa-only-expected", "FactCorrected", "The report speaks of what was to come.",
        ("INTEGRATIONS", "syrian-ministry-of-interior", "syrian-free-army", "CHANGED", CERTAIN,
         ANNOUNCED),
        fact="sfa-into-interior-ministry", changes={"modality": "ANNOUNCED"}, cause="CORRECTED",
    ),
    _case(
        "tanf-force-misnamed", "FactCorrected", "The force at al-Tanf is the Syrian Free Army.",
        ("DEPLOYMENTS", "al-tanf", "free-syrian-army", "REMOVED", CERTAIN, None),
        fact="fsa-at-al-tanf", changes={"force": "syrian-free-army"}, cause="CORRECTED",
    ),
    _case(
        "guinea-taken-out", "FactRetracted", "We had read Equatorial Guinea's neighbour.",
        _members("guinea", "REMOVED", CERTAIN, None),
        fact="guinea-joins", cause="RETRACTED",
    ),
    _case(
        "guinea-back", "FactReinstated", "It is Guinea after all.",
        _members("guinea", "ADDED", None, CERTAIN),
        fact="guinea-joins",
    ),
    _case(
        "slovakia-taken-out", "FactRetracted", "The review takes the name for a misprint.",
        _members("slovakia", "REMOVED", CERTAIN, None),
        fact="slovakia-joins", cause="RETRACTED", evidence=APRIL,
    ),
    _case(
        "slovakia-back", "FactReinstated", "The second part finds it in the original.",
        _members("slovakia", "ADDED", None, CERTAIN),
        fact="slovakia-joins", evidence=MAY,
    ),
    _case(
        "tanf-since-2014", "FactPreferred", "The agency was there; the atlas came later.",
        ("BASES", GC, "al-tanf", "CHANGED", CERTAIN, CERTAIN),
        fact="al-tanf-2014", over=["al-tanf-2016"], x="2020-01-01",
    ),
    _case(
        "tanf-start-open-again", "PreferenceWithdrawn", "Both years stand until more is found.",
        ("BASES", GC, "al-tanf", "CHANGED", CERTAIN, CERTAIN),
        preference="tanf-since-2014", x="2020-01-01",
    ),
    _case(
        "tanf-until-the-12th", "FactPreferred", "The review was shown the act of handover.",
        ("BASES", GC, "al-tanf", "CHANGED", POSSIBLE, CERTAIN),
        fact="al-tanf-handed-over", over=["al-tanf-left-the-day-before"], x="2026-02-11",
        evidence=APRIL,
    ),
    _case(
        "tanf-end-open-again", "PreferenceWithdrawn", "The second part has doubts about the act.",
        ("BASES", GC, "al-tanf", "CHANGED", CERTAIN, POSSIBLE),
        preference="tanf-until-the-12th", x="2026-02-11", evidence=MAY,
    ),
    _case(
        "filenews-out", "SourceWithdrawn", "The page was rewritten without a notice.",
        ("BASES", GC, "al-tanf", "CHANGED", POSSIBLE, CERTAIN),
        ("DEPLOYMENTS", "al-tanf", "us-armed-forces", "CHANGED", POSSIBLE, CERTAIN),
        source="filenews-2026-02-17", cause="RETRACTED", x="2026-02-11",
        sources=("filenews-2026-02-17",),
    ),
    _case(
        "debriefer-out", "SourceWithdrawn", "The review shows that the report was made up.",
        _members("yemen", "REMOVED", POSSIBLE, None),
        source="debriefer-2019-08-02", cause="RETRACTED", x="2020-01-01", evidence=APRIL,
        sources=("debriefer-2019-08-02",),
    ),
    _case(
        "caliber-less-sure", "SourceReassessed", "It gives no source of its own.",
        source="caliber-2025-11-01", reliability="E",
        told=('source(id: "caliber-2025-11-01", %s) { reliability }', {"reliability": "C"},
              {"reliability": "E"}),
    ),
    _case(
        "al-jazeera-less-sure", "SourceReassessed", "The review compared it with the agreement.",
        source="al-jazeera-2026-01-30", credibility=2, evidence=APRIL,
        told=('source(id: "al-jazeera-2026-01-30", %s) { credibility }', {"credibility": 1},
              {"credibility": 2}),
    ),
    _case(
        "teco-day", "SourceCorrected", "The page shows its day, which we had left out.",
        _members("taiwan", "ADDED", None, CERTAIN),
        source="teco-2019-02", changes={"published": "2019-02-06"},
        x="2019-02-10", k="2019-02-10", sources=("teco-2019-02",),
    ),
    _case(
        "coalition-in-wikidata", "EntityCorrected", "The identifier was missing.",
        entity=GC, changes={"wikidata": "Q18414326"},
        told=('entity(id: "global-coalition", %s) { wikidata }', {"wikidata": None},
              {"wikidata": "Q18414326"}),
    ),
    _case(
        "coalition-renamed", "EntityRenamed", "The name in English since the ministers of 2017.",
        entity=GC, names={"en": "Global Coalition to Defeat ISIS"}, when="2017-03-22",
        told=('entity(id: "global-coalition", %s) { name }',
              {"name": "Global Coalition against Daesh"},
              {"name": "Global Coalition to Defeat ISIS"}),
    ),
    _case(
        "turkey-renamed", "EntityRenamed", "The review gives the name that the state now uses.",
        entity="turkey", names={"en": "Türkiye"}, when="2022-06", evidence=APRIL,
        told=('entity(id: "turkey", %s) { name }', {"name": "Turkey"}, {"name": "Türkiye"}),
    ),
    _case(
        "one-free-army", "EntitiesMerged", "The article calls one force by two names.",
        ("PARTNERS", GC, "free-syrian-army", "REMOVED", CERTAIN, None),
        entities=["free-syrian-army"], into="syrian-free-army",
    ),
    _case(
        "two-free-armies", "EntitiesSplit", "The factions in the north are another force.",
        ("PARTNERS", GC, "free-syrian-army", "ADDED", None, CERTAIN),
        entity="syrian-free-army", into=["free-syrian-army"],
    ),
    _case(
        "framework-is-the-ministry", "EntitiesMerged", "The review: the framework is the ministry.",
        ("INTEGRATIONS", "national-framework", "sdf", "REMOVED", ANNOUNCED, None),
        entities=["national-framework"], into="syrian-ministry-of-defence", evidence=APRIL,
    ),
    _case(
        "framework-is-wider", "EntitiesSplit", "The second part: police are in it as well.",
        ("INTEGRATIONS", "national-framework", "sdf", "ADDED", None, ANNOUNCED),
        entity="syrian-ministry-of-defence", into=["national-framework"], evidence=MAY,
    ),
    _case(
        "no-new-free-army", "AnnouncementCancelled", "It was called off, by what we are told.",
        ("INTEGRATIONS", "national-framework", "syrian-free-army", "REMOVED", ANNOUNCED, None),
        fact="syrian-free-army-restructuring-expected", cause="RETRACTED",
    ),
    _case(
        "no-new-army", "AnnouncementCancelled", "The second part: it was called off.",
        ("INTEGRATIONS", "syrian-ministry-of-defence", "sdf", "REMOVED", ANNOUNCED, None),
        fact="sdf-into-army-announced", evidence=MAY, cause="RETRACTED",
    ),
]  # fmt: skip
