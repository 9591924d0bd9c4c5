"""The HTTP app: GraphQL, health, metrics and the GraphiQL page, over a running record."""

from __future__ import annotations

import asyncio
import logging
import os
import select
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache, partial
from urllib.parse import quote

import psycopg
from fastapi import FastAPI
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match

from api.auth import Holders, Oidc, Reader
from api.background import running
from api.costly_pool import AT_ONCE, Clients, CostlyPool
from api.graphql.answer_cache import AnswerCache, ProjectionHead
from api.graphql.context import Access
from api.graphql.execution import session
from api.graphql.schema import schema_of
from api.instance import Instance
from api.memory import keep_little
from api.replicas import Replicas
from api.rest.body import BodyLimit
from api.rest.hosts import AllowedHosts
from api.rest.metrics import Metrics, Observed
from api.rest.negotiation import takes_html
from api.rest.responses import SafeHeaders, refused
from api.routes import GRAPHQL, add_routes, described
from api.session import session_pool
from api.web.importing.sent_table import IMPORT, MOST_SENT
from api.web.preload import warm
from api.web.render import problem
from projections.follower_process import Follower, Following
from store.checkpoints import Signing

LEARN_EVERY = 1.0
"""Seconds after which definitions are looked for though nothing was projected."""
LEARN_AFTER = 0.2
"""Seconds from one look to the next."""
log = logging.getLogger("sijill")

CONNECTIONS = 8
"""To the database, for reading; an operation uses one."""
SUPPOSING = 4
"""Operations that answer suppositions at once, each with a session that no other uses."""
PATIENCE = 2.0
"""Seconds to wait for a free one before answering that we are too busy."""

ROUTES = (
    *(GRAPHQL, "/graphiql", "/health/live", "/health/ready", "/metrics", "/search.json"),
    *("/log/checkpoint", "/log/vkey", "/log/proof/answer"),
)
"""Paths that are counted each by itself."""


def create_app(
    instance: Instance,
    *,
    prepare: Callable[[], None] = warm,
    follow: type[Following] = Follower,
) -> FastAPI:
    """The app; while it runs, a follower keeps the projections up to date.

    `prepare` runs in a thread once it has started.
    """
    keep_little()
    counted, answers = Metrics(), AnswerCache(instance.settings.answer_cache)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        pool = _connections(instance, CONNECTIONS)
        signing = Signing(
            instance.database, instance.signer, log.warning, remember=instance.remember_signed
        )
        instance.vocabulary.prepare = schema_of
        await asyncio.to_thread(instance.vocabulary.refresh)
        with follow(instance.database, log.warning), signing:
            costly = CostlyPool(partial(_reader, instance))
            sessions = session_pool(instance.database, AT_ONCE, PATIENCE)
            async with (
                pool,
                costly,
                counted.loop.watching(),
                answers.head.listening(instance.database, log.warning),
                running(_learn(instance, answers.head, pool.connection)),
            ):
                app.state.reader, app.state.sessions = pool.connection, sessions
                app.state.holders = Holders(pool.connection)
                app.state.instance = instance
                app.state.access = Access(
                    app.state.instance,
                    pool.connection,
                    answers=answers,
                    metrics=counted,
                    supposing=asyncio.Semaphore(SUPPOSING),
                    costly=costly,
                )
                warming = asyncio.create_task(asyncio.to_thread(prepare))
                sessions.open()
                async with _replicas(instance, pool.connection) as app.state.replicas:
                    yield
                await warming
                await asyncio.to_thread(sessions.close)

    app = FastAPI(
        title="Sijill",
        lifespan=lifespan,
        docs_url=None,  # FastAPI's own pages load scripts from another host
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,  # it would trust the Host of the request
    )
    app.state.metrics = counted
    app.state.oidc = Oidc.read(os.environ)
    add_routes(app)
    app.openapi = cache(partial(described, app))  # type: ignore[method-assign]
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _failure)
    app.add_middleware(BodyLimit, streamed={IMPORT: MOST_SENT})
    app.add_middleware(AllowedHosts, settings=instance.settings)
    app.add_middleware(Clients)
    app.add_middleware(SafeHeaders)
    app.add_middleware(Observed, metrics=counted, routes=ROUTES)
    return app


def _connections(instance: Instance, most: int) -> AsyncConnectionPool[AsyncConnection]:
    """A pool of connections for reading, not yet open."""
    return AsyncConnectionPool(
        instance.database.url,
        connection_class=AsyncConnection,
        kwargs={**session(instance.database), "autocommit": True},
        min_size=1,
        max_size=most,
        timeout=PATIENCE,
        check=_check,
        open=False,
    )


async def _learn(instance: Instance, head: ProjectionHead, reader: Reader) -> None:
    """Take new definitions in, soon after they are projected.

    The schema for them is made in a thread, before anybody asks by it.
    """
    while True:
        await head.moves(LEARN_EVERY)
        try:
            async with reader() as connection:
                await instance.vocabulary.read_on(connection)
        except (psycopg.Error, PoolTimeout) as error:
            log.warning("definitions can't be looked for: %s", error)
        await asyncio.sleep(LEARN_AFTER)


@asynccontextmanager
async def _reader(instance: Instance) -> AsyncIterator[Reader]:
    """The connections of costly questions."""
    async with _connections(instance, AT_ONCE) as pool:
        yield pool.connection


@asynccontextmanager
async def _replicas(instance: Instance, primary: Reader) -> AsyncIterator[Replicas | None]:
    """What else may be read from; None where there is nothing."""
    if not instance.settings.read_urls:
        yield None
        return
    databases = [instance.settings.at(url) for url in instance.settings.read_urls]
    async with Replicas(databases, primary, session, log.warning) as replicas:
        yield replicas


async def _check(connection: AsyncConnection) -> None:
    """Find out whether a connection still lives, but only where the server said something."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if poll.poll(0):
        await AsyncConnectionPool.check_connection(connection)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    words = {
        404: ("NOT_FOUND", f"There is nothing at {request.url.path[:200]!a}."),
        405: ("METHOD_NOT_ALLOWED", f"{request.method[:20]!a} is not for this path."),
    }
    if error.status_code == 404 and (shorter := _without_slash(request)):
        return RedirectResponse(shorter, 307)
    code, message = words.get(error.status_code, ("BAD_REQUEST", str(error.detail)))
    if error.status_code == 404 and takes_html(request):
        return await problem(request, code, message)
    return refused(error.status_code, code, message, error.headers)


def _without_slash(request: Request) -> str | None:
    """The address without slashes at its end, where it is the address of something."""
    path = request.scope["path"]
    scope = {**request.scope, "path": path.rstrip("/")}
    if not path.endswith("/") or all(
        route.matches(scope)[0] is Match.NONE for route in request.app.routes
    ):
        return None
    query = f"?{request.url.query}" if request.url.query else ""
    # Else relative to the host that was asked. Two slashes would begin another host.
    public = request.app.state.instance.settings.public_url or ""
    return f"{public}/{quote(scope['path'].lstrip('/'), safe='/:@,')}{query}"


async def _failure(request: Request, error: Exception) -> Response:
    log.error("a request failed", exc_info=error)
    return refused(500, "INTERNAL", "Something is wrong on our side; it has been logged.")
