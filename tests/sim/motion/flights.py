"""Short flights for tests: a drone in the air, a mission flown to its end, events by kind."""

from __future__ import annotations

from collections.abc import Callable

from dronepatrol.sim.motion import Airframe, Command, FleetMotion, Frame, MissionItem, Mode, Pilot
from dronepatrol.sim.motion.events import Event, ItemReached, ItemStarted, Text
from dronepatrol.sim.motion.fleet import Wind

HOME = (300300000, 1208700000, 10.0, 0.0)


class Flight:
    """One drone, its fleet of one, and everything it reported with the time of it."""

    def __init__(self, parameters: dict[str, float] | None = None, wind: Wind | None = None) -> None:
        self.parameters = {} if parameters is None else parameters
        self.fleet = FleetMotion([Airframe.reference()], [HOME], [self.parameters], wind=wind)
        self.pilot: Pilot = self.fleet.pilots[0]
        self.events: list[tuple[float, Event]] = []

    @property
    def time_s(self) -> float:
        """Seconds since the start."""
        return self.fleet.time_s

    def step(self) -> list[Event]:
        """Advance one step and return what was reported."""
        self.fleet.step()
        new = self.pilot.drain_events()
        self.events += [(self.fleet.time_s, e) for e in new]
        return new

    def run(self, seconds: float) -> Flight:
        """Advance some seconds."""
        for _ in range(round(seconds / self.fleet.dt_s)):
            self.step()
        return self

    def until(self, condition: Callable[[], bool], limit_s: float = 600.0) -> Flight:
        """Advance until something holds, or fail."""
        end = self.time_s + limit_s
        while not condition():
            assert self.time_s < end, f"not within {limit_s} s; {self.pilot.position}, {self.texts[-3:]}"
            self.step()
        return self

    def take_off(self, height_m: float = 20.0) -> Flight:
        """Arm in GUIDED and climb."""
        pilot = self.pilot
        pilot.set_mode(Mode.GUIDED)
        assert pilot.arm()
        assert pilot.takeoff(height_m)
        return self.until(
            lambda: abs(pilot.altitude_home_m - height_m) < 0.05 and abs(pilot.velocity[2]) < 0.05
        )

    def fly_mission(self, *items: MissionItem, limit_s: float = 600.0) -> Flight:
        """Take off to 20 m, fly items and stop when the motors do or the mission ends."""
        self.load(*items)
        self.start()
        runner = self.pilot.auto.runner
        return self.until(lambda: not self.pilot.armed or runner.complete, limit_s)

    def load(self, *items: MissionItem) -> None:
        """Put home and a take-off before some items."""
        self.pilot.mission = [MissionItem(Command.WAYPOINT), take_off(20.0), *items]

    def start(self) -> None:
        """Arm and start the mission."""
        self.pilot.set_mode(Mode.GUIDED)
        self.pilot.arm()
        assert self.pilot.start_mission()

    @property
    def texts(self) -> list[str]:
        """Texts so far."""
        return [e.text for _, e in self.events if isinstance(e, Text)]

    def of(self, kind: type[Event]) -> list[Event]:
        """Return the events of a kind."""
        return [e for _, e in self.events if isinstance(e, kind)]

    def started(self, seq: int) -> list[float]:
        """Return when an item was started."""
        return [t for t, e in self.events if isinstance(e, ItemStarted) and e.seq == seq]

    def reached(self, seq: int) -> list[float]:
        """Return when an item was complete."""
        return [t for t, e in self.events if isinstance(e, ItemReached) and e.seq == seq]


def place(north_m: float, east_m: float) -> tuple[int, int]:
    """Return a place near home in 1e-7 degree."""
    lat = HOME[0] + round(north_m / 0.011131884502145034)
    return lat, HOME[1] + round(east_m / 0.011131884502145034 / 0.8657616)


def item(command: int, *p: float, at: tuple[float, float] | None = None, up: float = 0.0) -> MissionItem:
    """Return an item with its altitude above home."""
    four = (*p, 0.0, 0.0, 0.0, 0.0)[:4]
    lat, lon = place(*at) if at is not None else (0, 0)
    return MissionItem(command, Frame.HOME, *four, lat, lon, up)


def waypoint(north_m: float, east_m: float, up: float = 20.0, hold_s: float = 0.0) -> MissionItem:
    """Return a waypoint."""
    return item(Command.WAYPOINT, hold_s, at=(north_m, east_m), up=up)


def take_off(up: float) -> MissionItem:
    """Return a take-off."""
    return item(Command.TAKEOFF, up=up)
