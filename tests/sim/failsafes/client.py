"""A client that steps a simulated drone by hand and writes down what it hears."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pymavlink import mavutil

from dronepatrol.clock import run_virtual
from dronepatrol.link.transport import Receiver
from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.items import WireItem
from dronepatrol.sim.simulation import SimulatedDrone, Simulation

RECORDINGS = Path(__file__).resolve().parents[4] / "shared" / "data" / "arducopter"
HOME = (300300000, 1208700000, 10.0, 0.0)
STATUS = (
    dialect.MAVLINK_MSG_ID_SYS_STATUS,
    dialect.MAVLINK_MSG_ID_EKF_STATUS_REPORT,
    dialect.MAVLINK_MSG_ID_GPS_RAW_INT,
    dialect.MAVLINK_MSG_ID_BATTERY_STATUS,
    dialect.MAVLINK_MSG_ID_FENCE_STATUS,
    dialect.MAVLINK_MSG_ID_LOCAL_POSITION_NED,
    dialect.MAVLINK_MSG_ID_SIMSTATE,
    dialect.MAVLINK_MSG_ID_VIBRATION,
)


class Wire:
    """A link without time: what is sent is kept."""

    name = "wire"

    def __init__(self) -> None:
        self.out = bytearray()
        self.receiver: Receiver | None = None

    def send(self, data: bytes) -> None:
        """Keep bytes."""
        self.out += data

    def set_receiver(self, receiver: Receiver) -> None:
        """Remember who listens."""
        self.receiver = receiver

    def close(self) -> None:
        """Forget who listens."""
        self.receiver = None


class Client:
    """System 255 on one simulated reference frame; `heard` holds (seconds since boot, message)."""

    def __init__(self, parameters: Mapping[str, float] | None = None) -> None:
        self.simulation = Simulation([SimulatedDrone(1, HOME, None)])
        self.autopilot = self.simulation.autopilots[0]
        self.pilot = self.autopilot.pilot
        for name, value in (parameters or {}).items():
            self.autopilot.parameters.set(name, value)
        self.wire = Wire()
        self.simulation.attach(0, self.wire)
        self.codec = Codec(255, 190)
        self.heard: list[tuple[float, Any]] = []
        self.beating = True
        self.last_beat_s = 0.0
        self._next_beat_s = 0.0

    @property
    def now_s(self) -> float:
        """Seconds since boot."""
        return self.simulation.time_s

    def send(self, message: Any) -> None:
        """Send to the drone."""
        assert self.wire.receiver is not None
        self.wire.receiver(self.codec.pack(message))

    def command(self, number: int, *p: float) -> None:
        """Send a COMMAND_LONG."""
        values = [*p, *([0.0] * (7 - len(p)))]
        self.send(dialect.MAVLink_command_long_message(1, 1, number, 0, *values))

    def set(self, name: str, value: float) -> None:
        """Set a parameter over MAVLink."""
        self.send(dialect.MAVLink_param_set_message(1, 1, name.encode(), value, 9))

    def mode(self, number: int) -> None:
        """Switch the mode."""
        self.command(dialect.MAV_CMD_DO_SET_MODE, 1.0, float(number))

    def advance(self, duration_s: float) -> None:
        """Let time pass; one heartbeat each second."""
        end_s = self.now_s + duration_s
        while self.now_s < end_s - 1e-9:
            if self.beating and self.now_s >= self._next_beat_s:
                self._next_beat_s = self.now_s + 1.0
                self.last_beat_s = self.now_s
                self.send(dialect.MAVLink_heartbeat_message(6, 8, 0, 0, 0, 3))
            self.simulation.step()
            data, self.wire.out = bytes(self.wire.out), bytearray()
            self.heard += [(self.now_s, message) for message in self.codec.parse(data)]

    def hover(self, altitude_m: float = 20.0) -> None:
        """Boot, ask for status at 4 Hz, arm in GUIDED and hover, as the recordings do: 18 s after arming."""
        self.boot()
        self.command(dialect.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, 0, 0, 0, altitude_m)
        self.advance(18.0)

    def boot(self) -> None:
        """Boot and arm in GUIDED."""
        self.advance(42.0)
        for number in STATUS:
            self.command(dialect.MAV_CMD_SET_MESSAGE_INTERVAL, number, 250000)
        self.mode(4)
        self.advance(0.1)
        self.command(dialect.MAV_CMD_COMPONENT_ARM_DISARM, 1.0)
        self.advance(0.1)

    def load(self, items: list[WireItem]) -> None:
        """Put a mission into the drone without the protocol."""
        from dronepatrol.sim.autopilot.items_bridge import flown

        self.pilot.mission = [flown(item) for item in items]

    def after(self, since_s: float, *kinds: str) -> list[tuple[float, Any]]:
        """Return what was heard since a time, of some types, with seconds since then."""
        return [
            (time_s - since_s, message)
            for time_s, message in self.heard
            if time_s > since_s and message.get_type() in kinds
        ]

    def texts(self, since_s: float) -> list[tuple[float, int, str]]:
        """Return time, severity and text since a time."""
        return [(t, m.severity, m.text) for t, m in self.after(since_s, "STATUSTEXT")]

    def latest(self, kind: str) -> Any:
        """Return the latest message of a type."""
        return next(message for _, message in reversed(self.heard) if message.get_type() == kind)


def on_virtual_clock(body: Callable[[], None]) -> None:
    """Run a test's body where there is a loop to ask for the time."""

    async def main() -> None:
        body()
        await asyncio.sleep(0)

    run_virtual(main(), epoch_utc=datetime(2026, 1, 1, tzinfo=UTC))


def recorded(name: str) -> list[tuple[float, Any]]:
    """Return time and message of a recording, both directions, from its first frame."""
    log = mavutil.mavlink_connection(str(RECORDINGS / f"{name}.tlog"))
    found: list[tuple[float, Any]] = []
    start_s: float | None = None
    while (message := log.recv_match()) is not None:
        start_s = message._timestamp if start_s is None else start_s
        found.append((message._timestamp - start_s, message))
    log.close()
    return found
