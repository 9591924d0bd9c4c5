"""/e/ID/rectangles: what the record says of an entity along its clocks, for a page's sliders.

A range is [from, until], null for no bound; days are numbers, 1970-01-01 is 0; an empty range is
null. A row holds at a point that lies in its `possible`, `known` and `recorded`. Where there are
too many, it is not `complete`, has some of those of one point, and /e/ID/density counts all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from psycopg.types.range import Range
from starlette.requests import Request
from starlette.responses import Response

from api.addresses import PageAddress
from api.language.episodes import episode_words
from api.language.labels import RecordLabels
from api.language.words import Words, named, words
from api.web.held_order import beginning
from api.web.page_queries import ask_at, rectangles_of, words_of
from api.web.render import sent
from domain.dates import iso_of, today
from domain.facts import EXISTENCE
from domain.intervals import ANNOUNCEMENT
from projections.asof import Row
from projections.rectangles import Rectangles


async def rectangles(request: Request, state: PageAddress) -> Response:
    """GET /e/ID/rectangles"""
    found = await ask_at(request, state, "entity", id=request.path_params["id"])
    entity, position = found["entity"]["id"], state.position(found["log"]["position"])
    told = await rectangles_of(request, entity, position, state)
    called = RecordLabels(words(state.lang), words_of(request))

    def content() -> bytes:
        return msgspec.json.encode(_content(entity, position, told, called))

    return await sent(request, content, "application/json")


def _content(entity: str, position: int, told: Rectangles, called: RecordLabels) -> dict[str, Any]:
    return {
        "entity": entity,
        "position": position,
        "today": today(),
        "complete": told.complete,
        "rows": [
            row
            for each in told.intervals
            if each["fluent"] != EXISTENCE.name
            for row in _sides(entity, each, told.source_names, called)
        ],
        "reports": [
            {
                "id": each["id"],
                "type": each["type"],
                "event": called.event(each["type"]),
                "on": [_day(each["earliest"]), _day(each["latest"])],
                "known": _range(each["known"]),
                "recorded": _range(each["recorded"]),
            }
            for each in told.reports
        ],
        "names": _names(told.names, called.spoken.lang),
        "days": [[each["day"], each["first"], each["last"]] for each in told.days],
        "words": spoken_words(called.spoken),
    }


def _sides(
    entity: str, row: Row, sources: Mapping[str, str], called: RecordLabels
) -> list[dict[str, Any]]:
    """The row as each question about the entity has it."""
    fluent = called.vocabulary.fluents[row["fluent"]]
    node = node_of(row, sources)
    said = episode_words(node, called)
    told = {
        "ordinal": row["ordinal"],
        "announced": row["ordinal"] == ANNOUNCEMENT,
        "possible": _range(row["possible"]),
        "certain": _range(row["certain"]),
        "known": _range(row["known"]),
        "recorded": _range(row["recorded"]),
        "since": said.since,
        "start": beginning(node["since"]),
        "began": _event(row, called, is_start=True),
        "ended": _event(row, called, is_start=False),
        "fact": said.fact,
        "notes": said.notes,
        "attested": said.attested,
        "contested": row["contested"],
        "disputed": row["disputed"],
        "disagreeing": bool(row["alternatives"]),
        "sources": len(row["sources"]),
    }
    found = []
    if row["scope"] == entity:
        found.append({"question": fluent.question, "whom": row["subject"], **told})
    if row["subject"] == entity and fluent.inverse:
        found.append({"question": fluent.inverse, "whom": row["scope"], **told})
    return found


def _event(row: Row, called: RecordLabels, *, is_start: bool) -> str | None:
    """What began or ended a row, as its event is called. Where no fact of the row did, a beginning
    is told by what the rows are called, an end not at all."""
    for fact in row["facts"]:
        found = called.vocabulary.fact_types.get(fact["type"])
        for effect in found.entry.effects if found else ():
            if effect.fluent == row["fluent"] and effect.is_start is is_start:
                return called.event(fact["type"])
    return called.view(called.vocabulary.fluents[row["fluent"]].question) if is_start else None


def node_of(row: Row, sources: Mapping[str, str]) -> dict[str, Any]:
    """An interval as GraphQL's node has it, as far as its words need it."""
    is_announced = row["ordinal"] == ANNOUNCEMENT
    start = (None, None) if is_announced else (row["start_earliest"], row["start_latest"])
    return {
        "since": _span(row["since"], *start),
        "until": _span(row["until"], row["end_earliest"], row["end_latest"])
        if row["ended"]
        else None,
        "facts": row["facts"],
        "attested": _iso(row["attested"]),
        "alternatives": [
            {
                **{side: each[side] and _span(**each[side]) for side in ("since", "until")},
                **_who(each, sources),
                "setAside": each["setAside"],
            }
            for each in row["alternatives"]
        ],
        "announcedEnds": [
            {**_span(**each["until"]), **_who(each, sources)} for each in row["announced_ends"]
        ],
    }


