"""/changes, /e/ID/members and their like: the page of a view that has no other, a plain list of its
first rows, with its files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import FIRST_POINT, PageAddress
from api.export.node_dates import Row
from api.export.pinned_view import PinnedView, pin
from api.export.views import OF_ENTITY, OF_RECORD, OF_SOURCE, ExportView, Kind, of_entity
from api.language.episodes import episode_words
from api.language.labels import RecordLabels, labels
from api.language.titles import fact_title, labels_in, view_title
from api.web.citation_panel import citation_panel
from api.web.page_queries import rows_of, words_of
from api.web.pages.chart import chart_of, count_title
from api.web.render import Page, show, takes
from domain.errors import Refused

ROWS: Final = 500
LISTED: Final = {
    **{f"/{name}": OF_RECORD[name] for name in ("record", "organisations", "changes")},
    **{f"/e/{{id}}/{name}": OF_ENTITY[name] for name in ("timeline", "facts", "quantities")},
    "/s/{id}/facts": OF_SOURCE["facts"],
}
"""Path → the view that is listed there."""


class ListRow(NamedTuple):
    """A row as the list shows it: where it leads, what it is, and what is known of it."""

    link: str
    text: str
    note: str


def listing(view: ExportView) -> Page:
    """The page of a view."""

    @takes(*view.takes, *(FIRST_POINT if view.kind is Kind.CHANGE else ()))
    async def listed(request: Request, state: PageAddress) -> Response:
        return await _listed(request, state, view)

    return listed


async def question(request: Request, state: PageAddress) -> Response:
    """GET /e/ID/QUESTION: any question that the record has."""
    name = request.path_params["question"]
    view = of_entity(words_of(request)).get(name)
    if view is None or view.question is None:
        raise Refused("NOT_FOUND", f"There is no page {name[:40]!a} of an entity.")
    return await _listed(request, state, view)


LISTINGS: Final[dict[str, Page]] = {
    **{path: listing(view) for path, view in LISTED.items()},
    "/e/{id}/{question}": question,
}


async def _listed(request: Request, state: PageAddress, view: ExportView) -> Response:
    subject = request.path_params.get("id")
    given = {**request.query_params, "lang": state.lang}
    pinned = await pin(request.app.state.access, view, subject, given)
    name, rows, counts = await rows_of(request, pinned, ROWS + 1)
    moment, since = pinned.moment.variables(), pinned.since
    more = pinned.narrowing | {
        key: value for key, value in given.items() if key in FIRST_POINT and value
    }
    called = labels_in(state.lang, words_of(request))
    chart, chart_title = None, ""
    if view.question and pinned.ids and name:
        asked = pinned.moment.point
        chart = await chart_of(request, state, pinned.ids[-1], view.question, asked)
        chart_title = count_title(name, view.question, called)
    return await show(
        request,
        state,
        "listing.html",
        kept=more,
        title=view_title(view.name, name or subject, moment, since and since.variables(), called),
        lines=list(_lines(pinned, rows[:ROWS], called)),
        has_more=len(rows) > ROWS,
        count=counts.get(view.name),
        chart=chart,
        picture=None if chart is None else f"{request.url.path}/count.png",
        chart_title=chart_title,
        take=await citation_panel(
            request,
            state,
            view,
            pinned.moment.position,
            {"id": subject, "name": name or subject},
            more=more,
            rows={view.name: None if len(rows) > ROWS else len(rows)},
            pictures={} if chart is None else {"count": f"{request.url.path}/count"},
        ),
    )


def _lines(pinned: PinnedView, rows: list[Row], called: RecordLabels) -> Iterator[ListRow]:
    words = called.spoken
    named = labels(words.gettext)
    for row in rows:
        match pinned.view.kind:
            case Kind.FACT:
                sources = words.gettext(", ").join(each["title"] for each in row["sources"])
                yield ListRow(f"/f/{row['id']}", fact_title(row, called), sources)
            case Kind.SOURCE:
                yield ListRow(f"/s/{row['id']}", row["title"], row["publisher"] or "")
            case Kind.QUANTITY:
                compared = named["comparator_label"](row["comparator"])
                said = " ".join(filter(None, [compared, f"{row['value']:g}", row["unit"]]))
                text = f"{row['measure']}: {said}"
                yield ListRow(f"/f/{row['fact']['id']}", text, words.span(row["when"]))
            case Kind.CHANGE:
                question = called.question(row["question"])
                text = f"{row['scope']['name']} · {question} · {row['subject']['name']}"
                causes = words.gettext(", ").join(map(named["cause_label"], row["causes"]))
                yield ListRow(f"/e/{row['scope']['id']}/changes", text, causes)
            case Kind.EVENT:
                text = f"#{row['position']} {called.event(row['type'])}: {row['id']}"
                yield ListRow(
                    f"/log?before={row['position'] + 1}", text, words.iso(row["recordedAt"])
                )
            case Kind.HELD:
                yield ListRow(
                    f"/e/{row['entity']['id']}",
                    row["entity"]["name"],
                    episode_words(row, called).line(words),
                )
            case _:
                yield ListRow(f"/e/{row['id']}", row["name"], row["iso3166"] or "")
