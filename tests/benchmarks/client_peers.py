"""The processes of `tests.benchmarks.client_rates`: clients that count, and those who speak to them.

Each role runs alone in a process, so that its processor time is its own, and prints one line of JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import pickle
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dronepatrol.clock import run_scaled
from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.framing import Frame
from dronepatrol.mavlink.items import MissionType, WireItem
from dronepatrol.mavlink.transfer import Upload
from dronepatrol.vehicle.connection import Connection
from dronepatrol.vehicle.opening import open_url
from dronepatrol.vehicle.readings import MAKERS, PositionReading, Reading
from dronepatrol.vehicle.vehicle import Vehicle

WARM_UP_S = 3.0
"""Heartbeats alone at first, for clients that have to find the vehicle."""
SILENCE_S = 1.5
"""After so long without a message the stream is over."""
ITEMS = 500
MAVSDK_TOPICS = (
    "position",
    "velocity_ned",
    "attitude_euler",
    "attitude_quaternion",
    "attitude_angular_velocity_body",
    "gps_info",
    "raw_gps",
    "battery",
    "health",
    "fixedwing_metrics",
    "imu",
    "scaled_imu",
    "raw_imu",
    "scaled_pressure",
    "unix_epoch_time",
    "position_velocity_ned",
    "rc_status",
    "flight_mode",
    "armed",
)
"""All of MAVSDK's telemetry that the messages of this vehicle feed."""


class Meter:
    """Counts messages and the processor time between the first and the last."""

    def __init__(self) -> None:
        self.count = 0
        self.start_s = self.last_s = self.end_cpu_s = self.start_cpu_s = 0.0

    def take(self) -> None:
        """Count one."""
        self.count += 1
        if self.count == 1:
            self.start_cpu_s, self.start_s = time.process_time(), time.monotonic()
        if not self.count % 200:
            self.end_cpu_s, self.last_s = time.process_time(), time.monotonic()

    @property
    def over(self) -> bool:
        """Whether the stream has ended."""
        return self.count > 200 and time.monotonic() - self.last_s > SILENCE_S

    def report(self, **extra: object) -> None:
        """Print what was measured."""
        cpu_s = self.end_cpu_s - self.start_cpu_s
        counted = self.count - self.count % 200
        print(json.dumps({"count": counted, "cpu_s": cpu_s, "per_cpu_s": counted / cpu_s, **extra}))


def send_stream(port: int, recording: Path, rate: float) -> None:
    """Play recorded datagrams at messages per second."""
    pieces: list[tuple[bytes, int]] = pickle.loads(recording.read_bytes())
    beat = Codec(1, 1).pack(dialect.MAVLink_heartbeat_message(2, 3, 1, 4, 3, 3))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.connect(("127.0.0.1", port))
        for _ in range(int(WARM_UP_S * 5)):
            _send(out, beat)
            time.sleep(0.2)
        due_s = time.monotonic()
        for data, count in pieces:
            wait_s = due_s - time.monotonic()
            if wait_s > 0.001:
                time.sleep(wait_s)
            _send(out, data)
            due_s += count / rate


def _send(out: socket.socket, data: bytes) -> None:
    try:
        out.send(data)
    except ConnectionRefusedError:
        return  # nobody listens yet


async def count_ours(port: int, heed: str) -> None:
    """Track the vehicle's state.

    Parameters
    ----------
    heed
        ``"all"`` gives every message, decoded, to a function; ``"readings"`` makes every reading of the state
        as it comes; ``"state"`` leaves it to whoever looks.
    """
    meter, connection = Meter(), Connection(await open_url(f"udpin://127.0.0.1:{port}"))
    vehicle = await Vehicle.connect(connection, ask=False)

    def framed(frame: Frame) -> None:
        if frame.number != 0 or meter.count:
            meter.take()
        if heed == "readings":
            for kind in kinds.get(frame.number, ()):
                vehicle.state.read(kind)

    kinds: dict[int, list[type[Reading]]] = {}
    for kind, (number, _) in MAKERS.items():
        kinds.setdefault(number, []).append(kind)
    stop: Callable[[], None]
    stop = (
        vehicle.on_message(lambda _: meter.take())
        if heed == "all"
        else connection.subscribe(framed, system=1)
    )
    while not meter.over:
        await asyncio.sleep(0.2)
    stop()
    snapshot = vehicle.snapshot()
    assert snapshot.position is not None
    meter.report(bad=connection.reader.bad_bytes)
    vehicle.close()


def count_mavutil(port: int) -> None:
    """Receive with pymavlink's own connection, which keeps the latest message of each type."""
    from pymavlink import mavutil

    meter = Meter()
    link = mavutil.mavlink_connection(f"udpin:127.0.0.1:{port}", source_system=255)
    link.wait_heartbeat()
    while not meter.over:
        message = link.recv_match(blocking=True, timeout=0.2)
        if message is not None:
            meter.take()
    assert "GLOBAL_POSITION_INT" in link.messages
    meter.report()


