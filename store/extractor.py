"""The extractor: what kind of document some bytes are, and the text that citations point into.

It runs in a process apart, since documents are written by others. The same bytes always give the
same text, line by line as a reader sees it; change that, and RULES must grow, since citations are
counted in it.
"""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple

from domain.errors import Refused
from store.apart import answer

PLAIN, HTML, PDF = "text/plain", "text/html", "application/pdf"
RULES = 1
"""The version of the rules of this module, beside that of the library used."""
MOST_PAGES = 5_000
_DECLARED = {
    "": None,
    "application/octet-stream": None,
    "binary/octet-stream": None,
    PLAIN: PLAIN,
    HTML: HTML,
    "application/xhtml+xml": HTML,
    PDF: PDF,
    "application/x-pdf": PDF,
}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MARKUP = re.compile(
    rb"\s*(?:<!--.*?-->\s*|<\?xml[^>]*>\s*)*<(!doctype\s+html|html|head|body)\b", re.I | re.S
)
_OTHER = (b"{\\rtf", b"<?xml", b"<svg", b"%!PS", b"PK\x03\x04")
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.I)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_HIDDEN = frozenset(
    {"head", "script", "style", "noscript", "template", "svg", "math", "iframe", "object"}
)
_INLINE = frozenset(
    {"a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em"}
    | {"font", "i", "ins", "kbd", "label", "mark", "nobr", "q", "rp", "rt", "ruby", "s", "samp"}
    | {"small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr", "img"}
)
_CELLS = frozenset({"td", "th"})


class Extracted(NamedTuple):
    """What some bytes are, their text, and how that was had."""

    media_type: str
    text: str
    title: str | None
    extracted_by: str


def extract(content: bytes, content_type: str = "") -> Extracted:
    """The kind, text and title of a document; `content_type` is what its server said of it.

    Refused as UNSUPPORTED_TYPE for what is neither plain text, HTML nor PDF, as UNREADABLE for
    what says that it is one of them but can't be read.
    """
    declared, charset = _declared(content_type)
    if declared not in _DECLARED:
        raise _unsupported(f"it is {declared[:80]!a}")
    if b"%PDF-" in content[:1024]:
        return _pdf(content)
    if _DECLARED[declared] == PDF:
        raise _unsupported("it is called a PDF and is none")
    bom = next((name for mark, name in _BOMS if content.startswith(mark)), None)
    if (_DECLARED[declared] is None and _MARKUP.match(content[:4096])) or _DECLARED[
        declared
    ] == HTML:
        if bom is None and b"\0" in content[:1024]:
            raise _unsupported("it is called HTML and is none")
        found = _CHARSET.search(content[:4096])
        named = bom or charset or (found[1].decode("ascii") if found else None)
        return _html(_decoded(content, named, errors="replace"))
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_OTHER):
        raise _unsupported("it looks like another kind of document")
    text = _decoded(content, bom or charset, errors="strict")
    if found_control := _CONTROLS.search(text):
        raise _unsupported(f"it has the control character U+{ord(found_control[0]):04X}")
    return Extracted(PLAIN, text, None, f"plain/{RULES}")


def _declared(content_type: str) -> tuple[str, str | None]:
    kind, _, rest = content_type.partition(";")
    found = re.search(r"charset\s*=\s*[\"']?([A-Za-z0-9_.:-]+)", rest, re.I)
    return kind.strip().lower(), found[1] if found else None


def _decoded(content: bytes, charset: str | None, *, errors: str) -> str:
    """Bytes as text, without a byte order mark. Line ends and all else stay as they are."""
    try:
        codec = codecs.lookup(charset or "utf-8")
        if not codec._is_text_encoding:
            raise LookupError(charset)
        # What calls itself Latin-1 is Windows-1252: https://encoding.spec.whatwg.org/
        name = "cp1252" if codec.name in ("iso8859-1", "ascii") else codec.name
        text = content.decode(name, errors)
    except LookupError as error:
        raise _unsupported(f"there is no encoding {charset!a}") from error
    except UnicodeDecodeError as error:
        raise _unsupported(
            f"it is not text in {charset or 'UTF-8'} at byte {error.start}"
        ) from error
    return text.removeprefix("\ufeff")


def _html(source: str) -> Extracted:
    import selectolax
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(source)
    title = tree.css_first("title")
    words = " ".join(title.text().split()) if title is not None else ""
    lines = (" ".join(line.split()) for line in "".join(_pieces(tree.root)).split("\n"))
    text = "\n".join(line for line in lines if line)
    return Extracted(
        HTML, _clean(text), _clean(words) or None, f"selectolax {selectolax.__version__}/{RULES}"
    )
