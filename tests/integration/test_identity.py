"""Who is who, by GraphQL over HTTP: names that change with time, entities merged and split."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import pytest
from conftest import browsing

from api.instance import Instance
from domain.codec import read

EVE, LEARNED, SPLIT_EVE, SPLIT = "2020-02-29", "2020-03-01", "2021-05-31", "2021-06-01"
"""The days around the publication of what shows that two are one, and of what shows otherwise."""
CLOCKS = [
    'asOf: "2019"',
    *(f'asOf: "2019", knownAt: "{k}"' for k in (EVE, LEARNED, SPLIT_EVE, SPLIT)),
    'asOf: "2016-06-01"',
]


def source(name: str, published: str) -> dict[str, Any]:
    return {"type": "SourceRegistered", "id": name, "title": name, "published": published}


def entity(name: str, kind: str, **names: str) -> dict[str, Any]:
    return {"type": "EntityRegistered", "id": name, "kind": kind, "names": names or {"en": name}}


def fact(kind: str, name: str, when: str, **keys: str) -> dict[str, Any]:
    cited = [{"source": "almanac"}]
    return {"type": kind, "id": name, "when": when, "citations": cited, **keys}


def about(kind: str, name: str, by: str | None = None, **keys: Any) -> dict[str, Any]:
    """A correction: by the evidence of a source where one is given, else an editor's."""
    evidence = {"basis": "EVIDENCE", "citations": [{"source": by}]} if by else {}
    return {"type": kind, "id": name, "reason": "We looked again.", **evidence, **keys}


RECORD = [
    source("almanac", "2018-01-01"), source("one", LEARNED), source("two", SPLIT),
    entity("league", "COALITION"), entity("union", "COALITION"),
    entity("burma", "COUNTRY", en="Burma", ar="بورما"), entity("myanmar", "COUNTRY"),
    entity("laos", "COUNTRY"), entity("north", "BASE"), entity("north-camp", "BASE"),
    fact("MemberJoined", "burma-joins", "2015", coalition="league", member="burma"),
    fact("MemberLeft", "burma-leaves", "2019-12", coalition="league", member="burma"),
    fact("MemberJoined", "myanmar-joins", "2016-02", coalition="league", member="myanmar"),
    fact("MemberJoined", "laos-joins", "2016", coalition="union", member="laos"),
    fact("BaseEstablished", "north-opens", "2015-03", operator="league", base="north"),
    fact("BaseEstablished", "camp-opens", "2016-07", operator="union", base="north-camp"),
    fact("BaseClosed", "camp-closes", "2019-02", operator="union", base="north-camp"),
]  # fmt: skip
PAIRS = [("burma", "myanmar"), ("union", "league"), ("north-camp", "north")]
"""What is merged, and into what."""

NODE = """standing contested since { edtf earliest latest } until { edtf earliest latest }
  facts { id subjects { key entity { id name } } } sources { id }"""
BY_ENTITY = f"""
  entity(id: "ID", CLOCKS) {{ id name kind names {{ lang name }} }}
  members(coalition: "ID", CLOCKS) {{ count {{ certain possible }}
    edges {{ cursor node {{ member {{ id name names {{ lang name }} }} {NODE} }} }} }}
  bases(operator: "ID", CLOCKS) {{ edges {{ cursor node {{ base {{ id name }} {NODE} }} }} }}
  state(entity: "ID", CLOCKS) {{ entity {{ id name }}
    members {{ edges {{ node {{ member {{ id }} {NODE} }} }} }}
    memberships {{ edges {{ node {{ coalition {{ id }} {NODE} }} }} }}
    operators {{ edges {{ node {{ operator {{ id }} {NODE} }} }} }} }}
  timeline(entity: "ID", CLOCKS) {{ edges {{ node {{ id
    subjects {{ key entity {{ id name }} }} }} }} }}
  entities(first: 50, CLOCKS) {{ edges {{ node {{ id name }} }} }}"""


class Client:
    """Records and asks."""

    def __init__(self, instance: Instance, http: httpx.Client) -> None:
        self.instance, self.http = instance, http
        self.head = self.record(*RECORD)

    def record(self, *entries: dict[str, Any]) -> int:
        outcome = self.instance.record.apply([read(entry) for entry in entries], actor="someone")
        self.instance.catch_up()
        return outcome.position

    def ask(self, fields: str) -> bytes:
        answer = self.http.post("/graphql", json={"query": f"{{ {fields} }}"})
        assert b'"errors"' not in answer.content, answer.text
        return answer.content

    def data(self, fields: str) -> Any:
        return json.loads(self.ask(fields))["data"]

    def all(self, *more: str, clocks: Sequence[str] = CLOCKS) -> dict[tuple[str, str], bytes]:
        """The bytes of the answers about each that is merged or merged into, by its clocks."""
        return {
            (name, each): self.ask(
                BY_ENTITY.replace("ID", name).replace("CLOCKS", ", ".join([each, *more]))
            )
            for pair in PAIRS
            for name in pair
            for each in clocks
        }


