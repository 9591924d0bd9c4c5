"""The git history of a file, by one command: each commit is a source, and answers at a commit are
those of the file as it was then."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import subprocess
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.forked_sijill import sijill_program
from support.sheet_import import a_map
from thorough import times

from api.commands.record_import import project
from api.graphql.execution import ask
from api.instance import Instance
from api.sheets.history_import import HistoryImport
from domain.errors import Refused
from store.database import READER

Table = dict[str, dict[str, str]]
MAP = """
id = "posts"
key = ["person"]
[source]
id = "posts"
title = "Posts"
reliability = "B"
[dates]
open = [""]
[entities.person]
unknown = "create"
id = "{person}"
kind = "PERSON"
names = { en = "{person}" }
[entities.office]
unknown = "create"
id = "office-{office}"
kind = "OFFICE"
names = { en = "{office}" }
[[spells]]
start = "OfficeAssumed"
end = "OfficeVacated"
keys = { office = "@office", holder = "@person" }
since = "from"
until = "to"
"""
COLUMNS = ["person", "office", "from", "to"]
OFFICES = 7


def as_csv(table: Table) -> str:
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, COLUMNS)
    writer.writeheader()
    writer.writerows(table.values())
    return stream.getvalue()


def as_json(table: Table) -> str:
    return json.dumps(list(table.values()), indent=1)


def as_yaml(table: Table) -> str:
    text: str = yaml.safe_dump(list(table.values()), sort_keys=False)
    return text


def a_row(rng: random.Random, person: str) -> dict[str, str]:
    since = date(1990, 1, 1) + timedelta(rng.randint(0, 9_000))
    until = since + timedelta(rng.randint(1, 3_000))
    end = until.isoformat() if rng.random() < 0.7 else ""
    office = str(rng.randint(1, OFFICES))
    return {"person": person, "office": office, "from": since.isoformat(), "to": end}


def changed(rng: random.Random, table: Table) -> Table:
    """A table of which some rows have changed, gone or come, now and then in another order."""
    found = {name: dict(row) for name, row in table.items()}
    for name in rng.sample(sorted(found), 3):
        how = rng.random()
        if how < 0.2:
            del found[name]
        elif how < 0.4:
            found[name]["to"] = ""
        else:
            found[name] |= a_row(rng, name) if how < 0.6 else {"office": str(rng.randint(1, 7))}
    for _ in range(rng.randint(0, 2)):
        name = f"p{rng.randint(1, 2 * len(table))}"
        found.setdefault(name, a_row(rng, name))
    if rng.random() < 0.1:
        names = sorted(found)
        rng.shuffle(names)
        found = {name: found[name] for name in names}
    return found


def git(folder: Path, *words: str, day: str = "2020-01-01") -> str:
    stamp = f"{day}T12:00:00+0000"
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
        "GIT_AUTHOR_DATE": stamp,
        "GIT_COMMITTER_DATE": stamp,
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{who}_NAME": "Ada" for who in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{who}_EMAIL": "ada@example.org" for who in ("AUTHOR", "COMMITTER")},
        "HOME": str(folder),
    }
    done = subprocess.run(
        ["git", "-C", str(folder), *words], env=environment, check=True, capture_output=True
    )
    return done.stdout.decode()


def commit(folder: Path, name: str, text: str, day: str, subject: str = "Change rows") -> str:
    (folder / name).write_text(text, encoding="utf-8")
    git(folder, "add", name)
    git(folder, "commit", "--allow-empty", "-q", "-m", subject, day=day)
    return git(folder, "rev-parse", "HEAD").strip()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "repository"
    found.mkdir()
    git(found, "init", "-q")
    return found


def record(instance: Instance, path: Path, most: int | None = None) -> HistoryImport:
    found = HistoryImport(path, a_map(path.parent.parent, MAP))
    if most is not None:
        found.history.commits = found.history.commits[:most]
    instance.catch_up()
    found.run(instance, "someone")
    project(instance)
    return found


def positions(instance: Instance) -> dict[str, int]:
    """The last position of each commit, by the beginning of its id."""
    found: dict[str, int] = {}
    with instance.database.connect(READER) as connection:
        events = connection.execute("SELECT position, type, id FROM events ORDER BY 1").fetchall()
    current = ""
    for position, kind, id_ in events:
        if kind == "SourceRegistered":
            current = id_.removeprefix("posts-")
        found[current] = position
    return found


def holders(instance: Instance, office: str, day: str, position: int) -> set[str]:
    query = """query($id: ID!, $asOf: EDTFDate, $at: Int) { holders(office: $id, asOf: $asOf,
        atPosition: $at, first: 1000) { edges { node { holder { id } } } } }"""
    answer = ask(instance, query, {"id": f"office-{office}", "asOf": day, "at": position})
    if answer.get("errors"):
        assert answer["errors"][0]["extensions"]["code"] == "UNKNOWN_ENTITY"
        return set()
    return {each["node"]["holder"]["id"] for each in answer["data"]["holders"]["edges"]}


def naive(table: Table, office: str, day: str) -> set[str]:
    return {
        row["person"]
        for row in table.values()
        if row["office"] == office and row["from"] <= day and day <= (row["to"] or "9999")
    }


@pytest.mark.parametrize(
    ("name", "written"), [("p.csv", as_csv), ("p.json", as_json), ("p.yaml", as_yaml)]
)
def test_answers_at_a_commit_are_those_of_the_file_as_it_was(
    instance: Instance, folder: Path, name: str, written: Callable[[Table], str]
) -> None:
    rng = random.Random(name)
    table: Table = {f"p{n}": a_row(rng, f"p{n}") for n in range(1, 41)}
    tables: dict[str, Table] = {}
    for number in range(times(25, 60)):
        day = (date(2020, 1, 1) + timedelta(number // 2)).isoformat()
        tables[commit(folder, name, written(table), day)[:12]] = table
        table = changed(rng, table)

    found = record(instance, folder / name)

    assert found.counts["commits"] == len(found.history.commits) == len(tables)
    at = positions(instance)
    assert at.keys() == tables.keys()
    for _ in range(100):
        version, office = rng.choice(sorted(tables)), str(rng.randint(1, OFFICES))
        day = (date(1988, 1, 1) + timedelta(rng.randint(0, 13_000))).isoformat()
        told = holders(instance, office, day, at[version])
        assert told == naive(tables[version], office, day), (version, office, day)


def test_a_commit_is_a_source_and_a_changed_cell_a_correction_that_names_it(
    instance: Instance, folder: Path
) -> None:
    one = {"p1": {"person": "p1", "office": "1", "from": "2001", "to": "2005"}}
    first = commit(folder, "p.csv", as_csv(one), "2020-01-01", "Begin")
    one["p1"]["to"] = "2006"
    second = commit(folder, "p.csv", as_csv(one), "2020-02-01", "Mend the end")
    third = commit(folder, "p.csv", as_csv({}), "2020-03-01", "Take it out")

    found = record(instance, folder / "p.csv")

    assert found.counts == {
        "commits": 3, "SourceRegistered": 3, "EntityRegistered": 2, "OfficeAssumed": 1,
        "OfficeVacated": 1, "FactCorrected": 1, "FactRetracted": 2,
    }  # fmt: skip
    query = """{ fact(id: "posts:p1:spell-end") { corrections { id type basis reason
        citations { source { id title author published { edtf } } } } } }"""
    answer = ask(instance, query)
    corrected, retracted = answer["data"]["fact"]["corrections"]
    assert corrected["basis"] == retracted["basis"] == "EVIDENCE"
    assert "column to: when was 2005, now 2006" in corrected["reason"]
    assert corrected["citations"][0]["source"] == {
        "id": f"posts-{second[:12]}", "title": f"Posts, commit {second[:12]}: Mend the end",
        "author": "Ada", "published": {"edtf": "2020-02-01"},
    }  # fmt: skip
    assert retracted["citations"][0]["source"]["id"] == f"posts-{third[:12]}"
    assert retracted["reason"] == (
        f"p.csv at commit {third[:12]} does not say it any more: its row is gone, or the cell that "
        f"said it; it stood in row 2 of posts-{second[:12]}."
    )
    assert first != second


def test_what_describes_an_entity_otherwise_is_told_by_commit_and_once(
    instance: Instance, folder: Path
) -> None:
    text = MAP.replace('{office}" }', '{title}" }')
    rows = ["person,office,title,from,to", "p1,1,Mayor,2001,", "p2,1,Mayor,2002,"]
    commit(folder, "p.csv", "\n".join(rows), "2020-01-01")
    second = commit(folder, "p.csv", "\n".join([*rows, "p3,1,Reeve,2003,"]), "2020-02-01")
    rows = [*rows[:2], "p2,1,Reeve,2004,"]
    commit(folder, "p.csv", "\n".join(rows), "2020-03-01")

    (folder / "map.toml").write_text(text)
    done = subprocess.run(
        [sijill_program(), "import", "p.csv", "--map", "map.toml", "--history"],
        cwd=folder, env={**os.environ, "SIJILL_DATABASE_URL": instance.database.url},
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    (line,) = [each for each in done.stdout.splitlines() if each.startswith("warning, ")]
    assert line.startswith(f"warning, ENTITY_DIFFERS: p.csv@{second[:12]}: Row 4, column title: ")
    assert "«Reeve» here, and «Mayor» in the record of office-1" in line


def test_an_import_that_was_cut_carries_on_after_the_last_commit(
    instance: Instance, folder: Path
) -> None:
    rng = random.Random(3)
    table: Table = {f"p{n}": a_row(rng, f"p{n}") for n in range(1, 11)}
    for number in range(8):
        commit(folder, "p.csv", as_csv(table), f"2020-01-{number + 1:02}")
        table = changed(rng, table)

    assert record(instance, folder / "p.csv", most=3).counts["commits"] == 3
    assert record(instance, folder / "p.csv").counts["commits"] == 5
    again = record(instance, folder / "p.csv")

    assert again.counts == {}
    last = positions(instance)[again.history.commits[-1].id[:12]]
    for office in map(str, range(1, OFFICES + 1)):
        assert holders(instance, office, "2000-01-01", last) == naive(
            _read(folder / "p.csv"), office, "2000-01-01"
        )


def _read(path: Path) -> Table:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["person"]: dict(row) for row in csv.DictReader(file)}


def test_a_row_that_comes_back_is_reinstated(instance: Instance, folder: Path) -> None:
    one = {"p1": {"person": "p1", "office": "1", "from": "2001", "to": ""}}
    other = {"p2": {"person": "p2", "office": "1", "from": "2001", "to": ""}}
    for day, table in enumerate((one | other, other, one | other, other), 1):
        commit(folder, "p.csv", as_csv(table), f"2020-01-{day:02}")

    found = record(instance, folder / "p.csv")

    assert found.counts["FactRetracted"] == 2
    assert found.counts["FactReinstated"] == 1
    told = [holders(instance, "1", "2010", each) for each in positions(instance).values()]
    assert told == [{"p1", "p2"}, {"p2"}, {"p1", "p2"}, {"p2"}]


def test_a_commit_that_cannot_be_read_is_named_and_those_before_it_stay(
    instance: Instance, folder: Path
) -> None:
    one = {"p1": {"person": "p1", "office": "1", "from": "2001", "to": ""}}
    commit(folder, "p.csv", as_csv(one), "2020-01-01")
    one["p1"]["from"] = "the year one"
    bad = commit(folder, "p.csv", as_csv(one), "2020-01-02")

    with pytest.raises(Refused) as refused:
        record(instance, folder / "p.csv")

    assert refused.value.data["file"] == f"p.csv@{bad[:12]}"
    assert (refused.value.data["row"], refused.value.data["column"]) == (2, "from")
    project(instance)
    assert len(positions(instance)) == 1


def test_a_commit_that_the_map_leaves_out_is_as_if_it_had_never_been(
    instance: Instance, folder: Path
) -> None:
    one = {"p1": {"person": "p1", "office": "1", "from": "2001", "to": ""}}
    first = commit(folder, "p.csv", as_csv(one), "2020-01-01")
    bad = commit(folder, "p.csv", 'person,office,from,to\np1,1,"2001,\n', "2020-01-02")
    last = commit(folder, "p.csv", as_csv(one | {"p1": one["p1"] | {"to": "2003"}}), "2020-01-03")

    def imported(skipped: str) -> HistoryImport:
        text = f'skipCommits = ["{skipped}"]\n{MAP}'
        found = HistoryImport(folder / "p.csv", a_map(folder.parent, text))
        instance.catch_up()
        found.run(instance, "someone")
        project(instance)
        return found

    with pytest.raises(Refused) as refused:
        imported("0000000")
    assert (refused.value.code, refused.value.field) == ("BAD_MAP", "skipCommits[0]")
    with pytest.raises(Refused, match="quotation mark"):
        imported(first[:12])

    assert imported(bad[:7]).counts["commits"] == 2
    assert list(positions(instance)) == [first[:12], last[:12]]
    told = [holders(instance, "1", "2010", each) for each in positions(instance).values()]
    assert told == [{"p1"}, set()]


def test_what_git_says_of_a_commit_is_taken_whatever_it_has(
    instance: Instance, folder: Path
) -> None:
    said = "one\x0ctwo\u2028three \u202eevil cafe\u0301"
    for name in ("a[1].csv", "a1.csv"):
        (folder / name).write_text("person,office,from,to\nAda,x,2001,\n", encoding="utf-8")
        git(folder, "--literal-pathspecs", "add", name)
        git(folder, "commit", "-qm", said, "--author", "A\u202eb <a@example.org>")

    found = record(instance, folder / "a[1].csv")

    assert len(found.history.commits) == 1
    edges = ask(instance, "{ sources { edges { node { title author } } } }")["data"]["sources"]
    (source,) = [each["node"] for each in edges["edges"]]
    assert source["title"].endswith(": onetwothree evil café")
    assert source["author"] == "Ab"


def test_what_has_no_history_is_refused(folder: Path) -> None:
    (folder / "p.csv").write_text("a\n")
    with pytest.raises(Refused) as refused:
        HistoryImport(folder / "p.csv", a_map(folder, MAP))
    assert refused.value.code == "NO_HISTORY"


def test_without_git_it_says_what_is_missing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(folder, "p.csv", "person\np1\n", "2020-01-01")
    monkeypatch.setenv("PATH", str(folder))

    with pytest.raises(Refused, match="needs git") as refused:
        HistoryImport(folder / "p.csv", a_map(folder.parent, MAP))
    assert refused.value.code == "NO_GIT"
    assert "SIJILL_DATABASE_URL" in refused.value.message


def test_one_command_takes_all_commits(instance: Instance, folder: Path) -> None:
    one = {"p1": {"person": "p1", "office": "1", "from": "2001", "to": ""}}
    commit(folder, "p.csv", as_csv(one), "2020-01-01")
    (folder / "map.toml").write_text(MAP)

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sijill_program(), "import", "p.csv", "--map", "map.toml", "--history", *more],
            cwd=folder,
            env={**os.environ, "SIJILL_DATABASE_URL": instance.database.url},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    told: dict[str, Any] = json.loads(run("--json").stdout)
    assert told["commits"] == 1
    assert told["entries"]["OfficeAssumed"] == 1
    assert json.loads(run("--json").stdout) == {
        "commits": 0, "entries": {}, "warnings": [], "warningCodes": {}
    }  # fmt: skip
    assert run("--dry-run").returncode == 2
