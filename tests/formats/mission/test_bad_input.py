"""Everything wrong with a mission file is one MissionFileError with place, value, limit and remedy."""

from __future__ import annotations

import re
from math import inf, nan

import pytest
import yaml

from dronepatrol.errors import MissionFileError
from tests.formats.mission.conftest import feature, small_mission, square

BOWTIE = {
    "type": "Polygon",
    "coordinates": [[[24.945, 60.171], [24.949, 60.175], [24.949, 60.171], [24.945, 60.175]]],
}
METRES = {"type": "Polygon", "coordinates": [[[385400, 6672000], [385800, 6672000], [385800, 6672400]]]}
SWAPPED = {"type": "Polygon", "coordinates": [[[60.171, 24.945], [60.175, 24.945], [60.175, 24.949]]]}
LINE = {"type": "LineString", "coordinates": [[24.945, 60.171], [24.949, 60.175]]}
FLAT = {"type": "Polygon", "coordinates": [[[24.945, 60.171], [24.946, 60.171], [24.947, 60.171]]]}


def spoiled(path: tuple, value: object) -> dict:
    """Return a small mission with one value set; the way to it is made where it is missing."""
    values = small_mission()
    at = values
    for step in path[:-1]:
        at = at.setdefault(step, {}) if isinstance(at, dict) else at[step]
    at[path[-1]] = value
    return values


