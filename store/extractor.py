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
from typing import Any, NamedTuple

from domain.errors import Refused
from store.sandbox import answer

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
_ENCODINGS = (
    "utf-8",
    "utf-16",
    "cp",
    "iso8859",
    "ascii",
    "koi8",
    "gb",
    "big5",
    "shift_jis",
    "euc",
    "mac",
)
"""Those of documents, of all that Python has."""
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
    if not content:
        raise _unsupported("it is empty")
    declared, charset = _declared(content_type)
    if declared not in _DECLARED:
        raise _unsupported(f"it is {declared[:80]!a}")
    kind = _DECLARED[declared]
    if b"%PDF-" in content[:1024]:
        return _pdf(content)
    if kind == PDF:
        raise _unsupported("it is called a PDF and is none")
    bom = next((name for mark, name in _BOMS if content.startswith(mark)), None)
    if kind == HTML or (kind is None and _MARKUP.match(content[:4096])):
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
        if not codec.name.startswith(_ENCODINGS):
            raise LookupError(charset)
        # What calls itself Latin-1 is Windows-1252: https://encoding.spec.whatwg.org/
        name = "cp1252" if codec.name == "iso8859-1" else codec.name
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


def _pieces(root: Any) -> Iterator[str]:
    """The text of a tree in its order, a line end wherever a block begins or ends.

    It walks without recursion, since a page may be nested as deep as its author likes.
    """
    node = root
    while node is not None:
        tag = node.tag
        below = None
        if node.is_text_node:
            yield _line_ends(node)
        elif not node.is_comment_node:
            yield _border(tag)
            below = node.first_child if tag not in _HIDDEN else None
        if below is not None:
            node = below
            continue
        while node is not None and node.next is None:
            node = node.parent
            if node is None or node.mem_id == root.mem_id:
                return
            yield _border(node.tag)
        node = node.next if node is not None else None


def _border(tag: str) -> str:
    return "" if tag in _INLINE else " " if tag in _CELLS else "\n"


def _line_ends(node: Any) -> str:
    """The words of a text node: its line ends count only where they are laid out."""
    text = str(node.text_content)
    laid_out = node.parent is not None and node.parent.tag in ("pre", "textarea", "listing")
    return text if laid_out else text.replace("\n", " ").replace("\r", " ")


def _pdf(content: bytes) -> Extracted:
    import logging

    import pypdf

    # What is wrong with a document is told once, in words.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)
    try:
        reader = pypdf.PdfReader(BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Refused("UNREADABLE", "The PDF needs a password: keep a copy without one.")
        if len(reader.pages) > MOST_PAGES:
            raise Refused("UNREADABLE", f"The PDF has more than {MOST_PAGES:,} pages.")
        pages = [page.extract_text().replace("\f", "\n") for page in reader.pages]
        words = " ".join(str((reader.metadata and reader.metadata.title) or "").split())
    except (Refused, MemoryError, RecursionError):
        raise
    except Exception as error:  # pypdf's, or any other that a broken document leads it to
        raise Refused(
            "UNREADABLE",
            f"The PDF can't be read ({type(error).__name__}: {str(error)[:200]}): save it anew.",
        ) from error
    text = _clean("\f".join(pages))
    return Extracted(PDF, text, _clean(words) or None, f"pypdf {pypdf.__version__}/{RULES}")


def _clean(text: str) -> str:
    """Text that can be stored: a character for each, those that no text has replaced."""
    return re.sub("[\x00\ud800-\udfff]", "\ufffd", text)


def _unsupported(why: str) -> Refused:
    return Refused(
        "UNSUPPORTED_TYPE",
        f"The document is not kept, since {why}: plain text, HTML and PDF are.",
    )


def main() -> None:
    """Answer one request: the header's `content_type`, and the document."""

    def serve(header: dict[str, str], content: bytes) -> tuple[dict[str, str], bytes]:
        found = extract(content, header.get("content_type", ""))
        reply = {"media_type": found.media_type, "extracted_by": found.extracted_by}
        if found.title:
            reply["title"] = found.title
        return reply, found.text.encode()

    answer(serve, sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
