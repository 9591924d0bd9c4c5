"""The types that answers are made of: dates, entities, sources. Facts are in facts.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import strawberry

from api.graphql.context import View
from domain.dates import AFTER_ALL, BEFORE_ALL, Edtf, parse
from domain.entities import EntityKind, name_in
from domain.errors import Refused
from domain.facts import Modality
from domain.sources import Day, Reliability, Stance
from domain.standing import Standing
from projections.asof import Row

for _closed_set in (Standing, EntityKind, Modality, Stance, Reliability):
    strawberry.enum(_closed_set, description=(_closed_set.__doc__ or "").strip())


F = TypeVar("F", bound=Callable[..., Any])


def computed(description: str | None = None) -> Callable[[F], F]:
    """A field that a method computes, to the type checker still that method."""
    return cast(Callable[[F], F], strawberry.field(description=description))


def day(number: int | None) -> Day | None:
    """A day of a row, None where unbounded."""
    return None if number is None or number in (BEFORE_ALL, AFTER_ALL) else Day(number)


@strawberry.type(description="A date as written, and the days between which it lies.")
class DateRange:
    edtf: Edtf | None = strawberry.field(description="As written; null where nothing was.")
    earliest: Day | None = strawberry.field(description="Null where unbounded.")
    latest: Day | None = strawberry.field(description="Null where unbounded.")


def written(text: str) -> DateRange:
    """A date by its text alone."""
    date = parse(text)
    return DateRange(edtf=date, earliest=day(date.earliest), latest=day(date.latest))


def bounds(text: str | None, earliest: int | None, latest: int | None) -> DateRange:
    """A side of an episode."""
    return DateRange(
        edtf=None if text is None else parse(text), earliest=day(earliest), latest=day(latest)
    )


@strawberry.type(description="A name in a language.")
class Name:
    lang: str
    name: str


@strawberry.type(description="What others call an entity, by scheme.")
class Identifier:
    scheme: str
    value: str


@strawberry.type(description="WGS 84 degrees, and the radius in metres within which it lies.")
class Location:
    lat: float
    lon: float
    precision_m: float | None


@strawberry.type(description="Someone or something that facts are about.")
class Entity:
    id: strawberry.ID
    kind: EntityKind
    iso3166: str | None
    wikidata: str | None
    location: Location | None
    aliases: list[Name] = strawberry.field(description="Other names on that day.")
    identifiers: list[Identifier]
    by_language: strawberry.Private[dict[str, str]]

    @computed("In the language asked for, else in English, else the first.")
    def name(self, lang: str | None = "en") -> str:
        return name_in(self.by_language, lang or "en")

    @computed("Every name that it has on that day, the author's first first.")
    def names(self) -> list[Name]:
        return [Name(lang=lang, name=name) for lang, name in self.by_language.items()]


def entity(row: Row) -> Entity:
    """An entity of a row with its columns."""
    place = row["location"]
    return Entity(
        id=strawberry.ID(row["id"]),
        kind=row["kind"],
        iso3166=row["iso3166"],
        wikidata=row["wikidata"],
        location=place
        and Location(lat=place["lat"], lon=place["lon"], precision_m=place.get("precisionM")),
        aliases=[
            Name(lang=lang, name=name)
            for lang, names in sorted(row["aliases"].items())
            for name in names
        ],
        identifiers=[
            Identifier(scheme=scheme, value=value)
            for scheme, value in sorted(row["identifiers"].items())
        ],
        by_language=row["names"],
    )


async def entity_of_id(view: View, name: str, field: str) -> Entity:
    """An entity, or what it is merged into. Refused(UNKNOWN_ENTITY) if there is none here."""
    row = await view.entities.one(await view.canonical(name, field))
    if row is None:
        raise Refused(
            "UNKNOWN_ENTITY",
            f"The record has no entity {name[:128]!a} yet at position {view.point.position}.",
            field=field,
            entity=name[:128],
        )
    return entity(row)


@strawberry.type(description="A document that facts cite.")
class Source:
    id: strawberry.ID
    title: str
    publisher: str | None
    author: str | None
    language: str | None
    url: str | None
    published: DateRange | None = strawberry.field(
        description="From the latest of these days on, what it says is known."
    )
    retrieved: DateRange | None
    observed_through: DateRange | None = strawberry.field(
        description="How far in the world's time it looked."
    )
    sha256: str | None
    reliability: Reliability | None = strawberry.field(
        description="Of the source, by the Admiralty code: A reliable … F cannot be judged."
    )
    credibility: int | None = strawberry.field(
        description="Of what it says, by the Admiralty code: 1 confirmed … 6 cannot be judged."
    )
    withdrawn: bool


def source(row: Row) -> Source:
    """A source of a row with its columns."""
    said = row["source"]
    dates = {
        name: written(said[key]) if said.get(key) else None
        for name, key in (
            ("published", "published"),
            ("retrieved", "retrieved"),
            ("observed_through", "observedThrough"),
        )
    }
    return Source(
        id=strawberry.ID(row["id"]),
        title=said["title"],
        publisher=said.get("publisher"),
        author=said.get("author"),
        language=said.get("language"),
        url=said.get("url"),
        sha256=said.get("sha256"),
        reliability=Reliability(said["reliability"]) if said.get("reliability") else None,
        credibility=said.get("credibility"),
        withdrawn=row["withdrawn"],
        **dates,
    )


async def source_of_id(view: View, name: str, field: str) -> Source:
    """A source. Refused(UNKNOWN_SOURCE) if there is none here."""
    row = await view.sources.one(name)
    if row is None:
        raise Refused(
            "UNKNOWN_SOURCE",
            f"The record has no source {name[:128]!a} at position {view.point.position}: "
            "look it up with sources.",
            field=field,
            source=name[:128],
        )
    return source(row)


async def sources_of(view: View, ids: list[str]) -> list[Source]:
    """The sources of these ids, as they stand at the view."""
    view.operation.spend(len(ids))
    return [source(row) for row in await view.sources.many(ids)]


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


def page_info(cursors: list[str], after: str | None, has_next: bool) -> PageInfo:
    """Of a page with these cursors."""
    return PageInfo(
        has_next_page=has_next,
        has_previous_page=after is not None,
        start_cursor=cursors[0] if cursors else None,
        end_cursor=cursors[-1] if cursors else None,
    )
