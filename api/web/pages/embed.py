"""/embed/e/ID/QUESTION: a pinned answer without the page round it, for pages of others to show."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import PageAddress
from api.export.pinned_view import pin
from api.export.views import of_entity
from api.graphql.context import Access
from api.language.titles import labels_in, view_title
from api.rest.cross_origin import ancestors, shared
from api.rest.site import site_of
from api.web.page_queries import rows_of, words_of
from api.web.render import show
from domain.errors import Refused

POLICY: Final = (
    "default-src 'none'; style-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; "
)
ROWS: Final = 500
KEPT: Final = "public, max-age=3600"
"""What it says never changes; how it is said may, with the next version of the program."""


async def embed(request: Request, state: PageAddress) -> Response:
    """GET /embed/e/ID/QUESTION?asOf=…&atPosition=…: the first 500 rows of a question."""
    id_, question = request.path_params["id"], request.path_params["question"]
    views = {name: view for name, view in of_entity(words_of(request)).items() if view.question}
    if question not in views:
        raise Refused(
            "UNKNOWN_VIEW", f"There is no {question[:40]!a}; there are {', '.join(views)}."
        )
    if state.as_of is None or state.at_position is None:
        raise Refused(
            "NOT_PINNED",
            "What others show must not change under them: name a day and a position of the log, "
            "such as asOf=2025-11-10&atPosition=500.",
            field="asOf" if state.as_of is None else "atPosition",
        )
    access: Access = request.app.state.access
    clocks = {name: str(value) for name, value in state.clocks.items() if value is not None}
    pinned = await pin(access, views[question], id_, {**clocks, "lang": state.lang})
    name, rows, counts = await rows_of(request, pinned, ROWS)
    called = labels_in(state.lang, words_of(request))
    answer = await show(
        request,
        state,
        "embed.html",
        title=view_title(question, name, pinned.moment.variables(), None, called),
        rows=rows,
        count=counts[question],
        position=pinned.moment.position,
        page=pinned.page(),
        site=site_of(request),
    )
    answer.headers.update(shared(request) | {"cache-control": KEPT})
    answer.headers["vary"] = "accept-encoding, accept-language, origin"
    answer.headers["content-security-policy"] = POLICY + ancestors(request)
    return answer