def count_mavsdk(port: int) -> None:
    """Count the callbacks of MAVSDK's telemetry, all that this vehicle's messages feed."""
    from mavsdk.component_type import ComponentType
    from mavsdk.mavsdk import Configuration, Mavsdk
    from mavsdk.plugins.telemetry import Telemetry

    meter = Meter()
    client = Mavsdk(Configuration.create_with_component_type(ComponentType.GROUND_STATION))
    client.add_any_connection(f"udpin://127.0.0.1:{port}")
    system = client.first_autopilot(10.0)
    assert system is not None, "MAVSDK found no autopilot"
    telemetry = Telemetry(system)
    for name in MAVSDK_TOPICS:
        getattr(telemetry, f"subscribe_{name}")(lambda *_: meter.take())
    while not meter.over:
        time.sleep(0.2)
    meter.report()
    sys.stdout.flush()
    os._exit(0)  # its threads call back into an interpreter that is ending


def mission() -> list[WireItem]:
    """Return the mission that every client uploads."""
    corner, relative = dialect.MAV_CMD_NAV_WAYPOINT, dialect.MAV_FRAME_GLOBAL_RELATIVE_ALT
    x, y = 300_300_000, 1_208_700_000
    items = [WireItem(seq, relative, corner, x=x + 10 * seq, y=y, z=20.0) for seq in range(ITEMS)]
    items[0] = WireItem(0, dialect.MAV_FRAME_GLOBAL, corner, x=x, y=y, z=10.0)
    items[1] = WireItem(1, relative, dialect.MAV_CMD_NAV_TAKEOFF, z=20.0)
    return items


async def upload_ours(url: str) -> None:
    """Upload, and then upload with reading back."""
    vehicle = await Vehicle.connect(url)
    items = mission()
    # The round trip is known after the first exchange, as it is in a flight.
    await vehicle.drive(Upload(items[:3], vehicle.target, MissionType.MISSION), what="upload")
    start_s = time.monotonic()
    upload = Upload(items, vehicle.target, MissionType.MISSION, round_trip=vehicle.round_trip)
    await vehicle.drive(upload, what="upload")
    plain_s = time.monotonic() - start_s
    start_s = time.monotonic()
    await vehicle.upload(items)
    print(json.dumps({"wall_s": plain_s, "verified_s": time.monotonic() - start_s}))
    vehicle.close()


def upload_mavutil(url: str) -> None:
    """Answer requests in a loop, as scripts do."""
    from pymavlink import mavutil

    link = mavutil.mavlink_connection(url.replace("tcp://", "tcp:"), source_system=255)
    link.wait_heartbeat()
    items = mission()
    start_s = time.monotonic()
    link.mav.mission_count_send(1, 1, len(items), 0)
    while True:
        message = link.recv_match(
            type=["MISSION_REQUEST", "MISSION_REQUEST_INT", "MISSION_ACK"], blocking=True, timeout=5.0
        )
        assert message is not None, "the upload stopped"
        if message.get_type() == "MISSION_ACK":
            assert message.type == 0, message
            break
        link.mav.send(items[message.seq].message(1, 1, MissionType.MISSION))
    print(json.dumps({"wall_s": time.monotonic() - start_s}))


def upload_mavsdk(url: str) -> None:
    """Upload with MAVSDK's raw mission plugin, which suits ArduPilot."""
    from mavsdk.component_type import ComponentType
    from mavsdk.mavsdk import Configuration, Mavsdk
    from mavsdk.plugins.mission_raw import MissionItem, MissionRaw

    client = Mavsdk(Configuration.create_with_component_type(ComponentType.GROUND_STATION))
    client.add_any_connection(url.replace("tcp://", "tcpout://"))
    system = client.first_autopilot(10.0)
    assert system is not None, "MAVSDK found no autopilot"
    raw = [
        MissionItem(i.seq, i.frame, i.command, int(i.seq == 0), 1, *i.params, i.x, i.y, i.z, 0)
        for i in mission()
    ]
    missions = MissionRaw(system)
    start_s = time.monotonic()
    missions.upload_mission(raw)
    print(json.dumps({"wall_s": time.monotonic() - start_s}))
    sys.stdout.flush()
    os._exit(0)


