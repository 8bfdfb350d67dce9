"""Waiting for a vehicle, and saying meanwhile what is heard."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from dronepatrol.errors import ConnectTimeoutError, LinkError
from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.framing import Frame
from dronepatrol.vehicle.heard import HeardSystem, LinkStatus
from dronepatrol.vehicle.line import Line

LOOK_S = 0.5
"""Between two looks at what was heard: bytes that are no frames wake nobody."""
OTHERS_S = 1.1
"""How long other vehicles are listened for: a heartbeat's interval and a little more."""

StatusListener = Callable[[LinkStatus], None]


async def find_vehicle(
    line: Line, *, system: int | None, timeout_s: float, on_status: StatusListener | None = None
) -> HeardSystem:
    """Wait for the heartbeat of an autopilot; gimbals, receivers and ground stations are passed over.

    Parameters
    ----------
    system
        The system id wanted; None takes the first vehicle heard.
    on_status
        Told at once and whenever the picture changes what is heard: nothing, bytes, heartbeats of whom.

    Raises
    ------
    LinkError
        Several vehicles are heard and none was named.
    ConnectTimeoutError
        Nothing suitable was heard; the text says what was and what to try.
    """
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + timeout_s
    beat = asyncio.Event()

    def listen(frame: Frame) -> None:
        if frame.number == dialect.MAVLINK_MSG_ID_HEARTBEAT:
            beat.set()

    stop = line.subscribe(listen)
    shown: LinkStatus | None = None
    try:
        while True:
            beat.clear()
            status = line.status()
            if on_status is not None and (shown is None or not status.same_picture(shown)):
                shown = status
                on_status(status)
            if _wanted(status, system):
                return await _only_one(line, system)
            left_s = deadline_s - loop.time()
            if left_s <= 0.0:
                raise _not_found(status, system, timeout_s)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(beat.wait(), min(LOOK_S, left_s))
    finally:
        stop()


async def _only_one(line: Line, system: int | None) -> HeardSystem:
    """Return the vehicle wanted; where none was named, listen for others so as not to guess."""
    if system is None:
        await asyncio.sleep(OTHERS_S)
    found = _wanted(line.status(), system)
    if len(found) > 1:
        numbers = ", ".join(str(heard.system) for heard in found)
        raise LinkError(
            f"{line.name}: heard several vehicles, systems {numbers}; say which one is meant with system="
        )
    return found[0]


def _wanted(status: LinkStatus, system: int | None) -> list[HeardSystem]:
    return [heard for heard in status.vehicles if system in (None, heard.system)]


def _not_found(status: LinkStatus, system: int | None, timeout_s: float) -> ConnectTimeoutError:
    wanted = "no vehicle" if system is None else f"no vehicle with system id {system}"
    return ConnectTimeoutError(
        f"{status.name}: {wanted} within {timeout_s:g} s: heard {status.picture}; {status.remedy(system)}"
    )
