"""Importing a real extract, and the map committed with the demo mission."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest
from pyproj import Geod
from shapely.geometry import LineString, shape

from dronepatrol.formats.osm import OsmMap, import_osm

ROOT = Path(__file__).parents[2]
MISSION = ROOT / "missions" / "helsinki-centre"
EXTRACT = ROOT.parent / "shared" / "data" / "osm" / "helsinki-centre.osm.pbf"
GEOD = Geod(ellps="WGS84")

needs_extract = pytest.mark.skipif(not EXTRACT.exists(), reason="no Helsinki extract beside the checkout")


@pytest.fixture(scope="module")
def helsinki() -> OsmMap:
    """Import all of central Helsinki."""
    return import_osm(EXTRACT)


@pytest.fixture(scope="module")
def areas() -> dict[str, dict]:
    """Return the committed areas by id."""
    collection = json.loads((MISSION / "areas.geojson").read_text(encoding="utf-8"))
    return {each["properties"]["id"]: each for each in collection["features"]}


@needs_extract
def test_the_three_schools_are_found(helsinki: OsmMap) -> None:
    """The schools tagged as such are these three."""
    schools = {each.name for each in helsinki.features if each.properties["class"] == "amenity=school"}
    assert schools == {"Ressun lukio", "Kruununhaan yläasteen koulu", "Kaisaniemen ala-aste"}


@needs_extract
def test_the_buildings_are_complete(helsinki: OsmMap) -> None:
    """The 446 buildings that osmium assembles are there."""
    classes = [each.properties["class"] for each in helsinki.features if each.kind == "building"]
    assert sum(each.startswith("building=") for each in classes) == 446


@needs_extract
def test_the_clock_tower_stands_on_the_station(helsinki: OsmMap) -> None:
    """The height of the station is that of its tower, which is drawn as a part."""
    (station,) = [each for each in helsinki.features if each.name == "Helsingin päärautatieasema"]
    assert (station.properties["height_m"], station.properties["height_source"]) == (48.5, "part_tagged")


@needs_extract
def test_areas_agree_with_the_ellipsoid(helsinki: OsmMap) -> None:
    """The area of every place is within 0.5 % of the geodesic one, give or take the rounding."""
    for each in helsinki.features:
        if each.geometry.geom_type == "Polygon":
            geodesic_m2 = abs(GEOD.geometry_area_perimeter(each.geometry)[0])
            assert each.properties["area_ha"] * 1e4 == pytest.approx(geodesic_m2, rel=5e-3, abs=0.5)


@needs_extract
def test_lengths_agree_with_the_ellipsoid(helsinki: OsmMap) -> None:
    """The length of every road is within 0.1 % of the geodesic one, give or take the rounding."""
    for each in helsinki.features:
        if isinstance(each.geometry, LineString):
            geodesic_m = GEOD.geometry_length(each.geometry)
            assert each.properties["length_m"] == pytest.approx(geodesic_m, rel=1e-3, abs=0.05)


@needs_extract
def test_places_at_the_edge_are_reported(helsinki: OsmMap) -> None:
    """The market square, cut off by the extract, is named and not left out silently."""
    assert "Kauppatori" in {each.name for each in helsinki.skipped}


@needs_extract
def test_the_committed_map_can_be_made_again(tmp_path: Path) -> None:
    """The script gives the committed files."""
    runpy.run_path(str(MISSION / "make_map.py"))["make_map"](EXTRACT, tmp_path)
    for name in ("areas.geojson", "map.geojson"):
        made, committed = (
            json.loads((folder / name).read_text(encoding="utf-8")) for folder in (tmp_path, MISSION)
        )
        assert [each["properties"] for each in made["features"]] == [
            each["properties"] for each in committed["features"]
        ]
        # Another version of GEOS may place the vertices of a buffer differently.
        for new, old in zip(made["features"], committed["features"], strict=True):
            assert shape(new["geometry"]).hausdorff_distance(shape(old["geometry"])) < 1e-5


def test_the_park_is_the_large_one(areas: dict[str, dict]) -> None:
    """Kaisaniemi park has about 14 ha and its hole."""
    park = shape(areas["kaisaniemen-puisto"]["geometry"])
    assert abs(GEOD.geometry_area_perimeter(park)[0]) == pytest.approx(140_000.0, rel=0.02)
    assert len(park.interiors) == 1


def test_the_keep_out_zone_is_marked_as_an_example(areas: dict[str, dict]) -> None:
    """Nobody may take the zone for a real restriction."""
    properties = areas["keep-out-example"]["properties"]
    assert properties["illustrative"] is True
    assert properties["name"].startswith("Example")


def test_the_keep_out_zone_is_in_the_way(areas: dict[str, dict]) -> None:
    """It touches no area, yet the straight line between the two squares crosses it."""
    zone = shape(areas["keep-out-example"]["geometry"])
    places = {key: shape(each["geometry"]) for key, each in areas.items() if key != "keep-out-example"}
    assert not any(place.intersects(zone) for place in places.values())
    between = LineString([places["rautatientori"].centroid, places["senaatintori"].centroid])
    assert between.crosses(zone)


@pytest.mark.parametrize("name", ["areas.geojson", "map.geojson"])
def test_the_committed_files_carry_their_licence(name: str) -> None:
    """Attribution and licence stand in the file itself."""
    collection = json.loads((MISSION / name).read_text(encoding="utf-8"))
    assert collection["attribution"] == "© OpenStreetMap contributors"
    assert collection["licence"] == "ODbL-1.0"
