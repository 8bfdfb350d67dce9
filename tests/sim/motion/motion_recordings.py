"""Flies the missions of the recorded reference flights and compares what comes out with what was recorded."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time

import numpy as np
from numpy.typing import NDArray

from dronepatrol.sim.battery import ReferenceBattery
from dronepatrol.sim.motion import Airframe, FleetMotion, MissionItem, Mode, Pilot
from dronepatrol.sim.motion.events import Disarmed, Event, ItemReached, ItemStarted, TouchDown
from dronepatrol.sim.weather import Weather

RECORDINGS = Path(__file__).resolve().parents[3] / ".." / "shared" / "data" / "arducopter"
HOME = (300300000, 1208700000, 10.09, 0.0)
MISSIONS = ("survey", "survey-wind", "mixed", "square-stop", "rtl-high")
COMMANDED_FROM_S = {"rtl-high": 113.87, "guided": 249.84}
"""From here on what happens was commanded by the clock and not by the mission."""
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Recording:
    """A recorded flight: 10 Hz rows and the time of each item."""

    name: str
    rows: dict[str, Array]
    legs: list[tuple[int, int, float, float, bool]]

    @property
    def track(self) -> Array:
        """Time, north, east and up, shape (n, 4)."""
        r = self.rows
        return np.column_stack([r["t_s"], r["n_m"], r["e_m"], -r["d_m"]])


@dataclass
class Flight:
    """A simulated flight on the recording's clock."""

    track: Array
    velocity: Array
    attitude: Array
    events: list[tuple[float, Event]]
    cpu_ms_per_s: float = 0.0
    legs: list[tuple[int, int, float, float]] = field(default_factory=list)
    used_mah: float = 0.0


def read_items(name: str) -> list[MissionItem]:
    """Read a recorded mission."""
    items = []
    for line in (RECORDINGS / f"{name}.waypoints").read_text().splitlines()[1:]:
        f = line.split("\t")
        p = [float(x) for x in f[4:8]]
        position = round(float(f[8]) * 1e7), round(float(f[9]) * 1e7)
        items.append(MissionItem(int(f[3]), int(f[2]), *p, *position, float(f[10])))
    return items


def read_recording(name: str) -> Recording:
    """Read a recorded flight."""
    with (RECORDINGS / f"{name}.csv").open() as file:
        rows = list(csv.DictReader(file))
    columns = {k: np.array([float(r[k]) for r in rows]) for k in rows[0] if k != "mode"}
    with (RECORDINGS / f"{name}.legs.csv").open() as file:
        legs = [
            (
                int(r["seq"]),
                int(r["command"]),
                float(r["start_s"]),
                float(r["duration_s"]),
                r["complete"] == "1",
            )
            for r in csv.DictReader(file)
        ]
    return Recording(name, columns, legs)


def parameters_of(name: str) -> dict[str, float]:
    """Read the recorded parameters."""
    values = {}
    for line in (RECORDINGS / f"{name}.params").read_text().splitlines():
        f = line.split("\t")
        if len(f) == 5 and f[0].isdigit():
            values[f[2]] = float(f[3])
    return values


def fly(
    name: str,
    start_s: float,
    script: list[tuple[float, Callable[[Pilot], object]]],
    *,
    wind: object = None,
    dt_s: float = 0.05,
    limit_s: float = 900.0,
) -> Flight:
    """Fly a mission from an instant of the recording's clock; `script` says what is commanded when."""
    fleet = FleetMotion(
        [Airframe.reference()],
        [HOME],
        [parameters_of(name)],
        wind=wind,
        dt_s=dt_s,  # type: ignore[arg-type]
    )
    pilot = fleet.pilots[0]
    pilot.mission = read_items(name)
    pilot.set_mode(Mode.GUIDED)
    pending = sorted(script, key=lambda entry: entry[0])
    rows, events = [], []
    battery = ReferenceBattery()
    spent = 0.0
    while fleet.time_s < limit_s:
        while pending and pending[0][0] <= start_s + fleet.time_s + 0.5 * dt_s:
            pending.pop(0)[1](pilot)
        began = process_time()
        fleet.step()
        spent += process_time() - began
        battery.step(pilot.power_w, dt_s)
        t = start_s + fleet.time_s
        rows.append((t, *pilot.position, *pilot.velocity, *pilot.rpy_rad))
        new = pilot.drain_events()
        events += [(t, e) for e in new]
        if any(isinstance(e, Disarmed) for e in new):
            break
    cpu = 1000.0 * spent / fleet.time_s
    data = np.array(rows)
    flight = Flight(data[:, :4], data[:, 4:7], data[:, 7:], events, cpu)
    flight.legs = legs_of(flight)
    flight.used_mah = battery.used_mah
    return flight


