"""Proofs of whole answers: by `sijill ask --proof`, by HTTP, checked offline by the tool."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import NewInstance, browsing
from oracle import Oracle
from projected import log_of
from strategies import moments, random_record
from support.proof_verifier import parse_answer_proof, verify_answer
from support.replaying import without
from thorough import times
from typer.testing import CliRunner

from api.answer_proof import prove_question
from api.cli import app
from api.commands.query import executed
from api.files import sample
from api.graphql.as_of_rows import QUESTIONS, Question
from api.graphql.question_document import document_of, is_of_a_kind, question_named
from api.instance import Instance
from domain.codec import Event, decode, read, write
from domain.dates import day_of, iso_of, parse
from domain.entities import EntityRegistered
from domain.errors import Refused
from domain.proof import AnswerProof
from store.checkpoints import sign_now
from store.database import WRITER

ROOT = Path(__file__).parents[2]
HEAD = len(sample().entries)
TOOL = ROOT / "tools" / "verify_proof.py"
DAY = "2025-11-10"
MEMBERS = {"question": "members", "subject": "global-coalition", "asOf": DAY}


def answer(instance: Instance, question: Question, variables: dict[str, Any]) -> dict[str, Any]:
    """GraphQL's `data` for a question."""
    return executed(instance, document_of(question), variables)


def sign(instance: Instance) -> None:
    with instance.database.connect(WRITER) as connection:
        sign_now(connection, instance.signer())


@pytest.fixture(scope="module")
def instance(new_instance: NewInstance) -> Iterator[Instance]:
    """The sample record, signed."""
    with new_instance() as instance:
        instance.record.apply(sample().entries, actor="someone")
        instance.catch_up()
        sign(instance)
        yield instance


@pytest.fixture(scope="module")
def client(instance: Instance) -> Iterator[httpx.Client]:
    with browsing(instance) as client:
        yield client


def proved(instance: Instance, name: str, **variables: Any) -> tuple[AnswerProof, list[Event]]:
    """The proof of an answer once it was written and read, and its events."""
    proof = prove_question(instance, question_named(name), variables)
    again = parse_answer_proof(proof.text)
    found = verify_answer(again, instance.signer().verifier)
    return again, [
        decode(each.event.position, each.event.stored_type, each.event.data) for each in found
    ]


def tool(instance: Instance, file: Path) -> tuple[int, str]:
    run = subprocess.run(
        [sys.executable, "-I", str(TOOL), str(instance.signer().verifier), str(file)],
        capture_output=True,
        encoding="utf-8",
        env={"PYTHONUTF8": "1"},
        check=False,
    )
    assert run.stderr == ""
    return run.returncode, run.stdout


def test_a_proof_has_the_facts_sources_entities_corrections_and_reports_behind_its_rows(
    instance: Instance,
) -> None:
    proof, events = proved(instance, "members", subject="global-coalition", asOf=DAY)
    ids = {event.entry.id for event in events}
    found = proof.answer["members"]

    for node in (edge["node"] for edge in found["edges"]):
        behind = {node["member"]["id"], *(fact["id"] for fact in node["facts"])}
        behind |= {source["id"] for source in node["sources"]}
        for other in node["alternatives"]:
            behind |= {each["id"] for each in other["facts"] + other["sources"]}
        assert behind <= ids
    kinds = {type(event.entry).__name__ for event in events}
    assert {"MemberCountReported", "FactPreferred", "FactCorroborated"} <= kinds
    assert {report["source"]["id"] for report in found["count"]["reported"]} <= ids
    assert len(events) < HEAD  # not the whole log
    assert proof.question["variables"]["atPosition"] == proof.position == HEAD


@pytest.mark.parametrize(
    ("observed", "attested", "behind"),
    [("2016", "2016-12-31", False), ("2014", "2015-06-01", True), (None, "2015-06-01", True)],
)
def test_a_proof_has_an_attestation_only_where_no_source_looked_further(
    new_instance: NewInstance, observed: str | None, attested: str, behind: bool
) -> None:
    cited = {"citations": [{"source": "list"}]}
    entries: list[dict[str, Any]] = [
        {"type": "SourceRegistered", "id": "list", "title": "List", "published": "2017-01-01",
         "observedThrough": observed},
        {"type": "EntityRegistered", "id": "union", "kind": "COALITION", "names": {"en": "U"}},
        {"type": "EntityRegistered", "id": "syria", "kind": "COUNTRY", "names": {"en": "S"}},
        {"type": "MemberJoined", "id": "joined", "coalition": "union", "member": "syria",
         "when": "2013", **cited},
        {"type": "HoldingAttested", "id": "seen", "fact": "joined", "on": "2015-06-01",
         "reason": "it is listed", **cited},
    ]  # fmt: skip
    with new_instance() as instance:
        instance.record.apply([read(entry) for entry in entries], actor="someone")
        instance.catch_up()
        sign(instance)

        proof, events = proved(instance, "members", subject="union", asOf="2017-05-01")

    (row,) = proof.answer["members"]["edges"]
    assert row["node"]["attested"] == attested
    assert ("seen" in {event.entry.id for event in events}) == behind


