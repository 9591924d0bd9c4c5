"""Exports open in readers written by others, say what the questions say, and carry any text."""

from __future__ import annotations

import base64
import csv
import hashlib
import html
import io
import json
import random
import re
from collections.abc import Iterator
from typing import Any

import geojson
import geojson_rules
import httpx
import icalendar
import prov.model
import pyarrow.parquet as pq
import pytest
import rdflib
import rdflib.compare
import rispy
from citeproc.source.json import CiteProcJSON
from conftest import NewInstance, browsing
from hostile import QUOTES, REFUSED, STRINGS
from oracle import Oracle
from projected import answers, every_question, log_of, naive
from strategies import moments, random_record
from thorough import times

from api.export.columns import COLUMNS
from api.export.formats import FORMATS, formats_of
from api.export.formats.csv import FORMULA, guarded
from api.export.views import OF_ENTITY, OF_RECORD, ExportView, Kind
from api.files import read_files
from api.instance import Instance
from domain.codec import read, write
from domain.errors import Refused

# rdflib itself uses what it deprecates when it reads JSON-LD.
pytestmark = [
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning"),
]

AS_OF = "asOf=2025-11-10"
HOSTILE = "hostile"


@pytest.fixture(scope="module")
def client(sampled: Instance) -> Iterator[httpx.Client]:
    with browsing(sampled) as client:
        yield client


@pytest.fixture(scope="module")
def hostile(new_instance: NewInstance) -> Iterator[httpx.Client]:
    """A record whose every name, title and quote is one of the hostile strings."""
    with new_instance() as instance:
        instance.record.apply([read(entry) for entry in hostile_entries()], actor="=someone\t<b>")
        instance.catch_up()
        with browsing(instance) as client:
            yield client


def hostile_entries() -> Iterator[dict[str, Any]]:
    location = {"lat": 33.5, "lon": 36.25, "precisionM": 2000}
    names = {"en": "The hostile one"}
    yield {"type": "EntityRegistered", "id": HOSTILE, "kind": "COALITION", "names": names}
    for number, text in enumerate(STRINGS):
        quoted = [text, *QUOTES][number % 5] if number % 2 else text
        yield {"type": "SourceRegistered", "id": f"s{number}", "title": text, "published": "2020"}
        yield {
            "type": "EntityRegistered", "id": f"e{number}", "kind": "COUNTRY",
            "names": {"ar": text, "en": text}, "location": location,
        }  # fmt: skip
        yield {
            "type": "MemberJoined", "id": f"f{number}", "coalition": HOSTILE,
            "member": f"e{number}", "when": "2021-05", "gist": text,
            "citations": [{"source": f"s{number}", "quote": quoted}],
        }  # fmt: skip


def asked(client: httpx.Client, path: str) -> httpx.Response:
    response = client.get(path)
    assert response.status_code == 200, response.text
    return response


# Readers written by others


def test_every_view_comes_in_every_format_it_offers(client: httpx.Client) -> None:
    for view in OF_ENTITY.values():
        folder = "/e/global-coalition" + ("" if view.name == "state" else f"/{view.name}")
        # Those that are held are alike: two of them stand for all in every format.
        alike = view.question is not None and view.name != "members"
        for extension in ["csv"] if alike else formats_of(view):
            content = asked(client, f"{folder}.{extension}?{AS_OF}").content
            assert content or extension == "jsonl"
    for view in OF_RECORD.values():
        for extension in formats_of(view):
            assert asked(client, f"/{view.name}.{extension}?{_points(view)}").content
    for path in ("/f/syria-joins-2025-11-11", "/s/article-2025-11-03"):
        assert asked(client, f"{path}.json").json()["rows"]


def test_json_has_what_graphql_answers(client: httpx.Client) -> None:
    document = """{ members(coalition: "global-coalition", asOf: "2025-11-10", first: 500) {
      position count { certain possible announced } edges { node { member { id } standing } } } }"""
    told = client.post("/graphql", json={"query": document}).json()["data"]["members"]

    found = asked(client, f"/e/global-coalition/members.json?{AS_OF}").json()

    assert [(row["entity"]["id"], row["standing"]) for row in found["rows"]] == [
        (edge["node"]["member"]["id"], edge["node"]["standing"]) for edge in told["edges"]
    ]
    assert found["position"] == told["position"]
    assert found["counts"]["members"].items() >= told["count"].items()


