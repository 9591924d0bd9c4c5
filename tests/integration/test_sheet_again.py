"""A sheet imported again: nothing for the same, a correction for a changed cell, what is gone."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.forked_sijill import sijill_program
from support.sheet_import import csv_bytes, imported, prepared

from api.graphql.execution import ask
from api.instance import Instance
from domain.codec import read, write
from domain.errors import Refused
from projections import source_verification
from store import documents
from store.database import WRITER

MAP = """
id = "kings"
key = ["house", "name"]
[source]
id = "kings"
title = "Kings"
published = "PUBLISHED"
[dates]
open = [""]
[entities.king]
unknown = "create"
id = "{name}"
kind = "PERSON"
names = { en = "{name}" }
[entities.throne]
unknown = "create"
id = "throne-{house}"
kind = "OFFICE"
names = { en = "{house}" }
[[spells]]
start = "OfficeAssumed"
end = "OfficeVacated"
keys = { office = "@throne", holder = "@king", gist = "{note}" }
since = "from"
until = "to"
"""
HEADER = ["house", "name", "from", "to", "note"]
ROWS = [
    ["York", "Edwin", "1461-03-04", "1470-10-03", ""],
    ["York", "Osric", "1471-04-11", "", "crowned"],
    ["Bath", "Penda", "1500", "1510", ""],
]


def text(published: str = "2020-01-01", more: str = "") -> str:
    return more + MAP.replace("PUBLISHED", published)


def sheet(rows: list[list[str]]) -> dict[str, bytes]:
    return {"kings.csv": csv_bytes([HEADER, *rows])}


def changed(row: int, column: str, cell: str) -> list[list[str]]:
    rows = [list(each) for each in ROWS]
    rows[row][HEADER.index(column)] = cell
    return rows


def log(instance: Instance) -> int:
    return instance.record.apply([], actor="someone", dry_run=True).position


def test_the_same_sheet_again_records_nothing(instance: Instance, tmp_path: Path) -> None:
    first = imported(instance, tmp_path, text(), sheet(ROWS))
    head = log(instance)

    again = imported(instance, tmp_path, text(), sheet(ROWS))

    assert again.entries == []
    assert again.unchanged == first.types["OfficeAssumed"] + first.types["OfficeVacated"] == 5
    assert log(instance) == head


@pytest.mark.parametrize(
    ("row", "column", "cell", "fact", "changes"),
    [
        (0, "to", "1471-05-01", "kings:York_Edwin:spell-end", {"when": "1471-05-01"}),
        (1, "from", "1471", "kings:York_Osric:spell-start", {"when": "1471"}),
        (1, "note", "crowned twice", "kings:York_Osric:spell-start", {"gist": "crowned twice"}),
        (1, "note", "", "kings:York_Osric:spell-start", {"gist": None}),
    ],
)
def test_a_changed_cell_is_one_correction_with_the_new_sheet_as_evidence(
    instance: Instance, tmp_path: Path, row: int, column: str, cell: str, fact: str,
    changes: dict[str, Any],
) -> None:  # fmt: skip
    imported(instance, tmp_path, text(), sheet(ROWS))
    head = log(instance)

    found = imported(instance, tmp_path, text("2021-01-01"), sheet(changed(row, column, cell)))

    source, correction = map(write, found.entries)
    assert source["type"] == "SourceRegistered"
    assert source["id"].startswith("kings-")
    assert source["published"] == "2021-01-01"
    assert correction["type"] == "FactCorrected"
    assert (correction["fact"], correction["changes"]) == (fact, changes)
    assert correction["basis"] == "EVIDENCE"
    (citation,) = correction["citations"]
    assert citation["source"] == source["id"]
    assert citation["locator"] == {"row": row + 1}
    assert f"Row {row + 2} of kings.csv, column {column}" in correction["reason"]
    assert log(instance) == head + 3  # with the capture of the new sheet
    again = imported(instance, tmp_path, text("2021-01-01"), sheet(changed(row, column, cell)))
    assert again.entries == []


def test_by_what_was_known_before_the_new_sheet_the_old_cell_holds(
    instance: Instance, tmp_path: Path
) -> None:
    imported(instance, tmp_path, text(), sheet(ROWS))
    imported(instance, tmp_path, text("2021-01-01"), sheet(changed(0, "to", "1480-01-01")))

    def holders(known: str) -> list[str]:
        document = (
            f'{{holders(office: "throne-York", asOf: "1475-01-01", knownAt: "{known}")'
            "{edges{node{holder{id}}}}}"
        )
        edges = ask(instance, document)["data"]["holders"]["edges"]
        return [edge["node"]["holder"]["id"] for edge in edges]

    assert holders("2020-06-01") == ["Osric"]
    assert holders("2021-06-01") == ["Edwin", "Osric"]


def test_a_cell_that_changes_back_is_corrected_back(instance: Instance, tmp_path: Path) -> None:
    imported(instance, tmp_path, text(), sheet(ROWS))
    imported(instance, tmp_path, text("2021-01-01"), sheet(changed(0, "to", "1480")))

    found = imported(instance, tmp_path, text("2022-01-01"), sheet(ROWS))

    assert found.types == {"SourceRegistered": 1, "FactCorrected": 1}
    told = ask(instance, '{fact(id: "kings:York_Edwin:spell-end") {when {edtf}}}')
    assert told["data"]["fact"]["when"]["edtf"] == "1470-10-03"
    assert imported(instance, tmp_path, text("2022-01-01"), sheet(ROWS)).entries == []


def test_an_editors_correction_stands_when_the_sheet_says_what_it_said(
    instance: Instance, tmp_path: Path
) -> None:
    imported(instance, tmp_path, text(), sheet(ROWS))
    correction = {
        "type": "FactCorrected", "id": "mine", "fact": "kings:York_Edwin:spell-end",
        "changes": {"when": "1470"}, "reason": "The day is a legend.",
    }  # fmt: skip
    instance.record.apply([read(correction)], actor="editor")

    assert imported(instance, tmp_path, text(), sheet(ROWS)).entries == []


def test_only_ends_that_the_record_has_are_remembered_as_not_given(
    instance: Instance, tmp_path: Path
) -> None:
    first = imported(instance, tmp_path, text(), sheet(ROWS))
    again = imported(instance, tmp_path, text("2021-01-01"), sheet(changed(0, "to", "")))

    assert not first.findings.not_given
    assert again.findings.not_given.keys() == {"kings:York_Edwin:spell-end"}


TOWNS = """
id = "towns"
repeats = "number"
key = ["code"]
[source]
id = "towns"
title = "Towns"
published = "2020-01-01"
[entities.town]
by = ["id", "name"]
unknown = "create"
id = "town-{code}"
kind = "PLACE"
names = { en = "{name}", ar = "{arabic}" }
identifiers = { post = "{post}" }
location = { lat = "{lat}", lon = "{lon}" }
[[entries]]
type = "EntityEstablished"
keys = { entity = "@town" }
when = "built"
"""
TOWN = {"code": "1", "name": "Ambra", "arabic": "عنبر", "post": "12", "lat": "45.5", "lon": "7",
        "built": "1900"}  # fmt: skip


OTHER = {"code": "2", "name": "Bor", "arabic": "بور", "post": "14"}


def towns(*rows: dict[str, str]) -> dict[str, bytes]:
    return {"towns.csv": csv_bytes([list(TOWN), *([*(TOWN | each).values()] for each in rows)])}


@pytest.mark.parametrize(
    ("key", "cell", "known"),
    [
        ("name", "Ambria", "«Ambra»"),
        ("arabic", "العنبر", "«عنبر»"),
        ("post", "13", "«12»"),
        ("lat", "45.6", "45.5, 7"),
    ],
)
def test_a_changed_cell_that_describes_an_entity_is_told_with_what_the_record_says(
    key: str, cell: str, known: str, instance: Instance, tmp_path: Path
) -> None:
    imported(instance, tmp_path, TOWNS, towns({}))
    rows = towns({key: cell}, OTHER | {"built": "1901"}, {key: cell, "code": "3"})

    found = imported(instance, tmp_path, TOWNS, rows)

    (warning,) = found.findings.warnings.first
    assert warning.code == "ENTITY_DIFFERS"
    assert (warning.data["row"], warning.data["column"]) == (2, key)
    for said in (cell, known, "town-1", "EntityCorrected", "EntityRenamed"):
        assert said in warning.message
    assert "FactCorrected" not in found.types


@pytest.mark.parametrize(
    ("key", "cell", "known"),
    [
        ("name", "Ambria", "«Ambra» in row 2, column name."),
        ("arabic", "العنبر", "«عنبر» in row 2, column arabic."),
        ("post", "13", "«12» in row 2, column post."),
        ("lat", "45.6", "45.5, 7.0 in row 2, column lat."),
    ],
)
def test_a_later_row_that_describes_an_entity_otherwise_is_told_with_both_places(
    key: str, cell: str, known: str, instance: Instance, tmp_path: Path
) -> None:
    rows = towns({}, OTHER, {}, {key: cell}, {key: cell, "built": "1901"})

    for found in (
        prepared(instance, tmp_path, TOWNS, rows),
        imported(instance, tmp_path, TOWNS, rows),
    ):
        (warning,) = found.findings.warnings.first
        assert (warning.code, warning.data["column"]) == ("ENTITY_DIFFERS", key)
        assert warning.data["row"] == 5
        for said in (cell, known, "town-1"):
            assert said in warning.message
    again = imported(instance, tmp_path, TOWNS, rows)
    assert [each.data["row"] for each in again.findings.warnings.first] == [5]


@pytest.mark.parametrize(
    ("key", "cell", "code"),
    [
        ("lat", "north", "BAD_NUMBER"),
        ("lon", "7°E", "BAD_NUMBER"),
        ("lat", "4_5.5", "BAD_NUMBER"),
        ("lat", "95", "BAD_VALUE"),
        ("lon", "-181", "BAD_VALUE"),
        ("lon", "nan", "BAD_VALUE"),
        ("lat", "", "EMPTY_CELL"),
        ("lon", "", "EMPTY_CELL"),
    ],
)
def test_no_row_places_an_entity_where_nothing_can_be(
    key: str, cell: str, code: str, instance: Instance, tmp_path: Path
) -> None:
    bad = {key: cell}
    first = towns(bad, {}, OTHER)
    later = towns({}, OTHER, {"built": "1901"}, bad)

    for rows, row in (first, 2), (later, 5):
        with pytest.raises(Refused) as refused:
            prepared(instance, tmp_path, TOWNS, rows)
        assert (refused.value.code, refused.value.data["row"]) == (code, row)
        assert refused.value.data["column"] == key
        assert cell in refused.value.message
    imported(instance, tmp_path, TOWNS, towns({}))
    with pytest.raises(Refused) as refused:
        prepared(instance, tmp_path, TOWNS, later)
    assert (refused.value.data["row"], refused.value.data["column"]) == (5, key)


@pytest.mark.parametrize("cell", ["1_000", "1,000", "1 000", "ten"])
def test_what_is_no_number_is_refused_with_row_and_column(
    cell: str, instance: Instance, tmp_path: Path
) -> None:
    counted = EVENTS.replace("value = 5", 'value = { number = "note" }')

    with pytest.raises(Refused) as refused:
        prepared(instance, tmp_path, text() + counted, sheet(changed(0, "note", cell)[:1]))

    assert refused.value.code == "BAD_NUMBER"
    assert (refused.value.data["row"], refused.value.data["column"]) == (2, "note")


def test_a_row_that_says_less_or_what_the_map_takes_as_an_alias_is_not_told(
    instance: Instance, tmp_path: Path
) -> None:
    text = TOWNS.replace("[[entries]]", "").replace(
        "identifiers", 'aliases = { en = ["{name}"] }\nidentifiers'
    ).replace("type =", "[[entries]]\ntype =")  # fmt: skip
    rows = towns(
        {}, {"name": "Ambria"}, {"arabic": "", "post": "", "lat": "", "lon": ""}, {"name": "AMBRA "}
    )

    assert not imported(instance, tmp_path, text, rows).findings.warnings


def test_another_kind_in_the_map_is_told(instance: Instance, tmp_path: Path) -> None:
    imported(instance, tmp_path, TOWNS, towns({}))

    found = imported(instance, tmp_path, TOWNS.replace("PLACE", "BASE"), towns({}))

    (warning,) = found.findings.warnings.first
    assert (warning.code, warning.data["row"]) == ("ENTITY_DIFFERS", 2)
    assert "BASE" in warning.message
    assert "PLACE" in warning.message


@pytest.mark.parametrize(
    ("text", "row"),
    [
        (TOWNS, {}),
        (TOWNS, {"name": " AMBRA ", "arabic": "", "post": "", "lat": "", "lon": ""}),
        (TOWNS, {"name": "Ambria"}),
        (TOWNS.replace('"create"', '"refuse"'), {"name": "Ambra Vecchia", "post": "13"}),
        (TOWNS.replace("town-{code}", "place-{code}"), {"post": "13"}),
    ],
    ids=["the same", "nothing said", "as it is called since", "a key alone", "found by its name"],
)
def test_what_describes_no_entity_otherwise_is_not_told(
    text: str, row: dict[str, str], instance: Instance, tmp_path: Path
) -> None:
    first = imported(instance, tmp_path, TOWNS, towns({}, OTHER))
    renamed = {"type": "EntityRenamed", "id": "r", "entity": "town-1", "when": "1950",
               "names": {"en": "Ambria"}, "reason": "By decree."}  # fmt: skip
    instance.record.apply([read(renamed)], actor="editor")

    again = imported(instance, tmp_path, text, towns(row, OTHER))

    assert not first.findings.warnings
    assert not again.findings.warnings


def test_a_row_that_is_gone_is_reported_and_stays(instance: Instance, tmp_path: Path) -> None:
    imported(instance, tmp_path, text(), sheet(ROWS))

    found = imported(instance, tmp_path, text("2021-01-01"), sheet(ROWS[1:]))

    assert found.gone == ["kings:York_Edwin:spell-end", "kings:York_Edwin:spell-start"]
    assert found.findings.warnings.codes == {"GONE": 2}
    assert found.types == {"SourceRegistered": 1}


def test_a_row_that_is_gone_is_named_where_it_stood_in_the_version_that_had_it_last(
    instance: Instance, tmp_path: Path
) -> None:
    imported(instance, tmp_path, text(), sheet(ROWS))
    moved = [ROWS[2], changed(0, "to", "1480")[0]]
    second = imported(instance, tmp_path, text("2021-01-01"), sheet([*moved, ROWS[1]]))
    version = second.versions[0].entry.id

    found = imported(instance, tmp_path, text("2022-01-01"), sheet([]))

    told = dict(zip(found.gone, found.findings.warnings.first, strict=True))
    assert "it stood in row 3 of kings." in told["kings:York_Osric:spell-start"].message
    assert f"it stood in row 3 of {version}." in told["kings:York_Edwin:spell-end"].message
    assert "it stood in row 2 of kings." in told["kings:York_Edwin:spell-start"].message
    assert told["kings:York_Edwin:spell-end"].data == {"file": "kings.csv"}


PANEL = """
id = "union"
[source]
id = "union"
title = "Union"
published = "2020-01-01"
[entities.state]
unknown = "create"
id = "{state}"
kind = "COUNTRY"
names = { en = "{state}" }
[entities.union]
unknown = "create"
id = "union"
kind = "COALITION"
names = { en = "Union" }
[panel]
start = "MemberJoined"
end = "MemberLeft"
keys = { coalition = "@union", member = "@state" }
item = ["state"]
columns = "^[0-9]"
in = ["1"]
out = ["0"]
holds = "HOLDS"
"""


@pytest.mark.parametrize("holds", ["whole", "part", "first-day", "last-day"])
def test_a_spell_that_is_gone_from_a_panel_is_named_by_the_row_and_column_that_said_it(
    holds: str, instance: Instance, tmp_path: Path
) -> None:
    def panel(*answers: str) -> dict[str, bytes]:
        rows = [["state", "1950", "1951", "1952", "1953"], ["a", *"1111"], ["b", *answers]]
        return {"union.csv": csv_bytes(rows)}

    told = PANEL.replace("HOLDS", holds)
    imported(instance, tmp_path, told, panel(*"1010"))

    found = imported(instance, tmp_path, told, panel(*"1110"))

    end, start = found.findings.warnings.first
    assert found.gone == ["union:b:2-end", "union:b:2-start"]
    assert "it stood in row 3, column 1953 of union." in end.message
    assert "it stood in row 3, column 1952 of union." in start.message
    (moved,) = (write(entry) for entry in found.entries if "1-end" in str(entry))
    assert "Row 3 of union.csv, column 1953: when was " in moved["reason"]
    retracting = imported(instance, tmp_path, 'gone = "retract"\n' + told, panel(*"1110"))
    ended, started = retracting.entries[-2:]
    assert "it stood in row 3, column 1953 of union." in write(ended)["reason"]
    assert "it stood in row 3, column 1952 of union." in write(started)["reason"]


EVENTS = """
[[entries]]
type = "QuantityReported"
when = "to"
keys = { subject = "@king", measure = "troops", value = 5 }
"""


def test_an_emptied_end_is_reported_with_its_row_and_column_and_stays(
    instance: Instance, tmp_path: Path
) -> None:
    rows = [ROWS[1], ROWS[0]]
    imported(instance, tmp_path, text() + EVENTS, sheet(rows))
    emptied = [ROWS[1], changed(0, "to", "")[0]]

    found = imported(instance, tmp_path, text("2021-01-01") + EVENTS, sheet(emptied))

    assert found.gone == ["kings:York_Edwin:QuantityReported", "kings:York_Edwin:spell-end"]
    for warning, fact in zip(found.findings.warnings.first, found.gone, strict=True):
        assert warning.code == "GONE"
        assert warning.data == {"file": "kings.csv", "row": 3, "column": "to"}
        for said in ("Row 3, column to", fact, 'gone = "retract"'):
            assert said in warning.message
    assert found.types == {"SourceRegistered": 1}


def test_an_emptied_end_is_retracted_where_the_map_says_so(
    instance: Instance, tmp_path: Path
) -> None:
    imported(instance, tmp_path, text(), sheet(ROWS))
    retracting = text("2021-01-01", 'gone = "retract"\n')

    found = imported(instance, tmp_path, retracting, sheet(changed(0, "to", "")))

    assert [each.fact for each in found.entries[1:]] == ["kings:York_Edwin:spell-end"]
    assert found.types == {"SourceRegistered": 1, "FactRetracted": 1}
    assert "Row 2 of kings.csv, column to" in write(found.entries[1])["reason"]
    assert not found.findings.warnings
    assert imported(instance, tmp_path, retracting, sheet(changed(0, "to", ""))).entries == []


def test_a_row_that_is_gone_is_retracted_where_the_map_says_so_and_comes_back(
    instance: Instance, tmp_path: Path
) -> None:
    retracting = 'gone = "retract"\n'
    imported(instance, tmp_path, text(), sheet(ROWS))

    found = imported(instance, tmp_path, text("2021-01-01", retracting), sheet(ROWS[1:]))

    assert found.types == {"SourceRegistered": 1, "FactRetracted": 2}
    for entry in found.entries[1:]:
        assert write(entry)["reason"] == (
            "kings.csv does not say it any more: its row is gone, or the cell that said it; it "
            "stood in row 2 of kings."
        )
    assert imported(
        instance, tmp_path, text("2021-01-01", retracting), sheet(ROWS[1:])
    ).entries == []  # fmt: skip
    back = imported(instance, tmp_path, text("2022-01-01", retracting), sheet(ROWS))
    assert back.types == {"SourceRegistered": 1, "FactReinstated": 2}
    assert imported(
        instance, tmp_path, text("2022-01-01", retracting), sheet(ROWS)
    ).entries == []  # fmt: skip


def test_what_an_editor_retracted_does_not_come_back_with_the_sheet(
    instance: Instance, tmp_path: Path
) -> None:
    imported(instance, tmp_path, text(), sheet(ROWS))
    retraction = {
        "type": "FactRetracted", "id": "mine", "fact": "kings:York_Edwin:spell-end",
        "reason": "A legend.",
    }  # fmt: skip
    instance.record.apply([read(retraction)], actor="editor")

    assert imported(instance, tmp_path, text(), sheet(ROWS)).entries == []


def test_each_version_of_the_sheet_is_kept_and_every_row_cited_is_found_in_it(
    instance: Instance, tmp_path: Path
) -> None:
    from api.commands.source import read_again

    first = imported(instance, tmp_path, text(), sheet(ROWS))
    second = imported(instance, tmp_path, text("2021-01-01"), sheet(changed(0, "to", "1480")))

    with instance.database.connect(WRITER) as connection:
        held = documents.held(connection)
        found = source_verification.verify(connection, read_again)
    assert sorted(held) == sorted([first.sheets[0].sha256, second.sheets[0].sha256])
    assert found.problems == []
    assert found.citations == 6


def test_a_sheet_is_all_or_nothing(instance: Instance, tmp_path: Path) -> None:
    head = log(instance)

    with pytest.raises(Refused) as refused:
        imported(instance, tmp_path, text(), sheet(changed(1, "from", "soon")))

    assert refused.value.data["row"] == 3
    assert refused.value.data["column"] == "from"
    assert log(instance) == head
    with instance.database.connect(WRITER) as connection:
        assert documents.held(connection) == []


def test_a_dry_run_tells_rows_entries_questions_and_the_diff_and_writes_nothing(
    instance: Instance, tmp_path: Path
) -> None:
    head = log(instance)
    for name, content in sheet(ROWS).items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "kings.toml").write_text(text())

    def run(*arguments: str) -> dict[str, Any]:
        done = subprocess.run(
            [sijill_program(), "import", "kings.csv", "--map", "kings.toml", "--json", *arguments],
            cwd=tmp_path,
            env={**os.environ, "SIJILL_DATABASE_URL": instance.database.url},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    told = run("--dry-run")

    assert told["rows"] == 3
    assert told["entries"]["OfficeAssumed"] == 3
    assert told["recorded"] == sum(told["entries"].values()) == 11
    assert len(told["questions"]) == 5
    assert told["questions"][0]["command"] == "sijill ask holders throne-York --as-of 1461-03-04"
    assert told["diff"] == [
        {"question": "office", "scope": "throne-York", "subject": "Osric", "change": "ADDED"}
    ]
    assert log(instance) == head
    assert run()["recorded"] == 11
    assert run()["recorded"] == 0


def test_a_map_that_makes_other_types_of_the_same_rows_is_refused(
    instance: Instance, tmp_path: Path
) -> None:
    imported(instance, tmp_path, text(), sheet(ROWS))
    other = text().replace("OfficeAssumed", "LeadershipAssumed")
    other = other.replace("OfficeVacated", "LeadershipRelinquished")
    other = other.replace("office = ", "organisation = ").replace("holder = ", "leader = ")

    with pytest.raises(Refused) as refused:
        prepared(instance, tmp_path, other, sheet(ROWS))

    assert refused.value.code == "ID_TAKEN"
