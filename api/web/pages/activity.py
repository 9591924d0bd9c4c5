"""/activity: who recorded what, by day, actor and kind of entry, in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from typing import Any, Final, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import PageAddress
from api.web.event_sentences import named_in
from api.web.page_queries import ask
from api.web.pages.log import before_of, events_before
from api.web.render import show, takes
from domain.vocabulary import ADMINISTRATION

LOOKED_AT: Final = 4_000
"""Events that one page looks through, the newest of them first."""
RUNS: Final = 40
"""Runs of entries that a page shows."""
IN_SENTENCES: Final = 5
"""Entries of a run that are told each by itself."""


class ActivityRun(NamedTuple):
    """Entries of one kind that someone recorded on one day, one after the other, newest first."""

    day: str
    actor: str
    type: str
    events: list[dict[str, Any]]


@takes("before", "actor", "kind", "day")
async def activity(request: Request, state: PageAddress) -> Response:
    """GET /activity; `before` is a position, `actor`, `kind` and `day` narrow it"""
    given = request.query_params
    head = (await ask(request, "log", {"after": 0, "first": 1}))["log"]["position"]
    events = await events_before(request, min(before_of(request), head + 1), LOOKED_AT)
    asked = {key: given[key] for key in ("actor", "kind", "day") if given.get(key)}
    runs = list(_runs(each for each in events if _is_asked(each, asked)))
    more = runs[RUNS:]
    runs = runs[:RUNS]
    shown = [each["position"] for run in runs for each in run.events[:IN_SENTENCES]]
    after = runs[-1].events[-1]["position"] if more else events[-1]["position"] if events else 0
    return await show(
        request,
        state,
        "activity.html",
        days=[(day, list(of_day)) for day, of_day in groupby(runs, lambda run: run.day)],
        asked=asked,
        actors=Counter(each["actor"] for each in events),
        kinds=Counter(each["type"] for each in events),
        named=await named_in(request, state, head, events=shown),
        administration=ADMINISTRATION,
        most=IN_SENTENCES,
        older=after if after > 1 else None,
        kept=asked,
    )


def _is_asked(event: dict[str, Any], asked: dict[str, str]) -> bool:
    said = {"actor": event["actor"], "kind": event["type"], "day": event["recordedAt"][:10]}
    return all(said[key] == value for key, value in asked.items())


def _runs(events: Iterable[dict[str, Any]]) -> Iterable[ActivityRun]:
    def run_of(event: dict[str, Any]) -> tuple[str, str, str]:
        return event["recordedAt"][:10], event["actor"], event["type"]

    return (ActivityRun(*key, list(of_run)) for key, of_run in groupby(events, run_of))
