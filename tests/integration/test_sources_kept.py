"""Sources kept: documents are captured, held by their hash, verified, hidden where rights ask."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from psycopg.errors import CheckViolation, InsufficientPrivilege

from api import cli
from api.commands.source import take_in
from api.instance import Instance
from domain.anchoring import sha256_of
from store.capture import capture_url
from store.database import FOLLOWER, READER, WRITER, Database

ROOT = Path(__file__).parents[2]
ARTICLE = ROOT.parent / "shared" / "seed" / "article.ar.txt"
RECORD = sorted((ROOT / "records" / "global-coalition").glob("*.jsonl"))

TEXT = """\
3 November 2025

The league grows: Freedonia is to join it on Monday.

Its secretary said in Geneva that Freedonia would be its ninth member.
Sylvania, which founded it in 1933, has not yet said what it thinks of that.
"""
PAGE = """\
<!doctype html><html><head><title>The league  grows</title><style>p {color: red}</style></head>
<body><nav><a href="/">Home</a></nav><h1>The league grows</h1>
<p>Freedonia is to <b>join</b> it
on Monday.</p><script>track()</script><p>Sylvania is silent.</p></body></html>
"""


def sha256(content: str | bytes) -> str:
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def pdf(*pages: str) -> bytes:
    """A PDF with a line of text on each page."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>"]
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode())
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    for number, words in enumerate(pages):
        content = f"BT /F1 12 Tf 72 720 Td ({words}) Tj ET".encode()
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources "
            b"<< /Font << /F1 3 0 R >> >> /Contents %d 0 R >>" % (5 + 2 * number)
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    made, offsets = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        offsets.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return made + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n" % (
        len(objects) + 1, table, len(objects) + 1,
    ) + b"startxref\n%d\n%%%%EOF\n" % len(made)  # fmt: skip


class Ran(NamedTuple):
    """How a command ended, and the JSON that it printed."""

    status: int
    told: Any


Run = Callable[..., Ran]


