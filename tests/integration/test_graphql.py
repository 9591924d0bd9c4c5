"""GraphQL over a real database: the contract's document, every question, pages, clocks, errors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from conftest import NewInstance, browsing
from graphql import get_introspection_query

from api.graphql.as_of_rows import QUESTIONS
from api.graphql.context import PATIENCE
from api.graphql.execution import ask
from api.graphql.schema import FILE, sdl
from api.instance import Instance
from domain.codec import read
from domain.entities import EntityKind
from domain.facts import EXISTENCE, FLUENTS
from store.sql import queries

LOG = queries("store", "log.sql")
DOCUMENT = """
query Members($coalition: ID!, $asOf: EDTFDate, $knownAt: Date, $recordedAt: DateTime, $atPosition: Int, $first: Int, $after: String) {
  members(coalition: $coalition, asOf: $asOf, knownAt: $knownAt, recordedAt: $recordedAt, atPosition: $atPosition, first: $first, after: $after) {
    position
    count { certain possible announced reported { value comparator when { edtf } source { id } } }
    pageInfo { hasNextPage endCursor }
    edges { cursor node {
      member { id kind name(lang: "en") iso3166 }
      standing                      # CERTAIN | POSSIBLE | ANNOUNCED
      contested disputed
      alternatives { since { edtf } until { edtf } facts { id } sources { id } setAside }   # contradicting or set aside
      announcedEnds { edtf earliest latest facts { id } sources { id } }
      attested
      since { edtf earliest latest } until { edtf earliest latest }
      facts { id type when { edtf } }
      sources { id title publisher published { edtf } }
    } }
  }
}
"""  # noqa: E501

COUNTRIES = {
    "syria": ("Syria", "سوريا"),
    "iraq": ("Iraq", "العراق"),
    "france": ("France", "فرنسا"),
    "chile": ("Chile", "تشيلي"),
    "aland": ("Åland", "أولاند"),
}


def source(name: str, published: str | None, **more: Any) -> dict[str, Any]:
    given = {"type": "SourceRegistered", "id": name, "title": name.title(), **more}
    return given if published is None else {**given, "published": published}


def entity(name: str, kind: str, en: str, ar: str = "", **more: Any) -> dict[str, Any]:
    names = {"en": en, "ar": ar} if ar else {"en": en}
    return {"type": "EntityRegistered", "id": name, "kind": kind, "names": names, **more}


def fact(kind: str, name: str, when: str, *sources: str, **more: Any) -> dict[str, Any]:
    citations = [{"source": each} for each in sources or ("early",)]
    return {"type": kind, "id": name, "when": when, "citations": citations, **more}


def joins(member: str, when: str, *sources: str, **more: Any) -> dict[str, Any]:
    return fact(
        "MemberJoined", f"{member}-joins", when, *sources, coalition="c", member=member, **more
    )


RECORD = [
    source("early", "2014-12", reliability="A", credibility=2, url="https://example.org/a"),
    source("article", "2025-11-03", publisher="Paper", language="ar"),
    source("late", "2025-11-12"),
    source("undated", None),
    entity("c", "COALITION", "The Coalition", "التحالف"),
    *(
        entity(name, "COUNTRY", en, ar, iso3166=name[:2].upper())
        for name, (en, ar) in COUNTRIES.items()
    ),
    entity("base", "BASE", "The Base", location={"lat": 35.0, "lon": 40.5, "precisionM": 500}),
    entity("person", "PERSON", "A Person"),
    entity("office", "OFFICE", "An Office"),
    entity("force", "FORCE", "A Force"),
    entity("force-alias", "FORCE", "Another Name of the Force"),
    entity("army", "ORGANISATION", "An Army", wikidata="Q42"),
    entity("aim", "OBJECTIVE", "An Aim"),
    joins("iraq", "2014-09", "early"),
    joins("france", "2014-09-05", "early", "article"),
    joins("syria", "2025-11-10", "article", modality="ANNOUNCED"),
    joins("chile", "[2014..2030]", "early"),
    joins("aland", "2015-01-01", "article"),
    fact(
        "MemberJoined", "syria-really-joins", "2025-11-10", "late", coalition="c", member="syria"
    ),
    fact("MemberJoined", "france-joins-otherwise", "2016", coalition="c", member="france"),
    fact("MemberLeft", "aland-leaves", "2020-05", coalition="c", member="aland"),
    fact("CoalitionFounded", "c-founded", "2014-09-10", coalition="c"),
    fact("BaseEstablished", "b", "2015", operator="c", base="base"),
    fact("PartnershipBegun", "p", "2015", coalition="c", partner="force"),
    fact("ForceDeployed", "d", "2015", force="force-alias", at="base"),
    fact("ObjectiveAdopted", "o", "2015", organisation="c", objective="aim"),
    fact("LeadershipAssumed", "l", "2015", organisation="army", leader="person"),
    fact("OfficeAssumed", "h", "2015", office="office", holder="person"),
    fact("ForceIntegrated", "i", "2015", force="force", institution="army"),
    fact("ForceFormed", "f", "2015", force="force"),
    fact("MemberCountReported", "n1", "2020", coalition="c", value=4, comparator=">="),
    fact("MemberCountReported", "n2", "2025-11-03", "article", coalition="c", value=89),
    fact(
        "QuantityReported", "q1", "2019", subject="c", measure="area", value=1.5, unit="km²",
    ),
    fact("QuantityReported", "q2", "2021", subject="c", measure="people", value=7),
    fact("StatementMade", "s", "2018-02-03", speaker="person", venue="Paris", gist="Words."),
    fact("MemberJoined", "chile-joins-otherwise", "2013", coalition="c", member="chile"),
    {
        "type": "FactPreferred", "id": "pref", "fact": "chile-joins",
        "over": ["chile-joins-otherwise"], "reason": "the better source",
    },
    {
        "type": "FactCorroborated", "id": "corr", "fact": "iraq-joins",
        "citations": [{"source": "article", "quote": "It joined.", "locator": {"paragraph": 3},
                       "attributedTo": "A Person"}],
    },
    {"type": "FactCorrected", "id": "fix", "fact": "s", "changes": {"venue": "Rome"},
     "reason": "a slip"},
    {"type": "FactDisputed", "id": "dispute", "fact": "aland-joins", "reason": "doubtful"},
    {"type": "EntitiesMerged", "id": "merge", "entities": ["force-alias"], "into": "force",
     "reason": "the same"},
]  # fmt: skip


ENTRIES = [read(entry) for entry in RECORD]


@pytest.fixture(scope="module")
def record(new_instance: NewInstance) -> Iterator[Instance]:
    with new_instance() as instance:
        # In two commands: what one command records has one time.
        first = 1 + next(n for n, entry in enumerate(ENTRIES) if entry.id == "iraq-joins")
        instance.record.apply(ENTRIES[:first], actor="tester")
        instance.record.apply(ENTRIES[first:], actor="tester")
        instance.catch_up()
        yield instance


@pytest.fixture(scope="module")
def client(record: Instance) -> Iterator[httpx.Client]:
    with browsing(record) as client:
        yield client


def post(client: httpx.Client, query: str, **variables: Any) -> dict[str, Any]:
    response = client.post("/graphql", json={"query": query, "variables": variables})
    assert response.status_code == 200
    found: dict[str, Any] = response.json()
    return found


def data(client: httpx.Client, query: str, **variables: Any) -> Any:
    found = post(client, query, **variables)
    assert "errors" not in found
    return found["data"]


def members(client: httpx.Client, **variables: Any) -> Any:
    return data(client, DOCUMENT, coalition="c", **variables)["members"]


def standings(connection: Any) -> dict[str, str]:
    return {edge["node"]["member"]["id"]: edge["node"]["standing"] for edge in connection["edges"]}


def code(client: httpx.Client, query: str, **variables: Any) -> list[str]:
    return [e["extensions"]["code"] for e in post(client, query, **variables)["errors"]]


# The contract's document


def test_the_document_of_the_contract_answers_as_it_says(client: httpx.Client) -> None:
    found = members(client, asOf="2025-11-10", knownAt="2025-11-03")

    assert standings(found) == {
        "chile": "POSSIBLE",
        "france": "CERTAIN",
        "iraq": "CERTAIN",
        "syria": "ANNOUNCED",
    }
    assert found["count"] == {
        "certain": 2,
        "possible": 1,
        "announced": 1,
        "reported": [
            {
                "value": 89,
                "comparator": "=",
                "when": {"edtf": "2025-11-03"},
                "source": {"id": "article"},
            }
        ],
    }
    assert found["pageInfo"]["hasNextPage"] is False
    assert found["edges"][-1]["node"] == {
        "member": {"id": "syria", "kind": "COUNTRY", "name": "Syria", "iso3166": "SY"},
        "standing": "ANNOUNCED",
        "contested": False,
        "disputed": False,
        "alternatives": [],
        "announcedEnds": [],
        "attested": None,
        "since": {"edtf": "2025-11-10", "earliest": None, "latest": None},
        "until": None,
        "facts": [{"id": "syria-joins", "type": "MemberJoined", "when": {"edtf": "2025-11-10"}}],
        "sources": [
            {
                "id": "article",
                "title": "Article",
                "publisher": "Paper",
                "published": {"edtf": "2025-11-03"},
            }
        ],
    }


def test_the_document_here_is_the_one_that_the_page_loads() -> None:
    folder = Path(FILE).parents[1] / "web"

    loaded = (folder / "question-coalition.graphql").read_text()

    words = [line.split("#")[0].split() for line in (loaded, DOCUMENT)[0].splitlines()]
    expected = [line.split("#")[0].split() for line in DOCUMENT.splitlines()]
    assert [w for line in words for w in line] == [w for line in expected for w in line]


def test_a_contradiction_is_contested_and_listed_with_its_fact_and_source(
    client: httpx.Client,
) -> None:
    found = members(client, asOf="2025-11-10", knownAt="2025-11-03")

    node = next(e["node"] for e in found["edges"] if e["node"]["member"]["id"] == "france")
    assert node["contested"] is True
    assert node["alternatives"] == [
        {
            "since": {"edtf": "2016"},
            "until": None,
            "facts": [{"id": "france-joins-otherwise"}],
            "sources": [{"id": "early"}],
            "setAside": False,
        }
    ]
    assert node["since"] == {"edtf": "2014-09-05", "earliest": "2014-09-05", "latest": "2016-12-31"}
    assert [s["id"] for s in node["sources"]] == ["article", "early"]


def test_what_an_editor_set_aside_is_an_alternative_and_contests_nothing(
    client: httpx.Client,
) -> None:
    query = '{ fact(id: "chile-joins-otherwise") { counts setAsideBy } }'

    found = members(client, asOf="2020-01-01")

    node = next(e["node"] for e in found["edges"] if e["node"]["member"]["id"] == "chile")
    assert (node["standing"], node["contested"]) == ("POSSIBLE", False)
    assert [each["facts"] for each in node["alternatives"]] == [[{"id": "chile-joins-otherwise"}]]
    assert data(client, query)["fact"] == {"counts": False, "setAsideBy": ["chile-joins"]}


def test_what_ended_has_an_until_and_a_disputed_start_says_so(client: httpx.Client) -> None:
    found = members(client, asOf="2018-01-01")

    node = next(e["node"] for e in found["edges"] if e["node"]["member"]["id"] == "aland")
    assert (node["standing"], node["disputed"]) == ("POSSIBLE", True)
    assert node["until"] == {"edtf": "2020-05", "earliest": "2020-05-01", "latest": "2020-05-31"}


def test_counts_are_reported_for_the_latest_day_on_or_before(client: httpx.Client) -> None:
    assert members(client, asOf="2024-01-01")["count"]["reported"] == [
        {
            "value": 4,
            "comparator": ">=",
            "when": {"edtf": "2020"},
            "source": {"id": "early"},
        }
    ]
    assert members(client, asOf="2019-01-01")["count"]["reported"] == []


def test_a_month_means_the_whole_of_it(client: httpx.Client) -> None:
    assert standings(members(client, asOf="2014-09"))["iraq"] == "POSSIBLE"
    assert standings(members(client, asOf="2014-10"))["iraq"] == "CERTAIN"


def test_names_are_ordered_casefolded_in_the_language_asked(client: httpx.Client) -> None:
    query = """query($lang: String) { members(coalition: "c", asOf: "2026", lang: $lang) {
        edges { node { member { id name(lang: $lang) } } } } }"""

    def names(lang: str | None) -> list[str]:
        edges = data(client, query, lang=lang)["members"]["edges"]
        return [edge["node"]["member"]["name"] for edge in edges]

    assert names("en") == ["Chile", "France", "Iraq", "Syria"]
    assert names("ar") == sorted(names("ar"))
    assert names(None) == names("en") == names("xx")


def test_standings_narrow_the_answer_and_its_count(client: httpx.Client) -> None:
    query = """{ members(coalition: "c", asOf: "2025-11-10", knownAt: "2025-11-03",
        standings: [ANNOUNCED, POSSIBLE]) { count { certain possible announced }
        edges { node { member { id } standing } } } }"""

    found = data(client, query)["members"]

    assert standings(found) == {"chile": "POSSIBLE", "syria": "ANNOUNCED"}
    assert found["count"] == {"certain": 0, "possible": 1, "announced": 1}


def test_an_explicit_null_is_as_if_left_out(client: httpx.Client) -> None:
    nulls = dict.fromkeys(["asOf", "knownAt", "recordedAt", "atPosition", "first", "after"])

    assert members(client, **nulls) == members(client)


# Clocks


def test_the_publication_clock_decides_what_is_known(client: httpx.Client) -> None:
    def syria(known: str) -> str | None:
        return standings(members(client, asOf="2025-11-10", knownAt=known)).get("syria")

    assert [syria("2025-11-02"), syria("2025-11-03"), syria("2025-11-12")] == [
        None,
        "ANNOUNCED",
        "CERTAIN",
    ]


def test_every_field_of_a_document_speaks_of_the_same_position(
    client: httpx.Client, record: Instance
) -> None:
    found = data(
        client,
        """{ members(coalition: "c") { position } bases(operator: "c") { position }
             facts { position } log { position } state(entity: "c") { position } }""",
    )

    assert {each["position"] for each in found.values()} == {len(ENTRIES)}


def test_an_old_position_answers_as_it_did_then(client: httpx.Client) -> None:
    events = data(client, "{ log(first: 1000) { events { position type id recordedAt actor } } }")
    listed = events["log"]["events"]
    before = next(e for e in listed if e["id"] == "iraq-joins")

    at = members(client, asOf="2020-01-01", atPosition=before["position"])
    by = members(client, asOf="2020-01-01", recordedAt=before["recordedAt"])

    assert at == by
    assert (at["position"], standings(at)) == (before["position"], {"iraq": "CERTAIN"})
    assert members(client, recordedAt="2001-01-01T00:00:00")["position"] == 0
    assert members(client, recordedAt="9999-12-31T23:59:59Z")["position"] == len(listed)
    assert before["actor"] == "tester"
    assert [e["position"] for e in listed] == list(range(1, len(listed) + 1))


@pytest.mark.parametrize("given", ["scope", "subject"])
def test_what_an_entity_held_before_it_was_registered_is_empty(
    client: httpx.Client, given: str
) -> None:
    asked = "edges { node { standing scope { id } subject { id } } }"
    nothing = {"edges": []}
    for fluent in FLUENTS:
        of = f'(fluent: "{fluent}", {given}: "c", atPosition: 0)'
        answer = data(
            client, f"{{ holding{of} {{ {asked} }} whatIf {{ holding{of} {{ {asked} }} }} }}"
        )
        assert answer == {"holding": nothing, "whatIf": {"holding": nothing}}


def test_a_position_that_is_on_its_way_is_waited_for(instance: Instance) -> None:
    with browsing(instance) as client:
        for number, entry in enumerate(ENTRIES[:8], 1):
            instance.record.apply([entry], actor="tester")
            query = "query($p: Int) { sources(atPosition: $p) { position } }"
            assert data(client, query, p=number)["sources"]["position"] == number


def test_what_the_projections_have_not_reached_is_refused_with_how_far_they_are(
    instance: Instance,
) -> None:
    instance.record.apply(ENTRIES[:5], actor="tester")

    late = ask(instance, "{ sources(atPosition: 5) { position } }")
    timed = ask(instance, '{ sources(recordedAt: "9000-01-01T00:00Z") { position } }')
    future = ask(instance, "{ sources(atPosition: 6) { position } }")

    for answer in (late, timed, future):
        (error,) = answer["errors"]
        assert error["extensions"]["code"] == "POSITION_NOT_REACHED"
        assert (error["extensions"]["position"], error["extensions"]["head"]) == (0, 5)
    assert PATIENCE <= 2


# Every question, and from its other side


def test_every_fluent_is_asked_from_both_of_its_sides(client: httpx.Client) -> None:
    sides = {
        "membership": ("c", "iraq"), "base": ("c", "base"), "partnership": ("c", "force"),
        "deployment": ("base", "force"), "objective": ("c", "aim"),
        "leadership": ("army", "person"), "office": ("office", "person"),
        "integration": ("army", "force"),
    }  # fmt: skip
    assert {*sides, EXISTENCE.name} == set(FLUENTS)
    for question in QUESTIONS:
        if question.fluent is EXISTENCE:
            continue
        scope, subject = sides[question.fluent.name]
        asked, expected = (subject, scope) if question.inverse else (scope, subject)
        query = f"""{{ {question.name}({question.asked}: "{asked}") {{
            count {{ certain reported {{ value }} }} edges {{ node {{
            {question.answers} {{ id name }} standing since {{ edtf }} sources {{ id }} }} }} }}
        }}"""

        found = data(client, query)[question.name]

        ids = [edge["node"][question.answers]["id"] for edge in found["edges"]]
        assert expected in ids, question.name
        if question.name != "members":
            assert found["count"]["reported"] == []


def test_organisations_exist_of_one_kind_or_of_all(client: httpx.Client) -> None:
    query = """query($kind: EntityKind) { organisations(kind: $kind) { count { certain }
        edges { node { organisation { id } } } } }"""

    def ids(kind: str | None) -> list[str]:
        edges = data(client, query, kind=kind)["organisations"]["edges"]
        return [edge["node"]["organisation"]["id"] for edge in edges]

    assert ids(None) == ["force", "c"]
    assert ids("COALITION") == ["c"]
    assert ids("BASE") == []


def test_state_answers_all_questions_of_an_entity_at_once(client: httpx.Client) -> None:
    fields = " ".join(
        f"{each.name} {{ count {{ certain }} edges {{ node {{ {each.answers} {{ id }} }} }} }}"
        for each in QUESTIONS
    )
    query = f'{{ state(entity: "c", asOf: "2026") {{ entity {{ id name }} position {fields} }} }}'

    found = data(client, query)["state"]

    held = {
        name for name, answer in found.items() if isinstance(answer, dict) and "edges" in answer
    }
    assert held == {each.name for each in QUESTIONS}
    assert {name for name in held if found[name]["edges"]} == {
        "members", "bases", "partners", "objectives", "organisations",
    }  # fmt: skip
    assert found["entity"] == {"id": "c", "name": "The Coalition"}


def test_a_merged_id_means_what_it_was_merged_into(client: httpx.Client) -> None:
    found = data(
        client,
        """{ entity(id: "force-alias") { id name kind }
             forceDeployments(force: "force-alias") { edges { node { at { id location { lat lon
             precisionM } } facts { id subjects { key entity { id } } } } } } }""",
    )

    assert found["entity"] == {"id": "force", "name": "A Force", "kind": "FORCE"}
    (edge,) = found["forceDeployments"]["edges"]
    assert edge["node"]["at"]["location"] == {"lat": 35.0, "lon": 40.5, "precisionM": 500.0}
    assert {s["key"]: s["entity"]["id"] for s in edge["node"]["facts"][0]["subjects"]} == {
        "force": "force",
        "at": "base",
    }


# Looked up, searched, listed


def test_a_fact_shows_its_versions_citations_and_corrections(client: httpx.Client) -> None:
    query = """query($id: ID!, $knownAt: Date, $atPosition: Int) {
        fact(id: $id, knownAt: $knownAt, atPosition: $atPosition) {
        id type when { edtf } modality counts disputed setAsideBy details position actor
        citations { source { id reliability } stance quote locator { paragraph page chars }
            quoteSha256 attributedTo }
        versions { when { edtf } details known { from until } recorded { from until } }
        corrections { id type basis reason changes actor citations { source { id } } } } }"""

    iraq = data(client, query, id="iraq-joins")["fact"]
    statement = data(client, query, id="s")["fact"]

    assert iraq["citations"] == [
        {
            "source": {"id": "early", "reliability": "A"}, "stance": "SUPPORTS", "quote": None,
            "locator": None, "quoteSha256": None, "attributedTo": None,
        },
        {
            "source": {"id": "article", "reliability": None}, "stance": "SUPPORTS",
            "quote": "It joined.", "locator": {"paragraph": 3, "page": None, "chars": None},
            "quoteSha256": None, "attributedTo": "A Person",
        },
    ]  # fmt: skip
    assert [each["id"] for each in iraq["corrections"]] == ["corr"]
    assert statement["details"] == {"venue": "Rome", "gist": "Words."}
    old, new = statement["versions"]
    assert (old["details"]["venue"], new["details"]["venue"]) == ("Paris", "Rome")
    assert old["recorded"]["until"] == new["recorded"]["from"]
    assert new["recorded"]["until"] is None
    assert new["known"] == {"from": "2014-12-31", "until": None}
    assert statement["corrections"][0]["changes"] == {"venue": "Rome"}

    before = data(client, query, id="s", atPosition=old["recorded"]["until"] - 1)["fact"]
    unknown = data(client, query, id="iraq-joins", knownAt="2014-12-30")["fact"]

    assert [each["recorded"]["until"] for each in before["versions"]] == [None]
    assert (before["details"]["venue"], before["corrections"]) == ("Paris", [])
    assert (unknown["counts"], unknown["citations"]) == (False, [])


def test_facts_are_narrowed_by_entity_source_and_type(client: httpx.Client) -> None:
    query = """query($entity: ID, $source: ID, $type: String) {
        facts(entity: $entity, source: $source, type: $type) { edges { node { id } } } }"""

    def ids(**narrowing: str) -> list[str]:
        return [e["node"]["id"] for e in data(client, query, **narrowing)["facts"]["edges"]]

    assert ids(type="StatementMade") == ["s"]
    assert ids(entity="syria") == ["syria-joins", "syria-really-joins"]
    assert ids(source="late") == ["syria-really-joins"]
    assert set(ids(entity="force-alias")) == {"d", "p", "i", "f"}
    assert ids(entity="iraq", source="late") == []
    assert len(ids()) == sum("when" in entry for entry in RECORD)


def test_a_timeline_is_ordered_by_date(client: httpx.Client) -> None:
    query = """{ timeline(entity: "person") { edges { node { id when { earliest } } } } }"""

    edges = data(client, query)["timeline"]["edges"]

    assert [e["node"]["id"] for e in edges] == ["h", "l", "s"]


def test_quantities_are_those_for_days_up_to_the_one_asked(client: httpx.Client) -> None:
    query = """query($measure: String, $asOf: EDTFDate) {
        quantities(subject: "c", measure: $measure, asOf: $asOf) { edges { node {
        measure value comparator unit when { edtf } fact { id } sources { id } } } } }"""

    def ids(**given: str) -> list[str]:
        edges = data(client, query, **given)["quantities"]["edges"]
        return [edge["node"]["fact"]["id"] for edge in edges]

    assert ids() == ["q1", "q2"]
    assert ids(asOf="2020-06-01") == ["q1"]
    assert ids(measure="people") == ["q2"]
    assert data(client, query, measure="area")["quantities"]["edges"][0]["node"] == {
        "measure": "area", "value": 1.5, "comparator": "=", "unit": "km²",
        "when": {"edtf": "2019"}, "fact": {"id": "q1"}, "sources": [{"id": "early"}],
    }  # fmt: skip


def test_entities_are_found_by_a_part_of_a_name_in_any_language(client: httpx.Client) -> None:
    query = """query($search: String, $kind: EntityKind) {
        entities(search: $search, kind: $kind) { edges { node { id names { lang name } } } } }"""

    def ids(search: str | None, kind: str | None = None) -> list[str]:
        edges = data(client, query, search=search, kind=kind)["entities"]["edges"]
        return [edge["node"]["id"] for edge in edges]

    assert ids("SYR") == ids("سوري") == ids("syria") == ["syria"]
    assert ids("A\u030aland") == ids("ÅLAND") == ["aland"]
    assert ids("another name") == ["force"]
    assert ids("e", "BASE") == ["base"]
    assert ids("%") == ids("'") == ids("\\") == []
    assert "force-alias" not in ids(None)


def test_the_entities_of_each_kind_are_together_all(client: httpx.Client) -> None:
    kinds = [str(kind) for kind in EntityKind]
    listing = "edges { node { id kind } }"
    for position in range(data(client, "{ log(first: 1) { position } }")["log"]["position"] + 1):
        fields = [
            f"{kind}: entities(kind: {kind}, first: 500, atPosition: $at) {{ {listing} }}"
            for kind in kinds
        ]
        fields.append(f"all: entities(first: 500, atPosition: $at) {{ {listing} }}")
        query = f"query($at: Int) {{ {' '.join(fields)} }}"
        found = data(client, query, at=position)
        listed = {kind: [edge["node"] for edge in found[kind]["edges"]] for kind in ["all", *kinds]}

        for kind in kinds:
            assert listed[kind] == [node for node in listed["all"] if node["kind"] == kind]


def test_sources_are_listed_and_looked_up(client: httpx.Client) -> None:
    query = """{ sources { edges { node { id } } } source(id: "early") { title publisher author
        language url published { edtf earliest latest } retrieved { edtf } sha256 reliability
        credibility withdrawn } }"""

    found = data(client, query)

    ids = [edge["node"]["id"] for edge in found["sources"]["edges"]]
    assert ids == ["article", "early", "late", "undated"]
    assert found["source"]["published"] == {
        "edtf": "2014-12",
        "earliest": "2014-12-01",
        "latest": "2014-12-31",
    }
    assert (found["source"]["reliability"], found["source"]["credibility"]) == ("A", 2)
    assert (found["source"]["withdrawn"], found["source"]["retrieved"]) == (False, None)


# Pages


@pytest.mark.parametrize(
    ("field", "node"),
    [
        ('members(coalition: "c", {page})', "member { id }"),
        ("entities({page})", "id"),
        ("entities(kind: COUNTRY, {page})", "id"),
        ('facts(type: "MemberJoined", {page})', "id"),
        ("sources({page})", "id"),
        ("facts({page})", "id"),
        ('timeline(entity: "c", {page})', "id"),
        ('quantities(subject: "c", {page})', "fact { id }"),
    ],
)
def test_the_pages_together_are_the_whole(client: httpx.Client, field: str, node: str) -> None:
    query = (
        (
            "query($first: Int, $after: String) { answer: FIELD { pageInfo { hasNextPage "
            "hasPreviousPage startCursor endCursor } edges { cursor node { NODE } } } }"
        )
        .replace("FIELD", field.format(page="first: $first, after: $after"))
        .replace("NODE", node)
    )
    whole = data(client, query)["answer"]

    for size in (1, 2, 3):
        edges: list[Any] = []
        after = None
        while True:
            page = data(client, query, first=size, after=after)["answer"]
            edges += page["edges"]
            info = page["pageInfo"]
            assert info["hasPreviousPage"] is (after is not None)
            assert info["startCursor"] == page["edges"][0]["cursor"]
            assert info["endCursor"] == page["edges"][-1]["cursor"]
            after = info["endCursor"]
            if not info["hasNextPage"]:
                break
            assert len(page["edges"]) == size

        assert edges == whole["edges"]


def test_the_log_is_read_on_from_a_position(client: httpx.Client) -> None:
    query = "query($after: Int, $first: Int) { log(after: $after, first: $first) { events { position } hasNextPage } }"  # noqa: E501

    page = data(client, query, after=3, first=2)["log"]

    assert page == {"events": [{"position": 4}, {"position": 5}], "hasNextPage": True}


# Refusals


MEMBERS = 'query($v: {type}) {{ members(coalition: "c", {argument}: $v) {{ position }} }}'


@pytest.mark.parametrize(
    ("argument", "type_", "value", "expected"),
    [
        ("asOf", "EDTFDate", "not a date", "BAD_EDTF"),
        ("asOf", "EDTFDate", "2025-02-30", "BAD_EDTF"),
        ("asOf", "EDTFDate", "[..2025]", "BAD_EDTF"),
        ("asOf", "EDTFDate", 2025, "BAD_EDTF"),
        ("asOf", "EDTFDate", {"a": 1}, "BAD_EDTF"),
        ("asOf", "EDTFDate", "9" * 5000, "BAD_EDTF"),
        ("knownAt", "Date", "2025-02-29", "BAD_DATE"),
        ("knownAt", "Date", "2025-11", "BAD_DATE"),
        ("knownAt", "Date", "99999-01-01", "BAD_DATE"),
        ("knownAt", "Date", True, "BAD_DATE"),
        ("recordedAt", "DateTime", "2025-13-01T00:00:00Z", "BAD_DATETIME"),
        ("recordedAt", "DateTime", "2025-11-03", "BAD_DATETIME"),
        ("recordedAt", "DateTime", "0001-01-01T00:00:00+14:00", "BAD_DATETIME"),
        ("recordedAt", "DateTime", 0, "BAD_DATETIME"),
        ("atPosition", "Int", -1, "BAD_POSITION"),
        ("atPosition", "Int", 2_000_000_000, "POSITION_NOT_REACHED"),
        ("atPosition", "Int", 2**31, "BAD_USER_INPUT"),
        ("atPosition", "Int", 10**300, "BAD_USER_INPUT"),
        ("atPosition", "Int", "5", "BAD_USER_INPUT"),
        ("first", "Int", 0, "BAD_FIRST"),
        ("first", "Int", -5, "BAD_FIRST"),
        ("first", "Int", 5001, "BAD_FIRST"),
        ("after", "String", "x", "BAD_CURSOR"),
        ("after", "String", "W10=", "BAD_CURSOR"),
        ("after", "String", "ع", "BAD_CURSOR"),
        ("after", "String", "bnVsbA==", "BAD_CURSOR"),
        ("after", "String", "NQ==", "BAD_CURSOR"),
        ("after", "String", "W1tb" * 20_000, "BAD_CURSOR"),
        ("standings", "[Standing!]", ["MAYBE"], "BAD_USER_INPUT"),
    ],
)
def test_a_bad_argument_is_refused_with_its_code(
    client: httpx.Client, argument: str, type_: str, value: Any, expected: str
) -> None:
    query = MEMBERS.format(type=type_, argument=argument)

    assert code(client, query, v=value) == [expected]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('{ members(coalition: "nobody") { position } }', "UNKNOWN_ENTITY"),
        ('{ members(coalition: "") { position } }', "UNKNOWN_ENTITY"),
        ('{ memberships(member: "nobody") { position } }', "UNKNOWN_ENTITY"),
        ('{ state(entity: "nobody") { position } }', "UNKNOWN_ENTITY"),
        ('{ entity(id: "nobody") { id } }', "UNKNOWN_ENTITY"),
        ('{ entity(id: "c", atPosition: 1) { id } }', "UNKNOWN_ENTITY"),
        ('{ timeline(entity: "nobody") { position } }', "UNKNOWN_ENTITY"),
        ('{ quantities(subject: "nobody") { position } }', "UNKNOWN_ENTITY"),
        ('{ fact(id: "nothing") { id } }', "UNKNOWN_FACT"),
        ('{ fact(id: "fix") { id } }', "UNKNOWN_FACT"),
        ('{ fact(id: "s", atPosition: 1) { id } }', "UNKNOWN_FACT"),
        ('{ source(id: "nothing") { id } }', "UNKNOWN_SOURCE"),
        ('{ facts(source: "nothing") { position } }', "UNKNOWN_SOURCE"),
        ('{ facts(type: "Nonsense") { position } }', "UNKNOWN_TYPE"),
        ('{ facts(after: "W10=") { position } }', "BAD_CURSOR"),
        ('{ facts(after: "WzEsMiwiXHUwMDAwIl0=") { position } }', "BAD_CURSOR"),
        ('{ facts(after: "WzEsOTk5OTk5OTk5OTk5LCJhIl0=") { position } }', "BAD_CURSOR"),
        ('{ sources(after: "WzFd") { position } }', "BAD_CURSOR"),
        ("{ log(after: -1) { position } }", "BAD_POSITION"),
        ('{ members(coalition: "c", recordedAt: "2025-01-01T00:00Z", atPosition: 1) { position } }',
         "CLOCK_GIVEN_TWICE"),
        ('{ members(coalition: "c", asOf: "2025-02-30") { position } }', "BAD_EDTF"),
        ('{ members(coalition: "c", asOf: 2025) { position } }', "BAD_EDTF"),
        ('{ members(coalition: "c", knownAt: "yesterday") { position } }', "BAD_DATE"),
        ('{ members(coalition: "c", recordedAt: "now") { position } }', "BAD_DATETIME"),
        ('{ members(coalition: "c", first: 99999999999) { position } }',
         "GRAPHQL_VALIDATION_FAILED"),
        ("{ members { position } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ members(", "GRAPHQL_PARSE_FAILED"),
        ("", "GRAPHQL_PARSE_FAILED"),
        ("query A { log { position } } query B { log { position } }", "BAD_USER_INPUT"),
        ("subscription { log { position } }", "GRAPHQL_VALIDATION_FAILED"),
        ('{ source(id: "\\u0000") { id } }', "BAD_TEXT"),
        ('{ source(id: "\\u{D800}") { id } }', "GRAPHQL_PARSE_FAILED"),
    ],
)  # fmt: skip
def test_a_refused_document_has_a_code(client: httpx.Client, query: str, expected: str) -> None:
    assert code(client, query) == [expected]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ('{ members(coalition: "nobody") { position } }', "coalition"),
        ('{ memberships(member: "nobody") { position } }', "member"),
        ('{ state(entity: "nobody") { position } }', "entity"),
        ('{ entity(id: "nobody") { id } }', "id"),
        ('{ entity(id: "c", atPosition: 1) { id } }', "id"),
        ('{ facts(entity: "nobody") { position } }', "entity"),
        ('{ quantities(subject: "nobody") { position } }', "subject"),
        ('{ explain(question: MEMBERS, scope: "nobody", subject: "c") { rule } }', "scope"),
        ('{ explain(question: MEMBERS, scope: "c", subject: "nobody") { rule } }', "subject"),
        ('{ diff(entity: "nobody", from: {}, to: {}) { from { position } } }', "entity"),
        ('{ source(id: "nothing") { id } }', "id"),
        ('{ facts(source: "nothing") { position } }', "source"),
    ],
)
def test_a_refused_id_is_told_with_its_argument(
    client: httpx.Client, query: str, field: str
) -> None:
    (error,) = post(client, query)["errors"]

    assert error["extensions"]["code"].startswith("UNKNOWN_")
    assert error["extensions"]["field"] == field


def test_a_refusal_of_one_field_leaves_the_others_answered(client: httpx.Client) -> None:
    found = post(client, '{ a: source(id: "early") { id } b: source(id: "x") { id } }')

    assert found["data"] == {"a": {"id": "early"}, "b": None}
    assert found["errors"][0]["path"] == ["b"]


def test_a_fault_of_ours_is_masked_and_logged(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr("projections.lookup.sources", broken)

    found = post(client, "{ sources { edges { node { id } } } }")

    assert found["errors"][0]["extensions"] == {"code": "INTERNAL"}
    assert "hunter2" not in json.dumps(found)
    assert "hunter2" in caplog.text


def test_a_query_that_takes_too_long_is_stopped(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(connection: psycopg.AsyncConnection[Any], *_: object) -> None:
        await connection.execute("SET statement_timeout = '50ms'")
        try:
            await connection.execute("SELECT pg_sleep(5)")
        finally:
            await connection.execute("SET statement_timeout = '10s'")

    monkeypatch.setattr("projections.lookup.sources", slow)

    assert code(client, "{ sources { edges { node { id } } } }") == ["TIMEOUT"]


# The schema, introspection, the number of queries


def test_the_schema_file_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == sdl(), "run: make schema"


def test_the_whole_introspection_passes_every_limit(client: httpx.Client) -> None:
    query = get_introspection_query(
        specified_by_url=True, directive_is_repeatable=True, schema_description=True,
        input_value_deprecation=True,
    )  # fmt: skip

    assert data(client, query)["__schema"]["queryType"]["name"] == "Query"


def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement that is executed from now on, but those that look for new definitions."""
    seen: list[str] = []
    plain = psycopg.AsyncCursor.execute

    async def noted(self: Any, query: Any, *args: Any, **more: Any) -> Any:
        if query != LOG["definitions_after"]:
            seen.append(str(query))
        return await plain(self, query, *args, **more)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", noted)
    return seen


EVERYTHING = """query($first: Int) { facts(first: $first) { edges { node { id modality details
    disputed counts setAsideBy position recordedAt actor subjects { key entity { id } }
    sources { id } citations { source { id } } versions { known { from } }
    corrections { id citations { source { id } } } } } } }"""


def test_the_number_of_queries_does_not_grow_with_the_rows(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def count(query: str, **variables: Any) -> int:
        seen = statements(monkeypatch)
        data(client, query, **variables)
        monkeypatch.undo()
        return len(seen)

    one = count(DOCUMENT, coalition="c", first=1, asOf="2026")
    many = count(DOCUMENT, coalition="c", first=500, asOf="2026")
    one_fact = count(EVERYTHING, first=1)
    many_facts = count(EVERYTHING, first=500)

    assert many <= one <= 7
    assert many_facts <= one_fact <= 12
