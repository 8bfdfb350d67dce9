"""Lets another ground station watch beside us, and command if that is wished.

Raw frames go both ways. While an exchange of ours is under way, the other station's mission messages are not
passed on: a vehicle has room for one transfer, and its answers name stations by ids that we may share.
"""

from __future__ import annotations

from collections.abc import Callable

from dronepatrol.link.transport import Transport
from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.framing import Frame, FrameReader
from dronepatrol.vehicle.line import Line
from dronepatrol.vehicle.opening import open_url

_ANSWERS = frozenset(
    {
        dialect.MAVLINK_MSG_ID_MISSION_REQUEST,
        dialect.MAVLINK_MSG_ID_MISSION_REQUEST_INT,
        dialect.MAVLINK_MSG_ID_MISSION_ACK,
        dialect.MAVLINK_MSG_ID_MISSION_COUNT,
        dialect.MAVLINK_MSG_ID_MISSION_ITEM,
        dialect.MAVLINK_MSG_ID_MISSION_ITEM_INT,
        dialect.MAVLINK_MSG_ID_COMMAND_ACK,
    }
)
"""What a vehicle answers to one station, and confuses another that has asked nothing."""
_LOOKING = frozenset(
    {
        dialect.MAVLINK_MSG_ID_HEARTBEAT,
        dialect.MAVLINK_MSG_ID_PING,
        dialect.MAVLINK_MSG_ID_TIMESYNC,
        dialect.MAVLINK_MSG_ID_SYSTEM_TIME,
        dialect.MAVLINK_MSG_ID_PARAM_REQUEST_LIST,
        dialect.MAVLINK_MSG_ID_PARAM_REQUEST_READ,
        dialect.MAVLINK_MSG_ID_MISSION_REQUEST_LIST,
        dialect.MAVLINK_MSG_ID_MISSION_REQUEST,
        dialect.MAVLINK_MSG_ID_MISSION_REQUEST_INT,
        dialect.MAVLINK_MSG_ID_LOG_REQUEST_LIST,
        dialect.MAVLINK_MSG_ID_AUTOPILOT_VERSION_REQUEST,
    }
)
"""Messages of a station that change nothing."""
_LOOKING_COMMANDS = frozenset(
    {
        dialect.MAV_CMD_REQUEST_MESSAGE,
        dialect.MAV_CMD_REQUEST_AUTOPILOT_CAPABILITIES,
        dialect.MAV_CMD_GET_HOME_POSITION,
        dialect.MAV_CMD_GET_MESSAGE_INTERVAL,
        dialect.MAV_CMD_REQUEST_CAMERA_INFORMATION,
        dialect.MAV_CMD_REQUEST_CAMERA_SETTINGS,
        dialect.MAV_CMD_REQUEST_CAMERA_CAPTURE_STATUS,
        dialect.MAV_CMD_REQUEST_STORAGE_INFORMATION,
    }
)
_MISSION = frozenset(
    number for number, kind in dialect.mavlink_map.items() if kind.msgname.startswith("MISSION_")
)
_FILE = dialect.MAVLINK_MSG_ID_FILE_TRANSFER_PROTOCOL
_COMMANDS = (dialect.MAVLINK_MSG_ID_COMMAND_LONG, dialect.MAVLINK_MSG_ID_COMMAND_INT)
_READING_FILES = frozenset({0, 1, 2, 3, 4, 5, 14, 15})
"""Opcodes of the file transfer that only read: none, terminate, reset, list, open, read, checksum, burst."""
_OPCODE_AT = 3
"""Place of the opcode in the payload of a file transfer (MAVLink FTP, "Payload format")."""


class Forwarding:
    """One other station on a link of its own; made by `forward`.

    Attributes
    ----------
    commands
        Whether it may change anything; may be set at any time.
    sent, taken, refused
        Frames given to it, taken from it, and not taken.
    on_refusal
        Called with each frame that was not taken.
    """

    def __init__(self, line: Line, transport: Transport, *, commands: bool = False) -> None:
        self.commands = commands
        self.sent = self.taken = self.refused = 0
        self.on_refusal: Callable[[Frame], None] | None = None
        self._line = line
        self._transport = transport
        self._reader = FrameReader(Codec(line.own_system, 0))
        self._stop = line.subscribe(self._give)
        transport.set_receiver(self._hear)

    @property
    def name(self) -> str:
        """Name of the link to it."""
        return self._transport.name

    def close(self) -> None:
        """Close its link; ours stays open."""
        self._stop()
        self._transport.close()

    def _give(self, frame: Frame) -> None:
        if self._line.exchanges and frame.number in _ANSWERS and self._is_for_us(frame):
            return
        self.sent += 1
        self._transport.send(frame.raw)

    def _is_for_us(self, frame: Frame) -> bool:
        return getattr(frame.message, "target_system", 0) in (0, self._line.own_system)

    def _hear(self, data: bytes) -> None:
        for frame in self._reader.feed(data):
            if self._allowed(frame):
                self.taken += 1
                self._line.send_frame(frame)
            else:
                self.refused += 1
                if self.on_refusal is not None:
                    self.on_refusal(frame)

    def _allowed(self, frame: Frame) -> bool:
        if self._line.exchanges and frame.number in _MISSION:
            return False
        return self.commands or only_looks(frame)


def only_looks(frame: Frame) -> bool:
    """Tell whether a frame of a ground station changes nothing on a vehicle or on our link to it."""
    if not frame.known:
        return False
    if frame.number in _COMMANDS:
        return frame.message.command in _LOOKING_COMMANDS
    if frame.number == _FILE:
        return frame.message.payload[_OPCODE_AT] in _READING_FILES
    return frame.number in _LOOKING


async def forward(line: Line, url: str, *, commands: bool = False) -> Forwarding:
    """Let another ground station see all that is heard, at a URL.

    Parameters
    ----------
    line
        A `Connection` or a `Hub`.
    url
        Where it listens: ``udpout://127.0.0.1:14550`` for a QGroundControl on this computer.
    commands
        Whether what it says may change anything. Without, it can look at everything: parameters, missions,
        logs' names. It cannot set rates either, which are those of our link.

    Raises
    ------
    LinkError
        The URL cannot be read or opened.
    """
    return Forwarding(line, await open_url(url), commands=commands)