ZONE = {"id": "z", "kind": "keep_out", "area": square(24.95, 60.18)}
TASK = ("tasks", 0)
WINDOW = (*TASK, "windows", 0)
CASES = {
    "window ends before it starts": (
        (*WINDOW, "end"),
        "07:10",
        r"line \d+: tasks\[0\]\.windows\[0\]: ends 07:10 before it starts 07:40; swap them or add a date",
    ),
    "window of no length": ((*WINDOW, "end"), "07:40", r"windows\[0\]: starts and ends 07:40"),
    "window that is no time": (
        (*WINDOW, "end"),
        "8.20",
        r"windows\[0\]\.end: '8\.20' is not a time; write HH:MM",
    ),
    "hour 25": ((*WINDOW, "end"), "25:00", r"'25:00' is not a time"),
    "window as a number": ((*WINDOW, "end"), 820, r"windows\[0\]\.end: 820 is not text; put it in quotes"),
    "unknown key": (
        (*TASK, "altitud_agl_m"),
        50,
        r"unknown key 'altitud_agl_m'; did you mean 'altitude_agl_m'\?",
    ),
    "unknown key at the top": (("time_zon",), "UTC", r"unknown key 'time_zon'; did you mean 'time_zone'\?"),
    "unknown key like no other": (("q",), 1, r"unknown key 'q'; known: airspace, cameras"),
    "unknown key in an action": (
        (*TASK, "actions"),
        [{"photo": {"overlap": 0.7}}],
        r"actions\[0\]\.photo\.overlap: unknown key 'overlap'; did you mean 'front_overlap'\?",
    ),
    "unknown action": (
        (*TASK, "actions"),
        ["vidoe"],
        r"actions\[0\]\.vidoe: unknown key 'vidoe'; did you mean 'video'",
    ),
    "unknown kind": ((*TASK, "kind"), "school_zon", r"tasks\[0\]\.kind: .*; did you mean 'school_zone'\?"),
    "unknown drone model": (
        ("stations", 0, "drones", 0, "model"),
        "m4tdx",
        r"stations\[0\]\.drones\[0\]\.model: drone model 'm4tdx' is not known; did you mean 'm4td'\?",
    ),
    "unknown camera": (
        (*TASK, "camera"),
        "m4td-wid",
        r"camera 'm4td-wid' is not known; did you mean 'm4td-wide'",
    ),
    "camera nobody carries": (
        (*TASK, "camera"),
        "m30t-wide",
        r"'m30t-wide' is carried by no drone of this mission",
    ),
    "unknown time zone": (
        ("time_zone",),
        "Europe/Helsink",
        r"'Europe/Helsink' is not known; did you mean 'Europe/H",
    ),
    "time zone that is a folder": (("time_zone",), "Europe", r"time zone 'Europe' is not known"),
    "unknown version": (("dronepatrol",), 2, r"version 2 of the format is not known; write 'dronepatrol: 1'"),
    "truth as version": (("dronepatrol",), True, r"version True of the format is not known"),
    "no date": (("date",), "14.9.2026", r"date: '14\.9\.2026' is not a date; write YYYY-MM-DD"),
    "day that is not in the calendar": (("date",), "2026-02-30", r"'2026-02-30' is not a date"),
    "self-crossing polygon": (
        (*TASK, "area"),
        BOWTIE,
        r"tasks\[0\]\.area: crosses itself at 24\.947, 60\.173;",
    ),
    "empty polygon": ((*TASK, "area"), {"type": "Polygon", "coordinates": []}, r"tasks\[0\]\.area: is empty"),
    "flat polygon": ((*TASK, "area"), FLAT, r"tasks\[0\]\.area: .*"),
    "line as area": ((*TASK, "area"), LINE, r"is a LineString; an area needs a Polygon"),
    "polygon in metres": ((*TASK, "area"), METRES, r"it looks like metres; reproject it to WGS84"),
    "swapped polygon": (
        (*TASK, "area"),
        SWAPPED,
        r"area: lies \d+ km from station north, more than 500 km; swap the two",
    ),
    "far polygon": (
        (*TASK, "area"),
        square(-70.0, -33.0),
        r"lies 1\d{4} km from station north.*; check both positions",
    ),
    "swapped station": (
        ("stations", 0, "position"),
        [60.17, 24.94],
        r"; swap the two numbers of each point, or of the station",
    ),
    "station latitude out of range": (
        ("stations", 0, "position"),
        [39.9, 116.4],
        r"position\.lat: 116\.4 is out of range: must be at most 90; give degrees \(WGS84\), longitude first",
    ),
    "three numbers for a place": (
        ("stations", 0, "position"),
        [1, 2, 3],
        r"position: has 3 numbers; write \[longitude",
    ),
    "swapped zone": (
        ("airspace",),
        {"zones": [{**ZONE, "area": SWAPPED}]},
        r"zone z lies \d+ km from station north; swap",
    ),
    "area as a number": ((*TASK, "area"), 5, r"tasks\[0\]\.area: is no GeoJSON geometry"),
    "reference without a feature": (
        (*TASK, "area"),
        "areas.geojson",
        r"'areas\.geojson' is no reference; write file",
    ),
    "reference to a missing file": (
        (*TASK, "area"),
        "no.geojson#a",
        r"tasks\[0\]\.area: .*no\.geojson: does not exist",
    ),
    "NaN": (("airspace",), {"ceiling_agl_m": nan}, r"airspace\.ceiling_agl_m: nan is not a finite number"),
    "infinity": ((*TASK, "altitude_agl_m"), inf, r"altitude_agl_m: inf is not a finite number"),
    "NaN in a polygon": (
        (*TASK, "area"),
        {"type": "Polygon", "coordinates": [[[nan, 60], [24, 60], [24, 61]]]},
        r"has a coordinate that is not finite: nan",
    ),
    "negative altitude": (
        (*TASK, "altitude_agl_m"),
        -5,
        r"altitude_agl_m: -5 is out of range: must be more than 0",
    ),
    "truth value for a number": ((*TASK, "altitude_agl_m"), True, r"altitude_agl_m: true is not a number"),
    "number with a unit": (
        (*TASK, "altitude_agl_m"),
        "60 m",
        r"\"60 m\" is not a number; write the number alone",
    ),
    "half a pass": ((*TASK, "passes"), 1.5, r"passes: 1\.5 is not a whole number"),
    "whole overlap": ((*TASK, "overlap"), 1.0, r"overlap: 1\.0 is out of range: must be at most 0\.95"),
    "altitude and ground sampling distance": (
        (*TASK, "ground_sampling_distance_cm"),
        2,
        r"tasks\[0\]: gives both of altitude_agl_m and ground_sampling_distance_cm; give one",
    ),
    "spacing over the swath": (
        (*TASK, "track_spacing_m"),
        90,
        r"90 m leaves gaps: the camera sees 85\.7 m across",
    ),
    "pictures too far apart": (
        (*TASK, "actions"),
        [{"photo": {"spacing_m": 70}}],
        r"photo\.spacing_m: 70 m leaves gaps: a picture is 64\.3 m long on the ground",
    ),
    "the same action twice": (
        (*TASK, "actions"),
        ["video", "video"],
        r"actions\[1\]: the same action is given twice",
    ),
    "no tasks": (("tasks",), [], r"tasks: is empty"),
    "tasks as a mapping": (("tasks",), {"a": 1}, r"tasks: .* is not a list"),
    "task as a word": (("tasks",), ["school"], r"tasks\[0\]: \"school\" is not a mapping"),
    "id with a slash": ((*TASK, "id"), "a/b", r"id: \"a/b\" cannot be an id; use letters"),
    "task outside keep-in": (
        ("airspace",),
        {"zones": [{"id": "bounds", "kind": "keep_in", "area": square(24.938, 60.168)}]},
        r"tasks\[0\]\.area: lies outside every keep-in zone \(bounds\)",
    ),
    "station in keep-out": (
        ("airspace",),
        {"zones": [{**ZONE, "area": square(24.938, 60.168)}]},
        r"stations\[0\]\.position: station north stands in keep-out zone z; move one of them",
    ),
    "zone band upside down": (
        ("airspace",),
        {"zones": [{**ZONE, "floor_agl_m": 80, "ceiling_agl_m": 40}]},
        r"zones\[0\]: ceiling_agl_m 40 is not above floor_agl_m 80",
    ),
    "zone of an unknown kind": (
        ("airspace",),
        {"zones": [{**ZONE, "kind": "keep-out"}]},
        r"airspace\.zones\[0\]\.kind: .*did you mean 'keep_out'\?",
    ),
    "layer that is absent": (("layers",), ["map.geojson"], r"layers\[0\]: .*map\.geojson: does not exist"),
    "path with a null byte": (("layers",), ["a\0b"], "holds a control character"),
    "incomplete drone model": (
        ("drone_models",),
        {"mine": {"endurance_min": 20}},
        r"drone_models\.mine: 'mine' is not in the shipped table and leaves open: cruise_speed_mps",
    ),
    "model that extends nothing": (
        ("drone_models",),
        {"mine": {"extends": "m4"}},
        r"drone_models\.mine\.extends: drone model 'm4' is not known; did you mean 'm4t",
    ),
    "cruise faster than the airframe": (
        ("drone_models",),
        {"m4td": {"cruise_speed_mps": 30}},
        r"cruise_speed_mps 30 is more than max_speed_mps 21",
    ),
    "two energy rules": (
        ("drone_models",),
        {"m4td": {"endurance_min": 20, "battery": {"hover_power_w": 100}}},
        r"gives both endurance_min and battery\.hover_power_w",
    ),
    "model with an unknown camera": (
        ("drone_models",),
        {"m4td": {"cameras": ["m4td-wild"]}},
        r"drone_models\.m4td\.cameras: camera 'm4td-wild' is not known; did you mean 'm4td-wide'\?",
    ),
}


