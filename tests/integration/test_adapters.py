"""Files in others' formats are imported by the maps that come with their adapters."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from support.sheet_import import imported

from api.graphql.execution import ask
from api.instance import Instance
from api.sheets.adapters import ADAPTERS, map_of
from api.sheets.adapters.wikidata import edtf_of
from api.sheets.records import adapter_of
from domain.codec import write
from domain.errors import Refused
from domain.facts import EntitiesSucceeded

POPOLO = {
    "persons": [{"id": "ada", "name": "Ada"}, {"id": "bob", "name": "Bob", "memberships": [
        {"organization_id": "party", "role": "member", "start_date": "1999"}]}],
    "organizations": [{"id": "treasury", "name": "Treasury"}, {"id": "party", "name": "Party"}],
    "posts": [{"id": "p1", "label": "Minister", "organization_id": "treasury"}],
    "memberships": [
        {"person_id": "ada", "post_id": "p1", "start_date": "2001-05", "end_date": "2005-06-01"},
        {"person_id": "bob", "organization_id": "treasury", "role": "Clerk", "start_date": ""},
    ],
}  # fmt: skip
MONEY: list[dict[str, Any]] = [
    {"id": "ada", "schema": "Person", "properties": {"name": ["Ada"]}},
    {"id": "club", "schema": "Organization", "properties": {"name": ["Club"]}},
    {"id": "chair", "schema": "Position", "properties": {"name": ["Chair"]}},
    {"id": "m1", "schema": "Membership", "properties": {
        "member": ["ada"], "organization": ["club"], "startDate": ["2010-01-02"]}},
    {"id": "o1", "schema": "Occupancy", "properties": {
        "holder": ["ada"], "post": ["chair"], "startDate": ["2011"], "endDate": ["2012"]}},
    {"id": "s1", "schema": "Sanction", "properties": {
        "entity": ["ada"], "authority": ["A Council"], "startDate": ["2015-03-01"]}},
]  # fmt: skip
GREGORIAN = "http://www.wikidata.org/entity/Q1985727"
JULIAN = "http://www.wikidata.org/entity/Q1985786"


def time(text: str, precision: int) -> list[dict[str, Any]]:
    return [{"datavalue": {"value": {"time": text, "precision": precision}}}]


def claim(
    number: int, prop: str, value: str, rank: str = "normal", **of: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "id": f"Q1${number}", "rank": rank, "qualifiers": of,
        "mainsnak": {"property": prop, "datavalue": {"value": {"id": value}}},
        "references": [{"snaks": {"P854": [{"datavalue": {"value": "https://example.org/a"}}]}}],
    }  # fmt: skip


WIKIDATA = {
    "entities": {
        "Q1": {
            "id": "Q1",
            "labels": {"en": {"value": "Ada"}, "ar": {"value": "آدا"}},
            "claims": {
                "P39": [
                    claim(1, "P39", "Q2", P580=time("+2001-02-00T00:00:00Z", 10),
                          P582=time("+2004-05-06T00:00:00Z", 11)),
                    claim(2, "P39", "Q3", P1319=time("+2010-00-00T00:00:00Z", 9),
                          P1326=time("+2012-00-00T00:00:00Z", 9)),
                    claim(3, "P39", "Q4", "deprecated", P580=time("+2001-00-00T00:00:00Z", 9)),
                ],
                "P106": [claim(4, "P106", "Q5")],
            },
        },
        "Q2": {"id": "Q2", "labels": {"en": {"value": "Minister"}}},
        "Q7": {"id": "Q7", "labels": {"en": {"value": "League"}}, "claims": {
            "P1366": [claim(5, "P1366", "Q8", P585=time("+1946-04-18T00:00:00Z", 11))],
            "P1365": [claim(6, "P1365", "Q9", P585=time("+1920-00-00T00:00:00Z", 9)),
                      claim(7, "P1365", "Q6")]}},
    }
}  # fmt: skip


def at(instance: Instance, question: str, asked: str, id_: str, day: str) -> dict[str, str]:
    answers = "holder" if question == "holders" else "member"
    query = f"""query($id: ID!, $day: EDTFDate) {{ {question}({asked}: $id, asOf: $day) {{
        edges {{ node {{ standing {answers} {{ id }} }} }} }} }}"""
    data = ask(instance, query, {"id": id_, "day": day})["data"]
    nodes = [each["node"] for each in data[question]["edges"]]
    return {each[answers]["id"]: each["standing"] for each in nodes}


def take(instance: Instance, folder: Path, name: str, text: str) -> Any:
    published = 'published = "2024-05-01"'
    map_text = map_of(name).replace(f"# {published}", published)
    assert published in map_text
    assert adapter_of(text, "file.json") == name
    return imported(instance, folder, map_text, {"file.json": text.encode()})


def test_wikidata_tells_begins_and_ends_as_far_as_they_are_known(
    instance: Instance, tmp_path: Path
) -> None:
    since = time("+2001-00-00T00:00:00Z", 9)
    unknown, none = [{"snaktype": "somevalue"}], [{"snaktype": "novalue"}]
    claims = [
        claim(1, "P39", "Q2", P580=since, P582=unknown),
        claim(2, "P39", "Q3", P580=since, P582=none),
        claim(3, "P39", "Q4", P580=since),
        claim(4, "P39", "Q5", P580=since, P582=time("+2000-00-00T00:00:00Z", 6)),
        claim(5, "P39", "Q6", P580=unknown, P582=unknown),
        claim(6, "P39", "Q7", P580=time("-0044-03-15T00:00:00Z", 11)),
        claim(7, "P39", "Q8", P580=[*since, *time("+2005-00-00T00:00:00Z", 9)]),
        claim(8, "P39", "Q9", P1326=time("+1900-00-00T00:00:00Z", 7)),
        claim(9, "P39", "Q10", P585=time("+1990-00-00T00:00:00Z", 8)),
        claim(10, "P39", "Q11", P580=since, P582=unknown, P1326=time("+2008-00-00T00:00:00Z", 9)),
    ]
    person = {"id": "Q1", "labels": {"en": {"value": "Ada"}}, "claims": {"P39": claims}}

    take(instance, tmp_path, "wikidata", json.dumps({"entities": {"Q1": person}}))

    held = [at(instance, "holders", "office", f"Q{n}", "2010") for n in range(2, 10)]
    certain, possible = {"Q1": "CERTAIN"}, {"Q1": "POSSIBLE"}
    assert held == [possible, certain, certain, possible, possible, certain, certain, certain]
    assert at(instance, "holders", "office", "Q6", "2025") == {}
    assert at(instance, "holders", "office", "Q8", "2003") == possible
    assert at(instance, "holders", "office", "Q9", "1800") == possible
    # Bounds beside a start that is known are those of the end.
    assert at(instance, "holders", "office", "Q11", "2008") == possible
    assert at(instance, "holders", "office", "Q11", "2009") == {}
    # That it held at a point in time does not say that it began then.
    assert at(instance, "holders", "office", "Q10", "1980") == possible
    assert at(instance, "holders", "office", "Q10", "2000") == certain


@pytest.mark.parametrize(
    ("labels", "name"),
    [
        ({"en": "Ada", "mul": "A. L."}, "Ada"),
        ({"mul": "Ada", "ar": "آدا"}, "Ada"),
        ({"fr": "Ada"}, "Ada"),
        ({}, "Q1"),
    ],
)
def test_wikidata_names_an_item_by_the_best_label_that_it_has(
    labels: dict[str, str], name: str, instance: Instance, tmp_path: Path
) -> None:
    told = {lang: {"value": label} for lang, label in labels.items()}
    claims = {"P39": [claim(1, "P39", "Q2", P580=time("+2001-00-00T00:00:00Z", 9))]}
    person = {"id": "Q1", "labels": told, "claims": claims}

    take(instance, tmp_path, "wikidata", json.dumps({"entities": {"Q1": person}}))

    query = '{ entity(id: "Q1") { name(lang: "en") } }'
    assert ask(instance, query)["data"]["entity"] == {"name": name}


@pytest.mark.parametrize("name", ["file.ftm.json", "file.jsonl", "file.json"])
@pytest.mark.parametrize("is_list", [False, True])
def test_objects_are_read_a_line_each_or_as_a_list_whatever_the_name(
    is_list: bool, name: str, instance: Instance, tmp_path: Path
) -> None:
    # A line separator within a text ends no line.
    ada = {**MONEY[0], "properties": {"name": ["Ada"], "notes": ["a\u2028b"]}}
    lines = "\n".join(json.dumps(each, ensure_ascii=False) for each in (ada, *MONEY[1:]))
    text = json.dumps(MONEY, indent=1) if is_list else f"{lines}\n\n"
    if is_list and name.endswith(".jsonl"):
        text = json.dumps(MONEY)

    assert adapter_of(text, name) == "followthemoney"
    imported(instance, tmp_path, map_of("followthemoney").replace(
        '# published = "2024', 'published = "2024'), {name: text.encode()})  # fmt: skip

    assert at(instance, "members", "coalition", "club", "2011") == {"ada": "CERTAIN"}


def test_a_line_that_is_no_json_is_told(instance: Instance, tmp_path: Path) -> None:
    lines = [*map(json.dumps, MONEY[:2]), "{", *map(json.dumps, MONEY[2:])]

    with pytest.raises(Refused) as refused:
        imported(instance, tmp_path, map_of("followthemoney"),
                 {"a.ftm.json": "\n".join(lines).encode()})  # fmt: skip

    assert "ine 3" in refused.value.message


def test_popolo_gives_offices_and_memberships(instance: Instance, tmp_path: Path) -> None:
    found = take(instance, tmp_path, "popolo", json.dumps(POPOLO))

    assert found.types["OfficeAssumed"] == 2
    assert at(instance, "holders", "office", "treasury-Minister", "2003") == {"ada": "CERTAIN"}
    assert at(instance, "holders", "office", "treasury-Minister", "2006") == {}
    assert at(instance, "members", "coalition", "party", "2003") == {"bob": "CERTAIN"}
    again = take(instance, tmp_path, "popolo", json.dumps(POPOLO))
    assert again.entries == []


def test_a_popolo_membership_has_the_dates_of_its_period_and_stands_with_either_side(
    instance: Instance, tmp_path: Path
) -> None:
    in_term = {"person_id": "ada", "organization_id": "house", "legislative_period_id": "term/1"}
    of_club = {"id": "m", "person_id": "ada", "organization_id": "club", "start_date": "2001"}
    popolo = {
        "persons": [{"id": "ada", "name": "Ada", "memberships": [of_club]}],
        "organizations": [
            {"id": "house", "name": "House"},
            {"id": "club", "name": "Club", "memberships": [
                of_club, {"member_id": "house", "start_date": "2002"}]},
        ],
        "events": [{"id": "term/1", "start_date": "1990-01-01", "end_date": "1994-12-31"}],
        "memberships": [in_term, {**in_term, "start_date": "1996", "end_date": "1997"}],
    }  # fmt: skip

    found = take(instance, tmp_path, "popolo", json.dumps(popolo))

    assert found.findings.rows == 4
    assert at(instance, "members", "coalition", "house", "1992") == {"ada": "CERTAIN"}
    assert at(instance, "members", "coalition", "house", "1995") == {}
    assert at(instance, "members", "coalition", "house", "1998") == {}
    both = {"ada": "CERTAIN", "house": "CERTAIN"}
    assert at(instance, "members", "coalition", "club", "2003") == both


def test_follow_the_money_gives_memberships_posts_and_lists(
    instance: Instance, tmp_path: Path
) -> None:
    take(instance, tmp_path, "followthemoney", "\n".join(map(json.dumps, MONEY)))

    assert at(instance, "members", "coalition", "club", "2011") == {"ada": "CERTAIN"}
    assert at(instance, "holders", "office", "chair", "2011-07-01") == {"ada": "POSSIBLE"}
    assert at(instance, "members", "coalition", "list-a-council", "2016") == {"ada": "CERTAIN"}


def test_follow_the_money_has_kinds_several_dates_and_ends_without_a_date(
    instance: Instance, tmp_path: Path
) -> None:
    def edge(id_: str, schema: str, **of: str | list[str]) -> dict[str, Any]:
        given = {key: [each] if isinstance(each, str) else each for key, each in of.items()}
        return {"id": id_, "schema": schema, "properties": given}

    of_ada = {"holder": "ada", "startDate": "2011"}
    money = [
        *MONEY[:3],
        edge("acme", "Company", name="Acme"),
        edge("m1", "Membership", member="acme", organization="club",
             startDate=["2010", "2010-01-02T00:00:00", "2010-01-02"]),
        edge("o1", "Occupancy", post="chair", status="ended", **of_ada),
        edge("o2", "Occupancy", post="seat", status="current", **of_ada),
        edge("o3", "Occupancy", post="bench", holder="ada", startDate=["2012", "2011-05-06"]),
        edge("s1", "Sanction", entity="acme", authority="A Council", listingDate="2015-03-01"),
        edge("s2", "Succession", predecessor="club", successor="acme", startDate="2016-02-03"),
    ]  # fmt: skip

    found = take(instance, tmp_path, "followthemoney", "\n".join(map(json.dumps, money)))

    (succeeded,) = [each for each in found.entries if isinstance(each, EntitiesSucceeded)]
    assert write(succeeded)["when"] == "2016-02-03"
    kinds = '{ acme: entity(id: "acme") { kind } ada: entity(id: "ada") { kind } }'
    told = ask(instance, kinds)["data"]
    assert told == {"acme": {"kind": "ORGANISATION"}, "ada": {"kind": "PERSON"}}
    assert at(instance, "members", "coalition", "club", "2010-01-02") == {"acme": "CERTAIN"}
    assert at(instance, "members", "coalition", "list-a-council", "2015-02-28") == {}
    assert at(instance, "holders", "office", "chair", "2020") == {"ada": "POSSIBLE"}
    assert at(instance, "holders", "office", "seat", "2020") == {"ada": "CERTAIN"}
    assert at(instance, "holders", "office", "bench", "2012-06-01") == {"ada": "POSSIBLE"}
    assert at(instance, "holders", "office", "bench", "2013") == {"ada": "CERTAIN"}


STATEMENTS = """id,entity_id,canonical_id,prop,prop_type,schema,value,dataset,first_seen,last_seen
1,x-ada,ada,name,name,Person,Ada,x,2022-01-01,2024-05-01
2,club,club,name,name,Organization,Club,x,2022-01-01,2024-05-01
3,m1,m1,member,entity,Membership,ada,x,2022-03-01,2024-05-01
4,m1,m1,organization,entity,Membership,club,x,2022-02-01,2024-05-01
5,m1,m1,id,checksum,Membership,0badcafe,x,2021-01-01,2024-05-01
6,bob,bob,name,name,Person,Bob,x,2022-01-01,2023-06-30
7,m2,m2,member,entity,Membership,bob,x,2022-01-01,2023-06-30
8,m2,m2,organization,entity,Membership,club,x,2022-01-01,2023-06-30
9,s1,s1,entity,entity,Sanction,bob,x,2022-01-01,2024-05-01
10,s1,s1,authority,text,Sanction,A Council,x,2022-01-01,2024-05-01
11,s1,s1,startDate,date,Sanction,2015-03-01,x,2022-01-01,2024-05-01
"""


def test_follow_the_money_statements_are_put_together_and_seen_from_day_to_day(
    instance: Instance, tmp_path: Path
) -> None:
    assert adapter_of(STATEMENTS, "statements.csv") == "followthemoney"
    assert adapter_of("a,b\n1,2\n", "statements.csv") is None
    seen = map_of("followthemoney").replace('# published = "2024', 'published = "2024')
    for old, new in (
        ('{ column = "startDate", unknown = [""] }', '"first_seen"'),
        ('{ column = "endDate", open = [""] }', '{ column = "last_seen", open = ["2024-05-01"] }'),
    ):
        seen = seen.replace(old, new, 1)

    found = imported(instance, tmp_path, seen, {"statements.csv": STATEMENTS.encode()})

    assert found.types["MemberJoined"] == 3
    everyone = {"ada": "CERTAIN", "bob": "CERTAIN"}
    assert at(instance, "members", "coalition", "club", "2021-06-01") == {"ada": "CERTAIN"}
    assert at(instance, "members", "coalition", "club", "2022-06-01") == everyone
    assert at(instance, "members", "coalition", "club", "2024-06-01") == {"ada": "CERTAIN"}
    assert at(instance, "members", "coalition", "list-a-council", "2016") == {"bob": "CERTAIN"}
    lines = "\n".join(map(json.dumps, csv.DictReader(STATEMENTS.splitlines())))
    assert adapter_of(lines, "statements.jsonl") == "followthemoney"
    again = imported(instance, tmp_path, seen, {"statements.csv": STATEMENTS.encode()})
    assert again.entries == []


def test_wikidata_gives_dates_as_precise_as_they_are(instance: Instance, tmp_path: Path) -> None:
    found = take(instance, tmp_path, "wikidata", json.dumps(WIKIDATA))

    assert at(instance, "holders", "office", "Q2", "2003") == {"Q1": "CERTAIN"}
    assert at(instance, "holders", "office", "Q2", "2001-02") == {"Q1": "POSSIBLE"}
    assert at(instance, "holders", "office", "Q3", "2011") == {"Q1": "POSSIBLE"}
    assert at(instance, "holders", "office", "Q3", "2014") == {"Q1": "CERTAIN"}
    assert found.findings.rows == 7
    succeeded = [each for each in found.entries if isinstance(each, EntitiesSucceeded)]
    assert [(told["from"], told["into"], told["when"]) for told in map(write, succeeded)] == [
        (("Q7",), ("Q8",), "1946-04-18"), (("Q9",), ("Q7",), "1920"),
    ]  # fmt: skip
    query = '{ entity(id: "Q1") { en: name(lang: "en") ar: name(lang: "ar") wikidata } }'
    told = ask(instance, query)["data"]["entity"]
    assert told == {"en": "Ada", "ar": "آدا", "wikidata": "Q1"}


@pytest.mark.parametrize(
    ("time", "precision", "calendar", "expected"),
    [
        ("+2001-02-03T00:00:00Z", 11, GREGORIAN, "2001-02-03"),
        ("+2001-02-03T10:00:00Z", 14, GREGORIAN, "2001-02-03"),
        ("+2001-02-00T00:00:00Z", 10, GREGORIAN, "2001-02"),
        ("+2001-00-00T00:00:00Z", 9, GREGORIAN, "2001"),
        ("+1990-00-00T00:00:00Z", 8, GREGORIAN, "199X"),
        ("-0044-00-00T00:00:00Z", 8, JULIAN, "[-0048..-0039]"),
        ("-0005-00-00T00:00:00Z", 8, JULIAN, "[-0008..0000]"),
        ("+1801-00-00T00:00:00Z", 7, GREGORIAN, "[1801..1900]"),
        ("+1900-00-00T00:00:00Z", 7, GREGORIAN, "[1801..1900]"),
        ("-0100-00-00T00:00:00Z", 7, JULIAN, "[-0099..0000]"),
        ("-0101-00-00T00:00:00Z", 7, JULIAN, "[-0199..-0100]"),
        ("-0044-03-15T00:00:00Z", 11, GREGORIAN, "-0043-03-15"),
        ("-0044-03-15T00:00:00Z", 11, JULIAN, "-0043-03-13"),
        ("+1582-10-04T00:00:00Z", 11, JULIAN, "1582-10-14"),
        ("+1700-02-29T00:00:00Z", 11, JULIAN, "1700-03-11"),
        ("+1917-10-25T00:00:00Z", 11, JULIAN, "1917-11-07"),
        ("+1701-02-29T00:00:00Z", 11, JULIAN, "1701-02-29"),
        ("+1582-10-00T00:00:00Z", 10, JULIAN, "1582-10"),
        ("-0001-00-00T00:00:00Z", 9, JULIAN, "0000"),
        ("+1000-00-00T00:00:00Z", 6, GREGORIAN, ""),
        ("-10000-00-00T00:00:00Z", 9, JULIAN, "-9999"),
        ("-10001-00-00T00:00:00Z", 9, JULIAN, ""),
    ],
)
def test_a_time_of_wikidata_is_written_in_edtf(
    time: str, precision: int, calendar: str, expected: str
) -> None:
    assert edtf_of({"time": time, "precision": precision, "calendarmodel": calendar}) == expected


@pytest.mark.parametrize("name", ADAPTERS)
@pytest.mark.parametrize("text", ["[]", "[1]", '{"memberships": 5, "claims": 5, "schema": 1}', "{"])
def test_what_is_not_of_the_format_is_refused(
    instance: Instance, tmp_path: Path, name: str, text: str
) -> None:
    with pytest.raises(Refused) as refused:
        imported(instance, tmp_path, map_of(name), {"file.json": text.encode()})

    assert refused.value.data["file"] == "file.json"
