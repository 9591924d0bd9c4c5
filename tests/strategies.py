"""Records to test with: seeded random ones, a big one, and the examples of folding as cases.

A random record is a list of entries in record-file form, each after everything that it
names, with nothing in it that is refused. Entities, days and fluents are few, so that facts
collide. The same seed gives the same record.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from oracle import (
    ANNOUNCED,
    CERTAIN,
    EFFECTS,
    END,
    FACT_TYPES,
    POSSIBLE,
    REPORT_SUBJECTS,
    START,
    Fact,
    Oracle,
    View,
    subject_keys,
)

from domain.dates import AFTER_ALL, BEFORE_ALL, day_of, parse

Entry = dict[str, Any]

# ------------------------------------------------------------ the examples of folding as cases


@dataclass(frozen=True)
class FoldFact:
    """A fact of one fluent, as a row of the table words it. One of another `of` is the end of its
    coalition's existence, or its start."""

    side: str
    when: str
    disputed: bool = False
    announced: bool = False
    label: str | None = None
    of_existence: bool = False

    def entry(self, number: int) -> Entry:
        """A record file's entry for it, in membership(union, syria)."""
        kind = {START: "MemberJoined", END: "MemberLeft"}[self.side]
        subjects = {"coalition": "union", "member": "syria"}
        if self.of_existence:
            kind = {START: "CoalitionFounded", END: "CoalitionDissolved"}[self.side]
            del subjects["member"]
        entry = {"type": kind, "id": f"fact-{number}", **subjects, "when": self.when}
        entry["modality"] = "ANNOUNCED" if self.announced else "OCCURRED"
        if self.label is not None:
            entry["episode"] = self.label
        return {**entry, "citations": [{"source": "paper"}]}


@dataclass(frozen=True)
class FoldCase:
    """A row of docs/contract/folding.md#examples.

    `becomes` lists the days on which the standing changes, as (day, standing from that day on);
    before the first of them it is `before`.
    """

    row: str
    facts: tuple[FoldFact, ...]
    becomes: tuple[tuple[str, str | None], ...]
    before: str | None = None
    contested: bool = False
    announced_ends: tuple[str, ...] = ()

    def probes(self) -> Iterator[tuple[int, str | None]]:
        """(day, standing): far before, the eve and the day of every change, and far after."""
        held = self.before
        yield day_of("0001-01-01"), held
        for text, becomes in self.becomes:
            yield day_of(text) - 1, held
            yield day_of(text), becomes
            held = becomes
        yield day_of("9999-12-31"), held

    def entries(self) -> list[Entry]:
        """A record of it, of one source."""
        entries: list[Entry] = [
            {"type": "SourceRegistered", "id": "paper", "title": "Paper", "published": "1800"},
            *(
                {"type": "EntityRegistered", "id": name, "kind": kind, "names": {"en": name}}
                for name, kind in (("union", "COALITION"), ("syria", "COUNTRY"))
            ),
        ]
        for number, fact in enumerate(self.facts):
            entries.append(fact.entry(number))
            if fact.disputed:
                doubt = {"type": "FactDisputed", "id": f"doubt-{number}", "reason": "in doubt"}
                entries.append({**doubt, "fact": f"fact-{number}"})
        return entries


def _start(
    when: str,
    *,
    disputed: bool = False,
    announced: bool = False,
    label: str | None = None,
    of_existence: bool = False,
) -> FoldFact:
    return FoldFact(START, when, disputed, announced, label, of_existence)


def _end(
    when: str, *, disputed: bool = False, announced: bool = False, of_existence: bool = False
) -> FoldFact:
    return FoldFact(END, when, disputed, announced, None, of_existence)


_WARSAW = (_start("1955-05-14"), _end("1991-07-01", of_existence=True))

