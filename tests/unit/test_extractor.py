"""The extractor: what kind of document some bytes are, and the text that citations point into."""

from __future__ import annotations

import pytest

from domain.errors import Refused
from store.extractor import HTML, PLAIN, extract

ARABIC = "سوريا تنضم"


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>One<p>Two", "One\nTwo"),
        ("<p>One\n  and <b>two</b>,<br>three</p>", "One and two,\nthree"),
        ("<div>One<div>two</div>three</div>four", "One\ntwo\nthree\nfour"),
        ("<ul><li>One<li><a href=x>two</a></ul>", "One\ntwo"),
        ("<table><tr><td>1<td>2<tr><th>3</th><td>4</table>", "1 2\n3 4"),
        ("<pre>One\n  two</pre>", "One\ntwo"),
        ("<p>One<!-- not this --><script>nor()</script><style>p {}</style>", "One"),
        ("<body><noscript>No</noscript><template><p>no</p></template>yes", "yes"),
        ("<p>a&amp;b &lt;c&gt; &#1587;", "a&b <c> س"),
        ("<p>Unclosed <i>and <b>crossed</i> tags</b>", "Unclosed and crossed tags"),
        ("<p>  \n </p><p>\u00a0</p>", ""),
    ],
)
def test_a_page_becomes_lines_as_a_reader_sees_them(page: str, text: str) -> None:
    found = extract(f"<!doctype html><title> A \n title</title>{page}".encode())

    assert found.media_type == HTML
    assert found.text == text
    assert found.title == "A title"


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (f"<html><p>{ARABIC}".encode(), ""),
        (f"<html><p>{ARABIC}".encode(), "text/html"),
        (f"<p>{ARABIC}".encode(), "text/html; charset=utf-8"),
        (f"<p>{ARABIC}".encode(), "application/xhtml+xml"),
        (f"<?xml version='1.0'?><!-- x --><html><p>{ARABIC}".encode(), "application/octet-stream"),
        (f"<p>{ARABIC}".encode("windows-1256"), "text/html; charset=windows-1256"),
        (f"<meta charset=windows-1256><p>{ARABIC}".encode("windows-1256"), "text/html"),
        (f"\ufeff<p>{ARABIC}".encode("utf-16-le"), "text/html"),
        (f"\ufeff<p>{ARABIC}".encode(), "text/html; charset=latin-1"),
    ],
)
def test_a_page_is_read_in_the_encoding_that_it_or_its_server_names(
    content: bytes, content_type: str
) -> None:
    assert extract(content, content_type).text == ARABIC


@pytest.mark.parametrize(
    ("content", "content_type", "text"),
    [
        (b"a\r\nb\n\n c \f d", "", "a\r\nb\n\n c \f d"),
        (ARABIC.encode(), "text/plain", ARABIC),
        (("\ufeff" + ARABIC).encode(), "", ARABIC),
        (("\ufeff" + ARABIC).encode("utf-16-be"), "", ARABIC),
        (ARABIC.encode("windows-1256"), 'text/plain; charset="windows-1256"', ARABIC),
        (b"\x93quoted\x94", "text/plain; charset=iso-8859-1", "\u201cquoted\u201d"),
        (b"3 < 4 <b>", "", "3 < 4 <b>"),
    ],
)
def test_plain_text_stays_as_it_is(content: bytes, content_type: str, text: str) -> None:
    found = extract(content, content_type)

    assert (found.media_type, found.text, found.title) == (PLAIN, text, None)


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"", ""),
        (b"\x00\x01\x02", ""),
        (b"a\x00b", "text/plain"),
        (b"a\x1bb", "text/plain"),
        (b"\x89PNG\r\n\x1a\n", ""),
        (b"PK\x03\x04words", ""),
        (b"{\\rtf1 words}", ""),
        (b"<svg><script>x</script></svg>", ""),
        (b"<?xml version='1.0'?><feed/>", ""),
        (b"words", "image/svg+xml"),
        (b"words", "application/json"),
        (b"words", "application/pdf"),
        (b"a,b", "text/csv"),
        (ARABIC.encode("windows-1256"), ""),
        (b"words", "text/plain; charset=utf-7"),
        (b"words", "text/plain; charset=base64"),
        (b"words", "text/plain; charset=unicode_escape"),
        (b"words", "text/plain; charset=none-such"),
        (b"\x00" * 100, "text/html"),
    ],
)
def test_what_is_no_document_of_the_three_kinds_is_refused(
    content: bytes, content_type: str
) -> None:
    with pytest.raises(Refused) as refused:
        extract(content, content_type)

    assert refused.value.code == "UNSUPPORTED_TYPE"


@pytest.mark.parametrize("content", [b"%PDF-1.7", b"%PDF-1.7\nxref\n0 1\ntrailer<</Root 1 0 R>>"])
def test_a_pdf_that_is_broken_is_unreadable(content: bytes) -> None:
    with pytest.raises(Refused) as refused:
        extract(content)

    assert refused.value.code == "UNREADABLE"


def test_a_page_nested_deeply_is_read_without_recursion() -> None:
    assert extract(b"<div>" * 5_000 + b"deep", "text/html").text == "deep"
