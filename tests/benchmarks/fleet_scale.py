"""A hundred drones with full streams over UDP, in real time, from one process on one core.

Run ``python -m tests.benchmarks.fleet_scale [--drones N ...] [--seconds S]``. One process serves the drones,
as `dronepatrol sim` does; another, on another core where there is one, receives and takes the time. A message
is late by the time from the moment that its time stamp names to its arrival, counted from the least such time
of the run, so that what is constant (the two clocks' zeros) drops out.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import multiprocessing
import os
import socket
import struct
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection

import numpy as np

RATE_HZ = 4
STREAMS = 26
WARM_S = 3.0
HOME = (601699000, 249384000, 12.0, 0.0)
ATTITUDE = 30
READY_S = 45.0
CLIMB_S = 15.0
LATE_LIMIT_S, FLEET_LIMIT_MIB, ONE_LIMIT_MIB = 0.1, 300.0, 120.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run measured."""

    drones: int
    messages_hz: float
    late_s: tuple[float, float, float, float]
    cpu_share: float
    memory_mib: float
    factor: float
    lost_s: float

    def __str__(self) -> str:
        middle, most, nearly, worst = (1000.0 * value for value in self.late_s)
        return (
            f"{self.drones:4d} drones  {self.messages_hz:8.0f} messages/s  "
            f"late 50 % {middle:5.1f}  90 % {most:5.1f}  99 % {nearly:5.1f}  worst {worst:5.1f} ms  "
            f"{100.0 * self.cpu_share:5.1f} % of a core  {self.memory_mib:5.0f} MiB  "
            f"{self.factor:.3f} times real time, {self.lost_s:.2f} s let go"
        )


def serve(drones: int, port: int, pipe: Connection, flying: bool) -> None:
    """Serve drones until the parent says stop, then send what it cost."""
    from dronepatrol.clock import run_scaled
    from dronepatrol.sim.motion import Mode
    from dronepatrol.sim.serve import Server
    from dronepatrol.sim.simulation import Simulation, numbered, spread

    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

    async def main() -> None:
        simulation = Simulation(numbered(spread(HOME, drones)))
        server = Server(simulation, base_port=0, outs=[f"udpout://127.0.0.1:{port}"])
        await server.open()
        simulation.advance(READY_S)
        if flying:
            for autopilot in simulation.autopilots:
                assert autopilot.set_mode(int(Mode.GUIDED))
                assert autopilot.pilot.arm()
                assert autopilot.pilot.takeoff(20.0)
            simulation.advance(CLIMB_S)
            for autopilot in simulation.autopilots:
                assert autopilot.pilot.goto_ned((5000.0, 5000.0, -30.0))
        run = asyncio.create_task(simulation.run())
        await asyncio.sleep(WARM_S)
        pipe.send("warm")
        cpu_s, wall_s = time.process_time(), time.monotonic()
        while not pipe.poll():
            await asyncio.sleep(0.05)
        share = (time.process_time() - cpu_s) / (time.monotonic() - wall_s)
        pipe.send((share, memory_mib(), simulation.pace.factor, simulation.pace.lost_s))
        run.cancel()
        await server.close()

    run_scaled(main())


def memory_mib() -> float:
    """Return the resident memory of this process."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def frames(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield system, message id and payload of the MAVLink 2 frames in a datagram."""
    at = 0
    while at + 12 <= len(data):
        length = data[at + 1]
        yield data[at + 5], int.from_bytes(data[at + 7 : at + 10], "little"), data[at + 10 : at + 10 + length]
        at += length + 12


def measure(drones: int, seconds: float, *, flying: bool = True) -> Outcome:
    """Serve drones in another process and time what arrives."""
    from dronepatrol.mavlink.codec import Codec
    from dronepatrol.mavlink.dialect import dialect

    with socket.socket(type=socket.SOCK_DGRAM) as ground:
        ground.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        ground.bind(("127.0.0.1", 0))
        here, there = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        server = context.Process(target=serve, args=(drones, ground.getsockname()[1], there, flying))
        server.start()
        _, peer = ground.recvfrom(65535)
        codec = Codec(255, 190)
        for system in range(1, drones + 1):
            ask = dialect.MAVLink_request_data_stream_message(
                system, 1, dialect.MAV_DATA_STREAM_ALL, RATE_HZ, 1
            )
            ground.sendto(codec.pack(ask), peer)
        here.recv()
        arrivals, count = receive(ground, seconds)
        here.send("stop")
        share, memory, factor, lost_s = here.recv()
        server.join()
    late = lateness(arrivals)
    quantiles = tuple(float(value) for value in np.quantile(late, [0.5, 0.9, 0.99, 1.0]))
    return Outcome(drones, count / seconds, quantiles, share, memory, factor, lost_s)  # type: ignore[arg-type]


def receive(ground: socket.socket, seconds: float) -> tuple[list[tuple[float, int, int]], int]:
    """Return arrival, system and time stamp (ms) of each ATTITUDE, and how many messages came in all."""
    ground.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:  # what came while the server warmed up
            ground.recv(65535)
    ground.settimeout(2.0)
    arrivals, count = [], 0
    end_s = time.monotonic() + seconds
    while (now_s := time.monotonic()) < end_s:
        data = ground.recv(65535)
        now_s = time.monotonic()
        for system, number, payload in frames(data):
            count += 1
            if number == ATTITUDE:
                arrivals.append((now_s, system, struct.unpack_from("<I", payload.ljust(4, b"\0"))[0]))
    return arrivals, count


def lateness(arrivals: list[tuple[float, int, int]]) -> np.ndarray:
    """Return how late each message was, in seconds against the most punctual one."""
    table = np.array(arrivals)
    lag = table[:, 0] - table[:, 2] / 1000.0
    return np.asarray(lag - lag.min())


def main() -> int:
    """Print what was measured; return 1 if a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--drones", type=int, nargs="*", default=[1, 10, 50, 100])
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    outcomes = [measure(drones, options.seconds) for drones in options.drones]
    missed = []
    for outcome in outcomes:
        print(outcome, flush=True)
        limit = ONE_LIMIT_MIB if outcome.drones == 1 else FLEET_LIMIT_MIB
        if outcome.drones <= 100 and (outcome.late_s[2] > LATE_LIMIT_S or outcome.memory_mib > limit):
            missed.append(outcome.drones)
        if outcome.messages_hz < 0.95 * outcome.drones * RATE_HZ * STREAMS:
            missed.append(outcome.drones)
    print("limits missed with " + ", ".join(map(str, missed)) + " drones" if missed else "all limits held")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
