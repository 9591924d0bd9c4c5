"""How far what the record can name is from what a source counted, and what that may come from."""

from __future__ import annotations

from typing import Any, NamedTuple


class Gap(NamedTuple):
    """A reported count beside ours. `missing` members are counted and not named, `beyond` named
    and not counted; both are 0 where the report may be right about what we have."""

    report: dict[str, Any]
    missing: int
    beyond: int

    @property
    def differs(self) -> bool:
        """Whether the report contradicts what we have."""
        return bool(self.missing or self.beyond)


def gap(count: dict[str, Any], report: dict[str, Any]) -> Gap:
    """Of the counts of an answer and one report for its day."""
    least, most = count["certain"], count["certain"] + count["possible"]
    value, comparator = report["value"], report["comparator"]
    floor = {">": value + 1, "<": 0, "<=": 0}.get(comparator, value)
    ceiling = {">": None, ">=": None, "<": value - 1}.get(comparator, value)
    missing = max(0, floor - most)
    beyond = 0 if ceiling is None else max(0, least - ceiling)
    return Gap(report, missing, beyond)
