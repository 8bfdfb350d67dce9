"""One simulated drone on a wire, driven step by step without an event loop."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from dronepatrol.link.transport import Receiver
from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.mavlink.items import WireItem
from dronepatrol.sim.autopilot.autopilot import Autopilot
from dronepatrol.sim.autopilot.channel import Channel
from dronepatrol.sim.autopilot.parameters import ParameterStore
from dronepatrol.sim.battery import ReferenceBattery
from dronepatrol.sim.motion import Airframe, FleetMotion

HOME = (300300000, 1208700000, 10.1, 0.0)
"""Where the recordings were flown."""
EPOCH_UNIX_S = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
GROUND_STATION = (255, 190)


class Wire:
    """The autopilot's end of a link whose other end is the test: bytes arrive at once."""

    def __init__(self) -> None:
        self.name = "wire"
        self.receiver: Receiver | None = None
        self.sent: list[bytes] = []

    def send(self, data: bytes) -> None:
        """Keep what the autopilot sends."""
        self.sent.append(data)

    def set_receiver(self, receiver: Receiver) -> None:
        """Take the autopilot's ear."""
        self.receiver = receiver

    def close(self) -> None:
        """Nothing to free."""


class Client:
    """A ground station on one wire."""

    def __init__(self, autopilot: Autopilot, system: int = 255, component: int = 190) -> None:
        self.wire = Wire()
        self.channel: Channel = autopilot.attach(self.wire)
        self.codec = Codec(system, component)
        self.heard: list[Message] = []

    def send(self, message: Message) -> None:
        """Send one message."""
        self.raw(self.codec.pack(message))

    def raw(self, data: bytes) -> None:
        """Send bytes."""
        assert self.wire.receiver is not None
        self.wire.receiver(data)
        self.collect()

    def collect(self) -> None:
        """Decode what has come."""
        sent, self.wire.sent = self.wire.sent, []
        for data in sent:
            self.heard += self.codec.parse(data)
        self.wire.sent.clear()

    def of(self, *names: str) -> list[Message]:
        """Return what was heard of some types."""
        return [message for message in self.heard if message.get_type() in names]

    def last(self, name: str) -> Message:
        """Return the last message of a type."""
        return self.of(name)[-1]

    @property
    def texts(self) -> list[str]:
        """Status texts heard, each as it was sent."""
        return [message.text for message in self.of("STATUSTEXT")]


