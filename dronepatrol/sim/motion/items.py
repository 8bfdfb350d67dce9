"""Mission items as the simulated vehicle keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from .commands import NAVIGATION, Command, Frame


@dataclass(frozen=True, slots=True)
class MissionItem:
    """One item; its index in the mission is its sequence number, and item 0 is home, which is not flown.

    Attributes
    ----------
    command
        MAV_CMD.
    frame
        MAV_FRAME of the altitude: 0 AMSL, 3 above home, 10 above terrain.
    p1, p2, p3, p4
        Parameters as MAV_CMD defines them; NaN and infinity become zero, as in the altitude.
    lat_e7, lon_e7
        Position in 1e-7 degree; both zero mean "where the vehicle is" to most items.
    altitude_m
        Metres in `frame`.
    autocontinue
        Kept; ArduCopter does not look at it.
    """

    command: int
    frame: int = Frame.HOME
    p1: float = 0.0
    p2: float = 0.0
    p3: float = 0.0
    p4: float = 0.0
    lat_e7: int = 0
    lon_e7: int = 0
    altitude_m: float = 0.0
    autocontinue: bool = True

    def __post_init__(self) -> None:
        # MAVLink lets a sender put NaN where it does not care; to the vehicle that is zero.
        for name in ("p1", "p2", "p3", "p4", "altitude_m"):
            if not isfinite(getattr(self, name)):
                object.__setattr__(self, name, 0.0)

    @property
    def is_navigation(self) -> bool:
        """Whether the vehicle flies this item."""
        return self.command in NAVIGATION

    @property
    def is_passed_by(self) -> bool:
        """Whether an item before this one may be passed without a stop: it goes to a place by itself."""
        return self.command in _GOES_TO_A_PLACE


_GOES_TO_A_PLACE = frozenset(
    {Command.WAYPOINT, Command.SPLINE_WAYPOINT, Command.LOITER_UNLIMITED, Command.LOITER_TIME}
)
