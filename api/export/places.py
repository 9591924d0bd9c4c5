"""GeoJSON (RFC 7946): a feature for each row, at the place of what it is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from api.export.lines import dumps
from api.export.reading import Pinned, Row
from api.export.tables import COLUMNS
from api.export.views import Kind


class GeoJson:
    """`precisionM` is the radius in metres within which the place lies; what has no place has a
    null geometry. A fact has a feature for each of its subjects that has a place."""

    def __init__(self, pinned: Pinned, base: str) -> None:
        self._kind = pinned.view.kind
        self._between = "\n"

    def begin(self) -> bytes:
        return b'{"type":"FeatureCollection","features":['

    def rows(self, rows: Sequence[Row]) -> bytes:
        text = ""
        for row in rows:
            for feature in self._features(row):
                text += self._between + dumps(feature)
                self._between = ",\n"
        return text.encode()

    def end(self, counts: Mapping[str, Any]) -> Iterable[bytes]:
        return [b"]}\n"]

    def _features(self, row: Row) -> Iterator[dict[str, Any]]:
        said = {column.name: column.get(row) for column in COLUMNS[self._kind]}
        if self._kind is not Kind.FACT:
            yield _feature(row["entity"] if self._kind is Kind.HELD else row, said)
            return
        placed = [each for each in row["subjects"] if each["entity"]["location"]]
        for each in placed:
            yield _feature(each["entity"], {**said, "key": each["key"]})
        if not placed:
            yield _feature({"location": None}, said)


def _feature(entity: Row, said: Row) -> dict[str, Any]:
    place = entity["location"]
    at = place and {"type": "Point", "coordinates": [place["lon"], place["lat"]]}
    about = {"entity": entity["id"], "precisionM": place["precisionM"]} if place else {}
    return {"type": "Feature", "geometry": at or None, "properties": {**said, **about}}
