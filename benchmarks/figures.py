"""Figures: times with their spread, each beside its floor or peer, as a table and as JSON."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

OURS = "ours"


@dataclass(frozen=True, slots=True)
class Spread:
    """Of times in milliseconds, rates in things a second, or bytes: `n` measurements."""

    n: int
    min: float
    p25: float
    median: float
    p75: float
    p99: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Raises ValueError where there are no values."""
        if not values:
            raise ValueError("nothing was measured")
        ordered = sorted(values)

        def at(share: float) -> float:
            return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

        return cls(
            len(ordered), ordered[0], at(0.25), statistics.median(ordered), at(0.75), at(0.99)
        )


class Target(NamedTuple):
    """How our median is to stand to another way's, or what it, or our p99, is to be itself."""

    at_most: float | None = None
    at_least: float | None = None
    by: str = "median"

    def met(self, value: float) -> bool:
        return (self.at_most is None or value <= self.at_most) and (
            self.at_least is None or value >= self.at_least
        )

    def __str__(self) -> str:
        words = f"≤ {self.at_most:,g}" if self.at_most is not None else f"≥ {self.at_least:,g}"
        return words if self.by == "median" else f"{self.by} {words}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing measured in several ways, in turns in one run.

    `ways` are by name, ours among them as `ours`. `targets` are by the name of the way that ours
    is held against; the one named `ours` is of our own median.
    """

    part: str
    what: str
    unit: str
    ways: dict[str, Spread]
    targets: Mapping[str, Target] = field(default_factory=dict)

    def ratios(self) -> dict[str, float]:
        """Of our median to that of each other way."""
        ours = self.ways[OURS].median
        return {
            name: ours / spread.median
            for name, spread in self.ways.items()
            if name != OURS and spread.median
        }

    def met(self, way: str) -> bool | None:
        """Whether a target is met; None where there is none."""
        if way not in self.targets:
            return None
        target = self.targets[way]
        if way == OURS:
            return target.met(float(getattr(self.ways[OURS], target.by)))
        return target.met(self.ratios()[way])

    def written(self) -> dict[str, Any]:
        """As the JSON has it."""
        return {
            **asdict(self),
            "targets": {name: target._asdict() for name, target in self.targets.items()},
            "ratios": self.ratios(),
            "met": {name: self.met(name) for name in self.targets},
        }


Way = Callable[[], Sequence[float]]
"""Measures something once or more: milliseconds, or whatever the figure's unit is."""


def timed(work: Callable[[], object], times: int = 1) -> Way:
    """A way that is timed in this process, in milliseconds."""

    def way() -> list[float]:
        taken = []
        for _ in range(times):
            start = time.perf_counter()
            work()
            taken.append((time.perf_counter() - start) * 1_000)
        return taken

    return way


def in_turns(ways: Mapping[str, Way], rounds: int, seconds: float = 3_600) -> dict[str, Spread]:
    """What the ways measure, in turns, after one round that does not count.

    Once `seconds` are over no other round is begun; one counts at least.
    """
    found: dict[str, list[float]] = {name: [] for name in ways}
    until = time.monotonic() + seconds
    for number in range(rounds + 1):
        for name, way in ways.items():
            measured = way()
            if number:
                found[name] += measured
        if number and time.monotonic() > until:
            break
    return {name: Spread.of(values) for name, values in found.items()}


def show(figures: Sequence[Figure], absent: Mapping[str, str], console: Console) -> None:
    """The table: a line for each way, with the ratio of ours to it."""
    table = Table(
        "what", "way", "unit", *("min", "p25", "median", "p75", "p99", "n"), "ours ÷ it", "target"
    )
    for column in table.columns[3:9]:
        column.justify = "right"
    for figure in figures:
        ratios = figure.ratios()
        for number, (name, spread) in enumerate(figure.ways.items()):
            mark = {None: "", True: "met", False: "[bold red]missed[/]"}[figure.met(name)]
            table.add_row(
                figure.what if number == 0 else "",
                name,
                figure.unit,
                *(_short(value) for value in list(asdict(spread).values())[1:]),
                str(spread.n),
                f"{ratios[name]:.2f}" if name in ratios else "",
                f"{figure.targets[name]} {mark}" if mark else "",
            )
        table.add_section()
    console.print(table)
    for name, why in absent.items():
        console.print(f"Absent: {name}: {why}")


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"
