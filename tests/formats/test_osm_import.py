"""Importing a small town drawn by hand."""

from __future__ import annotations

import bz2
import gzip
import json
from pathlib import Path

import pytest
import shapely
from pyproj import Geod
from shapely.geometry import shape

from dronepatrol.formats.osm import OsmMap, import_osm, write_geojson
from dronepatrol.formats.osm.places import NODE_GROUND_RADIUS_M
from dronepatrol.geo.frame import LocalFrame
from dronepatrol.geo.polygon import project
from tests.formats.osm_town import town_xml, write_town

GEOD = Geod(ellps="WGS84")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> OsmMap:
    """Import the whole town."""
    return import_osm(write_town(tmp_path_factory.mktemp("osm")))


def test_all_kinds_are_found(town: OsmMap) -> None:
    """Places, roads, paths and buildings are counted as they were drawn."""
    assert town.counts() == {"school_zone": 3, "square": 2, "park": 1, "road": 3, "path": 1, "building": 3}


def test_a_school_zone_is_the_ground_plus_the_margin(town: OsmMap) -> None:
    """The border of the zone lies 80 m from the ground all round."""
    zone, ground = town["itakoulu"], shapely.box(24.000, 60.000, 24.002, 60.001)
    frame = LocalFrame.around(shapely.get_coordinates(ground))
    ground_enu_m = project(ground, frame)
    corners_enu_m = shapely.points(shapely.get_coordinates(project(zone.geometry, frame)))
    assert shapely.distance(corners_enu_m, ground_enu_m) == pytest.approx(80.0, abs=0.01)
    assert zone.properties["margin_m"] == 80.0
    assert zone.properties["ground"] == "area"


def test_the_margin_can_be_chosen(tmp_path: Path) -> None:
    """Without a margin the zone is the ground itself."""
    zone = import_osm(write_town(tmp_path), school_margin_m=0.0)["itakoulu"]
    assert zone.properties["area_ha"] == zone.properties["ground_ha"]


def test_a_school_node_becomes_a_marked_circle(town: OsmMap) -> None:
    """A school that is only a node gets a nominal ground and the margin round it, and says so."""
    zone = town["lansikoulu"]
    frame = LocalFrame.around([[24.040, 60.000]])
    corners_enu_m = shapely.get_coordinates(project(zone.geometry, frame))
    radii_m = (corners_enu_m**2).sum(axis=1) ** 0.5
    assert zone.properties["ground"] == "node"
    assert radii_m.max() == pytest.approx(NODE_GROUND_RADIUS_M + 80.0, abs=0.1)


def test_a_node_in_the_ground_of_a_school_is_no_second_school(town: OsmMap) -> None:
    """An unnamed school node inside a school's ground is skipped with the reason."""
    assert {each.osm: each.reason for each in town.skipped}["node/52"] == "repeats way/101"


def test_a_lone_school_building_is_a_school(town: OsmMap) -> None:
    """A building built as a school counts where no ground is drawn, and not where one is."""
    schools = {each.osm: each.properties["ground"] for each in town.features if each.kind == "school_zone"}
    assert schools["way/110"] == "building"
    assert "way/102" not in schools


def test_a_multipolygon_keeps_its_hole(town: OsmMap) -> None:
    """The square is the outer ring less the inner one."""
    square = town["tori"]
    assert square.osm == "relation/201"
    assert [len(square.geometry.interiors), square.properties["class"]] == [1, "place=square"]
    outer_m2 = abs(GEOD.geometry_area_perimeter(shapely.box(24.010, 60.000, 24.014, 60.002))[0])
    inner_m2 = abs(GEOD.geometry_area_perimeter(shapely.box(24.011, 60.0005, 24.012, 60.001))[0])
    assert square.properties["area_ha"] * 1e4 == pytest.approx(outer_m2 - inner_m2, rel=5e-3)


def test_a_one_way_road_has_its_class_lanes_and_width(town: OsmMap) -> None:
    """What is known of a road is carried over, and its Chinese name survives."""
    road = town["road-w105"]
    expected = {"class": "residential", "oneway": True, "lanes": 2, "width_m": 7.5}
    assert road.name == "第一大街"
    assert {key: road.properties[key] for key in expected} == expected


def test_a_road_against_its_drawing_is_turned_round(town: OsmMap) -> None:
    """A street tagged oneway=-1 comes out in the direction of traffic, without its unreadable lanes."""
    road = town["katu-w106"]
    assert road.geometry.coords[0] == (24.020, 60.005)
    assert road.properties["oneway"] is True
    assert "lanes" not in road.properties


def test_the_length_of_a_road_is_geodesic(town: OsmMap) -> None:
    """The length agrees with the geodesic on the ellipsoid."""
    expected_m = GEOD.inv(24.010, 60.005, 24.020, 60.005)[2]
    assert town["katu-w106"].properties["length_m"] == pytest.approx(expected_m, abs=0.1)


