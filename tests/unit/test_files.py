"""Record files: lines to entries, and entries back to their lines."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from memory import MemoryRecorder

from api import files
from api.files import LONGEST_LINE, RecordFiles, read_files, sample, size_of
from domain.errors import Refused
from domain.record import Record


def line(name: str, end: bytes = b"\n", **keys: Any) -> bytes:
    entity = {"type": "EntityRegistered", "id": name, "kind": "OTHER", "names": {"en": name}}
    return json.dumps({**entity, **keys}).encode() + end


def reading(*contents: bytes) -> RecordFiles:
    found = RecordFiles()
    for number, content in enumerate(contents, 1):
        found.take(f"{number}.jsonl", io.BytesIO(content))
    return found


def refusal(content: bytes) -> Refused:
    (refused,) = reading(content).refusals.first
    return refused


def test_blank_lines_are_skipped_and_counted() -> None:
    found = reading(b"\n" + line("a") + b"  \t\n\r\n" + line("b"))

    assert [entry.id for entry in found.entries] == ["a", "b"]
    assert [found.line_of(number).line for number in (0, 1)] == [2, 5]


def test_lines_may_end_in_cr_lf_and_the_last_one_in_nothing() -> None:
    assert [e.id for e in reading(line("a", b"\r\n") + line("b", b"")).entries] == ["a", "b"]


def test_a_line_separator_in_text_ends_no_line() -> None:
    content = line("a", names={"en": "a\u2028b"}).decode().encode()

    assert len(reading(content + line("b")).entries) == 2


def test_each_entry_is_found_in_its_file() -> None:
    found = reading(line("a") + b"\n" + line("b"), b"", b"\n\n", line("c"))

    assert [tuple(found.line_of(n)) for n in (0, 1, 2)] == [
        ("1.jsonl", 1), ("1.jsonl", 3), ("4.jsonl", 1),
    ]  # fmt: skip


def test_the_longest_line_is_taken_and_a_longer_one_is_not() -> None:
    padding = LONGEST_LINE - len(line("a", b""))

    assert len(reading(line("a", b" " * padding + b"\r\n") + line("b")).entries) == 2
    refused = refusal(line("a") + line("b", b" " * (padding + 1) + b"\n"))
    assert (refused.code, refused.data["line"]) == ("LINE_TOO_LONG", 2)


def test_a_line_without_end_is_refused_without_being_held() -> None:
    class Endless(io.RawIOBase):
        given = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            self.given += len(buffer)
            assert self.given <= LONGEST_LINE + 100_000
            buffer[:] = b"x" * len(buffer)
            return len(buffer)

    found = RecordFiles()
    found.take("endless", io.BufferedReader(Endless()))

    assert found.refusals.codes == {"LINE_TOO_LONG": 1}
    assert not found.is_whole


def test_a_mark_within_a_file_is_refused_where_it_is() -> None:
    refused = refusal(line("a") + b"\xef\xbb\xbf" + line("b"))

    assert (refused.code, refused.data["line"]) == ("BYTE_ORDER_MARK", 2)


def test_an_entry_over_many_lines_is_refused_with_a_hint() -> None:
    first, second = reading(b'{\n"type": "EntityRegistered"}\n').refusals.first

    assert "write it in one line" in first.message
    assert second.data["line"] == 2


def test_files_are_read_in_the_order_given(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / name).write_bytes(line(name))
    paths = [str(tmp_path / name) for name in ("b", "a")]

    assert [entry.id for entry in read_files(paths).entries] == ["b", "a"]
    assert size_of(paths) == len(line("a")) + len(line("b"))


def test_standard_input_is_read_by_a_hyphen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(line("a"))))

    found = read_files(["-"])

    assert tuple(found.line_of(0)) == ("-", 1)
    assert size_of(["-"]) is None


def test_progress_is_told_in_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(line("a"))
    told: list[int] = []

    read_files([str(tmp_path / "a")], told.append)

    assert told[-1] == len(line("a"))


@pytest.mark.parametrize("name", ["nothing", "", os.fsdecode(b"caf\xe9")])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    path = str(tmp_path / name)  # "" is the folder itself

    (refused,) = read_files([path]).refusals.first

    assert refused.code == "NO_FILE"
    assert refused.data["file"] == path.replace("\udce9", "\ufffd")


def test_what_the_record_refuses_is_found_in_its_file() -> None:
    found = reading(line("a"), b"\n" + line("b") + line("a", names={"en": "another"}))

    with pytest.raises(Refused) as caught:
        Record(MemoryRecorder()).apply(found.entries, actor="someone")
    refused = found.located(caught.value)

    assert (refused.code, refused.field) == ("ID_TAKEN", "id")
    assert (refused.data["file"], refused.data["line"]) == ("2.jsonl", 3)
    assert "line 1 of 1.jsonl" in refused.message


def test_what_speaks_of_no_entry_stays_as_it_is() -> None:
    refused = Refused("CONFLICT", "Others kept changing it.")

    located = reading(line("a")).located(refused)

    assert (located.code, located.message, located.data) == (refused.code, refused.message, {})


def test_the_sample_record_is_read_in_the_order_of_its_names_and_taken() -> None:
    found = sample()

    places = [found.line_of(number).file for number in range(len(found.entries))]
    assert places == sorted(places)
    assert places[0] == "global-coalition/01-sources.jsonl"
    outcome = Record(MemoryRecorder()).apply(found.entries, actor="someone")
    assert outcome.recorded == len(found.entries)


def test_the_folder_of_the_sample_has_only_its_files_and_documents() -> None:
    names = {file.name for file in files.RESOURCES.joinpath("global-coalition").iterdir()}

    names.remove("documents")
    assert names
    assert all(name[:2].isdecimal() and name.endswith(".jsonl") for name in names)
