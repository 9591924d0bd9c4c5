"""Entries at random about a few entities and sources, so that many speak of the same thing."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from oracle import FACT_TYPES

Entry = dict[str, Any]
COALITIONS, MEMBERS = ("g", "h"), ("a", "b", "c", "d")
SOURCES = {
    "s": "2014-06-01", "t": "2015-06-01", "u": "2016-06-01", "v": "2015-01-01", "w": "2016",
}  # fmt: skip
DAYS = ("2013", "2014-09-10", "2015", "2016-03", "2017-01-01", "[..2015-03-01]", "2016-03?")
BEGINNING = [
    *({"type": "SourceRegistered", "id": name, "title": name, "published": day,
       **({"observedThrough": "2016-05"} if name == "u" else {})}
      for name, day in SOURCES.items()),
    *({"type": "EntityRegistered", "id": name, "kind": "OTHER", "names": {"en": name}}
      for name in COALITIONS + MEMBERS),
]  # fmt: skip


def about(kind: str, **keys: Any) -> Entry:
    return {"type": kind, "reason": "we looked again", **keys}


KINDS = [
    *["MemberJoined"] * 6, "MemberLeft", "CoalitionFounded", "CoalitionDissolved",
    "EntityAbolished", *["FactRetracted"] * 2, *["FactReinstated"] * 2, "FactDisputed",
    "DisputeWithdrawn", *["FactCorrected"] * 3, "FactPreferred", "PreferenceWithdrawn",
    "HoldingAttested", "AnnouncementCancelled", "SourceWithdrawn", "SourceCorrected",
    *["EntitiesMerged"] * 3, "EntitiesSplit",
]  # fmt: skip


@st.composite
def drafts(draw: st.DrawFn) -> Entry:
    """An entry without an id; `fact`, `over` and `preference` are numbers, of what is there."""
    source, kind = draw(st.sampled_from(sorted(SOURCES))), draw(st.sampled_from(KINDS))
    evidence = draw(st.sampled_from([{}, {"basis": "EVIDENCE", "citations": [{"source": source}]}]))
    if kind in FACT_TYPES:
        entry = {
            "type": kind,
            "when": draw(st.sampled_from(DAYS)),
            "modality": draw(st.sampled_from(["OCCURRED", "OCCURRED", "OCCURRED", "ANNOUNCED"])),
            "citations": [{"source": source}],
        }
        if kind == "EntityAbolished":
            return {**entry, "entity": draw(st.sampled_from(COALITIONS + MEMBERS))}
        entry["coalition"] = draw(st.sampled_from(COALITIONS))
        if kind.startswith("Member"):
            entry["member"] = draw(st.sampled_from(MEMBERS))
            entry |= draw(st.sampled_from([{}, {}, {}, {"episode": "x"}]))
        return entry
    if kind == "SourceWithdrawn":
        return about(kind, source=source, **evidence)
    if kind == "SourceCorrected":
        published = draw(st.sampled_from(sorted(SOURCES.values())))
        return about(kind, source=source, changes={"published": published})
    if kind in ("EntitiesMerged", "EntitiesSplit"):
        one, other = draw(st.permutations(MEMBERS))[:2]
        names = {"entities": [one], "into": other}
        if kind == "EntitiesSplit":
            names = {"entity": other, "into": [one]}
        return about(kind, **names, **evidence)
    if kind == "PreferenceWithdrawn":
        return about(kind, preference=draw(st.integers(0, 2)), **evidence)
    entry = about(kind, fact=draw(st.integers(0, 5)), **evidence)
    if kind == "HoldingAttested":
        entry |= {"on": draw(st.sampled_from(["2016-04-01", "2017-05-01"]))}
        entry["citations"] = [{"source": source}]
    if kind == "FactCorrected":
        changes = [
            {"when": draw(st.sampled_from(DAYS))},
            {"member": draw(st.sampled_from(MEMBERS))},
            {"modality": draw(st.sampled_from(["OCCURRED", "ANNOUNCED"]))},
            {"episode": draw(st.sampled_from(["x", None]))},
        ]
        entry["changes"] = draw(st.sampled_from(changes))
    if kind == "FactPreferred":
        entry["over"] = [draw(st.integers(0, 5))]
    return entry
