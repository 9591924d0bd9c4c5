"""The pages as the server writes them: complete without a script, whatever is asked of them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType
from xml.etree import ElementTree

import httpx
import pytest
from conftest import browsing
from selectolax.lexbor import LexborHTMLParser

from api.instance import Instance
from api.web.event_sentences import FoundNames
from api.web.pages import events, source, sources
from domain.codec import read


@pytest.fixture(scope="module")
def client(sampled: Instance) -> Iterator[httpx.Client]:
    """A client of a server of the sample record."""
    with browsing(sampled) as client:
        client.headers["accept"] = "text/html"
        yield client


COALITION = "/e/global-coalition"
SOURCE = "/s/article-2025-11-03"


def test_syria_is_announced_or_certain_by_what_was_known(client: httpx.Client) -> None:
    announced = _row(client.get(f"{COALITION}?asOf=2025-11-10&knownAt=2025-11-03").text, "syria")
    certain = _row(client.get(f"{COALITION}?asOf=2025-11-10&knownAt=2025-12-01").text, "syria")

    assert "Announced" in announced
    assert "Certain" in certain
    assert "or" in certain
    assert "11 Nov 2025" in certain


def test_a_month_is_known_by_its_last_day(client: httpx.Client) -> None:
    month = client.get(f"{COALITION}?asOf=2025-11-10&knownAt=2025-10").text
    day = client.get(f"{COALITION}?asOf=2025-11-10&knownAt=2025-10-31").text

    assert "Oct 2025" in month
    assert month.count("<tr ") == day.count("<tr ") > 60


def test_counts_stand_beside_what_sources_reported(client: httpx.Client) -> None:
    page = client.get(f"{COALITION}?asOf=2025-11-10&knownAt=2025-12-01").text

    assert "86 members" in page
    assert "reported 89" in page
    assert (
        "3 of them the record can&#39;t name" in page or "3 of them the record can't name" in page
    )


def test_arabic_is_written_from_the_right(client: httpx.Client) -> None:
    page = client.get(f"{COALITION}?asOf=2025-11-10&lang=ar").text

    assert '<html lang="ar" dir="rtl">' in page
    assert "10 تشرين الثاني 2025" in page
    assert "التحالف الدولي ضد داعش" in page
    assert client.get("/", headers={"accept-language": "ar-SY,en;q=0.5"}).text.count('dir="rtl"')


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/e/nobody", 404),
        ("/e/%00", 400),
        ("/e/" + "x" * 3000, 404),
        ("/nothing", 404),
        (f"{COALITION}?asOf=yesterday", 200),
        (f"{COALITION}?asOf=2014/..", 200),
        (f"{COALITION}?asOf=%00", 200),
        (f"{COALITION}?knownAt=2014-13", 200),
        (f"{COALITION}?knownAt=2014/..", 200),
        (f"{COALITION}?atPosition=x", 200),
        (f"{COALITION}?atPosition=²", 200),
        (f"{COALITION}?atPosition=" + "9" * 400, 200),
        (f"{COALITION}?atPosition=2147483647", 200),
        (f"{COALITION}?recordedAt=never", 200),
        (f"{COALITION}?recordedAt=2999-01-01&atPosition=500", 200),
        (f"{COALITION}?asOf=-9999&lang=xx", 200),
        ("/search?q=%00", 400),
        ("/search", 200),
        ("/search?q=syria&kind=planet", 400),
        ("/search?q=syria&after=x", 400),
        ("/search?q=syria&asOf=never", 200),
        ("/search?q=syria&atPosition=99999999", 200),
        ("/search?q=%25&kind=fact&lang=ar", 200),
        ("/search?q=" + "x" * 3000, 200),
        ("/f/nothing", 404),
        ("/f/%00/evidence", 400),
        ("/f/syria-joins?knownAt=2001", 200),
        ("/s/nothing", 404),
        ("/log", 200),
        ("/log?before=0", 200),
        ("/log?before=x", 400),
        ("/log?before=99999999999", 400),
        ("/log/feed.atom", 200),
        ("/activity", 200),
        ("/activity?before=x", 400),
        ("/check", 200),
        ("/check?show=contested&lang=ar", 200),
        ("/check?show=unattested&before=2030-01", 200),
        ("/check?show=everything", 400),
        ("/check?show=contested&after=x", 400),
        ("/check?show=contested&after=99999999999/a/b/base/0", 400),
        ("/check?show=lookalike&after=%00", 400),
        ("/check?show=unattested&before=soon", 400),
        ("/compare?left=global-coalition&right=%C2%A0", 200),
        ("/compare?left=%C2%A0&right=global-coalition", 200),
        ("/guide", 200),
        ("/map", 200),
        ("/map?entity=nobody", 404),
        ("/map?atPosition=0", 404),
        (f"{COALITION}?recordedAt=2999-01-01&asOf=2025", 200),
        (f"{COALITION}/rectangles", 200),
        ("/e/nobody/rectangles", 404),
        (f"{COALITION}/changes", 200),
        (f"{COALITION}/changes?fromAsOf=x", 200),
        (f"{COALITION}/changes?fromAtPosition=1&lang=ar", 200),
        (f"{COALITION}/sources?knownAt=1990", 200),
        (f"{COALITION}/log?atPosition=0", 404),
        ("/e/nobody/sources", 404),
        ("/search?q=%ff", 200),
        ("/static/x/record.js", 200),
        ("/static/x/nothing.js", 404),
        ("/static/x/..%2fstate.py", 404),
    ],
)
def test_whatever_is_asked_there_is_a_page_for_it(
    client: httpx.Client, path: str, status: int
) -> None:
    answer = client.get(path)

    assert answer.status_code == status
    if status >= 400:
        assert "<h1>" in answer.text


def test_what_changed_names_the_cause(client: httpx.Client) -> None:
    page = client.get(
        f"{COALITION}/changes?asOf=2025-11-10&knownAt=2025-12-01"
        "&fromAsOf=2025-11-10&fromKnownAt=2025-11-03"
    ).text

    row = _row(page, "syria")
    assert "Announced" in row
    assert "Certain" in row
    assert "we learned it" in row


def test_a_fact_that_is_not_known_yet_says_so(client: httpx.Client) -> None:
    page = client.get("/f/syria-joins-2025-11-10?knownAt=2025-11-01").text

    assert "Not known yet" in page
    assert "It is known from" in page


def test_a_fact_taken_back_in_whose_source_is_then_withdrawn_is_not_retracted(
    instance: Instance,
) -> None:
    cited = {"citations": [{"source": "s"}]}
    about = {"fact": "joins", "reason": "a slip"}
    entries = [
        {"type": "SourceRegistered", "id": "s", "title": "Of it", "published": "2014-09"},
        {"type": "SourceRegistered", "id": "t", "title": "Against it", "published": "2014-10"},
        {"type": "EntityRegistered", "id": "c", "kind": "COALITION", "names": {"en": "C"}},
        {"type": "EntityRegistered", "id": "m", "kind": "COUNTRY", "names": {"en": "M"}},
        {"type": "MemberJoined", "id": "joins", "coalition": "c", "member": "m",
         "when": "2014-09", **cited},
        {"type": "FactRetracted", "id": "out", **about},
        {"type": "FactReinstated", "id": "back", **about},
        {"type": "SourceWithdrawn", "id": "gone", "source": "s", "reason": "made up"},
        {"type": "FactRetracted", "id": "out-again", "basis": "EVIDENCE",
         "citations": [{"source": "t"}], **about},
        {"type": "SourceWithdrawn", "id": "gone-too", "source": "t", "reason": "made up"},
    ]  # fmt: skip
    instance.record.apply([read(entry) for entry in entries], actor="someone")
    instance.catch_up()
    said = {}
    with browsing(instance) as client:
        for position in range(5, 11):
            page = client.get(f"/f/joins?atPosition={position}").text
            said[position] = re.findall(r"Counts|Retracted<|Withdrawn<|Not known", page)[0]

    counts, retracted, withdrawn = "Counts", "Retracted<", "Withdrawn<"
    # The second retraction rests on evidence of 2014: taking it back in is newer.
    assert list(said.values()) == [counts, retracted, counts, withdrawn, withdrawn, withdrawn]


def test_an_announcement_that_was_called_off_says_so_from_that_day_on(instance: Instance) -> None:
    entries = [
        {"type": "SourceRegistered", "id": "plan", "title": "A plan", "published": "2018-01-01"},
        {"type": "SourceRegistered", "id": "end", "title": "No more", "published": "2019-04-11"},
        {"type": "EntityRegistered", "id": "c", "kind": "COALITION", "names": {"en": "C"}},
        {"type": "EntityRegistered", "id": "m", "kind": "COUNTRY", "names": {"en": "M"}},
        {"type": "MemberJoined", "id": "joins", "coalition": "c", "member": "m", "when": "1973",
         "citations": [{"source": "plan"}]},
        {"type": "MemberLeft", "id": "to-leave", "coalition": "c", "member": "m",
         "when": "2019-03-29", "modality": "ANNOUNCED", "citations": [{"source": "plan"}]},
        {"type": "AnnouncementCancelled", "id": "off", "fact": "to-leave", "basis": "EVIDENCE",
         "reason": "The day was put off.", "citations": [{"source": "end"}]},
    ]  # fmt: skip
    instance.record.apply([read(entry) for entry in entries], actor="someone")
    instance.catch_up()
    with browsing(instance) as client:
        before = client.get("/f/to-leave?knownAt=2019-04-10").text
        after = client.get("/f/to-leave?knownAt=2019-04-11").text
        arabic = client.get("/f/to-leave/evidence?lang=ar").text
        listed = client.get("/e/c?asOf=2019-03-01&knownAt=2019-04-10").text
        later = client.get("/e/c?asOf=2019-03-01&knownAt=2019-04-11").text
        why = client.post("/graphql", json={
            "query": '{ why(fact: "to-leave") { life { effect knownFrom } } }'}).json()  # fmt: skip

    assert ">Called off<" not in before
    assert ">Called off<" in after
    assert "The day was put off." in after
    assert "Retracted<" not in after
    assert "أُلغي" in arabic
    assert "announced to end 29 Mar 2019" in _row(listed, "m")
    assert "announced to end" not in _row(later, "m")
    assert why["data"]["why"]["life"][-1] == {"effect": "called off", "knownFrom": "2019-04-11"}


def test_a_report_that_changed_names_the_clock_that_changed_it(instance: Instance) -> None:
    cited = {"citations": [{"source": "s"}]}
    said = {"type": "StatementMade", "speaker": "c", "when": "2014-10", **cited}
    entries = [
        {"type": "SourceRegistered", "id": "s", "title": "Of it", "published": "2014-11-01"},
        {"type": "EntityRegistered", "id": "c", "kind": "COALITION", "names": {"en": "C"}},
        {**said, "id": "stays", "gist": "It stays."},
        {**said, "id": "mended", "gist": "As it was."},
        {**said, "id": "out", "gist": "It goes."},
        {**said, "id": "later", "gist": "It comes later.", "when": "2015-10"},
        {"type": "FactCorrected", "id": "mend", "fact": "mended", "reason": "a slip",
         "changes": {"gist": "As it is."}},
        {"type": "FactRetracted", "id": "take-out", "fact": "out", "reason": "a slip"},
        {**said, "id": "new", "gist": "It is new."},
    ]  # fmt: skip
    instance.record.apply([read(entry) for entry in entries], actor="someone")
    instance.catch_up()
    found = {}
    with browsing(instance) as client:
        for before in ("AtPosition=6", "AtPosition=1", "KnownAt=2014-10", "AsOf=2014"):
            page = LexborHTMLParser(client.get(f"/e/c/changes?lang=en&asOf=2016&from{before}").text)
            rows = page.css(".diff tr[data-change]")
            found[before] = sorted(
                (row.css_first("a[href^='/f/']").attributes["href"].split("?")[0][3:],
                 row.attributes["data-change"], row.css_first(".cause").text())
                for row in rows
            )  # fmt: skip

    assert found["AtPosition=6"] == [
        ("mended", "CHANGED", "a correction"), ("new", "ADDED", "newly recorded"),
        ("out", "REMOVED", "retracted"),
    ]  # fmt: skip
    # At a position where the entity itself is not recorded yet.
    ids = "later", "mended", "new", "stays"
    assert found["AtPosition=1"] == [(each, "ADDED", "newly recorded") for each in ids]
    known = found["KnownAt=2014-10"]
    assert known == [(each, "ADDED", "we learned it") for each in ids]
    assert found["AsOf=2014"] == [("later", "ADDED", "the world changed")]


def test_a_log_tells_its_newest_events_and_that_there_is_more(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = _positions(client.get(f"{COALITION}/log?lang=en").text)
    monkeypatch.setattr(events, "MOST", 3)

    page = client.get(f"{COALITION}/log?lang=en&asOf=2024").text

    assert len(whole) > 100
    assert _positions(page) == whole[:3]
    assert whole == sorted(whole, reverse=True)
    assert "There is more than fits here." in page


@pytest.mark.parametrize(("module", "path"), [(sources, f"{COALITION}/sources"), (source, SOURCE)])
def test_sources_and_facts_past_those_that_fit_are_told(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch, module: ModuleType, path: str
) -> None:
    whole = client.get(f"{path}?lang=en").text
    monkeypatch.setattr(module, "FACTS", 2)

    page = client.get(f"{path}?lang=en&asOf=2024").text

    assert "There is more than fits here." not in whole
    assert "There is more than fits here." in page
    counts = [cell.text() for cell in LexborHTMLParser(page).css("td[data-label=Facts]")]
    assert all(1 <= int(count) <= 2 for count in counts)
    assert bool(counts) == (module is sources)


def test_a_log_is_told_where_its_events_can_not_be_named(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(*given: object, **more: object) -> FoundNames:
        return FoundNames()

    monkeypatch.setattr(events, "named_in", busy)

    answer = client.get(f"{COALITION}/log?lang=en&asOf=2023")

    assert answer.status_code == 200
    assert "Member joined" in answer.text
    assert "Fact corroborated" in answer.text


def _positions(page: str) -> list[int]:
    cells = LexborHTMLParser(page).css("td[data-label=Position]")
    return [int(cell.text().removeprefix("#")) for cell in cells]


def test_a_slash_too_many_leads_to_the_public_address_whatever_the_host(
    instance: Instance,
) -> None:
    settings = replace(instance.settings, public_url="https://record.example")
    with browsing(Instance(settings, instance.database, instance.record)) as client:
        found = client.get("/log/?before=5")
        lost = client.get("/nothing/")
        odd = client.get("/e/%0d%0aset-cookie:x/")
    with browsing(instance) as client:
        local = client.get("/log/?before=5")
        doubled = client.get("//log/")

    assert found.status_code == 307
    assert local.headers["location"] == "/log?before=5"
    assert not doubled.headers.get("location", "").startswith("//")
    assert found.headers["location"] == "https://record.example/log?before=5"
    assert lost.status_code == 404
    assert odd.headers["location"].startswith("https://record.example/e/%0D%0A")
    assert "set-cookie" not in odd.headers


def test_a_feed_with_an_actor_of_old_is_xml_all_the_same(instance: Instance) -> None:
    entry = {"type": "EntityRegistered", "id": "e", "kind": "OTHER", "names": {"en": "E"}}
    instance.record.apply([read(entry)], actor="Mal\x01ory\x1b[2J<b>")
    instance.catch_up()
    with browsing(instance) as client:
        feed = ElementTree.fromstring(client.get("/log/feed.atom").content)

    (name,) = feed.iter("{http://www.w3.org/2005/Atom}name")
    assert name.text == "Mal\ufffdory\ufffd[2J<b>"


def test_the_feed_is_atom(client: httpx.Client) -> None:
    feed = ElementTree.fromstring(client.get("/log/feed.atom").content)

    entries = feed.findall("{http://www.w3.org/2005/Atom}entry")
    titles = [entry.findtext("{http://www.w3.org/2005/Atom}title") or "" for entry in entries]
    assert len(entries) == 50
    contents = [entry.findtext("{http://www.w3.org/2005/Atom}content") or "" for entry in entries]
    ids = [content.rpartition(" ")[2] for content in contents]
    assert "the-week-syria-joined" in ids
    assert not any(id_ in title for id_, title in zip(ids, titles, strict=True))


def test_no_page_runs_or_loads_what_is_of_others(client: httpx.Client) -> None:
    answer = client.get(COALITION)

    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy
    assert "<style" not in answer.text
    assert " style=" not in answer.text
    ours = str(client.base_url).rstrip("/")
    assert "//" not in answer.text.replace("://www.w3.org", "").replace(ours, "")


def test_static_files_last_and_are_compressed(client: httpx.Client) -> None:
    page = client.get("/").text
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    answer = client.get(address)

    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    assert client.get("/static/old/pages.css").headers["cache-control"] == "no-cache"


def _row(page: str, entity: str) -> str:
    """The row of an entity in the list of members."""
    return page.split(f'href="/e/{entity}')[1].split("</tr>")[0]


def test_search_finds_in_both_languages_on_any_day(client: httpx.Client) -> None:
    def found(query: str) -> list[tuple[str, str]]:
        told = client.get(f"/search.json?{query}").json()["search"]
        return [(edge["node"]["kind"], edge["node"]["id"]) for edge in told["edges"]]

    assert found("q=سوريا")[0] == found("q=syria")[0] == ("ENTITY", "syria")
    assert {kind for kind, _ in found("q=syria")} == {"ENTITY", "FACT", "SOURCE"}
    assert {kind for kind, _ in found("q=syria&kind=fact")} == {"FACT"}
    joined = ("FACT", "syria-joins-2025-11-11")
    assert joined in found("q=syria-joins-2025-11-11&knownAt=2025-12-01")
    assert joined not in found("q=syria-joins-2025-11-11&knownAt=2025-11-01")
    assert joined not in found("q=syria-joins-2025-11-11&atPosition=100")
    spoken = client.get("/search.json?q=syria", headers={"accept-language": "ar"})
    assert spoken.json()["search"]["edges"][0]["node"]["entity"]["name"] == "سوريا"
    assert "accept-language" in spoken.headers["vary"]
    page = client.get("/search?q=سوريا&lang=ar&knownAt=2025-11-01").text
    assert 'href="/e/syria?knownAt=2025-11-01' in page


def test_search_gives_page_after_page_of_each_kind(client: httpx.Client) -> None:
    seen: list[str] = []
    for kind in ("entity", "fact", "source"):
        path: str | None = f"/search?q=coalition&kind={kind}&lang=en"
        while path:
            page = client.get(path).text
            rows = page.split('class="card found"')[1]
            seen += re.findall(r'<b><a[^>]* href="/[efs]/([^?"]+)', rows)
            following = re.search(r'<link rel="next" href="([^"]+)"', page)
            path = following and html.unescape(following[1])

    assert len(seen) == len(set(seen)) > 30
    assert seen[0] == "global-coalition"


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("q=x&kind=planet", 400, "BAD_VALUE"),
        ("q=x&after=x", 400, "BAD_CURSOR"),
        ("q=x&asOf=never", 400, "BAD_EDTF"),
        ("q=x&atPosition=99999999", 400, "POSITION_NOT_REACHED"),
    ],
)
def test_a_search_that_can_not_be_made_is_refused_in_json(
    client: httpx.Client, query: str, status: int, code: str
) -> None:
    answer = client.get(f"/search.json?{query}")

    assert answer.status_code == status
    assert answer.json()["errors"][0]["extensions"]["code"] == code


def test_every_script_of_a_page_is_told_ahead(client: httpx.Client) -> None:
    page = client.get("/").text
    script = re.search(r'<script type="module" src="([^"]+)"', page)
    told = set(re.findall(r'<link rel="modulepreload" href="([^"]+)"', page))
    assert script is not None
    folder = script[1].rsplit("/", 1)[0]

    imported, left = set(), [script[1]]
    while left:
        text = client.get(left.pop()).text
        for name in re.findall(r"""(?:from|import)\s*["']\./([\w.-]+)["']""", text):
            if (address := f"{folder}/{name}") not in imported:
                imported.add(address)
                left.append(address)

    assert told == imported
    assert len(told) >= 10


def test_no_page_tells_readers_that_they_signed_in(client: httpx.Client) -> None:
    for path in ("/", "/activity", "/log", "/browse", "/search", COALITION):
        doors = re.findall(r"<a [^>]*data-may=[^>]*>", client.get(f"{path}?lang=en").text)

        assert len(doors) >= 2
        assert all(" hidden" in door for door in doors), path


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_the_activity_names_what_is_defined(client: httpx.Client, lang: str) -> None:
    activity = client.get(f"/activity?kind=DefinitionExtended&lang={lang}").text
    words = client.get(f"/vocabulary?lang={lang}").text

    named = re.findall(r'href="/vocabulary[^"#]*#(\w+)"><bdi[^>]*>([^<]+)<', activity)

    assert len(named) >= 3
    for name, called in named:
        assert f'id="{name}"' in words
        assert called in words
        assert called != name


@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize("folder", ["e", "f", "s", "story"])
def test_what_the_record_lacks_can_be_searched_for(
    client: httpx.Client, folder: str, lang: str
) -> None:
    answer = client.get(f"/{folder}/no%26where?lang={lang}")

    assert answer.status_code == 404
    assert 'href="/search?q=no%26where"' in answer.text
    assert "search: …" not in answer.text
    assert "look it up with" not in answer.text


def test_the_words_of_a_record_s_own_question_are_in_the_reader_s_language(
    client: httpx.Client,
) -> None:
    page = client.get("/e/syria?lang=ar&asOf=2025-11-10").text

    heads = re.findall(r'<th scope="col"[^>]*>\s*<a[^>]*>([^<]+)', page)
    assert heads
    assert not [head for head in heads if re.search("[A-Za-z]", head)]


def test_the_words_of_the_arabic_vocabulary_are_arabic(client: httpx.Client) -> None:
    page = LexborHTMLParser(client.get("/vocabulary?lang=ar").text)
    for code in page.css("code"):
        code.decompose()

    said = [*page.css("#fluents td:nth-child(2)"), *page.css("#types td:nth-child(2)")]
    assert len(said) > 40
    assert not [each.text() for each in said if re.search("[A-Za-z]", each.text())]


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_examples_of_facts_are_told_by_name(client: httpx.Client, lang: str) -> None:
    page = client.get(f"/vocabulary?lang={lang}").text

    told = re.findall(r'<a class="evidence" href="/f/[^"]*" data-fact="([^"]*)">(.*?)</a>', page)
    assert len(told) >= 20
    assert not [name for name, text in told if name in text]
