"""Record files that are not as they should be: each is refused with file, line, field and reason,
and nothing of it is written.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from api.cli import main
from api.instance import Instance
from domain.codec import read
from projections.follower import LOG

SIJILL = Path(sys.executable).with_name("sijill")
HASH = "0" * 64
SOURCE = {"type": "SourceRegistered", "id": "s", "title": "A report", "published": "2020-01-01"}
JOINED = {
    "type": "MemberJoined", "id": "f", "coalition": "g", "member": "m", "when": "2014",
    "citations": [{"source": "s"}],
}  # fmt: skip


def entity(name: str, **keys: Any) -> dict[str, Any]:
    return {"type": "EntityRegistered", "id": name, "kind": "OTHER", "names": {"en": name}, **keys}


def source(**keys: Any) -> dict[str, Any]:
    return {**SOURCE, "id": "new-source", **keys}


def joined(name: str = "new", without: str = "", **keys: Any) -> dict[str, Any]:
    found = {**JOINED, "id": name, **keys}
    return {key: value for key, value in found.items() if key != without}


def cited(**keys: Any) -> dict[str, Any]:
    """A fact with a citation that has these keys."""
    return joined(citations=[{"source": "s", **keys}])


def about(kind: str, name: str = "new-correction", **keys: Any) -> dict[str, Any]:
    return {"type": kind, "id": name, "reason": "we looked again", **keys}


def corrected(**changes: Any) -> dict[str, Any]:
    return about("FactCorrected", fact="f", changes=changes)


IN_THE_LOG = [
    SOURCE,
    {**SOURCE, "id": "withdrawn-source"},
    *(entity(name) for name in ("g", "m", "n")),
    JOINED,
    joined("other", member="n"),
    joined("retracted"),
    {**joined("report"), "type": "MemberCountReported", "value": 3},
    about("SourceWithdrawn", "withdrawn", source="withdrawn-source"),
    about("FactRetracted", "retraction", fact="retracted"),
]
del IN_THE_LOG[8]["member"]
GOOD = entity("good")
"""An entry that is all right, and must not be written either."""


class Malformed(NamedTuple):
    """What is wrong, the lines of the file, and the error: its code, line and field."""

    what: str
    lines: list[dict[str, Any] | str | bytes]
    code: str
    line: int
    field: str | None = None


def of(what: str, entry: dict[str, Any] | str | bytes, code: str, field: str | None = None) -> Any:
    """A file of a good line and this one."""
    return Malformed(what, [GOOD, entry], code, 2, field)


MALFORMED: list[Malformed] = [
    # The file
    Malformed("UTF-16", [json.dumps(GOOD).encode("utf-16")], "BAD_UTF8", 1),
    Malformed("UTF-16 without a mark", [json.dumps(GOOD).encode("utf-16-be")], "BAD_UTF8", 1),
    Malformed(
        "a byte order mark", [b"\xef\xbb\xbf" + json.dumps(GOOD).encode()], "BYTE_ORDER_MARK", 1
    ),
    Malformed("a picture", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"], "BAD_UTF8", 1),
    Malformed("one array", [json.dumps([GOOD, JOINED])], "BAD_ENTRY", 1),
    Malformed("an object over many lines", json.dumps(GOOD, indent=1).split("\n"), "BAD_JSON", 1),
    # The line
    of("Latin-1", '{"type":"Entité"}'.encode("latin-1"), "BAD_UTF8"),
    of("an overlong zero", b'{"type":"\xc0\x80"}', "BAD_UTF8"),
    of("an encoded surrogate", b'{"type":"\xed\xa0\x80"}', "BAD_UTF8"),
    of("10 MB", '{"type":"' + "x" * 10_000_000 + '"}', "LINE_TOO_LONG"),
    of("a byte too many", " " * ((1 << 20) + 1), "LINE_TOO_LONG"),
    of("cut short", '{"type":"MemberJoined","id":"ne', "BAD_JSON"),
    of("a comma at the end", '{"type":"MemberJoined",}', "BAD_JSON"),
    of("single quotes", "{'type':'MemberJoined'}", "BAD_JSON"),
    of("two objects", json.dumps(GOOD) + json.dumps(JOINED), "BAD_JSON"),
    of("a comment", "// sources", "BAD_JSON"),
    of("a raw NUL", '{"type":"Member\0Joined"}', "BAD_JSON"),
    of("a raw tab in text", '{"type":"Member\tJoined"}', "BAD_JSON"),
    of("NaN", '{"type":"MemberJoined","id":NaN}', "BAD_JSON"),
    of("Infinity", '{"type":"MemberJoined","id":-Infinity}', "BAD_JSON"),
    of(
        "a key of surrogates twice",
        r'{"a\ud800\u001b":1,"a\ud800\u001b":2}',
        "BAD_JSON",
        r"a\ud800\x1b",
    ),
    of("a key twice", '{"type":"MemberJoined","id":"a","id":"b"}', "BAD_JSON", "id"),
    of("deep arrays", "[" * 100_000 + "]" * 100_000, "TOO_DEEP"),
    of("deep objects", '{"a":' * 50 + "1" + "}" * 50, "TOO_DEEP", ".".join("a" * 32)),
    of("a number of 5,000 digits", '{"type":"X","id":' + "9" * 5_000 + "}", "BAD_VALUE"),
    of("a number", "5", "BAD_ENTRY"),
    of("null", "null", "BAD_ENTRY"),
    of("text", '"MemberJoined"', "BAD_ENTRY"),
    # The entry's type and id
    of("an empty object", {}, "MISSING_KEY", "type"),
    of("no type", joined(without="type"), "MISSING_KEY", "type"),
    of("an unknown type", joined(type="MemberJoind"), "UNKNOWN_TYPE", "type"),
    of("a stored type", joined(type="MemberJoined/1"), "UNKNOWN_TYPE", "type"),
    of("a type in lower case", joined(type="memberJoined"), "UNKNOWN_TYPE", "type"),
    of("a type of no event", joined(type="Fact"), "UNKNOWN_TYPE", "type"),
    of("a type that is a number", joined(type=5), "UNKNOWN_TYPE", "type"),
    of("a type that is a list", joined(type=["MemberJoined"]), "UNKNOWN_TYPE", "type"),
    of("no id", joined(without="id"), "MISSING_KEY", "id"),
    of("an id of null", joined(None), "MISSING_KEY", "id"),
    of("an id of a number", joined(5), "BAD_VALUE", "id"),
    of("an id with a blank", joined("a b"), "BAD_ID", "id"),
    of("an id in Arabic", joined("سوريا"), "BAD_ID", "id"),
    of("an id with a line end", joined("a\n"), "BAD_ID", "id"),
    of("an empty id", joined(""), "BAD_ID", "id"),
    of("an id of 129 letters", joined("a" * 129), "BAD_ID", "id"),
    # Its keys
    of("an unknown key", joined(note="x"), "UNKNOWN_KEY", "note"),
    of("a key of 100,000 letters", joined(**{"k" * 100_000: 1}), "UNKNOWN_KEY", "k" * 100 + "…"),
    of(
        "a key in another case",
        cited(quote_sha256=HASH),
        "UNKNOWN_KEY",
        "citations[0].quote_sha256",
    ),
    of("the key of another type", joined(partner="m"), "UNKNOWN_KEY", "partner"),
    of("no subject", joined(without="member"), "MISSING_KEY", "member"),
    of("a subject of null", joined(member=None), "MISSING_KEY", "member"),
    of("a subject in a list", joined(member=["m"]), "BAD_VALUE", "member"),
    of("a subject with a slash", joined(member="a/b"), "BAD_ID", "member"),
    of("no date", joined(without="when"), "MISSING_KEY", "when"),
    of("a modality of ours", joined(modality="PLANNED"), "BAD_VALUE", "modality"),
    of("a modality in lower case", joined(modality="occurred"), "BAD_VALUE", "modality"),
    of("an empty gist", joined(gist=""), "BAD_VALUE", "gist"),
    of("a gist of a megabyte", joined(gist="x" * 500_000), "BAD_VALUE", "gist"),
    of(
        "no parties",
        {**joined(), "type": "AgreementSigned", "parties": []},
        "UNKNOWN_KEY",
        "coalition",
    ),
    # Its dates
    of("a bad date", joined(when="10 November 2025"), "BAD_EDTF", "when"),
    of("a date of a number", joined(when=2014), "BAD_VALUE", "when"),
    of("an impossible date", joined(when="2025-02-30"), "BAD_EDTF", "when"),
    of("an empty date", joined(when=""), "BAD_EDTF", "when"),
    of("Arabic digits", joined(when="٢٠١٤"), "BAD_EDTF", "when"),
    of("an interval the wrong way round", joined(when="2016/2014"), "BAD_EDTF", "when"),
    of("a set the wrong way round", joined(when="[2016..2014]"), "BAD_EDTF", "when"),
    of(
        "an interval on an end",
        joined(type="MemberLeft", when="2014/2016"),
        "INTERVAL_ON_END",
        "when",
    ),
    of("a bad date of a source", source(published="soon"), "BAD_EDTF", "published"),
    # Its citations
    of("no citations", joined(without="citations"), "NO_CITATION", "citations"),
    of("empty citations", joined(citations=[]), "NO_CITATION", "citations"),
    of("citations of null", joined(citations=None), "NO_CITATION", "citations"),
    of("a citation that only disputes", cited(stance="DISPUTES"), "NO_CITATION", "citations"),
    of("citations that are no list", joined(citations={"source": "s"}), "BAD_VALUE", "citations"),
    of("a citation that is an id", joined(citations=["s"]), "BAD_VALUE", "citations[0]"),
    of("a citation of no source", joined(citations=[{}]), "MISSING_KEY", "citations[0].source"),
    of(
        "an unknown source",
        joined(citations=[{"source": "x"}]),
        "UNKNOWN_SOURCE",
        "citations[0].source",
    ),
    of(
        "a withdrawn source",
        joined(citations=[{"source": "s"}, {"source": "withdrawn-source"}]),
        "SOURCE_WITHDRAWN",
        "citations[1].source",
    ),
    of("an unknown stance", cited(stance="MENTIONS"), "BAD_VALUE", "citations[0].stance"),
    of("a short hash", cited(quoteSha256="abc"), "BAD_VALUE", "citations[0].quoteSha256"),
    of("a hash in capitals", cited(quoteSha256="A" * 64), "BAD_VALUE", "citations[0].quoteSha256"),
    of(
        "another quote's hash",
        cited(quote="so it is", quoteSha256=HASH),
        "QUOTE_HASH_MISMATCH",
        "citations[0].quoteSha256",
    ),
    of("an empty locator", cited(locator={}), "BAD_LOCATOR", "citations[0].locator"),
    of("a locator of text", cited(locator="page 3"), "BAD_VALUE", "citations[0].locator"),
    of("a page below none", cited(locator={"page": -1}), "BAD_VALUE", "citations[0].locator.page"),
    of("a page and a half", cited(locator={"page": 1.5}), "BAD_VALUE", "citations[0].locator.page"),
    of(
        "an unknown locator",
        cited(locator={"verse": 1}),
        "UNKNOWN_KEY",
        "citations[0].locator.verse",
    ),
    of(
        "a span backwards",
        cited(locator={"chars": [9, 2]}),
        "BAD_LOCATOR",
        "citations[0].locator.chars",
    ),
    of(
        "a span of one end",
        cited(locator={"chars": [9]}),
        "BAD_VALUE",
        "citations[0].locator.chars",
    ),
    # Its text
    of("a NUL", joined(gist="a\0b"), "BAD_TEXT", "gist"),
    of("a lone surrogate", json.dumps(joined(gist="\ud800")), "BAD_TEXT", "gist"),
    of("an escape", joined(gist="\x1b[31m"), "BAD_TEXT", "gist"),
    of(
        "a bidi control in a name",
        entity("x", names={"en": "abc\u202ecba"}),
        "BAD_TEXT",
        "names.en",
    ),
    of(
        "a name that is not composed",
        entity("x", names={"en": "Cafe\u0301"}),
        "BAD_TEXT",
        "names.en",
    ),
    of("a key with a NUL", joined(**{"no\0te": "x"}), "BAD_TEXT", None),
    # Sources and entities
    of("a source without a title", source(title=None), "MISSING_KEY", "title"),
    of("an address of a script", source(url="javascript:alert(1)"), "BAD_VALUE", "url"),
    of("a reliability of G", source(reliability="G"), "BAD_VALUE", "reliability"),
    of("a credibility of 7", source(credibility=7), "BAD_VALUE", "credibility"),
    of("a credibility of text", source(credibility="2"), "BAD_VALUE", "credibility"),
    of("a language in words", source(language="Arabic language"), "BAD_VALUE", "language"),
    of("an unknown kind", entity("x", kind="EMPIRE"), "BAD_VALUE", "kind"),
    of("no names", entity("x", names={}), "BAD_VALUE", "names"),
    of("an empty name", entity("x", names={"en": ""}), "BAD_VALUE", "names.en"),
    of(
        "a name in no language",
        entity("x", names={"in English": "X"}),
        "BAD_VALUE",
        "names.in English",
    ),
    of("a name of a number", entity("x", names={"ar": "س", "en": 5}), "BAD_VALUE", "names.en"),
    of("a country in lower case", entity("x", iso3166="sy"), "BAD_VALUE", "iso3166"),
    of(
        "a latitude past the pole",
        entity("x", location={"lat": 91, "lon": 0}),
        "BAD_VALUE",
        "location.lat",
    ),
    # Numbers
    of(
        "a count below none",
        {**joined(without="member"), "type": "MemberCountReported", "value": -1},
        "BAD_VALUE",
        "value",
    ),
    of(
        "a count of text",
        {**joined(without="member"), "type": "MemberCountReported", "value": "89"},
        "BAD_VALUE",
        "value",
    ),
    of("a huge integer", joined(gist=2**60), "BAD_VALUE", "gist"),
    of("a number past all", '{"type":"X","id":1e999}', "BAD_VALUE", "id"),
    of(
        "an unknown comparator",
        {**joined(without="member"), "type": "MemberCountReported", "value": 1, "comparator": "!="},
        "BAD_VALUE",
        "comparator",
    ),
    # What the record knows
    of("an unknown entity", joined(member="nobody"), "UNKNOWN_ENTITY", "member"),
    of("an id with other content in the log", joined("f", when="2015"), "ID_TAKEN", "id"),
    of("an id of another type in the log", about("FactDisputed", "f", fact="f"), "ID_TAKEN", "id"),
    Malformed(
        "an id with other content in the file",
        [joined(), GOOD, joined(when="2015")],
        "ID_TAKEN",
        3,
        "id",
    ),
    Malformed(
        "an entity after the fact", [joined(member="good"), GOOD], "UNKNOWN_ENTITY", 1, "member"
    ),
    Malformed(
        "a correction before its fact",
        [about("FactRetracted", fact="new"), joined()],
        "UNKNOWN_FACT",
        1,
        "fact",
    ),
    of(
        "evidence without a citation",
        about("FactRetracted", fact="f", basis="EVIDENCE"),
        "EVIDENCE_WITHOUT_CITATION",
        "citations",
    ),
    of("an unknown basis", about("FactRetracted", fact="f", basis="HEARSAY"), "BAD_VALUE", "basis"),
    of("no reason", {**about("FactRetracted", fact="f"), "reason": None}, "MISSING_KEY", "reason"),
    of("a correction of nothing known", about("FactRetracted", fact="x"), "UNKNOWN_FACT", "fact"),
    of(
        "a correction of a correction",
        about("FactRetracted", fact="retraction"),
        "UNKNOWN_FACT",
        "fact",
    ),
    of("no changes", about("FactCorrected", fact="f"), "MISSING_KEY", "changes"),
    of("empty changes", corrected(), "BAD_VALUE", "changes"),
    of("a changed id", corrected(id="x"), "UNCHANGEABLE_KEY", "changes.id"),
    of("a changed type", corrected(type="MemberLeft"), "UNCHANGEABLE_KEY", "changes.type"),
    of("changed citations", corrected(citations=[]), "UNCHANGEABLE_KEY", "changes.citations"),
    of("an unknown key in changes", corrected(partner="m"), "UNKNOWN_KEY", "changes.partner"),
    of("a bad date in changes", corrected(when="soon"), "BAD_EDTF", "changes.when"),
    of("a needed key taken away", corrected(member=None), "MISSING_KEY", "changes.member"),
    of("an unknown entity in changes", corrected(member="x"), "UNKNOWN_ENTITY", "changes.member"),
    of("reinstating what stands", about("FactReinstated", fact="f"), "NOT_RETRACTED", "fact"),
    of("withdrawing no dispute", about("DisputeWithdrawn", fact="f"), "NOT_DISPUTED", "fact"),
    of(
        "correcting what is retracted",
        about("FactCorrected", fact="retracted", changes={"when": "2015"}),
        "FACT_RETRACTED",
        "fact",
    ),
    of(
        "preferring what is retracted",
        about("FactPreferred", fact="retracted", over=["f"]),
        "FACT_RETRACTED",
        "fact",
    ),
    of(
        "preferring it to itself",
        about("FactPreferred", fact="f", over=["f"]),
        "PREFERRED_OVER_ITSELF",
        "over",
    ),
    of("preferring it to nothing", about("FactPreferred", fact="f", over=[]), "BAD_VALUE", "over"),
    of(
        "preferring it to another fluent's",
        about("FactPreferred", fact="f", over=["other"]),
        "OTHER_FLUENT",
        "over[0]",
    ),
    of(
        "preferring it to the unknown",
        about("FactPreferred", fact="f", over=["x"]),
        "UNKNOWN_FACT",
        "over[0]",
    ),
    of(
        "preferring a report",
        about("FactPreferred", fact="report", over=["f"]),
        "NO_FLUENT",
        "fact",
    ),
    of(
        "withdrawing no preference",
        about("PreferenceWithdrawn", preference="f"),
        "UNKNOWN_PREFERENCE",
        "preference",
    ),
    of("withdrawing no source", about("SourceWithdrawn", source="x"), "UNKNOWN_SOURCE", "source"),
    of("no grade", about("SourceReassessed", source="s"), "NOTHING_CHANGED", "reliability"),
    of(
        "a slip mended by evidence",
        about(
            "SourceCorrected",
            source="s",
            changes={"title": "T"},
            basis="EVIDENCE",
            citations=[{"source": "s"}],
        ),
        "ALWAYS_EDITORIAL",
        "basis",
    ),
    of(
        "a source's bad change",
        about("SourceCorrected", source="s", changes={"url": "ftp://x"}),
        "BAD_VALUE",
        "changes.url",
    ),
    of(
        "an entity's bad change",
        about("EntityCorrected", entity="g", changes={"kind": "X"}),
        "BAD_VALUE",
        "changes.kind",
    ),
    of(
        "merging into itself",
        about("EntitiesMerged", entities=["g", "m"], into="g"),
        "MERGED_INTO_ITSELF",
        "into",
    ),
    of(
        "merging the unknown",
        about("EntitiesMerged", entities=["x"], into="g"),
        "UNKNOWN_ENTITY",
        "entities",
    ),
    of(
        "renaming the unknown",
        about("EntityRenamed", entity="x", names={"en": "X"}, when="2014"),
        "UNKNOWN_ENTITY",
        "entity",
    ),
]


def lines_of(entries: list[dict[str, Any] | str | bytes]) -> bytes:
    return b"".join(map(line_of, entries))


def line_of(entry: dict[str, Any] | str | bytes) -> bytes:
    if isinstance(entry, dict):
        entry = json.dumps(entry, ensure_ascii=False)
    return (entry.encode() if isinstance(entry, str) else entry) + b"\n"


@pytest.fixture(scope="module")
def record(
    new_instance: Callable[[], AbstractContextManager[Instance]],
) -> Iterator[Instance]:
    """A record that all of this module's files are refused by."""
    with new_instance() as instance:
        instance.record.apply([read(entry) for entry in IN_THE_LOG], actor="someone")
        instance.catch_up()
        yield instance