def legs_of(flight: Flight) -> list[tuple[int, int, float, float]]:
    """Return (seq, command, start, duration) of each flown item."""
    navigation = {16, 17, 18, 19, 20, 21, 22, 82, 92, 93}
    starts = [(t, e) for t, e in flight.events if isinstance(e, ItemStarted) and e.command in navigation]
    if len(starts) > 1 and starts[0][1] == starts[1][1]:
        starts.pop(0)
    ends = [t for t, _ in starts[1:]]
    last = [t for t, e in flight.events if isinstance(e, Disarmed)]
    ends.append(last[0] if last else float("nan"))
    legs = []
    for (t, e), end in zip(starts, ends, strict=True):
        if end is ends[-1] and e.command not in (20, 21):
            done = [s for s, r in flight.events if isinstance(r, ItemReached) and r.seq == e.seq and s > t]
            end = done[-1] if done else end
        legs.append((e.seq, e.command, t, end - t))
    return legs


def fly_recorded(name: str, *, wind: object = None, dt_s: float = 0.05) -> tuple[Recording, Flight]:
    """Fly what was flown in a recording."""
    recording = read_recording(name)
    start = 47.87 if name == "guided" else recording.legs[0][2]
    script = guided_script() if name == "guided" else mission_script(start)
    if name == "rtl-high":
        script.append((113.87, lambda p: p.set_mode(Mode.RTL)))
    return recording, fly(name, start, script, wind=wind, dt_s=dt_s)


def reference_wind(name: str) -> object:
    """The wind of a recording: 8 m/s from 120 degrees with noise in one of them, else calm."""
    return Weather.reference(8.0, 120.0, 1.0, seed=1) if name == "survey-wind" else None


def mission_script(start_s: float) -> list[tuple[float, Callable[[Pilot], object]]]:
    """Arm and start the mission."""
    return [(start_s, lambda p: (p.arm(), p.start_mission()))]


def guided_script() -> list[tuple[float, Callable[[Pilot], object]]]:
    """Command what the guided recording's table lists."""

    def to(n: float, e: float, u: float) -> Callable[[Pilot], object]:
        return lambda p: p.goto_ned((n, e, -u))

    script: list[tuple[float, Callable[[Pilot], object]]] = [
        (47.87, lambda p: (p.arm(), p.takeoff(30.0))),
        (69.35, to(80, 40, 30)),
        (89.7, to(80, 140, 40)),
        (110.95, to(200, 140, 40)),
        (119.55, to(120, 240, 30)),
        (144.45, to(20, 200, 25)),
        (184.86, to(0, 60, 35)),
        (205.414, lambda p: p.set_mode(Mode.AUTO)),
        (227.39, lambda p: p.pause()),
        (235.44, lambda p: p.resume()),
        (249.84, lambda p: p.set_mode(Mode.BRAKE)),
        (255.88, lambda p: (p.set_mode(Mode.GUIDED), p.goto_ned((212.13, -212.13, -30.0)))),
        (291.06, lambda p: p.set_mode(Mode.RTL)),
    ]
    script += [(166.85 + 0.2 * k, lambda p: p.set_velocity((-3.0, -4.0, -0.5))) for k in range(50)]
    return script


@dataclass(frozen=True)
class Comparison:
    """How far a flight is from its recording."""

    leg_errors: list[tuple[int, float, float]]
    track_p95_m: float
    track_max_m: float
    synchronous_p95_m: float
    synchronous_max_m: float
    altitude_max_m: float
    landing_error_s: float
    landing_share: float
    yaw_p95_deg: float

    @property
    def worst_leg_share(self) -> float:
        """Greatest error of a leg's time as a share of it."""
        return max((abs(error) / time for _, time, error in self.leg_errors), default=0.0)


