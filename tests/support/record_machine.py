"""A state machine of two writers, a follower that lags at will, previews, what-ifs, rebuilds,
restarts, in any order.

One writer alone could have written the log: a record in memory takes every entry of it, one after
another, and refuses what was refused. Every answer is the oracle's at the position that it names.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from threading import Lock
from typing import Any
from unittest import mock

from conftest import NewInstance
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from memory import MemoryRecorder
from oracle import FACT_TYPES
from projected import log_of
from support.drafts import BEGINNING, MEMBERS, SOURCES, Entry, about, drafts
from support.growing_oracle import ASKED, TELLING, GrowingOracle, Row, asked, rows_of
from support.kept_sessions import kept_sessions

from api.auth import Principal
from api.graphql import context, execution
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

PREVIEW = """mutation ($entries: [JSON!]!, $id: ID!, $dry: Boolean!) {
  apply(entries: $entries, requestId: $id, dryRun: $dry) { position recorded diff(first: 500) {
    edges { node { question scope { id } subject { id } change events { id } } } } } }"""

INTERRUPTED = {
    "the check": (record_module, "_look"),
    "the supposition": (what_if, "suppose"),
    "the diff": (what_if, "install"),
    "the answer": (what_if, "install_async"),
}
"""Steps of a preview or a command before, or of the check after, which another writer gets in."""
NO_TIME, ANY_TIME = 0.02, 60.0
"""Seconds that a question waits for a follower who does nothing, and for one who will be there."""


def newest(number: int, names: Sequence[str]) -> str:
    """One of the names by a number, 0 for the last; there may be none."""
    return names[-1 - number % len(names)] if names else "none"


class RecordMachine(RuleBasedStateMachine):
    """See the module. Subclasses say where its records come from."""

    new_instance: NewInstance

    @initialize()
    def begin(self) -> None:
        self.stack = ExitStack()
        self.instance: Instance = self.stack.enter_context(self.new_instance())
        self.stack.enter_context(kept_sessions())
        self.runner = self.stack.enter_context(asyncio.Runner())
        connected = self.instance.database.connect(FOLLOWER, **BY_INDEX)
        self.connection = self.stack.enter_context(connected)
        self.one_follows = Lock()
        self.model = Record(MemoryRecorder())
        self.oracle = GrowingOracle()
        self.facts: list[str] = []
        self.preferences: list[str] = []
        self.count = 0
        self.earlier: str | None = None
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
            entry["fact"] = newest(entry["fact"], self.facts)
        if "over" in entry:
            over = {newest(number, self.facts) for number in entry["over"]} - {entry["fact"]}
            entry["over"] = sorted(over) or ["nothing"]
        if "preference" in entry:
            entry["preference"] = newest(entry["preference"], self.preferences)
        return entry

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
        """What one writer after another would have heard: who is refused, before or after whoever
        got in after the look."""
        expected = self.heard(entries, dry_run=code != "recorded")
        earlier, self.earlier = self.earlier, None
        assert code == expected or (code == earlier != "recorded"), (entries, code, expected)
        if code == "recorded":
            names = [(type(entry).__name__, entry.id) for entry in entries]
            self.facts += [name for kind, name in names if kind in FACT_TYPES]
            self.preferences += [name for kind, name in names if kind == "FactPreferred"]

    def heard(self, entries: list[Any], *, dry_run: bool) -> str:
        """What the model says to entries."""
        try:
            self.model.apply(entries, actor="model", dry_run=dry_run)
            return "recorded"
        except Refused as refused:
            return refused.code

    def follow(self, limit: int = 1_000) -> None:
        with self.one_follows:  # a connection has one transaction
            project(self.connection, limit)

    def position(self) -> int:
        return progress_of(self.connection).position

    def read_log(self) -> GrowingOracle:
        """The oracle of all that the log has by now."""
        self.oracle.take(log_of(self.instance, self.oracle.head))
        return self.oracle

    @contextmanager
    def interruption(self, place: str | None, other: Entry, mine: Entry) -> Iterator[None]:
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
                    earlier = self.heard([read(mine)], dry_run=True)
                    self.apply([theirs], "another")
                    self.earlier = earlier if place == "the check" else None
                    self.follow()
            return step(*given) if place != "the check" else found

        with mock.patch.object(module, name, interrupted):
            yield

    def ask(self, document: str, patience: float = ANY_TIME, **variables: Any) -> Any:
        """The data, or the code of the error."""
        access = execution.access(self.instance)._replace(principal=Principal("me", Role.REVIEWER))
        with mock.patch.multiple(context, PATIENCE=patience, LOOK_EVERY=0.002):
            answer = self.runner.run(execution.execute(access, document, variables))
        if errors := answer.get("errors"):
            return errors[0]["extensions"]["code"]
        return answer["data"]

    # The rules

    @rule(draft=drafts(), projected=st.booleans())
    def one_records(self, draft: Entry, projected: bool) -> None:
        self.apply([read(self.entry(draft))], "someone")
        if projected:
            self.follow()

    @rule(mine=drafts(), theirs=drafts())
    def two_record(self, mine: Entry, theirs: Entry) -> None:
        entry = self.entry(mine)
        with self.interruption("the check", theirs, entry):
            self.apply([read(entry)], "someone")

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
        patience = NO_TIME if lag == "stays" else ANY_TIME
        with self.interruption(place, theirs, entry), ThreadPoolExecutor(1) as threads:
            following = threads.submit(self.follow) if lag == "ends meanwhile" else None
            found = self.ask(PREVIEW, patience, entries=[entry], id=entry["id"], dry=True)
        if following is not None:
            following.result()
        if found == "POSITION_NOT_REACHED":
            assert lag == "stays"
            assert before < self.read_log().head
        else:
            self.check_changes(entry, found, range(before, self.position() + 1))

    @rule(mine=drafts(), theirs=drafts(), place=st.sampled_from([None, "the check"]))
    def one_applies(self, mine: Entry, theirs: Entry, place: str | None) -> None:
        entry = self.entry(mine)
        with self.interruption(place, theirs, entry):
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
        shown = {(n["question"], n["scope"]["id"], n["subject"]["id"]): n["change"] for n in nodes}
        oracle, expected = self.read_log(), []
        for base in bases:
            expected.append(self.changes(oracle, base, entry))
            if shown == expected[-1]:
                return
        raise AssertionError((entry, shown, expected))

    @staticmethod
    def changes(oracle: GrowingOracle, base: int, entry: Entry) -> dict[Row, str]:
        """What an entry right after a position changes of today's answers."""
        day = today()
        was, will = oracle.rows(base, day=day), oracle.rows(base, [entry], day=day)
        return {
            row: "ADDED" if row not in was else "CHANGED" if row in will else "REMOVED"
            for row in was.keys() | will.keys()
            if row not in was
            or row not in will
            or any(was[row][key] != will[row][key] for key in TELLING)
        }

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
        document = f"""query ($with: [JSON!], $without: Without) {{ {asked("")}
          whatIf(with: $with, without: $without) {{ {asked("")} }} }}"""
        with self.interruption(place, theirs, entry):
            found = self.ask(
                document, without={"sources": [without] if without else []}, **{"with": given}
            )
        if isinstance(found, str):
            assert found not in ("INTERNAL", "POSITION_NOT_REACHED")
            return
        base, supposed = found["q0"]["position"], found["whatIf"]
        positions = {supposed[f"q{number}"]["position"] for number in range(len(ASKED))}
        assert positions == {base + len(given)}
        left_out = [about("SourceWithdrawn", id="w", source=without)] if without else []
        expected = self.read_log().rows(base, given + left_out, day=today())
        assert rows_of(supposed) == expected, (given, without)

    @rule(what=st.sampled_from([*range(1, 5)] * 5 + ["restart"] * 4 + ["rebuild"]))
    def one_that_runs_it_acts(self, what: int | str) -> None:
        """The follower takes some events, the program starts again, or all is built anew."""
        if isinstance(what, int):
            self.follow(what)
            return
        if what == "rebuild":
            rebuild(self.instance.database, workers=0)
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
        clocks = f'asOf: "{day}", knownAt: $k, atPosition: $r'
        document = f"query ($k: Date, $r: Int) {{ {asked(', ' + clocks)} }}"
        found = self.ask(document, k=known, r=position)
        if isinstance(found, str):
            assert (found, position < len(BEGINNING)) == ("UNKNOWN_ENTITY", True)
            return
        expected = self.read_log().rows(
            position, day=day_of(day), known=None if known is None else day_of(known)
        )
        answered = rows_of(found)
        assert answered == expected
        assert list(answered) == list(expected), "in another order"

    def is_the_log_that_one_writer_could_have_written(self) -> None:
        entries = [row["entry"] for row in log_of(self.instance)]
        assert entries == [row["entry"] for row in self.read_log().log]
        assert len(entries) == len(self.model.recorder.events)  # type: ignore[attr-defined]
