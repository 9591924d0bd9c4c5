"""An export: the bytes of a pinned view in a format, and the manifest that says what they are."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, Final

from api.export.format import Format
from api.export.formats import format_of
from api.export.pinned_view import Given, PinnedView, pin
from api.export.reader import reading
from api.export.views import OF_RECORD, ExportView
from api.graphql.context import Access
from api.graphql.scalars import write_time
from api.session import Session
from store.database import Database

NAMESPACE: Final = "urn:sijill:"
"""What names in RDF and PROV begin with where the record has no public address."""
RECORD_NOTE: Final = (
    "A record file: importing it into an empty record gives the same answers, with positions in "
    "the same order but counted anew. Not carried: who recorded each entry and when (see the same "
    "export as .json, .csv or .parquet); so recordedAt means the time of the import, and a source "
    "without a date of publication is known from that day on."
)


@dataclass(slots=True)
class Export:
    """A pinned view in a format. `chunks` gives its bytes, once; after them, `manifest` says what
    they were."""

    pinned: PinnedView
    format: Format
    database: Database
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

    def chunks(self, session: Session) -> Generator[bytes, None, None]:
        """The bytes, some at a time. Refused as the question is, before the first of them. It
        blocks: not for the event loop."""
        with_facts = self.format.needs_facts
        with reading(self.database, self.pinned, session, with_facts=with_facts) as reader:
            base = self.site if self.format.cites else NAMESPACE
            for chunk in self.format.write(self.pinned, base, reader):
                if chunk:
                    self.size += len(chunk)
                    self._hash.update(chunk)
                    yield chunk
            self.rows = reader.rows

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
            "notes": self._notes(),
        }  # fmt: skip

    def _notes(self) -> list[str]:
        notes = [self.format.note] if self.format.note else []
        if self.format.extension == "jsonl" and self.pinned.view == OF_RECORD["record"]:
            notes.append(RECORD_NOTE)
        return notes


async def export(
    access: Access,
    view: ExportView,
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
    pinned = await pin(access, view, subject, given, options=made.options, cites=made.cites)
    return Export(pinned, made, access.instance.database, site)
