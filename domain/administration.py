"""Events of running the record: keys issued and revoked, documents captured.

They are events of the log, so that its signed tree covers them: who could write, and what was held.
They start and end nothing. No record file has them, and export leaves them out.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from domain.sources import Entry, Hash, Id


class Administration(Entry, frozen=True, kw_only=True):
    """An event of running the record."""


class KeyIssued(Administration, frozen=True, kw_only=True):
    """A key was made. The event does not have its digest. `expires` is a time in UTC (ISO 8601)."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    role: str
    expires: str | None = None


class KeyRevoked(Administration, frozen=True, kw_only=True):
    """A key was revoked."""

    key: Id


class DocumentCaptured(Administration, frozen=True, kw_only=True):
    """A document was captured, and `shown` says from then on whether readers may have it."""

    sha256: Hash
    shown: bool