@pytest.fixture
def client(instance: Instance) -> Iterator[Client]:
    with browsing(instance) as http:
        yield Client(instance, http)


def merges(by: str | None = None) -> list[dict[str, Any]]:
    return [
        about("EntitiesMerged", f"merge-{old}", by, entities=[old], into=new) for old, new in PAIRS
    ]


def splits(by: str | None = None) -> list[dict[str, Any]]:
    return [
        about("EntitiesSplit", f"split-{old}", by, entity=new, into=[old]) for old, new in PAIRS
    ]


def test_a_split_restores_every_answer_that_a_merge_by_an_editor_changed(client: Client) -> None:
    before = client.all()

    client.record(*merges())
    merged = client.all()
    client.record(*splits())

    assert not {key for key in before if before[key] == merged[key]}
    assert client.all() == before


def test_a_merge_by_evidence_holds_from_what_shows_it_until_what_shows_otherwise(
    client: Client,
) -> None:
    before = client.all()

    client.record(*merges("one"))
    merged = client.all()
    client.record(*splits("two"))
    split = client.all()

    for key in before:
        learned = EVE not in key[1]
        assert (merged[key] != before[key]) == learned, key
        between = LEARNED in key[1] or SPLIT_EVE in key[1]
        assert split[key] == (merged if between else before)[key], key


def test_a_merge_whose_source_is_withdrawn_is_undone(client: Client) -> None:
    before = client.all()
    client.record(*merges("one"))

    client.record(about("SourceWithdrawn", "made-up", source="one"))

    assert client.all() == before


def test_an_old_position_shows_the_old_identities(client: Client) -> None:
    renamed = about("EntityRenamed", "new-name", entity="burma", names={"en": "B."}, when="2015")
    steps = [[], merges(), splits(), [renamed], merges("one")]
    pinned = {}
    for number, step in enumerate(steps):
        again = [{**entry, "id": f"{entry['id']}-{number}"} for entry in step]
        position = client.record(*again) if again else client.head
        pinned[position] = client.all(f"atPosition: {position}", clocks=CLOCKS[:2])

    assert len(pinned) == len(steps)
    for position, answers in pinned.items():
        assert client.all(f"atPosition: {position}", clocks=CLOCKS[:2]) == answers


def test_a_chain_of_merges_is_parted_where_it_is_split(client: Client) -> None:
    def roots() -> list[str]:
        fields = (f'{name}: entity(id: "{name}") {{ id }}' for name in ("burma", "myanmar", "laos"))
        return [entity["id"] for entity in client.data(" ".join(fields)).values()]

    first = about("EntitiesMerged", "first", entities=["burma"], into="myanmar")
    client.record(first, about("EntitiesMerged", "second", entities=["myanmar"], into="laos"))
    merged = roots()
    client.record(about("EntitiesSplit", "parted", entity="laos", into=["myanmar"]))

    assert merged == ["laos", "laos", "laos"]
    assert roots() == ["myanmar", "myanmar", "laos"]


def test_a_name_changes_with_time_and_with_what_is_known(client: Client) -> None:
    rename = about("EntityRenamed", "of-2017", "one", entity="burma", names={"en": "Myanmar"},
                   when="2017-06")  # fmt: skip
    again = about("EntityRenamed", "of-2018", entity="burma", names={"en": "The Union"},
                  when="2018-09-01")  # fmt: skip
    old = client.record(rename)
    client.record(again)

    def names(clocks: str) -> tuple[str, str]:
        """By itself, and as a member."""
        data = client.data(
            f"""entity(id: "burma", {clocks}) {{ name(lang: "en") }}
            members(coalition: "league", {clocks}) {{
              edges {{ node {{ member {{ id name(lang: "en") }} }} }} }}"""
        )
        members = [edge["node"]["member"] for edge in data["members"]["edges"]]
        (member,) = [each["name"] for each in members if each["id"] == "burma"]
        return data["entity"]["name"], member

    told = {clocks: names(clocks) for clocks in (
        'asOf: "2017-06-29"', 'asOf: "2017-06-30"', 'asOf: "2018-08-31"', 'asOf: "2018-09-01"',
        f'asOf: "2018-08-31", knownAt: "{EVE}"', f'asOf: "2018-08-31", knownAt: "{LEARNED}"',
        f'asOf: "2018-09-01", atPosition: {old}', f'asOf: "2018-09-01", atPosition: {client.head}',
    )}  # fmt: skip

    assert [alone for alone, member in told.values() if alone == member] == [
        "Burma", "Myanmar", "Myanmar", "The Union", "Burma", "Myanmar", "Myanmar", "Burma",
    ]  # fmt: skip
