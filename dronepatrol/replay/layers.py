"""Map layers and plan features sorted into what is drawn alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from dronepatrol.replay.data import GeoJson, ReplayData

Array = npt.NDArray[np.float64]


class MapClass(StrEnum):
    """What a map feature is drawn as, in drawing order."""

    WATER = "water"
    GREEN = "green"
    SQUARE = "square"
    AREA = "area"
    BUILDING = "building"
    PATH = "path"
    MINOR_ROAD = "minor_road"
    MAJOR_ROAD = "major_road"
    RAIL = "rail"


_MAJOR = {"motorway", "trunk", "primary", "secondary", "tertiary"}
_PATHS = {"footway", "path", "steps", "cycleway", "pedestrian", "track", "corridor", "bridleway", "platform"}
_GREEN = {
    "park",
    "garden",
    "grass",
    "forest",
    "wood",
    "pitch",
    "playground",
    "meadow",
    "recreation_ground",
    "green",
}
_SQUARE = {"square", "plaza", "market", "marketplace", "pedestrian"}
_OSM_KEYS = (
    "kind",
    "class",
    "layer",
    "highway",
    "leisure",
    "landuse",
    "natural",
    "place",
    "amenity",
    "waterway",
)


def map_class(feature: Mapping[str, Any]) -> MapClass | None:
    """Return what a feature is drawn as, from its ``kind`` or its OpenStreetMap tags; None for points."""
    geometry = feature.get("geometry") or {}
    properties = feature.get("properties") or {}
    tags = [str(properties[key]).lower() for key in _OSM_KEYS if properties.get(key)]
    words = {tag.rpartition("=")[2].removesuffix("_link") for tag in tags}
    if "Line" in geometry.get("type", ""):
        return _line_class(words, properties)
    if "Polygon" not in geometry.get("type", ""):
        return None
    if "building" in words or properties.get("building") not in (None, "no"):
        return MapClass.BUILDING
    if words & {"water", "riverbank", "bay"}:
        return MapClass.WATER
    if words & _GREEN:
        return MapClass.GREEN
    return MapClass.SQUARE if words & _SQUARE else MapClass.AREA


def _line_class(words: set[str], properties: Mapping[str, Any]) -> MapClass:
    if properties.get("railway") or words & {"rail", "railway", "tram"}:
        return MapClass.RAIL
    if words & _MAJOR:
        return MapClass.MAJOR_ROAD
    return MapClass.PATH if words & _PATHS else MapClass.MINOR_ROAD


def rings(geometry: Mapping[str, Any]) -> list[Array]:
    """Return lines and rings of any GeoJSON geometry, each of shape (n, 2), degrees."""
    return [np.asarray(ring, dtype=np.float64)[:, :2] for ring in _rings(geometry) if len(ring) >= 2]


def _rings(geometry: Mapping[str, Any]) -> Iterator[Sequence[Sequence[float]]]:
    coordinates = geometry.get("coordinates", ())
    match geometry.get("type"):
        case "LineString":
            yield coordinates
        case "MultiLineString" | "Polygon":
            yield from coordinates
        case "MultiPolygon":
            for polygon in coordinates:
                yield from polygon
        case "GeometryCollection":
            for part in geometry.get("geometries", ()):
                yield from _rings(part)


def by_class(layers: Sequence[GeoJson]) -> dict[MapClass, list[list[Array]]]:
    """Return the rings of each feature of each class, classes in drawing order."""
    found: dict[MapClass, list[list[Array]]] = {map_class: [] for map_class in MapClass}
    for layer in layers:
        for feature in layer.get("features", ()):
            kind = map_class(feature)
            if kind is not None and (parts := rings(feature["geometry"])):
                found[kind].append(parts)
    return found


def extent_lonlat(data: ReplayData) -> tuple[float, float, float, float]:
    """Return west, south, east, north of what matters: plan and tracks, else the layers.

    Raises nothing for empty data: the box is then a point at 0, 0.
    """
    points = [
        np.reshape(np.asarray(feature["geometry"]["coordinates"], dtype=np.float64)[..., :2], (-1, 2))
        for role in ("leg", "station")
        for feature in data.features(role)
    ]
    points += [
        ring for role in ("task", "zone") for f in data.features(role) for ring in rings(f["geometry"])
    ]
    points += [track.lonlat_deg for track in data.tracks]
    if not points:
        points = [ring for parts in by_class(data.layers).values() for rings_ in parts for ring in rings_]
    every = np.concatenate(points) if points else np.zeros((1, 2))
    every = every[np.isfinite(every).all(axis=1)]
    if not len(every):
        return (0.0, 0.0, 0.0, 0.0)
    (west, south), (east, north) = every.min(axis=0).tolist(), every.max(axis=0).tolist()
    return (west, south, east, north)