def test_the_state_has_every_question_in_turn(client: httpx.Client, sampled: Instance) -> None:
    rows = asked(client, f"/e/global-coalition.json?{AS_OF}").json()["rows"]

    alone = [
        row
        for name, _, _ in sampled.vocabulary.current.questions
        for row in asked(client, f"/e/global-coalition/{name}.json?{AS_OF}").json()["rows"]
    ]
    assert rows == alone
    assert {"members", "bases", "partners", "objectives", "organisations"} <= {
        row["question"] for row in rows
    }


def _points(view: ExportView) -> str:
    return f"{AS_OF}&fromAsOf=2014-09" if view.kind is Kind.CHANGE else AS_OF


def test_csv_and_parquet_have_the_rows_of_json(client: httpx.Client) -> None:
    for view in [*OF_ENTITY.values(), *(view for view in OF_RECORD.values() if view.of is None)]:
        folder = "" if view == OF_RECORD.get(view.name) else "/e/global-coalition"
        path = folder if view.name == "state" else f"{folder}/{view.name}"
        rows = asked(client, f"{path}.json?{_points(view)}").json()["rows"]
        lines = list(csv.DictReader(io.StringIO(asked(client, f"{path}.csv?{_points(view)}").text)))
        table = pq.read_table(
            io.BytesIO(asked(client, f"{path}.parquet?{_points(view)}").content)
        ).to_pylist()

        assert len(lines) == len(table) == len(rows)
        for row, line, cells in zip(rows, lines, table, strict=True):
            for column in COLUMNS[view.kind]:
                value = column.get(row)
                if column.type == "json":
                    assert json.loads(cells[column.name]) == value
                elif column.type == "texts":
                    assert cells[column.name] == value
                    assert line[column.name].split() == value
                else:
                    assert cells[column.name] == value
                    assert line[column.name] in ("" if value is None else str(value), f"'{value}",
                                                 str(value).lower())  # fmt: skip


def test_geojson_follows_rfc_7946_and_says_how_exact_it_is(client: httpx.Client) -> None:
    content = asked(client, f"/e/global-coalition/bases.geojson?{AS_OF}").text
    found, opened = json.loads(content), geojson.loads(content)
    located = {
        row["id"]: row
        for row in asked(client, "/entities.json?kind=BASE").json()["rows"]
        if row["location"]
    }

    assert geojson_rules.problems(found) == []
    assert opened.is_valid
    assert [feature.geometry.coordinates for feature in opened.features] == [
        feature["geometry"]["coordinates"] for feature in found["features"]
    ]
    assert located
    for feature in found["features"]:
        place = located[feature["properties"]["id"]]["location"]
        assert feature["geometry"]["coordinates"] == [place["lon"], place["lat"]]
        assert feature["properties"]["precisionM"] == place["precisionM"]


def test_icalendar_opens_and_spans_imprecise_days(client: httpx.Client) -> None:
    rows = asked(client, f"/e/global-coalition/members.json?{AS_OF}").json()["rows"]
    calendar = icalendar.Calendar.from_ical(
        asked(client, f"/e/global-coalition/members.ics?{AS_OF}").content
    )

    events = {str(event["summary"]): event for event in calendar.walk("VEVENT")}
    assert len(events) == sum(bool(row["since"]["earliest"] or row["since"]["latest"]) +
                              bool(row["until"]) for row in rows)  # fmt: skip
    row = next(r for r in rows if r["since"]["edtf"] == "[2014-09-10..2016-08-24]")
    event = events[f"{row['entity']['name']} (members): since"]
    assert event.decoded("dtstart").isoformat() == "2014-09-10"
    assert event.decoded("dtend").isoformat() == "2016-08-25"
    assert "[2014-09-10..2016-08-24]" in event["description"]


