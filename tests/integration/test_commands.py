"""The commands that ask the record, in both forms; names for ids; the clocks; how commands end."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from conftest import NewInstance

from api.cli import app, main
from api.files import sample
from api.instance import Instance
from domain.codec import read

COALITION = "global-coalition"
NAME = "Global Coalition against Daesh"
NOWHERE = "postgresql://me@127.0.0.1:1/nothing"
TWINS = [
    {"type": "EntityRegistered", "id": f"twin-{n}", "kind": "PERSON", "names": {"en": "Twin"}}
    for n in (1, 2)
]


class Ended(NamedTuple):
    """How a command ended: its status, standard output and standard error."""

    status: int
    out: str
    words: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ended]


@pytest.fixture(scope="module")
def filled(new_instance: NewInstance) -> Iterator[Instance]:
    """The sample record, and two people of one name."""
    with new_instance() as instance:
        instance.record.apply(sample().entries, actor="someone")
        instance.record.apply([read(twin) for twin in TWINS], actor="someone")
        instance.catch_up()
        yield instance


@pytest.fixture
def run(
    filled: Instance, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Run:
    """Run a command on the sample record, within this process."""

    def within(*arguments: str, **more: str) -> Ended:
        for name, value in {"SIJILL_DATABASE_URL": filled.database.url, **more}.items():
            monkeypatch.setenv(name, value)
        status = main(arguments)
        return Ended(status, *capfd.readouterr())

    return within


# Every command in both forms


SHOWN: dict[tuple[str, ...], tuple[list[str], str]] = {
    ("state", "syria", "--as-of", "2025-12-01"): (["state"], "memberships  Global Coalition"),
    ("explain", "members", COALITION, "syria"): (["explain"], "certain, true today: Certain"),
    ("explain", "organisations", COALITION): (["explain"], "CoalitionFounded"),
    ("explain", "members", COALITION, "twin-1"): (["explain"], "does not hold"),
    ("what-if", "members", COALITION, "--grades-below", "C"): (["whatIf"], "86 certain"),
    ("search", "coalition", "--kind", "entity"): (["search"], f"entity  {COALITION}  {NAME}"),
    ("search", "سوريا"): (["search"], "entity  syria"),
    ("show", "germany"): (["entity", "source", "fact"], "names Germany (en)"),
    ("show", "syria-joins-2025-11-10"): (
        ["entity", "source", "fact"],
        "key member, entity Syria (syria)",
    ),
    ("entities", "--kind", "coalition"): (["entities"], f"{COALITION}  coalition  {NAME}"),
    ("entities", "syria", "--lang", "ar"): (["entities"], "سوريا"),
    ("facts", "--entity", "syria", "--type", "MemberJoined"): (["facts"], "syria-joins-2025-11-11"),
    ("facts", "--source", "ap-2025-11-11"): (["facts"], "found, true today"),
    ("timeline", "syria", "--first", "2"): (["timeline"], "There are more: --after"),
    ("show", "syria"): (["entity", "source", "fact"], "Q858"),
    ("show", "ap-2025-11-11"): (["entity", "source", "fact"], "Associated Press"),
    ("show", "syria-joins"): (["entity", "source", "fact"], "article-2025-11-03"),
}
"""Commands: the keys of each one's JSON, and a piece of what it says to people."""


@pytest.mark.parametrize("arguments", SHOWN, ids=" ".join)
def test_a_command_answers_people_and_programs(arguments: tuple[str, ...], run: Run) -> None:
    keys, piece = SHOWN[arguments]

    plain, as_json = run(*arguments), run(*arguments, "--json")

    assert (plain.status, plain.words, as_json.status, as_json.words) == (0, "", 0, "")
    assert piece in " ".join(plain.out.split(" ")) or piece in " ".join(plain.out.split())
    assert list(as_json.json) == keys
    assert any(as_json.json.values())


