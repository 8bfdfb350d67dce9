"""A valid mission file becomes a Mission."""

from __future__ import annotations

from datetime import UTC, date, datetime
from math import inf, isclose

import pytest
import yaml

from dronepatrol.formats.mission import load_mission, shipped_tables
from dronepatrol.model import PhotoAction, Position, TaskKind, VideoAction, ZoneKind
from tests.formats.mission.conftest import feature, square


def test_small_mission_has_what_the_file_says(load, values):
    """Names default to ids, and stations, drones and tasks arrive as written."""
    mission = load(values)
    assert mission.day == date(2026, 9, 14)
    assert mission.stations[0].position == Position(24.94, 60.17)
    assert mission.stations[0].name == "north"
    assert mission.drone("n1").model.id == "m4td"
    assert mission.task("school").kind is TaskKind.SCHOOL_ZONE


def test_windows_are_local_times_of_the_day(load, values):
    """07:40 in Helsinki in September is 04:40 UTC."""
    window = load(values).tasks[0].windows[0]
    assert window.start == datetime(2026, 9, 14, 4, 40, tzinfo=UTC)
    assert window.duration_s == 40 * 60


def test_day_argument_wins_over_the_file(tmp_path, values, load):
    """The same file can be flown on another day."""
    load(values)
    mission = load_mission(tmp_path / "mission.yaml", day=date(2026, 12, 1))
    assert mission.tasks[0].windows[0].start == datetime(2026, 12, 1, 5, 40, tzinfo=UTC)


def test_without_date_the_day_is_today(load, values):
    """A file without a date is meant for the day it is read."""
    del values["date"]
    before = datetime.now(tz=load(values).time_zone).date()
    after = datetime.now(tz=load(values).time_zone).date()
    assert load(values).day in (before, after)


def test_position_may_name_its_numbers(load, values):
    """A position can be written {lon, lat} too."""
    values["stations"][0]["position"] = {"lat": 60.17, "lon": 24.94}
    assert load(values).stations[0].position == Position(24.94, 60.17)


def test_swath_is_the_cameras_footprint(load, values):
    """At 60 m the Matrice 4TD sees 86 m across with its wide camera and 39 m with its thermal one."""
    assert isclose(load(values).tasks[0].swath_m, 86.0, abs_tol=0.5)
    values["tasks"][0]["camera"] = "m4td-thermal"
    assert isclose(load(values).tasks[0].swath_m, 39.0, abs_tol=0.5)


def test_altitude_follows_from_ground_sampling_distance(load, values):
    """The table gives 9.10 cm at 90 m for the Matrice 4TD's thermal camera."""
    task = values["tasks"][0]
    del task["altitude_agl_m"]
    task |= {"ground_sampling_distance_cm": 9.10, "camera": "m4td-thermal"}
    assert isclose(load(values).tasks[0].altitude_agl_m, 90.0, abs_tol=0.1)


def test_swath_is_the_narrowest_of_a_mixed_fleet(load, values):
    """With two kinds of drone any of them may fly the task, so the narrower camera decides."""
    values["stations"][0]["drones"].append({"id": "n2", "model": "m350"})
    models = shipped_tables().drone_models
    narrowest = min(models[key].cameras[0].footprint_width_m(60.0) for key in ("m4td", "m350"))
    assert load(values).tasks[0].swath_m == narrowest


def test_overlap_gives_the_spacing(load, values):
    """A quarter overlap leaves three quarters of the swath between sweeps."""
    values["tasks"][0]["overlap"] = 0.25
    task = load(values).tasks[0]
    assert isclose(task.track_spacing_m, 0.75 * task.swath_m)


def test_spacing_is_taken_as_written(load, values):
    """track_spacing_m replaces the overlap."""
    values["tasks"][0]["track_spacing_m"] = 40
    assert load(values).tasks[0].track_spacing_m == 40.0


def test_actions_in_their_short_and_long_forms(load, values):
    """Words, mappings and empty settings all mean actions."""
    values["tasks"][0]["actions"] = ["video", {"photo": {"spacing_m": 12}}]
    assert load(values).tasks[0].actions == (VideoAction(), PhotoAction(12.0))
    values["tasks"][0]["actions"] = [{"photo": None}]
    [photo] = load(values).tasks[0].actions
    assert isclose(photo.spacing_m, 0.3 * 60.0 * 7.2 / 6.72)


def test_area_and_zone_by_reference(load, values, areas):
    """A reference takes the feature's geometry; a zone also takes its properties."""
    areas(
        feature("ground", square(24.945, 60.171)),
        feature("no-fly", square(24.95, 60.18), kind="keep_out", ceiling_agl_m=90, colour="red"),
    )
    values["tasks"][0]["area"] = "areas.geojson#ground"
    values["airspace"] = {"zones": ["areas.geojson#no-fly"]}
    mission = load(values)
    assert mission.tasks[0].polygon.bounds == pytest.approx((24.945, 60.171, 24.949, 60.175))
    zone = mission.airspace.zones[0]
    assert (zone.id, zone.kind, zone.ceiling_agl_m) == ("no-fly", ZoneKind.KEEP_OUT, 90.0)


def test_zone_written_out(load, values):
    """An inline zone has a band, active times, and is unlimited upward if it says nothing."""
    values["airspace"] = {
        "ceiling_agl_m": 100,
        "zones": [
            {
                "id": "concert",
                "kind": "keep_out",
                "area": square(24.95, 60.18),
                "floor_agl_m": 30,
                "active": [{"start": "2026-09-14T18:00", "end": "2026-09-14T23:00"}],
                "illustrative": True,
            }
        ],
    }
    mission = load(values)
    zone = mission.airspace.zones[0]
    assert mission.airspace.ceiling_agl_m == 100.0
    assert (zone.floor_agl_m, zone.ceiling_agl_m, zone.illustrative) == (30.0, inf, True)
    assert zone.active[0].start == datetime(2026, 9, 14, 15, 0, tzinfo=UTC)


def test_layers_are_found_beside_the_mission_file(load, values, areas):
    """Layer paths are relative to the mission file."""
    path = areas(name="map.geojson")
    values["layers"] = ["map.geojson"]
    assert load(values).layers == (path,)


def test_unquoted_times_stay_times(load, values):
    """17:40 without quotes is no base-60 number and 2026-09-14 no date object, as YAML 1.1 would have it."""
    values["tasks"][0]["windows"] = "WINDOWS"
    text = yaml.safe_dump(values).replace("WINDOWS", "[{start: 17:40, end: 18:20}]")
    text = text.replace("'2026-09-14'", "2026-09-14")
    assert load(text).tasks[0].windows[0].start == datetime(2026, 9, 14, 14, 40, tzinfo=UTC)


def test_byte_order_mark_is_no_obstacle(tmp_path, values, load):
    """Some editors begin a UTF-8 file with a mark."""
    load(values)
    path = tmp_path / "mission.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load_mission(path).name == "Test"
