"""Mutations: `apply` for entries of any type, and one for each command of the record.

All take a request id: sent again, with the reply lost or not, it is answered as at first.
"""

# No `from __future__ import annotations`: the annotations are read as objects.

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

import psycopg
import strawberry
from strawberry.scalars import JSON

from api.graphql.arguments import USUAL_PAGE, After, First, Info, page_size
from api.graphql.changes import Diff, diff_page, place_of
from api.graphql.context import Operation
from api.graphql.suppositions import check_reached, supposing
from api.graphql.types import computed
from api.graphql.what_if import placed, read_entries, take_definitions_in
from domain.definitions import Definition
from domain.errors import Refused
from domain.facts import Fact
from domain.point import Clocks, Point
from domain.record import COMMANDS, Outcome
from domain.roles import Role, allow, role_for
from domain.sources import Entry
from domain.versions import FluentKey
from domain.warnings import RecordWarning, bringing
from projections import lookup, what_if
from projections.diff import Difference, first_of
from projections.follower import Poison, progress_of
from projections.record_check import warnings_of_new, warnings_of_recorded
from projections.what_if import Supposition

PATIENCE = 1.0
"""Seconds until a writer looks whether anybody follows."""
LONGER = 4.0
"""Seconds more to wait for a follower that is there; then the answer comes without what changed."""
WRITERS = ThreadPoolExecutor(32, "writer")
"""Most of them wait for the commit that they share."""

Entries = Annotated[
    list[JSON], strawberry.argument(description="Entries as a record file has them.")
]
RequestId = Annotated[
    strawberry.ID,
    strawberry.argument(description="Your own; the same one with the same entries is one request."),
]
DryRun = Annotated[bool | None, strawberry.argument(description="Only check; record nothing.")]


@strawberry.type(name="Warning", description="A likely slip, which was taken all the same.")
class EntryWarning:
    code: str = strawberry.field(description="Such as END_BEFORE_START.")
    message: str
    entry: int | None = strawberry.field(
        description="The number, from 0, of the entry that brings it, where that is one of them."
    )


@strawberry.type(description="What a command did.")
class Applied:
    position: int = strawberry.field(description="Where the log stood after it.")
    recorded: int = strawberry.field(description="Entries of it that were new to the record.")
    unchanged: int = strawberry.field(description="Entries of it that the record had already.")
    operation: strawberry.Private[Operation]
    outcome: strawberry.Private[Outcome]
    entries: strawberry.Private[Sequence[Entry]]
    is_dry: strawberry.Private[bool]
    is_answered: strawberry.Private[bool]
    """Whether the projections have come as far, so that there is a diff."""

    @computed("What it changes of today's answers, by all that is known.")
    async def diff(self, first: First = USUAL_PAGE, after: After = strawberry.UNSET) -> Diff | None:
        if not self.is_answered:
            return None
        operation, outcome = self.operation, self.outcome
        size, place = page_size(first) + 1, place_of(after or None)
        if self.is_dry:
            found, operation, supposed = await _preview(
                operation, self.entries, outcome.position, size, place
            )
            base, head = supposed.base, supposed.head
        else:
            base, head = outcome.position - outcome.recorded, outcome.position
        new = _today(operation, head)
        old = new._replace(position=base)
        if not self.is_dry:
            found = await operation.in_session(
                lambda session: first_of(session, size, None, old, new, after=place)
            )
        views = operation.view_of(old), operation.view_of(new)
        return diff_page(found, views, first, after or None)

    @computed("What is likely a slip in it, by all that is known.")
    async def warnings(self) -> list[EntryWarning] | None:
        if not self.is_answered:
            return None
        if self.is_dry:
            await self.operation.await_log()
        found = await self.operation.in_session(self._warnings)
        return [
            EntryWarning(code=each.code, message=each.message, entry=number)
            for each, number in bringing(found, self.entries)
        ]

    def _warnings(self, connection: psycopg.Connection[Any]) -> list[RecordWarning]:
        outcome = self.outcome
        if not self.is_dry:
            return warnings_of_recorded(connection, outcome.position, outcome.recorded)
        check_reached(progress_of(connection).position, outcome.position)
        record = self.operation.access.instance.record
        return warnings_of_new(connection, record, self.entries)


def _today(operation: Operation, position: int) -> Point:
    return Clocks().point(position, operation.today)


