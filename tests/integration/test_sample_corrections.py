"""The sample record corrected in every way through the API: each diff has its cause and events, and
an answer pinned before is the same bytes after, whatever becomes of the program and its machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from conftest import NewInstance
from conftest import serving as serving_here
from oracle import QUESTIONS, Oracle
from projected import log_of
from running import SIJILL, serving
from sample_corrections import CASES, REVIEWS, Case
from states import states
from support.forked_sijill import sijill_program
from thorough import times

from api.files import sample
from api.instance import Instance
from domain.dates import Days, day_of
from domain.point import Point
from domain.roles import Role
from domain.versions import FluentKey
from domain.vocabulary import CORE, CORRECTIONS
from store.keys import add_key

NODE = """standing contested disputed
  alternatives { since { edtf } until { edtf } facts { id } sources { id } }
  since { edtf earliest latest } until { edtf earliest latest }
  facts { id type when { edtf } } sources { id title publisher published { edtf } }"""
MEMBERS = """count { certain possible announced reported { value comparator source { id } } }
  pageInfo { hasNextPage endCursor }
  edges { cursor node { member { id kind name(lang: "en") iso3166 } NODE } }""".replace(
    "NODE", NODE
)
STATE = """position entity { id name names { lang name } }
  members(first: 200) { count { certain } edges { node { member { id name } NODE } } }
  bases { edges { node { base { id name } NODE } } } partners { edges { node { standing } } }
  objectives { edges { node { objective { id } standing } } }""".replace("NODE", NODE)
FACT = """id type when { edtf earliest latest } modality subjects { key entity { id name } }
  details disputed setAsideBy counts citations { source { id } stance } sources { id }
  versions { when { edtf } modality disputed setAsideBy known { from until }
    recorded { from until } }
  corrections { id type position recordedAt actor basis reason changes over } actor recordedAt"""
SOURCE = "id title published { edtf } reliability credibility withdrawn"
PINNED = {
    "members": 'members(coalition: "global-coalition", first: 500, %s) { position ' + MEMBERS + "}",
    "members in Arabic": 'members(coalition: "global-coalition", lang: "ar", first: 500, %s) '
    '{ edges { node { member { name(lang: "ar") } standing } } }',
    "bases": 'bases(operator: "global-coalition", %s) { edges { node { base { id name } ' + NODE
    + " } } }",
    "integrations": 'integratedInto(force: "syrian-free-army", %s) { edges { node { institution '
    "{ id } " + NODE + " } } }",
    "state": 'state(entity: "global-coalition", %s) { ' + STATE + " }",
    "timeline": 'timeline(entity: "al-tanf", %s) { position edges { node { ' + FACT + " } } }",
    "fact": 'fact(id: "serbia-joins", %s) { ' + FACT + " }",
    "facts": 'facts(source: "filenews-2026-02-17", %s) { edges { node { ' + FACT + " } } }",
    "source": 'source(id: "debriefer-2019-08-02", %s) { ' + SOURCE + " }",
    "sources": "sources(first: 500, %s) { edges { node { " + SOURCE + " } } }",
    "entity": 'entity(id: "turkey", %s) { id kind name names { lang name } wikidata }',
    "entities": "entities(first: 500, %s) { edges { node { id name wikidata } } }",
    "quantities": 'quantities(subject: "ffis", %s) { edges { node { value when { edtf } } } }',
    "explain": 'explain(question: BASES, scope: "global-coalition", subject: "al-tanf", %s) '
    "{ standing rule events { id type position role } }",
}  # fmt: skip
"""Field by name, its place for the clocks open."""
POINTS = (
    'asOf: "2025-11-10", knownAt: "2025-11-03", atPosition: 550',
    'asOf: "2026-02-11", atPosition: 550',
    'asOf: "2026-02", knownAt: "2026-06-01", atPosition: 550',
    'asOf: "2019", knownAt: "2020-01-01", atPosition: 500',
)
OTHERS = {
    "diff": """diff(from: {asOf: "2014-09-15", knownAt: "2016-09-01", atPosition: 300},
      to: {asOf: "2026-02-11", knownAt: "2026-06-01", atPosition: 550}, first: 500) {
      from { asOf knownAt position } to { asOf knownAt position } edges { cursor node {
      question scope { id } subject { id } change before { standing since { edtf } }
      after { standing contested since { edtf earliest latest } until { edtf } }
      causes events { id type position } sources { id } } } }""",
    "why": """why(fact: "syria-joins-2025-11-11") { fact { id } life { position recordedAt knownFrom
      event { id type } actor basis reason effect sources { id } } }""",
    "log": "log(first: 550) { events { position type id recordedAt actor } }",
    "what if": """whatIf(without: {sources: ["ap-2025-11-11"]}) { members(
      coalition: "global-coalition", asOf: "2025-11-10", knownAt: "2025-12-01", atPosition: 550,
      first: 500) { count { certain possible } edges { node { member { id } standing } } } }""",
}
DOCUMENTS = {
    **{f"{name} {n}": f"{{ {field % point} }}"
       for name, field in PINNED.items() for n, point in enumerate(POINTS)},
    **{name: f"{{ {field} }}" for name, field in OTHERS.items()},
}  # fmt: skip
HEAD = 550
"""The position of the sample's last entry before those that define words."""
TILES = ("tile/0/000", "tile/0/001", "tile/entries/000", "tile/entries/001")
ASK = ("ask", "members", "global-coalition", "--as-of", "2025-11-10", "--at-position", "550")