@pytest.fixture
def sijill(
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Run:
    """Runs a command on this test's database."""
    monkeypatch.setenv("SIJILL_DATABASE_URL", database.url)
    monkeypatch.setenv("SIJILL_DATA", str(tmp_path / "data"))

    def run(*words: str | Path) -> Ran:
        status = cli.main([*map(str, words), "--json"])
        return Ran(status, json.loads(capfd.readouterr().out))

    return run


@pytest.fixture
def text_file(tmp_path: Path) -> Path:
    file = tmp_path / "article.txt"
    file.write_text(TEXT, encoding="utf-8")
    return file


def span_of(words: str, text: str = TEXT) -> list[int]:
    return [text.index(words), text.index(words) + len(words)]


def citation(words: str, **more: Any) -> dict[str, Any]:
    return {
        "source": "article",
        "locator": {"chars": span_of(words)},
        "quoteSha256": sha256_of(words),
        **more,
    }


def entries(*citations: dict[str, Any], **source: Any) -> list[dict[str, Any]]:
    """A record of a source, and of a fact for each citation: fact-0, fact-1, …"""
    return [
        {"type": "SourceRegistered", "id": "article", "title": "An article", **source},
        {"type": "EntityRegistered", "id": "league", "kind": "COALITION", "names": {"en": "L"}},
        {"type": "EntityRegistered", "id": "freedonia", "kind": "COUNTRY", "names": {"en": "F"}},
        *(
            {
                "type": "MemberJoined",
                "id": f"fact-{number}",
                "coalition": "league",
                "member": "freedonia",
                "when": "2025-11",
                "citations": [each],
            }
            for number, each in enumerate(citations)
        ),
    ]


@pytest.fixture
def record(sijill: Run, tmp_path: Path) -> Callable[..., None]:
    """Records entries."""

    def record(*given: dict[str, Any]) -> None:
        file = tmp_path / "record.jsonl"
        file.write_text("".join(json.dumps(each) + "\n" for each in given), encoding="utf-8")
        assert sijill("import", file).status == 0

    return record


def source_events(database: Database, name: str) -> list[dict[str, Any]]:
    """What the log has of a source."""
    with database.connect() as owner:
        rows = owner.execute(
            "SELECT type, data FROM sijill_events_tt_main WHERE %s = ANY (tags) ORDER BY id",
            (f"source:{name}",),
        ).fetchall()
    return [{"type": kind, **json.loads(data)["entry"]} for kind, data in rows]


# Adding


def test_a_file_registers_its_source_and_adding_it_again_changes_nothing(
    sijill: Run, text_file: Path, database: Database
) -> None:
    words = ("source", "add", text_file, "--id", "article", "--title", "An article")

    first, second = sijill(*words, "--published", "2025-11-03"), sijill(*words)

    assert first == Ran(0, {
        "source": "article",
        "sha256": sha256(TEXT),
        "bytes": len(TEXT.encode()),
        "mediaType": "text/plain",
        "shown": False,
        "recorded": 1,
    })  # fmt: skip
    assert second == Ran(0, {**first.told, "recorded": 0})
    assert source_events(database, "article") == [
        {
            "type": "SourceRegistered/1",
            "id": "article",
            "title": "An article",
            "published": "2025-11-03",
            "sha256": sha256(TEXT),
        }
    ]


@pytest.mark.parametrize("what", ["a FIFO", "a device", "a folder", "a link"])
def test_what_is_no_file_itself_is_refused_at_once(
    sijill: Run, text_file: Path, tmp_path: Path, what: str
) -> None:
    place = tmp_path / "place"
    if what == "a FIFO":
        os.mkfifo(place)
    elif what == "a folder":
        place.mkdir()
    else:
        place.symlink_to("/dev/zero" if what == "a device" else text_file)

    status, told = sijill("source", "add", place, "--id", "article", "--title", "An article")

    assert (status, told["error"]["code"]) == (1, "NO_FILE")


def test_a_document_of_another_hash_is_refused_with_both_named(
    sijill: Run, text_file: Path, database: Database
) -> None:
    sijill("source", "add", text_file, "--id", "article", "--title", "An article")
    text_file.write_text(TEXT.replace("ninth", "tenth"), encoding="utf-8")

    status, told = sijill("source", "add", text_file, "--id", "article")

    assert status == 1
    assert told["error"]["code"] == "HASH_MISMATCH"
    assert sha256(TEXT) in told["error"]["message"]
    assert sha256(text_file.read_bytes()) in told["error"]["message"]
    with database.connect() as owner:
        assert owner.execute("SELECT count(*) FROM documents").fetchone() == (1,)


def test_a_recorded_source_without_a_hash_is_given_its_documents(
    sijill: Run, record: Callable[..., None], text_file: Path, database: Database
) -> None:
    record(*entries())

    told = [sijill("source", "add", text_file, "--id", "article").told for _ in range(2)]

    assert [each["recorded"] for each in told] == [1, 0]
    _, corrected = source_events(database, "article")
    assert corrected["type"] == "SourceCorrected/1"
    assert corrected["changes"] == {"sha256": sha256(TEXT)}


@pytest.mark.parametrize(
    ("options", "code", "field"),
    [
        (["--id", "another"], "MISSING_KEY", "title"),
        (["--id", "not an id", "--title", "T"], "BAD_ID", "id"),
        (["--id", "another", "--title", "T", "--published", "soon"], "BAD_EDTF", "published"),
        (["--id", "article", "--title", "Another title"], "SOURCE_DIFFERS", "title"),
        (["--id", "article", "--reliability", "A"], "SOURCE_DIFFERS", "reliability"),
    ],
)
def test_what_the_record_does_not_take_is_not_kept_either(
    sijill: Run, record: Callable[..., None], text_file: Path, database: Database,
    options: list[str], code: str, field: str,
) -> None:  # fmt: skip
    record(*entries())

    status, told = sijill("source", "add", text_file, *options)

    assert (status, told["error"]["code"], told["error"]["field"]) == (1, code, field)
    with database.connect() as owner:
        assert owner.execute("SELECT count(*) FROM documents").fetchone() == (0,)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("picture.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "UNSUPPORTED_TYPE"),
        ("archive.txt", b"PK\x03\x04 and more", "UNSUPPORTED_TYPE"),
        ("feed.html", b"\x00\x01\x02", "UNSUPPORTED_TYPE"),
        ("drawing.txt", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "UNSUPPORTED_TYPE"),
        ("latin.txt", "Île".encode("latin-1"), "UNSUPPORTED_TYPE"),
        ("empty.txt", b"", "UNSUPPORTED_TYPE"),
        ("broken.pdf", b"%PDF-1.4\nnothing", "UNREADABLE"),
    ],
)
def test_other_documents_are_refused(
    sijill: Run, tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)

    status, told = sijill("source", "add", file, "--id", "other", "--title", "Other")

    assert (status, told["error"]["code"]) == (1, code)