@pytest.mark.parametrize(("path", "value", "message"), CASES.values(), ids=CASES.keys())
def test_wrong_value_is_one_clear_error(load, path, value, message):
    """A single wrong value names the file, the line, the place, the value and what to do."""
    with pytest.raises(MissionFileError, match=message) as caught:
        load(spoiled(path, value))
    text = str(caught.value)
    assert "mission.yaml: line " in text
    assert "\n" not in text


@pytest.mark.parametrize("key", ["dronepatrol", "name", "time_zone", "stations", "tasks"])
def test_missing_key_is_named(load, values, key):
    """A key that must be there is asked for."""
    del values[key]
    with pytest.raises(MissionFileError, match=f"key '{key}' is missing; add '{key}:'"):
        load(values)


@pytest.mark.parametrize("key", ["id", "kind", "area"])
def test_missing_key_of_a_task_is_named(load, values, key):
    """A task without its id, kind or area says so at the task."""
    del values["tasks"][0][key]
    with pytest.raises(MissionFileError, match=rf"tasks\[0\]: key '{key}' is missing"):
        load(values)


def test_all_problems_are_told_in_one_error(load, values):
    """Two mistakes give two lines and one error."""
    values["reserve"] = 2
    values["tasks"][0]["altitude_agl_m"] = "high"
    with pytest.raises(MissionFileError) as caught:
        load(values)
    lines = str(caught.value).splitlines()
    assert lines[0].endswith("mission.yaml: 2 problems")
    assert "reserve: 2 is out of range: must be at most 0.9" in lines[1]
    assert 'altitude_agl_m: "high" is not a number' in lines[2]


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("task", lambda v: v["tasks"].append(v["tasks"][0])),
        (
            "station",
            lambda v: v["stations"].append({**v["stations"][0], "drones": [{"id": "x", "model": "m4t"}]}),
        ),
        ("drone", lambda v: v["stations"][0]["drones"].append({"id": "n1", "model": "m4t"})),
        ("zone", lambda v: v.update(airspace={"zones": [ZONE, ZONE]})),
    ],
)
def test_ids_are_unique(load, values, what, change):
    """Two of a kind may not share an id."""
    change(values)
    with pytest.raises(MissionFileError, match=f"another {what} has the id"):
        load(values)


