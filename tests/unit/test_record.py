"""Record: every command idempotent, under a condition, with a request id; refusals with codes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent
from memory import MemoryRecorder

from domain import record as record_module
from domain.codec import read
from domain.errors import Refused
from domain.record import Record
from domain.recorder import Request
from domain.vocabulary import CORE

SOURCE = {"type": "SourceRegistered", "id": "s", "title": "A report", "published": "2020-01-01"}
OTHER_SOURCE = {"type": "SourceRegistered", "id": "s2", "title": "Another"}
ENTITIES = [
    {"type": "EntityRegistered", "id": name, "kind": "OTHER", "names": {"en": name}}
    for name in ("g", "m", "n")
]
JOINED = {
    "type": "MemberJoined", "id": "f", "coalition": "g", "member": "m", "when": "2014",
    "citations": [{"source": "s"}],
}  # fmt: skip
COUNT = {
    "type": "MemberCountReported", "id": "r", "coalition": "g", "value": 3, "when": "2014",
    "citations": [{"source": "s"}],
}  # fmt: skip
BEGINNING = [SOURCE, OTHER_SOURCE, *ENTITIES, JOINED, COUNT]


def joined(name: str, **changes: Any) -> dict[str, Any]:
    return {**JOINED, "id": name, **changes}


def about(kind: str, name: str, **keys: Any) -> dict[str, Any]:
    return {"type": kind, "id": name, "reason": "we looked again", **keys}


def apply(record: Record, *entries: dict[str, Any], **how: Any) -> Any:
    return record.apply([read(entry) for entry in entries], actor="someone", **how)


@pytest.fixture
def record() -> Record:
    record = Record(MemoryRecorder())
    apply(record, *BEGINNING)
    return record


def refusal(record: Record, *entries: dict[str, Any]) -> Refused:
    with pytest.raises(Refused) as caught:
        apply(record, *entries)
    return caught.value


def test_what_the_log_has_already_is_unchanged(record: Record) -> None:
    assert apply(record, *BEGINNING, joined("f2")) == (8, 1, 7)
    assert apply(record, *BEGINNING, joined("f2")) == (8, 0, 8)


def test_names_in_another_order_are_the_same_entity(record: Record) -> None:
    entity = {"type": "EntityRegistered", "id": "x", "kind": "OTHER"}
    apply(record, {**entity, "names": {"en": "X", "ar": "س"}})

    assert apply(record, {**entity, "names": {"ar": "س", "en": "X"}}).unchanged == 1


def test_an_id_with_other_content_is_refused_with_both(record: Record) -> None:
    refused = refusal(record, joined("f2"), joined("f", when="2015"))

    assert (refused.code, refused.field, refused.data["entry"]) == ("ID_TAKEN", "id", 1)
    assert "2014" in refused.message
    assert "2015" in refused.message


def test_a_request_sent_again_gets_the_first_answer(record: Record) -> None:
    first = apply(record, joined("f2"), request_id="once")
    apply(record, joined("f3"))

    assert apply(record, joined("f2"), request_id="once") == first == (8, 1, 0)


def test_a_request_id_for_other_entries_is_refused(record: Record) -> None:
    apply(record, joined("f2"), request_id="once")

    with pytest.raises(Refused, match="take a new one") as caught:
        apply(record, joined("f3"), request_id="once")
    assert caught.value.code == "REQUEST_ID_REUSED"


def test_a_dry_run_says_what_it_would_record_and_records_nothing(record: Record) -> None:
    assert apply(record, joined("f2"), dry_run=True).recorded == 1
    assert record.recorder.read().head == 7


def test_nothing_of_a_command_is_written_when_one_entry_is_refused(record: Record) -> None:
    refusal(record, joined("f2"), joined("f3", member="nobody"))

    assert record.recorder.read().head == 7


class Racing(MemoryRecorder):
    """Another writer gets in before the first append, as a race would have it."""

    def __init__(self, others: Sequence[dict[str, Any]]) -> None:
        super().__init__()
        self.others = list(others)

    def append_once(
        self, events: Sequence[DCBEvent], condition: DCBAppendCondition, request: Request | None
    ) -> int:
        if self.others and request is not None and request.id.endswith("/mine"):
            others, self.others = self.others, []
            apply(Record(self), *others)
        return super().append_once(events, condition, request)


def test_a_fact_of_the_same_id_recorded_meanwhile_is_seen() -> None:
    record = Record(Racing([joined("f2", when="2019")]))
    apply(record, *BEGINNING)

    with pytest.raises(Refused) as caught:
        apply(record, joined("f2"), request_id="mine")
    assert caught.value.code == "ID_TAKEN"


def test_a_source_withdrawn_meanwhile_is_seen() -> None:
    record = Record(Racing([about("SourceWithdrawn", "w", source="s")]))
    apply(record, *BEGINNING)

    with pytest.raises(Refused) as caught:
        apply(record, joined("f2"), request_id="mine")
    assert caught.value.code == "SOURCE_WITHDRAWN"


def test_what_others_record_elsewhere_is_no_conflict() -> None:
    record = Record(Racing([joined("f3", member="n")]))
    apply(record, *BEGINNING)

    assert apply(record, joined("f2"), request_id="mine").recorded == 1


def entity(name: str) -> dict[str, Any]:
    return {"type": "EntityRegistered", "id": name, "kind": "OTHER", "names": {"en": name}}


def merged(name: str, one: str, into: str) -> dict[str, Any]:
    return about("EntitiesMerged", name, entities=[one], into=into)


def by_evidence(kind: str, name: str, cited: str, **keys: Any) -> dict[str, Any]:
    return about(kind, name, basis="EVIDENCE", citations=[{"source": cited}], **keys)


SKEWED = {
    "two merges that would close a circle": (
        [*map(entity, "abcd"), merged("ab", "a", "b"), merged("cd", "c", "d")],
        merged("bc", "b", "c"),
        merged("da", "d", "a"),
        "MERGED_INTO_ITSELF",
    ),
    "a reinstatement, and a withdrawal that undoes the retraction": (
        [by_evidence("FactRetracted", "t", "s2", fact="f")],
        about("SourceWithdrawn", "w", source="s2"),
        about("FactReinstated", "i", fact="f"),
        "NOT_RETRACTED",
    ),
    "the end of a dispute, and a withdrawal that undoes the dispute": (
        [by_evidence("FactDisputed", "d", "s2", fact="f")],
        about("SourceWithdrawn", "w", source="s2"),
        about("DisputeWithdrawn", "e", fact="f"),
        "NOT_DISPUTED",
    ),
    "a correction, and a withdrawal that leaves a retraction standing": (
        [
            by_evidence("FactRetracted", "t", "s", fact="f"),
            by_evidence("FactReinstated", "i", "s2", fact="f"),
        ],
        about("SourceWithdrawn", "w", source="s2"),
        about("FactCorrected", "c", fact="f", changes={"when": "2015"}),
        "FACT_RETRACTED",
    ),
    "a preference, and a split of what made both facts of one fluent": (
        [merged("nm", "n", "m"), joined("f2", member="n")],
        about("EntitiesSplit", "sp", entity="m", into=["n"]),
        about("FactPreferred", "p", fact="f", over=["f2"]),
        "OTHER_FLUENT",
    ),
    "a citation, and the day of the evidence that withdrew its source": (
        [
            {**OTHER_SOURCE, "id": "late", "published": "[2020-01..]"},
            by_evidence("SourceWithdrawn", "w", "late", source="s"),
        ],
        about("SourceCorrected", "sc", source="late", changes={"published": "2020-01-01"}),
        joined("f2"),
        "SOURCE_WITHDRAWN",
    ),
}
"""What stands, what another writer records, and what is then refused, with the code."""


@pytest.mark.parametrize("case", SKEWED)
def test_what_a_check_followed_is_under_the_condition_of_its_append(case: str) -> None:
    standing, other, mine, code = SKEWED[case]
    one_after_the_other, racing = Record(MemoryRecorder()), Racing([other])
    record = Record(racing)
    for each in (one_after_the_other, record):
        apply(each, *BEGINNING)
        apply(each, *standing)
    apply(one_after_the_other, other)

    with pytest.raises(Refused) as alone:
        apply(one_after_the_other, mine)
    with pytest.raises(Refused) as beside:
        apply(record, mine, request_id="mine")

    assert alone.value.code == beside.value.code == code
    assert racing.others == []


@pytest.mark.parametrize("case", SKEWED)
def test_without_what_was_followed_in_the_condition_the_skew_is_recorded(
    case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    standing, other, mine, _ = SKEWED[case]
    look = record_module._look

    def short_sighted(log: Any, tags: Any, key: str | None = None) -> Any:
        return look(log, tags, key)._replace(led=set())

    monkeypatch.setattr(record_module, "_look", short_sighted)
    record = Record(Racing([other]))
    apply(record, *BEGINNING)
    apply(record, *standing)

    assert apply(record, mine, request_id="mine").recorded == 1


@pytest.mark.parametrize(("minutes", "is_taken"), [(-600, True), (4, True), (6, False)])
def test_nothing_is_recorded_under_a_clock_that_is_ahead_of_the_databases(
    record: Record, minutes: int, is_taken: bool
) -> None:
    record.clock = lambda: datetime.now(UTC) + timedelta(minutes=minutes)

    if is_taken:
        assert apply(record, joined("f2")).recorded == 1
    else:
        assert refusal(record, joined("f2")).code == "CLOCK_AHEAD"
        assert record.recorder.read().head == 7


def test_a_request_id_is_its_actors_own(record: Record) -> None:
    first, second = read(joined("f2")), read(joined("f3"))
    assert record.apply([first], actor="a", request_id="once") == (8, 1, 0)

    assert record.apply([first], actor="b", request_id="once") == (8, 0, 1)
    assert record.apply([second], actor="b", request_id="once") == (9, 1, 0)
    assert record.apply([first], actor="a", request_id="once") == (8, 1, 0)
    assert record.apply([first], actor="a/on", request_id="ce").recorded == 0


@pytest.mark.parametrize(
    "request_id",
    ["", " ", "a ", "\ta", "mine\nfact:other", "a\0b", "a\u202eb", "a\u200bb", "\ud800", "x" * 129],
)
def test_a_request_id_that_cannot_be_seen_whole_is_refused(record: Record, request_id: str) -> None:
    with pytest.raises(Refused) as caught:
        apply(record, joined("f2"), request_id=request_id)
    assert (caught.value.code, caught.value.field) == ("BAD_REQUEST_ID", "requestId")
    assert record.recorder.read().head == 7


@pytest.mark.parametrize("request_id", ["x" * 128, "fact:f", "source:s, entity:g", "سجل ١", "a/b"])
def test_any_other_request_id_is_taken_and_is_no_tag_of_anything_else(
    record: Record, request_id: str
) -> None:
    apply(record, joined("f2"), request_id=request_id)

    assert apply(record, joined("f2"), request_id=request_id) == (8, 1, 0)
    assert apply(record, about("FactRetracted", "t", fact="f")).recorded == 1


RETRACTED = about("FactRetracted", "t", fact="f")
REFUSED = {
    "UNKNOWN_SOURCE": [joined("f2", citations=[{"source": "nowhere"}])],
    "UNKNOWN_ENTITY": [joined("f2", coalition="nobody")],
    "UNKNOWN_FACT": [about("FactRetracted", "c", fact="nothing")],
    "UNKNOWN_PREFERENCE": [about("PreferenceWithdrawn", "c", preference="f")],
    "SOURCE_WITHDRAWN": [
        about("SourceWithdrawn", "w", source="s"),
        joined("f2", citations=[{"source": "s"}]),
    ],
    "NOT_RETRACTED": [about("FactReinstated", "c", fact="f")],
    "NOT_DISPUTED": [about("DisputeWithdrawn", "c", fact="f")],
    "FACT_RETRACTED": [RETRACTED, about("FactCorrected", "c", fact="f", changes={"when": "2015"})],
    "OTHER_FLUENT": [
        joined("f2", member="n"),
        about("FactPreferred", "c", fact="f", over=["f2"]),
    ],
    "NO_FLUENT": [about("FactPreferred", "c", fact="r", over=["f"])],
    "UNKNOWN_KEY": [about("FactCorrected", "c", fact="f", changes={"value": 3})],
    "UNCHANGEABLE_KEY": [about("FactCorrected", "c", fact="f", changes={"id": "g"})],
    "BAD_EDTF": [about("FactCorrected", "c", fact="f", changes={"when": "soon"})],
    "MISSING_KEY": [about("SourceCorrected", "c", source="s", changes={"title": None})],
    "MERGED_INTO_ITSELF": [
        about("EntitiesMerged", "c", entities=["m"], into="n"),
        about("EntitiesMerged", "c2", entities=["n"], into="m"),
    ],
    "NOT_MERGED": [about("EntitiesSplit", "c", entity="m", into=["n"])],
    "NOT_A_START": [
        about("HoldingAttested", "c", fact="r", on="2015-01-01", citations=[{"source": "s"}])
    ],
    "NOT_A_DAY": [
        about("HoldingAttested", "c", fact="f", on="2015-01", citations=[{"source": "s"}])
    ],
    "NOT_ANNOUNCED": [about("AnnouncementCancelled", "c", fact="f")],
    "ALREADY_CANCELLED": [
        joined("f2", modality="ANNOUNCED"),
        about("AnnouncementCancelled", "c", fact="f2"),
        about("AnnouncementCancelled", "c2", fact="f2"),
    ],
    "HANDED_TO_ITSELF": [
        {
            **{key: x for key, x in joined("f2").items() if key not in ("coalition", "member")},
            "type": "BaseHandedOver",
            "operator": "m",
            "base": "n",
            "to": "m",
        }
    ],
}


@pytest.mark.parametrize("code", REFUSED)
def test_what_cannot_follow_is_refused_with_its_code(record: Record, code: str) -> None:
    assert refusal(record, *REFUSED[code]).code == code


def test_evidence_about_a_retracted_fact_is_taken(record: Record) -> None:
    apply(record, RETRACTED)

    evidence = {"basis": "EVIDENCE", "citations": [{"source": "s2"}]}
    found = about("FactCorrected", "c", fact="f", changes={"when": "2015"}, **evidence)
    assert apply(record, found).recorded == 1


def test_preferring_a_retracted_fact_is_refused(record: Record) -> None:
    apply(record, joined("f2"), RETRACTED)

    assert refusal(record, about("FactPreferred", "c", fact="f", over=["f2"])).code == (
        "FACT_RETRACTED"
    )


def test_a_retraction_whose_evidence_was_withdrawn_is_undone_and_the_fact_correctable(
    record: Record,
) -> None:
    apply(
        record,
        about("FactRetracted", "t", fact="f", basis="EVIDENCE", citations=[{"source": "s2"}]),
        about("SourceWithdrawn", "w", source="s2"),
    )

    outcome = apply(record, about("FactCorrected", "c", fact="f", changes={"when": "2015"}))
    assert outcome.recorded == 1


def test_large_records_are_written_in_batches_and_carried_on_where_a_cut_left_off(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domain.record.LARGEST_TRANSACTION", 8)
    monkeypatch.setattr("domain.record.BATCH", 4)
    facts = [joined(f"b{number}") for number in range(10)]
    written: list[int] = []

    def cut(count: int) -> None:
        written.append(count)
        if count == 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apply(record, *facts, progress=cut)

    assert written == [4, 8]
    assert apply(record, *facts) == (17, 2, 8)


def test_as_many_as_one_transaction_takes_are_written_in_one(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domain.record.LARGEST_TRANSACTION", 8)
    monkeypatch.setattr("domain.record.BATCH", 4)
    written: list[int] = []

    apply(record, *(joined(f"b{number}") for number in range(8)), progress=written.append)

    assert written == [8]


def test_others_may_write_between_the_batches_and_what_they_change_is_looked_at_again(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, size in (("LARGEST_TRANSACTION", 4), ("BATCH", 4), ("LARGEST_LOOK", 3)):
        monkeypatch.setattr(f"domain.record.{name}", size)
    facts = [joined(f"b{number}") for number in range(12)]
    others = Record(record.recorder)

    def write(count: int) -> None:
        if count == 4:  # what no fact of the file touches
            apply(others, {**ENTITIES[0], "id": "another"})
        if count == 8:  # one of them itself
            apply(others, facts[9])

    outcome = apply(record, *facts, progress=write, request_id="mine")

    assert outcome == (7 + 12 + 1, 11, 1)
    assert apply(record, *facts, request_id="mine") == outcome
    assert apply(record, *facts) == (20, 0, 12)

    def withdraw(count: int) -> None:
        if count == 4:
            apply(others, about("SourceWithdrawn", "w", source="s"))

    with pytest.raises(Refused) as caught:
        apply(record, *(joined(f"c{number}") for number in range(12)), progress=withdraw)
    assert (caught.value.code, caught.value.data["entry"]) == ("SOURCE_WITHDRAWN", 4)


def test_what_others_write_of_a_later_batch_is_looked_at_before_that_one(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LARGEST_TRANSACTION", "BATCH"):
        monkeypatch.setattr(f"domain.record.{name}", 4)
    facts = [joined(f"b{number}") for number in range(12)]
    fixed = about("FactCorrected", "fix", fact="b1", changes={"when": "2016"})
    others, written = Record(record.recorder), []

    def write(count: int) -> None:
        written.append(count)
        if count == 4:
            apply(others, facts[11])
            apply(others, about("FactRetracted", "gone", fact="b1"))

    with pytest.raises(Refused) as caught:
        apply(record, *facts, fixed, progress=write)

    # The second batch has nothing to do with either, and is there; the third is not.
    assert written == [4, 8]
    assert (caught.value.code, caught.value.data["entry"]) == ("FACT_RETRACTED", 12)
    assert apply(record, *facts) == (7 + 2 + 8 + 3, 3, 9)


def test_each_of_many_corrections_is_checked_against_those_before_it(record: Record) -> None:
    def corrections(number: int) -> list[dict[str, Any]]:
        name = f"c{number}"
        return [
            about("SourceRegistered", f"s-{name}", title=name, published=f"{2000 + number}")
            | {"reason": None},
            about("FactCorrected", name, fact="f", changes={"when": f"{1990 + number}"},
                  basis="EVIDENCE", citations=[{"source": f"s-{name}"}]),
            about("FactRetracted", f"r-{name}", fact="f"),
            about("FactReinstated", f"b-{name}", fact="f"),
        ]  # fmt: skip

    many = [entry for number in range(20) for entry in corrections(number)]
    assert apply(record, *many).recorded == len(many)
    again = about("FactReinstated", "again", fact="f")
    assert refusal(record, *many[:-1], again).code == "NOT_RETRACTED"

    # A retraction by evidence that is withdrawn in the same file is undone at once.
    apply(
        record,
        about("FactRetracted", "t", fact="f", basis="EVIDENCE", citations=[{"source": "s2"}]),
        about("FactDisputed", "d", fact="f"),
        about("SourceWithdrawn", "w", source="s2"),
        about("FactCorrected", "after", fact="f", changes={"when": "2015"}),
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"names": {"en": "NPT"}}, None),
        ({"kind": "PACT"}, None),
        ({"kind": "OTHER", "names": {"ar": "معاهدة"}}, None),
        ({"kind": "CLUB"}, "BAD_VALUE"),
    ],
)
def test_an_entity_of_a_kind_that_the_record_defines_is_mended(
    record: Record, changes: dict[str, Any], code: str | None
) -> None:
    defined = [read({"type": "KindDefined", "id": name}) for name in ("TREATY", "PACT")]
    npt = {"type": "EntityRegistered", "id": "npt", "kind": "TREATY", "names": {"en": "Npt"}}
    taken = [*defined, read(npt, CORE.with_all(defined))]
    record.apply(taken, actor="someone")
    mended = about("EntityCorrected", "c", entity="npt", changes=changes)

    if code is None:
        assert apply(record, mended).recorded == 1
    else:
        assert refusal(record, mended).code == code
