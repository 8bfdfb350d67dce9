"""Do-items and conditions of a mission, which are also what a ground station commands one by one."""

from __future__ import annotations

from math import dist
from typing import TYPE_CHECKING

from .commands import Command
from .events import (
    CameraTrigger,
    FenceSwitched,
    GimbalSet,
    GripperSet,
    RelaySet,
    ServoSet,
    VideoStarted,
    VideoStopped,
)
from .items import MissionItem

if TYPE_CHECKING:
    from .pilot import Pilot

_GIMBAL_YAW_LOCK = 16


class Actions:
    """Carries out what does not steer the vehicle, and waits for conditions."""

    def __init__(self, pilot: Pilot) -> None:
        self._pilot = pilot
        self._trigger_m = 0.0
        self._triggered_at: tuple[float, float, float] | None = None
        self._picture_s = 0.0
        self._pictures_left = 0
        self._picture_in_s = 0.0
        self._repeats: list[_Repeat] = []
        self._waited_s = 0.0

    def do(self, item: MissionItem) -> bool:
        """Carry out one item; returns False for a command that is none of these."""
        pilot, command = self._pilot, item.command
        if command == Command.CHANGE_SPEED:
            pilot.set_speed(item.p2, kind=int(item.p1))
        elif command == Command.SET_HOME:
            pilot.set_home(None if item.p1 == 1 or not (item.lat_e7 or item.lon_e7) else item)
        elif command in (Command.SET_ROI, Command.ROI_LOCATION):
            pilot.set_roi(item if item.lat_e7 or item.lon_e7 or item.altitude_m else None)
        elif command == Command.ROI_NONE:
            pilot.set_roi(None)
        elif command == Command.CONDITION_YAW:
            pilot.set_yaw(item.p1, rate_dps=item.p2, direction=int(item.p3), relative=item.p4 > 0.0)
        elif command in (Command.CONDITION_DELAY, Command.CONDITION_DISTANCE):
            self._waited_s = 0.0
        elif not self._camera(item):
            return self._payload(item)
        return True

    def verify(self, item: MissionItem) -> bool:
        """Whether an item is complete; only conditions take time."""
        pilot, command = self._pilot, item.command
        if command == Command.CONDITION_DELAY:
            self._waited_s += pilot.dt_s
            return self._waited_s > item.p1
        if command == Command.CONDITION_DISTANCE:
            return pilot.wp_distance_m < item.p1
        if command == Command.CONDITION_YAW:
            pilot.yaw.resume_fixed()
            return pilot.yaw.done
        return True

    def _camera(self, item: MissionItem) -> bool:
        emit, command = self._pilot.emit, item.command
        if command == Command.CAMERA_TRIGGER_DISTANCE:
            self._trigger_m = max(item.p1, 0.0)
            self._triggered_at = self._pilot.position if self._trigger_m else None
            if item.p3 == 1 and self._trigger_m:
                emit(CameraTrigger(by_distance=True))
        elif command == Command.IMAGE_START:
            self._start_pictures(item.p2, int(item.p3))
        elif command == Command.IMAGE_STOP:
            self._pictures_left = 0
        elif command == Command.DIGICAM_CONTROL:
            if item.lat_e7:
                emit(CameraTrigger(by_distance=False))
        elif command == Command.VIDEO_START:
            emit(VideoStarted(int(item.p1)))
        elif command == Command.VIDEO_STOP:
            emit(VideoStopped(int(item.p1)))
        else:
            return command == Command.DIGICAM_CONFIGURE
        return True

    def _start_pictures(self, interval_s: float, count: int) -> None:
        self._pilot.emit(CameraTrigger(by_distance=False))
        self._picture_s = max(interval_s, 0.1)
        self._picture_in_s = self._picture_s
        self._pictures_left = -1 if count <= 0 else count - 1

    def _payload(self, item: MissionItem) -> bool:
        emit, command = self._pilot.emit, item.command
        if command == Command.MOUNT_CONTROL:
            emit(GimbalSet(item.p1, item.p2, item.p3))
        elif command == Command.GIMBAL_PITCH_YAW:
            emit(GimbalSet(item.p1, 0.0, item.p2, earth_frame=bool(item.lat_e7 & _GIMBAL_YAW_LOCK)))
        elif command == Command.SET_RELAY:
            emit(RelaySet(int(item.p1), item.p2 > 0.0))
        elif command == Command.SET_SERVO:
            emit(ServoSet(int(item.p1), int(item.p2)))
        elif command in (Command.REPEAT_RELAY, Command.REPEAT_SERVO):
            self._repeats.append(_Repeat(item))
        elif command == Command.GRIPPER:
            emit(GripperSet(int(item.p1), item.p2 > 0.0))
        elif command == Command.FENCE_ENABLE:
            emit(FenceSwitched(int(item.p1)))
        else:
            return command in (Command.LAND_START, Command.RETURN_PATH_START, Command.JUMP_TAG)
        return True

    def step(self) -> None:
        """Trigger pictures by distance and time, and repeat what repeats."""
        pilot = self._pilot
        if self._triggered_at is not None and dist(self._triggered_at, pilot.position) >= self._trigger_m:
            self._triggered_at = pilot.position
            pilot.emit(CameraTrigger(by_distance=True))
        if self._pictures_left:
            self._picture_in_s -= pilot.dt_s
            if self._picture_in_s <= 0.0:
                self._picture_in_s += self._picture_s
                self._pictures_left -= 1 if self._pictures_left > 0 else 0
                pilot.emit(CameraTrigger(by_distance=False))
        if self._repeats:
            self._repeats = [r for r in self._repeats if r.step(pilot)]


class _Repeat:
    """A relay or servo switched to and fro: p1 which, then count and cycle time as MAV_CMD defines."""

    def __init__(self, item: MissionItem) -> None:
        self._servo = item.command == Command.REPEAT_SERVO
        self._which = int(item.p1)
        self._pwm = int(item.p2) if self._servo else 0
        count, cycle_s = (item.p3, item.p4) if self._servo else (item.p2, item.p3)
        self._left = 2 * max(int(count), 1)
        self._half_s = max(cycle_s, 0.1) / 2.0
        self._in_s = 0.0
        self._on = False

    def step(self, pilot: Pilot) -> bool:
        self._in_s -= pilot.dt_s
        if self._in_s > 0.0:
            return True
        self._in_s += self._half_s
        self._on = not self._on
        self._left -= 1
        if self._servo:
            pilot.emit(ServoSet(self._which, self._pwm if self._on else 1500))
        else:
            pilot.emit(RelaySet(self._which, self._on))
        return self._left > 0
