"""The audit of the log: every stored event is read and hashed again, and all that speaks of it.

Two trees are grown on the way, one of the hashes of the events as they are stored and one of the
leaves as they are kept: where only one of the two was touched, the other still leads to the signed
roots, and what was touched can be told from what was not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import starmap
from typing import Any, NamedTuple

import psycopg

from domain.checkpoint import Checkpoint, VerifierKey, open_checkpoint
from domain.errors import Refused
from domain.merkle import Frontier
from store.request_audit import RequestAudit
from store.sql import queries
from store.tree import BATCH, above_of, stored_hash
from store.witnesses import Leaves, RootClaim

SQL = queries("store", "audit.sql")
TREE = queries("store", "tree.sql")
MOST = 1_000
"""Problems of one kind that are listed."""


class LogProblem(NamedTuple):
    """What is wrong, and at which position of the log; `event` is the id that its author gave."""

    position: int | None
    what: str
    event: str | None = None


class Item(NamedTuple):
    """What the log has at a position: an event, a leaf, or as it should be both."""

    position: int
    event: tuple[str, bytes, list[str]] | None
    number: int | None
    leaf: bytes | None
    above: bytes | None


def audit_log(
    connection: psycopg.Connection[Any],
    key: VerifierKey | None,
    published: Sequence[tuple[RootClaim, Leaves]] = (),
    seen: Callable[[int], None] = lambda events: None,
) -> Iterator[LogProblem]:
    """All that is wrong with the log, in a transaction that sees one state of the database.

    The checkpoints are checked under the key; with none, their signatures are not.
    """
    claims = [claim for claim, _ in published]
    for size, note in connection.execute(SQL["checkpoints"]).fetchall():
        try:
            claims.append(_claim(size, note, key))
        except Refused as refused:
            claims.append(RootClaim(size, b"", f"The checkpoint of {size} events", refused.message))
    walk = Walk(claims, [leaves for _, leaves in published])
    requests = RequestAudit(connection)
    for item in _items(connection):
        yield from walk.take(item)
        if item.event is not None:
            yield from starmap(LogProblem, requests.take(item.position, item.event))
        if walk.events % BATCH == 0:
            seen(walk.events)
    seen(walk.events)
    yield from starmap(LogProblem, requests.end())
    row = connection.execute(TREE["head"]).fetchone()
    yield from walk.end(*(row or (0, 0, [])))
    for position, tag, how in connection.execute(SQL["tags"]).fetchmany(MOST):
        yield LogProblem(
            position, f"the index of tags {how} {tag!a} for it, unlike the event itself"
        )
    for request, position, recorded, found, last in connection.execute(SQL["requests"]):
        yield LogProblem(
            position,
            f"the request {request!a} is kept as {recorded} events up to position {position}, but "
            f"{found} have it, the last at {last}",
        )


def audit_signed(connection: psycopg.Connection[Any], note: str) -> Iterator[LogProblem]:
    """A checkpoint that was signed and is not kept any more: some were deleted."""
    if connection.execute(SQL["checkpoint"], {"note": note}).fetchone() is None:
        size = note.split("\n")[1:2]
        yield LogProblem(
            None, f"the checkpoint of {''.join(size)[:20]} events that was signed here is gone"
        )


def _claim(size: int, note: str, key: VerifierKey | None) -> RootClaim:
    where = f"The checkpoint of {size} events"
    if key is None:
        head = Checkpoint.parse(note.rpartition("\n\n")[0] + "\n")
    else:
        head = open_checkpoint(note, key).head
    wrong = "" if head.size == size else f"It is kept for {size} events, but is of {head.size}."
    return RootClaim(size, head.root, where, wrong)


def _items(connection: psycopg.Connection[Any]) -> Iterator[Item]:
    """Events and leaves side by side, by position."""
    with (
        connection.cursor(name="audited_events") as events,
        connection.cursor(name="audited_leaves") as leaves,
    ):
        events.itersize = leaves.itersize = BATCH
        events.execute(SQL["events"])
        leaves.execute(SQL["leaves"])
        event, leaf = next(events, None), next(leaves, None)
        while event is not None or leaf is not None:
            if leaf is None or (event is not None and event[0] < leaf[0]):
                assert event is not None
                yield Item(event[0], event[1:], None, None, None)
                event = next(events, None)
            elif event is None or leaf[0] < event[0]:
                yield Item(leaf[0], None, *leaf[1:])
                leaf = next(leaves, None)
            else:
                yield Item(event[0], event[1:], *leaf[1:])
                event, leaf = next(events, None), next(leaves, None)


class Walk:
    """The pass over the log: what it has seen, and what it is to compare with on the way."""

    def __init__(self, claims: Iterable[RootClaim], published: Sequence[Leaves]) -> None:
        self.events = 0
        self._hashed, self._kept = Frontier(), Frontier()
        self._next, self._without = 0, 0
        self._claims = sorted(claims, key=lambda claim: claim.size)
        self._roots: dict[int, set[bytes]] = {claim.size: set() for claim in self._claims}
        self._ends: dict[int, int] = {}
        self._published = published
        self._last: int | None = None
        self._last_leaf: int | None = None
        self._note_roots(0)

    def take(self, item: Item) -> Iterator[LogProblem]:
        """The next of what the log has, and what is wrong with it."""
        position, event, index, leaf, above = item
        self._last = position
        found = leaf
        if event is None:
            yield LogProblem(position, f"the event is gone; its leaf {index} is still there")
        else:
            self.events += 1
            found = stored_hash(*event, position)
        assert found is not None
        expected = [above_of(self._hashed, found)]
        if leaf is None:
            self._without += 1
            yield LogProblem(position, "the event has no leaf in the tree")
        else:
            self._last_leaf = position
            expected.append(above_of(self._kept, leaf))
            if found != leaf:
                yield LogProblem(position, "the event as it is stored does not hash to its leaf")
            if index not in (self._next, self._next + self._without):
                yield LogProblem(position, f"its leaf is number {index}, not {self._next}")
                index = self._next
            assert index is not None
            self._next, self._without = index + 1, 0
            if above not in expected:
                yield LogProblem(
                    position, "the tree's nodes above its leaf are not those of the log"
                )
            if found == leaf:
                for leaves in self._published:
                    if leaves.differ(index, leaf):
                        yield LogProblem(
                            position, f"it is not the event that was published at {leaves.folder}"
                        )
        for size in {self._hashed.size, self._kept.size}:
            self._note_roots(size)

    def _note_roots(self, size: int) -> None:
        if size in self._roots:
            self._ends.setdefault(size, self._last or 0)
            for tree in (self._hashed, self._kept):
                if tree.size == size:
                    self._roots[size].add(tree.root())

    def end(self, size: int, position: int, peaks: list[bytes]) -> Iterator[LogProblem]:
        """What is wrong with the head, and with the claims about the log."""
        trees = [tree for tree in (self._hashed, self._kept) if tree.size == size]
        if not trees:
            yield LogProblem(
                self._last,
                f"the tree's head is of {size} events; the log has {self._hashed.size}",
            )
        elif peaks not in [tree.peaks for tree in trees]:
            yield LogProblem(self._last, "the tree's head, made with it, is not that of the log")
        if position != (self._last_leaf or 0):
            yield LogProblem(
                self._last_leaf, f"the tree's head says that the last event is at {position}"
            )
        yield from self._claimed()
        for leaves in self._published:
            if words := leaves.finish():
                yield LogProblem(None, words)

    def _claimed(self) -> Iterator[LogProblem]:
        good, told = 0, False
        for claim in self._claims:
            at = self._ends.get(claim.size, self._last)
            if claim.wrong:
                yield LogProblem(
                    at, f"{claim.where}, made with it, can't be trusted: {claim.wrong}"
                )
            elif claim.size not in self._ends:
                yield LogProblem(
                    at,
                    f"{claim.where} is of more events than the log has: {self._hashed.size}, of "
                    "which this is the last",
                )
            elif claim.root in self._roots[claim.size]:
                good = claim.size
            elif not told:  # what was touched before it touches all later ones
                told = True
                yield LogProblem(
                    at,
                    f"{claim.where} is of other events: one of leaves {good} to {claim.size - 1}, "
                    "of which this is the last, was touched together with its leaf",
                )
