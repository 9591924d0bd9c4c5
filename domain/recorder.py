"""What a command wants of the log: a look at it, and an append under a condition."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent


class Request(NamedTuple):
    """What a request id was used for and answered with. `id` is of one actor (`request_key`)."""

    id: str
    digest: bytes
    position: int
    recorded: int
    unchanged: int


class LogLookup(NamedTuple):
    """What the log has: its head, some events, and the request of an id where it is kept."""

    head: int
    events: Sequence[tuple[int, str, bytes, Sequence[str]]]
    """The position, stored type, bytes and tags of each, in order."""
    request: Request | None
    now: datetime
    """The time by the database's own clock."""


class Recorder(Protocol):
    """The log: the eventsourcing package's DCB recorder, and request ids kept with it."""

    def look(self, tags: Collection[str], request_id: str | None = None) -> LogLookup:
        """The head, the events that have any of the tags, the request of the id: at one moment."""
        ...

    def append_once(
        self, events: Sequence[DCBEvent], condition: DCBAppendCondition, request: Request | None
    ) -> int:
        """Append and keep the request, its position filled in, in one transaction.

        IntegrityError where the condition does not hold or the request id is taken.
        """
        ...

    def written_beside(self, after: int, own: range) -> tuple[int, Collection[str]]:
        """The head, and the tags of the events after a position but for those of one's own."""
        ...
