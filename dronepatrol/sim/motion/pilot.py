"""The pilot of one simulated drone: modes, arming, targets, and what can be read of the flight.

Everything here is plain Python on floats; the physics of all drones is advanced by
:class:`~dronepatrol.sim.motion.fleet.FleetMotion`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import hypot, radians
from typing import Protocol

from .actions import Actions
from .airframe import GRAVITY_MPS2, Airframe
from .auto import AutoFlight
from .commands import Command, Frame, LandedState, Mode, ModeReason
from .events import (
    Armed,
    Disarmed,
    Event,
    LiftOff,
    ModeChanged,
    Text,
    TouchDown,
)
from .frame import LocalFrame
from .guided import GuidedFlight
from .holding import Braking, CircleMode, Landing, Returning, Sticks
from .items import MissionItem
from .orders import Orders
from .parameters import FlightParameters
from .position import PositionControl, Vector
from .readings import Readings
from .retrace import Retracing, Trail
from .waypoints import WaypointNavigation
from .yaw import YawControl

_REFRESH_EVERY = 4

POSITIONLESS = (Mode.STABILIZE, Mode.ALT_HOLD, Mode.LAND)
"""Modes that fly without an estimate of the position."""


class Flyer(Protocol):
    """What every mode is: something that flies one step."""

    def run(self) -> None:
        """Fly one step."""


class Grounded:
    """A mode before its first step in the air."""

    def __init__(self, pilot: Pilot) -> None:
        self._pilot = pilot

    def run(self) -> None:
        """Stand with idle motors."""
        self._pilot.idle()


TerrainHeight = Callable[[int, int], float | None]
"""Ground height above mean sea level at a latitude and longitude in 1e-7 degree, None if unknown."""


class Pilot(Orders, Readings):
    """One drone as its autopilot flies it.

    Attributes
    ----------
    mission
        Items, item 0 being home; may be edited or replaced at any time.
    rally
        Places to return to instead of home: latitude, longitude (1e-7 degree) and height above home in
        metres.
    throttle_stick
        0 at rest (as the reference simulator's), 0.5 to hold height, 1 full.
    thrust_share
        Share of full thrust that is available; below hover the vehicle sinks.
    estimate_error
        Estimated minus true position towards north, east and up, m: the pilot flies by the estimate.
    position_ok
        Whether the estimate is good enough to navigate; without it only level flight is possible.
    land_pause_s
        How long the next change to LAND hovers before it descends.
    """

    def __init__(
        self,
        airframe: Airframe,
        home: tuple[int, int, float, float],
        parameters: Mapping[str, float],
        dt_s: float,
        terrain: TerrainHeight | None = None,
    ) -> None:
        lat_e7, lon_e7, altitude_amsl_m, heading_deg = home
        self.airframe = airframe
        self.dt_s = dt_s
        self.time_s = 0.0
        self.parameters = FlightParameters(parameters)
        self.frame = LocalFrame(lat_e7, lon_e7)
        self.origin_amsl_m = altitude_amsl_m
        self.home = (lat_e7, lon_e7, altitude_amsl_m)
        self.home_n = self.home_e = self.home_u = 0.0
        self.terrain = terrain
        self.ground_u = 0.0
        self.control = PositionControl(self.parameters, dt_s)
        self.nav = WaypointNavigation(self.control)
        self.yaw = YawControl(self.parameters, radians(heading_deg), dt_s)
        self.mission: list[MissionItem] = []
        self.rally: list[tuple[int, int, float]] = []
        self.roi: tuple[float, float, float] | None = None
        self.trail = Trail()
        self.throttle_stick = 0.0
        self.thrust_share = 1.0
        self.estimate_error: Vector = (0.0, 0.0, 0.0)
        self.position_ok = True
        self.land_pause_s = 0.0
        self.armed = False
        self.landed = True
        self.armed_s = 0.0
        self.mode = Mode.STABILIZE
        self.guided_speed_mps = self.parameters.speed_mps
        self._steps = 0
        self._events: list[Event] = []
        self._idle_s = 0.0
        self._drive = 0.0
        self._level = False
        self._ground_in_s = 0.0
        self.actions = Actions(self)
        self.auto = AutoFlight(self)
        self.guided = GuidedFlight(self)
        self._flyer: Flyer = Grounded(self)
        self._state: tuple[float, ...] = ()

    # Events.

    def emit(self, event: Event) -> None:
        """Add an event to those to be drained."""
        self._events.append(event)

    def drain_events(self) -> list[Event]:
        """Return the events since the last call, oldest first."""
        events, self._events = self._events, []
        return events

    # Arming.

    def arm(self) -> bool:
        """Start the motors; pre-arm checks are the autopilot's. Returns False if they turn already."""
        if self.armed:
            return False
        self.armed, self.armed_s, self._idle_s = True, 0.0, 0.0
        if self.landed:
            self.home_here()
        self.trail.restart(self.position)
        self.emit(Text(6, "Arming motors"))
        self.emit(Armed())
        self._enter(self.mode)
        return True

    def home_here(self) -> None:
        """Move home to where the vehicle is."""
        lat_e7, lon_e7 = self.frame.lat_lon_e7(self.position[0], self.position[1])
        self.home = (lat_e7, lon_e7, self.origin_amsl_m + self.position[2])
        self.home_n, self.home_e, self.home_u = self.position

    def disarm(self, *, force: bool = False, forced_event: bool | None = None) -> bool:
        """Stop the motors; in the air only when forced. Returns whether they stand now."""
        if not self.armed:
            return True
        if not self.landed and not force:
            return False
        self.armed = False
        self._drive = 0.0
        self.nav.active = False
        self.auto.runner.reset()
        self.emit(Text(6, "Disarming motors"))
        self.emit(Disarmed(force if forced_event is None else forced_event))
        return True

    # Modes.

    def set_mode(self, mode: Mode, reason: ModeReason = ModeReason.GCS_COMMAND) -> tuple[bool, str]:
        """Change the mode; returns whether it was accepted, and why not."""
        if mode == self.mode and reason is not ModeReason.UNKNOWN:
            return True, ""
        refusal = self._refusal(mode)
        if refusal:
            return False, refusal
        if self.mode is Mode.AUTO:
            self.auto.leave()
        self.nav.active = False
        self.mode = mode
        self.emit(ModeChanged(mode, reason))
        self._enter(mode)
        return True, ""

    def _refusal(self, mode: Mode) -> str:
        if not self.position_ok and mode not in POSITIONLESS:
            return "requires position"
        if mode is Mode.SMART_RTL and not (self.armed and self.trail.usable):
            return "SmartRTL deactivated: no path"
        if mode is Mode.AUTO and self.armed:
            if len(self.mission) < 2:
                return "init failed"
            first = self.auto.runner.next_navigation(max(self.auto.runner.current, 1))
            if self.landed and (first is None or first[1].command != Command.TAKEOFF):
                return "Missing Takeoff Cmd"
        return ""

    def _enter(self, mode: Mode) -> None:
        """Begin a mode with the vehicle as it is now."""
        self.parameters.refresh()
        self.guided_speed_mps = self.parameters.speed_mps
        if mode is not Mode.AUTO and mode is not Mode.GUIDED and not self.armed:
            self._flyer = Grounded(self)
            return
        if mode is Mode.AUTO:
            self._flyer = self.auto
            self.auto.enter()
            return
        if mode is Mode.GUIDED:
            self._flyer = self.guided = GuidedFlight(self)
            self.default_yaw()
            return
        self.yaw.hold()
        if mode is Mode.RTL:
            self._flyer = Returning(self)
        elif mode is Mode.SMART_RTL:
            self._flyer = Retracing(self)
            self.default_yaw()
        elif mode is Mode.LAND:
            self._flyer = Landing(self)
        elif mode is Mode.BRAKE:
            self._flyer = Braking(self)
        elif mode is Mode.CIRCLE:
            self._flyer = CircleMode(self)
        else:
            self._flyer = Sticks(
                self,
                holds_place=mode in (Mode.LOITER, Mode.POSHOLD),
                holds_height=mode is not Mode.STABILIZE,
            )

    # What flight code asks for.

    def default_yaw(self) -> None:
        """Let the nose follow the course, as WP_YAW_BEHAVIOR says."""
        if self.parameters.raw("WP_YAW_BEHAVIOR") == 0.0:
            self.yaw.hold()
        else:
            self.yaw.follow_course()

    def yaw_for_return(self) -> None:
        """Nose during a return: behaviour 1 and 3 follow the course, 2 keeps the heading."""
        if self.roi is not None:
            return
        if self.parameters.raw("WP_YAW_BEHAVIOR") in (1.0, 3.0):
            self.yaw.follow_course()
        else:
            self.yaw.hold()

    def return_place(self) -> Vector:
        """Where a return leads: north, east and least height; the nearest of rally points and home."""
        best = (self.home_n, self.home_e, self.home_u)
        p = self.parameters
        limit = p.raw("RALLY_LIMIT_KM") * 1000.0
        here = self.position
        nearest = hypot(best[0] - here[0], best[1] - here[1]) if p.raw("RALLY_INCL_HOME") > 0.0 else 1e12
        for lat_e7, lon_e7, height_m in self.rally:
            n, e = self.frame.north_east_m(lat_e7, lon_e7)
            distance = hypot(n - here[0], e - here[1])
            if distance < nearest and (limit <= 0.0 or distance <= limit):
                best, nearest = (n, e, self.home_u + height_m), distance
        return best

    def height_u(self, frame: int, altitude_m: float, lat_e7: int, lon_e7: int) -> float:
        """Return a height above the origin from an altitude in a MAV_FRAME."""
        if frame in (Frame.AMSL, Frame.AMSL_INT):
            return altitude_m - self.origin_amsl_m
        if frame in (Frame.TERRAIN, Frame.TERRAIN_INT) and self.terrain is not None:
            lat, lon = (lat_e7, lon_e7) if lat_e7 or lon_e7 else self.frame.lat_lon_e7(*self.position[:2])
            ground = self.terrain(lat, lon)
            if ground is not None:
                return ground - self.origin_amsl_m + altitude_m
        return self.home_u + altitude_m

    def take_control(self) -> None:
        """Let the position loops begin from the present motion."""
        self.control.start(self.position, self.velocity, self.acceleration[2])

    def shift_targets(self, north_m: float, east_m: float) -> None:
        """Move what is held along with a jump of the estimate, so that a hovering vehicle stays."""
        self.control.n += north_m
        self.control.e += east_m
        target = self.guided.target
        if target is not None:
            self.guided.target = (target[0] + north_m, target[1] + east_m, target[2])

    def leave_ground(self) -> None:
        """Note that the vehicle flies from now on."""
        if self.landed:
            self.landed = False
            self.emit(LiftOff())

    # One step.

    def idle(self) -> None:
        """Motors turn without lift; on the ground for DISARM_DELAY they stop."""
        self._drive = 0.0
        self.control.relax(self.position)
        self.yaw.hold()
        self._idle_s += self.dt_s
        delay = self.parameters.raw("DISARM_DELAY")
        if self.armed and self.landed and 0.0 < delay <= self._idle_s:
            self.disarm()

    def drive(self, thrust_mps2: float) -> None:
        """Give a thrust directly, without the loops."""
        self._drive, self._idle_s = thrust_mps2, 0.0
        self._level = True
        if thrust_mps2 > GRAVITY_MPS2 and self.landed:
            self.leave_ground()

    def fly(self, *, level: bool = False) -> None:
        """Run the loops on the desired motion; `level` keeps the lean at zero."""
        control = self.control
        self._drive, self._level, self._idle_s = -1.0, level, 0.0
        self.yaw.step(self.position[:2], (control.vn, control.ve), control.speed_mps)
        control.update(self.position, self.velocity, self.acceleration)

    def step(self) -> tuple[float, float, float, float, float, float, float]:
        """Decide one step; returns the command for the physics (see `plant.COMMANDS`)."""
        self.time_s += self.dt_s
        self._steps += 1
        if self._steps % _REFRESH_EVERY == 0:
            self.parameters.refresh()
        if self.armed:
            self.armed_s += self.dt_s
            self.trail.add(self.position)
            self.actions.step()
        self._flyer.run()
        if not self.armed:
            self._drive = 0.0
        self._update_ground()
        control = self.control
        lean_n, lean_e = (0.0, 0.0) if self._level else (control.lean_n, control.lean_e)
        return (
            lean_n,
            lean_e,
            self.yaw.heading_rad,
            control.lift_mps2,
            self._drive,
            self.thrust_share,
            self.ground_u,
        )

    def _update_ground(self) -> None:
        self._ground_in_s -= self.dt_s
        if self.terrain is None or self._ground_in_s > 0.0:
            return
        self._ground_in_s = 0.5
        height = self.terrain(*self.frame.lat_lon_e7(self.position[0], self.position[1]))
        if height is not None:
            self.ground_u = height - self.origin_amsl_m

    def absorb(self, state: tuple[float, ...]) -> None:
        """Take over the state after a step of the physics."""
        was_down = self._state[16] if self._state else 1.0
        self._state = state
        error_n, error_e, error_u = self.estimate_error
        self.position = (state[0] + error_n, state[1] + error_e, state[2] + error_u)
        self.velocity = (state[3], state[4], state[5])
        self.acceleration = (state[13], state[14], state[15])
        if state[16] and not was_down and not self.landed:
            self.landed = True
            self.emit(Text(6, f"SIM Hit ground at {state[17]:.6f} m/s"))
            self.emit(TouchDown(state[17]))

    @property
    def landed_state(self) -> LandedState:
        """MAV_LANDED_STATE as EXTENDED_SYS_STATE gives it."""
        if self.landed:
            return LandedState.ON_GROUND
        if self.mode is Mode.GUIDED and self.guided.taking_off:
            return LandedState.TAKEOFF
        if self.mode is Mode.AUTO and self.auto.taking_off:
            return LandedState.TAKEOFF
        if self.mode is Mode.LAND or (self.mode is Mode.AUTO and self.auto.landing):
            return LandedState.LANDING
        if isinstance(self._flyer, Returning) and self._flyer.flight.landing:
            return LandedState.LANDING
        return LandedState.IN_AIR
