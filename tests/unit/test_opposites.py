"""Undoing: the entry that undoes another one restores what the record said before, or there is a
reason why none does. Of every type of entries that every record has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from memory import MemoryRecorder

from domain.catalogue import entity_versions, source_versions
from domain.codec import Event, decode, read, write
from domain.dates import MAX_DAY
from domain.definitions import Definition
from domain.dossier import Dossier
from domain.errors import Refused
from domain.facts import Fact
from domain.history import History
from domain.record import Record
from domain.stretches import item_at
from domain.versions import FluentKey
from domain.vocabulary import CORE

Entry = dict[str, Any]
REASON = "It was a slip."
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
BEGINNING: list[Entry] = [
    {"type": "SourceRegistered", "id": "s", "title": "S", "published": "2015-03-01",
     "reliability": "B"},
    {"type": "SourceRegistered", "id": "t", "title": "T", "published": "2016-06-01"},
    *({"type": "EntityRegistered", "id": name, "kind": "OTHER", "names": {"en": name.upper()}}
      for name in ("g", "h", "m", "n", "o")),
    {"type": "KindDefined", "id": "TREATY", "names": {"en": "Treaty"}},
    {"type": "FluentDefined", "id": "ratification", "scope": "treaty", "subject": "party",
     "question": "treatyParties", "inverse": "treatiesOf"},
    {"type": "FactTypeDefined", "id": "TreatyRatified",
     "effects": [{"starts": "ratification", "scope": "treaty", "subject": "party"}],
     "keys": {"treaty": {"type": "ENTITY"}, "party": {"type": "ENTITY"},
              "depositary": {"type": "TEXT", "required": False}}},
]  # fmt: skip
CITED = {"citations": [{"source": "s"}]}
JOINED: Entry = {"type": "MemberJoined", "id": "f", "coalition": "g", "member": "m", **CITED,
                 "when": "2014-09", "episode": "x"}  # fmt: skip
LATER: Entry = {**JOINED, "id": "f2", "when": "2015-01-01"}
ANNOUNCED: Entry = {**JOINED, "modality": "ANNOUNCED"}
EVIDENCE = {"basis": "EVIDENCE", "citations": [{"source": "t"}]}


def about(kind: str, name: str = "c", **keys: Any) -> Entry:
    return {"type": kind, "id": name, "reason": "We looked again.", **keys}


class Log:
    """The beginning and some entries more, each recorded a day after the one before it."""

    def __init__(self, *entries: Entry) -> None:
        self.recorder = MemoryRecorder()
        self.days = 0
        self.record = Record(self.recorder, lambda: FIRST + timedelta(days=self.days))
        self.vocabulary = CORE
        for entry in (*BEGINNING, *entries):
            self.take(entry)

    def take(self, entry: Entry) -> None:
        typed = read(entry, self.vocabulary)
        if isinstance(typed, Definition):
            self.vocabulary = self.vocabulary.extended(typed)
        self.record._check_clock = lambda now: None  # type: ignore[method-assign]  # days are ahead
        self.record.apply([typed], actor="someone")
        self.days += 1

    @property
    def events(self) -> list[Event]:
        return [
            decode(each.position, each.event.type, each.event.data) for each in self.recorder.events
        ]

    def undo(self, name: str) -> list[Entry]:
        """Record what undoes the event of an id, and say what that was."""
        event = next(it for it in reversed(self.events) if it.entry.id == name)
        made = [write(it) for it in self.record.opposites(event, f"undo-{self.days}", REASON)]
        for entry in made:
            self.take(entry)
        return made

    def rows(self) -> dict[str, Any]:
        """What it says of facts, fluents, sources and entities, by day of publication."""
        dossier = Dossier()
        history = History(dossier)
        for event in self.events:
            if not isinstance(event.entry, Definition):
                dossier.take(event)
        history.settle()
        found: dict[str, Any] = {}
        for k in (*range(16_000, 17_600, 50), MAX_DAY):
            for kind, rows in (("fact", history.versions), ("fluent", history.intervals)):
                for name, stretches in rows.items():
                    found[f"{kind} {name} {k}"] = [
                        it.item for it in stretches if it.first <= k < it.until
                    ]
            for source in dossier.sources:
                found[f"source {source} {k}"] = item_at(source_versions(dossier, source), k)
            for entity in dossier.entities:
                found[f"entity {entity} {k}"] = [
                    it.item
                    for it in entity_versions(dossier, entity)
                    if it.first <= k < it.until and it.item.valid.first != it.item.valid.until
                ]
        return {key: value for key, value in found.items() if value not in ([], None)}


def _called(rows: dict[str, Any]) -> dict[str, Any]:
    """Rows with what entities are called on each of some days: a renaming parts their stretches."""
    return {
        key: [
            next(it._replace(valid=None) for it in value if it.valid.first <= x < it.valid.until)
            for x in range(10_000, 20_000, 500)
        ]
        if key.startswith("entity")
        else value
        for key, value in rows.items()
    }


def _fact_of(kind: type[Fact]) -> Entry:
    """A fact of a type, with a value for each key that it needs."""
    made: Entry = {"type": kind.__name__, "id": "c", "when": "2015", **CITED}
    entities = iter(["g", "m", "n", "o"])
    for name, key in CORE.fact_types[kind.__name__].keys.items():
        if key.required:
            made[name] = {
                "ENTITY": lambda: next(entities),
                "ENTITIES": lambda: ["m", "n"],
                "INTEGER": lambda: 3,
                "NUMBER": lambda: 3,
                "CODE": lambda key=key: key.codes[0],
            }.get(str(key.type), lambda: "words")()
    return made


UNDONE: dict[str, tuple[list[Entry], Entry, str]] = {
    **{kind: ([JOINED], _fact_of(found.entry), "FactRetracted")
       for kind, found in CORE.fact_types.items()},
    "a fact of a defined type": (
        [], {"type": "TreatyRatified", "id": "c", "treaty": "g", "party": "m", "when": "2015",
             **CITED}, "FactRetracted"),
    "FactCorrected": ([JOINED], about("FactCorrected", fact="f", changes={"when": "2013"}),
                      "FactCorrected"),
    "FactCorrected, twice": (
        [JOINED, about("FactCorrected", "b", fact="f", changes={"when": "2012", "member": "n"})],
        about("FactCorrected", fact="f", changes={"when": "2013", "member": "o"}),
        "FactCorrected"),
    "FactCorrected, modality and label": (
        [JOINED], about("FactCorrected", fact="f", changes={"modality": "ANNOUNCED",
                                                            "episode": None}), "FactCorrected"),
    "FactCorrected, a label more": (
        [{**JOINED, "episode": None}], about("FactCorrected", fact="f", changes={"episode": "y"}),
        "FactCorrected"),
    "FactCorrected, of evidence": (
        [JOINED, about("FactCorrected", "b", fact="f", changes={"when": "2012"},
                       basis="EVIDENCE", citations=[{"source": "s"}])],
        about("FactCorrected", fact="f", changes={"when": "2013"}, **EVIDENCE), "FactCorrected"),
    "FactRetracted": ([JOINED], about("FactRetracted", fact="f"), "FactReinstated"),
    "FactRetracted, of evidence": ([JOINED], about("FactRetracted", fact="f", **EVIDENCE),
                                   "FactReinstated"),
    "FactReinstated": ([JOINED, about("FactRetracted", "b", fact="f")],
                       about("FactReinstated", fact="f"), "FactRetracted"),
    "FactDisputed": ([JOINED, LATER], about("FactDisputed", fact="f"), "DisputeWithdrawn"),
    "FactDisputed, of evidence": ([JOINED, LATER], about("FactDisputed", fact="f", **EVIDENCE),
                                  "DisputeWithdrawn"),
    "DisputeWithdrawn": ([JOINED, about("FactDisputed", "b", fact="f")],
                         about("DisputeWithdrawn", fact="f"), "FactDisputed"),
    "FactPreferred": ([JOINED, LATER], about("FactPreferred", fact="f", over=["f2"]),
                      "PreferenceWithdrawn"),
    "PreferenceWithdrawn": (
        [JOINED, LATER, about("FactPreferred", "b", fact="f", over=["f2"])],
        about("PreferenceWithdrawn", preference="b"), "FactPreferred"),
    "SourceRegistered": ([JOINED], {"type": "SourceRegistered", "id": "c", "title": "C"},
                         "SourceWithdrawn"),
    "SourceReassessed": ([JOINED], about("SourceReassessed", source="s", reliability="D"),
                         "SourceReassessed"),
    "SourceReassessed, for the first time": (
        [JOINED], about("SourceReassessed", source="s", credibility=2, **EVIDENCE),
        "SourceCorrected"),
    "SourceCorrected, re-dated": (
        [JOINED], about("SourceCorrected", source="s", changes={"published": "2016"}),
        "SourceCorrected"),
    "SourceCorrected, dated": (
        [{**JOINED, "citations": [{"source": "u"}]}], about("SourceCorrected", source="u",
                                                           changes={"published": "2016"}),
        "SourceCorrected"),
    "EntityCorrected": (
        [JOINED], about("EntityCorrected", entity="m", changes={"names": {"en": "Emm"},
                                                                "kind": "FORCE",
                                                                "iso3166": "SY"}),
        "EntityCorrected"),
    "EntityRenamed": ([JOINED], about("EntityRenamed", entity="m", when="2010",
                                      names={"en": "Emm"}), "EntityRenamed"),
    "EntityRenamed, before another": (
        [about("EntityRenamed", "b", entity="m", when="2012", names={"en": "Em"})],
        about("EntityRenamed", entity="m", when="2010", names={"en": "Emm"}), "EntityRenamed"),
    "EntitiesMerged": ([JOINED], about("EntitiesMerged", entities=["m"], into="n"),
                       "EntitiesSplit"),
    "EntitiesMerged, elsewhere before": (
        [JOINED, about("EntitiesMerged", "b", entities=["m"], into="n")],
        about("EntitiesMerged", entities=["m"], into="o"), "EntitiesMerged"),
    "EntitiesMerged, of evidence": (
        [JOINED], about("EntitiesMerged", entities=["m", "o"], into="n", **EVIDENCE),
        "EntitiesSplit"),
    "EntitiesSplit": ([JOINED, about("EntitiesMerged", "b", entities=["m", "o"], into="n")],
                      about("EntitiesSplit", entity="n", into=["m"]), "EntitiesMerged"),
}  # fmt: skip
UNDATED = {"type": "SourceRegistered", "id": "u", "title": "U"}


@pytest.mark.parametrize("case", UNDONE)
def test_undoing_restores_the_rows_before(case: str) -> None:
    before, entry, kind = UNDONE[case]
    log = Log(UNDATED, *before)
    rows = _called(log.rows())
    log.take(entry)
    if case not in ("SourceRegistered",) and not case.endswith(("Reported", "Made", "Signed")):
        assert _called(log.rows()) != rows

    (made,) = log.undo("c")
    after = _called(log.rows())

    assert made["type"] == kind
    assert made["reason"] == REASON
    if case == "SourceRegistered":  # it stays, as one that counts for nothing
        after = {key: row for key, row in after.items() if not key.startswith("source c ")}
    assert after == rows


def test_what_was_called_off_is_announced_anew() -> None:
    log = Log(ANNOUNCED, about("FactCorroborated", "b", fact="f", citations=[{"source": "t"}]))
    key = f"fluent {FluentKey('membership', 'g', 'm')} {MAX_DAY}"
    (was,) = log.rows()[key]
    log.take(about("AnnouncementCancelled", fact="f"))

    (made,) = log.undo("c")
    (now,) = log.rows()[key]

    assert {**made, "id": "f"} == {**ANNOUNCED, "citations": ({"source": "s"}, {"source": "t"})}
    assert now.possible == was.possible
    assert [ref.id for ref in now.facts] == [made["id"]]


TOLD = {
    "type": "StoryTold", "id": "c", "titles": {"en": "A story"}, **CITED,
    "views": [{"entity": "g", "asOf": "2015", "texts": {"en": "It begins."}}],
}  # fmt: skip


def test_a_story_is_undone_by_its_withdrawal_which_is_for_good() -> None:
    log = Log(TOLD)

    (made,) = log.undo("c")

    assert (made["type"], made["story"]) == ("StoryWithdrawn", "c")
    for name, code in (("c", "NO_EFFECT"), (made["id"], "STORY_WITHDRAWN_FOR_GOOD")):
        with pytest.raises(Refused) as caught:
            log.undo(name)
        assert caught.value.code == code


WITHOUT = {
    "FactCorroborated": ("CITATION_STAYS", about("FactCorroborated", fact="f", **CITED)),
    "HoldingAttested": ("CITATION_STAYS", about("HoldingAttested", fact="f", on="2015-01-01",
                                                **CITED)),
    "SourceWithdrawn": ("WITHDRAWN_FOR_GOOD", about("SourceWithdrawn", source="s")),
    "EntityRegistered": ("ENTITY_STAYS", {"type": "EntityRegistered", "id": "c", "kind": "OTHER",
                                          "names": {"en": "C"}}),
    "EntityRenamed": ("NAME_STAYS", about("EntityRenamed", entity="m", when="2010",
                                          names={"ar": "م"})),
    "KindDefined": ("ONLY_EXTENDED", {"type": "KindDefined", "id": "VESSEL"}),
    "FluentDefined": ("ONLY_EXTENDED", {"type": "FluentDefined", "id": "crew", "scope": "ship",
                                        "subject": "sailor", "question": "crewOf",
                                        "inverse": "shipsOf"}),
    "FactTypeDefined": ("ONLY_EXTENDED", {"type": "FactTypeDefined", "id": "ShipSeen",
                                          "keys": {"ship": {"type": "ENTITY"}}}),
    "DefinitionExtended": ("ONLY_EXTENDED", about("DefinitionExtended", definition="TREATY",
                                                  changes={"retired": True})),
}  # fmt: skip


@pytest.mark.parametrize("case", WITHOUT)
def test_what_can_not_be_undone_says_why(case: str) -> None:
    code, entry = WITHOUT[case]
    log = Log(JOINED, entry)

    with pytest.raises(Refused) as caught:
        log.undo(str(entry["id"]))

    assert caught.value.code == code


def test_every_type_of_entries_is_undone_or_says_why() -> None:
    tried = {name.partition(",")[0] for name in (*UNDONE, *WITHOUT)} | {"AnnouncementCancelled"}
    tried |= {"StoryTold", "StoryWithdrawn"}

    assert set(CORE.types) <= tried
    assert len(UNDONE) >= 20


def test_what_was_undone_has_nothing_left_to_undo_and_its_opposite_has() -> None:
    log = Log(JOINED, about("FactCorrected", fact="f", changes={"when": "2013"}))
    corrected = log.rows()
    (undone,) = log.undo("c")

    with pytest.raises(Refused) as caught:
        log.undo("c")
    assert caught.value.code == "NO_EFFECT"
    assert log.undo(undone["id"])[0]["changes"] == {"when": "2013"}
    assert log.rows() == corrected


def test_what_a_later_entry_changed_again_stays() -> None:
    changes = {"when": "2013", "member": "n"}
    log = Log(
        JOINED,
        about("FactCorrected", fact="f", changes=changes),
        about("FactCorrected", "later", fact="f", changes={"when": "2012"}),
    )

    assert log.undo("c")[0]["changes"] == {"member": "m"}


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("FactRetracted", {"fact": "f"}),
        ("FactDisputed", {"fact": "f"}),
        ("FactPreferred", {"fact": "f", "over": ["f2"]}),
        ("EntitiesMerged", {"entities": ["m"], "into": "n"}),
    ],
)
def test_what_others_say_as_well_is_not_undone(kind: str, keys: dict[str, Any]) -> None:
    log = Log(JOINED, LATER, about(kind, "b", **keys), about(kind, **keys))
    if kind == "FactPreferred":
        log.undo("c")  # the other one still sets it aside, and is a preference of its own
    with pytest.raises(Refused) as caught:
        log.undo("c")
    assert caught.value.code == "NO_EFFECT"


def test_evidence_is_undone_from_its_own_day_on() -> None:
    log = Log(JOINED, about("FactDisputed", fact="f", **EVIDENCE))

    (made,) = log.undo("c")

    assert (made["basis"], made["citations"]) == ("EVIDENCE", ({"source": "t"},))