def test_a_document_of_20_mib_is_kept_and_a_larger_one_is_not(sijill: Run, tmp_path: Path) -> None:
    file = tmp_path / "large.txt"
    words = ("source", "add", file, "--id", "large", "--title", "Large")
    file.write_bytes(b"x" * (20 << 20) + b"\n")
    assert sijill(*words).told["error"]["code"] == "DOCUMENT_TOO_LARGE"

    file.write_bytes(b"x" * (20 << 20))
    assert sijill(*words).told["bytes"] == 20 << 20


def test_a_file_that_is_not_there_and_a_url_of_this_machine_are_refused(
    sijill: Run, tmp_path: Path
) -> None:
    for place, code in [
        (tmp_path / "none.txt", "NO_FILE"),
        ("http://127.0.0.1/", "PRIVATE_ADDRESS"),
        ("http://localhost:5432/", "BAD_URL"),
        ("file:///etc/passwd", "BAD_URL"),
    ]:
        status, told = sijill("source", "add", place, "--id", "other", "--title", "Other")
        assert (status, told["error"]["code"]) == (1, code)


class Site(BaseHTTPRequestHandler):
    """A page, by way of a redirect."""

    def do_GET(self) -> None:
        self.send_response(301 if self.path == "/" else 200)
        self.send_header("Location", "/page")
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(PAGE.encode())

    def log_message(self, *details: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_a_fetched_page_registers_its_own_title_its_url_and_the_day(
    instance: Instance, site: int
) -> None:
    # The fetcher reaches no address of this machine, whatever it is told: a test runs its own.
    program = (
        "from store import fetcher; "
        f"fetcher.main(fetcher.Rules(ports=frozenset({{{site}}}), public=lambda a: True))"
    )
    captured = capture_url(f"http://127.0.0.1:{site}/", (sys.executable, "-I", "-c", program))

    told = take_in(instance, "page", captured, {"publisher": "The Gazette"})

    assert told["recorded"] == 1
    assert captured.text == (
        "Home\nThe league grows\nFreedonia is to join it on Monday.\nSylvania is silent."
    )
    (registered,) = source_events(instance.database, "page")
    assert registered["title"] == "The league grows"
    assert registered["url"] == f"http://127.0.0.1:{site}/page"
    assert registered["sha256"] == sha256(PAGE)
    assert len(registered["retrieved"]) == 10


# Verifying


def test_citations_of_a_whole_document_are_verified(
    sijill: Run, record: Callable[..., None], text_file: Path
) -> None:
    sijill("source", "add", text_file, "--id", "article", "--title", "An article")
    first, *others = entries(
        citation("ninth member"),
        citation("Sylvania", locator={"paragraph": 3}),
        citation("Freedonia is to join it", quote="Freedonia is to join it"),
        {"source": "article", "locator": {"paragraph": 0}},
        {"source": "article"},
    )
    record(*others)

    assert sijill("verify", "sources") == Ran(
        0, {"ok": True, "documents": 1, "citations": 5, "problems": []}
    )
    assert first["id"] == "article"


def test_a_citation_of_what_is_not_in_the_document_is_named(
    sijill: Run, record: Callable[..., None], text_file: Path
) -> None:
    record(
        *entries(
            citation("ninth member"),
            citation("ninth member", locator={"chars": [0, 12]}),
            citation("Sylvania", locator={"paragraph": 9}),
        ),
        {
            "type": "FactCorroborated",
            "id": "more",
            "fact": "fact-0",
            "citations": [citation("Sylvania", quoteSha256=sha256("Ruritania"))],
        },
    )
    sijill("source", "add", text_file, "--id", "article")

    status, told = sijill("verify", "sources")

    assert (status, told["ok"], told["citations"]) == (1, False, 4)
    named = [(each["source"], each["fact"]) for each in told["problems"]]
    assert named == [("article", "fact-1"), ("article", "fact-2"), ("article", "fact-0")]
    assert "other words" in told["problems"][0]["what"]
    assert "4 paragraphs" in told["problems"][1]["what"]
    assert told["problems"][2]["what"].endswith("(Cited in more.)")


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("content", b"Something else.", "have the SHA-256"),
        ("text", "Something else.", "not the text of its bytes"),
    ],
)
def test_a_document_touched_behind_the_service_is_named(
    sijill: Run, text_file: Path, database: Database, column: str, value: str | bytes, says: str
) -> None:
    sijill("source", "add", text_file, "--id", "article", "--title", "An article")
    with database.connect() as owner:
        owner.execute("ALTER TABLE documents DISABLE TRIGGER only_grows")
        owner.execute("ALTER TABLE documents DROP CONSTRAINT documents_check")
        owner.execute(f"UPDATE documents SET {column} = %s".encode(), (value,))

    status, told = sijill("verify", "sources")

    assert status == 1
    assert [(each["source"], each["fact"]) for each in told["problems"]] == [("article", None)]
    assert says in told["problems"][0]["what"]


