"""Targets in GUIDED: SET_POSITION_TARGET_LOCAL_NED and SET_POSITION_TARGET_GLOBAL_INT.

Source: MAVLink's type mask, and ArduPilot's rules for it
(https://ardupilot.org/dev/docs/copter-commands-in-guided-mode.html): ignored outside GUIDED, and a message
that asks for nothing usable makes the vehicle hold.
"""

from __future__ import annotations

import math
from math import cos, degrees, sin
from typing import TYPE_CHECKING

from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.sim.autopilot.channel import Channel
from dronepatrol.sim.motion import Frame, Mode

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot

POSITION, VELOCITY, ACCELERATION = 0x007, 0x038, 0x1C0
FORCE, YAW, YAW_RATE = 0x200, 0x400, 0x800
"""Bits of the type mask; all but FORCE mean "ignore"."""
_BODY = (dialect.MAV_FRAME_BODY_NED, dialect.MAV_FRAME_BODY_OFFSET_NED)
_OFFSET = (*_BODY, dialect.MAV_FRAME_LOCAL_OFFSET_NED)
_LOCAL = (*_OFFSET, dialect.MAV_FRAME_LOCAL_NED)
_ALTITUDE_FRAMES = frozenset(Frame) - {Frame.MISSION}
FARTHEST_M = 1e6
"""Positions beyond are no targets."""
FASTEST_MPS = 1e3
_Triple = tuple[float, float, float]


class Targets:
    """Takes targets for one autopilot."""

    def __init__(self, autopilot: Autopilot) -> None:
        self._autopilot = autopilot
        self._pilot = autopilot.pilot
        self.refused = 0
        self.handlers = {
            dialect.MAVLINK_MSG_ID_SET_POSITION_TARGET_LOCAL_NED: self._local,
            dialect.MAVLINK_MSG_ID_SET_POSITION_TARGET_GLOBAL_INT: self._global,
        }

    def _taken(self, message: Message) -> bool:
        mask = message.type_mask
        in_guided = self._pilot.mode is Mode.GUIDED or (
            self._pilot.mode is Mode.AUTO and self._pilot.auto.taking_targets
        )
        forced = bool(mask & FORCE) and mask & ACCELERATION != ACCELERATION
        return in_guided and not forced and self._sane(message)

    def _sane(self, message: Message) -> bool:
        mask = message.type_mask
        wanted: list[float] = []
        if not mask & VELOCITY:
            wanted += [message.vx / FASTEST_MPS, message.vy / FASTEST_MPS, message.vz / FASTEST_MPS]
        if not mask & YAW:
            wanted.append(message.yaw / FASTEST_MPS)
        if not mask & YAW_RATE:
            wanted.append(message.yaw_rate / FASTEST_MPS)
        good = all(abs(value) < 1.0 for value in wanted)
        self.refused += not good
        return good

    def _local(self, _channel: Channel, message: Message) -> None:
        if not self._taken(message) or message.coordinate_frame not in _LOCAL:
            return
        turned = message.coordinate_frame in _BODY
        if not message.type_mask & POSITION:
            place = (message.x, message.y, message.z)
            if not all(abs(value) < FARTHEST_M for value in place):
                self.refused += 1
                return
            place = self._from_body(place) if turned else place
            if message.coordinate_frame in _OFFSET:
                north, east, down = self._pilot.position_ned_m
                place = (place[0] + north, place[1] + east, place[2] + down)
            self._go_to(place, message)
        else:
            self._move(message, turned=turned)

    def _global(self, _channel: Channel, message: Message) -> None:
        if not self._taken(message):
            return
        if message.type_mask & POSITION:
            self._move(message, turned=False)
            return
        lat_e7, lon_e7, altitude_m, frame = (
            message.lat_int,
            message.lon_int,
            message.alt,
            message.coordinate_frame,
        )
        here = frame in _ALTITUDE_FRAMES and abs(lat_e7) <= 900_000_000 and abs(lon_e7) <= 1_800_000_000
        if not (here and abs(altitude_m) < 83_000.0) or not self._autopilot.allowed(
            lat_e7, lon_e7, altitude_m, frame
        ):
            self.refused += 1
            return
        north, east = self._pilot.frame.north_east_m(lat_e7, lon_e7)
        if math.hypot(north, east) > FARTHEST_M:
            self.refused += 1
            return
        self._turn(message)
        self._pilot.goto(lat_e7, lon_e7, altitude_m, frame)

    def _go_to(self, place: _Triple, message: Message) -> None:
        lat_e7, lon_e7 = self._pilot.frame.lat_lon_e7(place[0], place[1])
        altitude_m = self._pilot.origin_amsl_m - place[2]
        if not self._autopilot.allowed(lat_e7, lon_e7, altitude_m, Frame.AMSL):
            self.refused += 1
            return
        self._turn(message)
        self._pilot.goto_ned(place)

    def _move(self, message: Message, *, turned: bool) -> None:
        velocity = (0.0, 0.0, 0.0)
        if not message.type_mask & VELOCITY:
            velocity = (message.vx, message.vy, message.vz)
            velocity = self._from_body(velocity) if turned else velocity
        self._turn(message, turned=turned)
        self._pilot.set_velocity(velocity)

    def _turn(self, message: Message, *, turned: bool = False) -> None:
        """Heading and rate of turn, or the course where neither is asked for."""
        mask, pilot = message.type_mask, self._pilot
        if not mask & YAW:
            yaw_deg = degrees(message.yaw) + (degrees(pilot.rpy_rad[2]) if turned else 0.0)
            rate_dps = 0.0 if mask & YAW_RATE else abs(degrees(message.yaw_rate))
            pilot.set_yaw(yaw_deg % 360.0, rate_dps=rate_dps)
        elif not mask & YAW_RATE:
            pilot.set_yaw_rate(degrees(message.yaw_rate))
        elif pilot.roi is None:
            pilot.default_yaw()

    def _from_body(self, vector: _Triple) -> _Triple:
        forward, right, down = vector
        yaw = self._pilot.rpy_rad[2]
        return (
            forward * cos(yaw) - right * sin(yaw),
            forward * sin(yaw) + right * cos(yaw),
            down,
        )
