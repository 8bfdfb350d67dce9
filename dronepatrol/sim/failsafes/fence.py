"""The fence: highest and lowest altitude, a circle about home, polygons and circles that were uploaded.

What counts as a breach, the second fence further out and the ten seconds of rest after a mode change follow
ArduCopter 4.7 as recorded.
"""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.items import WireItem
from dronepatrol.sim.failsafes.actions import Reaction
from dronepatrol.sim.failsafes.fence_shapes import Shapes, read_shapes
from dronepatrol.sim.motion import Frame, Mode, ModeReason

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot

ALT_MAX, CIRCLE, POLYGON, ALT_MIN = 1, 2, 4, 8
"""Bits of FENCE_TYPE."""
NAMES = ((ALT_MAX, "Max Alt"), (CIRCLE, "Circle"), (POLYGON, "Polygon"), (ALT_MIN, "Min Alt"))
FURTHER_M = 20.0
"""A breach of a limit this far beyond the first breach counts again (AC_FENCE_*_BACKUP_DISTANCE)."""
GIVE_UP_M = 100.0
"""Further outside than this it lands where it is."""
RECOVERY_S = 10.0
"""After a mode change the fence rests."""
UNION = 2
"""Bit of FENCE_OPTIONS: one inclusion is enough."""
REPORT_ONLY = 0

ACTIONS: dict[int, tuple[Mode, ...]] = {
    1: (Mode.RTL, Mode.LAND),
    2: (Mode.LAND,),
    3: (Mode.SMART_RTL, Mode.RTL, Mode.LAND),
    4: (Mode.BRAKE, Mode.LAND),
    5: (Mode.SMART_RTL, Mode.LAND),
}
"""Modes to try, by FENCE_ACTION."""
_NOTICE, _INFO = dialect.MAV_SEVERITY_NOTICE, dialect.MAV_SEVERITY_INFO