@pytest.fixture
def at_the_record(record: Instance, monkeypatch: pytest.MonkeyPatch) -> Instance:
    monkeypatch.setenv("SIJILL_DATABASE_URL", record.database.url)
    return record


def written(instance: Instance) -> tuple[Any, ...]:
    """The log's head, and its events."""
    with instance.database.connect() as connection:
        (head,) = connection.execute(LOG["head"]).fetchone() or ()
        events = connection.execute(LOG["events_after"], {"after": 0, "limit": 1_000}).fetchall()
        return head, events


@pytest.mark.parametrize("case", MALFORMED, ids=lambda case: case.what.replace(" ", "-"))
def test_a_malformed_file_is_refused_whole(
    case: Malformed,
    at_the_record: Instance,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "record.jsonl"
    file.write_bytes(lines_of(case.lines))
    before = written(at_the_record)

    status = main(["import", "--json", str(file)])

    out, words = capfd.readouterr()
    error = json.loads(out)["error"]
    where = (error["code"], error["file"], error["line"], error.get("field"))
    assert (status, where) == (1, (case.code, str(file), case.line, case.field)), error["message"]
    assert str(file) in words
    assert f"line {case.line}" in words
    assert error["message"] in words
    assert "Traceback" not in words
    assert len(error["message"]) < 2_000
    assert "regex" not in error["message"]
    assert "`str`" not in error["message"]
    assert written(at_the_record) == before


def refused(files: list[Path], capfd: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert main(["import", "--json", *map(str, files)]) == 1
    error: dict[str, Any] = json.loads(capfd.readouterr().out)["error"]
    return error


def test_an_id_taken_in_the_same_import_names_both_places_and_contents(
    at_the_record: Instance, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    first, second = tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    long = "the same words " * 100
    first.write_bytes(lines_of(["", GOOD, joined(gist=long, when="2014")]))
    second.write_bytes(lines_of([SOURCE, "", joined(gist=long, when="2015")]))

    error = refused([first, second], capfd)

    assert (error["code"], error["file"], error["line"]) == ("ID_TAKEN", str(second), 3)
    assert 'when "2014"' in error["message"]
    assert 'when "2015"' in error["message"]
    assert f"line 3 of {first}" in error["message"]


def test_an_id_taken_in_the_log_has_both_contents(
    at_the_record: Instance, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "record.jsonl"
    file.write_bytes(lines_of([joined("f", member="n")]))

    error = refused([file], capfd)

    assert 'member "m"' in error["message"]
    assert 'member "n"' in error["message"]
    assert "coalition" not in error["message"]
    assert "line" not in error["message"]


def test_one_bad_file_keeps_all_from_being_written(
    at_the_record: Instance, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
    good.write_bytes(lines_of([GOOD, joined(member="good")]))
    bad.write_bytes(lines_of([joined("new-2", member="nobody")]))
    before = written(at_the_record)

    error = refused([good, bad], capfd)

    assert (error["file"], error["line"]) == (str(bad), 1)
    assert written(at_the_record) == before


WRONG: list[tuple[dict[str, Any] | str, list[tuple[str, str | None]]]] = [
    (GOOD, []),
    ("not JSON", [("BAD_JSON", None)]),
    (
        {"type": "MemberJoined", "id": "bad id", "whn": "2014", "citations": [{"sorce": "s"}]},
        [
            ("BAD_ID", "id"),
            ("UNKNOWN_KEY", "whn"),
            ("UNKNOWN_KEY", "citations[0].sorce"),
            ("MISSING_KEY", "citations[0].source"),
            ("MISSING_KEY", "when"),
        ],
    ),
    (
        joined("two", coalition="nobody", member="no-one", citations=[{"source": "none"}]),
        [
            ("UNKNOWN_SOURCE", "citations[0].source"),
            ("UNKNOWN_ENTITY", "coalition"),
            ("UNKNOWN_ENTITY", "member"),
        ],
    ),
    # What names an entry that was refused is not called unknown, however far down.
    (entity("half", kind="EMPIRE"), [("BAD_VALUE", "kind")]),
    (joined("of-half", member="half"), []),
    (about("FactRetracted", "ret-half", fact="of-half"), []),
    (about("FactDisputed", "dis", fact="of-half", citations=[{"source": "none"}]),
     [("UNKNOWN_SOURCE", "citations[0].source")]),
    (joined("soon", when="soon"), [("BAD_EDTF", "when")]),
    (about("FactPreferred", "pref", fact="f", over=["soon", "of-half", "x"]),
     [("UNKNOWN_FACT", "over[2]")]),
    ('{"type":"EntityRegistered","id":"cut","kind":"OTHER","names":{"en":"Cut"}', [
        ("BAD_JSON", None)]),
    (joined("of-cut", member="cut"), []),
    # Nor is the state of a fact judged whose correction was refused.
    (about("FactRetracted", "ret", fact="f", basis="HEARSAY"), [("BAD_VALUE", "basis")]),
    (about("FactReinstated", "rein", fact="f"), []),
    (about("FactReinstated", "rein-2", fact="other"), [("NOT_RETRACTED", "fact")]),
    (joined("f", member="n"), [("ID_TAKEN", "id")]),
]  # fmt: skip
"""Lines of a file, each with all that is wrong with it."""


def test_all_that_is_wrong_is_said_in_one_run_and_nothing_that_follows_from_it(
    at_the_record: Instance, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "record.jsonl"
    file.write_bytes(lines_of([line for line, _ in WRONG]))
    before = written(at_the_record)

    status = main(["import", "--json", str(file)])

    out, words = capfd.readouterr()
    told = json.loads(out)
    expected = [(n, *error) for n, (_, errors) in enumerate(WRONG, 1) for error in errors]
    found = [(each["line"], each["code"], each.get("field")) for each in told["errors"]]
    assert (status, found) == (1, expected)
    assert told["error"] == told["errors"][0]
    assert told["count"] == len(expected) <= 20
    assert told["codes"] == dict(Counter(code for _, code, _ in expected).most_common())
    assert len(words.splitlines()) == len(expected) + 1
    assert words.splitlines()[-1].startswith(f"{len(expected)} errors: ")
    assert "2 UNKNOWN_ENTITY" in words.splitlines()[-1]
    assert written(at_the_record) == before


def test_of_many_errors_the_first_twenty_are_said_and_all_are_counted(
    at_the_record: Instance, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    first, second = tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    first.write_bytes(lines_of([joined(f"u-{n}", member="nobody") for n in range(30)]))
    second.write_bytes(lines_of(["{"] * 40 + [GOOD]))

    assert main(["import", "--json", str(second), str(first)]) == 1
    told = json.loads(capfd.readouterr().out)

    assert [(each["file"], each["line"]) for each in told["errors"]] == [
        (str(second), line) for line in range(1, 21)
    ]
    assert (told["count"], told["codes"]) == (70, {"BAD_JSON": 40, "UNKNOWN_ENTITY": 30})


def test_a_file_that_cannot_be_read_leaves_the_others_unjudged(
    at_the_record: Instance, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "record.jsonl"
    file.write_bytes(lines_of([joined("of-the-other", member="in-the-other"), "{"]))

    assert main(["import", "--json", str(file), str(tmp_path / "none.jsonl")]) == 1

    assert json.loads(capfd.readouterr().out)["codes"] == {"BAD_JSON": 1, "NO_FILE": 1}


def test_what_is_allowed_is_said(
    at_the_record: Instance, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "record.jsonl"
    said = [
        (joined(modality="PLANNED"), "'PLANNED' is none of OCCURRED, ANNOUNCED"),
        (cited(quoteSha256="abc"), "a SHA-256 in lower-case hexadecimals"),
        (source(url="ftp://x"), "begins with http:// or https://"),
        (joined(when=2014), "an EDTF date as text"),
        (joined(member=5), "Expected text, got a whole number"),
        (joined(membre="m"), "no key 'membre'; its keys are member, episode, when, "),
        (joined(type="MemberJoind"), "the types are MemberJoined, "),
        (
            {"type": "MemberJoined", "id": "new", "citations": []},
            "needs the keys when, coalition and member",
        ),
    ]
    for entry, words in said:
        file.write_bytes(lines_of([entry]))
        assert words in refused([file], capfd)["message"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"x" * 10_000_000, "LINE_TOO_LONG"),
        (b"[" * 200_000, "TOO_DEEP"),
        (b"\xff\xfe{\0", "BAD_UTF8"),
        (lines_of([joined(member="nobody")]), "UNKNOWN_ENTITY"),
    ],
    ids=["long", "deep", "utf-16", "unknown"],
)
def test_a_process_ends_with_status_1_and_words_only(
    content: bytes, code: str, at_the_record: Instance
) -> None:
    before = written(at_the_record)

    ended = subprocess.run(
        [SIJILL, "import", "--json", "-"],
        input=content,
        capture_output=True,
        timeout=60,
        env={**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
    )

    assert ended.returncode == 1
    error = json.loads(ended.stdout)["error"]
    assert (error["code"], error["file"], error["line"]) == (code, "-", 1)
    assert b"Traceback" not in ended.stderr
    assert written(at_the_record) == before