class Rig:
    """One drone, its clock and a client.

    Attributes
    ----------
    client
        The first ground station, whose heartbeat the autopilot has heard.
    """

    def __init__(self, drones: int = 1, *, parameters: dict[str, float] | None = None) -> None:
        stores = [ParameterStore(parameters) for _ in range(drones)]
        homes = [(HOME[0] + 1000 * n, HOME[1], HOME[2], HOME[3]) for n in range(drones)]
        self.motion = FleetMotion([Airframe.reference()] * drones, homes, stores)
        self.autopilots = [
            Autopilot(pilot, ReferenceBattery(), system=number, parameters=store)
            for number, (pilot, store) in enumerate(zip(self.motion.pilots, stores, strict=True), 1)
        ]
        self.autopilot = self.autopilots[0]
        self.pilot = self.autopilot.pilot
        self.steps = 0
        self.clients: list[Client] = []
        self.client = self.connect()
        self.step()
        self.client.send(dialect.MAVLink_heartbeat_message(6, 8, 0, 0, 0, 3))

    @property
    def time_s(self) -> float:
        """Seconds since the first step."""
        return self.steps * self.motion.dt_s

    def connect(self, system: int = 255, component: int = 190) -> Client:
        """Attach one more client."""
        client = Client(self.autopilot, system, component)
        self.clients.append(client)
        return client

    def step(self, count: int = 1) -> None:
        """Advance by steps."""
        for _ in range(count):
            self.motion.step()
            for autopilot in self.autopilots:
                autopilot.battery.step(autopilot.pilot.power_w, self.motion.dt_s)
                autopilot.step(100.0 + self.time_s, EPOCH_UNIX_S + self.time_s)
            self.steps += 1
            for client in self.clients:
                client.collect()

    def run(self, seconds: float) -> None:
        """Advance by a time."""
        self.step(round(seconds / self.motion.dt_s))

    def run_until(self, condition: Callable[[], bool], seconds: float = 60.0) -> float:
        """Advance until something holds; return how long it took."""
        start_s = self.time_s
        while not condition():
            assert self.time_s - start_s < seconds, f"not within {seconds} s"
            self.step()
        return self.time_s - start_s

    # What a ground station does.

    def command(self, number: int, *params: float, confirmation: int = 0) -> int:
        """Send a COMMAND_LONG and return the result of its acknowledgement."""
        p = [*params, *([0.0] * (7 - len(params)))]
        self.client.send(dialect.MAVLink_command_long_message(1, 1, number, confirmation, *p))
        return self.ack(number)

    def command_int(self, number: int, frame: int, params: Iterable[float], x: int, y: int, z: float) -> int:
        """Send a COMMAND_INT and return the result of its acknowledgement."""
        message = dialect.MAVLink_command_int_message(1, 1, frame, number, 0, 0, *params, x, y, z)
        self.client.send(message)
        return self.ack(number)

    def ack(self, number: int) -> int:
        """Return the result of the last acknowledgement, which must be of this command."""
        last = self.client.last("COMMAND_ACK")
        assert last.command == number
        assert (last.target_system, last.target_component) == GROUND_STATION
        return int(last.result)

    def set_mode(self, mode: int) -> int:
        """Ask for a mode."""
        return self.command(dialect.MAV_CMD_DO_SET_MODE, 1, mode)

    def request(self, name: str) -> Any:
        """Ask for one message and return it."""
        number = getattr(dialect, f"MAVLINK_MSG_ID_{name}")
        before = len(self.client.of(name))
        result = self.command(dialect.MAV_CMD_REQUEST_MESSAGE, number)
        assert result == dialect.MAV_RESULT_ACCEPTED
        assert len(self.client.of(name)) == before + 1
        return self.client.last(name)

    def boot(self) -> None:
        """Wait until the drone may be armed in GUIDED."""
        self.run(45.0 - self.time_s)

    def take_off(self, altitude_m: float = 20.0) -> None:
        """Boot, arm and climb in GUIDED."""
        self.boot()
        assert self.set_mode(dialect.COPTER_MODE_GUIDED) == 0
        assert self.command(dialect.MAV_CMD_COMPONENT_ARM_DISARM, 1) == 0
        assert self.command(dialect.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, 0, 0, 0, altitude_m) == 0
        self.run_until(lambda: self.pilot.altitude_home_m > altitude_m - 0.2, 60.0)
        self.run(3.0)

    def upload(self, items: list[WireItem], mission_type: int = 0) -> int:
        """Upload a list and return the result."""
        client = self.client
        client.send(dialect.MAVLink_mission_count_message(1, 1, len(items), mission_type))
        for _ in range(2 * len(items) + 2):
            last = client.of("MISSION_REQUEST", "MISSION_ACK")[-1]
            if last.get_type() == "MISSION_ACK":
                return int(last.type)
            item = items[last.seq].numbered(last.seq)
            client.send(
                dialect.MAVLink_mission_item_int_message(
                    1,
                    1,
                    item.seq,
                    item.frame,
                    item.command,
                    0,
                    1,
                    *item.params,
                    item.x,
                    item.y,
                    item.z,
                    mission_type,
                )
            )
        return int(client.last("MISSION_ACK").type)

    def place(self, north_m: float, east_m: float) -> tuple[int, int]:
        """Return latitude and longitude in 1e-7 degree."""
        lat_e7, lon_e7 = self.pilot.frame.lat_lon_e7(north_m, east_m)
        return int(lat_e7), int(lon_e7)

    def distance_m(self, north_m: float, east_m: float) -> float:
        """Return how far the drone is from a place."""
        north, east, _ = self.pilot.position_ned_m
        return math.hypot(north - north_m, east - east_m)