class FenceWatch:
    """Watches one drone's fence, acts on a breach, and refuses GUIDED targets beyond it.

    Attributes
    ----------
    breached
        Bits of FENCE_TYPE of what is breached now.
    """

    def __init__(self, autopilot: Autopilot, reaction: Reaction) -> None:
        self._autopilot = autopilot
        self._reaction = reaction
        self._pilot = autopilot.pilot
        self.breached = 0
        self._further_m: dict[int, float] = {}
        self._rest_until_s: float | None = None
        self._mode = autopilot.pilot.mode
        self._items: tuple[WireItem, ...] = ()
        self._shapes = Shapes()

    # What is watched

    @property
    def kinds(self) -> int:
        """Bits of FENCE_TYPE that are switched on and set up."""
        autopilot = self._autopilot
        if not autopilot.fence.enabled:
            return 0
        kinds = int(autopilot.parameters["FENCE_TYPE"])
        if not self._read():
            kinds &= ~POLYGON
        if not autopilot.fence.floor or self._pilot.landed or self._reaction.landing:
            kinds &= ~ALT_MIN
        return kinds

    def _read(self) -> Shapes:
        items = tuple(self._autopilot.items.fence.items)
        if items != self._items:
            self._items = items
            self._shapes = read_shapes(items, self._pilot.frame)
        return self._shapes

    def _beyond_m(self, kind: int) -> float:
        """How far outside the vehicle is; negative inside."""
        pilot, value = self._pilot, self._autopilot.parameters
        if kind == ALT_MAX:
            return pilot.altitude_home_m - value["FENCE_ALT_MAX"]
        if kind == ALT_MIN:
            return value["FENCE_ALT_MIN"] - pilot.altitude_home_m
        north, east, _ = pilot.position
        if kind == CIRCLE:
            return hypot(north - pilot.home_n, east - pilot.home_e) - value["FENCE_RADIUS"]
        return 0.0 if self._shapes.breached(north, east, union=self._union) else -1.0

    @property
    def _union(self) -> bool:
        return bool(int(self._autopilot.parameters["FENCE_OPTIONS"]) & UNION)

    # The look

    def step(self) -> None:
        """Look once."""
        if self.breached and self._pilot.mode is not self._mode:
            self._rest()
        self._mode = self._pilot.mode
        kinds = self.kinds
        if not kinds and not self.breached:
            return
        before = self.breached
        fresh = self._look(kinds)
        autopilot = self._autopilot
        autopilot.fence.breach.outside = bool(self.breached)
        if not self.breached:
            autopilot.fence.breach.kind = 0
        if self._resting():
            fresh = 0
        if not self._pilot.armed:
            return
        if fresh:
            self._act(fresh)
        elif before and not self.breached and not self._pilot.landed:
            autopilot.text(_NOTICE, "Fence breach cleared")

    def _look(self, kinds: int) -> int:
        """Update what is breached and return what newly is."""
        fresh = 0
        for kind, _ in NAMES:
            beyond_m = self._beyond_m(kind) if kinds & kind else -1.0
            if beyond_m < 0.0:
                self.breached &= ~kind
                self._further_m.pop(kind, None)
            elif not self.breached & kind or (kind != POLYGON and beyond_m >= self._further_m[kind]):
                fresh |= kind
                self._record(kind)
                self._further_m[kind] = beyond_m + FURTHER_M
        return fresh

    def _record(self, kind: int) -> None:
        breach = self._autopilot.fence.breach
        if not self.breached:
            breach.since_boot_s = self._autopilot.boot_s
        self.breached |= kind
        breach.count += 1
        breach.kind = {
            ALT_MAX: dialect.FENCE_BREACH_MAXALT,
            ALT_MIN: dialect.FENCE_BREACH_MINALT,
        }.get(kind, dialect.FENCE_BREACH_BOUNDARY)

    # What follows

    def _act(self, fresh: int) -> None:
        pilot = self._pilot
        if not pilot.landed:
            self._autopilot.text(_NOTICE, breach_text(fresh))
        number = int(self._autopilot.parameters["FENCE_ACTION"])
        if number == REPORT_ONLY:
            return
        if pilot.landed:
            self._reaction.disarm()
            return
        far = any(self._beyond_m(kind) > GIVE_UP_M for kind, _ in NAMES if fresh & kind)
        for mode in (Mode.LAND,) if far else ACTIONS.get(number, ACTIONS[1]):
            if pilot.set_mode(mode, ModeReason.FENCE_BREACHED)[0]:
                break
        if pilot.mode is not self._mode:
            self._rest()
            self._mode = pilot.mode

    def _rest(self) -> None:
        self._rest_until_s = self._autopilot.boot_s + RECOVERY_S
        self._autopilot.text(_INFO, "Manual recovery started")

    def _resting(self) -> bool:
        if self._rest_until_s is not None and self._autopilot.boot_s >= self._rest_until_s:
            self._rest_until_s = None
        return self._rest_until_s is not None

    # GUIDED targets

    def allows(self, lat_e7: int, lon_e7: int, altitude_m: float, frame: int) -> bool:
        """Whether a target is inside the fence, as far as it is switched on."""
        kinds, pilot, value = self.kinds, self._pilot, self._autopilot.parameters
        if not kinds:
            return True
        north, east = pilot.frame.north_east_m(lat_e7, lon_e7)
        if kinds & CIRCLE and hypot(north - pilot.home_n, east - pilot.home_e) > value["FENCE_RADIUS"]:
            return False
        if kinds & POLYGON and self._shapes.breached(north, east, union=self._union):
            return False
        height_m = pilot.height_u(Frame(frame), altitude_m, lat_e7, lon_e7) - pilot.home_u
        if kinds & ALT_MIN and height_m < value["FENCE_ALT_MIN"]:
            return False
        return not (kinds & ALT_MAX and height_m > value["FENCE_ALT_MAX"])


def breach_text(kinds: int) -> str:
    """Return ``"Circle fence breached"``, or several names with ``fences``."""
    names = [name for bit, name in NAMES if kinds & bit]
    if len(names) == 1:
        return f"{names[0]} fence breached"
    return f"{', '.join(names[:-1])} and {names[-1]} fences breached"
