"""The properties that a client may ask for, and their values for an entity on a day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, NamedTuple

from api.reconciliation.query_batch import AS_OF, IDENTIFIER, Extension, day_of_value, plain
from domain.dates import MAX_DAY, Days
from domain.facts import Fluent
from domain.point import Point
from domain.standing import Standing
from domain.vocabulary import Vocabulary
from projections import asof
from projections.asof import Connection
from projections.candidates import CODES, EntityOfDay, entities_of_day

HOLDING: Final = (Standing.CERTAIN, Standing.POSSIBLE)
"""What is announced for a day is not there yet."""
Cells = list[dict[str, Any]]


class EntityProperty(NamedTuple):
    """A property of entities by its id: some of their own data, or a question about them."""

    id: str
    name: str
    description: str
    values: Callable[[EntityOfDay], Cells] | None = None
    fluent: Fluent | None = None
    inverse: bool = False


def properties_in(vocabulary: Vocabulary) -> dict[str, EntityProperty]:
    """All properties by id, but for identifiers, whose ids begin with `identifier:`."""
    return {each.id: each for each in (*_own(), *_questions(vocabulary))}


def property_of(id_: str, vocabulary: Vocabulary) -> EntityProperty | None:
    """A property by its id, None where there is no such one."""
    scheme = id_.removeprefix(IDENTIFIER)
    if scheme and scheme != id_:
        words = f"The identifier by the scheme {scheme}."
        return EntityProperty(id_, scheme, words, partial(_identifier, scheme))
    return properties_in(vocabulary).get(id_)


async def extended(
    connection: Connection, wanted: Extension, vocabulary: Vocabulary, today: int, position: int
) -> dict[str, Any]:
    """The values that are wanted, in the form of the answer. Refused for a day that is no date.

    What the record does not have, an entity or a property, has no values.
    """
    meta, rows = [], {id_: dict[str, Cells]() for id_ in wanted.ids}
    for number, each in enumerate(wanted.properties):
        known = property_of(each.id, vocabulary)
        meta.append({"id": each.id, "name": known.name if known else each.id})
        given = each.settings.get(AS_OF)
        days = Days(today, today)
        if given:
            days = day_of_value(plain(str(given)), f"extend.properties[{number}].settings.{AS_OF}")
        if known is None:
            found = dict[str, Cells]()
        else:
            point = Point(days, MAX_DAY, position)
            found = await _values(connection, known, list(rows), point)
        for id_, row in rows.items():
            row[each.id] = found.get(id_, [])
    return {"meta": meta, "rows": rows}


async def _values(
    connection: Connection, known: EntityProperty, ids: list[str], point: Point
) -> dict[str, Cells]:
    entities = await entities_of_day(connection, ids, point.as_of.latest, point.position)
    if known.values is not None:
        return {id_: known.values(entity) for id_, entity in entities.items()}
    assert known.fluent is not None
    found = {}
    for id_ in entities:
        asked = await asof.canonical(connection, id_, point)
        page = await asof.held(
            connection, known.fluent, asked, point, inverse=known.inverse, standings=HOLDING
        )
        found[id_] = [{"id": row["id"], "name": _name(row)} for row in page.rows]
    return found


def _own() -> Iterator[EntityProperty]:
    yield EntityProperty("name", "Name", "What it is called, in each language.", _names)
    yield EntityProperty("alias", "Other names", "What else it is called.", _aliases)
    yield EntityProperty("kind", "Kind", "The kind of entity.", lambda e: [{"str": e.kind}])
    for code, name in zip(CODES, ("ISO 3166", "Wikidata"), strict=True):
        yield EntityProperty(code, name, f"Its id in {name}.", partial(_identifier, code))
    for side, name in (("lat", "Latitude"), ("lon", "Longitude")):
        yield EntityProperty(side, name, f"{name} in degrees.", partial(_degrees, side))


def _questions(vocabulary: Vocabulary) -> Iterator[EntityProperty]:
    for fluent in vocabulary.fluents.values():
        if fluent.inverse is None:
            continue
        sides = (
            (fluent.question, fluent.names, False),
            (fluent.inverse, fluent.inverse_names, True),
        )
        for question, names, inverse in sides:
            words = "On the day of the setting asOf, today if it is left out."
            name = names.get("en") or question
            yield EntityProperty(question, name, words, fluent=fluent, inverse=inverse)


def _names(entity: EntityOfDay) -> Cells:
    return [{"str": name} for name in entity.names.values()]


def _aliases(entity: EntityOfDay) -> Cells:
    return [{"str": alias} for aliases in entity.aliases.values() for alias in aliases]


def _identifier(scheme: str, entity: EntityOfDay) -> Cells:
    found = entity.identifiers.get(scheme)
    return [] if found is None else [{"str": found}]


def _degrees(side: str, entity: EntityOfDay) -> Cells:
    return [] if entity.location is None else [{"float": entity.location[side]}]


def _name(row: asof.Row) -> str:
    names = row["names"]
    return str(names.get("en") or next(iter(names.values())))
