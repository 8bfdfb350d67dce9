"""Rates of the vehicle client beside pymavlink's `mavutil` and MAVSDK-Python, in one run.

Run it with ``python -m tests.benchmarks.client_rates``; it takes about three minutes. A simulated
drone hovers and streams the reference's 26 types of messages; what it says is recorded and played over UDP
loopback to each client in a process of its own. Rates are per second of that process's time, since on a
shared machine only that tells what the code costs. Exit status 1 if a ratio or limit is missed.
"""

from __future__ import annotations

import asyncio
import json
import pickle
import socket
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dronepatrol.clock import run_virtual
from dronepatrol.link.memory import memory_pair
from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.framing import FrameReader
from dronepatrol.sim.simulation import Simulation, numbered, spread
from tests.judges.served import PROJECT, served_drone

HOME = (300300000, 1208700000, 10.1, 0.0)
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
RECORD_HZ, RECORD_S = 10, 300.0
RATE = 12_000.0
"""Messages per second played: below what every client here can take."""
VEHICLES, FLEET_HZ, FLEET_S = 50, 10.0, 10.0
MAVUTIL_RATIO, MAVSDK_RATIO, LATE_MS = 2.0, 3.0, 50.0
UPLOAD_NOISE = 1.1
"""Best times of one client differ by this much between runs on a shared machine."""
UPLOAD_RUNS, RECEIVE_RUNS, FLEET_RUNS = 5, 2, 3
CLIENTS = {
    "ours-state": "ours, state for whoever looks",
    "ours-readings": "ours, every reading made as it comes",
    "ours-all": "ours, every message to a callback",
    "mavutil": "mavutil",
    "mavsdk": "MAVSDK, callbacks",
}

Result = dict[str, Any]


async def _record() -> list[tuple[bytes, int]]:
    simulation = Simulation(numbered(spread(HOME, 1)))
    simulation.advance(45.0)
    near, far = memory_pair()
    simulation.attach(0, far)
    pieces: list[bytes] = []
    near.set_receiver(pieces.append)
    codec = Codec(255, 190)
    near.send(codec.pack(dialect.MAVLink_request_data_stream_message(1, 1, 0, RECORD_HZ, 1)))
    running = asyncio.create_task(simulation.run())
    await asyncio.sleep(RECORD_S)
    running.cancel()
    reader = FrameReader(codec)
    return [(piece, len(reader.feed(piece))) for piece in pieces]


def record(path: Path) -> int:
    """Write down what a simulated drone sends and return the number of messages."""
    pieces = run_virtual(_record(), epoch_utc=EPOCH)
    path.write_bytes(pickle.dumps(pieces))
    return sum(count for _, count in pieces)


def free_port() -> int:
    """Return a UDP port nobody uses now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def role(name: str, **options: object) -> subprocess.Popen[str]:
    """Start a role of `client_peers`."""
    words = [word for key, value in options.items() for word in (f"--{key}", str(value))]
    command = [sys.executable, "-m", "tests.benchmarks.client_peers", name, *words]
    return subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)


def outcome(process: subprocess.Popen[str], timeout_s: float = 60.0) -> Result:
    """Return what a role printed last."""
    out, _ = process.communicate(timeout=timeout_s)
    lines = [line for line in out.splitlines() if line.startswith("{")]
    if not lines:
        raise RuntimeError(f"{process.args} gave no result")
    result: Result = json.loads(lines[-1])
    return result


def receive(client: str, recording: Path) -> Result:
    """Play the recording to a client."""
    port = free_port()
    counting = role(client, port=port)
    sending = role("send", port=port, recording=recording, rate=RATE)
    try:
        return outcome(counting)
    finally:
        sending.communicate()


def measured_rates(recording: Path) -> dict[str, float]:
    """Return each client's best rate of several, taken in turn so that other load meets all alike."""
    best = dict.fromkeys(CLIENTS, 0.0)
    for _ in range(RECEIVE_RUNS):
        for client in CLIENTS:
            best[client] = max(best[client], receive(client, recording)["per_cpu_s"])
    return best


def measured_uploads() -> dict[str, Result]:
    """Let each client upload to a fresh drone several times, in turn, and return its best times."""
    results: dict[str, list[Result]] = {client: [] for client in ("ours", "mavutil", "mavsdk")}
    for _ in range(UPLOAD_RUNS):
        for client, found in results.items():
            with tempfile.TemporaryDirectory() as folder, served_drone(Path(folder), speed=1.0) as served:
                found.append(outcome(role(f"upload-{client}", url=served.url)))
    return {c: {key: min(one[key] for one in found) for key in found[0]} for c, found in results.items()}


def fleet() -> Result:
    """Measure how late the states of many vehicles are."""
    port = free_port()
    receiving = role("receive-fleet", port=port, vehicles=VEHICLES, duration=FLEET_S)
    sending = role("send-fleet", port=port, vehicles=VEHICLES, rate=FLEET_HZ, duration=FLEET_S + 4.0)
    try:
        return outcome(receiving)
    finally:
        sending.communicate()


def main() -> int:
    """Measure everything, print it, and return 1 if a limit is missed."""
    with tempfile.TemporaryDirectory() as folder:
        recording = Path(folder) / "stream.pickle"
        print(f"{record(recording)} messages of 26 types, played at {RATE:.0f}/s over UDP loopback")
        rates = measured_rates(recording)
    print(f"{'':40}{'per CPU-second':>15}")
    for name, text in CLIENTS.items():
        print(f"{text:40}{rates[name]:15.0f}")
    to_mavutil, to_mavsdk = rates["ours-readings"] / rates["mavutil"], rates["ours-all"] / rates["mavsdk"]
    print(f"state of typed readings: {to_mavutil:.1f} times mavutil")
    print(f"every message to a callback: {rates['ours-all'] / rates['mavutil']:.1f} times mavutil, ", end="")
    print(f"{to_mavsdk:.1f} times MAVSDK's callbacks")
    uploads = measured_uploads()
    print(f"best of {UPLOAD_RUNS} uploads, taken in turn; the vehicle's own time is most of each:")
    for client, result in uploads.items():
        verified = f", verified {result['verified_s']:.2f} s" if "verified_s" in result else ""
        print(f"500 items by {client:8} {result['wall_s']:6.2f} s{verified}")
    late = min((fleet() for _ in range(FLEET_RUNS)), key=lambda result: result["p99_ms"])
    print(
        f"{VEHICLES} vehicles at {FLEET_HZ:.0f} Hz, {late['per_s']:.0f} messages/s: datagram to state "
        f"{late['p50_ms']:.2f} ms at the median, {late['p99_ms']:.2f} ms at the 99th percentile, "
        f"{100 * late['cpu']:.0f} % of a core"
    )
    quickest_s = min(uploads["mavutil"]["wall_s"], uploads["mavsdk"]["wall_s"])
    good = (
        to_mavutil >= MAVUTIL_RATIO
        and to_mavsdk >= MAVSDK_RATIO
        and uploads["ours"]["wall_s"] <= UPLOAD_NOISE * quickest_s
        and late["p99_ms"] < LATE_MS
        and late["cpu"] < 1.0
    )
    print("all limits are kept" if good else "A LIMIT IS MISSED")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
