"""/import without scripts, as anything may send its forms: who may, what comes back of what was
sent, and that what is wrong in it makes nothing but a page."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import random
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser
from support.edit_forms import Site, edit_forms
from support.workbooks import far_cell, ods, xlsx

from api.instance import Instance
from api.web.editing.editor_session import COOKIE
from api.web.importing.sent_table import MOST_BYTES, MOST_ROWS, MOST_SENT
from domain.roles import Role
from store import documents

HEADERS = ("Country", "Joined", "Left")
ROWS = (
    ("Syria", "2025-11-10", ""),
    ("Iraq", "15 September 2014", ""),
    ("Jordan", "2014-09-05", "2020-01-31"),
)


class ImportSite(Site):
    """The sample record, whose import page is sent forms."""

    def post(
        self,
        values: dict[str, str],
        role: Role | None = Role.CONTRIBUTOR,
        file: tuple[str, bytes] | None = None,
    ) -> httpx.Response:
        """A form as a browser sends it, with a file or without one."""
        files: dict[str, Any] = {"file": file or ("", b"")}
        return self.http.post("/import", data=values, files=files, headers=self.as_role(role))


@pytest.fixture(scope="module")
def served(sampled: Instance) -> Iterator[ImportSite]:
    with edit_forms(sampled) as site:
        yield ImportSite(*site)


@pytest.fixture
def site(served: ImportSite) -> ImportSite:
    """Of all tests here: each records tables of its own."""
    return served


def table(*rows: tuple[str, ...], delimiter: str = "\t") -> str:
    """Rows below the headers, as a spreadsheet puts them on the clipboard."""
    lines = io.StringIO(newline="")
    csv.writer(lines, delimiter=delimiter).writerows((HEADERS, *rows))
    return lines.getvalue()


def fields_of(response: httpx.Response) -> dict[str, str]:
    """What a browser would send of the form on a page if nothing were changed."""
    found: dict[str, str] = {}
    form = LexborHTMLParser(response.text).css_first("form[data-form]")
    assert form is not None, response.text
    for each in form.css("input, select, textarea"):
        name, kind = each.attributes.get("name"), each.attributes.get("type")
        if not name or kind == "file" or (kind == "checkbox" and "checked" not in each.attributes):
            continue
        if each.tag == "select":
            chosen = each.css_first("option[selected]") or each.css_first("option")
            found[name] = (chosen.attributes.get("value") or "") if chosen else ""
        elif each.tag == "textarea":
            found[name] = each.text()
        else:
            found[name] = each.attributes.get("value") or ""
    return found


def members(site: ImportSite, *rows: tuple[str, ...]) -> dict[str, str]:
    """The form of a pasted table whose rows are members of the coalition, assigned."""
    first = site.post({"step": "read", "cells": table(*rows)})
    chosen = {**fields_of(first), "type": "MemberJoined", "step": "stay"}
    fields = fields_of(site.post(chosen))
    return {**fields, "fixed.coalition": "global-coalition", "empty.until": "open"}


def wrong_cells(response: httpx.Response) -> dict[str, str]:
    """By the field of the cell, what is wrong in it."""
    tree = LexborHTMLParser(response.text)
    return {
        (each.attributes["id"] or "").removesuffix("-wrong"): each.text().strip()
        for each in tree.css("p.wrong")
    }


def recorded(
    site: ImportSite, filled: dict[str, str], role: Role = Role.CONTRIBUTOR
) -> httpx.Response:
    """What comes of recording a form after its preview."""
    shown = site.post({**filled, "step": "preview"}, role)
    assert shown.status_code == 200, wrong_cells(shown)
    return site.post({**fields_of(shown), "step": "send"}, role)


def entries(site: ImportSite, prefix: str = "") -> list[dict[str, Any]]:
    """The entries of the record whose ids begin so."""
    lines = site.http.get("/record.jsonl").text.splitlines()
    return [each for each in map(json.loads, lines) if each["id"].startswith(prefix)]


def test_pasted_cells_are_guessed_assigned_previewed_and_recorded(site: ImportSite) -> None:
    first = site.post({"step": "read", "cells": table(*ROWS)})
    guessed = fields_of(first)
    assert [guessed[f"use[{place}]"] for place in range(3)] == ["entity.name.en", "since", "until"]

    head = site.head()
    filled = members(site, *ROWS)
    shown = site.post({**filled, "step": "preview"})
    assert shown.status_code == 200
    assert "Member joined</b>: <bdi>Global Coalition against Daesh</bdi>, <bdi>Syria" in shown.text
    assert "Row 4" in shown.text
    assert site.head() == head

    answer = site.post({**fields_of(shown), "step": "send"})
    assert answer.status_code == 303
    done = site.http.get(answer.headers["location"], headers=site.as_role(Role.CONTRIBUTOR))
    assert "5 entries recorded" in done.text
    assert site.head() == head + 6  # and the capture of the table
    facts = entries(site, filled["id"])
    assert [each["type"] for each in facts] == [
        *("SourceRegistered", "MemberJoined", "MemberJoined", "MemberJoined", "MemberLeft")
    ]
    assert [each["citations"][0]["locator"] for each in facts[1:]] == [
        *({"row": 1}, {"row": 2}, {"row": 3}, {"row": 3})
    ]
    with site.instance.database.connect() as owner:
        assert facts[0]["sha256"] in documents.held(owner)


def test_a_form_that_is_sent_twice_records_once(site: ImportSite) -> None:
    shown = site.post({**members(site, *ROWS), "step": "preview"})
    filled = {**fields_of(shown), "step": "send"}

    with ThreadPoolExecutor(4) as threads:
        at_once = list(threads.map(lambda _: site.post(filled), range(4)))
    after = site.post(filled)

    answers = [*at_once, after]
    assert [each.status_code for each in answers] == [303] * 5
    assert len({each.headers["location"] for each in answers}) == 1
    joined = [e for e in entries(site, filled["id"]) if e["type"] == "MemberJoined"]
    assert len(joined) == 3


def test_faults_are_told_beside_their_cells_all_at_once_and_mended_there(site: ImportSite) -> None:
    rows = (*ROWS, ("Irak?", "2014", ""), ("Egypt", "31/31/2014", ""), ("Kuwait", "2015", "2014"))
    filled = members(site, *rows)
    head = site.head()

    shown = site.post({**filled, "step": "send"})
    assert shown.status_code == 400
    assert list(wrong_cells(shown)) == ["cell[5][0]", "cell[6][1]", "cell[7][2]"]
    again = fields_of(shown)
    assert again["cell[6][1]"] == "31/31/2014"
    assert again["fixed.coalition"] == "global-coalition"
    assert site.head() == head

    mended = {"cell[5][0]": "Iraq", "cell[6][1]": "2014-12-31", "cell[7][2]": "2016"}
    good = site.post({**again, **mended, "step": "preview"})
    assert good.status_code == 200, wrong_cells(good)
    assert recorded(site, fields_of(good)).status_code == 303


def test_what_is_missing_in_the_form_is_told_at_its_fields_all_at_once(site: ImportSite) -> None:
    filled = members(site, *ROWS)
    lacking = {**filled, "use[1]": "", "fixed.coalition": "", "source.title": "", "id": "a b"}

    shown = site.post({**lacking, "step": "preview"})
    missing = wrong_cells(shown)
    other = site.post({**filled, "use[2]": "since", "dates.twoDigitYears": "x", "step": "preview"})

    assert shown.status_code == 400
    assert set(missing) == {"fixed.coalition", "fixed.since"}
    rest = site.post({**filled, "source.title": "", "id": "a b", "step": "preview"})
    assert {"id", "source.title"} <= set(wrong_cells(rest))
    assert other.status_code == 400
    assert set(wrong_cells(other)) == {"use[2]"}


def test_a_name_that_nobody_has_is_told_with_those_that_come_near(site: ImportSite) -> None:
    filled = {**members(site, *ROWS), "fixed.coalition": "Coalition", "use[1]": ""}
    shown = site.post({**filled, "step": "preview"})

    assert shown.status_code == 400
    assert set(wrong_cells(shown)) == {"fixed.coalition", "fixed.since"}
    assert 'name="take" value="fixed.coalition=global-coalition"' in shown.text
    taken = site.post({**fields_of(shown), "take": "fixed.coalition=global-coalition"})
    assert fields_of(taken)["fixed.coalition"] == "global-coalition"


@pytest.mark.parametrize("role", [None, *Role])
def test_contributors_and_above_may_and_nobody_else(site: ImportSite, role: Role | None) -> None:
    may = role in (Role.CONTRIBUTOR, Role.REVIEWER, Role.ADMIN)
    head = site.head()

    got = site.http.get("/import", headers=site.as_role(role))
    sent = site.post({"step": "read", "cells": table(*ROWS)}, role)

    assert ('name="cells"' in got.text) is may
    assert got.status_code == (200 if may or role is None else 403)
    assert sent.status_code == (200 if may else 401 if role is None else 403)
    assert site.head() == head


def test_a_form_of_another_site_does_nothing(site: ImportSite) -> None:
    filled = fields_of(site.post({**members(site, *ROWS), "step": "preview"}))
    head = site.head()

    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}, {}):
        cookie = {"cookie": f"{COOKIE}={site.keys[Role.ADMIN]}"}
        answer = site.http.post(
            "/import", data={**filled, "step": "send"}, files={"file": ("", b"")},
            headers={**cookie, **headers},
        )  # fmt: skip
        assert answer.status_code == 403
    assert site.head() == head


def test_what_a_request_of_somebody_else_recorded_is_not_told(site: ImportSite) -> None:
    answer = recorded(site, members(site, *ROWS))
    path = answer.headers["location"]

    own = site.http.get(path, headers=site.as_role(Role.CONTRIBUTOR))
    other = site.http.get(path, headers=site.as_role(Role.REVIEWER))

    assert own.status_code == 200
    assert other.status_code == 404


@pytest.mark.parametrize(("suffix", "made"), [("xlsx", xlsx), ("ods", ods)])
def test_a_workbook_is_its_own_source_and_keeps_its_bytes(
    site: ImportSite, suffix: str, made: Callable[..., bytes]
) -> None:
    content = made(Members=[HEADERS, *ROWS])
    first = site.post({"step": "read"}, file=(f"members-{suffix}.{suffix}", content))
    filled = fields_of(site.post({**fields_of(first), "type": "MemberJoined", "step": "stay"}))
    filled |= {"fixed.coalition": "global-coalition", "empty.until": "open"}
    head = site.head()

    assert recorded(site, filled).status_code == 303
    source, *_ = entries(site, f"members-{suffix}")

    assert source["sha256"] == hashlib.sha256(content).hexdigest()
    assert site.head() == head + 6
    # The same file again has nothing to record.
    again = site.post({**filled, "step": "preview"})
    assert again.status_code == 200
    assert "there is nothing to record" in again.text


def test_a_changed_cell_is_a_correction_which_reviewers_record(site: ImportSite) -> None:
    filled = {**members(site, *ROWS), "id": "members"}
    assert recorded(site, filled).status_code == 303
    changed = {**filled, "cell[2][1]": "2025-11-12", "requestId": str(uuid4())}
    head = site.head()

    refused = site.post({**changed, "step": "preview"})
    assert refused.status_code == 400
    assert list(wrong_cells(refused)) == ["cell[2][0]"]
    assert "reviewer" in refused.text

    assert recorded(site, changed, Role.REVIEWER).status_code == 303
    (correction,) = (e for e in entries(site, "members:") if e["type"] == "FactCorrected")
    assert correction["changes"] == {"when": "2025-11-12"}
    assert "Row 2" in correction["reason"]
    assert site.head() == head + 3  # the table's new version, the correction, the capture


def test_a_panel_has_a_column_for_each_period(site: ImportSite) -> None:
    cells = "Country,2014,2015,2016\nSyria,0,0,1\nIraq,1,1,0\n"
    first = fields_of(site.post({"step": "read", "cells": cells}))
    assert [first[f"use[{place}]"] for place in range(4)] == ["member.name.en", *["period"] * 3]

    filled = {**first, "fixed.coalition": "global-coalition", "id": "panel"}
    assert recorded(site, filled).status_code == 303
    facts = entries(site, "panel:")
    assert {each["type"] for each in facts} == {"MemberJoined", "MemberLeft"}


def test_reports_have_one_date_and_a_number(site: ImportSite) -> None:
    cells = "Who\tDay\tHow many\nGlobal Coalition against Daesh\t2014-12-03\t60\n"
    first = fields_of(site.post({"step": "read", "cells": cells}))
    chosen = {**first, "type": "MemberCountReported", "step": "stay"}
    filled = fields_of(site.post(chosen))
    filled |= {"use[0]": "coalition.name.en", "use[1]": "when", "use[2]": "value.text"}

    assert recorded(site, {**filled, "id": "counts"}).status_code == 303
    (report,) = entries(site, "counts:")
    assert (report["value"], report["when"]) == (60, "2014-12-03")


def test_entities_are_found_by_wikidata_and_iso_and_created_where_the_form_says_so(
    site: ImportSite,
) -> None:
    cells = "Code\tWho\tName\tFrom\nSY\t\t\t2025\n\tQ842\t\t2024\nXX\tQ1\tNowhere\t2023\n"
    first = fields_of(site.post({"step": "read", "cells": cells}))
    filled = fields_of(site.post({**first, "type": "MemberJoined", "step": "stay"}))
    filled |= {"use[0]": "member.iso3166", "use[1]": "member.wikidata", "use[2]": "member.name.en"}
    filled |= {"use[3]": "since", "key[3]": "on", "fixed.coalition": "global-coalition"}
    filled |= {"unknown.member": "create", "kind.member": "COUNTRY", "id": "codes"}

    answer = site.post({**filled, "step": "preview"})
    assert answer.status_code == 200, wrong_cells(answer)
    assert recorded(site, fields_of(answer)).status_code == 303
    found = entries(site)
    joined = [e["member"] for e in entries(site, "codes:")]
    (created,) = (
        e for e in found if e["type"] == "EntityRegistered" and e["names"]["en"] == "Nowhere"
    )
    assert joined[0] == "syria"
    assert joined[2] == created["id"]
    assert created["wikidata"] == "Q1"


def test_of_hundreds_of_spells_of_one_member_there_is_no_comparison_to_wait_for(
    site: ImportSite,
) -> None:
    days = [(date(1900, 1, 1) + timedelta(n)).isoformat() for n in range(2_000)]
    filled = members(site, *[("Syria", day, day) for day in days])

    began = time.process_time()
    shown = site.post({**filled, "step": "preview"})

    assert shown.status_code == 200
    assert "too much for a comparison" in shown.text
    assert 'value="send"' in shown.text
    assert time.process_time() - began < 10


# What is no table, or too much of one


def test_too_much_is_refused_with_words_and_the_connection_goes_on(site: ImportSite) -> None:
    for sent in (
        site.post({"step": "read"}, file=("big.csv", b"x" * (MOST_BYTES + 1))),
        site.post({"step": "read", "cells": "x" * (MOST_BYTES + 1)}),
        site.post({"step": "read"}, file=("huge.csv", b"x" * (MOST_SENT + 1))),
        site.post({"step": "read", "cells": "a\n" + "x\n" * (MOST_ROWS + 1)}),
        site.post({"step": "read", "cells": "a\t" * 200 + "\n" + "x\n"}),
    ):
        assert sent.status_code == 413
        assert 'class="wrong' in sent.text
    assert site.post({"step": "read", "cells": table(*ROWS)}).status_code == 200


def test_nobody_who_is_not_signed_in_has_a_body_kept(site: ImportSite) -> None:
    answer = site.post({"step": "read"}, None, ("a.csv", b"x" * (MOST_SENT // 2)))

    assert answer.status_code == 401
    assert 'name="key"' in answer.text


@pytest.mark.parametrize(
    "file",
    [
        ("a.xlsx", b"PK\x03\x04 nothing"),
        ("a.ods", b"PK\x03\x04"),
        ("a.xls", b"\xd0\xcf\x11\xe0"),
        ("a.pdf", b"%PDF-1.7"),
        ("a.json", b"[]"),
        ("a.csv", b"\x00\x01\x02"),
        ("a.csv", b"na\xefve,b\n1,2\n"),
        ("a.csv", b"a,b\n1,2,3\n"),
        ("a.csv", b"\n\n"),
        ("a.csv", b"\xff\xfe"),
        ("two.xlsx", xlsx(One=[["a"]], Two=[["a"]])),
    ],
    ids=lambda file: f"{file[0]}:{len(file[1])}",
)
def test_what_is_no_table_comes_back_with_what_is_wrong(
    site: ImportSite, file: tuple[str, bytes]
) -> None:
    head = site.head()

    answer = site.post({"step": "read"}, file=file)

    assert answer.status_code == 400
    assert wrong_cells(answer) or 'id="wrong"' in answer.text
    assert site.head() == head


def test_the_encoding_and_the_sheet_can_be_said_where_they_are_asked_for(site: ImportSite) -> None:
    text = "Name,Start\nCura\u00e7ao,2010\n".encode("cp1252")
    asked = site.post({"step": "read"}, file=("a.csv", text))
    assert "file.encoding" in wrong_cells(asked)
    good = site.post({**fields_of(asked), "file.encoding": "cp1252", "step": "read"})
    assert "Cura\u00e7ao" in good.text

    asked = site.post({"step": "read"}, file=("b.xlsx", xlsx(One=[["a"]], Two=[["Name"], ["x"]])))
    assert "file.sheet" in wrong_cells(asked)
    good = site.post({**fields_of(asked), "file.sheet": "Two", "step": "read"})
    assert good.status_code == 200


def inflating() -> bytes:
    """A workbook that is a thousand times as large as its bytes."""
    made, sheet = io.BytesIO(), xlsx(One=[["a"], ["b"]])
    with (
        zipfile.ZipFile(io.BytesIO(sheet)) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for item in old.infolist():
            content = old.read(item)
            if item.filename.startswith("xl/worksheets/"):
                content = content.replace(b"b</t>", b"b" * 1_200_000_000 + b"</t>")
            new.writestr(item.filename, content)
    return made.getvalue()


@pytest.mark.parametrize("made", [far_cell, inflating])
def test_a_workbook_that_is_too_hard_hurts_nobody(
    site: ImportSite, made: Callable[[], bytes]
) -> None:
    content = made()

    with ThreadPoolExecutor(1) as threads:
        sent = threads.submit(site.post, {"step": "read"}, Role.CONTRIBUTOR, ("a.xlsx", content))
        slowest = 0.0
        while not sent.done():
            began = time.monotonic()
            assert site.http.get("/health/live").status_code == 200
            slowest = max(slowest, time.monotonic() - began)

    assert sent.result().status_code in (400, 413)
    assert slowest < 2


@pytest.mark.parametrize(
    ("name", "language"), [("سيلدافيا", "ar"), ("Κίνα", "en"), ("Syldavia", "en"), ("7", "en")]
)
def test_a_column_of_names_in_any_letters_is_assigned(
    site: ImportSite, name: str, language: str
) -> None:
    answer = site.post({"step": "read", "cells": f"name\tsince\n{name}\t1960-01-01\n"})

    assert answer.status_code == 200
    assert fields_of(answer)["use[0]"].endswith(f".name.{language}")


def test_a_cell_far_from_the_others_is_named_in_both_languages(site: ImportSite) -> None:
    headers = site.as_role(Role.CONTRIBUTOR)

    for path, words in (("/import", "cell far from the others"), ("/import?lang=ar", "خلية بعيدة")):
        files = {"file": ("a.xlsx", far_cell())}
        answer = site.http.post(path, data={"step": "read"}, files=files, headers=headers)
        assert answer.status_code == 400
        assert words in answer.text


def test_nothing_that_is_sent_makes_an_error_of_ours(site: ImportSite) -> None:
    filled = fields_of(site.post({**members(site, *ROWS), "step": "preview"}))
    rubbish = ("", "\u0000", "{", "@x", "9" * 400, "\ud7ff\u202e", "-1", "[..]", "a" * 5_000)
    chosen = random.Random(17)
    head = site.head()

    for _ in range(150):
        changed = {name: chosen.choice(rubbish) for name in chosen.sample(sorted(filled), 3)} | {
            f"cell[{chosen.randrange(9)}][{chosen.randrange(120)}]": chosen.choice(rubbish)
        }
        answer = site.post({**filled, **changed, "step": chosen.choice(("preview", "stay"))})
        assert answer.status_code < 500, changed
    for content in (b"", b"--x", b"--x\r\n\r\n", b"\xff" * 100):
        for kind in ("multipart/form-data; boundary=x", "multipart/form-data", "text/plain", ""):
            headers = {**site.as_role(Role.CONTRIBUTOR), "content-type": kind}
            answer = site.http.post("/import", content=content, headers=headers)
            assert answer.status_code < 500
    assert site.head() == head
