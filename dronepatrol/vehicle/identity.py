"""Who a vehicle is: what it says in its heartbeat and its AUTOPILOT_VERSION."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from dronepatrol.errors import UnsupportedByAutopilotError, VehicleUnsuitableError
from dronepatrol.mavlink.autopilots import MULTIROTORS, Autopilot, autopilot_for
from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.mavlink.framing import Frame
from dronepatrol.vehicle.heard import HeardSystem, type_name
from dronepatrol.vehicle.line import Line

ASK_S = 1.0
"""Between two questions."""
ATTEMPTS = 12
"""Questions: with 30 % of the frames lost each way all fail with a chance of 0.03 %."""
NEEDED = {
    dialect.MAV_PROTOCOL_CAPABILITY_MAVLINK2: "MAVLink 2",
    dialect.MAV_PROTOCOL_CAPABILITY_MISSION_INT: "missions with whole-number coordinates",
}
"""MAV_PROTOCOL_CAPABILITY bits without which nothing here works."""
OLDEST = "update it to ArduCopter 4.0 or PX4 1.11 at least"
_VERSION = dialect.MAVLINK_MSG_ID_AUTOPILOT_VERSION


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a vehicle is.

    Attributes
    ----------
    kind
        MAV_TYPE.
    autopilot
        What it runs, in which version, and what that can do.
    unique_id
        Of the hardware, in hexadecimal; empty if it has none.
    """

    system: int
    kind: int
    autopilot: Autopilot
    unique_id: str

    def __str__(self) -> str:
        return f"system {self.system}, a {type_name(self.kind)} with {self.autopilot}"


def require_multirotor(heard: HeardSystem, name: str) -> Autopilot:
    """Refuse what this package cannot fly.

    Raises
    ------
    VehicleUnsuitableError
        It is no multirotor, or runs neither ArduPilot nor PX4.
    """
    if heard.kind not in MULTIROTORS:
        raise VehicleUnsuitableError(
            f"{name}: system {heard.system} is a {type_name(heard.kind)}, and only multirotors are flown "
            "from here; connect to another vehicle, or correct its frame (FRAME_CLASS) if it is one"
        )
    try:
        return autopilot_for(heard.heartbeat)
    except UnsupportedByAutopilotError as error:
        raise VehicleUnsuitableError(f"{name}: system {heard.system}: {error}") from None


async def ask_identity(line: Line, heard: HeardSystem) -> Identity:
    """Ask a vehicle for its AUTOPILOT_VERSION, in the present way and in that of older autopilots in turn.

    Raises
    ------
    VehicleUnsuitableError
        It does not answer, or lacks what is needed.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Message] = loop.create_future()

    def listen(frame: Frame) -> None:
        if frame.number == _VERSION and frame.component == heard.component and not answer.done():
            answer.set_result(frame.message)

    remove = line.subscribe(listen, system=heard.system)
    try:
        for attempt in range(ATTEMPTS):
            line.send(_question(heard, attempt))
            await asyncio.wait((answer,), timeout=ASK_S)
            if answer.done():
                return _checked(answer.result(), heard, line.name)
    finally:
        remove()
    spoken = "" if heard.mavlink_version == 2 else " and speaks MAVLink 1 only"
    raise VehicleUnsuitableError(
        f"{line.name}: system {heard.system} is heard{spoken} but did not say its version in {ATTEMPTS} "
        "questions; either the link carries nothing to the vehicle (a radio or a firewall open one way, or "
        f"udpin where the vehicle waits for udpout), or its autopilot is too old: {OLDEST}"
    )


def _question(heard: HeardSystem, attempt: int) -> Message:
    if attempt % 2:
        command, wanted = dialect.MAV_CMD_REQUEST_AUTOPILOT_CAPABILITIES, 1
    else:
        command, wanted = dialect.MAV_CMD_REQUEST_MESSAGE, _VERSION
    return dialect.MAVLink_command_long_message(
        heard.system, heard.component, command, 0, float(wanted), *[0.0] * 6
    )


def _checked(answer: Message, heard: HeardSystem, name: str) -> Identity:
    autopilot = autopilot_for(heard.heartbeat, answer)
    identity = Identity(heard.system, heard.kind, autopilot, _unique_id(answer))
    missing = [word for bit, word in NEEDED.items() if not answer.capabilities & bit]
    if missing:
        raise VehicleUnsuitableError(
            f"{name}: {identity}, cannot do {' nor '.join(missing)}; its autopilot is too old: {OLDEST}"
        )
    return identity


def _unique_id(answer: Message) -> str:
    longer = bytes(answer.uid2)
    if any(longer):
        return longer.rstrip(b"\0").hex()
    return f"{answer.uid:x}" if answer.uid else ""
