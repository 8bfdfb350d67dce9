"""Orders to a simulated drone, and what a failing one says."""

from __future__ import annotations

import asyncio

import pytest

from dronepatrol.errors import (
    ArmingRefusedError,
    CommandRefusedError,
    FlightError,
    ProtocolTimeoutError,
    UnsupportedByAutopilotError,
)
from dronepatrol.geo.distance import great_circle_m
from dronepatrol.mavlink.autopilots import Intent
from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.items import WireItem
from dronepatrol.mavlink.modes import CopterMode
from dronepatrol.model.position import Position
from dronepatrol.vehicle.vehicle import Vehicle
from tests.vehicle.scene import BAD, HOME, Puppet, beating, flying, virtually

AWAY = Position(24.942, 60.171)


def square() -> list[WireItem]:
    """Return a small mission with home as item 0."""
    relative = dialect.MAV_FRAME_GLOBAL_RELATIVE_ALT
    corner = dialect.MAV_CMD_NAV_WAYPOINT
    x, y = HOME[0], HOME[1]
    return [
        WireItem(0, dialect.MAV_FRAME_GLOBAL, corner, x=x, y=y, z=10.0),
        WireItem(1, relative, dialect.MAV_CMD_NAV_TAKEOFF, z=15.0),
        WireItem(2, relative, corner, x=x + 5000, y=y, z=15.0),
        WireItem(3, relative, corner, x=x + 5000, y=y + 9000, z=15.0),
        WireItem(4, dialect.MAV_FRAME_MISSION, dialect.MAV_CMD_NAV_RETURN_TO_LAUNCH),
    ]


def test_a_flight_by_hand() -> None:
    """Take-off, a place, holding, going on, home and landing, each waited for."""

    async def main() -> None:
        async with flying() as scene:
            vehicle = await scene.vehicle(ready=True)
            await vehicle.arm()
            await vehicle.takeoff(20.0)
            assert vehicle.state.altitude_home_m == pytest.approx(20.0, abs=0.6)
            await vehicle.goto(AWAY, 30.0)
            assert vehicle.state.position is not None
            assert great_circle_m(vehicle.state.position, AWAY) < 2.1
            await vehicle.goto(Position(24.94, 60.17), 30.0, wait=False)
            await asyncio.sleep(8.0)
            await vehicle.hold()
            await asyncio.sleep(6.0)
            held = vehicle.state.position
            await asyncio.sleep(10.0)
            assert vehicle.state.position is not None
            assert held is not None
            assert great_circle_m(vehicle.state.position, held) < 1.0
            await vehicle.resume()
            await asyncio.sleep(10.0)
            assert great_circle_m(vehicle.state.position, held) > 20.0
            await vehicle.land()
            await vehicle.landed(timeout_s=120.0)
            assert vehicle.state.altitude_home_m == pytest.approx(0.0, abs=0.5)
            vehicle.close()

    virtually(main)


def test_a_mission_is_held_and_resumed() -> None:
    """A paused mission stays where it is and then goes on to its end."""

    async def main() -> None:
        async with flying() as scene:
            vehicle = await scene.vehicle(ready=True)
            await vehicle.upload(square())
            await vehicle.set_streams({dialect.MAVLINK_MSG_ID_GLOBAL_POSITION_INT: 4.0})
            await vehicle.arm()
            await vehicle.start()
            await asyncio.sleep(20.0)
            await vehicle.hold()
            await asyncio.sleep(12.0)
            held = vehicle.state.position
            await asyncio.sleep(30.0)
            assert held is not None
            assert vehicle.state.position is not None
            assert great_circle_m(held, vehicle.state.position) < 1.0
            assert vehicle.state.mode == "AUTO"
            await vehicle.resume()
            await vehicle.landed(timeout_s=300.0)
            vehicle.close()

    virtually(main)


def test_a_patrol_completes_over_a_bad_link() -> None:
    """With 30 % lost each way, 200 ms, repeats and overtaking, every order gets through."""

    async def main() -> None:
        async with flying() as scene:
            vehicle = await scene.vehicle(bad=BAD, ready=True)
            await vehicle.upload(square())
            await vehicle.arm()
            await vehicle.start()
            await vehicle.landed(timeout_s=400.0)
            held = [(i.command, i.x, i.y) for i in await vehicle.download()]
            assert held[2] == (dialect.MAV_CMD_NAV_WAYPOINT, HOME[0] + 5000, HOME[1])
            vehicle.close()

    virtually(main)