def test_where_a_source_is_given_a_newer_document_its_passages_are_looked_for_there(
    sijill: Run, record: Callable[..., None], text_file: Path
) -> None:
    sijill("source", "add", text_file, "--id", "article", "--title", "An article")
    lost = "Sylvania, which founded it in 1933, has not yet said what it thinks of that."
    changed = "Its secretary said in Geneva that Freedonia would be its ninth member."
    _, *others = entries(citation("Freedonia is to join it"), citation(changed), citation(lost))
    record(*others)
    newer = text_file.with_name("newer.txt")
    text = "Updated. " + TEXT.replace("ninth", "tenth").replace(lost, "Others are silent.")
    newer.write_text(text, encoding="utf-8")
    compared = sijill("source", "compare", newer, "--id", "article").told

    sijill("source", "add", newer, "--id", "newer", "--title", "Newer")
    record(
        {
            "type": "SourceCorrected",
            "id": "fix",
            "source": "article",
            "changes": {"sha256": sha256(text)},
            "reason": "The page was updated.",
        }
    )
    told = sijill("verify", "sources").told

    moved, edited, gone = compared["citations"]
    assert (compared["was"], compared["sha256"]) == (sha256(TEXT), sha256(text))
    assert (moved["outcome"], moved["edited"], moved["likeness"]) == ("MOVED", False, 1)
    assert text[moved["start"] : moved["end"]] == "Freedonia is to join it"
    assert (edited["outcome"], edited["edited"]) == ("MOVED", True)
    assert text[edited["start"] : edited["end"]] == changed.replace("ninth", "tenth")
    assert gone == {"fact": "fact-2", "outcome": "GONE"}
    assert [each["fact"] for each in told["problems"]] == ["fact-1", "fact-2"]
    assert "edited" in told["problems"][0]["what"]
    assert "gone" in told["problems"][1]["what"]