DIFF = """query ($from: AsOf!, $to: AsOf!) { diff(from: $from, to: $to, first: 500) { edges { node {
  question scope { id } subject { id } change
  before { standing contested since { edtf earliest latest } until { edtf earliest latest }
    announcedEnds { edtf earliest latest } }
  after { standing contested since { edtf earliest latest } until { edtf earliest latest }
    announcedEnds { edtf earliest latest } }
  causes events { id } sources { id } } } } }"""
APPLY = """mutation ($entries: [JSON!]!, $requestId: ID!) {
  apply(entries: $entries, requestId: $requestId) { position recorded
    diff { edges { node { causes } } } } }"""


class Client:
    """Asks a served record."""

    def __init__(self, address: str, keys: dict[Role, str]) -> None:
        self.http = httpx.Client(base_url=address, timeout=60)
        self.keys = keys

    def post(self, query: str, role: Role | None = None, **variables: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.keys[role]}"} if role else {}
        body = {"query": query, "variables": variables}
        return self.http.post("/graphql", json=body, headers=headers)

    def ask(self, query: str, role: Role | None = None, **variables: Any) -> Any:
        answer = self.post(query, role, **variables).json()
        assert "errors" not in answer, (query, answer["errors"])
        return answer["data"]

    def diff(self, old: dict[str, Any], new: dict[str, Any]) -> list[dict[str, Any]]:
        answer = self.ask(DIFF, **{"from": old, "to": new})
        return [edge["node"] for edge in answer["diff"]["edges"]]


def pinned(address: str) -> dict[str, bytes]:
    """Every pinned answer, and the tiles that are full, as they come."""
    with httpx.Client(base_url=address, timeout=60) as http:
        found = {}
        for name, document in DOCUMENTS.items():
            answer = http.post("/graphql", json={"query": document})
            assert answer.status_code == 200, (name, answer.text)
            assert b'"errors"' not in answer.content, (name, answer.text)
            found[name] = answer.content
        for tile in TILES:
            found[tile] = http.get(f"/log/{tile}").raise_for_status().content
    return found


class Corrected(NamedTuple):
    """The sample after all corrections: where each stands, and what was answered before them."""

    instance: Instance
    client: Client
    applied: dict[str, tuple[int, int, Any]]
    before: dict[str, bytes]
    stored: list[tuple[Any, ...]]
    oracle: Oracle


def stored(instance: Instance) -> list[tuple[Any, ...]]:
    """The log's rows and leaves up to what is pinned, as they are stored."""
    with instance.database.connect() as owner:
        return owner.execute(
            "SELECT id, type, data, tags, idx, hash FROM sijill_events_tt_main "
            "JOIN leaves ON position = id WHERE id <= %s ORDER BY id", (HEAD,)
        ).fetchall()  # fmt: skip


