"""Capturing a document: fetched and read in processes apart, hashed here.

What comes back from them is data: this process neither fetches nor parses anything itself.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from domain.errors import Refused
from store.fetcher import LARGEST, SECONDS, too_large
from store.sandbox import ask, program

FETCHER = program("store.fetcher")
EXTRACTOR = program("store.extractor")
_SUFFIXES = {".html": "text/html", ".htm": "text/html", ".xhtml": "text/html"}
"""What a file's name tells of its content; the content itself tells the rest."""


class Captured(NamedTuple):
    """A document, the text in it, and where from. `title` is the document's own."""

    content: bytes
    sha256: str
    media_type: str
    text: str
    title: str | None
    content_type: str
    extracted_by: str
    url: str | None


def is_url(place: str) -> bool:
    """Whether a place is meant as a URL, not as a file."""
    return "://" in place


def capture(place: str, fetcher: Sequence[str] = FETCHER) -> Captured:
    """The document at a URL or in a file. Raises Refused and Unreachable, as each step does."""
    return capture_url(place, fetcher) if is_url(place) else capture_file(Path(place))


def capture_url(url: str, fetcher: Sequence[str] = FETCHER) -> Captured:
    """The document at a public URL. `url` in it is the one that it was found at in the end."""
    header, content = ask(fetcher, {"url": url}, seconds=SECONDS)
    return captured(content, header["content_type"], header["url"])


def capture_file(path: Path) -> Captured:
    """The document in a regular file. Refused for a link, and for what is no file: a read from a
    FIFO or a device might never end."""
    try:
        if path.is_symlink():
            raise OSError("it is a link, which is not followed")
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise OSError("it is no regular file")
            content = stream.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise Refused(
            "NO_FILE", f"The file can't be read ({why}): name a file itself.", file=str(path)
        ) from error
    return captured(content, _SUFFIXES.get(path.suffix.lower(), ""), None)


def captured(content: bytes, content_type: str, url: str | None) -> Captured:
    """What some bytes are captured as."""
    if len(content) > LARGEST:
        raise too_large()
    header, text = ask(EXTRACTOR, {"content_type": content_type}, content, seconds=SECONDS)
    return Captured(
        content,
        hashlib.sha256(content).hexdigest(),
        header["media_type"],
        text.decode(),
        header.get("title"),
        content_type,
        header["extracted_by"],
        url,
    )