def test_pages_of_a_pdf_are_cited(sijill: Run, record: Callable[..., None], tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(pdf("The league grows.", "Freedonia joins on Monday."))
    told = sijill("source", "add", file, "--id", "article", "--title", "A report").told
    _, *others = entries(
        {"source": "article", "locator": {"page": 1}, "quote": "joins on Monday"},
        {"source": "article", "locator": {"page": 0}, "quote": "joins on Monday"},
    )
    record(*others)

    verified = sijill("verify", "sources").told

    assert told["mediaType"] == "application/pdf"
    assert [each["fact"] for each in verified["problems"]] == ["fact-1"]


@pytest.mark.skipif(not ARTICLE.exists(), reason="the article stays outside the project")
def test_every_citation_of_the_sample_record_is_in_the_article(sijill: Run) -> None:
    sijill("import", *RECORD)

    told = sijill("source", "add", ARTICLE, "--id", "article-2025-11-03", "--not-shown").told

    assert (told["recorded"], told["shown"]) == (0, False)
    assert sijill("verify", "sources") == Ran(
        0, {"ok": True, "documents": 1, "citations": 115, "problems": []}
    )


def test_a_record_without_documents_has_nothing_to_verify(sijill: Run) -> None:
    told = sijill("verify", "sources").told

    assert told == {"ok": True, "documents": 0, "citations": 0, "problems": []}
    assert sijill("source", "anchors", "--id", "none").told["error"]["code"] == "UNKNOWN_SOURCE"


def test_a_document_that_is_not_held_has_no_anchors(
    sijill: Run, record: Callable[..., None]
) -> None:
    record(*entries(sha256=sha256(TEXT)))

    assert sijill("source", "anchors", "--id", "article").told["error"]["code"] == "NOT_HELD"


# Rights


def shown_texts(database: Database, role: str = READER) -> list[Any]:
    with database.connect(role) as connection:
        return connection.execute("SELECT text FROM shown_documents").fetchall()


def test_a_document_that_is_not_shown_gives_hashes_and_anchors_and_no_word(
    sijill: Run, record: Callable[..., None], text_file: Path, database: Database
) -> None:
    add = ("source", "add", text_file, "--id", "article")
    sijill(*add, "--title", "An article", "--not-shown")
    _, *others = entries(citation("ninth member"))
    record(*others)

    told = sijill("source", "anchors", "--id", "article").told
    first, last = span_of("ninth member")
    place = {"type": "TextPositionSelector", "start": first, "end": last}
    assert told == {
        "source": "article",
        "sha256": sha256(TEXT),
        "shown": False,
        "citations": [
            {"fact": "fact-0", "quoteSha256": sha256_of("ninth member"), "selectors": [place]}
        ],
    }
    assert shown_texts(database) == []

    assert not sijill(*add).told["shown"]  # left out, it stays as it is
    assert sijill(*add, "--shown").told["shown"]
    assert shown_texts(database) == [(TEXT,)]
    quote, _ = sijill("source", "anchors", "--id", "article").told["citations"][0]["selectors"]
    assert quote["type"] == "TextQuoteSelector"
    assert quote["exact"] == "ninth member"

    assert not sijill(*add, "--not-shown").told["shown"]
    assert shown_texts(database) == []


@pytest.fixture
def holding(sijill: Run, text_file: Path, database: Database) -> Database:
    """A database with a document that is not shown."""
    sijill("source", "add", text_file, "--id", "article", "--title", "An article", "--not-shown")
    return database


@pytest.mark.parametrize("role", [READER, FOLLOWER])
def test_who_only_reads_has_no_document_itself(holding: Database, role: str) -> None:
    with holding.connect(role) as connection:
        for column in ("content", "text", "*"):
            with pytest.raises(InsufficientPrivilege):
                connection.execute(f"SELECT {column} FROM documents".encode())
        found = connection.execute("SELECT sha256, media_type FROM documents").fetchall()

    assert found == [(sha256(TEXT), "text/plain")]


@pytest.mark.parametrize("role", [None, WRITER, FOLLOWER, READER])
def test_nobody_changes_a_document_or_a_capture(holding: Database, role: str | None) -> None:
    with holding.connect(role) as connection:
        for statement in (
            "UPDATE documents SET text = ''",
            "DELETE FROM documents",
            "TRUNCATE documents CASCADE",
            "UPDATE captures SET shown = true",
            "DELETE FROM captures",
            "TRUNCATE captures",
        ):
            with pytest.raises(InsufficientPrivilege):
                connection.execute(statement.encode())


def test_the_database_itself_refuses_bytes_under_another_hash(holding: Database) -> None:
    for role in (None, WRITER):
        with holding.connect(role) as connection, pytest.raises(CheckViolation):
            connection.execute(
                "INSERT INTO documents VALUES (%s, 'text/plain', 'other', 'other', '', 'plain/1')",
                (sha256("another"),),
            )
