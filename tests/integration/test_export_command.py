"""`sijill export` writes the files that the service gives, each with its manifest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import NewInstance, browsing

from api.cli import main
from api.export.formats import formats_of
from api.export.views import OF_RECORD
from api.files import sample
from api.instance import Instance

Run = Callable[..., tuple[int, bytes, str]]


@pytest.fixture(scope="module")
def recorded(new_instance: NewInstance) -> Iterator[Instance]:
    with new_instance() as instance:
        instance.record.apply(sample().entries, actor="someone")
        yield instance


@pytest.fixture
def run(
    recorded: Instance, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Run:
    """Runs the command in this process: exit status, standard output, standard error."""
    monkeypatch.setenv("SIJILL_DATABASE_URL", recorded.database.url)

    def command(*arguments: str) -> tuple[int, bytes, str]:
        status = main(["export", *arguments])
        out, err = capfdbinary.readouterr()
        return status, out, err.decode()

    return command


def test_the_whole_record_is_a_record_file_on_standard_output(run: Run) -> None:
    status, out, _ = run()

    assert status == 0
    assert len(out.splitlines()) == len(sample().entries)
    assert json.loads(out.splitlines()[0])["type"] == "SourceRegistered"


def test_a_file_has_its_manifest_beside_it(run: Run, recorded: Instance, tmp_path: Path) -> None:
    out = tmp_path / "members.csv"
    arguments = ("global-coalition", "--question", "members", "--format", "csv")

    status, printed, _ = run(*arguments, "--as-of", "2025-11-10", "--out", str(out), "--json")
    manifest = json.loads((tmp_path / "members.csv.manifest.json").read_text())
    with browsing(recorded) as client:
        served = client.get(manifest["address"]).content

    assert status == 0
    assert json.loads(printed) == manifest
    assert manifest["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert served == out.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "members.csv",
        "members.csv.manifest.json",
    ]


@pytest.mark.parametrize("extension", formats_of(OF_RECORD["record"]))
def test_an_empty_record_is_a_file_in_every_format(
    extension: str, instance: Instance, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SIJILL_DATABASE_URL", instance.database.url)
    out = tmp_path / f"record.{extension}"

    status = main(["export", "--format", extension, "--out", str(out)])
    manifest = json.loads((tmp_path / f"{out.name}.manifest.json").read_text())
    with browsing(instance) as client:
        served = client.get(manifest["address"])

    assert (status, served.status_code) == (0, 200)
    assert manifest["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()


@pytest.mark.parametrize("extension", ["json", "csv"])
def test_a_story_is_the_file_that_its_address_has(
    run: Run, recorded: Instance, extension: str, tmp_path: Path
) -> None:
    out = tmp_path / f"story.{extension}"
    story = ("the-week-syria-joined", "--question", "story", "--format", extension)

    status, _, _ = run(*story, "--out", str(out), "--json")
    manifest = json.loads((tmp_path / f"{out.name}.manifest.json").read_text())
    with browsing(recorded) as client:
        served = client.get(manifest["address"]).content

    assert status == 0
    assert manifest["address"].startswith(f"/story/the-week-syria-joined.{extension}")
    assert out.read_bytes() == served


def test_a_story_is_exported_as_something_to_cite(run: Run) -> None:
    status, told, _ = run("the-week-syria-joined", "--question", "story", "--format", "bib")

    assert status == 0
    assert b"The week Syria joined" in told


def test_a_story_that_is_not_there_is_refused(run: Run) -> None:
    status, _, told = run("the-week-nobody-joined", "--question", "story")

    assert status == 1
    assert "the-week-nobody-joined" in told


def test_a_diff_is_exported_between_two_points(run: Run) -> None:
    arguments = ("syria", "--question", "diff", "--format", "json", "--as-of", "2025-11-10")

    status, out, _ = run(*arguments, "--known-at", "2025-11-03..2025-12-01")

    assert status == 0
    row = next(row for row in json.loads(out)["rows"] if row["question"] == "MEMBERS")
    assert row["change"] == "CHANGED"
    assert row["before"]["standing"] == "ANNOUNCED"
    assert row["after"]["standing"] == "CERTAIN"
    assert row["causes"] == ["LEARNED"]


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("atlantis", "--format", "json"), 1, "no entity"),
        (("syria", "--format", "docx"), 1, "it comes as json"),
        (("syria", "--question", "planets"), 2, "there is no question"),
        (("syria", "--format", "csv", "--as-of", "soon"), 1, "«soon»"),
        (("syria", "--json"), 2, "--out"),
        (("syria", "--out", "/no/such/folder/x"), 1, "can't be written"),
    ],
)
def test_what_can_not_be_exported_is_refused_and_leaves_no_file(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], status: int, words: str
) -> None:
    out = () if {"--json", "--out"} & set(arguments) else ("--out", str(tmp_path / "x"))

    found = run(*arguments, *out)

    assert found[0] == status
    assert words in found[2]
    assert list(tmp_path.iterdir()) == []
