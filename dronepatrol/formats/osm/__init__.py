"""OpenStreetMap extracts in, GeoJSON for missions out.

>>> from dronepatrol.formats.osm import import_osm, write_geojson
>>> town = import_osm("town.osm.pbf", bbox="24.93,60.16,24.96,60.18")  # doctest: +SKIP
>>> write_geojson(town, "areas.geojson")  # doctest: +SKIP

Needs pyosmium, which the extra ``osm`` installs.
"""

from dronepatrol.formats.osm.bounds import Bounds
from dronepatrol.formats.osm.features import ATTRIBUTION, LICENCE, MapFeature, OsmMap, write_geojson
from dronepatrol.formats.osm.importing import DEFAULT_SCHOOL_MARGIN_M, import_osm
from dronepatrol.formats.osm.reading import Skipped
from dronepatrol.formats.osm.tags import OsmKind

__all__ = [
    "ATTRIBUTION",
    "DEFAULT_SCHOOL_MARGIN_M",
    "LICENCE",
    "Bounds",
    "MapFeature",
    "OsmKind",
    "OsmMap",
    "Skipped",
    "import_osm",
    "write_geojson",
]
