"""Record: every command, and the only writer of the log.

A command reads of the log what its entries touch, checks them in order against that, and appends
what is new under the condition that nothing of it has changed meanwhile (a dynamic consistency
boundary). It reaches the log only through the recorder that it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar
from uuid import uuid4

from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem
from eventsourcing.persistence import IntegrityError

from domain import corrections as c
from domain.canonical import digest_of
from domain.checks import Doubts, Undecided, check
from domain.codec import Event, decode, encoder
from domain.dossier import Dossier
from domain.entities import EntityRegistered
from domain.errors import Refusals, Refused
from domain.facts import Fact
from domain.life import Lives
from domain.recorder import Append, Look, Recorder, Request, Steps, alone
from domain.sources import Entry, Position, SourceRegistered
from domain.tags import followed, tags_of, tags_read

LARGEST_TRANSACTION = 100_000
"""Entries of a command that are recorded all or none."""
BATCH = 10_000
"""Entries of a transaction where there are more than that: others write in between."""
LARGEST_LOOK = 50_000
"""Tags that are looked up at a time."""
SMALL = 100
"""Entries of a command past which it is done by itself: others need not wait for its checks."""
ATTEMPTS = 10

T = TypeVar("T")


class Outcome(NamedTuple):
    """Where the log stood after a command, and how many of its entries were new to it."""

    position: Position
    recorded: int
    unchanged: int


class Sight(NamedTuple):
    """What a command knows of the log: at its head, of what its entries touch."""

    dossier: Dossier
    head: Position
    request: Request | None


class Plan(NamedTuple):
    """The log's head, and the entries new to it with their tags."""

    head: Position
    fresh: list[tuple[Entry, list[str]]]


COMMANDS: dict[str, type[Entry]] = {
    "register_source": SourceRegistered,
    "register_entity": EntityRegistered,
    "record": Fact,
    "corroborate": c.FactCorroborated,
    "dispute": c.FactDisputed,
    "withdraw_dispute": c.DisputeWithdrawn,
    "correct": c.FactCorrected,
    "retract": c.FactRetracted,
    "reinstate": c.FactReinstated,
    "prefer": c.FactPreferred,
    "withdraw_preference": c.PreferenceWithdrawn,
    "withdraw_source": c.SourceWithdrawn,
    "reassess_source": c.SourceReassessed,
    "correct_source": c.SourceCorrected,
    "correct_entity": c.EntityCorrected,
    "rename": c.EntityRenamed,
    "merge": c.EntitiesMerged,
    "split": c.EntitiesSplit,
}
"""Every command that takes entries of one type, with the type."""


def _command(name: str) -> Callable[..., Outcome]:
    """A command for entries of one type, singly or in batches."""
    kind = COMMANDS[name]

    def command(
        self: Record, *entries: Entry, actor: str, request_id: str | None = None
    ) -> Outcome:
        for entry in entries:
            if not isinstance(entry, kind):
                raise TypeError(f"{type(entry).__name__} is no {kind.__name__}")
        return self.apply(entries, actor=actor, request_id=request_id)

    command.__doc__ = f"Record entries of type {kind.__name__}: {kind.__doc__}"
    return command


