"""What capturing a source's document adds to the record: the source, or its document's hash."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from typing import Any, NamedTuple

from domain.codec import changed, read, write
from domain.corrections import SourceCorrected
from domain.errors import Refused
from domain.sources import Entry, SourceRegistered

LONGEST_TITLE = 1_000
JOINERS = "\u200c\u200d"
"""They tell words apart in Persian and other languages, and are no control characters."""


class Finding(NamedTuple):
    """What was found of a document. `retrieved`, a day in EDTF, and `url` if it was fetched."""

    sha256: str
    title: str | None = None
    url: str | None = None
    retrieved: str | None = None


def source_of(entries: Iterable[Entry]) -> SourceRegistered | None:
    """The source as the entries that are about it leave it, in log order; None without any."""
    source: Entry | None = None
    for entry in entries:
        if isinstance(entry, SourceRegistered):
            source = entry
        elif isinstance(entry, SourceCorrected) and source is not None:
            source = changed(source, entry.changes)
    assert source is None or isinstance(source, SourceRegistered)
    return source


def entry_for(
    name: str, source: SourceRegistered | None, finding: Finding, given: dict[str, Any]
) -> Entry | None:
    """The entry that ties a document to the source of an id, None if they are tied already.

    `given` is what whoever captures it says of the source. Refused as HASH_MISMATCH when the
    source is of another document, as SOURCE_DIFFERS when the source is said to be otherwise.
    """
    found = {"sha256": finding.sha256, "url": finding.url, "retrieved": finding.retrieved}
    if source is None:
        title = fitting(finding.title) or None
        entry = {"type": "SourceRegistered", "id": name, "title": title, **found, **given}
        return read({key: value for key, value in entry.items() if value is not None})
    if source.sha256 not in (None, finding.sha256):
        raise Refused(
            "HASH_MISMATCH",
            f"The source {name} is of a document with the SHA-256 {source.sha256}, and this one "
            f"has {finding.sha256}: add a new version as a source of its own, and see what is "
            "left of the passages with `sijill source compare`.",
            field="sha256",
        )
    recorded = write(source)
    for key, value in given.items():
        if recorded.get(key) != value:
            raise Refused(
                "SOURCE_DIFFERS",
                f"The source {name} is recorded with the {key} {recorded.get(key)!a}, not "
                f"{value!a}: leave it out, or record a SourceCorrected.",
                field=key,
            )
    if source.sha256 is not None:
        return None
    kept = {"url"} if source.url is not None else set()
    changes = {key: value for key, value in found.items() if value is not None and key not in kept}
    tie = hashlib.sha256(f"{name} {finding.sha256}".encode()).hexdigest()
    return read(
        {
            "type": "SourceCorrected",
            "id": f"captured-{tie[:24]}",
            "source": name,
            "changes": changes,
            "reason": "Its document was captured.",
        }
    )


def fitting(title: str | None) -> str:
    """A title of elsewhere as the record takes text: composed, no control characters, short."""
    composed = unicodedata.normalize("NFC", title or "")
    kept = (letter for letter in composed if letter.isprintable() or letter in JOINERS)
    return "".join(kept)[:LONGEST_TITLE].strip()
