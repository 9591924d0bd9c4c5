"""Several dates that a format has in one place → one date."""

from __future__ import annotations

from collections.abc import Iterable


def one_of(dates: Iterable[str]) -> str:
    """Some one of several dates in EDTF; empty without any.

    One that says less of the same, as 2014 does beside 2014-03-17, says nothing more.
    """
    found = sorted(set(filter(None, dates)))
    kept = [a for a in found if not any(b != a and b.startswith(a) for b in found)]
    return kept[0] if len(kept) == 1 else f"[{','.join(map(unset, kept))}]" if kept else ""


def unset(text: str) -> str:
    """What is within the brackets of a set."""
    return text.strip("[]")
