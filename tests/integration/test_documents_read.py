"""Documents that are held: downloaded where rights allow it, their cited passages placed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import browsing

from api import cli
from api.instance import Instance
from domain.codec import read
from domain.errors import Refused
from projections import cited_documents
from projections.cited_documents import AnchorState, Reading, reading
from store.database import WRITER

TEXT = """\
The league grows: Freedonia is to join it on Monday.

Its secretary said in Geneva that Freedonia would be its ninth member.
Sylvania, which founded it in 1933, has not yet said what it thinks of that.
"""
QUOTES = ("Freedonia is to join it", "ninth member", "nobody wrote this")
ANCHORS = """{ facts(source: "article") { edges { node { id
  citations { source { id } anchor { state start end likeness } } } } } }"""

Add = Callable[..., dict[str, Any]]


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def add(
    instance: Instance,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Add:
    """Keeps a text for a source by the command line."""
    monkeypatch.setenv("SIJILL_DATABASE_URL", instance.database.url)
    monkeypatch.setenv("SIJILL_DATA", str(tmp_path / "data"))

    def keep(text: str, source: str, *words: str) -> dict[str, Any]:
        file = tmp_path / f"{source}.txt"
        file.write_text(text, encoding="utf-8")
        given = ["source", "add", str(file), "--id", source, *words, "--json"]
        assert cli.main(given) == 0
        return dict(json.loads(capfd.readouterr().out))

    return keep


@pytest.fixture
def client(instance: Instance) -> Iterator[httpx.Client]:
    with browsing(instance) as client:
        yield client


def record(instance: Instance, *entries: dict[str, Any]) -> None:
    from domain.codec import read

    instance.record.apply([read(entry) for entry in entries], actor="someone")
    instance.catch_up()


def cite(instance: Instance, *citations: dict[str, Any]) -> None:
    """A fact of each citation."""
    for name in ("league", "freedonia"):
        names = {"en": name}
        record(instance, {"type": "EntityRegistered", "id": name, "kind": "OTHER", "names": names})
    for number, citation in enumerate(citations):
        record(
            instance,
            {
                "type": "MemberJoined", "id": f"fact-{number}", "coalition": "league",
                "member": "freedonia", "when": "2025", "citations": [citation],
            },
        )  # fmt: skip


def quoting(*quotes: str) -> list[dict[str, Any]]:
    return [{"source": "article", "quote": quote} for quote in quotes]


def read_article(instance: Instance, upto: int = 2**40) -> Reading:
    with instance.database.connect(WRITER) as connection:
        return reading(connection, "article", upto)


def test_a_document_that_may_be_shown_is_saved_and_never_run(
    add: Add, client: httpx.Client
) -> None:
    add(TEXT, "article", "--title", "An article", "--published", "2025", "--shown")

    response = client.get(f"/document/{sha256(TEXT)}")

    assert (response.status_code, response.text) == (200, TEXT)
    name = f'attachment; filename="{sha256(TEXT)}.txt"'
    assert response.headers["content-disposition"] == name
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert response.headers["content-type"].startswith("text/plain")
    assert client.head(f"/document/{sha256(TEXT)}").status_code == 200


def test_a_document_that_may_not_be_shown_is_refused_in_words(
    add: Add, client: httpx.Client
) -> None:
    add(TEXT, "article", "--title", "An article", "--not-shown")

    response = client.get(f"/document/{sha256(TEXT)}")

    assert response.status_code == 403
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "NOT_SHOWN"
    assert "rights" in error["message"]
    assert "Freedonia" not in response.text
    add(TEXT, "article", "--shown")
    assert client.get(f"/document/{sha256(TEXT)}").status_code == 200


def test_who_has_a_document_is_not_sent_it_again_unless_it_may_not_be_shown_any_more(
    add: Add, client: httpx.Client
) -> None:
    add(TEXT, "article", "--title", "An article", "--shown")
    address = f"/document/{sha256(TEXT)}"
    etag = client.get(address).headers["etag"]

    for given in etag, "*", f'"another", W/{etag}':
        answer = client.get(address, headers={"if-none-match": given})
        assert (answer.status_code, answer.content) == (304, b"")

    add(TEXT, "article", "--not-shown")
    assert client.get(address, headers={"if-none-match": etag}).status_code == 403


@pytest.mark.parametrize("name", ["0" * 64, "x", "A" * 64, "%00", "0" * 63, "..%2f" * 4])
def test_a_document_that_is_not_held_is_not_there(client: httpx.Client, name: str) -> None:
    assert client.get(f"/document/{name}").status_code == 404


def test_the_text_of_a_shown_document_comes_with_the_characters_of_each_citation(
    instance: Instance, add: Add
) -> None:
    add(TEXT, "article", "--title", "An article", "--published", "2025", "--shown")
    cite(instance, *quoting(*QUOTES), {"source": "article"})

    found = read_article(instance)

    assert (found.sha256, found.is_held, found.is_shown) == (sha256(TEXT), True, True)
    assert found.text == TEXT
    assert [place.cited.fact for place in found.places] == [f"fact-{n}" for n in range(4)]
    states = [place.state for place in found.places]
    assert states == [AnchorState.FOUND, AnchorState.FOUND, AnchorState.GONE, AnchorState.FOUND]
    for place, quote in zip(found.places, QUOTES[:2], strict=False):
        assert TEXT[place.start : place.end] == quote
    assert found.places[3].start is None  # it cites the whole document
    first = found.places[0].cited.event.position
    assert len(read_article(instance, first).places) == 1
    with pytest.raises(Refused, match="no source"), instance.database.connect(WRITER) as session:
        reading(session, "nothing", first)


def test_what_cites_a_document_is_read_only_where_it_is_held(
    instance: Instance, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    usual = cited_documents.events_by_tag

    def listening(connection: Any, tags: Any, upto: int) -> Any:
        asked.extend(tags)
        return usual(connection, tags, upto)

    monkeypatch.setattr(cited_documents, "events_by_tag", listening)
    source = {"type": "SourceRegistered", "id": "unheld", "title": "No document"}
    instance.record.apply([read(source)], actor="someone")
    add(TEXT, "article", "--title", "An article", "--published", "2025", "--shown")
    instance.catch_up()

    with instance.database.connect(WRITER) as session:
        assert reading(session, "unheld", 2**31).places == []
    read_article(instance)

    assert asked == ["source:unheld", "source:article", "cites:article"]


def test_what_is_held_without_being_shown_has_places_and_no_text(
    instance: Instance, add: Add, client: httpx.Client
) -> None:
    add(TEXT, "article", "--title", "An article", "--published", "2025", "--not-shown")
    cite(instance, *quoting(*QUOTES))

    found = read_article(instance)
    answered = client.post("/graphql", json={"query": ANCHORS})

    assert (found.is_held, found.is_shown, found.text) == (True, False, None)
    nodes = [edge["node"] for edge in answered.json()["data"]["facts"]["edges"]]
    anchors = {node["id"]: node["citations"][0]["anchor"] for node in nodes}
    start = TEXT.index(QUOTES[0])
    assert anchors["fact-0"] == {
        "state": "FOUND", "start": start, "end": start + len(QUOTES[0]), "likeness": 1,
    }  # fmt: skip
    assert anchors["fact-2"] == {"state": "GONE", "start": None, "end": None, "likeness": 1}


def test_a_passage_that_moved_in_the_document_that_the_source_has_now_is_told_so(
    instance: Instance, add: Add, client: httpx.Client
) -> None:
    add(TEXT, "article", "--title", "An article", "--published", "2025")
    cite(instance, *quoting("Freedonia is to join it", "Sylvania, which founded it in 1933"))
    newer = "Updated today. " + TEXT.split("Sylvania")[0]
    add(newer, "newer", "--title", "Newer")
    before = client.post("/graphql", json={"query": "{ log(first: 1) { position } }"}).json()
    record(
        instance,
        {
            "type": "SourceCorrected", "id": "fix", "source": "article",
            "changes": {"sha256": sha256(newer)}, "reason": "The page was updated.",
        },
    )  # fmt: skip

    moved, gone = read_article(instance).places

    assert (moved.state, gone.state) == (AnchorState.MOVED, AnchorState.GONE)
    assert newer[moved.start : moved.end] == "Freedonia is to join it"
    old = read_article(instance, before["data"]["log"]["position"]).places
    assert [place.state for place in old] == [AnchorState.FOUND, AnchorState.FOUND]


def test_citations_of_a_document_that_is_not_held_are_told_so(
    instance: Instance, client: httpx.Client
) -> None:
    record(
        instance,
        {"type": "SourceRegistered", "id": "article", "title": "An article", "published": "2025",
         "sha256": sha256(TEXT)},
    )  # fmt: skip
    cite(instance, *quoting(QUOTES[0]))

    answered = client.post("/graphql", json={"query": ANCHORS}).json()["data"]["facts"]["edges"]

    anchor = answered[0]["node"]["citations"][0]["anchor"]
    assert anchor == {"state": "NOT_HELD", "start": None, "end": None, "likeness": 1}
    assert not read_article(instance).is_held
