"""The reconciliation service answers as the Entity Reconciliation API 0.2 has it, and finds who is
meant however a name is written."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest
from conftest import NewInstance, browsing
from support.name_noise import LANGUAGES, NOISE
from support.sheet_import import prepared
from thorough import times

from api.files import sample
from api.instance import Instance
from domain.codec import read
from domain.entities import EntityRegistered
from domain.errors import Refused
from domain.facts import MemberJoined, VisitMade
from domain.vocabulary import CORE

DRAFT = "http://json-schema.org/draft-07/schema#"
ENTRIES = sample().entries
ENTITIES = {each.id: each for each in ENTRIES if isinstance(each, EntityRegistered)}
MEMBERS = {each.member for each in ENTRIES if isinstance(each, MemberJoined)
           and each.coalition == "global-coalition"}  # fmt: skip
VECTORS = Path(__file__).parents[3] / "shared" / "vectors" / "reconciliation"
needs_vectors = pytest.mark.skipif(not VECTORS.is_dir(), reason="the vectors are not here")
RENAMED = [
    {"type": "SourceRegistered", "id": "gazette", "title": "Gazette", "published": "1990"},
    {
        "type": "EntityRegistered", "id": "benin", "kind": "COUNTRY", "iso3166": "BJ",
        "names": {"en": "Dahomey", "ar": "داهومي"}, "identifiers": {"cow": "434"},
    },
    {
        "type": "EntityRenamed", "id": "benin-renamed", "entity": "benin", "when": "1975-11-30",
        "names": {"en": "Benin", "ar": "بنين"}, "reason": "The gazette says so.",
        "citations": [{"source": "gazette"}],
    },
    {
        "type": "EntityRegistered", "id": "benin-city", "kind": "PLACE",
        "names": {"en": "Benin", "ar": "بنين"},
    },
    {
        "type": "EntityRegistered", "id": "au", "kind": "COALITION",
        "names": {"en": "African Union"}, "location": {"lat": 9.0, "lon": 38.7},
    },
    {
        "type": "MemberJoined", "id": "joins", "coalition": "au", "member": "benin",
        "when": "1963-05-25", "citations": [{"source": "gazette"}],
    },
]  # fmt: skip


@pytest.fixture(scope="module")
def site(sampled: Instance) -> Iterator[httpx.Client]:
    with browsing(sampled) as client:
        yield client


@pytest.fixture(scope="module")
def renamed(new_instance: NewInstance) -> Iterator[httpx.Client]:
    with new_instance() as instance:
        instance.record.apply([read(each) for each in RENAMED], actor="someone")
        instance.catch_up()
        with browsing(instance) as client:
            yield client


def validator(name: str) -> jsonschema_rs.Validator:
    schema = json.loads((VECTORS / "schemas" / f"{name}.json").read_text())
    others = [
        (f"https://reconciliation-api.github.io/specs/0.2/schemas/{path.name}", path)
        for path in (VECTORS / "schemas").glob("*.json")
        if path.name != "openapi.json"
    ]
    text = json.dumps(schema).replace('"http://json-schema.org/schema#"',
                                      '"http://json-schema.org/draft-07/schema#"')  # fmt: skip
    registry = jsonschema_rs.Registry(
        [
            *((uri, json.loads(path.read_text()) | {"$schema": DRAFT}) for uri, path in others),
            ("http://swagger.io/v2/schema.json", {"$schema": DRAFT, "definitions": {
                "securityDefinitions": {"additionalProperties": {}}}}),
        ]
    )  # fmt: skip
    return jsonschema_rs.validator_for(json.loads(text), registry=registry)


def asked(site: httpx.Client, batch: object, status: int = 200) -> dict[str, Any]:
    response = site.post("/reconcile", data={"queries": json.dumps(batch)})
    assert response.status_code == status, response.text
    found: dict[str, Any] = response.json()
    return found


def first_of(site: httpx.Client, query: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = asked(site, {"q": query})["q"]["result"]
    return found


def examples(folder: str, kind: str) -> list[Any]:
    return [
        json.loads(path.read_text())
        for path in sorted((VECTORS / "examples" / folder / kind).glob("*"))
    ]


@needs_vectors
def test_the_manifest_is_one_of_the_api(site: httpx.Client) -> None:
    manifest = site.get("/reconcile").json()

    validator("manifest").validate(manifest)
    assert {each["id"] for each in manifest["defaultTypes"]} == set(CORE.kinds)


@needs_vectors
def test_valid_examples_are_answered_and_invalid_ones_refused(site: httpx.Client) -> None:
    results = validator("reconciliation-result-batch")

    for batch in examples("reconciliation-query-batch", "valid"):
        results.validate(asked(site, batch))
    for batch in examples("reconciliation-query-batch", "invalid"):
        problem = asked(site, batch, 400)["errors"][0]
        assert problem["extensions"]["code"] == "BAD_QUERY"
        assert problem["extensions"]["field"]
    for wanted in examples("data-extension-query", "valid"):
        answer = site.post("/reconcile", data={"extend": json.dumps(wanted)}).json()
        validator("data-extension-response").validate(answer)


@needs_vectors
@pytest.mark.timeout(1_800)
def test_random_batches_are_answered_as_the_api_has_it(site: httpx.Client) -> None:
    rng = random.Random(17)
    queries, results = (
        validator("reconciliation-query-batch"),
        validator("reconciliation-result-batch"),
    )
    names = [each.names["en"] for each in ENTITIES.values()]
    for _ in range(times(200, 10_000)):
        batch = {f"q{n}": random_query(rng, names) for n in range(rng.randint(0, 10))}
        queries.validate(batch)

        answer = asked(site, batch)

        results.validate(answer)
        assert answer.keys() == batch.keys()
        for name, query in batch.items():
            scores = [each["score"] for each in answer[name]["result"]]
            assert scores == sorted(scores, reverse=True)
            assert len(scores) <= max(0, query.get("limit", 5))
            assert sum(each["match"] for each in answer[name]["result"]) <= 1


def random_query(rng: random.Random, names: list[str]) -> dict[str, Any]:
    query: dict[str, Any] = {}
    letters = "abc «»'\"\\\n\x00ةأي%_{}" + "\U0001f600"
    if rng.random() < 0.9:
        noise = "".join(rng.choice(letters) for _ in range(rng.randint(0, 12)))
        query["query"] = rng.choice([rng.choice(names), noise, rng.choice(names)[::-1]])
    if rng.random() < 0.3:
        query["type"] = rng.choice(["COUNTRY", "Q5", ["COUNTRY", "PERSON"], [], ""])
    if rng.random() < 0.3:
        query["limit"] = rng.choice([0, 1, 3, 2.5, 1000, -4, 1e300])
    if rng.random() < 0.3:
        query["type_strict"] = rng.choice(["any", "should", "all"])
    if "query" not in query or rng.random() < 0.3:
        values = ["SY", 5, 1.5, True, {"id": "syria"}, {"id": "x", "name": "y"}, ["SY", "IQ"], []]
        pids = ["iso3166", "wikidata", "identifier:cow", "id", "other", ""]
        query["properties"] = [
            {"pid": rng.choice(pids), "v": rng.choice(values)} for _ in range(rng.randint(1, 3))
        ]
        if rng.random() < 0.3:
            query["properties"].append({"pid": "asOf", "v": rng.choice(["2014", "2014-09-10"])})
    return query


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("noise", NOISE)
def test_members_are_found_under_noise_and_none_is_taken_for_another(
    site: httpx.Client, noise: str, lang: str
) -> None:
    rng = random.Random(90)
    named = {id_: ENTITIES[id_].names[lang] for id_ in sorted(MEMBERS)}
    assert len(named) > 80

    missed, wrong = {}, {}
    for id_, name in named.items():
        written = NOISE[noise](name, lang, rng)
        first = next(iter(first_of(site, {"query": written})), {})
        if first.get("id") != id_:
            missed[written] = id_, first
            if first.get("match"):
                wrong[written] = id_, first

    assert len(missed) / len(named) <= 0.05, missed
    assert len(wrong) / len(named) <= 0.005, wrong


def test_a_name_of_another_day_is_found_by_as_of(renamed: httpx.Client) -> None:
    def found(name: str, day: str) -> list[str]:
        query = {"query": name, "type": "COUNTRY", "properties": [{"pid": "asOf", "v": day}]}
        return [each["name"] for each in first_of(renamed, query)]

    assert found("Dahomey", "1970") == ["Dahomey"]
    assert found("Dahomey", "1990") == []
    assert found("Benin", "1990") == ["Benin"]
    assert found("Dahomé", "1970") == ["Dahomey"]
    assert [each["name"] for each in first_of(renamed, {"query": "داهومي", "type": "COUNTRY"})] == [
        "بنين"
    ]


def test_an_identifier_decides_where_names_do_not(renamed: httpx.Client) -> None:
    both = first_of(renamed, {"query": "Benin"})
    assert {each["id"] for each in both} == {"benin", "benin-city"}
    assert not any(each["match"] for each in both)

    for pid, value in (("iso3166", "BJ"), ("identifier:cow", 434), ("id", "benin")):
        told = first_of(renamed, {"query": "Benin", "properties": [{"pid": pid, "v": value}]})
        assert (told[0]["id"], told[0]["match"]) == ("benin", True)
        alone = first_of(renamed, {"properties": [{"pid": pid, "v": value}]})
        assert [each["id"] for each in alone] == ["benin"]


def test_a_date_that_is_none_is_refused_with_its_place(renamed: httpx.Client) -> None:
    query = {"query": "Benin", "properties": [{"pid": "asOf", "v": "soon"}]}

    problem = asked(renamed, {"q7": query}, 400)["errors"][0]

    assert problem["extensions"] == {"code": "BAD_EDTF", "field": "q7.properties[0].v"}


@pytest.mark.parametrize(
    "text",
    ["", "[]", "nonsense", '{"q": 1}', '{"q": {"query": 5}}', '{"a": {"query": "x"}, "a": {}}',
     '{"q": {"query": "x", "limit": "5"}}', '{"q": {"query": "x", "type_strict": "no"}}',
     '{"\\ud800": {"query": "x"}}'],
)  # fmt: skip
def test_what_is_no_batch_is_refused(renamed: httpx.Client, text: str) -> None:
    response = renamed.post("/reconcile", data={"queries": text})

    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_QUERY"


def test_properties_are_given_as_of_a_day(renamed: httpx.Client) -> None:
    wanted = {
        "ids": ["benin", "nobody"],
        "properties": [
            {"id": "name", "settings": {"asOf": "1970"}},
            {"id": "memberships", "settings": {"asOf": "1964"}},
            {"id": "memberships"},
            {"id": "identifier:cow"},
            {"id": "nothing"},
        ],
    }

    answer = renamed.post("/reconcile", data={"extend": json.dumps(wanted)}).json()

    assert answer["rows"]["benin"] == {
        "name": [{"str": "Dahomey"}, {"str": "داهومي"}],
        "memberships": [{"id": "au", "name": "African Union"}],
        "identifier:cow": [{"str": "434"}],
        "nothing": [],
    }
    assert all(cells == [] for cells in answer["rows"]["nobody"].values())
    if VECTORS.is_dir():
        validator("data-extension-response").validate(answer)


def test_entities_properties_and_types_are_suggested(renamed: httpx.Client) -> None:
    found = renamed.get("/reconcile/suggest/entity", params={"prefix": "Beni"}).json()["result"]
    assert {each["id"] for each in found} == {"benin", "benin-city"}
    kinds = renamed.get("/reconcile/suggest/type", params={"prefix": "coun"}).json()["result"]
    assert [each["id"] for each in kinds] == ["COUNTRY"]
    own = renamed.get("/reconcile/suggest/property", params={"prefix": "as"}).json()["result"]
    assert own[0]["id"] == "asOf"
    proposed = renamed.get("/reconcile/properties", params={"type": "COUNTRY", "limit": "3"}).json()
    assert (len(proposed["properties"]), proposed["type"]) == (3, "COUNTRY")
    if VECTORS.is_dir():
        validator("suggest-entities-response").validate({"result": found})
        validator("suggest-types-response").validate({"result": kinds})
        validator("suggest-properties-response").validate({"result": own})
        validator("data-extension-property-proposal").validate(proposed)


def test_a_preview_may_be_framed_by_others(renamed: httpx.Client) -> None:
    shown = renamed.get("/reconcile/preview/benin")

    assert shown.status_code == 200
    assert "Benin" in shown.text
    assert "434" in shown.text
    assert "frame-ancestors 'self' *" in shown.headers["content-security-policy"]
    assert renamed.get("/reconcile/preview/nobody").status_code == 404


MATCHING = """id = "visits"
key = ["who"]
[source]
id = "visits"
title = "Visits"
published = "2020"
[entities.country]
by = ["match"]
names = { en = "{who}" }
kind = "COUNTRY"
[[entries]]
type = "VisitMade"
keys = { visitor = "@country", to = "@country" }
when = "day"
"""


def test_a_map_finds_names_by_the_same_matcher(sampled: Instance, tmp_path: Path) -> None:
    def of(*names: str) -> list[str]:
        rows = "".join(f"{name},2020-01-02\n" for name in names)
        found = prepared(sampled, tmp_path, MATCHING, {"v.csv": f"who,day\n{rows}".encode()})
        return [each.visitor for each in found.entries if isinstance(each, VisitMade)]

    assert of("Afganistan", "البوسنه والهرسك", "Emirates Arab United", "almanya") == [
        "afghanistan", "bosnia-and-herzegovina", "united-arab-emirates", "germany",
    ]  # fmt: skip

    with pytest.raises(Refused) as refused:
        of("Oan")
    assert refused.value.code == "UNKNOWN_ENTITY"
    assert refused.value.data["row"] == 2
    assert "near come" in refused.value.message
    assert "«Oman» (oman, " in refused.value.message
