"""How warnings are said: by the command line, by GraphQL and on pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import NewInstance, browsing
from selectolax.lexbor import LexborHTMLParser
from support.slips import EXPECTED, GROUND, NO_SLIPS, SLIPPED, SLIPS

from api.cli import main
from api.instance import Instance
from api.language.labels import WARNINGS
from api.language.words import words
from api.web.editing.editor_session import COOKIE
from api.web.pages import check
from domain.codec import read
from domain.roles import Role
from domain.warnings import WarningCode
from store.keys import add_key

CODES = [code for code, _ in EXPECTED]


@pytest.fixture
def command(instance: Instance, monkeypatch: pytest.MonkeyPatch, capsys, tmp_path: Path):
    monkeypatch.setenv("SIJILL_DATABASE_URL", instance.database.url)
    monkeypatch.setenv("SIJILL_DATA", str(tmp_path))

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main(arguments)
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


def as_file(folder: Path, entries: list[dict[str, Any]]) -> str:
    path = folder / "record.jsonl"
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8")
    return str(path)


def said(err: str) -> list[str]:
    return [line for line in err.splitlines() if "warning: " in line]


def test_a_dry_run_and_an_import_say_warnings_with_their_lines(command, tmp_path: Path) -> None:
    file = as_file(tmp_path, SLIPPED)
    _, _, tried = command("import", "--dry-run", "--json", file)
    status, out, done = command("import", "--json", file)

    assert status == 0
    assert json.loads(out) == {
        "recorded": len(SLIPPED), "unchanged": 0, "position": len(SLIPPED),
    }  # fmt: skip
    assert said(tried) == said(done)
    lines = Path(file).read_text(encoding="utf-8").splitlines()
    for line, (code, events) in zip(said(done), EXPECTED, strict=True):
        place, _, message = line.partition(": warning: ")
        assert json.loads(lines[int(place.rpartition(" ")[2]) - 1])["id"] in events
        assert message.startswith(events[0])
        assert message.endswith(f"[{code}]")


def test_a_large_import_says_the_same(command, tmp_path: Path, monkeypatch) -> None:
    file = as_file(tmp_path, SLIPPED)
    _, _, tried = command("import", "--dry-run", file)
    monkeypatch.setattr("api.commands.record_import.FEW", 1)

    assert said(command("import", file)[2]) == said(tried)


def test_of_many_warnings_the_first_are_said_and_the_number_of_each_code(
    command, tmp_path: Path
) -> None:
    leaving = [
        {**SLIPS[1].entries[0], "id": f"leaves-{number}", "episode": str(number)}
        for number in range(30)
    ]
    err = command("import", as_file(tmp_path, [*GROUND, *leaving]))[2]

    assert len(said(err)) == 20
    assert "Warnings: 30 END_WITHOUT_START. `sijill check` lists all." in err


def test_a_large_import_says_that_it_looks_for_some_alone(
    command, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr("api.commands.record_import.FEW", 1)
    leaving = [
        {**SLIPS[1].entries[0], "id": f"leaves-{number}", "episode": str(number)}
        for number in range(30)
    ]
    err = command("import", as_file(tmp_path, [*SLIPPED, *leaving]))[2]

    assert "not all slips are looked for: `sijill check` lists them." in err
    assert "20 or more END_WITHOUT_START" in err


def test_an_import_without_slips_says_no_warning(command, tmp_path: Path) -> None:
    assert said(command("import", as_file(tmp_path, NO_SLIPS))[2]) == []


def test_check_prints_one_document_and_exits_with_0(command, tmp_path: Path) -> None:
    command("import", as_file(tmp_path, SLIPPED))
    status, out, _ = command("check", "--json")

    assert status == 0
    told = json.loads(out)
    assert list(told) == ["warnings"]
    assert all(list(each) == ["code", "message", "events"] for each in told["warnings"])
    assert [(each["code"], tuple(each["events"])) for each in told["warnings"]] == EXPECTED


def test_check_tells_people_a_line_each_and_how_many(command, tmp_path: Path) -> None:
    assert command("check")[:2] == (0, "Nothing looks like a slip.\n")
    command("import", as_file(tmp_path, SLIPPED))

    lines = command("check")[1].splitlines()
    assert [line.partition(":")[0] for line in lines[:-1]] == CODES
    assert lines[-1].startswith("8 warnings: 1 END_BEFORE_START, ")


APPLY = """mutation ($entries: [JSON!]!, $id: ID!, $dry: Boolean) {
  apply(entries: $entries, requestId: $id, dryRun: $dry) {
    recorded warnings { code message entry } diff { edges { node { change } } }
  }
}"""


def test_apply_tells_warnings_with_the_number_of_the_entry(instance: Instance) -> None:
    with instance.database.connect() as owner:
        key = add_key(owner, "Amal", Role.REVIEWER)[1]
    instance.record.apply([read(entry) for entry in GROUND], actor="someone")
    instance.catch_up()
    entries = [entry for slip in SLIPS for entry in slip.entries]

    def applied(http: Any, *, dry: bool) -> dict[str, Any]:
        variables = {"entries": entries, "id": "once", "dry": dry}
        answer = http.post(
            "/graphql",
            json={"query": APPLY, "variables": variables},
            headers={"authorization": f"Bearer {key}"},
        ).json()
        assert "errors" not in answer
        return answer["data"]["apply"]

    with browsing(instance) as http:
        tried, done, again = (applied(http, dry=dry) for dry in (True, False, False))

    assert tried["warnings"] == done["warnings"] == again["warnings"]
    assert [each["code"] for each in done["warnings"]] == CODES
    for each, (_, events) in zip(done["warnings"], EXPECTED, strict=True):
        assert entries[each["entry"]]["id"] in events
        assert each["message"].startswith(events[0])


@pytest.fixture(scope="module")
def site(new_instance: NewInstance):
    """A served record with the slips, and the key of a reviewer."""
    with new_instance() as filled:
        filled.record.apply([read(entry) for entry in SLIPPED], actor="someone")
        filled.catch_up()
        with filled.database.connect() as owner:
            key = add_key(owner, "Amal", Role.REVIEWER)[1]
        with browsing(filled) as http:
            yield http, key


def section(http: Any, name: str, lang: str = "en", **more: str) -> Any:
    page = http.get("/check", params={"show": name, "lang": lang, **more})
    assert page.status_code == 200
    return LexborHTMLParser(page.text).css_first(f"#{name}")


@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize("slip", SLIPS, ids=[slip.code for slip in SLIPS])
def test_the_page_has_each_slip_once_with_its_facts(site, slip, lang: str) -> None:
    found = section(site[0], slip.code.lower().replace("_", "-"), lang)

    (row,) = found.css("li")
    assert found.css_first("h2").text() == words(lang).gettext(WARNINGS[slip.code])
    assert found.css_first("header code").text() == slip.code
    shown = [link.attributes["href"].split("?")[0] for link in row.css("a")]
    kind = "e" if slip.code is WarningCode.LOOKALIKE else "f"
    for event in slip.events:
        assert f"/{kind}/{event}" in shown


def test_each_row_about_a_fact_leads_to_a_form_that_mends_it(site) -> None:
    http, key = site
    for name, about in check.SECTIONS.items():
        if about in (WarningCode.LOOKALIKE, WarningCode.KIND, WarningCode.SINGLE):
            continue  # of entities, and of words that the record here does not define
        found = section(http, name)
        forms = [link.attributes["href"] for link in found.css("li a.button")]
        assert len(forms) >= len(found.css("li"))
        for address in forms:
            page = http.get(address, headers={"cookie": f"{COOKIE}={key}"})
            assert page.status_code == 200
            assert 'name="requestId"' in page.text


def test_an_end_without_a_start_leads_to_the_form_of_the_start(site) -> None:
    first = section(site[0], "end-without-start").css_first("li a.button").attributes["href"]

    assert first == "/edit/record?lang=en&type=MemberJoined&about=league"


def test_what_is_contested_or_of_one_source_or_not_attested_for_long_is_listed(site) -> None:
    http, _ = site
    contested = section(http, "contested").css("li")
    single = section(http, "single-source").css("li")
    silent = section(http, "unattested", before="1956")

    assert ["denmark" in row.text() for row in contested] == [True]
    assert len(single) == 9
    assert [row.css("a")[1].text() for row in silent.css("li")] == ["prussia", "denmark"]
    assert "31 Dec 1950" in silent.css_first("li").text()


def test_a_section_goes_on_where_its_page_ends(site, monkeypatch: pytest.MonkeyPatch) -> None:
    http, _ = site
    whole = [row.text() for row in section(http, "single-source").css("li")]
    monkeypatch.setattr(check, "ROWS", 4)
    pages, address = [], "/check?show=single-source&lang=en"
    while address:
        page = LexborHTMLParser(http.get(address).text)
        pages.append([row.text() for row in page.css("#single-source li")])
        more = page.css_first("a[rel=next]")
        address = more and more.attributes["href"]

    assert [len(rows) for rows in pages] == [4, 4, 1]
    assert [row for rows in pages for row in rows] == whole


def test_all_sections_with_a_row_are_on_the_first_page(site) -> None:
    page = LexborHTMLParser(site[0].get("/check").text)

    of_own_words = {"kind", "single"}  # which the record here does not define
    expected = [each for each in check.SECTIONS if each not in of_own_words]
    assert [each.attributes["id"] for each in page.css("section[id]")] == expected


def test_a_forms_preview_shows_the_warnings_that_it_would_bring(site) -> None:
    http, key = site
    filled = {
        "coalition": "league", "member": "sweden", "when": "1980", "step": "preview",
        "citations[0].source": "book", "modality": "OCCURRED",
    }  # fmt: skip

    page = http.post(
        "/edit/record?type=MemberJoined&lang=en",
        data=filled,
        headers={"cookie": f"{COOKIE}={key}", "sec-fetch-site": "same-origin"},
    )

    notes = [each.text() for each in LexborHTMLParser(page.text).css("#preview .note")]
    assert len(notes) == 1
    assert WARNINGS["END_BEFORE_START"] in notes[0]
    assert "sweden-leaves" in notes[0]
