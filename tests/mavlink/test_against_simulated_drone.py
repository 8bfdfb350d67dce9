"""The client's machines against a whole simulated drone, over a link that loses, delays and repeats."""

from __future__ import annotations

import asyncio

import pytest

from dronepatrol.clock import unix_now_s
from dronepatrol.errors import ProtocolTimeoutError
from dronepatrol.link.impaired import Impairment
from dronepatrol.mavlink.command import AckLedger, Command
from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.exchange import Target
from dronepatrol.mavlink.items import MissionType
from dronepatrol.mavlink.key_file import ClientSigning, passphrase_key
from dronepatrol.mavlink.message_interval import MessageIntervals
from dronepatrol.mavlink.parameter_client import ParameterDownload, ParameterSet
from dronepatrol.mavlink.round_trip import RoundTrip
from dronepatrol.mavlink.safe_upload import Outcome, SafeUpload
from dronepatrol.mavlink.timesync import TimeSync
from tests.mavlink.bad_link import route
from tests.mavlink.test_safe_upload import FENCE, RALLY
from tests.vehicle.scene import BAD, flying, virtually

VEHICLE = Target(1, 1)
ATTITUDE = dialect.MAVLINK_MSG_ID_ATTITUDE


def test_long_mission_is_held() -> None:
    """500 items over the bad link are held by the drone, and verified."""

    async def main() -> None:
        async with flying() as scene:
            connection = scene.link(bad=BAD)
            upload = SafeUpload(route(500), VEHICLE, own_system=255)
            await connection.drive(upload, system=1)
            assert upload.outcome is Outcome.HELD
            assert scene.simulation.autopilots[0].items.mission.count == 500

    virtually(main)


def test_all_parameters_arrive() -> None:
    """Every parameter of the drone arrives over the bad link as the drone has it."""

    async def main() -> None:
        async with flying() as scene:
            connection = scene.link(bad=BAD, seed=2)
            download = ParameterDownload(VEHICLE)
            await connection.drive(download, system=1)
            store = scene.simulation.autopilots[0].parameters
            assert {name: one.value for name, one in download.parameters.items()} == dict(store)

    virtually(main)


def test_parameter_is_set_and_read_back() -> None:
    """A parameter set over the bad link acts in the drone."""

    async def main() -> None:
        async with flying() as scene:
            connection = scene.link(bad=BAD, seed=3)
            await connection.drive(ParameterSet("RTL_ALT", 2500.0, VEHICLE), system=1)
            assert scene.simulation.autopilots[0].parameters["RTL_ALT"] == 2500.0

    virtually(main)


def test_rates_are_set_and_kept_apart() -> None:
    """Rates asked for one after another over the bad link end in the drone's streams, each its own."""
    rates_hz = {
        ATTITUDE: 10.0,
        dialect.MAVLINK_MSG_ID_SYS_STATUS: 1.0,
        dialect.MAVLINK_MSG_ID_GLOBAL_POSITION_INT: 4.0,
    }

    async def main() -> None:
        async with flying() as scene:
            connection = scene.link(bad=BAD, seed=4)
            await connection.drive(MessageIntervals(rates_hz, VEHICLE, own_system=255), system=1)
            (channel,) = scene.simulation.autopilots[0].channels
            assert {n: round(1.0 / s, 6) for n, s in channel.intervals_s.items()} == rates_hz

    virtually(main)


def test_clocks_are_related_within_what_is_said() -> None:
    """The drone's time since power-on is known to within half a round trip, as told."""

    async def main() -> None:
        async with flying() as scene:
            loop = asyncio.get_running_loop()
            connection = scene.link(bad=Impairment(loss=0.3, delay_s=0.05, jitter_s=0.2), seed=5)
            await asyncio.sleep(5.0)
            sync = TimeSync(VEHICLE)
            await connection.drive(sync, system=1)
            autopilot = scene.simulation.autopilots[0]
            wrong_s = abs(sync.estimate.vehicle_s(loop.time()) - autopilot.boot_s)
            # The drone's time moves in steps.
            assert wrong_s <= sync.estimate.uncertainty_s(loop.time()) + scene.simulation.dt_s
            assert sync.estimate.uncertainty_s(loop.time()) < 0.2

    virtually(main)


def test_commands_share_what_they_learn() -> None:
    """Several commands of one kind over the bad link are each carried out once they are answered."""

    async def main() -> None:
        async with flying() as scene:
            connection = scene.link(bad=BAD, seed=6)
            link, ledger = RoundTrip(), AckLedger()
            for interval_us in (100_000.0, 200_000.0, 400_000.0):
                command = Command(
                    dialect.MAV_CMD_SET_MESSAGE_INTERVAL,
                    (float(ATTITUDE), interval_us),
                    VEHICLE,
                    own_system=255,
                    round_trip=link,
                    ledger=ledger,
                )
                await connection.drive(command, system=1)
                (channel,) = scene.simulation.autopilots[0].channels
                assert channel.intervals_s[ATTITUDE] == interval_us / 1e6
            assert 0.4 < link.timeout_s() < 3.0

    virtually(main)


def test_fence_and_rally_points_are_held() -> None:
    """The other two lists go the same way."""

    async def main() -> None:
        async with flying() as scene:
            connection = scene.link(bad=BAD, seed=7)
            for mission_type, items in ((MissionType.FENCE, FENCE), (MissionType.RALLY, RALLY)):
                upload = SafeUpload(items, VEHICLE, mission_type, own_system=255)
                await connection.drive(upload, system=1)
                assert upload.outcome is Outcome.HELD

    virtually(main)


def test_signed_link_works_and_unsigned_frames_do_nothing() -> None:
    """A drone with a key obeys a client with the same key, and neither hears a client without one."""
    key = passphrase_key("river patrol")

    async def main() -> None:
        async with flying() as scene:
            signed, plain = scene.link(bad=BAD, seed=8), scene.link()
            await asyncio.sleep(1.0)
            scene.simulation.autopilots[0].security.use(key)
            signing = ClientSigning(signed.codec, key, unix_now_s(), link_id=3)
            await signed.drive(ParameterSet("RTL_ALT", 2500.0, VEHICLE), system=1)
            with pytest.raises(ProtocolTimeoutError):
                await plain.drive(ParameterSet("RTL_ALT", 900.0, VEHICLE), system=1)
            assert scene.simulation.autopilots[0].parameters["RTL_ALT"] == 2500.0
            assert signing.refused == 0

    virtually(main)
