"""Two writers, a follower that lags at will, previews, what-ifs, rebuilds, restarts: in any order.

One writer alone could have written the log: a record in memory takes every entry of it, one after
another, and refuses what was refused. Every answer is the oracle's at the position that it names.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from unittest import mock

import pytest
from conftest import NewInstance
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)
from memory import MemoryRecorder
from oracle import Oracle
from projected import log_of
from thorough import times

from api.auth import Principal
from api.graphql import context, execution, mutations
from api.instance import Instance
from domain import record as record_module
from domain.codec import read
from domain.dates import day_of, today
from domain.errors import Refused
from domain.record import Record
from domain.roles import Role
from projections import what_if
from projections.follower import progress_of, project
from projections.rebuild import rebuild
from store.database import BY_INDEX, FOLLOWER
from store.recorder import PostgresRecorder

Entry = dict[str, Any]
COALITIONS, MEMBERS = ("g", "h"), ("a", "b", "c", "d")
SOURCES = {"s": "2014-06-01", "t": "2015-06-01", "u": "2016-06-01"}
DAYS = ("2013", "2014-09-10", "2015", "2016-03", "2017-01-01")
BEGINNING = [
    *({"type": "SourceRegistered", "id": name, "title": name, "published": day}
      for name, day in SOURCES.items()),
    *({"type": "EntityRegistered", "id": name, "kind": "OTHER", "names": {"en": name}}
      for name in COALITIONS + MEMBERS),
]  # fmt: skip
NODES = """position edges { node { member { id } standing contested
  since { edtf earliest latest } until { edtf earliest latest } } }"""
PREVIEW = """mutation ($entries: [JSON!]!, $id: ID!, $dry: Boolean!) {
  apply(entries: $entries, requestId: $id, dryRun: $dry) { position recorded diff(first: 500) {
    edges { node { scope { id } subject { id } change events { id } } } } } }"""
WHAT_IF = f"""query ($with: [JSON!], $without: Without) {{
  g: members(coalition: "g") {{ {NODES} }}
  whatIf(with: $with, without: $without) {{
    g: members(coalition: "g") {{ {NODES} }} h: members(coalition: "h") {{ {NODES} }} }} }}"""
TELLING = "standing", "contested", "since", "until"
INTERRUPTED = {
    "the check": (record_module, "_look"),
    "the supposition": (what_if, "suppose"),
    "the diff": (what_if, "install"),
    "the answer": (what_if, "install_async"),
}
"""Steps of a preview or a command before, or of the check after, which another writer gets in."""


def about(kind: str, **keys: Any) -> Entry:
    return {"type": kind, "reason": "we looked again", **keys}


@st.composite
def drafts(draw: st.DrawFn) -> Entry:
    """An entry without an id; `fact` is a number, of a fact that is there."""
    source = draw(st.sampled_from(sorted(SOURCES)))
    fact = draw(st.integers(0, 5))
    evidence = draw(st.sampled_from([{}, {"basis": "EVIDENCE", "citations": [{"source": source}]}]))
    kind = draw(
        st.sampled_from(
            ["MemberJoined"] * 4 + ["MemberLeft", "FactRetracted", "FactRetracted",
             "FactReinstated", "FactReinstated", "FactDisputed", "DisputeWithdrawn",
             "FactCorrected", "FactCorrected", "FactPreferred", "SourceWithdrawn",
             "EntitiesMerged", "EntitiesMerged", "EntitiesMerged", "EntitiesSplit"]
        )
    )  # fmt: skip
    if kind in ("MemberJoined", "MemberLeft"):
        return {
            "type": kind,
            "coalition": draw(st.sampled_from(COALITIONS)),
            "member": draw(st.sampled_from(MEMBERS)),
            "when": draw(st.sampled_from(DAYS)),
            "citations": [{"source": source}],
        }
    if kind == "SourceWithdrawn":
        return about(kind, source=source, **evidence)
    if kind in ("EntitiesMerged", "EntitiesSplit"):
        one, other = draw(st.permutations(MEMBERS))[:2]
        names = {"entities": [one], "into": other}
        if kind == "EntitiesSplit":
            names = {"entity": other, "into": [one]}
        return about(kind, **names, **evidence)
    entry = about(kind, fact=fact, **evidence)
    if kind == "FactCorrected":
        changes = [
            {"when": draw(st.sampled_from(DAYS))},
            {"member": draw(st.sampled_from(MEMBERS))},
        ]
        entry["changes"] = draw(st.sampled_from(changes))
    if kind == "FactPreferred":
        entry["over"] = [draw(st.integers(0, 5))]
    return entry


class Machine(RuleBasedStateMachine):
    """See the module."""

    new_instance: NewInstance

    @initialize()
    def begin(self) -> None:
        self.stack = ExitStack()
        self.instance: Instance = self.stack.enter_context(self.new_instance())
        connected = self.instance.database.connect(FOLLOWER, **BY_INDEX)
        self.connection = self.stack.enter_context(connected)
        self.model = Record(MemoryRecorder())
        self.facts: list[str] = []
        self.count = 0
        self.log: list[dict[str, Any]] = []
        self.apply([read(entry) for entry in BEGINNING], "someone")
        self.follow()

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            with self.stack:
                self.is_the_log_that_one_writer_could_have_written()

    # What the rules are made of

    def entry(self, draft: Entry) -> Entry:
        """A draft with an id of its own, about facts that are there."""
        self.count += 1
        entry = {**draft, "id": f"n{self.count}"}
        if "fact" in entry:
            entry["fact"] = self.fact(entry["fact"])
        if "over" in entry:
            over = {self.fact(number) for number in entry["over"]} - {entry["fact"]}
            entry["over"] = sorted(over) or ["nothing"]
        return entry

    def fact(self, number: int) -> str:
        return self.facts[-1 - number % len(self.facts)] if self.facts else "none"

    def apply(self, entries: list[Any], actor: str) -> str:
        """ "recorded", or the code of the refusal, as the model of one writer says too."""
        try:
            self.instance.record.apply(entries, actor=actor)
            code = "recorded"
        except Refused as refused:
            code = refused.code
        self.note(entries, code)
        return code

    def note(self, entries: list[Any], code: str) -> None:
        """What one writer after another would have heard."""
        try:
            self.model.apply(entries, actor="model")
            expected = "recorded"
        except Refused as refused:
            expected = refused.code
        assert code == expected, (entries, code, expected)
        if code == "recorded":
            self.facts += [
                e.id for e in entries if type(e).__name__ in ("MemberJoined", "MemberLeft")
            ]

    def follow(self, limit: int = 1_000) -> None:
        project(self.connection, limit)

    def position(self) -> int:
        return progress_of(self.connection).position

    @contextmanager
    def interruption(self, place: str | None, other: Entry) -> Iterator[None]:
        """Another writer gets in at a place, and is projected at once."""
        if place is None:
            yield
            return
        module, name = INTERRUPTED[place]
        step, waiting = getattr(module, name), [self.entry(other)]

        def interrupted(*given: Any) -> Any:
            found = step(*given) if place == "the check" else None
            if waiting:
                theirs = read(waiting.pop())
                with mock.patch.object(module, name, step):
                    self.apply([theirs], "another")
                    self.follow()
            return step(*given) if place != "the check" else found

        with mock.patch.object(module, name, interrupted):
            yield

    def ask(self, document: str, **variables: Any) -> Any:
        """The data, or the code of the error."""
        access = execution.access(self.instance)._replace(principal=Principal("me", Role.REVIEWER))
        answer = asyncio.run(execution.execute(access, document, variables))
        if errors := answer.get("errors"):
            return errors[0]["extensions"]["code"]
        return answer["data"]

    def members(self, extra: list[Entry], upto: int) -> dict[tuple[str, str], Any]:
        """What the oracle says of both coalitions at a position, with more entries after it."""
        rows = [row for row in log_of(self.instance) if row["position"] <= upto]
        rows += [
            {
                "position": upto + number,
                "recordedAt": rows[-1]["recordedAt"],
                "actor": "",
                "entry": e,
            }
            for number, e in enumerate(extra, 1)
        ]
        oracle, day = Oracle(rows), today()
        return {
            (coalition, node["subject"]["id"]): {key: node[key] for key in TELLING}
            for coalition in COALITIONS
            for node in oracle.answer("members", coalition, (day, day))["nodes"]
        }

    # The rules

    @rule(draft=drafts(), projected=st.booleans())
    def one_records(self, draft: Entry, projected: bool) -> None:
        self.apply([read(self.entry(draft))], "someone")
        if projected:
            self.follow()

    @rule(mine=drafts(), theirs=drafts())
    def two_record(self, mine: Entry, theirs: Entry) -> None:
        entry = read(self.entry(mine))
        with self.interruption("the check", theirs):
            self.apply([entry], "someone")

    @rule(limit=st.integers(1, 4))
    def the_follower_goes_on(self, limit: int) -> None:
        self.follow(limit)

    @rule(
        mine=drafts(),
        theirs=drafts(),
        place=st.sampled_from([None, "the supposition", "the diff", "the answer"]),
        lag=st.sampled_from(["none"] * 4 + ["ends meanwhile", "stays"]),
    )
    def one_previews(self, mine: Entry, theirs: Entry, place: str | None, lag: str) -> None:
        if lag == "none":
            self.follow()
        entry, before = self.entry(mine), self.position()
        with self.interruption(place, theirs), ThreadPoolExecutor(1) as threads:
            if lag == "ends meanwhile":
                threads.submit(self.follow)
            found = self.ask(PREVIEW, entries=[entry], id=entry["id"], dry=True)
        if found == "POSITION_NOT_REACHED":
            assert lag == "stays"
            assert before < log_of(self.instance)[-1]["position"]
        else:
            self.check_changes(entry, found, range(before, self.position() + 1))

    @rule(mine=drafts(), theirs=drafts(), place=st.sampled_from([None, "the check"]))
    def one_applies(self, mine: Entry, theirs: Entry, place: str | None) -> None:
        entry = self.entry(mine)
        with self.interruption(place, theirs):
            found = self.ask(PREVIEW, entries=[entry], id=entry["id"], dry=False)
        self.note([read(entry)], found if isinstance(found, str) else "recorded")
        if not isinstance(found, str):
            before = found["apply"]["position"] - 1
            self.check_changes(entry, found, range(before, before + 1))

    def check_changes(self, entry: Entry, found: Any, bases: range) -> None:
        """A diff is of one's own entry, over the record at one of some positions."""
        if isinstance(found, str):
            assert found not in ("INTERNAL", "POSITION_NOT_REACHED"), entry
            return
        nodes = [edge["node"] for edge in found["apply"]["diff"]["edges"]]
        for node in nodes:
            assert [event["id"] for event in node["events"]] == [entry["id"]], (entry, node)
        shown = {(n["scope"]["id"], n["subject"]["id"]): n["change"] for n in nodes}
        expected = []
        for base in bases:
            was, will = self.members([], base), self.members([entry], base)
            expected.append(
                {
                    key: "ADDED" if key not in was else "CHANGED" if key in will else "REMOVED"
                    for key in was.keys() | will.keys()
                    if was.get(key) != will.get(key)
                }
            )
        assert shown in expected, (entry, shown, expected)

    @rule(order=st.permutations(MEMBERS))
    def two_merge(self, order: list[str]) -> None:
        p, q, r, s = order
        for one, into in ((p, q), (r, s)):
            self.one_records(about("EntitiesMerged", entities=[one], into=into), True)
        self.two_record(
            about("EntitiesMerged", entities=[q], into=r),
            about("EntitiesMerged", entities=[s], into=p),
        )

    @rule(
        mine=drafts(),
        theirs=drafts(),
        without=st.sampled_from([None, *sorted(SOURCES)]),
        place=st.sampled_from([None, "the supposition", "the answer"]),
    )
    def one_asks_what_if(
        self, mine: Entry, theirs: Entry, without: str | None, place: str | None
    ) -> None:
        self.follow()
        entry = self.entry(mine)
        given = [entry] if without is None else []
        with self.interruption(place, theirs):
            found = self.ask(
                WHAT_IF, without={"sources": [without] if without else []}, **{"with": given}
            )
        if isinstance(found, str):
            assert found not in ("INTERNAL", "POSITION_NOT_REACHED")
            return
        base, supposed = found["g"]["position"], found["whatIf"]
        assert supposed["g"]["position"] == supposed["h"]["position"] == base + len(given)
        left_out = [about("SourceWithdrawn", id="w", source=without)] if without else []
        expected = self.members(given + left_out, base)
        assert expected == {
            (coalition, edge["node"]["member"]["id"]): {key: edge["node"][key] for key in TELLING}
            for coalition in COALITIONS
            for edge in supposed[coalition]["edges"]
        }, (given, without)

    @rule(which=st.integers(0, 24))
    def it_starts_again(self, which: int) -> None:
        if which == 24:
            rebuild(self.instance.database)
        recorder = PostgresRecorder(self.instance.database)
        self.stack.callback(recorder.close)
        self.instance = replace(self.instance, record=Record(recorder))

    @rule(
        day=st.sampled_from(["2014-01-01", "2015-07-01", "2016-12-31"]),
        known=st.sampled_from([None, "2015-01-01", "2016-01-01"]),
        back=st.integers(0, 8),
    )
    def one_asks(self, day: str, known: str | None, back: int) -> None:
        position = max(0, self.position() - back)
        document = (
            "query ($k: Date, $r: Int) { "
            + " ".join(
                f'{c}: members(coalition: "{c}", asOf: "{day}", knownAt: $k, atPosition: $r) '
                f"{{ {NODES} }}"
                for c in COALITIONS
            )
            + " }"
        )
        found = self.ask(document, k=known, r=position)
        if isinstance(found, str):
            assert (found, position < len(BEGINNING)) == ("UNKNOWN_ENTITY", True)
            return
        oracle, asked = Oracle(log_of(self.instance)), (day_of(day), day_of(day))
        for coalition in COALITIONS:
            nodes = oracle.answer("members", coalition, asked, known and day_of(known), position)[
                "nodes"
            ]
            assert [
                {key: edge["node"][key] for key in TELLING} for edge in found[coalition]["edges"]
            ] == [{key: node[key] for key in TELLING} for node in nodes]

    def is_the_log_that_one_writer_could_have_written(self) -> None:
        ours = [row["entry"] for row in log_of(self.instance)]
        assert len(ours) == len(self.model.recorder.events)  # type: ignore[attr-defined]