def compare(recording: Recording, flight: Flight) -> Comparison:
    """Compare a flight with its recording from take-off to touch-down."""
    theirs = [leg for leg in recording.legs if leg[4]]
    ours = flight.legs
    errors = []
    index = 0
    for seq, _, _, duration, _ in theirs:
        while index < len(ours) and ours[index][0] != seq:
            index += 1
        if index == len(ours):
            raise AssertionError(f"item {seq} was not flown")
        errors.append((seq, duration, ours[index][3] - duration))
        index += 1
    track = recording.track
    down = next(t for t, e in flight.events if isinstance(e, TouchDown))
    real = track[(track[:, 0] > track[0, 0])]
    flown = flight.track
    their_down = _touch_down(recording)
    both = real[(real[:, 0] > flown[0, 0] + 4.5) & (real[:, 0] < their_down - 0.2)]
    clock = _shifted(both[:, 0], recording, flight)
    at = np.column_stack([np.interp(clock, flown[:, 0], flown[:, k]) for k in (1, 2, 3)])
    together = np.hypot(at[:, 0] - both[:, 1], at[:, 1] - both[:, 2])
    yaw = np.interp(clock, flown[:, 0], np.unwrap(flight.attitude[:, 2]))
    their_yaw = np.interp(both[:, 0], recording.rows["t_s"], np.unwrap(recording.rows["yaw_rad"]))
    turn = np.degrees(np.abs((yaw - their_yaw + np.pi) % (2 * np.pi) - np.pi))
    near, _ = _nearest(np.column_stack([clock, both[:, 1:]]), flown)
    up = np.abs(at[:, 2] - both[:, 3])
    landing_began = _descent_start(recording)
    our_began = _descent_start_of(flight)
    return Comparison(
        errors,
        float(np.percentile(near, 95)),
        float(near.max()),
        float(np.percentile(together, 95)),
        float(together.max()),
        float(up.max()),
        (down - our_began) - (their_down - landing_began),
        abs((down - our_began) / (their_down - landing_began) - 1.0),
        float(np.percentile(turn, 95)),
    )


def _shifted(times: Array, recording: Recording, flight: Flight) -> Array:
    """Put the recording's clock on the flight's, item by item, so that delays do not add up."""
    ours, theirs, index = [], [], 0
    for seq, _, start, _, _ in recording.legs:
        while flight.legs[index][0] != seq:
            index += 1
        theirs.append(start)
        ours.append(flight.legs[index][2])
        index += 1
    leg = np.maximum(np.searchsorted(theirs, times, side="right") - 1, 0)
    before = times < theirs[0]
    shift = np.array(ours)[leg] - np.array(theirs)[leg]
    commanded = times > COMMANDED_FROM_S.get(recording.name, np.inf)
    return times + np.where(before | commanded, 0.0, shift)


def _touch_down(recording: Recording) -> float:
    """Last instant above where the vehicle comes to rest, which the estimate gives a bit off zero."""
    r = recording.rows
    rest = np.median(-r["d_m"][-10:])
    high = np.nonzero(-r["d_m"] > rest + 0.03)[0]
    return float(r["t_s"][high[-1]])


def _descent_start(recording: Recording) -> float:
    t, u = recording.rows["t_s"], -recording.rows["d_m"]
    return _start_of_descent(t, u)


def _descent_start_of(flight: Flight) -> float:
    return _start_of_descent(flight.track[:, 0], flight.track[:, 3])


def _start_of_descent(t: Array, u: Array) -> float:
    """Last instant before the landing at which the height is that of the hover before, less 0.15 m."""
    end = np.nonzero(u > 0.5)[0][-1]
    last = (t > t[end] - 60.0) & (t < t[end] - 1.0)
    level = np.median(u[last & (u > u[last].max() - 0.5)])
    above = np.nonzero(u[: end + 1] > level - 0.15)[0]
    return float(t[above[-1]])


def _nearest(points: Array, path: Array) -> tuple[Array, Array]:
    """Horizontal distance from each point to the path flown within 3 s, and the height difference there."""
    near, up = np.empty(len(points)), np.empty(len(points))
    for k, (t, n, e, u) in enumerate(points):
        low, high = np.searchsorted(path[:, 0], [t - 3.0, t + 3.0])
        part = path[low:high]
        a, b = part[:-1, 1:3], part[1:, 1:3]
        d = b - a
        size = np.maximum((d**2).sum(axis=1), 1e-12)
        share = np.clip(((np.array([n, e]) - a) * d).sum(axis=1) / size, 0.0, 1.0)
        gap = np.hypot(*(a + share[:, None] * d - [n, e]).T)
        best = int(np.argmin(gap + 0.01 * np.abs(part[:-1, 0] - t)))
        near[k] = gap[best]
        up[k] = abs(np.interp(t, path[:, 0], path[:, 3]) - u)
    return near, up


__all__ = ["MISSIONS", "RECORDINGS", "Comparison", "compare", "fly_recorded", "reference_wind"]
