"""Previews and what-ifs while others write, and while the follower lags: nobody else's facts are
told as one's own, and what is recorded can be corrected before it is projected."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from conftest import serving

from api.instance import Instance
from domain.codec import read
from domain.roles import Role
from projections import what_if
from store.database import FOLLOWER
from store.keys import add_key

BEGINNING = [
    {"type": "SourceRegistered", "id": "s", "title": "A report", "published": "2020-01-01"},
    {"type": "EntityRegistered", "id": "g", "kind": "COALITION", "names": {"en": "G"}},
    *(
        {"type": "EntityRegistered", "id": name, "kind": "COUNTRY", "names": {"en": name.upper()}}
        for name in ("mine", "theirs", "third")
    ),
]
PREVIEW = """mutation ($entries: [JSON!]!, $id: ID!) {
  apply(entries: $entries, requestId: $id, dryRun: true) { position recorded diff { edges { node {
    subject { id name } change after { standing since { edtf } } events { id } } } } } }"""
WHAT_IF = """query ($with: [JSON!], $without: Without) {
  members(coalition: "g") { position edges { node { member { id } since { edtf } } } }
  whatIf(with: $with, without: $without) {
    members(coalition: "g") { position edges { node { member { id } since { edtf } } } } } }"""
Ask = Callable[..., Any]


def joined(member: str, when: str = "2014") -> dict[str, Any]:
    return {"type": "MemberJoined", "id": f"{member}-joins", "coalition": "g", "member": member,
            "when": when, "citations": [{"source": "s"}]}  # fmt: skip


def corrected(fact: str, when: str) -> dict[str, Any]:
    return {"type": "FactCorrected", "id": f"{fact}-is-corrected", "fact": fact,
            "changes": {"when": when}, "reason": "we looked again"}  # fmt: skip


@pytest.fixture
def ask(instance: Instance) -> Iterator[Ask]:
    """Asks a server of the record; data, or the code of the one error."""
    instance.record.apply([read(entry) for entry in BEGINNING], actor="someone")
    instance.catch_up()
    with instance.database.connect() as owner:
        _, key = add_key(owner, "a writer", Role.REVIEWER)
    headers = {"authorization": f"Bearer {key}"}
    with serving(instance) as url, httpx.Client(base_url=url, headers=headers, timeout=60) as http:

        def send(query: str, **variables: Any) -> Any:
            answer = http.post("/graphql", json={"query": query, "variables": variables}).json()
            if "errors" in answer:
                (error,) = answer["errors"]
                return error["extensions"]["code"]
            return answer["data"]

        yield send


@contextmanager
def others_write_meanwhile(
    instance: Instance, monkeypatch: pytest.MonkeyPatch, name: str
) -> Iterator[None]:
    """Another writer's fact is recorded and projected before a step of the first supposition."""
    step, is_first = getattr(what_if, name), True

    def interrupted(*given: Any) -> Any:
        nonlocal is_first
        if is_first:
            is_first = False
            instance.record.apply([read(joined("theirs"))], actor="another")
            instance.catch_up()
        return step(*given)

    with monkeypatch.context() as patch:
        patch.setattr(what_if, name, interrupted)
        yield
    assert not is_first


@contextmanager
def follower_stopped(instance: Instance) -> Iterator[Callable[[], None]]:
    """Nothing is projected while the block runs, or until it calls what it is given."""
    with instance.database.connect(FOLLOWER) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT FROM progress FOR UPDATE")
        yield lambda: connection.execute("COMMIT") and None