class Record:
    """The commands. Each takes typed entries, an actor and a request id, and is idempotent."""

    def __init__(
        self, recorder: Recorder, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.recorder = recorder
        self.clock = clock

    def apply(
        self,
        entries: Sequence[Entry],
        *,
        actor: str,
        request_id: str | None = None,
        dry_run: bool = False,
        doubts: Doubts | None = None,
        progress: Callable[[int], None] = lambda written: None,
    ) -> Outcome:
        """Record entries of any types, in their order, all or (up to LARGEST_TRANSACTION) none.

        An entry that the log has already, the same under the same id, counts as unchanged.
        Raises Refused, with all that is wrong and in the data of each refusal `entry`, the number
        of the offending one from 0. `doubts` is of a dry run: what was refused before.
        """
        steps = self._applied(
            entries,
            actor,
            request_id or str(uuid4()),
            dry_run=dry_run,
            doubts=doubts,
            progress=progress,
        )
        if dry_run or len(entries) > SMALL:
            return alone(self.recorder, steps)
        return self.recorder.take(steps)

    def _applied(
        self,
        entries: Sequence[Entry],
        actor: str,
        request_id: str,
        *,
        dry_run: bool,
        doubts: Doubts | None,
        progress: Callable[[int], None],
    ) -> Steps[Outcome]:
        """The steps of `apply`."""
        digest = digest_of(entries)
        recorded = 0
        for _ in range(ATTEMPTS):
            read = tags_read(entries)
            sight = yield from self._look(read, request_id)
            if sight.request is not None:
                return _answered(sight.request, digest)
            head, fresh = sight.head, self._checked(entries, sight, doubts)
            unchanged = len(entries) - recorded - len(fresh)
            if dry_run or not fresh:
                return Outcome(head, recorded + len(fresh), unchanged)
            size = len(fresh) if len(fresh) <= LARGEST_TRANSACTION else BATCH
            tags = read if len(fresh) == len(entries) else tags_read(fresh)
            batches = (fresh[start : start + size] for start in range(0, len(fresh), size))
            made = (
                (
                    _query(tags if len(batch) == len(fresh) else tags_read(batch)),
                    self._events(batch, sight.dossier, actor, request_id),
                )
                for batch in batches
            )
            own = range(0)
            try:
                for query, events in made if len(fresh) == size else _ahead(made):
                    total = recorded + len(events)
                    request = Request(request_id, digest, 0, total, unchanged)
                    is_last = total + unchanged == len(entries)
                    if own:
                        head = self._unless_changed(tags, head, own)
                    position = yield Append(
                        events,
                        DCBAppendCondition(query, after=head),
                        request if is_last else None,
                    )
                    own = range(position - len(events) + 1, position + 1)
                    recorded = total
                    progress(recorded)
                return Outcome(Position(position), recorded, unchanged)
            except IntegrityError:
                continue
        raise Refused(
            "CONFLICT",
            f"Others kept changing what this command touches ({ATTEMPTS} attempts): send it again "
            "with the same request id.",
        )

    register_source = _command("register_source")
    register_entity = _command("register_entity")
    record = _command("record")
    corroborate = _command("corroborate")
    dispute = _command("dispute")
    withdraw_dispute = _command("withdraw_dispute")
    correct = _command("correct")
    retract = _command("retract")
    reinstate = _command("reinstate")
    prefer = _command("prefer")
    withdraw_preference = _command("withdraw_preference")
    withdraw_source = _command("withdraw_source")
    reassess_source = _command("reassess_source")
    correct_source = _command("correct_source")
    correct_entity = _command("correct_entity")
    rename = _command("rename")
    merge = _command("merge")
    split = _command("split")

    def plan(self, entries: Sequence[Entry]) -> Plan:
        """What recording the entries would append to the log as it is. Refused as `apply` does."""
        sight = alone(self.recorder, self._look(tags_read(entries)))
        fresh = self._checked(entries, sight)
        return Plan(sight.head, [(entry, tags_of(entry, sight.dossier)) for entry in fresh])

    def _checked(
        self, entries: Sequence[Entry], sight: Sight, doubts: Doubts | None = None
    ) -> list[Entry]:
        """Those of the entries that are new; the dossier then has them too.

        Checking goes on after a refusal, but what depends on the refused entry is left alone.
        """
        dossier, head = sight.dossier, sight.head
        fresh: list[Entry] = []
        refusals = Refusals()
        now, lives = self.clock(), Lives(dossier)
        doubts = Doubts.none() if doubts is None else Doubts(*map(set, doubts))
        for number, entry in enumerate(entries):
            try:
                if check(entry, lives, doubts):
                    fresh.append(entry)
                    dossier.take(Event(Position(head + len(fresh)), now, "", entry))
            except Undecided:
                doubts.add(entry)
            except Refused as refused:
                for each in Refusals(refused).first:
                    each.data.setdefault("entry", number)
                refusals.add(refused)
                doubts.add(entry)
        if refusals:
            raise refusals.joined()
        return fresh

    def _events(
        self, batch: Iterable[Entry], dossier: Dossier, actor: str, request_id: str
    ) -> list[DCBEvent]:
        """What the log is to keep of entries that were checked."""
        encoded, request = encoder(actor, self.clock()), f"request:{request_id}"
        return [DCBEvent(*encoded(entry), [*tags_of(entry, dossier), request]) for entry in batch]

    def _unless_changed(self, tags: Set[str], head: Position, own: range) -> Position:
        """The log's head, if others wrote nothing with these tags between it and an earlier one.

        IntegrityError if they did. The condition of a batch has the tags of that batch alone.
        """
        now, written = self.recorder.written_beside(head, own)
        if not tags.isdisjoint(written):
            raise IntegrityError("others wrote of what is being recorded")
        return Position(now)

    def _look(self, tags: Set[str], request_id: str | None = None) -> Steps[Sight]:
        """What the log says of some tags and of all that they lead to."""
        seen: set[str] = set(tags)
        waiting = list(tags)
        first = found = yield Look(waiting[:LARGEST_LOOK], request_id)
        events: dict[int, Event] = {}
        while True:
            del waiting[:LARGEST_LOOK]
            for position, stored_type, data, own in found.events:
                # Later looks may see later events; the first one's head guards against them.
                if position not in events and position <= first.head:
                    events[position] = decode(position, stored_type, data)
                    led = set(followed(own)) - seen
                    seen |= led
                    waiting += led
            if not waiting:
                break
            found = yield Look(waiting[:LARGEST_LOOK])
        dossier = Dossier(is_watching=False)
        for position in sorted(events):
            dossier.take(events[position])
        return Sight(dossier, Position(first.head), first.request)


def _answered(request: Request, digest: bytes) -> Outcome:
    """The answer that a request had. Refused where it was another one."""
    if request.digest != digest:
        raise Refused(
            "REQUEST_ID_REUSED",
            f"The request id {request.id} was used for other entries: take a new one.",
            field="requestId",
        )
    return Outcome(Position(request.position), request.recorded, request.unchanged)


def _ahead(made: Iterator[T]) -> Iterator[T]:
    """What is made one after another, each while the one before is used."""
    with ThreadPoolExecutor(1) as beside:
        coming = beside.submit(next, made, None)
        while (item := coming.result()) is not None:
            coming = beside.submit(next, made, None)
            yield item


def _query(tags: Iterable[str]) -> DCBQuery:
    """Events with any of the tags. Without items it would match all, so it always has one."""
    items = [DCBQueryItem(tags=[tag]) for tag in sorted(tags)]
    return DCBQuery(items or [DCBQueryItem(tags=["none:"])])
