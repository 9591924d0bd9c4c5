"""Stretches: what is there along K, from one day up to but not including another."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Generic, TypeVar

from domain.dates import AFTER_ALL, BEFORE_ALL

T = TypeVar("T")
N = TypeVar("N")


class Stretch(Generic[T]):
    """An item that is there from one day of K up to but not including another."""

    __slots__ = ("first", "item", "until")

    def __init__(self, item: T, first: int, until: int) -> None:
        self.item = item
        self.first = first
        self.until = until


Stretches = list[Stretch[T]]
Changed = dict[N, tuple[Stretches[T], Stretches[T]]]
"""By name, the stretches before and after. What did not change is the same object in both."""


def cuts(days: Iterable[int], first: int = BEFORE_ALL) -> list[int]:
    """A day of K, and those of `days` after it, in order."""
    return [first, *sorted([day for day in days if first < day < AFTER_ALL])]


def _alone(item: object) -> Hashable:
    return None


def along(
    steps: Sequence[tuple[int, Iterable[T]]],
    name: Callable[[T], Hashable] = _alone,
    before: Iterable[Stretch[T]] = (),
) -> Stretches[T]:
    """What is there along K, in stretches, given what is from each of `cuts` on to the next.

    `name` tells apart what is there at the same time. Up to the first it is as it was `before`.
    """
    first = steps[0][0]
    since: dict[Hashable, Stretch[T]] = {}
    found: Stretches[T] = []
    for stretch in before:
        if stretch.until < first:
            found.append(stretch)
        elif stretch.first < first:
            since[name(stretch.item)] = Stretch(stretch.item, stretch.first, AFTER_ALL)
    for k, items in steps:
        now = {name(item): item for item in items}
        for called, open_ in list(since.items()):
            if called not in now or now[called] != open_.item:
                open_.until = k
                found.append(open_)
                del since[called]
        for called, item in now.items():
            if called not in since:
                since[called] = Stretch(item, k, AFTER_ALL)
    found += since.values()
    return found


def item_at(stretches: Stretches[T], k: int) -> T | None:
    """What is there on a day of K, of stretches in order."""
    low, high = 0, len(stretches)
    while low < high:
        middle = (low + high) // 2
        if stretches[middle].until <= k:
            low = middle + 1
        else:
            high = middle
    if low < len(stretches) and stretches[low].first <= k:
        return stretches[low].item
    return None


def reuse(
    before: Stretches[T], after: Stretches[T], name: Callable[[T], Hashable] = _alone
) -> Stretches[T]:
    """The stretches after, those that were there before being the same objects."""
    if not before:
        return after
    old = {(name(each.item), each.first, each.until): each for each in before}
    found: Stretches[T] = []
    for each in after:
        was = old.get((name(each.item), each.first, each.until))
        found.append(was if was is not None and was.item == each.item else each)
    return found


def only_in_one(before: Stretches[T], after: Stretches[T]) -> Stretches[T]:
    """The stretches that are not in both, compared by which objects they are."""
    if not before:
        return after
    old, new = set(before), set(after)
    return [each for each in before if each not in new] + [
        each for each in after if each not in old
    ]
