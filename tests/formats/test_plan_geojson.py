from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from math import inf

import pytest
from shapely.geometry import shape

from dronepatrol.errors import OutputError
from dronepatrol.formats.plan_geojson import plan_to_geojson, write_plan
from dronepatrol.geo.polygon import area_m2
from dronepatrol.planning import plan_mission
from tests.planning.factory import mission, square, station, task, window, zone


@pytest.fixture(scope="module")
def plan():
    """A plan with one school, a zone that hides a part of it, and one sortie."""
    return plan_mission(
        mission(
            task("school", square(0.0, 200.0, 200.0), window("08:00", "08:20")),
            stations=(station("base", 0.0, -300.0, "d1"),),
            zones=(zone("palace", square(0.0, 300.0, 120.0), ceiling_agl_m=inf),),
        ),
        seed=7,
    )


@pytest.fixture(scope="module")
def data(plan):
    """The plan as GeoJSON."""
    return plan_to_geojson(plan)


def features(data, role):
    """Features of one role."""
    return [f for f in data["features"] if f["properties"]["role"] == role]


def test_collection_says_what_it_is(data):
    """The collection carries mission, day, time zone and seed."""
    assert data["type"] == "FeatureCollection"
    head = {key: data[key] for key in ("mission", "day", "time_zone", "seed", "attribution")}
    assert head == {
        "mission": "helsinki-test",
        "day": "2026-09-14",
        "time_zone": "Europe/Helsinki",
        "seed": 7,
        "attribution": [],
    }


def test_every_leg_is_a_feature_in_order(plan, data):
    """Legs come in flying order with their sortie, index, kind and figures."""
    found = features(data, "leg")
    legs = plan.sorties[0].legs
    assert [f["properties"]["index"] for f in found] == list(range(len(legs)))
    assert [f["properties"]["kind"] for f in found] == [leg.kind.value for leg in legs]
    assert [f["properties"]["energy_wh"] for f in found] == pytest.approx(
        [leg.energy_wh for leg in legs], abs=1e-3
    )
    assert {f["properties"]["drone"] for f in found} == {"d1"}


def test_leg_positions_carry_height_above_home(plan, data):
    """Each leg is a line of two positions with the height as third coordinate."""
    for feature, leg in zip(features(data, "leg"), plan.sorties[0].legs, strict=True):
        start, end = feature["geometry"]["coordinates"]
        assert start == pytest.approx([*leg.start.position.lonlat, leg.start.altitude_home_m], abs=1e-6)
        assert end[2] == pytest.approx(leg.end.altitude_home_m)


def test_legs_start_one_after_the_other(plan, data):
    """The start of each leg is the launch plus the durations before it, in UTC."""
    found = features(data, "leg")
    first = datetime.fromisoformat(found[0]["properties"]["start_utc"])
    last = datetime.fromisoformat(found[-1]["properties"]["start_utc"])
    assert first == plan.sorties[0].launch
    flown_s = sum(leg.duration_s for leg in plan.sorties[0].legs[:-1])
    assert (last - first).total_seconds() == pytest.approx(flown_s, abs=0.01)


def test_task_carries_its_wishes(data):
    """A task has its id, spacing, passes and windows in UTC."""
    properties = features(data, "task")[0]["properties"]
    assert properties["id"] == "school"
    assert properties["track_spacing_m"] == 25.0
    assert properties["windows"] == [["2026-09-14T05:00:00.000Z", "2026-09-14T05:20:00.000Z"]]


def test_zone_without_ceiling_has_none(data):
    """An infinite ceiling is null, since JSON has no infinity."""
    properties = features(data, "zone")[0]["properties"]
    assert properties["ceiling_agl_m"] is None
    assert properties["kind"] == "keep_out"
    assert properties["illustrative"] is True


def test_station_names_its_drones(data):
    """A station is a point with the ids of its drones."""
    found = features(data, "station")[0]
    assert found["geometry"]["type"] == "Point"
    assert found["properties"]["drones"] == ["d1"]


def test_remainder_has_its_place(data):
    """Unseen ground is a polygon of the area it tells."""
    found = features(data, "remainder")[0]
    assert area_m2(shape(found["geometry"])) == pytest.approx(found["properties"]["area_m2"], rel=1e-3)
    assert "palace" in found["properties"]["reason"]


def test_outer_rings_are_counterclockwise(data):
    """Polygons follow the right-hand rule of RFC 7946."""
    for feature in features(data, "task") + features(data, "zone"):
        assert shape(feature["geometry"]).exterior.is_ccw


def test_written_file_holds_the_plan(plan, data, tmp_path):
    """The file reads back as the same collection and leaves nothing else in the folder."""
    write_plan(plan, tmp_path / "plan.geojson")
    assert json.loads((tmp_path / "plan.geojson").read_text(encoding="utf-8")) == data
    assert [path.name for path in tmp_path.iterdir()] == ["plan.geojson"]


def test_same_plan_gives_the_same_bytes(plan, tmp_path):
    """Writing twice gives identical files."""
    for name in ("a", "b"):
        write_plan(plan, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_missing_folder_is_an_output_error(plan, tmp_path):
    """A folder that does not exist is named with a remedy."""
    with pytest.raises(OutputError, match=r"plan\.geojson: cannot be written .*choose another folder"):
        write_plan(plan, tmp_path / "missing" / "plan.geojson")


def test_failed_write_leaves_the_old_file(plan, tmp_path):
    """Where the target cannot be replaced, nothing half-made is left behind."""
    target = tmp_path / "plan.geojson"
    target.mkdir()
    (target / "kept").write_text("kept", encoding="utf-8")
    with pytest.raises(OutputError):
        write_plan(plan, target)
    assert [path.name for path in tmp_path.iterdir()] == ["plan.geojson"]


def test_attribution_comes_from_the_layers(plan, tmp_path):
    """The attributions of the layers are gathered, each once."""
    for name in ("roads", "buildings"):
        layer = {"type": "FeatureCollection", "attribution": "Map data of volunteers", "features": []}
        (tmp_path / f"{name}.geojson").write_text(json.dumps(layer), encoding="utf-8")
    layers = (tmp_path / "roads.geojson", tmp_path / "buildings.geojson", tmp_path / "absent.geojson")
    drawn = replace(plan, mission=replace(plan.mission, layers=layers))
    assert plan_to_geojson(drawn)["attribution"] == ["Map data of volunteers"]
