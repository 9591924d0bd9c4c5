"""A handover ends a fluent on one side and starts it on another: the sides must not be the same."""

from __future__ import annotations

from domain.errors import Refused
from domain.facts import BaseHandedOver, Effect, Fact
from domain.sources import Entry


def check_handover(entry: Entry, within: str) -> None:
    """Refuse a handover to the one that hands over. Corrections that count from different days may
    make one of a fact between them: that ends and starts one fluent."""
    if not isinstance(entry, Fact) or len(entry.effects) < 2:
        return
    one, other = entry.effects
    if one.fluent != other.fluent or _sides(entry, one) != _sides(entry, other):
        return
    keys = (one.scope, other.scope), (one.subject, other.subject)
    before, after = next((pair for pair in keys if pair[0] != pair[1]), keys[0])
    if isinstance(entry, BaseHandedOver):
        words = f"hands {entry.base} over from {entry.operator} to itself"
    else:
        words = f"names {getattr(entry, before)} in `{before}` and in `{after}`"
    raise Refused(
        "HANDED_TO_ITSELF",
        f"The fact {entry.id} {words}: name another one in `{after}`, or record nothing.",
        field=f"{within}{after}",
    )


def _sides(fact: Fact, effect: Effect) -> tuple[str, str]:
    return getattr(fact, effect.scope), getattr(fact, effect.subject)
