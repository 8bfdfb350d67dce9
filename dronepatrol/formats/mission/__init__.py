"""The mission file: YAML with its JSON Schema, GeoJSON references, shipped tables of drones and cameras."""

from dronepatrol.formats.mission.areas import read_geojson
from dronepatrol.formats.mission.load import load_mission
from dronepatrol.formats.mission.schema import FORMAT_VERSION, mission_schema
from dronepatrol.formats.mission.tables import shipped_tables

__all__ = ["FORMAT_VERSION", "load_mission", "mission_schema", "read_geojson", "shipped_tables"]
