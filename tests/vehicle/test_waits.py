"""Waits end: with what was waited for, at a deadline, or because the vehicle is not what it was."""

from __future__ import annotations

import asyncio

import pytest

from dronepatrol.errors import FlightError, LinkError, VehicleRebootedError
from dronepatrol.link.impaired import Impairment
from dronepatrol.mavlink.dialect import dialect
from dronepatrol.vehicle.events import LinkLost, LinkRegained, ModeChanged, Rebooted, TextHeard, VehicleEvent
from dronepatrol.vehicle.vehicle import FLIGHT_STREAMS_HZ, Vehicle
from tests.vehicle.scene import Puppet, flying, virtually

DEAD = Impairment(loss=1.0)
FINE = Impairment()


def of_kind(events: list[VehicleEvent], kind: type[VehicleEvent]) -> list[VehicleEvent]:
    """Return the events of one kind."""
    return [event for event in events if isinstance(event, kind)]


def test_a_wait_ends_at_its_deadline_and_says_how_the_vehicle_is() -> None:
    """The error carries what was waited for, the mode, and the last text."""

    async def main() -> None:
        async with flying() as scene:
            vehicle = await scene.vehicle(ready=True)
            started_s = asyncio.get_running_loop().time()
            with pytest.raises(
                FlightError, match=r"no moon within 7 s \(mode GUIDED, armed False\); last text"
            ):
                await vehicle.wait_for(lambda: False, timeout_s=7.0, what="moon")
            assert asyncio.get_running_loop().time() == pytest.approx(started_s + 7.0)
            vehicle.close()

    virtually(main)


def test_a_reboot_ends_every_wait_and_says_so() -> None:
    """Waits of all kinds end at once, nothing is repeated, and streams are asked for again."""

    async def main() -> None:
        async with flying() as scene:
            vehicle = await scene.vehicle(ready=True)
            await vehicle.set_streams(FLIGHT_STREAMS_HZ)
            events: list[VehicleEvent] = []
            vehicle.on_event(events.append)
            waits = [
                asyncio.create_task(vehicle.wait_for(lambda: False, timeout_s=600.0, what="moon")),
                asyncio.create_task(vehicle.landed(timeout_s=600.0)),
            ]
            waits.append(asyncio.create_task(vehicle.wait_for(lambda: False, timeout_s=9.0, what="sun")))
            await asyncio.sleep(0.5)
            scene.simulation.autopilots[0].reboot_soon()
            await asyncio.sleep(4.0)
            assert waits[0].done()
            with pytest.raises(VehicleRebootedError, match="has started again while waiting for moon: its "):
                await waits[0]
            with pytest.raises(VehicleRebootedError, match="nothing was repeated"):
                await waits[2]
            assert len(of_kind(events, Rebooted)) == 1
            await asyncio.sleep(15.0)
            assert vehicle.snapshot().position is not None
            assert vehicle.snapshot().attitude is not None
            vehicle.close()

    virtually(main)


def test_a_reboot_during_a_silence_is_noticed_afterwards() -> None:
    """The vehicle is asked for its clock when it is heard again."""

    async def main() -> None:
        async with flying() as scene:
            vehicle = await scene.vehicle(ready=True)
            await vehicle.set_streams(FLIGHT_STREAMS_HZ)
            await asyncio.sleep(2.0)
            waiting = asyncio.create_task(vehicle.wait_for(lambda: False, timeout_s=600.0, what="moon"))
            scene.links[0].impair(outgoing=DEAD, incoming=DEAD)
            await asyncio.sleep(10.0)
            scene.simulation.autopilots[0].reboot_soon()
            await asyncio.sleep(20.0)
            assert not vehicle.link_up
            scene.links[0].impair(outgoing=FINE, incoming=FINE)
            with pytest.raises(VehicleRebootedError, match=r"its clock went back from \d+ s to 2\d s"):
                await asyncio.wait_for(waiting, 10.0)
            vehicle.close()

    virtually(main)


