"""What an import returns: features with identifiers, and the GeoJSON made of them."""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import LineString, MultiPolygon, Polygon
from shapely.geometry.polygon import orient

from dronepatrol.errors import OutputError
from dronepatrol.formats.osm.bounds import Bounds
from dronepatrol.formats.osm.reading import Skipped
from dronepatrol.formats.osm.tags import OsmKind

ATTRIBUTION = "© OpenStreetMap contributors"
"""What the licence asks to be shown with the data (openstreetmap.org/copyright)."""
LICENCE = "ODbL-1.0"

COORDINATE_DECIMALS = 7
"""OpenStreetMap stores coordinates in units of 1e-7 degrees, about a centimetre."""


@dataclass(frozen=True, slots=True)
class MapFeature:
    """One place, road or building.

    Attributes
    ----------
    id
        Unique in the import, made of a-z, 0-9 and hyphens; missions refer to it as ``areas.geojson#id``.
    name
        As in OpenStreetMap, in any script; empty if it has none.
    osm
        Where it is from, as ``way/123``.
    geometry
        Longitude and latitude in degrees.
    properties
        What else is known: ``class``, ``area_ha``, ``length_m``, ``height_m`` and so on.
    """

    id: str
    kind: OsmKind
    name: str
    osm: str
    geometry: Polygon | MultiPolygon | LineString
    properties: Mapping[str, Any] = field(default_factory=dict)

    def to_geojson(self) -> dict[str, Any]:
        """Return the feature as in RFC 7946, section 3.2; outer rings run counter-clockwise."""
        known = {"id": self.id, "name": self.name or None, "kind": self.kind.value, "osm": self.osm}
        return {
            "type": "Feature",
            "id": self.id,
            "properties": known | dict(self.properties),
            "geometry": _geometry_object(self.geometry),
        }


@dataclass(frozen=True, slots=True)
class OsmMap:
    """The outcome of an import.

    Attributes
    ----------
    features
        Places first, then roads and paths, then buildings.
    skipped
        What was found of the kinds and in the box asked for but could not be used, each with the reason.
    parameters
        What was asked for, written into the file so that it can be made again.
    """

    features: tuple[MapFeature, ...]
    skipped: tuple[Skipped, ...]
    parameters: Mapping[str, Any]

    def __getitem__(self, feature_id: str) -> MapFeature:
        for feature in self.features:
            if feature.id == feature_id:
                return feature
        raise KeyError(feature_id)

    def counts(self) -> dict[str, int]:
        """Return how many features there are of each kind that occurs."""
        counted = Counter(feature.kind for feature in self.features)
        return {kind.value: counted[kind] for kind in OsmKind if counted[kind]}

    def summary(self) -> str:
        """Return the counts in one line, with what was skipped."""
        text = ", ".join(f"{count} {kind}" for kind, count in self.counts().items())
        return f"{text}; {len(self.skipped)} skipped" if self.skipped else text

    def to_geojson(self) -> dict[str, Any]:
        """Return a FeatureCollection with attribution, licence and parameters as foreign members."""
        return {
            "type": "FeatureCollection",
            "attribution": ATTRIBUTION,
            "licence": LICENCE,
            "import": dict(self.parameters),
            "features": [feature.to_geojson() for feature in self.features],
        }


def write_geojson(collection: OsmMap | Mapping[str, Any], path: str | Path) -> Path:
    """Write an import, or a GeoJSON object made of it, one feature to a line.

    The file appears whole or not at all: it is written beside its place and then renamed.

    Raises
    ------
    OutputError
        If the folder is missing or cannot be written to.
    """
    target = Path(path)
    text = _text(collection.to_geojson() if isinstance(collection, OsmMap) else collection)
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        raise _unwritable(target, error) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        # mkstemp makes files that only their owner may read; give the mode that open() would have given.
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, target)
    except OSError as error:
        raise _unwritable(target, error) from error
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
    return target


def bounds_parameter(bounds: Bounds | None) -> list[float] | None:
    """Return bounds as JSON holds them."""
    return None if bounds is None else list(bounds.as_tuple())


def _text(collection: Mapping[str, Any]) -> str:
    """Return JSON with one feature to a line: small, and yet a change shows as the lines it touches."""
    head = {key: value for key, value in collection.items() if key != "features"}
    compact = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    lines = [compact.encode(feature) for feature in collection["features"]]
    opening = json.dumps(head, ensure_ascii=False, indent=1)[:-2]
    return f'{opening},\n "features": [\n' + ",\n".join(lines) + "\n]}\n"


def _geometry_object(geometry: Polygon | MultiPolygon | LineString) -> dict[str, Any]:
    if isinstance(geometry, LineString):
        return {"type": "LineString", "coordinates": _positions(geometry)}
    parts = [orient(part) for part in shapely.get_parts(geometry)]
    rings = [[_positions(part.exterior), *map(_positions, part.interiors)] for part in parts]
    if len(rings) == 1:
        return {"type": "Polygon", "coordinates": rings[0]}
    return {"type": "MultiPolygon", "coordinates": rings}


def _positions(line: LineString) -> list[list[float]]:
    rounded: list[list[float]] = np.round(shapely.get_coordinates(line), COORDINATE_DECIMALS).tolist()
    return rounded


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _unwritable(target: Path, error: OSError) -> OutputError:
    reason = error.strerror or str(error)
    return OutputError(f"{target}: cannot be written ({reason}); name a file in a folder of yours")