def test_timelinejs_gets_what_its_format_needs(client: httpx.Client) -> None:
    found = asked(client, f"/e/global-coalition/timeline.timeline.json?{AS_OF}").json()

    assert found["scale"] == "human"
    assert found["events"]
    keys = [event["unique_id"] for event in found["events"]]
    assert len(set(keys)) == len(keys)
    for event in found["events"]:
        assert event.keys() <= {"start_date", "end_date", "display_date", "text", "group",
                                "unique_id"}  # fmt: skip
        assert event["text"]["headline"]
        for name in ("start_date", "end_date"):
            if name in event:
                date = event[name]
                assert date.keys() == {"year", "month", "day"}
                assert 1 <= date["month"] <= 12
                assert 1 <= date["day"] <= 31


def test_prov_json_has_facts_sources_actors_and_recordings(client: httpx.Client) -> None:
    content = asked(client, f"/f/syria-joins-2025-11-11.prov.json?{AS_OF}").text

    document = prov.model.ProvDocument.deserialize(content=content, format="json")

    derivations = list(document.get_records(prov.model.ProvDerivation))
    assert {str(entity.identifier) for entity in document.get_records(prov.model.ProvEntity)} >= {
        "record:f/syria-joins-2025-11-11"
    }
    assert derivations
    assert all("prov:PrimarySource" in map(str, each.get_asserted_types()) for each in derivations)
    assert [str(agent.identifier) for agent in document.get_records(prov.model.ProvAgent)] == [
        "record:actor/someone"
    ]
    assert len(list(document.get_records(prov.model.ProvActivity))) == 1


def test_turtle_and_json_ld_are_one_graph(client: httpx.Client) -> None:
    for path in ("/e/global-coalition/members", "/e/global-coalition/timeline", "/sources",
                 "/entities"):  # fmt: skip
        turtle = asked(client, f"{path}.ttl?{AS_OF}").text
        linked = asked(client, f"{path}.jsonld?{AS_OF}").text

        graph = rdflib.Graph().parse(data=turtle, format="turtle")
        other = rdflib.Graph().parse(data=linked, format="json-ld")

        assert len(graph) > 100
        assert rdflib.compare.to_isomorphic(graph) == rdflib.compare.to_isomorphic(other)


def test_the_graph_says_who_is_a_member_and_who_says_so(client: httpx.Client) -> None:
    turtle = asked(client, "/e/global-coalition/members.ttl?asOf=2025-11-10&knownAt=2025-11-03")
    graph = rdflib.Graph().parse(data=turtle.text, format="turtle")

    rows = graph.query("""
        PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX v: <urn:sijill:vocabulary:>
        PREFIX schema: <https://schema.org/>
        SELECT ?standing ?source { ?held schema:about <urn:sijill:e/syria> ; v:standing ?standing ;
          prov:wasDerivedFrom/prov:hadPrimarySource ?source }""")

    assert {tuple(map(str, row)) for row in rows} == {
        ("ANNOUNCED", "urn:sijill:s/article-2025-11-03")
    }