@pytest.mark.parametrize("step", ["suppose", "install", "install_async"])
def test_a_preview_has_nobody_elses_changes(
    instance: Instance, ask: Ask, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    with others_write_meanwhile(instance, monkeypatch, step):
        found = ask(PREVIEW, entries=[joined("mine")], id="r1")

    nodes = [edge["node"] for edge in found["apply"]["diff"]["edges"]]
    assert [(node["subject"]["id"], node["change"]) for node in nodes] == [("mine", "ADDED")]
    assert [event["id"] for event in nodes[0]["events"]] == ["mine-joins"]


@pytest.mark.parametrize("step", ["suppose", "install_async"])
def test_a_what_if_is_of_the_record_that_its_siblings_are_of(
    instance: Instance, ask: Ask, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    with others_write_meanwhile(instance, monkeypatch, step):
        found = ask(WHAT_IF, **{"with": [joined("mine")]})

    begun = len(BEGINNING) + 1  # with the key
    assert found["members"] == {"position": begun, "edges": []}
    supposed = found["whatIf"]["members"]
    assert supposed["position"] == begun + 1
    assert [edge["node"]["member"]["id"] for edge in supposed["edges"]] == ["mine"]


def test_a_correction_of_what_is_not_projected_yet_waits_for_it(
    instance: Instance, ask: Ask
) -> None:
    with follower_stopped(instance) as go_on, ThreadPoolExecutor(2) as threads:
        instance.record.apply([read(joined("mine"))], actor="another")
        previewed = threads.submit(ask, PREVIEW, entries=[corrected("mine-joins", "2015")], id="r")
        supposed = threads.submit(ask, WHAT_IF, **{"with": [corrected("mine-joins", "2015")]})
        threading.Event().wait(0.5)
        go_on()
        (node,) = [edge["node"] for edge in previewed.result()["apply"]["diff"]["edges"]]
        found = supposed.result()

    assert (node["change"], node["after"]["since"]["edtf"]) == ("CHANGED", "2015")
    (edge,) = found["whatIf"]["members"]["edges"]
    assert edge["node"] == {"member": {"id": "mine"}, "since": {"edtf": "2015"}}


def test_a_correction_of_what_stays_unprojected_is_refused_in_words(
    instance: Instance, ask: Ask
) -> None:
    with follower_stopped(instance):
        instance.record.apply([read(joined("mine"))], actor="another")
        code = ask(WHAT_IF, **{"with": [corrected("mine-joins", "2015")]})
        without = ask(WHAT_IF, without={"facts": ["mine-joins"]})

    assert code == "POSITION_NOT_REACHED"
    assert without == "UNKNOWN_FACT"
    assert ask(PREVIEW, entries=[corrected("mine-joins", "2015")], id="r")["apply"]["recorded"] == 1


def test_a_supposed_fact_is_told_as_a_recorded_one_is(instance: Instance, ask: Ask) -> None:
    instance.record.apply([read(joined("theirs"))], actor="another")
    head = instance.catch_up()
    told = "id position actor status { state } citations { source { id } } corrections { id type }"
    supposed = [joined("mine"), corrected("theirs-joins", "2015"), corrected("mine-joins", "2016")]

    found = ask(
        f"""query ($with: [JSON!]) {{ whatIf(with: $with) {{
          members(coalition: "g") {{ edges {{ node {{ facts {{ {told} recordedAt proof }} }} }} }}
          facts(entity: "g") {{ edges {{ node {{ {told} }} }} }}
          fact(id: "mine-joins") {{ {told} proof }} }} }}""",
        **{"with": supposed},
    )["whatIf"]

    mine, theirs = (edge["node"]["facts"][0] for edge in found["members"]["edges"])
    assert (theirs["position"], theirs["actor"]) == (head, "another")
    assert theirs["corrections"] == [{"id": "theirs-joins-is-corrected", "type": "FactCorrected"}]
    assert (mine["position"], mine["actor"], mine["proof"]) == (head + 1, "what if", None)
    assert mine["corrections"] == [{"id": "mine-joins-is-corrected", "type": "FactCorrected"}]
    assert mine["citations"] == [{"source": {"id": "s"}}]
    assert found["fact"] == {key: mine[key] for key in found["fact"]}
    assert [edge["node"]["id"] for edge in found["facts"]["edges"]] == [
        "theirs-joins",
        "mine-joins",
    ]


def test_a_retracted_fact_has_no_sources_that_count_and_still_says_who_said_it(
    instance: Instance, ask: Ask
) -> None:
    retracted = {"type": "FactRetracted", "id": "r", "fact": "mine-joins", "reason": "A slip."}
    instance.record.apply([read(joined("mine")), read(retracted)], actor="another")
    instance.catch_up()

    found = ask(
        """{ fact(id: "mine-joins") {
          status { state } sources { id } citations { source { id } } } }"""
    )["fact"]

    assert found["status"] == {"state": "RETRACTED"}
    assert (found["sources"], found["citations"]) == ([], [{"source": {"id": "s"}}])


@pytest.mark.parametrize("dated", [{}, {"published": "2019"}], ids=["undated", "dated"])
def test_a_supposed_source_is_cited_as_a_recorded_one_is(ask: Ask, dated: dict[str, str]) -> None:
    source = {"type": "SourceRegistered", "id": "new", "title": "A new one", **dated}
    fact = {**joined("mine"), "citations": [{"source": "new"}]}

    found = ask(
        """query ($with: [JSON!]) { whatIf(with: $with) { fact(id: "mine-joins") {
          citations { source { id title } anchor { state } } } } }""",
        **{"with": [source, fact]},
    )["whatIf"]

    cited = {"source": {"id": "new", "title": "A new one"}, "anchor": None}
    assert found["fact"]["citations"] == [cited]


def test_many_what_ifs_share_a_session_and_do_not_mix(instance: Instance, ask: Ask) -> None:
    instance.record.apply([read(joined(name)) for name in ("mine", "theirs")], actor="another")
    most, done = 0, threading.Event()

    def watch() -> None:
        nonlocal most
        with instance.database.connect() as owner:
            while not done.wait(0.005):
                row = owner.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                ).fetchone()
                assert row is not None
                most = max(most, row[0])

    instance.catch_up()
    fields = [
        f'w{number}: whatIf(without: {{facts: ["{name}-joins"]}}) {{ members(coalition: "g") '
        "{ edges { node { member { id } } } } }"
        for number, name in enumerate(["mine", "theirs", "mine"] * 10)
    ]
    with ThreadPoolExecutor(5) as threads:
        watching = threads.submit(watch)
        try:
            ask('{ members(coalition: "g") { position } }')
            before = most
            answers = list(threads.map(lambda _: ask("{" + " ".join(fields) + "}"), range(4)))
        finally:
            done.set()
        watching.result()

    for found in answers:
        for number, name in enumerate(["theirs", "mine", "theirs"] * 10):
            edges = found[f"w{number}"]["members"]["edges"]
            assert [edge["node"]["member"]["id"] for edge in edges] == [name]
    assert most - before <= 20
