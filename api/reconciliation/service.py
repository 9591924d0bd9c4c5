"""The endpoints below /reconcile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import LANGUAGES, PageAddress
from api.instance import Instance
from api.reconciliation.property_values import extended, properties_in
from api.reconciliation.query_batch import (
    AS_OF,
    ReconciliationQuery,
    asked_of,
    limit_of,
    plain,
    read_batch,
    read_extension,
)
from api.rest.cross_origin import ancestors, shared
from api.rest.query_parameters import check_parameters, names_given
from api.rest.responses import answer, failed
from api.rest.site import site_of
from api.web.render import show
from domain.dates import MAX_DAY, Days, today
from domain.errors import Refused
from domain.point import Point
from domain.vocabulary import NamedKind
from projections import lookup
from projections.asof import Connection
from projections.candidates import CandidateQuery, EntityOfDay, candidates, entities_of_day
from projections.search import Searched, search

PATH: Final = "/reconcile"
SUGGESTED: Final = 20
PREVIEW: Final = {"width": 420, "height": 220}
"""In pixels."""
POLICY: Final = "default-src 'none'; style-src 'self'; font-src 'self'; base-uri 'none'; "
_NAME: Final = "name"

Endpoint = Callable[[Request], Awaitable[Response]]


def _service(*parameters: str) -> Callable[[Callable[[Request], Awaitable[Any]]], Endpoint]:
    """An endpoint that answers JSON, to pages of other origins too, and takes some parameters."""

    def served(asked: Callable[[Request], Awaitable[Any]]) -> Endpoint:
        @wraps(asked)
        async def endpoint(request: Request) -> Response:
            try:
                check_parameters(names_given(request.query_params), parameters)
                told = await asked(request)
            except Exception as error:
                return failed(error, shared(request))
            return answer(told, headers={"cache-control": "no-cache", **shared(request)})

        return endpoint

    return served


@_service("queries", "extend")
async def reconcile(request: Request) -> Any:
    """/reconcile: what the service is; a batch of queries; a request for properties."""
    given = await _given(request)
    if "queries" in given:
        return await _results(request, given["queries"])
    if "extend" in given:
        wanted = read_extension(given["extend"])
        vocabulary = _instance(request).vocabulary.current
        async with request.app.state.reader() as connection:
            position = (await lookup.progress(connection)).position
            return await extended(connection, wanted, vocabulary, today(), position)
    if request.method == "POST":
        words = "Send the queries as `queries`, or what is wanted as `extend`, in a form."
        raise Refused("BAD_QUERY", words, field="queries")
    return _manifest(request)


@_service("type", "limit")
async def properties(request: Request) -> Any:
    """GET /reconcile/properties: the properties that may be asked for."""
    found = properties_in(_instance(request).vocabulary.current).values()
    told: dict[str, Any] = {
        "properties": [
            {"id": each.id, _NAME: each.name, "description": each.description} for each in found
        ]
    }
    if kind := request.query_params.get("type"):
        told["type"] = plain(kind)
    if limit := request.query_params.get("limit"):
        if not (limit.isascii() and limit.isdecimal() and len(limit) < 6):
            raise Refused("BAD_VALUE", "The limit is a number.", field="limit")
        told["properties"], told["limit"] = told["properties"][: int(limit)], int(limit)
    return told


@_service("prefix", "cursor")
async def suggest_entity(request: Request) -> Any:
    """GET /reconcile/suggest/entity?prefix=…: entities by what is typed so far."""
    prefix, skipped = _typed(request)
    async with request.app.state.reader() as connection:
        position = (await lookup.progress(connection)).position
        point = Point(Days(today(), today()), MAX_DAY, position)
        page = await search(
            connection, point, prefix, kinds=[Searched.ENTITY],
            first=SUGGESTED + skipped, after=None,
        )  # fmt: skip
        ids = [row["id"] for row in page.rows[skipped:]]
        found = await entities_of_day(connection, ids, today(), position)
    kinds, lang = _kinds(request), _language_of(prefix)
    return {
        "result": [
            {
                "id": each.id,
                _NAME: each.name(lang),
                "description": _description(each, lang),
                "notable": [_type(kinds, each.kind)],
            }
            for each in (found[id_] for id_ in ids if id_ in found)
        ]
    }


@_service("prefix", "cursor")
async def suggest_property(request: Request) -> Any:
    """GET /reconcile/suggest/property?prefix=…: properties by what is typed so far."""
    prefix, skipped = _typed(request)
    own = {"id": AS_OF, _NAME: "As of", "description": "Names as they were on that day."}
    every = [own] + [
        {"id": each.id, _NAME: each.name, "description": each.description}
        for each in properties_in(_instance(request).vocabulary.current).values()
    ]
    return {"result": _beginning(every, prefix)[skipped : skipped + SUGGESTED]}


@_service("prefix", "cursor")
async def suggest_type(request: Request) -> Any:
    """GET /reconcile/suggest/type?prefix=…: kinds of entities by what is typed so far."""
    prefix, skipped = _typed(request)
    every = [_type(_kinds(request), name) for name in _kinds(request)]
    return {"result": _beginning(every, prefix)[skipped : skipped + SUGGESTED]}


async def preview(request: Request, state: PageAddress) -> Response:
    """GET /reconcile/preview/ID: an entity in a small frame."""
    id_ = request.path_params["id"]
    async with request.app.state.reader() as connection:
        position = (await lookup.progress(connection)).position
        found = await entities_of_day(connection, [id_], today(), position)
    if id_ not in found:
        raise Refused("UNKNOWN_ENTITY", f"The record has no entity {id_[:128]!a}.", field="id")
    entity = found[id_]
    kind = _type(_kinds(request), entity.kind)[_NAME]
    shown = await show(
        request, state, "preview.html", entity=entity, kind=kind, site=site_of(request)
    )
    shown.headers["content-security-policy"] = POLICY + ancestors(request)
    shown.headers.update(shared(request))
    return shown


def _manifest(request: Request) -> dict[str, Any]:
    site = site_of(request)
    service = {"service_url": site}
    return {
        "versions": ["0.2"],
        _NAME: "Sijill",
        "identifierSpace": f"{site}/e/",
        "schemaSpace": f"{site}/guide",
        "documentation": f"{site}/guide",
        "defaultTypes": [_type(_kinds(request), name) for name in _kinds(request)],
        "view": {"url": f"{site}/e/{{{{id}}}}"},
        "preview": {"url": f"{site}{PATH}/preview/{{{{id}}}}", **PREVIEW},
        "suggest": {
            kind: {**service, "service_path": f"{PATH}/suggest/{kind}"}
            for kind in ("entity", "property", "type")
        },
        "extend": {
            "propose_properties": {**service, "service_path": f"{PATH}/properties"},
            "property_settings": [
                {
                    "name": AS_OF,
                    "label": "As of",
                    "type": "text",
                    "default": "",
                    "help_text": "A day, a month or a year, such as 2014-09; today if left out.",
                }
            ],
        },
    }


async def _results(request: Request, text: str) -> dict[str, Any]:
    batch = read_batch(text)
    kinds = _kinds(request)
    asked = {name: asked_of(name, query, kinds) for name, query in batch.items()}
    async with request.app.state.reader() as connection:
        position = (await lookup.progress(connection)).position
        return {
            name: {"result": await _result(connection, batch[name], each, kinds, position)}
            for name, each in asked.items()
        }


async def _result(
    connection: Connection,
    query: ReconciliationQuery,
    asked: CandidateQuery,
    kinds: Mapping[str, NamedKind],
    position: int,
) -> list[dict[str, Any]]:
    found = (await candidates(connection, asked, position))[: limit_of(query)]
    if not found:
        return []
    day = today() if asked.as_of is None else asked.as_of.latest
    entities = await entities_of_day(connection, [each.id for each in found], day, position)
    lang = _language_of(asked.name)
    return [
        {
            "id": each.id,
            _NAME: entities[each.id].name(lang),
            "description": _description(entities[each.id], lang),
            "score": each.score,
            "match": each.is_sure,
            "type": [_type(kinds, each.kind)],
            "features": [
                {"id": "name", "value": each.by_name},
                {"id": "identifier", "value": each.by_identifier},
            ],
        }
        for each in found
        if each.id in entities
    ]


async def _given(request: Request) -> Mapping[str, str]:
    """The parameters: those of the address, or of a form that was sent. Refused as BAD_QUERY."""
    if request.method != "POST":
        return request.query_params
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        words = "Send a form (application/x-www-form-urlencoded) with `queries` or `extend`."
        raise Refused("BAD_QUERY", words)
    try:
        text = (await request.body()).decode("ascii")
        return dict(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=10))
    except ValueError as error:
        raise Refused("BAD_QUERY", "The form can't be read: encode it in UTF-8.") from error


def _typed(request: Request) -> tuple[str, int]:
    """What is typed so far, and how many suggestions were given before."""
    cursor = request.query_params.get("cursor") or "0"
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 5):
        raise Refused("BAD_VALUE", "The cursor is a number of results.", field="cursor")
    return plain(request.query_params.get("prefix", ""))[:100], int(cursor)


def _beginning(every: list[dict[str, Any]], prefix: str) -> list[dict[str, Any]]:
    """Those with an id, or a word of the name, that begins with the prefix."""
    start = prefix.casefold()
    return [
        each
        for each in every
        if any(
            word.casefold().startswith(start)
            for word in (each["id"], each[_NAME], *each[_NAME].split())
        )
    ]


def _instance(request: Request) -> Instance:
    instance: Instance = request.app.state.instance
    return instance


def _kinds(request: Request) -> Mapping[str, NamedKind]:
    return _instance(request).vocabulary.current.kinds


def _type(kinds: Mapping[str, NamedKind], name: str) -> dict[str, str]:
    kind = kinds.get(name)
    called = kind.names.get("en") if kind else None
    return {"id": name, _NAME: called or name.replace("_", " ").capitalize()}


def _language_of(text: str) -> str:
    """The language of names that goes with what is asked for."""
    english, arabic = LANGUAGES
    return arabic if any("\u0600" <= letter <= "\u06ff" for letter in text) else english


def _description(entity: EntityOfDay, lang: str) -> str:
    """What tells an entity from its namesakes: its names in other languages, and its codes."""
    others = [name for language, name in entity.names.items() if name != entity.name(lang)]
    codes = [f"{scheme} {code}" for scheme, code in entity.identifiers.items()]
    return "; ".join([*others, *codes])