FOLD_TABLE: list[FoldCase] = [
    FoldCase(
        "start `2014-09`",
        (_start("2014-09"),),
        (("2014-09-01", POSSIBLE), ("2014-09-30", CERTAIN)),
    ),
    FoldCase(
        "starts `2014-09`, `2014-09-05`",
        (_start("2014-09"), _start("2014-09-05")),
        (("2014-09-05", CERTAIN),),
    ),
    FoldCase(
        "starts `2014`, `2016-05`",
        (_start("2014"), _start("2016-05")),
        (("2014-01-01", POSSIBLE), ("2016-05-31", CERTAIN)),
        contested=True,
    ),
    FoldCase(
        "start `1949-04-04`, end `1966-03`, start `2009-04-04`",
        (_start("1949-04-04"), _end("1966-03"), _start("2009-04-04")),
        (
            ("1949-04-04", CERTAIN),
            ("1966-03-01", POSSIBLE),
            ("1966-04-01", None),
            ("2009-04-04", CERTAIN),
        ),
    ),
    FoldCase(
        "start `[..2025-11-03]`",
        (_start("[..2025-11-03]"),),
        (("2025-11-03", CERTAIN),),
        before=POSSIBLE,
    ),
    FoldCase(
        "announced start `2025-11-10`",
        (_start("2025-11-10", announced=True),),
        (("2025-11-10", ANNOUNCED),),
    ),
    FoldCase(
        "announced start `2025-11-10`, hard start `2025-11-10`",
        (_start("2025-11-10", announced=True), _start("2025-11-10")),
        (("2025-11-10", CERTAIN),),
    ),
    FoldCase(
        "starts `2014-09`, `2014-09-05`, end `2014-09`",
        (_start("2014-09"), _start("2014-09-05"), _end("2014-09")),
        (("2014-09-05", POSSIBLE), ("2014-10-01", None)),
    ),
    FoldCase(
        "disputed start `2010`, start `2014-01-01`",
        (_start("2010", disputed=True), _start("2014-01-01")),
        (("2010-01-01", POSSIBLE), ("2014-01-01", CERTAIN)),
    ),
    FoldCase(
        "start `2010?`",
        (_start("2010?"),),
        (("2010-01-01", POSSIBLE),),
    ),
    FoldCase(
        "start `2010-01-01`, disputed end `2015-01-01`",
        (_start("2010-01-01"), _end("2015-01-01", disputed=True)),
        (("2010-01-01", CERTAIN), ("2015-01-01", POSSIBLE)),
    ),
    FoldCase(
        "end `2015-01`",
        (_end("2015-01"),),
        (("2015-02-01", None),),
        before=POSSIBLE,
    ),
    FoldCase(
        "start `2010-01-01`, end `2010-01-01`",
        (_start("2010-01-01"), _end("2010-01-01")),
        (("2010-01-01", POSSIBLE), ("2010-01-02", None)),
    ),
    FoldCase(
        "start `1816`, end `1874-12-31?`",
        (_start("1816"), _end("1874-12-31?")),
        (
            ("1816-01-01", POSSIBLE),
            ("1816-12-31", CERTAIN),
            ("1874-12-31", POSSIBLE),
            ("1875-01-01", None),
        ),
    ),
    FoldCase(
        "start `1955-05-14`, its coalition dissolved `1991-07-01`",
        _WARSAW,
        (("1955-05-14", CERTAIN), ("1991-07-01", POSSIBLE), ("1991-07-02", None)),
    ),
    FoldCase(
        "the same and an end `1968-09-13`",
        (*_WARSAW, _end("1968-09-13")),
        (("1955-05-14", CERTAIN), ("1968-09-13", POSSIBLE), ("1968-09-14", None)),
    ),
    FoldCase(
        "the same as the last but one, founded again `2000-01-01`, no new start",
        (*_WARSAW, _start("2000-01-01", of_existence=True)),
        (("1955-05-14", CERTAIN), ("1991-07-01", POSSIBLE), ("1991-07-02", None)),
    ),
    FoldCase(
        "start `1955-05-14`, dissolved `1991-07-01`, end `1992-01-01`",
        (*_WARSAW, _end("1992-01-01")),
        (("1955-05-14", CERTAIN), ("1991-07-01", POSSIBLE), ("1992-01-02", None)),
        contested=True,
    ),
    FoldCase(
        'start `[1936..1940]`, end `1941`, start `[1940..1944]` with episode "2"',
        (_start("[1936..1940]"), _end("1941"), _start("[1940..1944]", label="2")),
        (
            ("1936-01-01", POSSIBLE),
            ("1940-12-31", CERTAIN),
            ("1941-01-01", POSSIBLE),
            ("1944-12-31", CERTAIN),
        ),
    ),
    FoldCase(
        "start `1973-01-01`, announced end `2019-03-29`",
        (_start("1973-01-01"), _end("2019-03-29", announced=True)),
        (("1973-01-01", CERTAIN),),
        announced_ends=("2019-03-29",),
    ),
]

# ------------------------------------------------------------------------------------------- a log


def as_events(entries: Sequence[Entry], seed: int | None = None) -> list[dict[str, Any]]:
    """Entries → what `Oracle` takes: positions 1, 2, … and a recorded time for each.

    Without a seed the entries are an hour apart from 2020-01-01. With one, positions have gaps and
    times run from 2015 in uneven steps, now and then backwards or in another offset, as they may.
    """
    rng = random.Random(f"log {seed}")
    clock, position, rows = datetime(2020 if seed is None else 2015, 1, 1), 0, []
    for entry in entries:
        stamp = clock.isoformat() + "+00:00"
        if seed is None:
            position += 1
            clock += timedelta(hours=1)
        else:
            position += rng.choice([1, 1, 1, 2, 5])
            clock += timedelta(hours=rng.choice([0, 1, 20, 24, 300, 1500, -400]))
            stamp = clock.isoformat() + rng.choice(["+00:00", "Z", "", "+03:00", "-11:00"])
        rows.append({"position": position, "recordedAt": stamp, "actor": "tester", "entry": entry})
    return rows


