"""Spreadsheets in the shapes of public data sets, with their faults, imported by a map alone.

Each is held against a naive reading of its rows: something is listed (CERTAIN or POSSIBLE) on a day
if and only if the rows say that it held on it, at 300 random pairs of subject and day.
"""

from __future__ import annotations

import csv
import io
import random
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from support.sheet_import import csv_bytes, imported

from api.graphql.execution import ask
from api.instance import Instance
from domain.dates import civil_from_days, day_of, days_from_civil, iso_of

VECTORS = Path(__file__).parents[3] / "shared" / "vectors" / "sheets"
QUESTIONS = 300
Spell = tuple[int | None, int | None]
"""The first and the last day on which a row says that something held; None is without end."""


class Naive(NamedTuple):
    """What the rows say, read without the product."""

    spells: dict[str, list[Spell]]
    first: int
    last: int

    def held(self, subject: str, day: int) -> bool:
        return any(
            (since is None or since <= day) and (until is None or day <= until)
            for since, until in self.spells[subject]
        )


def check(naive: Naive, listed: Callable[[str, str], bool], seed: int = 17) -> None:
    """Ask 300 random pairs, and the days around the ends of as many spells."""
    rng = random.Random(seed)
    subjects = sorted(naive.spells)
    edges = [
        (subject, day + offset)
        for subject in subjects
        for spell in naive.spells[subject]
        for day in spell
        if day is not None
        for offset in (-1, 0, 1)
    ]
    pairs = [
        (rng.choice(subjects), rng.randint(naive.first, naive.last)) for _ in range(QUESTIONS // 2)
    ]
    pairs += [rng.choice(edges) for _ in range(QUESTIONS - len(pairs))]
    wrong = [
        (subject, iso_of(day), naive.held(subject, day))
        for subject, day in pairs
        if listed(subject, iso_of(day)) != naive.held(subject, day)
    ]

    assert wrong == []
    assert 20 < sum(naive.held(*pair) for pair in pairs) < QUESTIONS - 20


def existing(instance: Instance, kind: str) -> Callable[[str, str], bool]:
    """Whether something of a kind exists on a day, as the record answers."""
    cache: dict[str, set[str]] = {}

    def listed(subject: str, day: str) -> bool:
        if day not in cache:
            document = (
                f'{{organisations(kind: {kind}, asOf: "{day}", first: 5000)'
                "{edges{node{organisation{id}}}}}"
            )
            cache[day] = _ids(ask(instance, document), "organisations", "organisation")
        return subject in cache[day]

    return listed


def related(
    instance: Instance, question: str, scope: str, subject_key: str
) -> Callable[[str, str], bool]:
    """Whether `scope/subject` holds on a day, as the record answers."""

    def listed(pair: str, day: str) -> bool:
        of, _, subject = pair.partition("/")
        document = (
            f'{{{question}({scope}: "{of}", asOf: "{day}", first: 5000)'
            f"{{edges{{node{{{subject_key}{{id}}}}}}}}}}"
        )
        return subject in _ids(ask(instance, document), question, subject_key)

    return listed


def _ids(response: dict[str, Any], question: str, subject: str) -> set[str]:
    assert "errors" not in response, response
    return {edge["node"][subject]["id"] for edge in response["data"][question]["edges"]}


def vectors(name: str) -> tuple[bytes, list[dict[str, str]]]:
    path = VECTORS / name
    if not path.exists():
        pytest.skip(f"the excerpt {name} is not here")
    content = path.read_bytes()
    return content, list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def days(text: str, first_of_century: int = 1903) -> tuple[int, int]:
    """The first and the last day of a cell, read naively: 778, 0778-01-01, 7/9/60 (July)."""
    text = text.rstrip("?")
    if found := re.fullmatch(r"(\d+)/(\d+)/(\d\d)", text):
        month, day, year = map(int, found.groups())
        year = first_of_century + (year - first_of_century) % 100
        return (days_from_civil(year, month, day),) * 2
    parts = [int(part) for part in text.split("-")]
    if len(parts) == 1:
        return days_from_civil(parts[0], 1, 1), days_from_civil(parts[0], 12, 31)
    return (days_from_civil(*parts),) * 2


# States


STATES = """
id = "states"
key = ["stateID"]
repeats = "number"
[source]
id = "states"
title = "States"
published = "2024-05-01"
[file]
missing = ["", "NA"]
[dates]
order = "MDY"
twoDigitYears = 1903
open = ["9999-12-31"]
[entities.state]
unknown = "create"
id = "state-{stateID}"
kind = "COUNTRY"
names = { en = "{StateName}" }
[[spells]]
start = "EntityEstablished"
end = "EntityAbolished"
keys = { entity = "@state" }
since = { column = "Begin", doubt = DOUBT }
until = "End"
"""


@pytest.mark.parametrize(
    ("name", "doubt"),
    [
        ("states-huggo.csv", '[{ column = "Basis", matches = "[?]$" }]'),
        ("states-additional-dirty.csv", "[]"),
    ],
)
def test_the_excerpts_of_states_are_read_as_their_rows_say(
    name: str, doubt: str, instance: Instance, tmp_path: Path
) -> None:
    content, rows = vectors(name)

    imported(instance, tmp_path, STATES.replace("DOUBT", doubt), {name: content})

    spells: dict[str, list[Spell]] = {}
    for row in rows:
        since = days(row["Begin"])[0]
        until = None if row["End"].startswith("9999") else days(row["End"])[1]
        spells.setdefault(f"state-{row['stateID']}", []).append((since, until))
    naive = Naive(spells, day_of("1700-01-01"), day_of("2020-12-31"))
    check(naive, existing(instance, "COUNTRY"))


# Communes


COMMUNES = """
id = "cog"
key = ["MOD", "DATE_EFF", "TYPECOM_AV", "COM_AV", "TYPECOM_AP", "COM_AP"]
[source]
id = "cog"
title = "Movements of communes"
published = "2024-01-31"
language = "fr"
[dates]
end = "first-not"
[entities.before]
unknown = "create"
id = "fr-{COM_AV}"
kind = "PLACE"
names = { fr = "{LIBELLE_AV}" }
identifiers = { insee = "{COM_AV}" }
[entities.after]
unknown = "create"
id = "fr-{COM_AP}"
kind = "PLACE"
names = { fr = "{LIBELLE_AP}" }
identifiers = { insee = "{COM_AP}" }
[[entries]]
type = "EntityAbolished"
if = MERGED
keys = { entity = "@before" }
when = "DATE_EFF"
[[entries]]
type = "EntitiesSucceeded"
if = MERGED
keys = { from = ["@before"], into = ["@after"] }
when = "DATE_EFF"
[[entries]]
type = "EntityEstablished"
if = [{ column = "MOD", is = ["21"] }, { column = "COM_AV", differsFrom = "COM_AP" }]
keys = { entity = "@after" }
when = "DATE_EFF"
[[entries]]
type = "EntityRenamed"
if = [{ column = "MOD", is = ["10"] }]
keys = { entity = "@before", names = { fr = "{LIBELLE_AP}" } }
when = "DATE_EFF"
""".replace(
    "MERGED",
    '[{ column = "MOD", is = ["32"] }, { column = "TYPECOM_AV", is = ["COM"] }, '
    '{ column = "TYPECOM_AP", is = ["COM"] }, { column = "COM_AV", differsFrom = "COM_AP" }]',
)


def test_the_movements_of_communes_are_read_as_their_rows_say(
    instance: Instance, tmp_path: Path
) -> None:
    content, rows = vectors("communes-movements.csv")

    found = imported(instance, tmp_path, COMMUNES, {"communes.csv": content})

    spells: dict[str, list[Spell]] = {}
    for row in rows:
        day, differs = day_of(row["DATE_EFF"]), row["COM_AV"] != row["COM_AP"]
        if row["MOD"] == "32" and row["TYPECOM_AV"] == row["TYPECOM_AP"] == "COM" and differs:
            spells.setdefault(f"fr-{row['COM_AV']}", []).append((None, day - 1))
        elif row["MOD"] == "21" and differs:
            spells.setdefault(f"fr-{row['COM_AP']}", []).append((day, None))
    check(Naive(spells, day_of("2018-01-01"), day_of("2025-12-31")), existing(instance, "PLACE"))
    assert found.types["EntityRenamed"] == sum(row["MOD"] == "10" for row in rows)
    renamed = next(row for row in rows if row["MOD"] == "10")
    told = ask(
        instance,
        f'{{entity(id: "fr-{renamed["COM_AV"]}", asOf: "2026-01-01") {{name(lang: "fr")}}}}',
    )
    assert told["data"]["entity"]["name"] == renamed["LIBELLE_AP"]


# Organisations and years, as a panel: a row for each, a column for each state


PANEL = """
id = "igo"
[source]
id = "igo"
title = "Members by year"
published = "2019-09-01"
[file]
encoding = "mac_roman"
delimiter = ";"
missing = ["", "-9"]
[entities.igo]
unknown = "create"
id = "igo-{ioname}"
kind = "COALITION"
names = { fr = "{longname}" }
[entities.state]
unknown = "create"
id = "state-{:header}"
kind = "COUNTRY"
names = { en = "{:header}" }
[panel]
start = "MemberJoined"
end = "MemberLeft"
keys = { coalition = "@igo", member = "@state" }
item = ["ioname", ":header"]
columns = '^[a-z]{3}$'
period = "year"
in = ["1"]
out = ["0", "2", "3", "-1"]
holds = "whole"
"""


def a_panel(rng: random.Random) -> tuple[list[list[object]], dict[str, list[Spell]]]:
    """Rows, and the spells that they say."""
    states = ["usa", "can", "fra", "sdn", "ssd", "egy"]
    rows: list[list[object]] = [["ioname", "longname", "year", *states, "note"]]
    spells: dict[str, list[Spell]] = {}
    for name, long in (
        ("ACCT", "Agence de coopération"),
        ("CEAO", "Communauté élargie"),
        ("X", "Île"),
    ):
        years = range(1950, 1975)
        cells: dict[str, list[str]] = {}
        for state in states:
            value = "0"
            cells[state] = []
            for _ in years:
                if rng.random() < 0.2:
                    value = rng.choice(["0", "1", "2", "-1"])
                cells[state].append("-9" if rng.random() < 0.1 else value)
            spells[f"igo-{name}/state-{state}"] = list(_spells_of(cells[state], 1950))
        for at, year in enumerate(years):
            rows.append([name, long, year, *(cells[state][at] for state in states), "à voir"])
    rng.shuffle(body := rows[1:])
    return [rows[0], *body], spells


def _spells_of(cells: list[str], first: int) -> Iterator[Spell]:
    """What a person would say of a line of years: it goes on where a year is missing."""
    said = [(first + n, cell == "1") for n, cell in enumerate(cells) if cell != "-9"]
    for is_in, years in _stretches(said):
        if is_in:
            before = [year for year, _ in said if year < years[0]]
            after = [year for year, _ in said if year > years[-1]]
            # A year that is missing at an edge is possible.
            since = days_from_civil(before[-1] + 1, 1, 1) if before else None
            yield since, days_from_civil(after[0], 1, 1) - 1 if after else None


def _stretches(said: list[tuple[int, bool]]) -> Iterator[tuple[bool, list[int]]]:
    years: list[int] = []
    was = False
    for year, is_in in said:
        if years and is_in != was:
            yield was, years
            years = []
        was = is_in
        years.append(year)
    if years:
        yield was, years


def test_a_panel_of_members_in_mac_roman_is_read_as_its_cells_say(
    instance: Instance, tmp_path: Path
) -> None:
    rows, spells = a_panel(random.Random(3))
    content = csv_bytes(rows, "mac_roman", ";")
    spells = {pair: found for pair, found in spells.items() if found}

    imported(instance, tmp_path, PANEL, {"igo.csv": content})

    naive = Naive(spells, day_of("1949-01-01"), day_of("1976-12-31"))
    check(naive, related(instance, "members", "coalition", "member"))
    told = ask(instance, '{entity(id: "igo-ACCT") {name(lang: "fr")}}')
    assert told["data"]["entity"]["name"] == "Agence de coopération"


# Terms of office, which overlap, begin twice on a day, or end before they begin


TERMS = """
id = "terms"
key = ["bioguide", "start", "state", "district"]
repeats = "number"
[source]
id = "terms"
title = "Terms"
published = "2025-01-15"
[dates]
order = "DMY"
months = ["en"]
open = ["", "present"]
end = "first-not"
[entities.person]
by = ["identifier:bioguide"]
unknown = "create"
id = "person-{bioguide}"
kind = "PERSON"
names = { en = "{name}" }
identifiers = { bioguide = "{bioguide}" }
[entities.seat]
unknown = "create"
id = "seat-{state}-{district}"
kind = "OFFICE"
names = { en = "{state} {district}" }
[[spells]]
start = "OfficeAssumed"
end = "OfficeVacated"
keys = { office = "@seat", holder = "@person" }
since = "start"
until = "end"
reversed = "skip"
"""


def test_terms_that_overlap_or_hold_on_no_day_are_read_as_their_rows_say(
    instance: Instance, tmp_path: Path
) -> None:
    rng = random.Random(5)
    rows: list[list[object]] = [["bioguide", "name", "state", "district", "start", "end"]]
    spells: dict[str, list[Spell]] = {}
    for number in range(200):
        person, district = f"A{number % 40:06}", rng.randint(1, 6)
        since = date(1900, 1, 3) + timedelta(rng.randint(0, 30_000))
        length = rng.choice([730, 2190, 400, 1, 0, -30, None])
        until = None if length is None else since + timedelta(length)
        written = ("{0:%Y-%m-%d}", "{0.day}/{0.month}/{0.year}", "{0.day} {0:%B} {0.year}")
        row = [person, f"Member {person}", "NJ", district, rng.choice(written).format(since)]
        row.append(rng.choice(["", "present"]) if until is None else f"{until:%Y-%m-%d}")
        rows.append(row)
        if rng.random() < 0.1:
            rows.append(row)  # two rows of one day
        first = day_of(since.isoformat())
        last = None if until is None else day_of(until.isoformat()) - 1
        pair = f"seat-NJ-{district}/person-{person}"
        if last is None or first <= last:
            spells.setdefault(pair, []).append((first, last))

    found = imported(instance, tmp_path, TERMS, {"terms.csv": csv_bytes(rows)})

    naive = Naive(spells, day_of("1900-01-01"), day_of("1990-01-01"))
    check(naive, related(instance, "holders", "office", "holder"))
    assert found.findings.left_out["REVERSED"] > 10


# Lists of sanctions: a file a day


LISTS = """
id = "eu"
[source]
id = "eu-list"
title = "Consolidated list"
publisher = "A council"
[entities.person]
by = ["identifier:eu"]
unknown = "create"
id = "eu-{Entity_LogicalId}"
kind = "PERSON"
names = { en = "{Naal_wholename}" }
identifiers = { eu = "{Entity_LogicalId}" }
[snapshots]
start = "MemberJoined"
end = "MemberLeft"
keys = { coalition = "eu-list", member = "@person" }
item = ["Entity_LogicalId"]
fileDay = 'list-(\\d{4}-\\d\\d-\\d\\d)'
"""


def lists(rng: random.Random) -> tuple[dict[str, bytes], dict[str, set[int]]]:
    """Files by name, and on which days of a list each person stands on it."""
    files, there = {}, {}
    on = {n for n in range(40) if rng.random() < 0.5}
    for number in range(12):
        day = date(2018, 1, 5) + timedelta(45 * number + rng.randint(0, 20))
        on ^= {n for n in range(40) if rng.random() < 0.15}
        rows = [[n, f"Person {n}", "x"] for n in sorted(on)]
        header = ["Entity_LogicalId", "Naal_wholename", "Remark"]
        files[f"list-{day}.csv"] = csv_bytes([header, *rows], "utf-8-sig", ";")
        for n in on:
            there.setdefault(f"eu-list/eu-{n}", set()).add(day_of(day.isoformat()))
    return files, there


def register(instance: Instance, name: str, kind: str) -> None:
    from domain.codec import read

    entry = {"type": "EntityRegistered", "id": name, "kind": kind, "names": {"en": name}}
    instance.record.apply([read(entry)], actor="someone")


def test_snapshots_say_who_is_there_on_their_days_and_nothing_of_others(
    instance: Instance, tmp_path: Path
) -> None:
    files, there = lists(random.Random(7))
    register(instance, "eu-list", "COALITION")
    all_days = sorted({day_of(name[5:15]) for name in files})

    found = imported(instance, tmp_path, LISTS, files)

    listed = related(instance, "members", "coalition", "member")
    rng = random.Random(11)
    for _ in range(QUESTIONS):
        pair, day = rng.choice(sorted(there)), rng.choice(all_days)
        assert listed(pair, iso_of(day)) == (day in there[pair]), (pair, iso_of(day))
    assert found.types["HoldingAttested"] > 50
    assert imported(instance, tmp_path, LISTS, files).entries == []


def test_a_later_snapshot_adds_only_what_it_says_itself(instance: Instance, tmp_path: Path) -> None:
    files, _ = lists(random.Random(7))
    register(instance, "eu-list", "COALITION")
    *earlier, last = sorted(files)
    imported(instance, tmp_path, LISTS, {name: files[name] for name in earlier})

    found = imported(instance, tmp_path, LISTS, files)

    day = last[5:15]
    assert found.types["FactCorrected"] == 0
    for entry in found.entries:
        citations = getattr(entry, "citations", ())
        assert all(each.source == f"eu-list-{day}" for each in citations)


# Ministers: doubt, nearness, a margin, and who comes back within it


MINISTERS = """
id = "gov"
key = ["role", "person", "start"]
[source]
id = "gov"
title = "Ministers"
published = "2023-07-01"
[dates]
months = ["en", "fr"]
open = [""]
[entities.person]
unknown = "create"
id = "{person}"
kind = "PERSON"
names = { en = "{person}" }
[entities.role]
unknown = "create"
id = "{role}"
kind = "OFFICE"
names = { en = "{role}" }
[[spells]]
start = "OfficeAssumed"
end = "OfficeVacated"
keys = { office = "@role", holder = "@person" }
since = { column = "start", margin = "days", near = [{ column = "note", matches = "about" }] }
until = { column = "end", margin = "days" }
"""


def test_who_comes_back_within_the_margin_of_a_date_holds_twice(
    instance: Instance, tmp_path: Path
) -> None:
    rng = random.Random(13)
    rows: list[list[object]] = [["role", "person", "start", "end", "days", "note"]]
    spells: dict[str, list[Spell]] = {}
    for number in range(60):
        pair = f"minister-{number % 5}/person-{number}"
        role, person = pair.split("/")
        day = date(1950, 1, 1) + timedelta(rng.randint(0, 9_000))
        for _ in range(2):
            margin, until = rng.choice(["", 5, 30]), day + timedelta(rng.randint(100, 900))
            about = rng.random() < 0.3
            rows.append(
                [role, person, f"{day.day} {day:%b} {day.year}", f"{until:%Y-%m-%d}", margin,
                 "about" if about else ""]
            )  # fmt: skip
            first, last, off = day_of(day.isoformat()), day_of(until.isoformat()), int(margin or 0)
            spells.setdefault(pair, []).append((first - off - about, last + off))
            day = until + timedelta(rng.randint(1, 20))

    imported(instance, tmp_path, MINISTERS, {"ministers.csv": csv_bytes(rows)})

    naive = Naive(spells, day_of("1950-01-01"), day_of("1980-01-01"))
    check(naive, related(instance, "holders", "office", "holder"))


# Codes withdrawn: a workbook, years, references to nobody


CODES = """
id = "iso"
key = ["alpha4"]
[source]
id = "iso"
title = "Codes withdrawn"
published = "2020"
[entities.country]
by = ["identifier:alpha4", "name"]
unknown = "list"
id = "code-{alpha4}"
names = { en = "{name}" }
identifiers = { alpha4 = "{alpha4}" }
[[spells]]
start = "EntityEstablished"
end = "EntityAbolished"
keys = { entity = "@country" }
since = "from"
until = { column = "withdrawn", compact = true }
"""


def test_rows_about_nobody_in_the_record_are_listed_and_the_rest_is_read(
    instance: Instance, tmp_path: Path
) -> None:
    from support.workbooks import Date, xlsx

    from domain.codec import read

    epoch = day_of("1899-12-30")
    rows: list[list[Any]] = [["alpha4", "name", "from", "withdrawn"]]
    spells: dict[str, list[Spell]] = {}
    entities = []
    for number in range(40):
        code, name = f"C{number:03}", f"Country {number}"
        since, until = day_of("1974-01-01") + 50 * number, day_of("1990-03-01") + 37 * number
        year, month, _ = civil_from_days(until)
        rows.append([code, name, Date(since - epoch), year * 100 + month])
        if number % 4 == 0:
            continue  # nobody in the record
        known = {"identifiers": {"alpha4": code}} if number % 2 else {}
        names = {"en": name if number % 2 == 0 else f"Another name {number}"}
        entry = {"type": "EntityRegistered", "id": f"c-{number}", "kind": "COUNTRY", "names": names}
        entities.append(read({**entry, **known}))
        following = days_from_civil(year + month // 12, month % 12 + 1, 1)
        spells[f"c-{number}"] = [(since, following - 1)]
    instance.record.apply(entities, actor="someone")

    found = imported(instance, tmp_path, CODES, {"codes.xlsx": xlsx(Codes=rows)})

    assert found.findings.left_out == {"UNKNOWN_ENTITY": 10}
    assert [each.data["row"] for each in found.findings.warnings.first] == list(range(2, 42, 4))
    naive = Naive(spells, day_of("1970-01-01"), day_of("2000-01-01"))
    check(naive, existing(instance, "COUNTRY"))
