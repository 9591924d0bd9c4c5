"""Health: whether the process lives, and whether its answers are up to date."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from api.auth import Reader
from api.graphql.errors import failure
from api.rest.responses import answer
from projections import lookup
from projections.follower import Progress

PATIENCE: Final = 3.0
"""Seconds to wait for the database."""


async def live(request: Request) -> Response:
    """GET /health/live: 200 while the process answers."""
    return answer({"live": True})


async def ready(request: Request) -> Response:
    """GET /health/ready: 200 once the projections have caught up with the log and a follower keeps
    them so, else 503 with the reason."""
    try:
        head, seen = await _looked(request.app.state.reader)
    except Exception as error:
        words = failure(error)["message"]
        body = {"ready": False, "position": None, "head": None, "stopped": None, "why": words}
        return answer(body, 503)
    body = {"position": seen.position, "head": head, "stopped": None}
    why = None
    if seen.stopped_at is not None:
        body["stopped"] = {"position": seen.stopped_at, "why": seen.stopped_why}
        why = f"The answers stop before position {seen.stopped_at}, whose event can't be projected."
    elif not seen.is_followed:
        why = (
            f"The follower has not reported for {seen.silence:.0f} seconds: it has ended or stands "
            "still. What is sent is recorded; restart the server if this does not pass."
        )
    elif seen.position < head:
        why = f"The answers have come to position {seen.position} of {head}."
    if why is None:
        return answer({"ready": True, **body})
    return answer({"ready": False, **body, "why": why}, 503)


async def _looked(reader: Reader) -> tuple[int, Progress]:
    """The log's head and the progress. TimeoutError where the database does not answer."""

    async def look() -> tuple[int, Progress]:
        async with reader() as connection:
            # The head first: what is recorded between the two looks must not count against us.
            head = await lookup.head(connection)
            return head, await lookup.progress(connection)

    # Not cancelled in time: of a server that stands still, the end of a query is waited for.
    looking = asyncio.create_task(look())
    done, _ = await asyncio.wait({looking}, timeout=PATIENCE)
    if not done:
        looking.cancel()
        raise TimeoutError("the database does not answer")
    return looking.result()