@pytest.fixture(scope="module")
def corrected(new_instance: NewInstance) -> Iterator[Corrected]:
    with new_instance() as instance:
        entries = sample().entries
        assert instance.record.apply(entries[:HEAD], actor="someone").position == HEAD
        instance.catch_up()
        with instance.database.connect() as owner:
            keys = {role: add_key(owner, f"the {role}", role)[1] for role in Role}
        sign(instance)
        with serving_here(instance) as address:
            client = Client(address, keys)
            before, kept = pinned(address), stored(instance)
            client.ask(APPLY, Role.CONTRIBUTOR, entries=REVIEWS, requestId="reviews")
            applied = {}
            position = HEAD + len(REVIEWS)
            for case in CASES:
                answer = client.ask(
                    APPLY, case.role, entries=[case.entry], requestId=case.name
                )["apply"]  # fmt: skip
                assert answer["recorded"] == 1, case.name
                applied[case.name] = (position, answer["position"], answer["diff"])
                position = answer["position"]
            instance.record.apply(entries[HEAD:], actor="someone")  # it defines words of its own
            instance.catch_up()
            oracle = Oracle(log_of(instance))
            try:
                yield Corrected(instance, client, applied, before, kept, oracle)
            finally:
                client.http.close()


def sign(instance: Instance) -> None:
    subprocess.run(
        [sijill_program(), "checkpoint"], env=environment(instance), check=True, capture_output=True
    )


def environment(instance: Instance, **more: str) -> dict[str, str]:
    return {
        **os.environ,
        "SIJILL_DATABASE_URL": instance.database.url,
        "SIJILL_DATA": str(instance.settings.data),
        **more,
    }


# The diff of each


def test_every_kind_of_correction_is_there_on_either_basis() -> None:
    made = {(case.entry["type"], case.is_evidence) for case in CASES}

    # What is attested changes no row.
    kinds = CORRECTIONS.keys() - {"HoldingAttested"}
    assert {kind for kind, _ in made} == kinds
    always_editorial = {"SourceCorrected", "EntityCorrected"}
    assert {(kind, True) for kind in kinds - always_editorial} <= made
    assert {(kind, False) for kind in kinds} <= made


BY_NAME = {case.name: case for case in CASES}
NAIVELY = set(list(BY_NAME)[:: times(10, 1)])
"""Those whose diff is held against a naive reading, which takes seconds."""


@pytest.mark.parametrize("name", BY_NAME)
def test_the_diff_over_a_correction_has_its_cause_and_its_events(
    corrected: Corrected, name: str
) -> None:
    case, (old, new, _) = BY_NAME[name], corrected.applied[name]
    moment = {"asOf": case.x, "knownAt": case.k}

    found = corrected.client.diff({**moment, "atPosition": old}, {**moment, "atPosition": new})

    assert rows(found) >= set(case.rows)
    assert bool(found) == bool(case.rows)
    for node in found:
        assert node["causes"] == [case.cause]
        assert [event["id"] for event in node["events"]] == [case.name]
        assert tuple(source["id"] for source in node["sources"]) == case.sources
    if name in NAIVELY:
        assert told(found) == differing(corrected, case, (case.k, old), (case.k, new))


@pytest.mark.parametrize("name", [case.name for case in CASES if case.learned])
def test_what_rests_on_evidence_is_learned_on_the_day_of_its_publication(
    corrected: Corrected, name: str
) -> None:
    case, (old, new, _) = BY_NAME[name], corrected.applied[name]
    assert case.learned is not None
    eve, day = case.learned

    unknown = corrected.client.diff(
        {"asOf": case.x, "knownAt": eve, "atPosition": old},
        {"asOf": case.x, "knownAt": eve, "atPosition": new},
    )
    found = corrected.client.diff(
        {"asOf": case.x, "knownAt": eve, "atPosition": new},
        {"asOf": case.x, "knownAt": day, "atPosition": new},
    )

    assert unknown == []
    assert rows(found) >= set(case.rows)
    if name in NAIVELY:
        assert told(found) == differing(corrected, case, (eve, new), (day, new))
    for node in found:
        assert node["causes"] == ["LEARNED"]
        if (*place(node), node["change"]) in {row[:4] for row in case.rows}:
            assert case.name in {event["id"] for event in node["events"]}