def test_a_withdrawn_source_is_no_primary_source(new_instance: NewInstance) -> None:
    def cites(source: str, **more: str) -> dict[str, Any]:
        return {"citations": [{"source": source, **more}]}

    entries: list[dict[str, Any]] = [
        *({"type": "SourceRegistered", "id": name, "title": name, "published": "2001"}
          for name in ("paper", "radio", "denial", "forgery")),
        {"type": "EntityRegistered", "id": "fort", "kind": "BASE", "names": {"en": "Fort"}},
        {"type": "EntityEstablished", "id": "built", "entity": "fort", "when": "2000",
         **cites("forgery")},
        {"type": "FactCorroborated", "id": "again", "fact": "built", **cites("paper")},
        {"type": "FactCorroborated", "id": "heard", "fact": "built", **cites("radio")},
        {"type": "FactDisputed", "id": "denied", "fact": "built", "reason": "x",
         **cites("denial")},
    ]  # fmt: skip
    withdrawal = {"type": "SourceWithdrawn", "id": "w", "source": "forgery", "reason": "x"}
    with new_instance() as instance, browsing(instance) as client:
        instance.record.apply([read(each) for each in entries], actor="someone")
        before = instance.catch_up()
        instance.record.apply([read(withdrawal)], actor="someone")
        after = instance.catch_up()

        every = {"forgery", "paper", "radio"}
        for position, primary in ((before, every), (after, every - {"forgery"})):
            asked_at = f"asOf=2020&atPosition={position}"
            query = f'{{ fact(id: "built", atPosition: {position}) {{ sources {{ id }} }} }}'
            answer = client.post("/graphql", json={"query": query}).json()["data"]["fact"]
            assert {each["id"] for each in answer["sources"]} == primary

            turtle = asked(client, f"/f/built.ttl?{asked_at}").text
            graph = rdflib.Graph().parse(data=turtle, format="turtle")
            prefixes = "PREFIX prov: <http://www.w3.org/ns/prov#>"
            for path in (
                "<urn:sijill:f/built> prov:hadPrimarySource ?source",
                "<urn:sijill:f/built> prov:qualifiedPrimarySource/prov:entity ?source",
                "?citation a prov:PrimarySource ; prov:entity ?source",
            ):
                rows = graph.query(f"{prefixes} SELECT ?source {{ {path} }}")
                assert {str(row[0]) for row in rows} == {f"urn:sijill:s/{each}" for each in primary}
            others = graph.query(
                f"{prefixes} SELECT ?source {{ <urn:sijill:f/built> prov:qualifiedInfluence ?c . "
                "?c prov:entity ?source }"
            )
            left = every - primary
            assert {str(row[0]) for row in others} == {f"urn:sijill:s/{each}" for each in left}

            content = asked(client, f"/f/built.prov.json?{asked_at}").text
            document = prov.model.ProvDocument.deserialize(content=content, format="json")
            derivations = document.get_records(prov.model.ProvDerivation)
            assert {str(each.args[1]) for each in derivations} == {
                f"record:s/{each}" for each in primary
            }
            influences = document.get_records(prov.model.ProvInfluence)
            assert {str(each.args[1]) for each in influences} >= {
                f"record:s/{each}" for each in left
            }


# The whole record


def test_importing_the_json_lines_export_gives_the_same_answers(
    new_instance: NewInstance, tmp_path: Any
) -> None:
    seed = random.randrange(10**6)
    with new_instance() as first, new_instance() as second:
        entries = [read(each) for each in random_record(seed, facts=30, corrections=40,
                                                        oddities=False)]  # fmt: skip
        first.record.apply(entries, actor="someone")
        first.catch_up()
        with browsing(first) as client:
            (tmp_path / "record.jsonl").write_bytes(asked(client, "/record.jsonl").content)

        taken = read_files([str(tmp_path / "record.jsonl")]).entries
        assert second.record.apply(taken, actor="someone else").recorded == len(entries)
        second.catch_up()

        assert [write(entry) for entry in taken] == [write(entry) for entry in entries], seed
        log, again = log_of(first), log_of(second)
        # Undated sources are known from the day of their recording, which is today in both.
        asked_of = every_question(moments(log, seed, times(20, 200)))
        positions = {0: 0} | {
            one["position"]: other["position"] for one, other in zip(log, again, strict=True)
        }
        moved = [
            (name, subject, (days, k, positions[r])) for name, subject, (days, k, r) in asked_of
        ]
        import asyncio

        before, after = (
            asyncio.run(answers(each, questions))
            for each, questions in ((first, asked_of), (second, moved))
        )
        assert before == after, seed
        oracle = Oracle(log)
        for question, answer in list(zip(asked_of, before, strict=True))[::17]:
            assert answer == naive(oracle, *question), (seed, question)


def test_a_record_file_of_an_earlier_position_ends_there(client: httpx.Client) -> None:
    whole = asked(client, "/record.jsonl").text.splitlines()

    early = asked(client, "/record.jsonl?atPosition=100").text.splitlines()

    assert early == whole[:100]


def test_an_entity_has_the_log_of_what_bears_on_it(client: httpx.Client) -> None:
    rows = asked(client, "/e/syria/log.json").json()["rows"]

    whole = asked(client, "/log.json").json()["rows"]
    assert [row for row in whole if row["id"] in {each["id"] for each in rows}] == rows
    assert {"EntityRegistered", "MemberJoined"} <= {row["type"] for row in rows}
    facts = {row["id"] for row in rows if "syria" in (row["entry"].get("member"),)}
    bearing = {row["id"] for row in whole if row["entry"].get("fact") in facts}
    assert bearing
    assert bearing <= {row["id"] for row in rows}


