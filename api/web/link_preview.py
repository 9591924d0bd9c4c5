"""What a page tells those who link to it: its canonical address, and the picture of a preview."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from starlette.requests import Request

from api.addresses import CLOCKS, PageAddress
from api.rest.site import site_of
from domain.dates import iso_of, today

NOT_OWN: Final = {*CLOCKS, "lang", "evidence"}
PRIVATE: Final = ("/edit", "/import")
"""First steps of addresses that nobody links to."""
CARD: Final = "/card.png"


class LinkPreview(NamedTuple):
    """The day and the log position of a page, where it is for good, where its picture is, and
    whether a search engine should list it.

    A page at a point of the clocks is one of very many: it can be linked to, and is not listed.
    """

    site: str
    day: str
    position: int | None
    canonical: str
    picture: str
    is_listed: bool


def link_preview(
    request: Request, state: PageAddress, values: Mapping[str, Any]
) -> LinkPreview | None:
    """The preview of a page; `values` are the template's. `picture` among them is the path of a
    picture that tells more than a card of the page's title."""
    path = request.url.path
    if path.startswith(PRIVATE):
        return None
    own = {name: value for name, value in request.query_params.items() if name not in NOT_OWN}
    site = site_of(request)
    day = state.as_of or iso_of(today())
    position = None if state.recorded_at is not None else _position(values)
    pinned: dict[str, Any] = {"asOf": day, "lang": state.lang}
    if position is not None:
        pinned["atPosition"] = position
    drawn = values.get("picture")
    if drawn is None:
        pinned["page"] = PageAddress(state.lang).link(path, **own)
    # A story's view has clocks of its own where its address has none.
    is_at_point = any(name in request.query_params for name in CLOCKS)
    bare = state if is_at_point else PageAddress(state.lang, state.lang_given)
    return LinkPreview(
        site,
        day,
        position,
        site + bare.link(path, **own),
        site + state.link(drawn or CARD, **pinned),
        not is_at_point,
    )


def _position(values: Mapping[str, Any]) -> int | None:
    """The log position that a page is of, where it says so."""
    for name in ("take", "bar"):
        if values.get(name) is not None:
            position: int = values[name].position
            return position
    return None
