"""Making an export: the bytes, as they come, and the manifest that tells what they are."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

from api.export.formats import Format, format_of, notes_on
from api.export.reading import Given, Pinned, Reading, pin
from api.export.views import View
from api.graphql.context import Access
from api.graphql.scalars import write_time

NAMESPACE: Final = "urn:sijill:"
"""What names in RDF and PROV begin with where the record has no public address."""


@dataclass(slots=True)
class Export:
    """A pinned view in a format. `chunks` gives its bytes, once; after them, `manifest` says what
    they were."""

    pinned: Pinned
    format: Format
    access: Access
    site: str
    rows: int = 0
    size: int = 0
    _hash: Any = field(default_factory=hashlib.sha256)

    @property
    def file_name(self) -> str:
        """A name for the file, of ASCII letters that are safe anywhere."""
        pinned = self.pinned
        parts = [pinned.subject, None if pinned.view.name == "state" else pinned.view.name]
        stem = "-".join(part.replace(":", "_") for part in parts if part)
        return f"{stem}.{self.format.extension}"

    @property
    def tag(self) -> str:
        """A strong entity tag: the same for the same question, position, format and addresses."""
        return self.pinned.tag(self.format.extension, self.site if self.format.cites else "")

    async def chunks(self) -> AsyncIterator[bytes]:
        """The bytes, some at a time. Refused as the question is, before the first of them."""
        reading = Reading(self.access, self.pinned, self.format.needs_facts)
        writer = self.format.make(self.pinned, self.site if self.format.cites else NAMESPACE)
        yield self._count(writer.begin())
        async for page in reading.pages():
            self.rows += len(page)
            yield self._count(writer.rows(page))
        for last in writer.end(reading.counts):
            yield self._count(last)

    def _count(self, chunk: bytes) -> bytes:
        self.size += len(chunk)
        self._hash.update(chunk)
        return chunk

    def sha256(self) -> str:
        """Of the bytes so far, in hexadecimals."""
        return str(self._hash.hexdigest())

    def manifest(self) -> dict[str, Any]:
        """The question, its clocks, the position, and the bytes that answer it."""
        pinned, moment = self.pinned, self.pinned.moment
        since = pinned.since
        return {
            "question": pinned.view.name,
            "subject": pinned.subject,
            "arguments": {**pinned.narrowing, "lang": pinned.lang},
            "clocks": {
                "asOf": moment.as_of, "knownAt": moment.known_at, "atPosition": moment.position,
            },
            **({"from": since.variables()} if since else {}),
            "position": moment.position,
            "recordedAt": pinned.recorded_at and write_time(pinned.recorded_at),
            "address": pinned.address(self.format.extension),
            "format": self.format.extension,
            "mediaType": self.format.media_type,
            "rows": self.rows,
            "bytes": self.size,
            "sha256": self.sha256(),
            "notes": notes_on(pinned.view, self.format),
        }  # fmt: skip


async def export(
    access: Access,
    view: View,
    subject: str | None,
    extension: str,
    given: Given,
    *,
    site: str = "",
) -> Export:
    """An export of a view, pinned where it was not. Refused as the question's clocks are.

    `site` is where the record is served, such as https://record.example, for citations to link to;
    "" where that is not known.
    """
    view, made = format_of(view, extension)
    return Export(await pin(access, view, subject, given, cites=made.cites), made, access, site)
