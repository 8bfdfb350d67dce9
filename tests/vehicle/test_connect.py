"""Finding the right vehicle, and saying what is wrong if there is none."""

from __future__ import annotations

import asyncio
import re

import pytest

from dronepatrol.errors import ConnectTimeoutError, LinkError, VehicleUnsuitableError
from dronepatrol.mavlink.dialect import dialect
from dronepatrol.vehicle.vehicle import Vehicle
from tests.vehicle.scene import BAD, Puppet, beating, flying, virtually

INVALID = dialect.MAV_AUTOPILOT_INVALID


def version_message(capabilities: int = -1) -> object:
    """Return an AUTOPILOT_VERSION of 4.5.7."""
    able = dialect.MAV_PROTOCOL_CAPABILITY_MAVLINK2 | dialect.MAV_PROTOCOL_CAPABILITY_MISSION_INT
    number = 4 << 24 | 5 << 16 | 7 << 8
    capabilities = able if capabilities < 0 else capabilities
    return dialect.MAVLink_autopilot_version_message(
        capabilities, number, 0, 0, 0, [0] * 8, [0] * 8, [0] * 8, 0, 0, 0
    )


def test_a_simulated_drone_says_who_it_is() -> None:
    """Connecting gives type, autopilot, version and capabilities."""

    async def main() -> None:
        async with flying() as scene:
            vehicle = await scene.vehicle()
            assert str(vehicle.identity) == "system 1, a quadrotor with ArduCopter 4.7.0"
            vehicle.close()

    virtually(main)


def test_connecting_over_a_bad_link_takes_longer_and_works() -> None:
    """A link that loses 30 % each way is no reason to give up."""

    async def main() -> None:
        async with flying() as scene:
            vehicle = await scene.vehicle(bad=BAD)
            assert vehicle.identity is not None

    virtually(main)


def test_what_is_heard_is_told_while_waiting() -> None:
    """The picture goes from nothing to bytes to a gimbal to the vehicle, each told once."""

    async def main() -> None:
        puppet = Puppet()
        told: list[str] = []
        connecting = asyncio.create_task(
            Vehicle.connect(puppet.connection, on_status=lambda s: told.append(s.picture), ask=False)
        )
        await asyncio.sleep(1.0)
        puppet.link.send(b"Init ArduCopter V4.7\r\n")
        await asyncio.sleep(1.0)
        puppet.beat(kind=dialect.MAV_TYPE_GIMBAL, autopilot=INVALID, component=154, system=1)
        await asyncio.sleep(1.0)
        puppet.beat()
        vehicle = await connecting
        assert told == [
            "nothing at all",
            "22 bytes that are not MAVLink",
            "heartbeats of system 1 component 154 (a gimbal)",
            "heartbeats of system 1 (a quadrotor), system 1 component 154 (a gimbal)",
        ]
        vehicle.close()

    virtually(main)


@pytest.mark.parametrize(
    ("speak", "system", "text"),
    [
        (lambda p: None, None, "no vehicle within 5 s: heard nothing at all; check that the vehicle is on"),
        (
            lambda p: p.link.send(b"\r\nAP: hello"),
            None,
            "11 bytes that are not MAVLink; check that the baud rate",
        ),
        (
            lambda p: p.say(dialect.MAVLink_ping_message(0, 0, 0, 0)),
            None,
            "heard 1 MAVLink frames and no heartbeat; the link carries only part",
        ),
        (
            lambda p: p.beat(kind=dialect.MAV_TYPE_GCS, autopilot=INVALID, system=254, component=190),
            None,
            "heartbeats of system 254 component 190 (a ground station); none of these is a vehicle",
        ),
        (
            lambda p: p.beat(system=7),
            3,
            "no vehicle with system id 3 within 5 s: heard heartbeats of system 7 (a quadrotor); ask for",
        ),
    ],
    ids=["silence", "noise", "no-heartbeat", "ground-station", "other-system"],
)
def test_a_time_out_says_what_was_heard_and_what_to_try(speak: object, system: int | None, text: str) -> None:
    """Each way of not finding the vehicle has its own words."""

    async def main() -> None:
        puppet = Puppet()
        speak(puppet)  # type: ignore[operator]
        with pytest.raises(ConnectTimeoutError, match=re.escape(text)):
            await Vehicle.connect(puppet.connection, system=system, timeout_s=5.0)

    virtually(main)


