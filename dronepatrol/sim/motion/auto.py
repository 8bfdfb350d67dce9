"""AUTO: flies the items of a mission."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from math import hypot, radians
from typing import TYPE_CHECKING

from .circle import CircleFlight
from .commands import Command
from .events import Text
from .guided import GuidedFlight
from .items import MissionItem
from .landing import Descent, ReturnHome
from .mission import MissionRunner
from .position import Vector
from .takeoff import TakeOff
from .waypoints import Stop

if TYPE_CHECKING:
    from .pilot import Pilot

_ON_THE_EDGE_M = 3.0
# The reference flies to a landing place at the height it measures, a centimetre or so off the last leg's,
# and flies that as a leg of its own even where it is there already (recorded 1.2 s).
_LANDING_HERE_M = 0.5
_LANDING_HERE_S = 1.2


class Stage(Enum):
    """What the vehicle does for the present item."""

    IDLE = "idle"
    TAKE_OFF = "take-off"
    WAYPOINT = "waypoint"
    TO_CIRCLE = "to circle"
    CIRCLE = "circle"
    LAND = "land"
    RETURN = "return"
    GUIDED = "guided"


class AutoFlight:
    """Carries out mission items for one vehicle; `runner` says which."""

    def __init__(self, pilot: Pilot) -> None:
        self._pilot = pilot
        self.runner = MissionRunner(lambda: pilot.mission, self, pilot.emit)
        self.stage = Stage.IDLE
        self.waiting = False
        self.guided = GuidedFlight(pilot)
        self._take_off: TakeOff | None = None
        self._circle: CircleFlight | None = None
        self._descent: Descent | None = None
        self._return: ReturnHome | None = None
        self._held_s: float | None = None
        self._speed_mps: float | None = None
        self._vertical: dict[str, float] = {}
        self._landing_in_s = 0.0
        self._turns_told = 0
        self._seen: list[tuple[int, MissionItem]] = []
        self._seen_length = 0

    def enter(self) -> None:
        """Take over: on the ground wait for a start, in the air go on with the mission."""
        self.stage = Stage.IDLE
        self._speed_mps = None
        self._vertical = {}
        self.waiting = False
        if not self._pilot.armed:
            self.waiting = True
            return
        self._resume()

    def start(self) -> None:
        """Start or resume the mission (MAV_CMD_MISSION_START)."""
        self.waiting = False
        self._resume()

    def _resume(self) -> None:
        if self._pilot.parameters.raw("MIS_RESTART") == 1.0 and self.runner.started:
            self.runner.start()
        else:
            self.runner.resume()

    def leave(self) -> None:
        """Give up control; the mission can be resumed."""
        self.runner.stop()
        self._pilot.nav.paused = False

    def set_speed(self, speed_mps: float) -> None:
        """Keep a commanded speed for the legs to come."""
        self._speed_mps = speed_mps
        self._pilot.nav.set_speed(speed_mps)

    def set_vertical_speed(self, *, up_mps: float | None = None, down_mps: float | None = None) -> None:
        """Keep a commanded climb or descent speed for the legs to come."""
        asked = {"up_mps": up_mps, "down_mps": down_mps}
        self._vertical |= {name: speed for name, speed in asked.items() if speed is not None}
        self._pilot.nav.set_vertical_speeds(**self._vertical)

    @property
    def landing(self) -> bool:
        """Whether the vehicle descends to land."""
        if self.stage is Stage.RETURN:
            return self._return is not None and self._return.landing
        return self._descent is not None and self.stage is Stage.LAND

    @property
    def taking_off(self) -> bool:
        """Whether a take-off is under way."""
        return self.stage is Stage.TAKE_OFF and self._take_off is not None and not self._take_off.complete

    @property
    def taking_targets(self) -> bool:
        """Whether a guided-enable item lets a computer steer."""
        return self.stage is Stage.GUIDED

    # What MissionRunner asks for.

    def start_navigation(self, seq: int, item: MissionItem) -> None:
        """Begin to fly an item."""
        self._held_s = None
        self._pilot.parameters.refresh()
        self._see()
        start = _STARTS.get(item.command)
        if start is not None:
            start(self, seq, item)

    def verify_navigation(self, seq: int, item: MissionItem) -> bool:
        """Whether the item is complete."""
        verify = _VERIFIES.get(item.command)
        return verify(self, seq, item) if verify is not None else True

    def start_action(self, item: MissionItem) -> None:
        """Do an item that does not steer."""
        self._pilot.actions.do(item)

    def verify_action(self, item: MissionItem) -> bool:
        """Whether a done item is complete."""
        return self._pilot.actions.verify(item)

    def end_of_mission(self) -> None:
        """Hover where the mission ends, or stop the motors on the ground."""
        pilot = self._pilot
        if pilot.landed:
            pilot.disarm(force=True, forced_event=False)
            return
        stop = pilot.control.stopping_point(pilot.position, pilot.velocity)
        if self.stage is not Stage.WAYPOINT or not pilot.nav.active or not pilot.nav.reached:
            self._activate()
        self.stage = Stage.WAYPOINT
        pilot.nav.fly(Stop(stop))
        pilot.yaw.hold()

    def run(self) -> None:
        """Fly one step."""
        pilot = self._pilot
        self._notice_changes()
        self.runner.update()
        if not pilot.armed:
            return
        stage = self.stage
        if stage is Stage.WAYPOINT or stage is Stage.TO_CIRCLE:
            pilot.nav.advance(pilot.position, pilot.velocity)
            pilot.fly()
        elif stage is Stage.TAKE_OFF and self._take_off is not None:
            self._take_off.run()
        elif stage is Stage.CIRCLE and self._circle is not None:
            self._circle.run()
        elif stage is Stage.LAND and self._descent is not None:
            if self._descent.run():
                pilot.disarm(force=True, forced_event=False)
        elif stage is Stage.RETURN and self._return is not None:
            self._return.run()
        elif stage is Stage.GUIDED:
            self.guided.run()
        else:
            pilot.idle()

    def _notice_changes(self) -> None:
        """Begin the current item again when it or one of the next two has been changed."""
        items, runner = self._pilot.mission, self.runner
        if not runner.running or runner.current == 0:
            return
        if len(items) == self._seen_length and all(items[seq] is item for seq, item in self._seen):
            return
        before = self._seen
        self._see()
        if self._seen == before:
            return
        if runner.restart_item():
            self._pilot.emit(Text(2, "Auto mission changed, restarted command"))
        else:
            self._pilot.emit(Text(2, "Auto mission changed but failed to restart command"))

    def _see(self) -> None:
        self._seen_length = len(self._pilot.mission)
        self._seen = self.runner.ahead()

    # Items.

    def _activate(self, origin: Vector | None = None) -> None:
        pilot = self._pilot
        if origin is None:
            origin = pilot.control.stopping_point(pilot.position, pilot.velocity)
            pilot.take_control()
        pilot.nav.start(origin, self._speed_mps)
        if self._vertical:
            pilot.nav.set_vertical_speeds(**self._vertical)

    def _fly(self, stop: Stop, following: Stop | None = None, beyond: Stop | None = None) -> None:
        pilot = self._pilot
        nav = pilot.nav
        if self.stage is Stage.TAKE_OFF and self._take_off is not None and self._take_off.complete:
            self._activate(self._take_off.completion)
        elif not nav.active or not nav.reached or self.stage not in (Stage.WAYPOINT, Stage.TO_CIRCLE):
            self._activate()
        self.stage = Stage.WAYPOINT
        if pilot.roi is None:
            pilot.default_yaw()
        nav.fly(stop, following, beyond)

    def _place(self, item: MissionItem) -> Vector:
        """Where an item lies; without a position it is where the vehicle is going already."""
        pilot = self._pilot
        nav = pilot.nav
        base = nav.destination if nav.active else pilot.control.stopping_point(pilot.position, pilot.velocity)
        if self.stage is Stage.TAKE_OFF and self._take_off is not None:
            base = self._take_off.completion
        n, e = base[0], base[1]
        if item.lat_e7 or item.lon_e7:
            n, e = pilot.frame.north_east_m(item.lat_e7, item.lon_e7)
        if item.altitude_m == 0.0 and not (item.lat_e7 or item.lon_e7):
            return n, e, base[2]
        return n, e, pilot.height_u(item.frame, item.altitude_m, item.lat_e7, item.lon_e7)

    def _stop(self, item: MissionItem) -> Stop:
        return Stop(self._place(item), item.command == Command.SPLINE_WAYPOINT)

    def _start_waypoint(self, seq: int, item: MissionItem) -> None:
        following = beyond = None
        found = self.runner.next_navigation(seq + 1) if int(item.p1) <= 0 else None
        if found is not None and found[1].is_passed_by:
            following = self._stop(found[1])
            after = self.runner.next_navigation(found[0] + 1) if int(found[1].p1) <= 0 else None
            if following.curve and after is not None and after[1].is_passed_by:
                beyond = self._stop(after[1])
        self._fly(self._stop(item), following, beyond)

    def _verify_waypoint(self, seq: int, item: MissionItem) -> bool:
        if not self._held(int(item.p1)):
            return False
        self._pilot.emit(Text(6, f"Reached command #{seq}"))
        return True

    def _held(self, wanted_s: float) -> bool:
        """Whether the destination has been reached for so many seconds."""
        pilot = self._pilot
        if not pilot.nav.reached:
            return False
        if self._held_s is None:
            self._held_s = pilot.time_s
        return pilot.time_s - self._held_s >= wanted_s - 1e-6

    def _start_loiter(self, seq: int, item: MissionItem) -> None:
        self._fly(self._stop(item))

    def _start_take_off(self, seq: int, item: MissionItem) -> None:
        pilot = self._pilot
        top = pilot.height_u(item.frame, item.altitude_m, item.lat_e7, item.lon_e7)
        least = pilot.position[2] + 1.0 if pilot.landed else top
        self._take_off = TakeOff(pilot, max(top, least))
        pilot.nav.active = False
        pilot.yaw.hold()
        self.stage = Stage.TAKE_OFF

    def _verify_take_off(self, seq: int, item: MissionItem) -> bool:
        return self._take_off is not None and self._take_off.complete

    def _start_land(self, seq: int, item: MissionItem) -> None:
        pilot, nav = self._pilot, self._pilot.nav
        self._descent = None
        self._landing_in_s = 0.0
        if not (item.lat_e7 or item.lon_e7):
            self._begin_landing(None)
            return
        n, e = pilot.frame.north_east_m(item.lat_e7, item.lon_e7)
        height = nav.destination[2] if nav.active else pilot.position[2]
        if self._hovers() and hypot(nav.destination[0] - n, nav.destination[1] - e) < _LANDING_HERE_M:
            self._landing_in_s = _LANDING_HERE_S
        else:
            self._fly(Stop((n, e, height)))

    def _hovers(self) -> bool:
        return self.stage is Stage.WAYPOINT and self._pilot.nav.active and self._pilot.nav.reached

    def _begin_landing(self, over: tuple[float, float] | None) -> None:
        pilot = self._pilot
        pilot.control.set_limits()
        pilot.nav.active = False
        self._descent = Descent(pilot, over)
        if pilot.roi is None:
            pilot.yaw.hold()
        self.stage = Stage.LAND

    def _verify_land(self, seq: int, item: MissionItem) -> bool:
        self._landing_in_s -= self._pilot.dt_s
        if self._hovers() and self._landing_in_s <= 0.0:
            n, e = self._pilot.frame.north_east_m(item.lat_e7, item.lon_e7)
            self._begin_landing((n, e))
        return False

    def _start_return(self, seq: int, item: MissionItem) -> None:
        self._pilot.nav.active = False
        self._return = ReturnHome(self._pilot)
        self.stage = Stage.RETURN

    def _verify_return(self, seq: int, item: MissionItem) -> bool:
        return self._return is not None and self._return.touched

    def _start_turns(self, seq: int, item: MissionItem) -> None:
        pilot = self._pilot
        centre = self._place(item)
        radius = abs(item.p3) or pilot.parameters.si("CIRCLE_RADIUS")
        self._turns_told = 0
        dn, de = pilot.position[0] - centre[0], pilot.position[1] - centre[1]
        distance = hypot(dn, de)
        share = radius / distance if distance > 0.0 else 0.0
        edge = (centre[0] + dn * share, centre[1] + de * share, centre[2])
        if distance == 0.0:
            edge = (centre[0] - radius, centre[1], centre[2])
        gap = hypot(edge[0] - pilot.position[0], edge[1] - pilot.position[1])
        if gap <= _ON_THE_EDGE_M:
            self._start_circle(item, centre)
            return
        self._fly(Stop(edge))
        if distance <= radius or distance <= 5.0:
            pilot.yaw.hold()
        self.stage = Stage.TO_CIRCLE

    def _start_circle(self, item: MissionItem, centre: Vector) -> None:
        pilot = self._pilot
        p = pilot.parameters
        radius = abs(item.p3) or p.si("CIRCLE_RADIUS")
        rate = abs(radians(p.raw("CIRCLE_RATE"))) * (-1.0 if item.p3 < 0.0 else 1.0)
        if not pilot.nav.active:
            pilot.take_control()
        pilot.nav.active = False
        self._circle = CircleFlight(pilot, centre, radius, rate)
        if pilot.roi is None:
            pilot.yaw.look_at(centre[0], centre[1])
        self.stage = Stage.CIRCLE

    def _verify_turns(self, seq: int, item: MissionItem) -> bool:
        if self.stage is Stage.TO_CIRCLE:
            if self._pilot.nav.reached:
                self._start_circle(item, self._place_of_centre(item))
            return False
        if self._circle is None:
            return False
        done = abs(self._circle.turned_rad) / (2.0 * 3.141592653589793)
        if int(done) + 1 > self._turns_told:
            self._turns_told = int(done) + 1
            turns = max(int(item.p1), 0)
            self._pilot.emit(Text(6, f"Mission: starting circle {self._turns_told}/{turns}"))
        return done >= max(item.p1, 0.0)

    def _place_of_centre(self, item: MissionItem) -> Vector:
        pilot = self._pilot
        if item.lat_e7 or item.lon_e7:
            n, e = pilot.frame.north_east_m(item.lat_e7, item.lon_e7)
            return n, e, pilot.nav.destination[2]
        radius = abs(item.p3) or pilot.parameters.si("CIRCLE_RADIUS")
        return pilot.nav.destination[0] + radius, pilot.nav.destination[1], pilot.nav.destination[2]

    def _start_delay(self, seq: int, item: MissionItem) -> None:
        pilot = self._pilot
        if item.p1 > 0.0:
            pilot.emit(Text(6, f"Delaying {int(item.p1)} sec"))
        self._held_s = pilot.time_s
        if self.stage is not Stage.WAYPOINT and not pilot.landed:
            stop = pilot.control.stopping_point(pilot.position, pilot.velocity)
            self._activate()
            pilot.nav.fly(Stop(stop))
            self.stage = Stage.WAYPOINT

    def _verify_delay(self, seq: int, item: MissionItem) -> bool:
        return self._held_s is not None and self._pilot.time_s - self._held_s >= max(item.p1, 0.0) - 1e-6

    def _start_guided(self, seq: int, item: MissionItem) -> None:
        if item.p1 > 0.0:
            self.guided = GuidedFlight(self._pilot)
            self._pilot.nav.active = False
            self.stage = Stage.GUIDED

    def _verify_guided(self, seq: int, item: MissionItem) -> bool:
        return item.p1 <= 0.0


_STARTS: dict[int, Callable[[AutoFlight, int, MissionItem], None]] = {
    Command.WAYPOINT: AutoFlight._start_waypoint,
    Command.SPLINE_WAYPOINT: AutoFlight._start_waypoint,
    Command.LOITER_UNLIMITED: AutoFlight._start_loiter,
    Command.LOITER_TIME: AutoFlight._start_loiter,
    Command.LOITER_TURNS: AutoFlight._start_turns,
    Command.TAKEOFF: AutoFlight._start_take_off,
    Command.LAND: AutoFlight._start_land,
    Command.RETURN_TO_LAUNCH: AutoFlight._start_return,
    Command.DELAY: AutoFlight._start_delay,
    Command.GUIDED_ENABLE: AutoFlight._start_guided,
}

_VERIFIES: dict[int, Callable[[AutoFlight, int, MissionItem], bool]] = {
    Command.WAYPOINT: AutoFlight._verify_waypoint,
    Command.SPLINE_WAYPOINT: AutoFlight._verify_waypoint,
    Command.LOITER_UNLIMITED: lambda auto, seq, item: False,
    Command.LOITER_TIME: AutoFlight._verify_waypoint,
    Command.LOITER_TURNS: AutoFlight._verify_turns,
    Command.TAKEOFF: AutoFlight._verify_take_off,
    Command.LAND: AutoFlight._verify_land,
    Command.RETURN_TO_LAUNCH: AutoFlight._verify_return,
    Command.DELAY: AutoFlight._verify_delay,
    Command.GUIDED_ENABLE: AutoFlight._verify_guided,
}
