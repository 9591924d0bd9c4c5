"""The log in memory: domain.recorder.Recorder for tests that need no database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent
from eventsourcing.dcb.popo import InMemoryDCBRecorder
from eventsourcing.persistence import IntegrityError

from domain.recorder import LogLookup, Request


class MemoryRecorder(InMemoryDCBRecorder):
    """The eventsourcing package's recorder in memory, with request ids beside."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: dict[str, Request] = {}

    def append_once(
        self, events: Sequence[DCBEvent], condition: DCBAppendCondition, request: Request | None
    ) -> int:
        if request is not None and request.id in self.requests:
            raise IntegrityError(request.id)
        position = self.append(events, condition)
        if request is not None:
            self.requests[request.id] = request._replace(position=position)
        return position

    def written_beside(self, after: int, own: range) -> tuple[int, Collection[str]]:
        response = self.read(after=after)
        beside = [each.event.tags for each in response if each.position not in own]
        return response.head or 0, {tag for tags in beside for tag in tags}

    def look(self, tags: Collection[str], request_id: str | None = None) -> LogLookup:
        wanted, head = set(tags), self.events[-1].position if self.events else 0
        events = [
            (each.position, each.event.type, each.event.data, each.event.tags)
            for each in self.events
            if not wanted.isdisjoint(each.event.tags)
        ]
        return LogLookup(head, events, self.requests.get(request_id or ""), datetime.now(UTC))
