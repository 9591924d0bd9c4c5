"""The log in memory: domain.record.Recorder for tests that need no database."""

from __future__ import annotations

from collections.abc import Sequence

from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent
from eventsourcing.dcb.popo import InMemoryDCBRecorder

from domain.record import Request


class MemoryRecorder(InMemoryDCBRecorder):
    """The eventsourcing package's recorder in memory, with request ids beside."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: dict[str, Request] = {}

    def append_once(
        self, events: Sequence[DCBEvent], condition: DCBAppendCondition, request: Request | None
    ) -> int:
        position = self.append(events, condition)
        if request is not None:
            self.requests[request.id] = request._replace(position=position)
        return position

    def find_request(self, request_id: str) -> Request | None:
        return self.requests.get(request_id)