def test_pages_are_joined_without_a_gap(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = ["/record.jsonl", "/facts.json?asOf=2025", "/e/global-coalition.csv?asOf=2025-11-10",
             "/sources.ttl", "/e/global-coalition/sources.json?asOf=2025"]  # fmt: skip
    whole = [asked(client, path).content for path in paths]

    monkeypatch.setattr("projections.view_rows.BATCH", 7)

    assert [asked(client, path).content for path in paths] == whole


def test_a_long_export_is_streamed_and_its_manifest_agrees(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.rest.export.AT_ONCE", 10_000)
    path = "/facts.jsonl?asOf=2025-11-10&atPosition=500"

    response = asked(client, path)
    manifest = asked(client, f"{path}&manifest").json()

    assert response.headers["transfer-encoding"] == "chunked"
    assert "content-length" not in response.headers
    assert manifest["sha256"] == hashlib.sha256(response.content).hexdigest()
    assert manifest["bytes"] == len(response.content)
    assert manifest["rows"] == len(response.content.splitlines())


# Pinning, headers, refusals


@pytest.mark.parametrize("extension", list(FORMATS))
def test_the_manifest_names_an_address_that_gives_the_same_bytes(
    client: httpx.Client, extension: str
) -> None:
    name = "members" if Kind.HELD in FORMATS[extension].kinds else "timeline"
    path = f"/e/global-coalition/{name}.{extension}?asOf=2025-11&knownAt=2025-11-03"

    response = asked(client, path)
    manifest = asked(client, f"{path}&manifest").json()
    pinned = asked(client, manifest["address"])

    assert pinned.content == response.content
    assert manifest["sha256"] == hashlib.sha256(response.content).hexdigest()
    assert manifest["clocks"] == {
        "asOf": "2025-11", "knownAt": "2025-11-03", "atPosition": manifest["position"],
    }  # fmt: skip
    digest = base64.b64encode(bytes.fromhex(manifest["sha256"])).decode()
    assert response.headers["repr-digest"] == f"sha-256=:{digest}:"
    assert response.headers["sijill-position"] == str(manifest["position"])
    assert response.headers["cache-control"] == "no-cache"
    assert pinned.headers["cache-control"].endswith("immutable")
    for each in (response, pinned):
        assert each.headers["x-content-type-options"] == "nosniff"
        assert each.headers["content-disposition"].startswith("attachment; filename=")


def test_an_unchanged_export_is_not_sent_again(client: httpx.Client) -> None:
    response = asked(client, "/e/syria.json?asOf=2025")

    again = client.get(
        "/e/syria.json?asOf=2025", headers={"if-none-match": response.headers["etag"]}
    )
    other = client.get(
        "/e/syria.json?asOf=2024", headers={"if-none-match": response.headers["etag"]}
    )
    any_of_them = client.get("/e/syria.json?asOf=2025", headers={"if-none-match": "*"})

    assert (any_of_them.status_code, any_of_them.content) == (304, b"")
    assert (again.status_code, again.content) == (304, b"")
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/e/atlantis.json", 404, "UNKNOWN_ENTITY"),
        ("/f/atlantis.json", 404, "UNKNOWN_FACT"),
        ("/s/atlantis.json", 404, "UNKNOWN_SOURCE"),
        ("/e/syria/planets.json", 404, "UNKNOWN_VIEW"),
        ("/e/syria/changes.ics", 404, "UNKNOWN_FORMAT"),
        ("/e/sy%20ria.json", 404, "UNKNOWN_ID"),
        ("/e/syria.json?asOf=tomorrow", 400, "BAD_EDTF"),
        ("/e/syria.json?knownAt=soon", 400, "BAD_EDTF"),
        ("/e/syria.json?recordedAt=now", 400, "BAD_DATETIME"),
        ("/e/syria.json?atPosition=-1", 400, "BAD_POSITION"),
        ("/e/syria.json?atPosition=99999999", 400, "POSITION_NOT_REACHED"),
        ("/e/syria.json?atPosition=1&recordedAt=2025-01-01T00:00:00Z", 400, "CLOCK_GIVEN_TWICE"),
        ("/e/syria.json?lang=%00", 400, "BAD_TEXT"),
        ("/entities.json?kind=PLANET", 400, "BAD_VALUE"),
        ("/facts.json?type=Nonsense", 404, "UNKNOWN_TYPE"),
        ("/e/ec/members.csv?asof=1980", 400, "BAD_PARAMETER"),
        ("/e/ec/members.csv?asOf=1980&asOf=1990", 400, "BAD_PARAMETER"),
        ("/e/syria.json?asOf=%F0%9F%8E%89", 400, "BAD_EDTF"),
    ],
)  # fmt: skip
def test_what_can_not_be_exported_is_refused_in_words(
    client: httpx.Client, path: str, status: int, code: str
) -> None:
    response = client.get(path)

    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (
        status, code,
    )  # fmt: skip