def test_a_path_in_a_tunnel_is_marked(town: OsmMap) -> None:
    """What no camera can see from above says so."""
    assert town["path-w107"].properties["tunnel"] is True


def test_building_heights_say_where_they_are_from(town: OsmMap) -> None:
    """A tower on a building decides its height; storeys give an estimate; without either there is none."""
    assert town["building-w108"].properties["height_m"] == 30.0
    assert town["building-w108"].properties["height_source"] == "part_tagged"
    assert town["building-w102"].properties["height_m"] == 12.0
    assert town["building-w102"].properties["height_source"] == "levels"
    assert "height_m" not in town["building-w110"].properties


def test_what_cannot_be_used_is_reported(town: OsmMap) -> None:
    """A cut-off park, a cellar square and a market without an outline are named with the reason."""
    reasons = {each.name: each.reason for each in town.skipped}
    assert reasons["Reunapuisto"] == "part of its outline lies outside the extract"
    assert reasons["Kellaritori"] == "lies under ground or indoors"
    assert reasons["Halli"] == "is a node without an outline"


def test_the_report_keeps_to_what_was_asked(tmp_path: Path) -> None:
    """Places of other kinds or outside the box are not reported as skipped."""
    path = write_town(tmp_path)
    assert [each.name for each in import_osm(path, kinds=["square"]).skipped] == ["Kellaritori"]
    skipped = import_osm(path, bbox="24.025,59.99,24.05,60.01").skipped
    assert [each.name for each in skipped] == ["Reunapuisto"]


def test_a_bbox_cuts_roads_and_keeps_areas_whole(tmp_path: Path) -> None:
    """Roads end at the edge of the box; a square that touches it stays as it is."""
    cut = import_osm(write_town(tmp_path), bbox=(24.013, 59.99, 24.018, 60.01))
    assert cut["katu-w106"].geometry.bounds == pytest.approx((24.013, 60.005, 24.018, 60.005))
    assert cut["tori"].geometry.bounds == (24.010, 60.000, 24.014, 60.002)
    assert "itakoulu" not in [each.id for each in cut.features]


def test_kinds_limit_the_outcome_but_not_the_ids(tmp_path: Path) -> None:
    """A feature has the same id whatever else is asked for."""
    squares = import_osm(write_town(tmp_path), kinds=["square"])
    assert [each.id for each in squares.features] == ["tori", "tori-w115"]


def test_features_are_chosen_by_id_name_or_reference(tmp_path: Path) -> None:
    """The three ways to name a feature all work."""
    chosen = import_osm(write_town(tmp_path), only=["itakoulu", "人民公园", "way/106"])
    assert [each.id for each in chosen.features] == ["itakoulu", "park-w112", "katu-w106"]


@pytest.mark.parametrize(("name", "pack"), [("town.osm.gz", gzip.compress), ("town.osm.bz2", bz2.compress)])
def test_packed_files_are_read(tmp_path: Path, name: str, pack: object) -> None:
    """The same town comes out of a packed file, even under another name."""
    path = tmp_path / name.replace(".osm", "")
    path.write_bytes(pack(town_xml().encode()))
    assert import_osm(path).counts()["school_zone"] == 3


def test_geojson_follows_the_specification(town: OsmMap, tmp_path: Path) -> None:
    """The file has the licence, unique ids, valid geometry, and rings wound as RFC 7946 wants."""
    written = json.loads(write_geojson(town, tmp_path / "town.geojson").read_text(encoding="utf-8"))
    assert (written["type"], written["licence"]) == ("FeatureCollection", "ODbL-1.0")
    assert written["attribution"] == "© OpenStreetMap contributors"
    assert written["import"]["school_margin_m"] == 80.0
    assert len({each["id"] for each in written["features"]}) == len(written["features"])
    areas = [shape(each["geometry"]) for each in written["features"] if each["geometry"]["type"] == "Polygon"]
    assert all(area.is_valid and area.exterior.is_ccw for area in areas)
    assert not any(ring.is_ccw for area in areas for ring in area.interiors)


def test_coordinates_have_seven_decimals(town: OsmMap) -> None:
    """No coordinate is written finer than OpenStreetMap stores it."""
    (ring,) = town["itakoulu"].to_geojson()["geometry"]["coordinates"]
    assert all(value == round(value, 7) for point in ring for value in point)


def test_an_import_can_be_repeated_to_the_byte(tmp_path: Path) -> None:
    """The same file and arguments give the same bytes."""
    path = write_town(tmp_path)
    first, second = (write_geojson(import_osm(path), tmp_path / f"{n}.geojson") for n in (1, 2))
    assert first.read_bytes() == second.read_bytes()
