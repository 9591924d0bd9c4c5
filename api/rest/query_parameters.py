"""The parameters of an address: one that nothing reads is refused, as it would change nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from functools import wraps
from typing import Final

from rapidfuzz import process
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from api.rest.responses import refused
from domain.errors import Refused

Endpoint = Callable[[Request], Awaitable[Response]]

SIMILAR: Final = 50
"""Of 100, how much alike a name must be to be meant."""


def check_parameters(given: Iterable[str], known: Iterable[str]) -> None:
    """Refused(BAD_PARAMETER) for a name that there is not, with the nearest one that there is, such
    as asOf for asof, and for one that is given more than once: which was meant?"""
    known = list(dict.fromkeys(known))
    for name, times in Counter([*given]).items():
        if name not in known:
            words = f"There is no parameter {name[:40]!a} here"
            nearest = process.extractOne(
                name[:40], known, processor=str.lower, score_cutoff=SIMILAR
            )
            words += f": did you mean {nearest[0]}?" if nearest else "."
            there = f" There are {', '.join(known)}." if known else ""
            raise Refused("BAD_PARAMETER", words + there, field=name[:40])
        if times > 1:
            words = f"The parameter {name} is given {times} times: give it once."
            raise Refused("BAD_PARAMETER", words, field=name)


def names_given(given: QueryParams) -> list[str]:
    """The names of parameters, each as often as it stands in the address."""
    return [name for name, _ in given.multi_items()]


def without_parameters(endpoint: Endpoint) -> Endpoint:
    """An endpoint that takes no parameters: with any it answers 400."""

    @wraps(endpoint)
    async def checked(request: Request) -> Response:
        try:
            check_parameters(names_given(request.query_params), ())
        except Refused as problem:
            return refused(400, problem.code, problem.message, field=problem.field)
        return await endpoint(request)

    return checked