# Hostile text


def test_what_no_record_holds_is_refused_at_the_door() -> None:
    for text in REFUSED:
        with pytest.raises(Refused):
            read({"type": "SourceRegistered", "id": "x", "title": text})


def test_json_and_json_lines_carry_every_string(hostile: httpx.Client) -> None:
    for extension in ("json", "jsonl"):
        text = asked(hostile, f"/sources.{extension}").text
        rows = (
            json.loads(text)["rows"] if extension == "json"
            else [json.loads(line) for line in text.split("\n") if line]
        )  # fmt: skip
        assert {row["id"]: row["title"] for row in rows} == titles()
    entries = [
        json.loads(line) for line in asked(hostile, "/record.jsonl").text.split("\n") if line
    ]
    assert entries == [json.loads(json.dumps(write(read(e)))) for e in hostile_entries()]


def titles() -> dict[str, str]:
    return {f"s{number}": text for number, text in enumerate(STRINGS)}


def names() -> dict[str, str]:
    return {f"e{number}": text for number, text in enumerate(STRINGS)}


def _without_guards(cell: str) -> str:
    """A cell as the format's note says to read it."""
    return re.sub(r"((?:^|[;\t|\n\r])[\s\"\ufeff\u200b-\u200f\u2060]*)'", r"\1", cell)


def test_csv_guards_what_a_spreadsheet_would_run_and_nothing_is_lost(hostile: httpx.Client) -> None:
    lines = list(csv.DictReader(io.StringIO(asked(hostile, "/sources.csv").text, newline="")))

    found = {line["id"]: _without_guards(line["title"]) for line in lines}
    assert found == titles()
    for path in ("/sources", f"/e/{HOSTILE}", "/facts", "/entities", "/record"):
        text = asked(hostile, f"{path}.csv").text
        for separator in ",;\t|":
            for cells in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
                for cell in cells:
                    assert not re.match(rf"[\s\"]*[{FORMULA}]", cell), (separator, cell)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("x;=1+1;y", "x;'=1+1;y"),
        ("x\t=1+1", "x\t'=1+1"),
        ("x|@SUM(1)", "x|'@SUM(1)"),
        ("x\n-1", "x\n'-1"),
        ('x;"=1+1"', 'x;"\'=1+1"'),
        (" =1+1", " '=1+1"),
        ("'quoted", "''quoted"),
        ("＝1+1", "'＝1+1"),
        ("a-b", "a-b"),
        ("1914-1918", "1914-1918"),
    ],
)
def test_no_part_of_a_cell_begins_a_formula(text: str, cell: str) -> None:
    assert guarded(text) == cell


def test_csv_has_a_byte_order_mark_where_it_is_asked_for(client: httpx.Client) -> None:
    plain = asked(client, f"/e/syria.csv?{AS_OF}")
    marked = asked(client, f"/e/syria.csv?{AS_OF}&bom")
    manifest = asked(client, f"/e/syria.csv?{AS_OF}&bom&manifest").json()

    assert marked.content == b"\xef\xbb\xbf" + plain.content
    assert marked.headers["etag"] != plain.headers["etag"]
    assert asked(client, manifest["address"]).content == marked.content
    assert client.get(f"/e/syria.json?{AS_OF}&bom").status_code == 400