STEPS = 50
"""Of one record."""


def run_machine(new_instance: NewInstance, steps: int, **how: Any) -> None:
    class Here(Machine):
        pass

    Here.new_instance = staticmethod(new_instance)  # type: ignore[assignment]
    with mock.patch.object(context, "PATIENCE", 0.3):
        run_state_machine_as_test(  # type: ignore[no-untyped-call]
            Here,
            settings=settings(
                max_examples=max(1, steps // STEPS),
                stateful_step_count=STEPS,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
                **how,
            ),
        )


@pytest.mark.timeout(7_200)
def test_nothing_that_happens_at_once_makes_a_wrong_log_or_a_wrong_answer(
    new_instance: NewInstance,
) -> None:
    run_machine(new_instance, times(300, 50_000))


def short_sighted() -> AbstractContextManager[Any]:
    """The condition of an append has what its entries name, not what the check followed."""
    look = record_module._look

    def without_followed(log: Any, tags: Any, key: str | None = None) -> Any:
        return look(log, tags, key)._replace(tags=tags)

    return mock.patch.object(record_module, "_look", without_followed)


@contextmanager
def without_snapshots() -> Iterator[None]:
    """A preview and what is asked of it each see the database as it is by then."""

    @contextmanager
    def as_it_is(connection: Any, exported: str) -> Iterator[None]:
        with connection.transaction(force_rollback=True):
            yield

    with (
        mock.patch.dict(what_if.SQL, one_state="SET TRANSACTION READ WRITE"),
        mock.patch.object(what_if, "same_state", as_it_is),
    ):
        yield


@contextmanager
def ahead_of_the_projections() -> Iterator[None]:
    """A supposition is checked against the log, and gathered from the projections."""
    plan = Record.plan

    async def at_once(operation: context.Operation) -> None:
        pass

    with (
        mock.patch.object(Record, "plan", lambda record, entries, log=None: plan(record, entries)),
        mock.patch.object(context.Operation, "await_log", at_once),
        mock.patch.object(mutations, "check_reached"),
    ):
        yield


@pytest.mark.timeout(600)
@pytest.mark.parametrize("defect", [short_sighted, without_snapshots, ahead_of_the_projections])
def test_the_machine_finds_a_defect_that_is_put_back(
    new_instance: NewInstance, defect: Callable[[], AbstractContextManager[Any]]
) -> None:
    with defect(), pytest.raises(AssertionError):
        run_machine(new_instance, 2_000, phases=[Phase.generate], derandomize=True)