@pytest.mark.parametrize("seed", range(21, 21 + times(3, 20)))
def test_a_proof_replayed_into_an_empty_record_gives_the_answer_and_no_event_of_it_can_go(
    new_instance: NewInstance, seed: int
) -> None:
    rng = random.Random(seed)
    with new_instance() as instance:
        entries = random_record(seed, facts=18, corrections=24, oddities=False)
        instance.record.apply([read(entry) for entry in entries], actor="someone")
        instance.catch_up()
        sign(instance)
        log = log_of(instance)
        for turn, (question, variables) in enumerate(asked(log, rng, seed)):
            proof, events = proved(instance, question, **variables)
            if turn:  # the first one is as random as it comes
                assert proof.answer[question]["edges"]
            assert_it_is_given_again(new_instance, question, variables, proof, events)
            assert_none_can_go(log, question, proof, events)


def asked(
    log: list[dict[str, Any]], rng: random.Random, seed: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Random questions at random points; all but the first have rows for an answer."""
    oracle = Oracle(log)
    points = [point for again in range(100) for point in moments(log, 100 * seed + again, 20)]
    count = 0
    for (first, last), k, r in points:
        question = rng.choice(QUESTIONS)
        position = rng.choice([r, len(log)])
        as_of = iso_of(first) if first == last else iso_of(first)[:4]
        days = (parse(as_of).earliest, parse(as_of).latest)
        subject: str = rng.choice(["e1", "e2", "e3", "e4", "e5"])
        registered = {row["entry"]["id"] for row in log if row["position"] <= position}
        if subject not in registered:
            continue
        if is_of_a_kind(question):
            subject = oracle.view(k, position).entity(subject)["kind"]
        if count and not oracle.answer(question.name, subject, days, k, position)["nodes"]:
            continue
        clocks = {"asOf": as_of}
        clocks |= {} if k is None else {"knownAt": iso_of(k)}
        lang = rng.choice(["en", "ar"])
        yield question.name, {"subject": subject, "atPosition": position, "lang": lang, **clocks}
        count += 1
        if count == 15:
            return
    pytest.fail("hardly any question has rows")


def assert_it_is_given_again(
    new_instance: NewInstance,
    question: str,
    variables: dict[str, Any],
    proof: AnswerProof,
    events: list[Event],
) -> None:
    """Whether the events of a proof alone give its answer, but for the position."""
    now = {key: value for key, value in variables.items() if key != "atPosition"}
    with new_instance() as empty:
        empty.record.apply([read(write(event.entry)) for event in events], actor="someone")
        empty.catch_up()
        again = answer(empty, question_named(question), now)
    assert {**again[question], "position": 0} == {**proof.answer[question], "position": 0}


def assert_none_can_go(
    log: list[dict[str, Any]], question: str, proof: AnswerProof, events: list[Event]
) -> None:
    """Whether the answer is another one without any event and what could then not be replayed."""
    variables = proof.question["variables"]
    positions = {event.position for event in events}
    rows = [row for row in log if row["position"] in positions]
    when = parse(variables["asOf"])
    known_at = variables.get("knownAt")
    k = None if known_at is None else day_of(known_at)

    def said(log: list[dict[str, Any]]) -> Any:
        oracle, subject = Oracle(log), variables["subject"]
        view = oracle.view(k, None)
        found = oracle.answer(
            question, subject, (when.earliest, when.latest), k, None, variables["lang"]
        )
        sources = {name for node in found["nodes"] for name in node["sources"]}
        others = {node["subject"]["id"] for node in found["nodes"]}
        return (
            found,
            any(row["entry"]["id"] == subject for row in log),
            [{key: view.source(name).get(key) for key in ("title", "publisher", "published")}
             for name in sorted(sources)],
            [view.entity(name).get("iso3166") for name in sorted(others)],
        )  # fmt: skip

    whole = said(rows)
    for position in positions:
        assert said(without(rows, [position])) != whole, (variables, position)


def test_the_command_writes_a_proof_that_the_tool_checks_offline(
    instance: Instance, tmp_path: Path
) -> None:
    file = tmp_path / "answer.json"
    words = ["ask", "members", "global-coalition", "--as-of", DAY, "--lang", "ar", "--json"]
    environment = {
        **os.environ,
        "SIJILL_DATABASE_URL": instance.database.url,
        "SIJILL_DATA": str(instance.settings.data),
    }

    plain = CliRunner().invoke(app, words, env=environment)
    ended = CliRunner().invoke(app, [*words, "--proof", str(file)], env=environment)

    assert ended.exit_code == 0, ended.output
    assert ended.stdout == plain.stdout
    # The very bytes of the answer are in the file.
    assert plain.stdout.strip() in file.read_text("utf-8")
    status, said = tool(instance, file)
    assert (status, said.startswith(f"{file}: proved")) == (0, True)
    changed = file.read_text("utf-8").replace('"standing": "CERTAIN"', '"standing": "POSSIBLE"', 1)
    file.write_text(changed, encoding="utf-8", newline="")
    assert tool(instance, file)[0] == 1


def test_a_proof_comes_by_http_with_its_clocks_pinned(
    instance: Instance, client: httpx.Client, tmp_path: Path
) -> None:
    response = client.get("/log/proof/answer", params={**MEMBERS, "knownAt": "2025-11-03"})

    assert response.status_code == 200
    assert response.headers["content-disposition"] == 'attachment; filename="members.json"'
    assert response.headers["content-type"] == "application/json"
    file = tmp_path / "proof.json"
    file.write_bytes(response.content)
    assert tool(instance, file)[0] == 0
    proof = parse_answer_proof(response.text)
    # The question as the file has it, asked again, gives the answer that the file has.
    again = client.post("/graphql", json=proof.question).json()
    assert again["data"] == proof.answer
    variables = {"subject": "global-coalition", "asOf": DAY, "knownAt": "2025-11-03"}
    assert answer(instance, question_named("members"), variables) == proof.answer


def test_an_old_position_is_proved_and_a_moment_is_pinned_to_its_position(
    instance: Instance, client: httpx.Client
) -> None:
    old = client.get("/log/proof/answer", params={**MEMBERS, "atPosition": "300"})
    timed = client.get("/log/proof/answer", params={**MEMBERS, "recordedAt": "2999-01-01T00:00Z"})

    proof = parse_answer_proof(old.text)
    proofs = verify_answer(proof, instance.signer().verifier)
    assert proof.position == 300
    assert max(each.event.position for each in proofs) <= 300
    variables = parse_answer_proof(timed.text).question["variables"]
    assert (variables["atPosition"], variables.get("recordedAt")) == (HEAD, None)


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"question": "nothing"}, 400, "UNKNOWN_QUESTION"),
        ({"question": ""}, 400, "UNKNOWN_QUESTION"),
        ({"subject": "nobody"}, 400, "UNKNOWN_ENTITY"),
        ({"subject": "\0"}, 400, "BAD_TEXT"),
        ({"asOf": "2025-13"}, 400, "BAD_EDTF"),
        ({"knownAt": "x"}, 400, "BAD_DATE"),
        ({"atPosition": "x"}, 400, "BAD_ARGUMENT"),
        ({"atPosition": "99999999"}, 400, "POSITION_NOT_REACHED"),
        ({"atPosition": "99999999999"}, 400, "BAD_USER_INPUT"),
        ({"atPosition": "-1"}, 400, "BAD_POSITION"),
        ({"first": "0"}, 400, "BAD_FIRST"),
        ({"first": "9" * 30}, 400, "BAD_ARGUMENT"),
        ({"after": "x"}, 400, "BAD_CURSOR"),
        ({"other": "x"}, 400, "BAD_PARAMETER"),
        ({"lang": "x" * 40_000}, 400, None),
    ],
)
def test_what_can_not_be_proved_is_refused(
    client: httpx.Client, changes: dict[str, str], status: int, code: str | None
) -> None:
    response = client.get("/log/proof/answer", params={**MEMBERS, **changes})

    if code is None:  # whatever it is, it is no failure of ours
        assert response.status_code < 500
        return
    assert response.status_code == status
    assert response.json()["errors"][0]["extensions"]["code"] == code


def test_what_is_not_signed_yet_is_not_proved_and_what_was_altered_never(
    new_instance: NewInstance,
) -> None:
    with new_instance() as instance:
        entries = [read(entry) for entry in random_record(3, facts=6, corrections=0)]
        question = question_named("members")
        entity = next(each.id for each in entries if isinstance(each, EntityRegistered))
        instance.record.apply(entries[:-1], actor="someone")
        instance.catch_up()
        with pytest.raises(Refused, match="no checkpoint"):
            prove_question(instance, question, {"subject": entity})
        sign(instance)
        position = instance.record.apply(entries[-1:], actor="someone").position
        instance.catch_up()
        assert prove_question(instance, question, {"subject": entity}).position == position - 1
        with pytest.raises(Refused, match="is signed up to"):
            prove_question(instance, question, {"subject": entity, "atPosition": position})
        sign(instance)
        with instance.database.connect() as owner:
            owner.execute("ALTER TABLE sijill_events_tt_main DISABLE TRIGGER only_grows")
            owner.execute("UPDATE sijill_events_tt_main SET data = data || ' '")

        with pytest.raises(Refused) as refused:
            prove_question(instance, question, {"subject": entity})
    assert refused.value.code == "LOG_DIFFERS"