def test_parquet_carries_every_string(hostile: httpx.Client) -> None:
    table = pq.read_table(io.BytesIO(asked(hostile, f"/e/{HOSTILE}/members.parquet").content))

    assert {row["id"]: row["name"] for row in table.to_pylist()} == names()


def test_geojson_carries_every_string(hostile: httpx.Client) -> None:
    found = asked(hostile, f"/e/{HOSTILE}/members.geojson").json()

    assert geojson_rules.problems(found) == []
    assert {f["properties"]["id"]: f["properties"]["name"] for f in found["features"]} == names()


def test_icalendar_carries_every_string(hostile: httpx.Client) -> None:
    calendar = icalendar.Calendar.from_ical(asked(hostile, f"/e/{HOSTILE}/members.ics").content)

    events = list(calendar.walk("VEVENT"))
    assert len(calendar.walk("VCALENDAR")) == 1
    assert sorted(str(event["summary"]) for event in events) == sorted(
        # The library takes a byte order mark away, whether it writes or reads.
        f"{name} (members): since".removeprefix("\ufeff")
        for name in names().values()
    )


def test_timelinejs_gets_every_string_as_text_not_as_markup(hostile: httpx.Client) -> None:
    found = asked(hostile, f"/e/{HOSTILE}/members.timeline.json").json()

    heads = [event["text"]["headline"] for event in found["events"]]
    assert sorted(map(html.unescape, heads)) == sorted(
        f"{name} (members)" for name in names().values()
    )
    for event in found["events"]:
        text = event["text"]["headline"] + event["text"]["text"].replace("<br>", "")
        assert not {"<", ">"} & set(text)


def test_prov_json_carries_every_string(hostile: httpx.Client) -> None:
    content = asked(hostile, f"/e/{HOSTILE}/members.prov.json").text

    document = prov.model.ProvDocument.deserialize(content=content, format="json")

    found = {
        str(entity.identifier).removeprefix("record:s/"): str(value)
        for entity in document.get_records(prov.model.ProvEntity)
        for key, value in entity.attributes
        if str(key) == "schema:name" and "s/" in str(entity.identifier)
    }
    assert found == titles()


def test_rdf_carries_every_string(hostile: httpx.Client) -> None:
    path = f"/e/{HOSTILE}/members"
    graph = rdflib.Graph().parse(data=asked(hostile, f"{path}.ttl").text, format="turtle")
    other = rdflib.Graph().parse(data=asked(hostile, f"{path}.jsonld").text, format="json-ld")

    name = rdflib.URIRef("https://schema.org/name")
    for each in (graph, other):
        for folder, texts in (("e", names()), ("s", titles())):
            for key, text in texts.items():
                subject = rdflib.URIRef(f"urn:sijill:{folder}/{key}")
                assert {str(value) for value in each.objects(subject, name)} == {text}
    assert rdflib.compare.to_isomorphic(graph) == rdflib.compare.to_isomorphic(other)


def test_citations_open_in_a_processor_and_carry_every_string(
    hostile: httpx.Client, client: httpx.Client
) -> None:
    items = asked(hostile, "/sources.csl.json").json()
    records = rispy.loads(asked(hostile, "/sources.ris").text)
    fact = asked(client, "/f/syria-joins-2025-11-11.csl.json?asOf=2025&atPosition=500").json()

    source = CiteProcJSON(items)
    lines = asked(hostile, "/sources.ris").text.splitlines()
    assert [line for line in lines if line[2:6] != "  - "] == []
    assert {item["id"]: item["title"] for item in items} == titles()
    assert set(source) == set(titles())
    assert {each["id"]: " ".join(each.get("title", "").split()) for each in records} == {
        key: " ".join(title.split()) for key, title in titles().items()
    }
    assert (fact[0]["type"], fact[0]["version"]) == ("dataset", "log position 500")


def test_every_kind_of_row_has_columns() -> None:
    assert set(COLUMNS) == set(Kind) - {Kind.VIEW}