async def _preview(
    operation: Operation, entries: Sequence[Entry], head: int, size: int, place: FluentKey | None
) -> tuple[list[Difference], Operation, Supposition]:
    """What entries would change of a record whose log goes to `head`, and an operation that answers
    as if."""
    session, record = await supposing(operation), operation.access.instance.record
    check_reached(session.position, head)

    def work(connection: psycopg.Connection[Any]) -> tuple[Supposition, list[Difference]]:
        found = what_if.suppose(connection, record, what_if.Exclusions(), entries)
        what_if.install(connection, found)
        new = _today(operation, found.head)
        old = new._replace(position=found.base)
        return found, first_of(connection, size, None, old, new, found.fresh, place)

    (supposition, differences), supposed = await session.suppose(operation, work)
    return differences, supposed, supposition


async def write(
    operation: Operation,
    entries: list[Any],
    request_id: str,
    dry_run: bool | None,
    kind: type[Entry] | None,
) -> Applied:
    """Record entries, of one kind where a command takes only such. Raises Refused."""
    principal = operation.access.principal
    role = None if principal is None else principal.role
    allow(role, Role.CONTRIBUTOR)
    assert principal is not None
    if not entries:
        raise Refused("NO_ENTRIES", "There is nothing to record.", field="entries")

    def may(entry: Entry) -> None:
        if kind is not None and not isinstance(entry, kind):
            message = f"This command does not take {type(entry).__name__}: use apply."
            raise Refused("BAD_TYPE", message, field="type")
        allow(role, role_for(entry))

    typed = [_typed(entry, kind) for entry in entries]
    taken = await read_entries(operation, typed, "entries", may)
    outcome = await asyncio.get_running_loop().run_in_executor(
        WRITERS, _apply, operation, taken, principal.actor, request_id, bool(dry_run)
    )
    if not dry_run and any(isinstance(entry, Definition) for entry in taken):
        await take_definitions_in(operation)
    is_answered = bool(dry_run) or await projected(operation, outcome.position)
    if is_answered and not dry_run:
        operation.at(outcome.position)
    return Applied(
        **outcome._asdict(),
        operation=operation,
        outcome=outcome,
        entries=taken,
        is_dry=bool(dry_run),
        is_answered=is_answered,
    )


async def projected(operation: Operation, position: int) -> bool:
    """Whether what was recorded is projected: by the follower, or here where nobody follows.

    What is recorded is recorded; its answer may have to wait.
    """
    access = operation.access
    head = None if access.answers is None else access.answers.head
    if head is not None and not head.is_alone:
        if await head.reaches(position, PATIENCE):
            return True
        async with operation.connection() as connection:
            seen = await lookup.progress(connection)
        if seen.position >= position:
            return True
        if seen.is_followed and seen.stopped_at is None:
            return await head.reaches(position, LONGER)
        head.is_left_alone()
    try:
        reached = await asyncio.get_running_loop().run_in_executor(
            WRITERS, access.instance.catch_up_together
        )
    except (Poison, psycopg.errors.LockNotAvailable):
        return False
    return reached >= position


def _apply(
    operation: Operation, entries: Sequence[Entry], actor: str, request_id: str, dry_run: bool
) -> Outcome:
    try:
        return operation.access.instance.record.apply(
            entries, actor=actor, request_id=request_id, dry_run=dry_run
        )
    except Refused as refused:
        if "entry" in refused.data:
            raise placed(refused, "entries", refused.data["entry"]) from refused
        raise


def _typed(entry: Any, kind: type[Entry] | None) -> Any:
    """An entry with the type of a command that takes one type only, where it is left out."""
    if kind is None or not isinstance(entry, dict) or "type" in entry or kind is Fact:
        return entry
    return {"type": kind.__name__, **entry}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


KINDS: dict[str, type[Entry] | None] = {
    "apply": None,
    **{_camel(name): kind for name, kind in COMMANDS.items()},
}
"""Every mutation, with what its entries are; None for any."""


def _command(name: str, kind: type[Entry] | None) -> Any:

    async def resolve(
        info: Info, entries: Entries, request_id: RequestId, dry_run: DryRun = False
    ) -> Applied | None:
        return await write(info.context, entries, request_id, dry_run, kind)

    resolve.__name__ = name
    if kind is None:
        description = "Record entries of any types, in their order, all or none."
    elif kind is Fact:
        description = "Takes facts."
    else:
        description = f"Takes entries of type {kind.__name__}, whose type may be left out."
    return strawberry.field(resolver=resolve, name=name, description=description)


ROOT_FIELDS = [_command(name, kind) for name, kind in KINDS.items()]