def test_several_vehicles_are_not_chosen_from_by_chance() -> None:
    """Where two vehicles share a link and none was named, the error names both."""

    async def main() -> None:
        async with flying(2) as scene:
            connection = scene.link(0, 1)
            with pytest.raises(LinkError, match="heard several vehicles, systems 1, 2; say which one"):
                await Vehicle.connect(connection)
            assert (await Vehicle.connect(connection, system=2)).target.system == 2

    virtually(main)


def test_others_on_the_link_do_not_steal_the_target() -> None:
    """Heartbeats of a gimbal, a receiver, another station and another vehicle change nothing in the state."""

    async def main() -> None:
        puppet = Puppet()
        puppet.beat(mode=4)
        vehicle = await Vehicle.connect(puppet.connection, ask=False)
        armed = dialect.MAV_MODE_FLAG_SAFETY_ARMED | 1
        puppet.beat(
            kind=dialect.MAV_TYPE_GIMBAL, autopilot=INVALID, mode=9, base=armed, system=1, component=154
        )
        puppet.beat(
            kind=dialect.MAV_TYPE_ADSB, autopilot=INVALID, mode=9, base=armed, system=1, component=156
        )
        puppet.beat(
            kind=dialect.MAV_TYPE_GCS, autopilot=INVALID, mode=9, base=armed, system=255, component=190
        )
        puppet.beat(mode=9, base=armed, system=2)
        await asyncio.sleep(0.5)
        assert (vehicle.state.mode, vehicle.state.armed) == ("GUIDED", False)
        vehicle.close()

    virtually(main)


def test_a_vehicle_that_is_no_multirotor_is_refused_before_anything_is_sent() -> None:
    """A plane gets no command at all."""

    async def main() -> None:
        puppet = Puppet()
        puppet.beat(kind=dialect.MAV_TYPE_FIXED_WING)
        with pytest.raises(VehicleUnsuitableError, match="system 1 is a fixed wing, and only multirotors"):
            await Vehicle.connect(puppet.connection)
        assert puppet.heard_commands() == []

    virtually(main)


def test_another_autopilot_is_refused_by_name() -> None:
    """Only ArduPilot and PX4 are known."""

    async def main() -> None:
        puppet = Puppet()
        puppet.beat(
            autopilot=dialect.MAV_AUTOPILOT_PAPARAZZI if hasattr(dialect, "MAV_AUTOPILOT_PAPARAZZI") else 9
        )
        with pytest.raises(VehicleUnsuitableError, match="is not supported; ArduPilot and PX4 are"):
            await Vehicle.connect(puppet.connection)

    virtually(main)


def test_an_autopilot_that_never_answers_is_called_deaf_or_old() -> None:
    """Heartbeats without an answer can mean a one-way link or an old autopilot, and the text says both."""

    async def main() -> None:
        puppet = Puppet()
        task = asyncio.create_task(beating(puppet))
        with pytest.raises(
            VehicleUnsuitableError, match=r"did not say its version in 12 .* one way.* too old"
        ):
            await Vehicle.connect(puppet.connection)
        asked = puppet.heard_commands()
        wanted = {dialect.MAV_CMD_REQUEST_MESSAGE, dialect.MAV_CMD_REQUEST_AUTOPILOT_CAPABILITIES}
        assert set(asked) == wanted
        task.cancel()

    virtually(main)


def test_an_autopilot_without_mavlink_2_is_too_old() -> None:
    """The missing capability is named with the version."""

    async def main() -> None:
        puppet = Puppet()
        puppet.beat()
        connecting = asyncio.create_task(Vehicle.connect(puppet.connection))
        await asyncio.sleep(2.0)
        puppet.say(version_message(dialect.MAV_PROTOCOL_CAPABILITY_MISSION_INT))
        with pytest.raises(
            VehicleUnsuitableError, match=r"ArduCopter 4.5.7, cannot do MAVLink 2; .* too old"
        ):
            await connecting

    virtually(main)


def test_our_heartbeats_end_with_the_last_vehicle() -> None:
    """Two vehicles on one connection share its heartbeats; the last one to leave closes it."""

    async def main() -> None:
        async with flying(2) as scene:
            connection = scene.link(0, 1)
            first = await Vehicle.connect(connection, system=1)
            second = await Vehicle.connect(connection, system=2)
            first.close()
            assert connection.held
            assert not connection.closed
            await second.command(dialect.MAV_CMD_DO_SEND_BANNER)
            second.close()
            assert not connection.held
            assert connection.closed

    virtually(main)