@pytest.mark.parametrize(
    ("command", "status", "words"),
    [
        ("search", 0, "0 found, true today, at log position"),
        ("state", 1, "no entity with the id or the name 'kuwiat'."),
    ],
)
def test_a_name_that_is_nearly_one_is_asked_about(
    command: str, status: int, words: str, run: Run
) -> None:
    ended, other = run(command, "kuwiat"), run(command, "xyzzy")

    assert (ended.status, other.status) == (status, status)
    assert words in ended.out + ended.words
    assert "Did you mean kuwait (COUNTRY)?" in ended.out + ended.words
    assert "Did you mean" not in other.out + other.words


def test_no_entity_is_suggested_to_who_seeks_sources(run: Run) -> None:
    assert "Did you mean" not in run("search", "kuwiat", "--kind", "source").out


def test_what_if_takes_away_and_adds(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "more.jsonl"
    file.write_text(json.dumps({
        "type": "MemberJoined", "id": "twin-joins", "coalition": COALITION, "member": "twin-1",
        "when": "2020", "citations": [{"source": "ap-2025-11-11"}],
    }))  # fmt: skip

    def members(*arguments: str) -> set[str]:
        data = run(*arguments, "--json").json
        edges = data.get("whatIf", data)["members"]["edges"]
        return {edge["node"]["member"]["id"] for edge in edges}

    was = members("ask", "members", COALITION)
    supposed = members(
        "what-if", "members", NAME, "--with", str(file), "--without-fact", "syria-joins-2025-11-10",
        "--without-fact", "syria-joins-2025-11-11", "--without-fact", "syria-confirmed-by-centcom",
        "--without-fact", "syria-joins",
    )  # fmt: skip

    assert supposed - was == {"twin-1"}
    assert was - supposed == {"syria"}


def test_explaining_the_other_way_round_is_the_same(run: Run) -> None:
    one = run("explain", "members", COALITION, "syria", "--json").json
    other = run("explain", "memberships", "syria", COALITION, "--json").json

    assert one == other


# Names for ids


@pytest.mark.parametrize(
    ("by_id", "by_name"),
    [
        (("ask", "members", COALITION), ("ask", "members", NAME.upper())),
        (("state", "syria"), ("state", "سوريا")),
        (("timeline", "syria"), ("timeline", "SYRIA")),
        (("facts", "--entity", "syria"), ("facts", "--entity", "Syria")),
        (("show", "syria"), ("show", "Syria")),
        (("show", "state-jeddah-2014-09-11"), ("show", "jeddah communiqué")),
        (
            ("facts", "--source", "state-jeddah-2014-09-11"),
            ("facts", "--source", "Jeddah Communiqué"),
        ),
        (
            ("explain", "members", COALITION, "syria"),
            ("explain", "members", NAME, "سوريا"),
        ),
        (
            ("diff", "syria", "--known-at", "2024..2025"),
            ("diff", "Syria", "--known-at", "2024-12-31..2025-12-31"),
        ),
        (
            ("what-if", "memberships", "syria", "--without-fact", "syria-joins"),
            ("what-if", "memberships", "Syria", "--without-fact", "syria-joins"),
        ),
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_name_is_as_good_as_an_id(
    by_id: tuple[str, ...], by_name: tuple[str, ...], run: Run
) -> None:
    asked, named = run(*by_id, "--json"), run(*by_name, "--json")

    assert asked.status == named.status == 0
    assert named.json == asked.json


def test_a_diff_in_json_has_its_points_and_its_rows(run: Run) -> None:
    found = run(
        "diff", "syria", "--as-of", "2025-11-10", "--known-at", "2025-11-03..2025-12", "--json"
    )

    assert found.json["from"] | {"position": 0} == {
        "asOf": "2025-11-10", "knownAt": "2025-11-03", "position": 0,
    }  # fmt: skip
    assert found.json["to"]["knownAt"] == "2025-12-31"
    assert [(row["change"], row["causes"]) for row in found.json["rows"]
            if row["question"] == "MEMBERS"] == [("CHANGED", ["LEARNED"])]  # fmt: skip


def test_a_view_of_what_is_asked_by_name_is_exported(run: Run) -> None:
    of = ("--question", "memberships", "--format", "csv", "--known-at")

    by_id, by_name = run("export", "syria", *of, "2025-12-31"), run("export", "سوريا", *of, "2025")

    assert by_id.status == by_name.status == 0
    assert by_name.out == by_id.out
    assert "global-coalition" in by_id.out


def test_a_name_of_two_is_refused_with_both(run: Run) -> None:
    ended = run("state", "twin", "--json")

    assert (ended.status, ended.json["error"]["code"]) == (1, "AMBIGUOUS_NAME")
    assert "twin-1 (PERSON), twin-2 (PERSON)" in ended.words
    assert ended.words.startswith("ENTITY: ")


def test_what_is_no_name_is_refused_with_what_is_close_to_it(run: Run) -> None:
    ended = run("ask", "members", "Global Coalition")

    assert ended.status == 1
    assert ended.words.startswith("SUBJECT: The record has no entity with the id or the name")
    assert f"{COALITION} (COALITION)" in ended.words


def test_a_proof_of_what_is_asked_by_name_is_written(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "proof.json"

    ended = run("ask", "memberships", "سوريا", "--proof", str(file))

    assert ended.status == 0
    assert '"syria"' in file.read_text()


# Clocks, and the words of errors


@pytest.mark.parametrize(
    ("long", "short"),
    [
        (("--known-at", "2018-12-31"), ("--known-at", "2018")),
        (("--known-at", "2016-02-29"), ("--known-at", "2016-02")),
        (("--recorded-at", "2025-12-31T23:59:59.999999Z"), ("--recorded-at", "2025")),
        (("--recorded-at", "2999-02-28T23:59:59.999999Z"), ("--recorded-at", "2999-02-28")),
        (("--as-of", "2018-02"), ("--as-of", "2018-02")),
    ],
)
def test_a_month_or_a_year_means_its_last_day(
    long: tuple[str, ...], short: tuple[str, ...], run: Run
) -> None:
    asked = ("ask", "members", COALITION, "--json")

    whole, brief = run(*asked, *long), run(*asked, *short)

    assert whole.status == brief.status == 0
    assert brief.json == whole.json


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        (("why", "nothing"), "FACT: "),
        (("explain", "members", COALITION, "Nobodia"), "ANSWER: "),
        (("explain", "members", "Nobodia", "syria"), "SUBJECT: "),
        (("explain", "memberships", "Nobodia", COALITION), "SUBJECT: "),
        (("export", COALITION, "--question", "members", "--format", "xlsx"), "--format: "),
    ],
)
def test_an_error_names_the_argument(arguments: tuple[str, ...], place: str, run: Run) -> None:
    ended = run(*arguments)

    assert ended.status == 1
    assert ended.words.startswith(place)


@pytest.mark.parametrize(
    ("arguments", "start"),
    [
        (("--as-of", "soon"), "--as-of: "),
        (("--known-at", "soon"), "--known-at: "),
        (("--recorded-at", "soon"), "--recorded-at: "),
        (("--at-position", "99999"), "--at-position: "),
        (("--first", "9999"), "--first: "),
        (("--after", "x"), "--after: "),
    ],
)
def test_an_error_names_the_option(arguments: tuple[str, ...], start: str, run: Run) -> None:
    ended = run("ask", "members", COALITION, *arguments)

    assert (ended.status, ended.out) == (1, "")
    assert ended.words.startswith(start)


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask", "members", "nobody"),
        ("why", "nothing"),
        ("show", "nothing"),
        ("facts", "--source", "nothing"),
        ("facts", "--type", "Nothing"),
        ("ask", "organisations", "empire"),
        ("what-if", "members", COALITION, "--without-source", "nothing"),
        ("diff", "nobody"),
    ],
)
def test_no_error_speaks_graphql(arguments: tuple[str, ...], run: Run) -> None:
    ended = run(*arguments)

    assert ended.status == 1
    for word in ("search:", "entity:", "$", "enum", "variable", "Variable", "look it up"):
        assert word not in ended.words


