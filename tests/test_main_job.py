"""The main job end to end: plan, check, fly over MAVLink, record, replay."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import shapely
from pymavlink import mavutil

from dronepatrol import api
from dronepatrol.flight.events import Event
from dronepatrol.model.plan import Plan
from dronepatrol.sim.fleet import SimulatedFleet
from dronepatrol.telemetry.reader import frames
from tests.missions import YARD, write_yard

TWO_WINDOWS = """\
      - {start: "07:40", end: "07:50"}
      - {start: "08:20", end: "08:30"}"""
FILES = {
    "mission.yaml",
    "plan.geojson",
    "d1.tlog",
    "d1.tlog.chain",
    "manifest.json",
    "events.jsonl",
    "summary.json",
    "replay.png",
    "replay.html",
}


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The plan of the test yard."""
    return api.plan_mission(api.load_mission(write_yard(tmp_path_factory.mktemp("mission"))))


@pytest.fixture(scope="module")
def report(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> api.FlightReport:
    """One flight of it over the memory link."""
    return api.fly(plan, tmp_path_factory.mktemp("runs") / "run", seed=1)


def test_the_run_folder_holds_what_it_promises(report: api.FlightReport) -> None:
    """Every file of a run is there."""
    assert {path.name for path in report.path.iterdir()} == FILES


def test_the_yard_was_seen(report: api.FlightReport) -> None:
    """Measured from the log, at least 99 % of the area was seen, and the sortie was flown as planned."""
    (row,) = report.rows
    assert report.complete
    assert row.seen is not None
    assert row.seen >= 0.99


def test_prediction_matches_flight(plan: Plan, report: api.FlightReport) -> None:
    """Planned and flown agree: time at the task within 10 %, battery within 3 % of its capacity."""
    (row,), (result,) = report.rows, report.results
    assert row.flown_s == pytest.approx(row.planned_s, rel=0.10)
    assert result.battery_left == pytest.approx(plan.sorties[0].battery_left, abs=0.03)


def test_the_flown_track_stays_out_of_the_zone(plan: Plan, report: api.FlightReport) -> None:
    """No recorded position lies in the keep-out zone that stands in the straight way."""
    (track,) = api.open_run(report.path).tracks
    (zone,) = plan.mission.airspace.zones
    base, yard = plan.mission.stations[0].position, plan.mission.tasks[0].polygon.centroid
    assert zone.polygon.intersects(shapely.LineString([base.lonlat, (yard.x, yard.y)]))
    assert not shapely.contains_xy(zone.polygon, track.lon_deg, track.lat_deg).any()


def test_pymavlink_reads_the_log_without_bad_data(report: api.FlightReport) -> None:
    """Both directions are found by mavutil, with no bad byte and time that never runs back."""
    log = mavutil.mavlink_connection(str(report.path / "d1.tlog"))
    log.robust_parsing = False  # a byte that is no frame raises
    kinds: Counter[tuple[int, str]] = Counter()
    times = []
    while (message := log.recv_msg()) is not None:
        kinds[message.get_srcSystem(), message.get_type()] += 1
        times.append(message._timestamp)
    log.close()
    assert not any("BAD_DATA" in kind for _, kind in kinds)
    assert np.all(np.diff(times) >= 0.0)
    for sent in ("MISSION_COUNT", "MISSION_ITEM_INT", "COMMAND_LONG", "HEARTBEAT"):
        assert kinds[255, sent] > 0
    for heard in ("MISSION_ACK", "MISSION_REQUEST", "COMMAND_ACK", "GLOBAL_POSITION_INT", "CAMERA_FEEDBACK"):
        assert kinds[1, heard] > 0


def test_mavlogdump_and_mavflightmodes_agree(report: api.FlightReport) -> None:
    """The tools of pymavlink read the log and see the modes of the flight in order."""
    tool = Path(sys.executable).with_name("mavflightmodes.py")
    found = subprocess.run(
        [sys.executable, "-W", "ignore", str(tool), str(report.path / "d1.tlog")],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "GUIDED" in found.stdout
    assert "AUTO" in found.stdout


def test_mavproxy_follows_the_recorded_vehicle(report: api.FlightReport, tmp_path: Path) -> None:
    """Fed with the vehicle's recorded frames, MAVProxy sees it arm, fly and disarm, losing nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        address = probe.getsockname()
    tool = Path(sys.executable).with_name("mavproxy.py")
    command = [sys.executable, "-W", "ignore", str(tool), f"--master=udpin:{address[0]}:{address[1]}"]
    command += [f"--state-basedir={tmp_path}", "--default-modules=mode,arm,wp,link", "--force-connected"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, text=True) as proxy:
        assert proxy.stdout is not None
        for line in proxy.stdout:
            if "Waiting for heartbeat" in line:
                break
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            heard = [f for _, system, _, f in frames((report.path / "d1.tlog").read_bytes()) if system == 1]
            for index, frame in enumerate(heard):
                sender.sendto(frame, address)
                if index % 20 == 0:
                    time.sleep(0.02)  # a burst would overrun the receiver's socket buffer
        time.sleep(3.0)
        printed, _ = proxy.communicate("exit\n", timeout=30)
    stages = [
        "Detected vehicle 1:1",
        "ARMED",
        "Mission: 1 Takeoff",
        "Mode AUTO",
        "Disarming motors",
        "DISARMED",
    ]
    found = [printed.find(stage) for stage in stages]
    assert -1 not in found, dict(zip(stages, found, strict=True))
    assert found[1] < found[2] < found[4]
    assert "lost" not in printed


def test_the_same_seed_gives_the_same_bytes(plan: Plan, report: api.FlightReport, tmp_path: Path) -> None:
    """A second flight with the same seed leaves the same log, events and summary."""
    again = api.fly(plan, tmp_path / "again", seed=1, pictures=False)
    for name in sorted(FILES - {"replay.png", "replay.html"}):
        assert (again.path / name).read_bytes() == (report.path / name).read_bytes(), name


def test_udp_flies_the_same_mission(plan: Plan, tmp_path: Path) -> None:
    """Over UDP on loopback the sortie is flown as planned, too."""
    flown = api.fly(plan, tmp_path / "udp", link="udp", pictures=False)
    assert flown.complete
    assert flown.rows[0].seen == pytest.approx(1.0, abs=0.01)


def test_events_tell_the_flight_in_order(report: api.FlightReport) -> None:
    """The event log has every stage once, in the order of a flight."""
    kinds = [
        json.loads(line)["kind"] for line in (report.path / "events.jsonl").read_text("utf-8").splitlines()
    ]
    stages = [kind for kind in kinds if kind not in ("photo", "status_text")]
    assert stages == [
        "run_started",
        "upload",
        "armed",
        "airborne",
        "task_started",
        "task_finished",
        "returning",
        "disarmed",
        "sortie_finished",
        "run_finished",
    ]


def test_photos_are_where_the_task_is(plan: Plan, report: api.FlightReport) -> None:
    """A picture was taken about every 20 m of the sweeps, over or close to the yard."""
    events = api.open_run(report.path).events
    photos = [event for event in events if event["kind"] == "photo"]
    row = report.rows[0]
    assert row.flown_length_m is not None
    assert len(photos) == pytest.approx(row.flown_length_m / 20.0, abs=2)
    near = plan.mission.tasks[0].polygon.buffer(0.0005)
    assert all(near.contains(shapely.Point(event["lon"], event["lat"])) for event in photos)


def test_a_future_day_is_logged_in_the_past(tmp_path: Path) -> None:
    """Logs of a day yet to come are stamped whole weeks earlier, and the summary says so."""
    day = (datetime.now(UTC) + timedelta(days=30)).date()
    mission = api.load_mission(write_yard(tmp_path), day=day)
    flown = api.fly(api.plan_mission(mission), tmp_path / "run", pictures=False)
    shift = json.loads((flown.path / "summary.json").read_text("utf-8"))["log_time_shift_s"]
    assert shift < 0
    assert shift % (7 * 86400) == 0
    (track,) = api.open_run(flown.path).tracks
    assert track.start_utc + timedelta(seconds=float(track.time_s[-1])) < datetime.now(UTC)


def test_a_drone_flies_again_after_its_turnaround(tmp_path: Path) -> None:
    """Two windows of one task become two sorties of one drone, the second with a full battery."""
    text = YARD.replace('      - {start: "07:40", end: "08:00"}', TWO_WINDOWS).replace(
        "    drones:", "    turnaround_min: 10\n    drones:"
    )
    plan = api.plan_mission(api.load_mission(write_yard(tmp_path, text)))
    assert len(plan.sorties) == 2
    flown = api.fly(plan, tmp_path / "run", pictures=False)
    assert flown.complete
    lefts = [result.battery_left for result in flown.results]
    assert lefts[1] == pytest.approx(lefts[0], abs=0.01)
    assert [row.seen for row in flown.rows] == pytest.approx([1.0, 1.0], abs=0.01)


def test_a_task_smaller_than_a_picture_is_photographed_once(tmp_path: Path) -> None:
    """A gate of ten metres is seen whole from one point, with one picture."""
    ring = [[24.9430, 60.1700], [24.94315, 60.1700], [24.94315, 60.17008], [24.9430, 60.17008]]
    gate = json.dumps([[*ring, ring[0]]])
    text = re.sub(r"coordinates: \[\[\[24\.9420.*?\]\]\]", f"coordinates: {gate}", YARD, flags=re.DOTALL)
    flown = api.fly(
        api.plan_mission(api.load_mission(write_yard(tmp_path, text))), tmp_path / "run", pictures=False
    )
    photos = [event for event in api.open_run(flown.path).events if event["kind"] == "photo"]
    assert flown.complete
    assert len(photos) == 1
    assert flown.rows[0].seen == pytest.approx(1.0, abs=0.01)


def test_a_sortie_that_a_failsafe_ended_is_not_flown_as_planned(tmp_path: Path) -> None:
    """A drone that goes home on a low battery is reported with the leg at which it turned and the mode."""
    text = YARD.replace("    actions:", "    passes: 6\n    actions:", 1)
    plan = api.plan_mission(api.load_mission(write_yard(tmp_path, text)))
    fleet = SimulatedFleet(plan.mission)
    store = fleet.simulation.autopilots[0].parameters
    store.set("BATT_FS_LOW_ACT", 2.0)  # RTL

    def weaken(event: Event) -> None:
        if event["kind"] == "task_started" and event["pass"] == 2:
            store.set("BATT_LOW_MAH", 1e6)

    flown = api.fly(plan, tmp_path / "run", pictures=False, fleet=fleet, observers=[weaken])
    (result,) = flown.results
    assert not flown.complete
    assert result.problem.startswith("ended at leg ")
    assert result.problem.endswith("flown on in RTL")
    kinds = [event["kind"] for event in api.open_run(flown.path).events]
    assert kinds.index("warning") < kinds.index("disarmed") < kinds.index("sortie_failed")
