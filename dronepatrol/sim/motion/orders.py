"""What can be asked of a simulated drone: targets, speeds, yaw, pause, home, mission."""

from __future__ import annotations

from math import isfinite, radians
from typing import TYPE_CHECKING

from .commands import Frame, MissionState, Mode, ModeReason
from .events import Event, HomeSet, RoiSet
from .items import MissionItem
from .position import PositionControl, Vector

if TYPE_CHECKING:
    from .auto import AutoFlight
    from .frame import LocalFrame
    from .guided import GuidedFlight
    from .waypoints import WaypointNavigation
    from .yaw import YawControl


class Orders:
    """The commands that a pilot takes; :class:`~dronepatrol.sim.motion.pilot.Pilot` carries them out."""

    armed: bool
    auto: AutoFlight
    control: PositionControl
    frame: LocalFrame
    guided: GuidedFlight
    guided_speed_mps: float
    home: tuple[int, int, float]
    home_n: float
    home_e: float
    home_u: float
    landed: bool
    mode: Mode
    nav: WaypointNavigation
    origin_amsl_m: float
    roi: tuple[float, float, float] | None
    yaw: YawControl

    if TYPE_CHECKING:

        def emit(self, event: Event) -> None:
            """Add an event."""

        def default_yaw(self) -> None:
            """Let the nose follow the course."""

        def height_u(self, frame: int, altitude_m: float, lat_e7: int, lon_e7: int) -> float:
            """Return a height above the origin."""

        def home_here(self) -> None:
            """Move home to where the vehicle is."""

        def set_mode(self, mode: Mode, reason: ModeReason = ModeReason.GCS_COMMAND) -> tuple[bool, str]:
            """Change the mode."""

    def _guided(self) -> GuidedFlight | None:
        if self.mode is Mode.GUIDED:
            return self.guided
        if self.mode is Mode.AUTO and self.auto.taking_targets:
            return self.auto.guided
        return None

    def takeoff(self, altitude_home_m: float) -> bool:
        """Climb to a height above home, in GUIDED and armed; returns whether it began."""
        guided = self._guided()
        if guided is None or not self.armed or not self.landed:
            return False
        if not isfinite(altitude_home_m) or altitude_home_m <= 0.0:
            return False
        guided.take_off(self.home_u + altitude_home_m)
        return True

    def goto(self, lat_e7: int, lon_e7: int, altitude_m: float, frame: int = Frame.HOME) -> bool:
        """Fly to a place, in GUIDED; returns whether it is accepted."""
        if not isfinite(altitude_m):
            return False
        n, e = self.frame.north_east_m(lat_e7, lon_e7)
        return self.goto_ned((n, e, -self.height_u(frame, altitude_m, lat_e7, lon_e7)))

    def goto_ned(self, position_ned_m: Vector) -> bool:
        """Fly to a place given from the origin, in GUIDED; returns whether it is accepted."""
        guided = self._guided()
        if guided is None or not self.armed or self.landed or not all(map(isfinite, position_ned_m)):
            return False
        if self.roi is None:
            self.default_yaw()
        guided.go_to((position_ned_m[0], position_ned_m[1], -position_ned_m[2]))
        return True

    def set_velocity(self, velocity_ned_mps: Vector) -> bool:
        """Fly at a velocity in GUIDED until GUID_TIMEOUT after the last call; returns whether accepted."""
        guided = self._guided()
        if guided is None or not self.armed or self.landed or not all(map(isfinite, velocity_ned_mps)):
            return False
        vn, ve, vd = velocity_ned_mps
        guided.set_velocity((vn, ve, -vd))
        return True

    def set_yaw(
        self, angle_deg: float, *, rate_dps: float = 0.0, direction: int = 0, relative: bool = False
    ) -> None:
        """Turn the nose to a heading (or by an angle) as MAV_CMD_CONDITION_YAW does."""
        if not (isfinite(angle_deg) and isfinite(rate_dps)):
            return
        self.yaw.turn_to(radians(angle_deg), radians(max(rate_dps, 0.0)), direction, relative=relative)

    def set_yaw_rate(self, rate_dps: float) -> None:
        """Turn the nose at a rate, as a GUIDED target may ask."""
        if isfinite(rate_dps):
            self.yaw.turn_at(radians(rate_dps))

    def set_roi(self, place: MissionItem | None) -> None:
        """Point the nose at a place, or at nothing in particular."""
        if place is None:
            self.roi = None
            self.emit(RoiSet(None))
            self.default_yaw()
            return
        n, e = self.frame.north_east_m(place.lat_e7, place.lon_e7)
        u = self.height_u(place.frame, place.altitude_m, place.lat_e7, place.lon_e7)
        self.roi = (n, e, u)
        self.emit(RoiSet((place.lat_e7, place.lon_e7, self.origin_amsl_m + u)))
        self.yaw.look_at(n, e)

    def set_speed(self, speed_mps: float, kind: int = 1) -> bool:
        """Change a speed as MAV_CMD_DO_CHANGE_SPEED does: 0 and 1 horizontal, 2 climb, 3 descent."""
        if not isfinite(speed_mps) or speed_mps <= 0.0 or kind not in (0, 1, 2, 3):
            return False
        if kind >= 2:
            speeds = {"up_mps": speed_mps} if kind == 2 else {"down_mps": speed_mps}
            if self.mode is Mode.AUTO:
                self.auto.set_vertical_speed(**speeds)
            else:
                self.control.set_limits(speed_mps=self.control.speed_mps, **speeds)
        elif self.mode is Mode.AUTO:
            self.auto.set_speed(speed_mps)
        else:
            self.guided_speed_mps = speed_mps
            self.control.speed_mps = speed_mps
            if self.nav.active:
                self.nav.set_speed(speed_mps)
        return True

    def pause(self) -> bool:
        """Halt in AUTO or GUIDED; returns whether the mode can."""
        return self._set_paused(paused=True)

    def resume(self) -> bool:
        """Go on after :meth:`pause`; returns whether the mode can."""
        return self._set_paused(paused=False)

    def _set_paused(self, *, paused: bool) -> bool:
        if self.mode is Mode.GUIDED and self.armed:
            self.guided.paused = paused
            return True
        if self.mode is Mode.AUTO and self.nav.active:
            self.nav.paused = paused
            return True
        return False

    def set_home(self, place: MissionItem | None) -> None:
        """Move home to a place, or to where the vehicle is."""
        if place is None:
            self.home_here()
        else:
            u = self.height_u(
                Frame.AMSL if place.frame == Frame.AMSL else place.frame, place.altitude_m, 0, 0
            )
            self.home = (place.lat_e7, place.lon_e7, self.origin_amsl_m + u)
            self.home_n, self.home_e = self.frame.north_east_m(place.lat_e7, place.lon_e7)
            self.home_u = u
        self.emit(HomeSet(*self.home))

    def start_mission(self) -> bool:
        """Switch to AUTO and start or resume the mission; returns whether AUTO was accepted."""
        if self.mode is not Mode.AUTO and not self.set_mode(Mode.AUTO)[0]:
            return False
        if self.armed:
            self.auto.start()
        return True

    def set_current(self, seq: int) -> bool:
        """Make a mission item the current one; returns False where there is none."""
        return self.auto.runner.set_current(seq)

    @property
    def mission_current(self) -> int:
        """Sequence number of the item being flown."""
        return self.auto.runner.current

    @property
    def mission_total(self) -> int:
        """Number of items without home."""
        return self.auto.runner.total

    @property
    def mission_state(self) -> MissionState:
        """State of the mission as MISSION_CURRENT gives it."""
        return self.auto.runner.state(paused=self.nav.paused)

    def _guided_target(self) -> Vector | None:
        guided = self._guided()
        return None if guided is None else guided.target