def send_fleet(port: int, vehicles: int, rate_hz: float, duration_s: float) -> None:
    """Speak as many vehicles, each in turn, with the moment of sending in the last frame of each datagram."""
    codecs = [Codec(system, 1) for system in range(1, vehicles + 1)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.connect(("127.0.0.1", port))
        start_s, tick = time.monotonic(), 0
        while (now_s := time.monotonic()) - start_s < duration_s:
            tick_s = start_s + tick / (rate_hz * vehicles)
            if tick_s > now_s:
                time.sleep(tick_s - now_s)
            codec, boot_ms = codecs[tick % vehicles], int((time.monotonic() - start_s) * 1e3)
            messages = _fleet_messages(boot_ms, beat=tick // vehicles % round(rate_hz) == 0)
            body = b"".join(codec.pack(message) for message in messages)
            stamp = dialect.MAVLink_system_time_message(time.monotonic_ns() // 1000, boot_ms)
            _send(out, body + codec.pack(stamp))
            tick += 1


def _fleet_messages(boot_ms: int, *, beat: bool) -> list[Any]:
    e7, d = 600_000_000, dialect
    messages = [
        d.MAVLink_global_position_int_message(boot_ms, e7, e7 // 2, 9000, 8000, 1, 2, 3, 4500),
        d.MAVLink_attitude_message(boot_ms, 0.1, 0.2, 0.3, 0.0, 0.0, 0.0),
        d.MAVLink_vfr_hud_message(1.0, 2.0, 45, 50, 10.0, 0.1),
        d.MAVLink_sys_status_message(1, 1, 1, 100, 16000, 900, 80, 0, 0, 0, 0, 0, 0),
        d.MAVLink_mission_current_message(3),
        d.MAVLink_gps_raw_int_message(boot_ms * 1000, 3, e7, e7 // 2, 9000, 80, 90, 100, 4500, 12),
        d.MAVLink_ekf_status_report_message(831, 0.1, 0.1, 0.1, 0.1, 0.1),
    ]
    if beat:
        messages.append(d.MAVLink_heartbeat_message(2, 3, 1, 4, 3, 3))
    return messages


async def receive_fleet(port: int, vehicles: int, duration_s: float) -> None:
    """Track many vehicles, each with a reader of its positions, and tell how late the states are."""
    connection = Connection(await open_url(f"udpin://127.0.0.1:{port}"))
    fleet = [Vehicle(connection, system) for system in range(1, vehicles + 1)]
    late_s: list[float] = []
    read = 0

    def stamp(frame: Frame) -> None:
        # Subscribed after the vehicles, so that their state holds all of the datagram by now.
        if frame.number == dialect.MAVLINK_MSG_ID_SYSTEM_TIME:
            late_s.append(time.monotonic() - frame.message.time_unix_usec / 1e6)

    for system in range(1, vehicles + 1):
        connection.subscribe(stamp, system=system)

    async def follow(vehicle: Vehicle) -> None:
        nonlocal read
        async for reading in vehicle.readings(PositionReading):
            read += reading.position is not None

    readers = [asyncio.create_task(follow(vehicle)) for vehicle in fleet]
    while not late_s:
        await asyncio.sleep(0.05)
    late_s.clear()
    cpu_s, frames = time.process_time(), connection.frames_heard
    await asyncio.sleep(duration_s)
    cpu_s, frames = time.process_time() - cpu_s, connection.frames_heard - frames
    late_s.sort()
    figures = {f"p{p}_ms": 1e3 * late_s[min(len(late_s) * p // 100, len(late_s) - 1)] for p in (50, 99)}
    print(json.dumps({**figures, "cpu": cpu_s / duration_s, "per_s": frames / duration_s, "read": read}))
    for vehicle in fleet:
        vehicle.close()
    await asyncio.gather(*readers)


def main() -> None:
    """Play one role."""
    parser = argparse.ArgumentParser()
    parser.add_argument("role")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--url", default="")
    parser.add_argument("--recording", type=Path, default=Path())
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--vehicles", type=int, default=0)
    parser.add_argument("--duration", type=float, default=0.0)
    o = parser.parse_args()
    roles: dict[str, Callable[[], object]] = {
        "send": lambda: send_stream(o.port, o.recording, o.rate),
        "ours-all": lambda: run_scaled(count_ours(o.port, "all")),
        "ours-readings": lambda: run_scaled(count_ours(o.port, "readings")),
        "ours-state": lambda: run_scaled(count_ours(o.port, "state")),
        "mavutil": lambda: count_mavutil(o.port),
        "mavsdk": lambda: count_mavsdk(o.port),
        "upload-ours": lambda: run_scaled(upload_ours(o.url)),
        "upload-mavutil": lambda: upload_mavutil(o.url),
        "upload-mavsdk": lambda: upload_mavsdk(o.url),
        "send-fleet": lambda: send_fleet(o.port, o.vehicles, o.rate, o.duration),
        "receive-fleet": lambda: run_scaled(receive_fleet(o.port, o.vehicles, o.duration)),
    }
    roles[o.role]()


if __name__ == "__main__":
    main()