def test_line_is_that_of_the_key(load):
    """The line number leads to the mistake."""
    text = yaml.safe_dump(spoiled((*TASK, "altitude_agl_m"), "high"))
    line = next(i for i, row in enumerate(text.splitlines(), 1) if "altitude_agl_m" in row)
    with pytest.raises(MissionFileError, match=rf"mission\.yaml: line {line}: tasks\[0\]\.altitude_agl_m"):
        load(text)


def test_unknown_feature_suggests_the_nearest(load, values, areas):
    """A mistyped feature id is told with the one that was meant."""
    areas(feature("ressun-lukio", square(24.945, 60.171)), feature("senaatintori", square(24.95, 60.17)))
    values["tasks"][0]["area"] = "areas.geojson#resun-lukio"
    with pytest.raises(
        MissionFileError, match=r"no feature has the id 'resun-lukio'; did you mean 'ressun-lukio'\?"
    ):
        load(values)


def test_fault_in_a_feature_names_the_reference(load, values, areas):
    """A crossing polygon in another file is found by its reference."""
    areas(feature("bow", BOWTIE))
    values["tasks"][0]["area"] = "areas.geojson#bow"
    with pytest.raises(
        MissionFileError, match=r"tasks\[0\]\.area: areas\.geojson#bow: crosses itself at 24\.947"
    ):
        load(values)


def test_feature_that_is_no_zone(load, values, areas):
    """A feature without a kind cannot be a zone by itself."""
    areas(feature("park", square(24.95, 60.18)))
    values["airspace"] = {"zones": ["areas.geojson#park"]}
    message = r"airspace\.zones\[0\]: areas\.geojson#park: properties: key 'kind' is missing; add 'kind:'"
    with pytest.raises(MissionFileError, match=message):
        load(values)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", r"areas\.geojson: line 1, column 2: broken JSON"),
        ("[]", "is not GeoJSON: no object with a 'type'"),
        ('{"type": "FeatureCollection"}', "without a list of features"),
        ('{"type": "Feature", "id": NaN}', "broken JSON: NaN is not a number"),
        ("[" * 100_000, "broken JSON"),
    ],
)
def test_broken_geojson(load, values, tmp_path, text, message):
    """A file that is referred to is read as carefully as the mission itself."""
    (tmp_path / "areas.geojson").write_text(text)
    values["tasks"][0]["area"] = "areas.geojson#a"
    with pytest.raises(MissionFileError, match=message):
        load(values)


def test_repeated_feature_id(load, values, areas):
    """A reference that could mean two features is refused."""
    areas(feature("a", square(24.945, 60.171)), feature("a", square(24.95, 60.17)))
    values["tasks"][0]["area"] = "areas.geojson#a"
    with pytest.raises(MissionFileError, match="2 features have the id 'a'"):
        load(values)


@pytest.mark.parametrize(
    ("coordinates", "message"),
    [
        ([[[24.9, 60.1], [24.95, 60.1]]], "has a ring of 2 different corners; give at least three"),
        ([[[24.9], [24.95, 60.1], [24.95, 60.2]]], r"has a point that is not \[lon, lat\]"),
        ([[[True, 60.1], [24.95, 60.1], [24.95, 60.2]]], "has a coordinate that is no number: True"),
        ([[["24.9", 60.1], [24.95, 60.1], [24.95, 60.2]]], "has a coordinate that is no number"),
        ([[24.9, 60.1]], r"has a point that is not \[lon, lat\]: 24.9"),
        (["x"], "has a ring that is no list of points"),
        ("x", "is no list of rings|is empty"),
        (
            [
                [[24.90, 60.10], [24.91, 60.10], [24.91, 60.11], [24.90, 60.11]],
                [[25, 61], [25.1, 61], [25.1, 61.1]],
            ],
            "has a hole outside its outline",
        ),
    ],
)
def test_misshapen_polygons(load, values, coordinates, message):
    """Each way in which coordinates can be no polygon has its own words."""
    values["tasks"][0]["area"] = {"type": "Polygon", "coordinates": coordinates}
    with pytest.raises(MissionFileError, match=message):
        load(values)


def test_error_text_is_the_documented_form(load):
    """The whole of one message, as design and manual promise it."""
    text = yaml.safe_dump(small_mission()).replace("08:20", "07:10")
    line = next(i for i, row in enumerate(text.splitlines(), 1) if "end:" in row)
    with pytest.raises(MissionFileError) as caught:
        load(text)
    expected = (
        rf".*mission\.yaml: line {line}: tasks\[0\]\.windows\[0\]: "
        r"ends 07:10 before it starts 07:40; swap them or add a date"
    )
    assert re.fullmatch(expected, str(caught.value))