def test_a_dead_link_is_told_and_a_wait_goes_on_over_it() -> None:
    """After 60 s of silence nothing is restarted: the same wait goes on and ends well."""

    async def main() -> None:
        async with flying() as scene:
            vehicle = await scene.vehicle(ready=True)
            events: list[VehicleEvent] = []
            vehicle.on_event(events.append)
            await vehicle.arm()
            await vehicle.takeoff(20.0)
            await vehicle.return_home()
            landing = asyncio.create_task(vehicle.landed(timeout_s=300.0))
            scene.links[0].impair(outgoing=DEAD, incoming=DEAD)
            await asyncio.sleep(30.0)
            assert not vehicle.link_up
            with pytest.raises(FlightError, match=r"nothing heard for 3\d s"):
                await vehicle.wait_for(lambda: False, timeout_s=1.0, what="moon")
            await asyncio.sleep(29.0)
            scene.links[0].impair(outgoing=FINE, incoming=FINE)
            await landing
            assert [type(e) for e in events if isinstance(e, (LinkLost, LinkRegained))] == [
                LinkLost,
                LinkRegained,
            ]
            (back,) = of_kind(events, LinkRegained)
            assert isinstance(back, LinkRegained)
            assert back.silent_s == pytest.approx(60.0, abs=1.5)
            assert of_kind(events, Rebooted) == []
            vehicle.close()

    virtually(main)


def test_closing_ends_waits_and_refuses_new_ones() -> None:
    """Whoever waits learns that the vehicle was closed."""

    async def main() -> None:
        async with flying() as scene:
            vehicle = await scene.vehicle()
            waiting = asyncio.create_task(vehicle.wait_for(lambda: False, timeout_s=600.0, what="moon"))
            await asyncio.sleep(1.0)
            vehicle.close()
            vehicle.close()
            with pytest.raises(LinkError, match="system 1: closed while waiting for moon"):
                await waiting
            with pytest.raises(LinkError, match="closed, so there is no"):
                await vehicle.command(dialect.MAV_CMD_DO_SEND_BANNER)

    virtually(main)


def test_a_late_frame_changes_nothing_and_is_no_reboot() -> None:
    """What was measured earlier than what is known is passed over."""

    async def main() -> None:
        puppet = Puppet()
        puppet.beat()
        vehicle = await Vehicle.connect(puppet.connection, ask=False)
        events: list[VehicleEvent] = []
        vehicle.on_event(events.append)
        for boot_ms, roll in ((20_000, 0.1), (20_250, 0.2), (20_100, 0.9), (9_000, 0.9)):
            puppet.say(dialect.MAVLink_attitude_message(boot_ms, roll, 0, 0, 0, 0, 0))
            await asyncio.sleep(0.1)
            if boot_ms == 20_100:
                assert vehicle.state.rpy_rad[0] == pytest.approx(0.2)
        puppet.say(dialect.MAVLink_attitude_message(20_500, 0.3, 0, 0, 0, 0, 0))
        await asyncio.sleep(0.1)
        assert vehicle.state.rpy_rad[0] == pytest.approx(0.3)
        assert of_kind(events, Rebooted) == []
        vehicle.close()

    virtually(main)


def test_long_texts_are_put_together_and_events_are_streamed() -> None:
    """A text of three chunks comes once; a change of mode is an event."""

    async def main() -> None:
        puppet = Puppet()
        puppet.beat()
        vehicle = await Vehicle.connect(puppet.connection, ask=False)
        stream = vehicle.events()
        text = "PreArm: " + "the battery below its minimum arming voltage, " * 3
        pieces = [text.encode()[at : at + 50] for at in range(0, len(text), 50)]
        for number, piece in enumerate(pieces):
            puppet.say(dialect.MAVLink_statustext_message(2, piece, 7, number))
        puppet.beat(mode=6)
        first, second = await anext(stream), await anext(stream)
        assert isinstance(first, TextHeard)
        assert first.text == text
        assert isinstance(second, ModeChanged)
        assert (second.old, second.new) == ("GUIDED", "RTL")
        vehicle.close()

    virtually(main)


def test_the_clocks_of_vehicle_and_host_are_related() -> None:
    """TIMESYNC gives the offset within the round trip, and the vehicle's own questions are answered."""

    async def main() -> None:
        puppet = Puppet()
        puppet.beat()
        vehicle = await Vehicle.connect(puppet.connection, ask=False)
        puppet.say(dialect.MAVLink_timesync_message(0, 123_456))
        await asyncio.sleep(0.1)
        (answer,) = [m for m in puppet.heard if m.get_type() == "TIMESYNC"]
        assert answer.ts1 == 123_456
        assert answer.tc1 == pytest.approx(asyncio.get_running_loop().time() * 1e9, abs=0.2e9)
        vehicle.close()
        async with flying() as scene:
            flown = await scene.vehicle()
            clock = await flown.synchronise()
            now_s = asyncio.get_running_loop().time()
            boot_s = scene.simulation.autopilots[0].boot_s
            assert clock.vehicle_s(now_s) == pytest.approx(boot_s, abs=0.06)
            flown.close()

    virtually(main)