def test_wrong_usage_is_said_in_json_too(run: Run) -> None:
    ended = run("ask", "memberz", COALITION, "--json")

    assert (ended.status, ended.json["error"]["code"]) == (2, "WRONG_USAGE")
    assert "There is no question 'memberz'" in ended.json["error"]["message"]


# How commands end


class Way(NamedTuple):
    """A command's ways to end, by the arguments that lead to each; none where it has no such."""

    done: tuple[str, ...] | None
    refused: tuple[str, ...] | None
    wrong: tuple[str, ...]
    alone: tuple[str, ...] | None = None
    """Arguments that need the database, where the first two are none."""


EXITS: dict[str, Way] = {
    "ask": Way(("members", COALITION), ("members", "nobody"), ("members",)),
    "state": Way(("syria",), ("nobody",), ()),
    "explain": Way(("members", COALITION, "syria"), ("members", "no", "syria"), ("members", "x")),
    "what-if": Way(
        ("members", COALITION, "--without-fact", "syria-joins"),
        ("members", COALITION, "--without-fact", "nothing"),
        ("members", COALITION),
    ),
    "search": Way(("syria",), ("x" * 201,), ("syria", "--kind", "empire")),
    "entities": Way((), ("--kind", "empire"), ("a", "b")),
    "facts": Way((), ("--entity", "nobody"), ("syria",)),
    "timeline": Way(("syria",), ("nobody",), ()),
    "show": Way(("syria",), ("nothing",), ()),
    "diff": Way(("syria",), ("nobody",), ("--at-position", "x")),
    "why": Way(("syria-joins",), ("nothing",), ()),
    "log": Way(("--limit", "1"), None, ("--after", "-1")),
    "import": Way(("--dry-run", "-"), ("nothing.jsonl",), ()),
    "map": Way(("x.csv", "--schema"), ("nothing.csv",), ("--colour",)),
    "check": Way((), None, ("--colour",)),
    "vocabulary": Way((), ("use", "nothing"), ("use",)),
    "export": Way(("syria", "--format", "csv"), ("nobody",), ("--question", "nothing")),
    "doctor": Way((), None, ("--colour",)),
    "migrate": Way((), None, ("--colour",)),
    "rebuild": Way((), None, ("--engine", "steam")),
    "replay": Way(None, ("--to-position", "99999", "--out", "copy"), ()),
    "schema": Way((), None, ("--colour",)),
    "serve": Way(None, None, ("--port", "99999"), ("--port", "0")),
    "demo": Way(None, None, ("--port", "99999"), ("--port", "0")),
    "follow": Way(None, None, ("--colour",), ()),
    "backup": Way(None, None, (), ("--to", "backups")),
    "restore": Way(None, ("nothing",), ()),
    "drill": Way(None, ("nothing",), ("--colour",)),
    "keys": Way(("list",), ("add", "Amal", "--role", "king"), ("list", "--colour")),
    "checkpoint": Way((), None, ("publish",)),
    "verify": Way(("--log-only",), ("--vkey", "x"), ("--colour",)),
    "source": Way(
        None, ("anchors", "--id", "nothing"), ("anchors",)
    ),
}  # fmt: skip


def test_every_command_is_in_the_table_of_exits() -> None:
    names = {str(each.name) for each in app.registered_commands}
    names |= {str(each.name) for each in app.registered_groups}

    assert EXITS.keys() == names


@pytest.mark.parametrize("command", EXITS)
def test_a_command_ends_as_documented(
    command: str, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    way = EXITS[command]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO()))

    ends = {
        status: run(command, *arguments, **more)
        for status, arguments, more in (
            (0, way.done, {}),
            (1, way.refused, {}),
            (2, way.wrong, {}),
            (3, next((x for x in (way.alone, way.done, way.refused) if x is not None), None),
             {"SIJILL_DATABASE_URL": NOWHERE}),
        )
        if arguments is not None
    }  # fmt: skip
    if command in ("schema", "restore", "drill", "map"):  # these need something else first
        del ends[3]

    assert {status: ended.status for status, ended in ends.items()} == {s: s for s in ends}
    for status in ends.keys() - {0, 3}:
        assert ends[status].out == ""
        assert ends[status].words
        assert "Traceback" not in ends[status].words
