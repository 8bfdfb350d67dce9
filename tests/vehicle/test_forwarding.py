"""Another ground station watches beside us."""

from __future__ import annotations

import asyncio

import pytest

from dronepatrol.errors import LinkError
from dronepatrol.link.memory import MemoryLink, memory_pair
from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.mavlink.framing import FrameReader
from dronepatrol.vehicle.forwarding import Forwarding, forward, only_looks
from dronepatrol.vehicle.line import Line
from tests.vehicle.scene import flying, virtually
from tests.vehicle.test_lists import mission


class Station:
    """A ground station with the ids of QGroundControl."""

    def __init__(self, line: Line, *, commands: bool = False) -> None:
        self.link: MemoryLink
        self.link, near = memory_pair("qgc", delay_s=0.001)
        self.codec = Codec(255, 190)
        self.heard: list[Message] = []
        self.link.set_receiver(lambda data: self.heard.extend(self.codec.parse(data)))
        self.forwarding = Forwarding(line, near, commands=commands)

    def say(self, message: Message) -> None:
        """Send a message to the vehicle, through us."""
        self.link.send(self.codec.pack(message))

    def types(self) -> set[str]:
        """Return the types heard so far."""
        return {message.get_type() for message in self.heard}


def command(number: int, *params: float) -> Message:
    """Return a COMMAND_LONG to system 1."""
    return dialect.MAVLink_command_long_message(1, 1, number, 0, *params, *[0.0] * (7 - len(params)))


def test_a_watcher_sees_everything_and_reads_parameters() -> None:
    """Telemetry reaches it raw, and so do answers to its questions."""

    async def main() -> None:
        async with flying() as scene:
            vehicle = await scene.vehicle(ready=True)
            station = Station(vehicle.line)
            station.say(dialect.MAVLink_param_request_read_message(1, 1, b"RTL_ALT", -1))
            station.say(dialect.MAVLink_mission_request_list_message(1, 1, 0))
            station.say(command(dialect.MAV_CMD_REQUEST_MESSAGE, 148.0))
            await asyncio.sleep(3.0)
            wanted = {"HEARTBEAT", "PARAM_VALUE", "MISSION_COUNT", "AUTOPILOT_VERSION", "SYS_STATUS"}
            assert wanted <= station.types()
            assert station.forwarding.refused == 0
            vehicle.close()

    virtually(main)


def test_a_watcher_can_change_nothing_until_it_is_allowed_to() -> None:
    """Arming by the other station is held back and told; once allowed it goes through."""

    async def main() -> None:
        async with flying() as scene:
            vehicle = await scene.vehicle(ready=True)
            station = Station(vehicle.line)
            refused: list[int] = []
            station.forwarding.on_refusal = lambda frame: refused.append(frame.number)
            station.say(command(dialect.MAV_CMD_COMPONENT_ARM_DISARM, 1.0))
            station.say(command(dialect.MAV_CMD_SET_MESSAGE_INTERVAL, 30.0, 1e4))
            await asyncio.sleep(2.0)
            assert not vehicle.state.armed
            assert refused == [dialect.MAVLINK_MSG_ID_COMMAND_LONG] * 2
            station.forwarding.commands = True
            station.say(command(dialect.MAV_CMD_COMPONENT_ARM_DISARM, 1.0))
            await asyncio.sleep(2.0)
            assert vehicle.state.armed
            vehicle.close()

    virtually(main)


@pytest.mark.parametrize("commands", [False, True])
def test_a_watcher_that_loads_the_mission_does_not_disturb_our_upload(commands: bool) -> None:
    """Its mission messages wait outside while our transfer runs, and it hears none of our answers."""

    async def main() -> None:
        async with flying() as scene:
            vehicle = await scene.vehicle(ready=True)
            station = Station(vehicle.line, commands=commands)
            uploading = asyncio.create_task(vehicle.upload(mission(100)))
            while not uploading.done():
                station.say(dialect.MAVLink_mission_request_list_message(1, 1, 0))
                await asyncio.sleep(0.2)
            await uploading
            assert station.forwarding.refused > 0
            assert not {"MISSION_REQUEST", "MISSION_ACK", "MISSION_ITEM_INT"} & station.types()
            vehicle.close()

    virtually(main)


def test_reading_files_is_looking_and_writing_is_not() -> None:
    """Of the file transfer only the opcodes that read are let through; unknown messages are not."""
    codec = Codec(255, 190)

    def transfer(opcode: int) -> bytes:
        payload = [0] * 251
        payload[3] = opcode
        return codec.pack(dialect.MAVLink_file_transfer_protocol_message(0, 1, 1, payload))

    reader = FrameReader(Codec(1, 1))
    opening, writing = reader.feed(transfer(4) + transfer(7))
    assert only_looks(opening)
    assert not only_looks(writing)
    raw = bytearray(codec.pack(dialect.MAVLink_ping_message(0, 0, 0, 0)))
    raw[7:10] = (50_000).to_bytes(3, "little")
    (unknown,) = reader.feed(bytes(raw))
    assert not only_looks(unknown)


def test_forwarding_to_no_url_is_an_error() -> None:
    """A URL that is none is refused with an example."""

    async def main() -> None:
        async with flying() as scene:
            with pytest.raises(LinkError, match="is no kind of link; write one such as"):
                await forward(scene.link(0), "qgc://localhost")

    virtually(main)


def test_a_closed_forwarding_leaves_our_link_alone() -> None:
    """Nothing more is passed on, and the vehicle is flown as before."""

    async def main() -> None:
        async with flying() as scene:
            vehicle = await scene.vehicle(ready=True)
            station = Station(vehicle.line)
            await asyncio.sleep(2.0)
            station.forwarding.close()
            sent = station.forwarding.sent
            await vehicle.set_mode("LAND")
            assert station.forwarding.sent == sent > 0
            vehicle.close()

    virtually(main)
