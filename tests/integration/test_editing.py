"""The forms for correcting, as anything may send them: what is recorded of them, once, and what
is not. The acts are done in tests/browser/test_editing.py."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from support.edit_forms import (
    ADDRESSES,
    FACT,
    FORM,
    JOINS,
    SLIP,
    SOURCE,
    Site,
    as_shown,
    dispute,
    edit_forms,
    wrong_field,
)

from api.instance import Instance
from api.web.editing.acts import ACTS
from api.web.editing.labels import ACTS as LABELS
from api.web.editing.labels import EXPLAINED
from api.web.editing.name_lookup import MOST_NAMES
from domain.codec import read
from domain.roles import Role


@pytest.fixture(scope="module")
def site(sampled: Instance) -> Iterator[Site]:
    with edit_forms(sampled) as served:
        yield served


def test_every_act_has_its_words() -> None:
    assert set(EXPLAINED) == set(LABELS) == set(ACTS)


@pytest.mark.parametrize("act", ["reinstate", "withdraw_dispute"])
def test_what_can_not_follow_is_refused_above_the_form(site: Site, act: str) -> None:
    answer = site.send(act, dispute())

    assert answer.status_code == 400
    assert f"The fact {FACT} is not" in answer.text
    assert "Nothing was signed." in answer.text


def test_the_same_form_sent_again_records_once(site: Site) -> None:
    page = site.send("corroborate", {**SOURCE, "step": "preview"}).text
    values = {**as_shown(page), "step": "send"}
    head = site.head()

    sent = [site.send("corroborate", values) for _ in range(3)]

    assert {answer.status_code for answer in sent} == {303}
    assert len({answer.headers["location"] for answer in sent}) == 1
    assert site.head() == head + 1
    done = site.http.get(sent[0].headers["location"], headers=site.as_role(Role.REVIEWER)).text
    assert f"at position {head + 1}" in done
    assert f"/f/{FACT}?atPosition={head + 1}" in done
    assert f"/log?before={head + 2}#p{head + 1}" in done


def test_the_same_form_sent_at_once_by_many_clicks_records_once(site: Site) -> None:
    values = {**as_shown(site.send("dispute", dispute()).text), "step": "send"}
    head = site.head()

    with ThreadPoolExecutor(8) as clicks:
        sent = list(clicks.map(lambda _: site.send("dispute", values), range(8)))

    assert {answer.status_code for answer in sent} == {303}
    assert len({answer.headers["location"] for answer in sent}) == 1
    assert site.head() == head + 1


def test_a_form_whose_request_was_recorded_with_other_words_starts_anew(site: Site) -> None:
    page = site.send("corroborate", {**SOURCE, "step": "preview"}).text
    values = {**as_shown(page), "step": "send"}
    assert site.send("corroborate", values).status_code == 303  # whose reply is lost
    head = site.head()
    values |= {"reason": "Said so again.", "step": "preview"}

    answer = site.send("corroborate", values)

    assert answer.status_code == 400
    assert "Said so again." in answer.text
    assert as_shown(answer.text)["requestId"] != values["requestId"]
    anew = site.send("corroborate", {**as_shown(answer.text), "step": "preview"}).text
    assert site.send("corroborate", {**as_shown(anew), "step": "send"}).status_code == 303
    assert site.head() == head + 1


def test_what_was_not_previewed_is_not_recorded(site: Site) -> None:
    page = site.send("dispute", dispute()).text
    head = site.head()
    changed = {**as_shown(page), "reason": "Something else.", "step": "send"}

    for values in (changed, {**changed, "previewed": "0" * 32}, dispute(step="send")):
        answer = site.send("dispute", values)

        assert answer.status_code == 200
        assert "Nothing is recorded yet" in answer.text
    assert site.head() == head


def test_a_name_finds_its_id_and_a_part_of_one_what_may_be_meant(site: Site) -> None:
    values = {**JOINS, **SOURCE, "step": "preview"}
    named = site.send("record", {**values, "member": "سوريا"})
    vague = site.send("record", {**values, "member": "Syri"})
    taken = site.send("record", {**values, "member": "Syri", "take": "member=syria"})

    shown = as_shown(named.text)
    assert (shown["member"], shown["chosen[member]"]) == ("Syria", "syria")
    assert "Nothing is recorded yet" in named.text
    assert "Do you mean" in vague.text
    assert 'value="member=syria"' in vague.text
    assert as_shown(taken.text)["chosen[member]"] == "syria"
    assert "Nothing is recorded yet" in taken.text


def test_a_field_of_many_names_is_not_looked_up(site: Site) -> None:
    def shown(count: int) -> str:
        values = {**SOURCE, "parties": ", ".join(["سوريا"] * count), "step": "preview"}
        address = "/edit/record?type=AgreementSigned"
        page = site.http.post(address, data=values, headers=site.as_role(Role.REVIEWER))
        return as_shown(page.text)["parties"]

    assert set(shown(MOST_NAMES).split(", ")) == {"Syria"}
    assert set(shown(MOST_NAMES + 1).split(", ")) == {"سوريا"}


def test_lines_that_nobody_touched_are_not_corrected(site: Site) -> None:
    fact = {
        "type": "StatementMade", "id": "lines", "speaker": "syria", "venue": "a hall\nin a city",
        "gist": "one\n\ntwo", "when": "2021", "citations": [{"source": "anews-2025-11-11"}],
    }  # fmt: skip
    site.instance.record.apply([read(fact)], actor="someone")
    site.instance.catch_up()
    headers = site.as_role(Role.REVIEWER)

    def previewed(**typed: str) -> str:
        shown = as_shown(site.http.get("/edit/correct/lines", headers=headers).text)
        values = {**shown, **SLIP, "reason": "A slip.", "step": "preview", **typed}
        return site.http.post("/edit/correct/lines", data=values, headers=headers).text

    assert "Nothing differs from what the record has" in previewed()
    changed = html.unescape(previewed(**{"changes.when": "2022"}))
    assert '"when": "2022"' in changed
    assert '"venue"' not in changed
    assert '"gist"' not in changed


def test_words_are_kept_or_only_their_hash(site: Site) -> None:
    quote = "  Syria joins\nthe coalition "
    values = {**JOINS, **SOURCE, "citations[0].quote": quote, "step": "preview"}
    kept = html.unescape(site.send("record", values).text)
    hashed = html.unescape(site.send("record", {**values, "citations[0].hashOnly": "on"}).text)
    digest = hashlib.sha256(quote.encode()).hexdigest()

    assert '"quote": "  Syria joins\\nthe coalition "' in kept
    assert '"quote":' not in hashed
    for page in (kept, hashed):
        assert f'"quoteSha256": "{digest}"' in page


@pytest.mark.parametrize(
    ("values", "is_told"),
    [
        ({}, True),
        ({"citations[0].place": "page", "citations[0].locator": "٣"}, False),
        ({"citations[0].quote": "Syria joins"}, False),
        ({"citations[0].quoteSha256": "0" * 64}, False),
        ({"citations[0].quote": "Syria", "count": "2",
          "citations[1].source": "article-2025-11-03"}, True),
    ],
)  # fmt: skip
def test_a_citation_of_a_whole_source_is_told_and_taken(
    site: Site, values: dict[str, str], is_told: bool
) -> None:
    answer = site.send("record", {**JOINS, **SOURCE, **values, "step": "preview"})

    assert answer.status_code == 200
    assert ("neither a place nor words" in answer.text) == is_told


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("12", "12"),
        (" 12 ", "12"),
        ("١٢", "12"),
        ("۱۲", "12"),
        ("١٢٫٥", "12.5"),
        ("-3.25", "-3.25"),
        ("1_000", None),
        ("1,000", None),
        ("1e3", None),
        ("１２", None),
        ("inf", None),
        ("nan", None),
    ],
)
def test_numbers_are_written_with_latin_or_arabic_digits_and_nothing_else(
    site: Site, typed: str, said: str | None
) -> None:
    values = {"subject": "global-coalition", "measure": "sorties", "when": "2025-11-12", **SOURCE,
              "value": typed, "comparator": "=", "unit": "1"}  # fmt: skip
    answer = site.http.post(
        "/edit/record?type=QuantityReported", data=values, headers=site.as_role(Role.REVIEWER)
    )
    page = html.unescape(answer.text)

    if said is None:
        assert wrong_field(page) == "value"
    else:
        assert f'"value": {said}\n' in page or f'"value": {said},' in page


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"\xff", FORM),
        (b"a=%ff", FORM),
        (b"a" * 100, "text/plain"),
        (b"a&" * 500, FORM),
        (b"{}", "application/json"),
    ],
)
def test_what_is_no_form_is_refused(site: Site, content: bytes, media_type: str) -> None:
    headers = {**site.as_role(Role.REVIEWER), "content-type": media_type}
    for path in (ADDRESSES["dispute"], ADDRESSES["record"], "/edit/sign-in"):
        assert site.http.post(path, content=content, headers=headers).status_code == 400


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/edit/dispute/nothing", 404),
        ("/edit/fact/nothing", 404),
        (f"/edit/forget/{FACT}", 404),
        (f"/edit/record/{FACT}", 404),
        ("/edit/record?type=Nothing", 200),
        ("/edit/record?type=MemberJoined&about=nothing", 404),
        ("/edit/record?type=MemberJoined&about=global-coalition", 200),
        ("/edit/recorded", 404),
        ("/edit/recorded?event=x&position=1", 404),
        ("/edit/recorded?event=x&position=-1", 400),
        ("/edit/dispute/%00", 400),
        ("/edit?self=1&path=2", 400),
        (ADDRESSES["record"] + "&self=1&path=2", 400),
        ("/edit/sign-in", 303),
        ("/edit/sign-out", 303),
        (f"/edit/dispute/{FACT}?asOf=never", 200),
        ("/edit/tell_story/new?about=https://[", 200),
    ],
)
def test_whatever_is_asked_there_is_a_page_for_it(site: Site, path: str, status: int) -> None:
    assert site.http.get(path, headers=site.as_role(Role.REVIEWER)).status_code == status


def test_when_the_record_fails_while_sending_nothing_typed_is_lost(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {**as_shown(site.send("dispute", dispute()).text), "step": "send"}

    def cut(*_: Any, **__: Any) -> None:
        raise psycopg.OperationalError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(site.instance.record, "apply", cut)
        lost = site.send("dispute", values)
    head = site.head()
    sent = site.send("dispute", {**as_shown(lost.text), "step": "preview"})
    sent = site.send("dispute", {**as_shown(sent.text), "step": "send"})

    assert lost.status_code == 503
    assert "Nothing was signed." in lost.text
    assert as_shown(lost.text)["requestId"] == values["requestId"]
    assert sent.status_code == 303
    assert site.head() == head + 1
