"""Record: every command, and the only writer of the log.

A command looks up in the log what its entries name and all that this leads to, checks the entries
in order, and appends the new ones on the condition that nothing it looked up has changed meanwhile
(a dynamic consistency boundary). It reaches the log only through the recorder that it is given.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol, TypeVar
from uuid import uuid4

from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem
from eventsourcing.persistence import IntegrityError

from domain import corrections as c
from domain.canonical import digest_of
from domain.catalogue import corrected_entity
from domain.checks import Doubts, Undecided, check, fact_type_of
from domain.codec import Event, decode, encoder
from domain.dates import MAX_DAY
from domain.definitions import DefinitionExtended, FactTypeDefined, FluentDefined, KindDefined
from domain.dossier import Dossier
from domain.entities import EntityRegistered
from domain.errors import Refusals, Refused
from domain.fact_history import Lives
from domain.facts import Fact
from domain.opposites import Undo, opposites
from domain.recorder import LogLookup, Recorder, Request
from domain.sources import Entry, Position, SourceRegistered
from domain.stories import StoryTold, StoryWithdrawn
from domain.tags import VOCABULARY, followed, tags_of, tags_read
from domain.vocabulary import CORE

LARGEST_TRANSACTION = 100_000
"""Entries of a command that are recorded all or none."""
BATCH = 2_000
"""Entries of a transaction where there are more than that: others write in between."""
LARGEST_LOOK = 50_000
"""Tags that are looked up at a time."""
ATTEMPTS = 10
MOST_AHEAD = timedelta(minutes=5)
"""How far the clock here may be ahead of the database's."""
LONGEST_REQUEST_ID = 128
"""Characters."""

T = TypeVar("T")


class Outcome(NamedTuple):
    """Where the log stood after a command, and how many of its entries were new to it."""

    position: Position
    recorded: int
    unchanged: int


class Sight(NamedTuple):
    """What a command knows of the log: at its head, of all that its check may look at."""

    dossier: Dossier
    head: Position
    request: Request | None
    led: Set[str]
    """The tags that were followed from those asked for. An event with any tag of either kind might
    change the outcome of the check."""
    now: datetime
    """The time by the database's own clock."""
    events: list[Event]
    """What the dossier was made of."""


class Plan(NamedTuple):
    """The log's head, and the entries new to it with their tags, each as an Event has it."""

    head: Position
    fresh: list[tuple[Entry, list[str], type[Fact] | None]]


COMMANDS: dict[str, type[Entry]] = {
    "register_source": SourceRegistered,
    "register_entity": EntityRegistered,
    "record": Fact,
    "corroborate": c.FactCorroborated,
    "attest": c.HoldingAttested,
    "call_off": c.AnnouncementCancelled,
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
    "tell_story": StoryTold,
    "withdraw_story": StoryWithdrawn,
    "define_kind": KindDefined,
    "define_fluent": FluentDefined,
    "define_fact_type": FactTypeDefined,
    "extend_definition": DefinitionExtended,
}
"""The name of the command for entries of each type, with the type."""


