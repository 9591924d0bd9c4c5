"""What a record wants of the log, and how a command asks for it: step by step.

A command does not call the recorder itself, so that many of them can be done at the same time by
one thread, step by step, each step of all in one statement.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent

T = TypeVar("T")


class Request(NamedTuple):
    """What a request id was used for and answered with."""

    id: str
    digest: bytes
    position: int
    recorded: int
    unchanged: int


class Found(NamedTuple):
    """What the log has: its head, some events, and the request of an id where it is kept."""

    head: int
    events: Sequence[tuple[int, str, bytes, Sequence[str]]]
    """The position, stored type, bytes and tags of each, in order."""
    request: Request | None


class Look(NamedTuple):
    """A command's step: what `Recorder.look` takes, whose result it is to be given."""

    tags: Collection[str]
    request_id: str | None = None


class Append(NamedTuple):
    """A command's step: what `Recorder.append_once` takes, whose result it is to be given."""

    events: Sequence[DCBEvent]
    condition: DCBAppendCondition
    request: Request | None


Steps = Generator[Look | Append, Any, T]
"""A command: what it wants of the log, one thing after another, and what it comes to."""


class Recorder(Protocol):
    """The log: the eventsourcing package's DCB recorder, and request ids kept with it."""

    def take(self, steps: Steps[T]) -> T:
        """Do the steps of a command, with those of others that come at the same time."""
        ...

    def look(self, tags: Collection[str], request_id: str | None = None) -> Found:
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


def alone(recorder: Recorder, steps: Steps[T]) -> T:
    """Do the steps of a command, others' beside it."""
    answer: Any = None
    error: Exception | None = None
    while True:
        try:
            step = steps.send(answer) if error is None else steps.throw(error)
        except StopIteration as done:
            result: T = done.value
            return result
        do: Callable[..., Any] = recorder.look if isinstance(step, Look) else recorder.append_once
        try:
            answer, error = do(*step), None
        except Exception as raised:
            error = raised