def rows(nodes: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    return {
        (*place(node), node["change"],
         *(node[side] and node[side]["standing"] for side in ("before", "after")))
        for node in nodes
    }  # fmt: skip


def place(node: dict[str, Any]) -> tuple[str, str, str]:
    return node["question"], node["scope"]["id"], node["subject"]["id"]


def told(nodes: list[dict[str, Any]]) -> dict[FluentKey, tuple[Any, Any]]:
    """What a diff says, as the oracle's states are told."""

    def side(some: dict[str, Any] | None) -> Any:
        return some and (some["edtf"], some["earliest"], some["latest"])

    def state(some: dict[str, Any] | None) -> Any:
        if some is None:
            return None
        ends = tuple(side(end) for end in some["announcedEnds"])
        return (some["standing"], some["contested"], side(some["since"]), side(some["until"]), ends)

    return {
        FluentKey(QUESTIONS[node["question"].lower()][0], *place(node)[1:]): (
            state(node["before"]), state(node["after"])
        )
        for node in nodes
    }  # fmt: skip


def differing(
    corrected: Corrected, case: Case, old: tuple[str, int], new: tuple[str, int]
) -> dict[FluentKey, tuple[Any, Any]]:
    """The same by a naive reading of the log."""
    x = day_of(case.x)
    before, after = (
        states(corrected.oracle, Point(Days(x, x), day_of(k), r)) for k, r in (old, new)
    )
    return {
        key: (before.get(key), after.get(key))
        for key in before | after
        if before.get(key) != after.get(key)
    }


@pytest.mark.parametrize("name", [case.name for case in CASES if case.told])
def test_what_changes_no_row_is_told_where_it_belongs(corrected: Corrected, name: str) -> None:
    case, (old, new, _) = BY_NAME[name], corrected.applied[name]
    assert case.told is not None
    field, before, after = case.told

    def ask(k: str, position: int) -> Any:
        clocks = f'asOf: "{case.x}", knownAt: "{k}", atPosition: {position}'
        (answer,) = corrected.client.ask(f"{{ {field % clocks} }}").values()
        return answer

    assert ask(case.k, old) == before
    assert ask(case.k, new) == after
    if case.learned:
        assert [ask(day, new) for day in case.learned] == [before, after]


def test_each_reply_had_the_diff_it_makes(corrected: Corrected) -> None:
    for case in CASES:
        causes = [edge["node"]["causes"] for edge in corrected.applied[case.name][2]["edges"]]
        assert all(cause == [case.cause] for cause in causes), case.name
    assert sum(bool(diff["edges"]) for _, _, diff in corrected.applied.values()) >= 15


def test_every_correction_names_who_made_it(corrected: Corrected) -> None:
    events = corrected.client.ask("{ log(after: 552, first: 500) { events { id actor } } }")
    actors = {event["id"]: event["actor"] for event in events["log"]["events"]}

    for case in CASES:
        assert actors[case.name].startswith(f"the {case.role} (key ")


# What was pinned


def test_a_pinned_answer_is_the_same_bytes_after_all_corrections(corrected: Corrected) -> None:
    assert pinned(str(corrected.client.http.base_url)) == corrected.before


def test_the_same_questions_unpinned_are_answered_anew(corrected: Corrected) -> None:
    changed = 0
    for name, document in DOCUMENTS.items():
        unpinned = document.replace(", atPosition: 550", "").replace(", atPosition: 500", "")
        answer = corrected.client.post(unpinned).content
        changed += answer != corrected.before[name]
    assert changed >= len(DOCUMENTS) // 2


def test_a_pinned_answer_is_the_same_bytes_after_a_rebuild(corrected: Corrected) -> None:
    rebuilt = subprocess.run(
        [sijill_program(), "rebuild", "--json"],
        env=environment(corrected.instance),
        capture_output=True,
    )

    assert rebuilt.returncode == 0, rebuilt.stderr
    assert json.loads(rebuilt.stdout)["differing"] == []
    assert pinned(str(corrected.client.http.base_url)) == corrected.before


ELSEWHERE = {
    "the Line Islands, in C": {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "LANG": "C",
                               "PYTHONHASHSEED": "1", "PGTZ": "Pacific/Kiritimati"},
    "Newfoundland, in Turkish": {"TZ": "America/St_Johns", "LC_ALL": "tr_TR.UTF-8",
                                 "LANG": "tr_TR.UTF-8", "PYTHONHASHSEED": "4294967295",
                                 "PGTZ": "America/St_Johns", "PGDATESTYLE": "German"},
    "Chatham, in Arabic": {"TZ": "Pacific/Chatham", "LC_ALL": "", "LANG": "ar_SY.UTF-8",
                           "PYTHONHASHSEED": "77", "PYTHONUTF8": "0"},
}  # fmt: skip


@pytest.fixture(scope="module")
def printed_here(corrected: Corrected) -> bytes:
    return printed(environment(corrected.instance, PYTHONHASHSEED="0"))


@pytest.mark.parametrize("where", ELSEWHERE)
def test_a_pinned_answer_is_the_same_bytes_elsewhere(
    corrected: Corrected, printed_here: bytes, where: str
) -> None:
    there = environment(corrected.instance, **ELSEWHERE[where])

    with serving("serve", "--port", "0", **there) as (address, *_):
        assert pinned(address) == corrected.before
    assert printed(there) == printed_here


def printed(environ: dict[str, str]) -> bytes:
    ended = subprocess.run([SIJILL, *ASK, "--json"], env=environ, capture_output=True)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


UPGRADE = '''
"""A program in which every type of event is two versions on, and the old shape is another."""
from domain import codec
from domain.vocabulary import CORE

for name in CORE.types:
    codec.VERSIONS[name] = 3
    codec.UPCASTERS[name, 1] = lambda entry: {"second": [entry, len(entry)]}
    codec.UPCASTERS[name, 2] = lambda entry: entry["second"][0]
'''


@pytest.fixture
def upgraded(tmp_path: Path) -> dict[str, str]:
    """An environment in which every Python process has a program that is two versions on."""
    (tmp_path / "sitecustomize.py").write_text(UPGRADE)
    return {"PYTHONPATH": str(tmp_path)}


def test_a_pinned_answer_is_the_same_bytes_after_an_upgrade_of_every_type(
    corrected: Corrected, upgraded: dict[str, str]
) -> None:
    new = environment(corrected.instance, **upgraded)

    rebuilt = subprocess.run([SIJILL, "rebuild", "--json"], env=new, capture_output=True)
    verified = subprocess.run([SIJILL, "verify", "--json"], env=new, capture_output=True)

    assert rebuilt.returncode == 0, rebuilt.stderr
    assert json.loads(rebuilt.stdout)["differing"] == []
    assert json.loads(verified.stdout)["problems"] == []
    assert stored(corrected.instance) == corrected.stored
    with serving("serve", "--port", "0", **new) as (address, *_):
        assert pinned(address) == corrected.before


LIFT = """
import json, sys
from domain.codec import decode, encode, read
for line in sys.stdin:
    golden = json.loads(line)
    old = decode(1, golden["stored"], golden["data"].encode())
    assert old.entry == read(golden["entry"])
    stored, data = encode(
        old.entry, actor=old.actor, recorded_at=old.recorded_at, random=lambda n: bytes(range(n))
    )
    assert data == golden["data"].encode()
    print(stored)
"""


def test_an_upgraded_program_reads_every_type_as_it_was_and_stores_it_anew(
    upgraded: dict[str, str],
) -> None:
    golden = Path(__file__).parents[1] / "golden" / "events-1.jsonl"

    ended = subprocess.run(
        [sys.executable, "-c", LIFT], input=golden.read_bytes(), capture_output=True,
        env={**os.environ, **upgraded},
    )  # fmt: skip

    assert ended.returncode == 0, ended.stderr
    assert set(ended.stdout.decode().split()) == {f"{name}/3" for name in CORE.types}