def _who(row: Row, sources: Mapping[str, str]) -> dict[str, Any]:
    named = [{"title": sources[name]} for name in row["sources"] if name in sources]
    return {"facts": [row["fact"]], "sources": named}


def _names(rows: list[Row], lang: str) -> dict[str, list[dict[str, Any]]]:
    """What each is called, and its place in the order of all names."""
    keys = [(named(row["names"], lang).casefold(), row["id"]) for row in rows]
    places = {key: place for place, key in enumerate(sorted(set(keys)))}
    found: dict[str, list[dict[str, Any]]] = {}
    for row, key in zip(rows, keys, strict=True):
        found.setdefault(row["id"], []).append(
            {
                "name": named(row["names"], lang),
                "order": places[key],
                "kind": row["kind"],
                "iso": row["iso3166"],
                "valid": _range(row["valid"]),
                "known": _range(row["known"]),
                "recorded": _range(row["recorded"]),
            }
        )
    return found


def spoken_words(spoken: Words) -> dict[str, Any]:
    """What a page's script says, in its language."""
    _ = spoken.gettext

    def plural(one: str, many: str) -> dict[str, str]:
        """By each plural form of the language, the message in that form."""
        return {form: spoken.ngettext(one, many, number) for form, number in forms.items()}

    forms = spoken.examples()
    return {
        "months": spoken.months,
        "CERTAIN": _("Certain"),
        "POSSIBLE": _("Possible"),
        "ANNOUNCED": _("Announced"),
        "contested": _("Contested"),
        "disputed": _("Disputed"),
        "none": _("No member is known for that day."),
        "claims": _("Who says what"),
        "attested": _("last attested %(day)s"),
        "filter": _("Filter members…"),
        "all": _("All years"),
        "near": _("Around it"),
        "today": _("today"),
        "copied": _("Copied"),
        "close": _("Close"),
        "unread": _("That can't be read as a date: write a year, a month or a day."),
        "play": _("Play"),
        "pause": _("Pause"),
        "step": _("Next change"),
        "ended": _("No longer"),
        "more": plural("and %(num)s more", "and %(num)s more"),
        "members": plural("%(num)s member", "%(num)s members"),
        "memberRange": plural("%(least)s to %(num)s member", "%(least)s to %(num)s members"),
        "range": _("%(least)s to %(most)s"),
        "sources": plural("%(num)s source", "%(num)s sources"),
    }


def _span(edtf: str | None, earliest: int | None, latest: int | None) -> dict[str, Any]:
    return {"edtf": edtf, "earliest": _iso(earliest), "latest": _iso(latest)}


def _iso(day: int | None) -> str | None:
    return None if day is None else iso_of(day)


def _day(day: int) -> int | None:
    return None if abs(day) >= 2**31 - 1 else day


def _range(span: Range[int]) -> list[int | None] | None:
    return None if span.isempty else [span.lower, span.upper]
