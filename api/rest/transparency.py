"""The log for any client of transparency logs, below /log/: https://c2sp.org/tlog-tiles.

What is under a signed checkpoint is served from the leaves, and nothing past it.
"""

from __future__ import annotations

import re
from functools import partial, wraps
from typing import Any, Final

from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.answer_proof import prove_question
from api.costly_pool import STATUSES
from api.graphql.errors import failure
from api.graphql.question_document import VARIABLES, question_named
from api.rest.conditional import LASTING
from api.rest.query_parameters import Endpoint, check_parameters, names_given, without_parameters
from api.rest.responses import refused
from api.session import Session
from domain.errors import Refused
from domain.proof import SUFFIX
from domain.tiles import Tile
from projections.proofs import content_of, latest_checkpoint, prove_entry

TEXT: Final = {"content-type": "text/plain; charset=utf-8", "cache-control": "no-cache"}
TILES: Final = {"content-type": "application/octet-stream", "cache-control": LASTING}
"""Of tiles and bundles, partial ones too: each is for one width and never changes."""
NOT_THERE: Final = ("UNKNOWN_FACT", "UNKNOWN_STORY", "NOT_SIGNED_YET")
OURS: Final = ("LOG_DIFFERS", "BAD_KEY", "BAD_SETTING", "BAD_NOTE", "BAD_SIGNATURE")
"""Refusals that are about the log or its key, not about what was asked."""


def _served(endpoint: Endpoint) -> Endpoint:
    """An endpoint without parameters, whose failures answer as `_unavailable` does."""

    @wraps(endpoint)
    async def served(request: Request) -> Response:
        try:
            return await endpoint(request)
        except HTTPException:
            raise
        except Exception as error:
            return _unavailable(error)

    return without_parameters(served)


@_served
async def checkpoint(request: Request) -> Response:
    """GET /log/checkpoint: the latest signed tree head."""
    async with request.app.state.reader() as connection:
        _, note = await latest_checkpoint(connection)
    return Response(note, headers=TEXT)


@_served
async def vkey(request: Request) -> Response:
    """GET /log/vkey: the log's public key. Those who check get it from elsewhere, too."""
    return Response(f"{request.app.state.instance.signer().verifier}\n", headers=TEXT)


@_served
async def tile(request: Request) -> Response:
    """GET /log/tile/…: a tile of hashes or a bundle of entries."""
    found = Tile.parse(f"tile/{request.path_params['path']}")
    if found is None:
        raise HTTPException(404)
    async with request.app.state.reader() as connection:
        size, _ = await latest_checkpoint(connection)
        if not found.within(size):
            raise HTTPException(404)
        return Response(await content_of(connection, found), headers=TILES)


def proof_of(kind: str) -> Endpoint:
    """GET /log/proof/KIND/ID: a file that proves the event that recorded a fact, or a story."""

    async def proved(request: Request) -> Response:
        entry = request.path_params["id"]
        async with request.app.state.reader() as connection:
            proof = await prove_entry(connection, kind, entry)
        name = f'attachment; filename="{entry}{SUFFIX}"'
        return Response(proof.text, headers={**TEXT, "content-disposition": name})

    proved.__doc__ = f"GET /log/proof/{kind}/ID: a file that proves the event that recorded it."
    return _served(proved)


async def proof_of_answer(request: Request) -> Response:
    """GET /log/proof/answer?question=members&subject=ID&asOf=…: a file that proves an answer.

    The other parameters are the variables of `sijill ask`'s document; the clocks left out are today
    and the position up to which the log is signed, which the file then names.
    """
    try:
        question = question_named(request.query_params.get("question", ""))
        variables = _variables(request.query_params)
        instance, pool = request.app.state.instance, request.app.state.access.costly
        session = Session()
        prove = partial(prove_question, instance, question, variables, session)
        proof = await pool.run(lambda _: session.work(prove))
    except Refused as error:
        if error.code in STATUSES:
            return refused(STATUSES[error.code], error.code, error.message)
        if error.code in NOT_THERE or error.code in OURS:
            return _unavailable(error)
        return refused(400, error.code, error.message, field=error.field)
    except Exception as error:
        return _unavailable(error)
    name = f'attachment; filename="{question.name}.json"'
    headers = {"content-type": "application/json", "cache-control": "no-cache"}
    return Response(proof.text, headers={**headers, "content-disposition": name})


def _variables(given: QueryParams) -> dict[str, Any]:
    """The variables of a question by a URL's parameters. Refused."""
    check_parameters(names_given(given), ["question", *VARIABLES])
    if "subject" not in given:
        raise Refused("BAD_ARGUMENT", "Name the subject: subject=ID.", field="subject")
    found: dict[str, Any] = {name: given[name] for name in given if name != "question"}
    for name in ("atPosition", "first"):
        if name in found:
            if not re.fullmatch("-?[0-9]{1,18}", found[name]):
                raise Refused("BAD_ARGUMENT", f"{name} is a number.", field=name)
            found[name] = int(found[name])
    return found


def _unavailable(error: Exception) -> Response:
    """404 for what is not there (yet), 503 for what can't be had or can't be vouched for."""
    if isinstance(error, Refused):
        status = 404 if error.code in NOT_THERE else 503
        return refused(status, error.code, error.message, {"retry-after": "10"})
    told = failure(error)
    return refused(503, told["extensions"]["code"], told["message"], {"retry-after": "10"})
