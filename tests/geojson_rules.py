"""The rules of GeoJSON (RFC 7946) that a collection of points can break."""

from __future__ import annotations

from typing import Any


def problems(document: Any) -> list[str]:
    """What is wrong with a FeatureCollection of points."""
    found = []
    if document.get("type") != "FeatureCollection" or "crs" in document:
        found.append("not a FeatureCollection of WGS 84")
    for number, feature in enumerate(document["features"]):
        if feature.get("type") != "Feature" or not {"geometry", "properties"} <= feature.keys():
            found.append(f"{number} is no Feature")
        geometry = feature["geometry"]
        if geometry is None:
            continue
        if geometry.get("type") != "Point":
            found.append(f"{number} is no Point")
        lon, lat = geometry["coordinates"]
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            found.append(f"{number} is not on Earth: longitude comes first")
    return found