class Record:
    """The commands: `apply` takes typed entries, an actor and a request id, and is idempotent."""

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

        An entry that the log has already, the same under the same id, counts as unchanged. A
        request id that the actor used before for the same entries gets the first answer again.
        Raises Refused, with all that is wrong and in the data of each refusal `entry`, the number
        of the offending one from 0. `doubts` is of a dry run: what was refused before.
        """
        request_id = str(uuid4()) if request_id is None else _checked_request_id(request_id)
        key, digest = request_key(actor, request_id), digest_of(entries)
        recorded = 0
        for _ in range(ATTEMPTS):
            sight = _look(self.recorder, tags_read(entries), key)
            if sight.request is not None:
                return _answered(sight.request, digest, request_id)
            fresh = self._checked(entries, sight, doubts)
            unchanged = len(entries) - recorded - len(fresh)
            head = sight.head
            if dry_run or not fresh:
                return Outcome(head, recorded + len(fresh), unchanged)
            self._check_clock(sight.now)
            request = Request(key, digest, 0, recorded + len(fresh), unchanged)
            try:
                for position, written in self._append(fresh, sight, actor, request):
                    head, recorded = Position(position), recorded + written
                    progress(recorded)
            except IntegrityError:
                continue
            return Outcome(head, recorded, unchanged)
        raise Refused(
            "CONFLICT",
            f"Others kept changing what this command touches ({ATTEMPTS} attempts): send it again "
            "with the same request id.",
        )

    def _append(
        self, fresh: Sequence[Entry], sight: Sight, actor: str, request: Request
    ) -> Iterator[tuple[int, int]]:
        """Append entries that were checked: the last position and the number of each batch.

        The request is kept with the last batch. IntegrityError if others changed what was checked.
        """
        is_one = len(fresh) <= LARGEST_TRANSACTION
        size = len(fresh) if is_one else BATCH
        batches = (fresh[start : start + size] for start in range(0, len(fresh), size))
        # The condition of a batch has the tags of its entries, and every tag that was followed.
        made = (
            (tags_read(batch) | sight.led, self._events(batch, sight.dossier, actor, request.id))
            for batch in batches
        )
        head, own, left = sight.head, range(0), len(fresh)
        beside: set[str] = set()  # the tags of what others wrote since the check
        # A correction may rest on what those of earlier batches speak of.
        related = set() if is_one else tags_read(e for e in fresh if isinstance(e, c.Correction))
        if not is_one and not related:
            sight.dossier.facts.clear()  # nothing that is left to do looks at them: they are many
        for tags, events in made if is_one else _ahead(made):
            if own and own.start == head + 1:  # nobody wrote before it
                head = Position(own.stop - 1)
            elif own:
                now, written = self.recorder.written_beside(head, own)
                head = Position(now)
                beside.update(written)
            if beside and not beside.isdisjoint(tags | related):
                raise IntegrityError("others wrote of what is being recorded")
            left -= len(events)
            condition = DCBAppendCondition(_query(tags), after=head)
            position = self.recorder.append_once(events, condition, None if left else request)
            own = range(position - len(events) + 1, position + 1)
            yield position, len(events)

    def plan(self, entries: Sequence[Entry], log: LogReader | None = None) -> Plan:
        """What recording the entries would append to the log as it is, or to an earlier state of
        it. Refused as `apply` does."""
        sight = _look(self.recorder if log is None else log, tags_read(entries))
        fresh = self._checked(entries, sight)
        dossier = sight.dossier
        return Plan(
            sight.head,
            [(entry, tags_of(entry, dossier), _fact_type(entry, dossier)) for entry in fresh],
        )

    def opposites(self, event: Event, id_: str, reason: str) -> list[Entry]:
        """What undoes an event of the log by a new entry. Refused as `domain.opposites` does."""
        sight = _look(self.recorder, tags_read([event.entry]))
        return opposites(Undo(event, sight.events, id_, reason))

    def entity(self, id_: str) -> tuple[EntityRegistered, dict[str, EntityRegistered]]:
        """An entity as corrected, before renamings, and by id those that are merged into it, by all
        that is known. Refused(UNKNOWN_ENTITY)."""
        dossier = _look(self.recorder, {f"entity:{id_}"}).dossier
        if id_ not in dossier.entities:
            raise Refused("UNKNOWN_ENTITY", f"The record has no entity {id_[:128]!a}.")
        merged = (
            other
            for other in sorted(dossier.relatives([id_]))
            if id_ in dossier.merged_into(other, MAX_DAY)
        )
        found = {other: corrected_entity(dossier.entities[other]) for other in merged}
        return corrected_entity(dossier.entities[id_]), found

    def _check_clock(self, now: datetime) -> None:
        """Refused(CLOCK_AHEAD): recorded times never run backwards along the log, so that all later
        entries would have the wrong time, too."""
        ours = self.clock()
        if ours > now + MOST_AHEAD:
            raise Refused(
                "CLOCK_AHEAD",
                f"The clock of this machine says {ours:%Y-%m-%d %H:%M} UTC, the database's "
                f"{now:%Y-%m-%d %H:%M}. Nothing is recorded under a clock that is more than "
                f"{MOST_AHEAD.seconds // 60} minutes ahead: set it right and send this again.",
            )

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
                    position = Position(head + len(fresh) + 1)
                    if isinstance(entry, StoryTold):
                        entry.check_positions(position)
                    fresh.append(entry)
                    dossier.take(Event(position, now, "", entry, fact_type_of(entry, dossier)))
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
        self, batch: Iterable[Entry], dossier: Dossier, actor: str, key: str
    ) -> list[DCBEvent]:
        """What the log is to keep of entries that were checked."""
        encoded, request = encoder(actor, self.clock()), f"request:{key}"
        return [
            DCBEvent(
                *encoded(entry, _fact_type(entry, dossier)), [*tags_of(entry, dossier), request]
            )
            for entry in batch
        ]


class LogReader(Protocol):
    """What a look needs of the log, or of the log as it was."""

    def look(self, tags: Collection[str], request_id: str | None = None) -> LogLookup:
        """As `Recorder.look`."""
        ...


def _look(log: LogReader, tags: Set[str], key: str | None = None) -> Sight:
    """What the log says of some tags and of all that they lead to."""
    seen: set[str] = set()  # beside the tags, which may be very many
    waiting = list(tags)
    first = found = log.look(waiting[:LARGEST_LOOK], key)
    events: dict[int, Event] = {}
    while True:
        del waiting[:LARGEST_LOOK]
        for position, stored_type, data, own in found.events:
            # A later look may see later events: the condition of the append refuses them.
            if position not in events and position <= first.head:
                events[position] = decode(position, stored_type, data)
                led = set(followed(own)) - seen - tags
                seen |= led
                waiting += led
        if not waiting:
            break
        found = log.look(waiting[:LARGEST_LOOK])
    dossier = Dossier(is_watching=False)
    dossier.vocabulary = CORE._replace(is_whole=VOCABULARY in tags or VOCABULARY in seen)
    found_in_order = [events[position] for position in sorted(events)]
    for event in found_in_order:
        dossier.take(event)
    return Sight(dossier, Position(first.head), first.request, seen, first.now, found_in_order)


def _fact_type(entry: Entry, dossier: Dossier) -> type[Fact] | None:
    """What `Event.fact_type` is to be, for an entry that was checked."""
    return dossier.corrections[entry.id].fact_type if isinstance(entry, c.FactCorrected) else None


def request_key(actor: str, request_id: str) -> str:
    """What the log keeps a request under: request ids of different actors are different requests.

    The actor is hashed, so that no name of one can be read as an id of another.
    """
    return f"{hashlib.sha256(actor.encode()).hexdigest()[:32]}/{request_id}"


def _checked_request_id(request_id: str) -> str:
    """The id. Refused as BAD_REQUEST_ID where some of it can't be seen, or it is no one line."""
    if (
        not 1 <= len(request_id) <= LONGEST_REQUEST_ID
        or not request_id.isprintable()
        or request_id != request_id.strip()
    ):
        raise Refused(
            "BAD_REQUEST_ID",
            f"A request id is 1 to {LONGEST_REQUEST_ID} visible characters, without a space at "
            "either end: a UUID, for example.",
            field="requestId",
        )
    return request_id


def _answered(request: Request, digest: bytes, request_id: str) -> Outcome:
    """The answer that a request had. Refused where it was another one."""
    if request.digest != digest:
        raise Refused(
            "REQUEST_ID_REUSED",
            f"The request id {request_id} was used for other entries: take a new one.",
            field="requestId",
        )
    return Outcome(Position(request.position), request.recorded, request.unchanged)


def _ahead(made: Iterator[T]) -> Iterator[T]:
    """The items, each made in another thread while the one before it is used."""
    with ThreadPoolExecutor(1) as beside:
        coming = beside.submit(next, made, None)
        while (item := coming.result()) is not None:
            coming = beside.submit(next, made, None)
            yield item


def _query(tags: Iterable[str]) -> DCBQuery:
    """Events with any of the tags. Without items it would match all, so it always has one."""
    items = [DCBQueryItem(tags=[tag]) for tag in sorted(tags)]
    return DCBQuery(items or [DCBQueryItem(tags=["none:"])])
