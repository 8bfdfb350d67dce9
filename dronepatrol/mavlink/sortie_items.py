"""A sortie as the mission items that ArduCopter flies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.items import WireItem, degrees_e7
from dronepatrol.model.plan import Leg, LegKind, Sortie, Waypoint
from dronepatrol.model.position import Position
from dronepatrol.model.task import Action, PhotoAction, VideoAction

_RELATIVE = dialect.MAV_FRAME_GLOBAL_RELATIVE_ALT
_GLOBAL = dialect.MAV_FRAME_GLOBAL
_MISSION_FRAME = dialect.MAV_FRAME_MISSION
GROUND_SPEED = 1
"""SPEED_TYPE_GROUNDSPEED of MAV_CMD_DO_CHANGE_SPEED."""


@dataclass(frozen=True, slots=True)
class SortieItems:
    """The items of one sortie, and which leg each belongs to.

    Attributes
    ----------
    items
        Item 0 is home, as ArduPilot wants it.
    leg_of_item
        Index into the sortie's legs, one per item.
    """

    items: tuple[WireItem, ...]
    leg_of_item: tuple[int, ...]


class _Builder:
    def __init__(self, home: Position, elevation_amsl_m: float) -> None:
        self.items: list[WireItem] = []
        self.legs: list[int] = []
        self.speed_mps = 0.0
        self.actions: tuple[Action, ...] = ()
        self._add(0, dialect.MAV_CMD_NAV_WAYPOINT, _GLOBAL, home, elevation_amsl_m)

    def _add(
        self,
        leg: int,
        command: int,
        frame: int,
        position: Position | None = None,
        altitude_m: float = 0.0,
        params: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0),
    ) -> None:
        lat = 0 if position is None else degrees_e7(position.lat_deg)
        lon = 0 if position is None else degrees_e7(position.lon_deg)
        self.items.append(WireItem(len(self.items), frame, command, params, lat, lon, altitude_m))
        self.legs.append(leg)

    def takeoff(self, leg: int, altitude_m: float) -> None:
        self._add(leg, dialect.MAV_CMD_NAV_TAKEOFF, _RELATIVE, altitude_m=altitude_m)

    def waypoint(self, leg: int, waypoint: Waypoint) -> None:
        command = dialect.MAV_CMD_NAV_WAYPOINT
        self._add(leg, command, _RELATIVE, waypoint.position, waypoint.altitude_home_m)

    def delay(self, leg: int, seconds: float) -> None:
        if round(seconds) > 0:
            params = (float(round(seconds)), -1.0, -1.0, -1.0)
            self._add(leg, dialect.MAV_CMD_NAV_DELAY, _MISSION_FRAME, params=params)

    def speed(self, leg: int, speed_mps: float) -> None:
        if abs(speed_mps - self.speed_mps) > 0.01:
            self.speed_mps = speed_mps
            params = (float(GROUND_SPEED), speed_mps, -1.0, 0.0)
            self._add(leg, dialect.MAV_CMD_DO_CHANGE_SPEED, _MISSION_FRAME, params=params)

    def switch_actions(self, leg: int, actions: tuple[Action, ...]) -> None:
        for action in self.actions:
            if action not in actions:
                self._action(leg, action, on=False)
        for action in actions:
            if action not in self.actions:
                self._action(leg, action, on=True)
        self.actions = actions

    def _action(self, leg: int, action: Action, *, on: bool) -> None:
        match action:
            case PhotoAction(spacing_m):
                params = (spacing_m if on else 0.0, 0.0, 0.0, 0.0)
                self._add(leg, dialect.MAV_CMD_DO_SET_CAM_TRIGG_DIST, _MISSION_FRAME, params=params)
            case VideoAction() if on:
                params = (0.0, 1.0, 0.0, 0.0)
                self._add(leg, dialect.MAV_CMD_VIDEO_START_CAPTURE, _MISSION_FRAME, params=params)
            case VideoAction():
                self._add(leg, dialect.MAV_CMD_VIDEO_STOP_CAPTURE, _MISSION_FRAME)

    def picture(self, leg: int) -> None:
        params = (0.0, 0.0, 1.0, 0.0)  # one picture, at once
        self._add(leg, dialect.MAV_CMD_IMAGE_START_CAPTURE, _MISSION_FRAME, params=params)

    def return_to_launch(self, leg: int) -> None:
        self._add(leg, dialect.MAV_CMD_NAV_RETURN_TO_LAUNCH, _MISSION_FRAME)


def _actions_wanted(legs: Sequence[Leg], index: int) -> tuple[Action, ...]:
    """Actions run on through the turns between the sweeps of one task."""
    leg = legs[index]
    if leg.kind is LegKind.SWEEP:
        return leg.actions
    if leg.kind is LegKind.HOLD:
        return tuple(action for action in leg.actions if isinstance(action, VideoAction))
    if leg.kind is not LegKind.TURN:
        return ()
    before = next((other for other in reversed(legs[:index]) if other.kind is LegKind.SWEEP), None)
    after = next((other for other in legs[index:] if other.kind is LegKind.SWEEP), None)
    same = before is not None and after is not None and before.task_id == after.task_id
    return before.actions if same and before is not None else ()


def sortie_items(sortie: Sortie, home: Position, elevation_amsl_m: float) -> SortieItems:
    """Return the items that fly a sortie's legs.

    The climb becomes a take-off, every other leg a waypoint at its end, a hold a delay (with one picture
    where it is the photo point of a small task). The last leg home and the descent become RTL, which
    ArduCopter flies straight at the altitude it has (if above RTL_ALT).

    Parameters
    ----------
    home, elevation_amsl_m
        The launch point.
    """
    builder = _Builder(home, elevation_amsl_m)
    legs = sortie.legs
    last_return = max((i for i, leg in enumerate(legs) if leg.kind is LegKind.RETURN), default=len(legs))
    for index, leg in enumerate(legs):
        if leg.kind is LegKind.CLIMB:
            builder.takeoff(index, leg.end.altitude_home_m)
            continue
        builder.switch_actions(index, _actions_wanted(legs, index))
        if index == last_return or leg.kind is LegKind.DESCENT:
            builder.return_to_launch(index)
            break
        if leg.kind is LegKind.HOLD:
            if any(isinstance(action, PhotoAction) for action in leg.actions):
                builder.picture(index)
            builder.delay(index, leg.duration_s)
            continue
        builder.speed(index, leg.speed_mps)
        builder.waypoint(index, leg.end)
    return SortieItems(tuple(builder.items), tuple(builder.legs))
