"""Health: whether the process lives, and whether its answers are up to date."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from api.graphql.errors import failure
from api.rest.answers import answer
from projections import lookup


async def live(request: Request) -> Response:
    """GET /health/live: 200 while the process answers."""
    return answer({"live": True})


async def ready(request: Request) -> Response:
    """GET /health/ready: 200 once the projections have caught up with the log, else 503."""
    try:
        async with request.app.state.reader() as connection:
            # The head first: what is recorded between the two looks must not count against us.
            head = await lookup.head(connection)
            seen = await lookup.progress(connection)
    except Exception as error:
        words = failure(error)["message"]
        body = {"ready": False, "position": None, "head": None, "stopped": None, "why": words}
        return answer(body, 503, {"retry-after": "1"})
    stopped = None
    if seen.stopped_at is not None:
        stopped = {"position": seen.stopped_at, "why": seen.stopped_why}
    is_ready = seen.position >= head and stopped is None
    body = {"ready": is_ready, "position": seen.position, "head": head, "stopped": stopped}
    return answer(body, 200 if is_ready else 503)
