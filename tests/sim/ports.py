"""Ports for tests that serve."""

from __future__ import annotations

import contextlib
import random
import socket

from dronepatrol.sim.serve import PORT_OFFSETS, PORT_STEP


def free_base_port(drones: int = 1) -> int:
    """Return a port from which all ports of so many drones are free at this moment."""
    for _ in range(100):
        base = random.randrange(20000, 30000)
        wanted = [base + PORT_STEP * k + offset for k in range(drones) for offset in PORT_OFFSETS]
        if all(_is_free(port) for port in wanted):
            return base
    raise RuntimeError("no free ports")


def _is_free(port: int) -> bool:
    with contextlib.closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
