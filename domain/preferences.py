"""A preference chooses between facts that date the same thing."""

from __future__ import annotations

from domain.corrections import FactPreferred
from domain.dates import MAX_DAY
from domain.errors import Refused
from domain.fact_history import Lives


def check_preference(entry: FactPreferred, lives: Lives) -> None:
    """Refuse a preference for a report, and one over a fact that speaks of something else."""
    fluents = _fluents(entry.fact, lives)
    if not fluents:
        raise Refused(
            "NO_FLUENT",
            f"The fact {entry.fact} is a report: it starts or ends nothing, so there is nothing to "
            "prefer it for. Dispute or retract the other instead.",
            field="fact",
        )
    for number, other in enumerate(entry.over):
        if fluents.isdisjoint(_fluents(other, lives)):
            spoken = " or ".join(" ".join(fluent) for fluent in sorted(fluents))
            raise Refused(
                "OTHER_FLUENT",
                f"The fact {other} does not speak of {spoken}, as {entry.fact} does: a "
                "preference chooses between dates of the same thing.",
                field=f"over[{number}]",
            )


def _fluents(fact: str, lives: Lives) -> set[tuple[str, str, str]]:
    """The fluents of a fact's own effects, by everything that is known."""
    version, canonical = lives.of(fact).version(MAX_DAY), lives.dossier.canonical
    return {
        (
            effect.fluent,
            canonical(getattr(version, effect.scope), MAX_DAY),
            canonical(getattr(version, effect.subject), MAX_DAY),
        )
        for effect in version.effects
    }