def moments(
    events: Sequence[Mapping[str, Any]], seed: int, count: int
) -> list[tuple[tuple[int, int], int | None, int]]:
    """Points (X, K, R) at which a random record is worth asking: days about which its facts speak,
    months and years among them; days by which its sources were published, and the whole; old and
    last positions."""
    rng = random.Random(f"moments {seed}")
    head = max((row["position"] for row in events), default=0)
    spoken: set[int] = set()
    published: set[int] = set()
    for row in events:
        entry = row["entry"]
        for text in (entry.get("when"), entry.get("changes", {}).get("when")):
            spoken |= _ends(text) if text else set()
        for text in (entry.get("published"), entry.get("changes", {}).get("published")):
            published |= _ends(text) if text else set()
        published.add(day_of(row["recordedAt"][:10]))
    days = sorted(spoken | {day_of("2015-06-01")})
    points = []
    for _ in range(count):
        day = rng.choice(days) + rng.choice([-1, 0, 0, 1, rng.randint(-400, 400)])
        year, month = rng.randint(2013, 2018), rng.randint(1, 12)
        spans = [f"{year}", f"{year}-{month:02}"]
        whole = parse(rng.choice(spans))
        as_of = rng.choice([(day, day), (day, day), (whole.earliest, whole.latest)])
        known_at = rng.choice([None, rng.choice(sorted(published)) + rng.choice([-1, 0, 0, 1])])
        points.append((as_of, known_at, rng.choice([head, head, rng.randint(0, head)])))
    return points


def _ends(text: str) -> set[int]:
    when = parse(text)
    sides = [when] if not when.is_interval else [when.start, when.end]
    days = {day for side in sides if side is not None for day in (side.earliest, side.latest)}
    return days - {BEFORE_ALL, AFTER_ALL}


# ----------------------------------------------------------------------------------- random dates