def test_a_refused_arming_carries_the_texts_of_the_checks() -> None:
    """The vehicle's own reasons are in the error."""

    async def main() -> None:
        async with flying() as scene:
            vehicle = await scene.vehicle()
            await vehicle.set_mode(CopterMode.GUIDED)
            with pytest.raises(ArmingRefusedError, match=r"FAILED: .*Arm: Need Position Estimate"):
                await vehicle.arm()
            vehicle.close()

    virtually(main)


def test_a_vehicle_that_does_not_become_ready_says_why() -> None:
    """The pre-arm checks are asked for their reasons when the time is over."""

    async def main() -> None:
        async with flying() as scene:
            scene.simulation.autopilots[0].faults.rc_lost = True
            vehicle = await scene.vehicle()
            with pytest.raises(FlightError, match=r"no passed pre-arm checks .*PreArm: Radio failsafe on"):
                await vehicle.ready(timeout_s=60.0)
            vehicle.close()

    virtually(main)


def test_a_refused_mode_carries_the_reason() -> None:
    """A mode that needs a position is refused in the air without one, in the vehicle's words."""

    async def main() -> None:
        async with flying() as scene:
            vehicle = await scene.vehicle(ready=True)
            await vehicle.arm()
            with pytest.raises(
                CommandRefusedError, match=r"DO_SET_MODE: FAILED AUTO: Mode change to AUTO failed"
            ):
                await vehicle.set_mode("AUTO")
            vehicle.close()

    virtually(main)


def test_a_mode_that_the_autopilot_lacks_is_refused_before_anything_is_sent() -> None:
    """The error lists the modes there are."""

    async def main() -> None:
        puppet = Puppet()
        puppet.beat()
        vehicle = await Vehicle.connect(puppet.connection, ask=False)
        with pytest.raises(UnsupportedByAutopilotError, match="has no mode NONSENSE; it has ACRO, ALT_HOLD"):
            await vehicle.set_mode("NONSENSE")
        assert puppet.heard_commands() == []
        vehicle.close()

    virtually(main)


@pytest.mark.parametrize(
    ("order", "text"),
    [
        (lambda v: v.takeoff(10.0), "cannot take off: it is not armed"),
        (lambda v: v.start(), "cannot start a mission: it is not armed"),
        (lambda v: v.goto(AWAY, 10.0), "cannot fly to a place: it is not armed"),
        (lambda v: v.resume(), "nothing to resume in mode STABILIZE"),
    ],
    ids=["takeoff", "start", "goto", "resume"],
)
def test_orders_that_make_no_sense_are_refused_before_anything_is_sent(order: object, text: str) -> None:
    """A vehicle on the ground gets none of them."""

    async def main() -> None:
        puppet = Puppet()
        puppet.beat(mode=0)
        vehicle = await Vehicle.connect(puppet.connection, ask=False)
        with pytest.raises(FlightError, match=text):
            await order(vehicle)  # type: ignore[operator]
        assert puppet.heard_commands() == []
        vehicle.close()

    virtually(main)


def test_an_order_without_an_answer_is_not_repeated_once_a_failsafe_acts() -> None:
    """The vehicle goes into RTL by itself while MISSION_START is unanswered: it is left alone."""

    async def main() -> None:
        puppet = Puppet()
        armed = dialect.MAV_MODE_FLAG_SAFETY_ARMED | 1
        puppet.beat(base=armed)
        vehicle = await Vehicle.connect(puppet.connection, ask=False)
        beats = asyncio.create_task(beating(puppet, base=armed))
        starting = asyncio.create_task(vehicle.start())
        await asyncio.sleep(0.5)
        puppet.say(dialect.MAVLink_command_ack_message(dialect.MAV_CMD_DO_SET_MISSION_CURRENT, 0))
        await asyncio.sleep(0.6)
        beats.cancel()
        beats = asyncio.create_task(beating(puppet, base=armed, mode=int(CopterMode.RTL)))
        with pytest.raises(
            FlightError, match="MISSION_START was not answered, and the vehicle is now in mode RTL"
        ):
            await starting
        assert puppet.heard_commands().count(dialect.MAV_CMD_MISSION_START) == 1
        beats.cancel()
        vehicle.close()

    virtually(main)


