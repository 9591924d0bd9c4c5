"""/stories and /story/ID: what the record tells, view by view, with the clocks live."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import CLOCKS, PageAddress
from api.export.views import OF_STORY
from api.web.citation_panel import citation_panel
from api.web.page_queries import ask
from api.web.pages.entity import overview_values
from api.web.render import show, takes
from domain.errors import Refused

PAGE: Final = 50
"""Stories of a page of the list."""


class ToldText(NamedTuple):
    """A text in the language of the page, else in English, else in its first; and which that is."""

    text: str
    lang: str


class StoryLine(NamedTuple):
    """A story in a list: its title, the text of its first view, and how it stands."""

    id: str
    title: ToldText
    first: ToldText
    views: int
    sources: int
    recorded_at: str
    withdrawn: dict[str, Any] | None


@takes("after")
async def stories(request: Request, state: PageAddress) -> Response:
    """GET /stories"""
    after = request.query_params.get("after") or None
    lines, end = await listed(request, state, PAGE, after)
    return await show(request, state, "stories.html", stories=lines, end=end, kept={"after": after})


async def listed(
    request: Request, state: PageAddress, most: int, after: str | None = None
) -> tuple[list[StoryLine], str | None]:
    """The stories after a cursor, the newest first, and the cursor of further ones."""
    given = {"first": most, "after": after, **state.clocks}
    found = (await ask(request, "stories", given))["stories"]
    lines = [
        StoryLine(
            node["id"],
            told_in(node["titles"], "name", state.lang),
            told_in(node["views"][0]["texts"], "text", state.lang),
            len(node["views"]),
            len({each["source"]["id"] for each in node["citations"]}),
            node["recordedAt"],
            node["withdrawn"],
        )
        for node in (edge["node"] for edge in found["edges"])
    ]
    return lines, found["pageInfo"]["endCursor"] if found["pageInfo"]["hasNextPage"] else None


def told_in(texts: Sequence[dict[str, str]], key: str, lang: str) -> ToldText:
    """One of some texts."""
    by_language = {each["lang"]: each[key] for each in texts}
    best = next((each for each in (lang, "en") if each in by_language), texts[0]["lang"])
    return ToldText(by_language[best], best)


@takes("step", "sort")
async def story(request: Request, state: PageAddress) -> Response:
    """GET /story/ID?step=N: a view of a story, which an address without clocks shows as told."""
    given = {"id": request.path_params["id"], "lang": state.lang}
    found = (await ask(request, "story", given))["story"]
    views = found["views"]
    step = _step(request.query_params.get("step", ""), len(views))
    view = views[step - 1]
    own = state._replace(
        as_of=view["asOf"]["edtf"],
        known_at=view["knownAt"] and view["knownAt"]["edtf"],
        recorded_at=None,
        at_position=view["atPosition"],
    )
    state = own if not set(CLOCKS) & state.asked.keys() else state
    if view["entity"] is None:
        raise Refused("UNKNOWN_ENTITY", f"The entity of view {step} is not in the record there.")
    values = await overview_values(request, state, view["entity"]["id"])
    title = told_in(found["titles"], "name", state.lang)
    # Its files are of the whole story, not of a view: as told, or as withdrawn.
    last = found["withdrawn"] or found
    whole = PageAddress(state.lang, as_of=last["recordedAt"][:10])
    cited = {**found, "title": title.text}
    take = await citation_panel(request, whole, OF_STORY["story"], last["position"], cited)
    return await show(
        request,
        state,
        "story.html",
        **{**values, "picture": None, "take": take},
        tab="story",
        story=found,
        title=title,
        text=told_in(view["texts"], "text", state.lang),
        view=view,
        step=step,
        count_of_views=len(views),
        moved=state.asked != own.asked,
        told=True,
        kept={"step": str(step), "sort": request.query_params.get("sort") or None},
    )


def _step(text: str, most: int) -> int:
    if not text:
        return 1
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= most):
        raise Refused(
            "BAD_VALUE", f"{text[:40]!a} is no view of this story: write 1 to {most}.", field="step"
        )
    return int(text)