def _written(rng: random.Random, day: date) -> str:
    """A day as a source may date it: to the day, month, season, year, decade or century."""
    forms = [day.isoformat()] * 8 + [f"{day:%Y-%m}"] * 5 + [f"{day:%Y}"] * 4
    season = (24, 21, 22, 23)[day.month % 12 // 3]
    return rng.choice([*forms, f"{day:%Y}-{season}", f"{day:%Y}"[:3] + "X", f"{day:%Y}"[:2] + "XX"])


def _any_day(rng: random.Random) -> date:
    return date(2013, 6, 1) + timedelta(days=rng.randrange(1500))


def _two_days(rng: random.Random) -> tuple[date, date]:
    """Two days in different months, so that written to the month they are the right way round."""
    first = _any_day(rng)
    return first, first + timedelta(days=rng.randint(62, 700))


def random_when(rng: random.Random, *, interval: bool = False) -> str:
    """An EDTF expression of levels 0 to 2 about 2013 to 2019, or an interval if asked."""
    if interval:
        first, second = _two_days(rng)
        begun = rng.choice(["%Y-%m-%d", "%Y-%m", "%Y-%m~", "%Y-%m?", "..", ""])
        ended = rng.choice(["%Y-%m-%d", "%Y-%m", "%Y-%m", "..", "..", ""])
        if begun in ("..", "") and ended in ("..", ""):
            begun = "%Y-%m-%d"
        return f"{first.strftime(begun) if begun else ''}/{second.strftime(ended) if ended else ''}"
    kind = rng.choice(["plain"] * 8 + ["marked"] * 3 + ["set"] * 3)
    if kind == "plain":
        return _written(rng, _any_day(rng))
    if kind == "marked":
        return _written(rng, _any_day(rng)) + rng.choice("~~?%")
    first, second = _two_days(rng)
    a, b = first.strftime(rng.choice(["%Y-%m-%d", "%Y-%m"])), second.strftime("%Y-%m-%d")
    c, d = first.strftime("%Y-%m"), second.strftime("%Y-%m")
    return rng.choice(
        [f"[{a}..{b}]", f"[..{b}]", f"[..{d}]", f"[{a}..]", f"[{c},{d}]", f"[{c}~..{d}]"]
    )


def random_publication(rng: random.Random) -> str | None:
    """A source's date: mostly a day; sometimes none, and sometimes without a latest day."""
    day = date(2014, 1, 1) + timedelta(days=rng.randrange(1800))
    forms = ["%Y-%m-%d"] * 8 + ["%Y-%m"] * 2 + ["%Y", "%Y-%m~", "%Y?", "[%Y-%m..]"]
    return None if rng.random() < 0.15 else day.strftime(rng.choice(forms))


# --------------------------------------------------------------------------------- random records

KINDS = ["COALITION", "COUNTRY", "ORGANISATION", "COMMAND", "FORCE", "FUND", "BASE", "OTHER"]
_SCOPES, _SUBJECTS = ["e1", "e2"], ["e3", "e4", "e5"]
_LABELS = ["1", "2", "Ω"]
# English names that differ only in case, so that ids decide; folding that is not lowering.
_NAMES = ["Alpha", "alpha", "Beta", "Straße", "STRASSE", "Émir"]
_ARABIC = ["سوريا", "العراق", "تركيا"]
_CORRECTIONS = [
    "FactCorroborated",
    "HoldingAttested",
    "AnnouncementCancelled",
    "FactDisputed",
    "FactDisputed",
    "DisputeWithdrawn",
    "FactCorrected",
    "FactCorrected",
    "FactCorrected",
    "FactRetracted",
    "FactReinstated",
    "FactPreferred",
    "FactPreferred",
    "FactPreferred",
    "PreferenceWithdrawn",
    "SourceWithdrawn",
    "SourceReassessed",
    "SourceCorrected",
    "EntityCorrected",
    "EntityRenamed",
    "EntitiesMerged",
    "EntitiesSplit",
]


def random_record(
    seed: int, facts: int = 12, corrections: int = 12, *, oddities: bool = True
) -> list[Entry]:
    """A record of so many facts and corrections about five entities, interleaved.

    `oddities` lets in what is not refused but a stricter reading might: marking again what is
    already retracted, disputed or withdrawn, setting a retracted fact aside, merges that close a
    circle or move what was merged before, and mending a publication date away.
    """
    author = _Author(random.Random(f"record {seed}"), oddities)
    steps = ["fact"] * facts + ["correction"] * corrections
    author.rng.shuffle(steps)
    for step in sorted(steps[:2], reverse=True) + steps[2:]:  # begin with a fact if there is one
        if author.rng.random() < 0.15:
            author.register_source()
        if step == "fact":
            author.record_fact()
        else:
            author.record_correction()
    return author.entries


def records(max_facts: int = 12, max_corrections: int = 12) -> st.SearchStrategy[list[Entry]]:
    """Hypothesis draws the seed and the sizes; the record follows from them."""
    return st.builds(
        random_record,
        seed=st.integers(0, 2**32 - 1),
        facts=st.integers(1, max_facts),
        corrections=st.integers(0, max_corrections),
    )


def reorder(entries: Sequence[Entry], seed: int | None = None) -> list[Entry]:
    """The same record in another valid order: sources and entities, then the facts, shuffled where
    there is a seed, then everything that is about something, in the order it had."""
    registrations = ("SourceRegistered", "EntityRegistered")
    first = [entry for entry in entries if entry["type"] in registrations]
    facts = [entry for entry in entries if entry["type"] in FACT_TYPES]
    about = [entry for entry in entries if entry not in first and entry not in facts]
    if seed is not None:
        random.Random(f"reorder {seed}").shuffle(facts)
    return first + facts + about


class _Author:
    """Writes one random record, looking at its own log as it stands for what may follow."""

    def __init__(self, rng: random.Random, oddities: bool) -> None:
        self.rng = rng
        self.oddities = oddities
        self.entries: list[Entry] = []
        self.numbers: dict[str, int] = {}
        for _ in range(3):
            self.register_source()
        for entity in _SCOPES + _SUBJECTS:
            self._register_entity(entity)
        pairs = [(scope, subject) for scope in _SCOPES for subject in _SUBJECTS]
        kinds = sorted({effect.fluent for effect in EFFECTS.values()})
        kind = rng.choice(kinds)
        self.fluents = [("membership", *pair) for pair in rng.sample(pairs, 2)]
        self.fluents += [(kind, *pair) for pair in rng.sample(pairs, 2)]
        self.fluents.append((rng.choice(kinds), *rng.choice(pairs)))
        existing = rng.choice([side for _, *sides in self.fluents for side in sides])
        self.fluents.append(("existence", existing, existing))

    def _new_id(self, letter: str) -> str:
        self.numbers[letter] = self.numbers.get(letter, 0) + 1
        return f"{letter}{self.numbers[letter]}"

    def _odd(self, chance: float = 0.2) -> bool:
        return self.oddities and self.rng.random() < chance

    def view(self) -> View:
        """The record clock: everything published, our log to its end."""
        return Oracle(as_events(self.entries)).view()

    def register_source(self) -> None:
        rng, source = self.rng, self._new_id("s")
        entry: Entry = {
            "type": "SourceRegistered",
            "id": source,
            "title": f"Source {source}",
            "publisher": rng.choice([None, "Gazette", "Wire"]),
            "language": rng.choice(["en", "ar"]),
            "published": random_publication(rng),
            "sha256": hashlib.sha256(source.encode()).hexdigest(),
            "reliability": rng.choice("ABCDEF"),
            "credibility": rng.randint(1, 6),
        }
        if rng.random() < 0.3:
            entry["observedThrough"] = _any_day(rng).strftime(rng.choice(["%Y-%m-%d", "%Y"]))
        if entry["published"] is None and rng.random() < 0.5:
            del entry["published"]
        self.entries.append(entry)

    def _register_entity(self, entity: str) -> None:
        names = {"en": self.rng.choice(_NAMES), "ar": self.rng.choice(_ARABIC)}
        if self.rng.random() < 0.2:
            del names["en"]
        elif self.rng.random() < 0.3:
            del names["ar"]
        kind = self.rng.choice(KINDS)
        self.entries.append(
            {"type": "EntityRegistered", "id": entity, "kind": kind, "names": names}
        )

    # Citations

    def _citable(self) -> list[str]:
        view = self.view()
        sources = [source for source in view.published if source not in view.withdrawn]
        if len(sources) < 2:
            self.register_source()
            self.register_source()
            return self._citable()
        return sources

    def _cite(self, sources: Sequence[str], stance: str | None) -> Entry:
        rng = self.rng
        quote = f"so it was said, {rng.randint(1, 99)}"
        locators: list[Entry] = [{"paragraph": rng.randint(1, 9)}, {"page": 3}, {"chars": [5, 40]}]
        citation: Entry = {"source": rng.choice(sources)}
        if stance is not None:
            citation["stance"] = stance
        if rng.random() < 0.8:
            citation["locator"] = rng.choice(locators)
            citation["quoteSha256"] = hashlib.sha256(quote.encode()).hexdigest()
            if rng.random() < 0.5:
                citation["quote"] = quote
        return citation

    def _supporting(self) -> list[Entry]:
        """One or two citations that support, and now and then one that disputes."""
        sources, rng = self._citable(), self.rng
        citations = [self._cite(sources, rng.choice([None, "SUPPORTS"]))]
        if rng.random() < 0.4:
            citations.append(self._cite(sources, rng.choice(["SUPPORTS", "DISPUTES"])))
            rng.shuffle(citations)
        return citations

    def _based(self, entry: Entry, *, not_citing: str | None = None) -> Entry:
        """The correction with a basis: evidence of any stance, or editorial, with or without."""
        rng = self.rng
        sources = [source for source in self._citable() if source != not_citing]
        stances = [None, "SUPPORTS", "DISPUTES"]
        cited = [self._cite(sources, rng.choice(stances)) for _ in range(rng.choice([1, 1, 2]))]
        if rng.random() < 0.5:
            return {**entry, "basis": "EVIDENCE", "citations": cited}
        if rng.random() < 0.5:
            entry = {**entry, "basis": "EDITORIAL"}
        return {**entry, "citations": cited} if rng.random() < 0.15 else entry

    # Facts

    def record_fact(self) -> None:
        rng = self.rng
        if rng.random() < 0.15:
            fact_type = rng.choice(["MemberCountReported"] * 5 + sorted(REPORT_SUBJECTS))
            subjects = self._report_subjects(fact_type)
            interval = rng.random() < 0.15
        else:
            kind, scope, subject = rng.choice(self.fluents)
            side = rng.choice([START, START, START, END, END])
            fact_type = rng.choice(
                [t for t, e in EFFECTS.items() if (e.fluent, e.side) == (kind, side)]
            )
            effect = EFFECTS[fact_type]
            subjects = {effect.scope_key: scope, effect.subject_key: subject}
            if fact_type == "BaseHandedOver":
                subjects["to"] = rng.choice([each for each in _SCOPES if each != scope])
            interval = side == START and rng.random() < 0.2
        entry: Entry = {"type": fact_type, "id": self._new_id("f"), **subjects}
        entry.update(self._details(fact_type))
        entry["when"] = random_when(rng, interval=interval)
        modality = rng.choice(["ANNOUNCED", "OCCURRED", None, None, None, None])
        if modality is not None:
            entry["modality"] = modality
        if rng.random() < 0.2:
            entry["episode"] = rng.choice(_LABELS)
        entry["citations"] = self._supporting()
        self.entries.append(entry)

    def _report_subjects(self, fact_type: str) -> Entry:
        subjects: Entry = {key: self.rng.choice(_SUBJECTS) for key in REPORT_SUBJECTS[fact_type]}
        if "coalition" in subjects:
            subjects["coalition"] = self.rng.choice(_SCOPES)
        if "parties" in subjects:
            subjects["parties"] = self.rng.sample(_SCOPES + _SUBJECTS, 2)
        for key in subjects.keys() & {"from", "into"}:
            subjects[key] = self.rng.sample(_SCOPES + _SUBJECTS, self.rng.choice([1, 2]))
        return subjects

    def _details(self, fact_type: str) -> Entry:
        rng = self.rng
        comparator = rng.choice(["=", "=", ">", ">=", "<", "<=", "~"])
        number: Entry = {"value": rng.randint(60, 63), "comparator": comparator}
        if fact_type == "MemberCountReported":
            return number
        if fact_type == "QuantityReported":
            return {"measure": "personnel", **number, "unit": "persons"}
        if fact_type in REPORT_SUBJECTS and fact_type != "VisitMade":
            return {"gist": f"words {rng.randint(1, 99)}"}
        return {}

    # Facts about facts

    def record_correction(self) -> None:
        """Append one correction: of a random type, else of the next that can follow."""
        writers: dict[str, Callable[[View], Entry | None]] = {
            "FactCorroborated": self._corroborate,
            "HoldingAttested": self._attest,
            "AnnouncementCancelled": self._cancel,
            "FactDisputed": self._dispute,
            "DisputeWithdrawn": self._withdraw_dispute,
            "FactCorrected": self._correct,
            "FactRetracted": self._retract,
            "FactReinstated": self._reinstate,
            "FactPreferred": self._prefer,
            "PreferenceWithdrawn": self._withdraw_preference,
            "SourceWithdrawn": self._withdraw_source,
            "SourceReassessed": self._reassess,
            "SourceCorrected": self._correct_source,
            "EntityCorrected": self._correct_entity,
            "EntityRenamed": self._rename,
            "EntitiesMerged": self._merge,
            "EntitiesSplit": self._split,
        }
        for correction in self.rng.sample(_CORRECTIONS, len(_CORRECTIONS)):
            self._citable()  # may register sources, before the correction is written
            body = writers[correction](self.view())
            if body is not None:
                named = {"type": correction, "id": self._new_id("c")}
                self.entries.append({**named, **body})
                return
        raise AssertionError("a source can always be reassessed")

    def _pick_fact(self, view: View, accept: Callable[[Fact], bool]) -> Fact | None:
        facts = [fact for fact in view.facts.values() if accept(fact)]
        return self.rng.choice(facts) if facts else None

    def _reason(self) -> str:
        return f"reason {self.rng.randint(1, 99)}"

    def _about_fact(self, fact: Fact | None) -> Entry | None:
        if fact is None:
            return None
        return self._based({"fact": fact.id, "reason": self._reason()})

    def _corroborate(self, view: View) -> Entry | None:
        fact = self._pick_fact(view, lambda _: True)
        if fact is None:
            return None
        sources = self._citable()
        citations = [self._cite(sources, None) for _ in range(self.rng.choice([1, 1, 2]))]
        body: Entry = {"fact": fact.id, "citations": citations}
        basis = self.rng.choice([None, "EVIDENCE", "EDITORIAL"])
        return body if basis is None else {**body, "basis": basis}

    def _attest(self, view: View) -> Entry | None:
        fact = self._pick_fact(view, lambda it: any(e.side == START for e, _ in it.fluents))
        if fact is None:
            return None
        body = {"fact": fact.id, "on": _any_day(self.rng).isoformat(), "reason": self._reason()}
        return {**body, "citations": self._supporting()}

    def _cancel(self, view: View) -> Entry | None:
        return self._about_fact(
            self._pick_fact(view, lambda fact: fact.announced and not fact.cancelled)
        )

    def _dispute(self, view: View) -> Entry | None:
        again = self._odd()
        return self._about_fact(self._pick_fact(view, lambda fact: again or not fact.disputed))

    def _withdraw_dispute(self, view: View) -> Entry | None:
        return self._about_fact(self._pick_fact(view, lambda fact: fact.disputed))

    def _retract(self, view: View) -> Entry | None:
        again = self._odd()
        return self._about_fact(self._pick_fact(view, lambda fact: again or not fact.retracted))

    def _reinstate(self, view: View) -> Entry | None:
        return self._about_fact(self._pick_fact(view, lambda fact: fact.retracted))

    def _correct(self, view: View) -> Entry | None:
        fact = self._pick_fact(view, lambda _: True)
        if fact is None:
            return None
        changes: Entry = {}
        for _ in range(self.rng.choice([1, 1, 2])):
            changes.update(self._change(fact))
        now = {**fact.subjects, **changes}
        if now.get("operator") is not None and now.get("operator") == now.get("to"):
            return None
        body = {"fact": fact.id, "changes": changes, "reason": self._reason()}
        based = self._based(body)
        if fact.retracted and based.get("basis") != "EVIDENCE":
            return None  # our own judgement of it waits until it is back
        return based

    def _change(self, fact: Fact) -> Entry:
        """One key of the fact anew: its date, its modality, one of its subjects or details."""
        rng = self.rng
        kind = rng.choice(["when", "when", "when", "modality", "subject", "detail", "label"])
        if kind == "label":
            return {"episode": rng.choice([None, *_LABELS])}
        if kind == "modality":
            return {"modality": "OCCURRED" if fact.announced else "ANNOUNCED"}
        if kind == "subject":
            key = rng.choice(subject_keys(fact.type))
            if key in ("parties", "from", "into"):
                return {key: rng.sample(_SCOPES + _SUBJECTS, 2)}
            if any(fluent == "existence" for _, (fluent, *_) in fact.fluents):
                return {key: rng.choice(_SCOPES + _SUBJECTS)}
            scopes = {"coalition", *(effect.scope_key for effect, _ in fact.fluents)}
            is_scope = key in scopes
            return {key: rng.choice(_SCOPES if is_scope else _SUBJECTS)}
        if kind == "detail":
            details = self._details(fact.type)
            if details:
                key = rng.choice(sorted(details))
                return {key: details[key]}
        ends = any(effect.side == END for effect, _ in fact.fluents)
        return {"when": random_when(rng, interval=not ends and rng.random() < 0.25)}

    def _prefer(self, view: View) -> Entry | None:
        """A fact over others of the fluent that it has now. Chains come of themselves."""
        odd = self._odd()
        preferred = self._pick_fact(
            view,
            lambda fact: (
                bool(fact.fluents)
                and not fact.retracted
                and bool(self._rivals(view, fact, retracted=odd))
            ),
        )
        if preferred is None:
            return None
        rivals = self._rivals(view, preferred, retracted=odd)
        over = self.rng.sample(rivals, min(len(rivals), self.rng.choice([1, 1, 2, 3])))
        return self._based({"fact": preferred.id, "over": over, "reason": self._reason()})

    def _rivals(self, view: View, fact: Fact, *, retracted: bool) -> list[str]:
        return [
            other.id
            for other in view.facts.values()
            if other.id != fact.id
            and {fluent for _, fluent in other.fluents} & {fluent for _, fluent in fact.fluents}
            and (retracted or not other.retracted)
        ]

    def _withdraw_preference(self, view: View) -> Entry | None:
        made = [entry["id"] for entry in self.entries if entry["type"] == "FactPreferred"]
        undone = {
            event.entry["preference"]
            for event in view.in_effect
            if event.type == "PreferenceWithdrawn"
        }
        standing = [preference for preference in made if preference not in undone]
        if not standing:
            return None
        choice = self.rng.choice(standing)
        return self._based({"preference": choice, "reason": self._reason()})

    # Sources and entities

    def _withdraw_source(self, view: View) -> Entry | None:
        again = self._odd()
        sources = [source for source in view.published if again or source not in view.withdrawn]
        source = self.rng.choice(sources)
        body = {"source": source, "reason": self._reason()}
        return self._based(body, not_citing=source)

    def _reassess(self, view: View) -> Entry | None:
        grade = {"reliability": self.rng.choice("ABCDEF"), "credibility": self.rng.randint(1, 6)}
        source = self.rng.choice(self._citable())
        return self._based({"source": source, **grade, "reason": self._reason()})

    def _correct_source(self, view: View) -> Entry | None:
        changes: Entry = {"title": f"Mended {self.rng.randint(1, 99)}"}
        if self.rng.random() < 0.8:
            published = random_publication(self.rng)
            if published is not None or self._odd(1.0):
                changes = {"published": published}
        source = self.rng.choice(self._citable())
        return {"source": source, "changes": changes, "reason": self._reason()}

    def _correct_entity(self, view: View) -> Entry | None:
        rng = self.rng
        changes: list[Entry] = [
            {"names": {"en": rng.choice(_NAMES)}},
            {"names": {"ar": rng.choice(_ARABIC)}},
            {"kind": rng.choice(KINDS)},
        ]
        entity = rng.choice(_SCOPES + _SUBJECTS)
        return {"entity": entity, "changes": rng.choice(changes), "reason": self._reason()}

    def _rename(self, view: View) -> Entry | None:
        rng = self.rng
        names = rng.choice([{"en": rng.choice(_NAMES)}, {"ar": rng.choice(_ARABIC)}])
        entity = rng.choice(_SCOPES + _SUBJECTS)
        body: Entry = {"entity": entity, "when": random_when(rng), "reason": self._reason()}
        body |= rng.choice([{}, {}, {"aliases": {"en": [rng.choice(_NAMES)]}}])
        if not body.get("aliases") or rng.random() < 0.5:
            body["names"] = names
        return self._based(body)

    def _merge(self, view: View) -> Entry | None:
        rng = self.rng
        pool = rng.choice([_SCOPES, _SUBJECTS, _SUBJECTS])
        into = rng.choice(pool)
        free = [
            entity
            for entity in pool
            if entity != into
            and (self._odd() or (entity not in view.parents and view.canonical(into) != entity))
        ]
        if not free:
            return None
        entities = rng.sample(free, rng.choice([1, len(free)]))
        return self._based({"entities": entities, "into": into, "reason": self._reason()})

    def _split(self, view: View) -> Entry | None:
        merged = sorted(view.parents)
        if not merged:
            return None
        root = view.canonical(self.rng.choice(merged))
        under = [entity for entity in merged if view.canonical(entity) == root]
        into = self.rng.sample(under, self.rng.choice([1, len(under)]))
        return self._based({"entity": root, "into": into, "reason": self._reason()})


# ------------------------------------------------------------------------------------ a big record


_BIG_CORRECTIONS = [
    "FactCorrected",
    "FactCorrected",
    "FactCorroborated",
    "FactDisputed",
    "FactPreferred",
    "FactRetracted",
]


def big_record(seed: int = 0, facts: int = 10_000, coalitions: int = 100) -> list[Entry]:
    """Membership facts of so many coalitions, about a seventh as many corrections among them.

    Written in one pass without looking at the log: a fact once retracted is left alone, evidence
    is published to the day, and the one source withdrawn is withdrawn last.
    """
    rng = random.Random(f"big {seed}")
    entries: list[Entry] = []
    sources = [f"source-{number:03}" for number in range(max(10, facts // 50))]
    for source in sources:
        published = date(2014, 1, 1) + timedelta(days=rng.randrange(4000))
        digest = hashlib.sha256(source.encode()).hexdigest()
        entries.append(
            {
                "type": "SourceRegistered",
                "id": source,
                "title": f"Report {source}",
                "language": "en",
                "published": published.isoformat(),
                "sha256": digest,
                "reliability": rng.choice("ABC"),
            }
        )
    homes = [f"coalition-{number:03}" for number in range(coalitions)]
    countries = [f"country-{number:03}" for number in range(60)]
    for ids, kind in ((homes, "COALITION"), (countries, "COUNTRY")):
        for entity in ids:
            names = {"en": entity.replace("-", " ").title()}
            entries.append({"type": "EntityRegistered", "id": entity, "kind": kind, "names": names})

    standing: list[str] = []
    fluents: dict[tuple[str, str], list[str]] = {}
    fluent_of: dict[str, tuple[str, str]] = {}
    retracted: set[str] = set()
    disputed: set[str] = set()
    corrections = 0

    def cited() -> list[Entry]:
        return [{"source": rng.choice(sources), "locator": {"paragraph": rng.randint(1, 40)}}]

    def correct(number: int) -> Entry | None:
        fact = rng.choice(standing)
        kind = rng.choice(_BIG_CORRECTIONS)
        entry: Entry = {"type": kind, "id": f"correction-{number:05}", "fact": fact}
        if fact in retracted or (kind == "FactDisputed" and fact in disputed):
            return None
        if kind == "FactCorroborated":
            return {**entry, "citations": cited()}
        entry["reason"] = "On a second reading of the source"
        if rng.random() < 0.5:
            entry |= {"basis": "EVIDENCE", "citations": cited()}
        if kind == "FactCorrected":
            entry["changes"] = {"when": _any_day(rng).isoformat()}
        elif kind == "FactPreferred":
            rivals = [f for f in fluents[fluent_of[fact]] if f != fact and f not in retracted]
            if not rivals:
                return None
            entry["over"] = [rng.choice(rivals)]
        elif kind == "FactRetracted":
            retracted.add(fact)
        else:
            disputed.add(fact)
        return entry

    for number in range(facts):
        fact, pair = f"fact-{number:05}", (rng.choice(homes), rng.choice(countries))
        entries.append(
            {
                "type": rng.choice(["MemberJoined", "MemberJoined", "MemberLeft"]),
                "id": fact,
                "coalition": pair[0],
                "member": pair[1],
                "when": random_when(rng),
                "citations": cited(),
            }
        )
        standing.append(fact)
        fluents.setdefault(pair, []).append(fact)
        fluent_of[fact] = pair
        if rng.random() < 0.15:
            correction = correct(corrections)
            if correction is not None:
                corrections += 1
                entries.append(correction)
    withdrawal = {"type": "SourceWithdrawn", "id": "withdrawal", "source": sources[0]}
    return [*entries, {**withdrawal, "reason": "Its publisher took it back"}]