def test_arming_is_given_again_only_while_the_vehicle_says_disarmed() -> None:
    """A vehicle that hears nothing gets the order a few times, each after a heartbeat that says disarmed."""

    async def main() -> None:
        puppet = Puppet()
        puppet.beat()
        vehicle = await Vehicle.connect(puppet.connection, ask=False)
        beats = asyncio.create_task(beating(puppet))
        with pytest.raises(ProtocolTimeoutError, match="did not answer COMPONENT_ARM_DISARM"):
            await vehicle.arm()
        assert puppet.heard_commands().count(dialect.MAV_CMD_COMPONENT_ARM_DISARM) == 8
        beats.cancel()
        vehicle.close()

    virtually(main)


def test_a_lost_answer_to_arming_is_made_up_for_by_the_heartbeat() -> None:
    """The vehicle is armed, its answer was lost: the order counts as done and is sent once."""

    async def main() -> None:
        puppet = Puppet()
        puppet.beat()
        vehicle = await Vehicle.connect(puppet.connection, ask=False)
        arming = asyncio.create_task(vehicle.arm())
        await asyncio.sleep(0.3)
        beats = asyncio.create_task(beating(puppet, base=dialect.MAV_MODE_FLAG_SAFETY_ARMED | 1))
        await arming
        assert puppet.heard_commands() == [dialect.MAV_CMD_COMPONENT_ARM_DISARM]
        beats.cancel()
        vehicle.close()

    virtually(main)


def test_a_refused_repeat_of_a_take_off_under_way_is_no_failure() -> None:
    """An answer was lost and the repeat refused, because the vehicle is taking off: it counts as done."""

    async def main() -> None:
        puppet = Puppet()
        armed = dialect.MAV_MODE_FLAG_SAFETY_ARMED | 1
        puppet.beat(base=armed)
        vehicle = await Vehicle.connect(puppet.connection, ask=False)
        beats = asyncio.create_task(beating(puppet, base=armed))
        vehicle._rates_hz[dialect.MAVLINK_MSG_ID_GLOBAL_POSITION_INT] = 4.0
        climbing = asyncio.create_task(vehicle.takeoff(10.0))
        await asyncio.sleep(1.8)
        takeoff = dialect.MAV_CMD_NAV_TAKEOFF
        assert puppet.heard_commands() == [takeoff, takeoff]
        puppet.say(dialect.MAVLink_command_ack_message(takeoff, dialect.MAV_RESULT_FAILED))
        for tenths in range(0, 110, 10):
            await asyncio.sleep(0.5)
            boot_ms = 1000 + tenths * 50
            puppet.say(
                dialect.MAVLink_global_position_int_message(boot_ms, 1, 1, 0, tenths * 100, 0, 0, 0, 0)
            )
        await climbing
        assert puppet.heard_commands() == [takeoff, takeoff]
        beats.cancel()
        vehicle.close()

    virtually(main)


def test_a_way_that_a_failsafe_ends_is_not_waited_for() -> None:
    """A vehicle called home on its way to a place ends the wait at once, with the mode."""

    async def main() -> None:
        async with flying() as scene:
            vehicle = await scene.vehicle(ready=True)
            await vehicle.arm()
            await vehicle.takeoff(15.0)
            going = asyncio.create_task(vehicle.goto(Position(24.96, 60.17), 15.0))
            await asyncio.sleep(10.0)
            scene.simulation.autopilots[0].set_mode(int(CopterMode.RTL))
            with pytest.raises(FlightError, match="no arrival: the vehicle is now in mode RTL, armed"):
                await asyncio.wait_for(going, 5.0)
            await vehicle.landed(timeout_s=200.0)
            vehicle.close()

    virtually(main)


def test_modes_are_found_by_what_they_are_for() -> None:
    """An intent is the mode that this autopilot has for it."""

    async def main() -> None:
        async with flying() as scene:
            vehicle = await scene.vehicle(ready=True)
            await vehicle.set_mode(Intent.LAND)
            assert vehicle.state.mode == "LAND"
            assert vehicle.mode_number(Intent.HOLD) == CopterMode.BRAKE
            vehicle.close()

    virtually(main)
