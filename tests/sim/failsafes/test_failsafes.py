"""Failsafes beyond the recordings: options, other actions, endings, and what raises them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.items import WireItem
from dronepatrol.sim.failsafes.fence import breach_text
from dronepatrol.sim.failsafes.motor import share_left
from dronepatrol.sim.motion import Mode

from .client import HOME, Client, on_virtual_clock

Body = Callable[[Client], None]


def flown(body: Body, **parameters: float) -> Client:
    """Hover at 20 m, then do something."""
    client = Client(parameters)

    def fly() -> None:
        client.hover()
        client.heard.clear()
        body(client)

    on_virtual_clock(fly)
    return client


def said(client: Client) -> list[str]:
    """Return all texts."""
    return [text for _, _, text in client.texts(0.0)]


def broken(name: str, value: float, wait_s: float) -> Body:
    """Return what sets a parameter over MAVLink and waits."""

    def body(client: Client) -> None:
        client.set(name, value)
        client.advance(wait_s)

    return body


@pytest.mark.parametrize(
    ("action", "mode"),
    [(1, Mode.LAND), (2, Mode.RTL), (3, Mode.SMART_RTL), (7, Mode.BRAKE), (0, Mode.GUIDED)],
)
def test_low_battery_actions(action: int, mode: Mode) -> None:
    """Each value of BATT_FS_LOW_ACT switches to its mode."""
    client = flown(broken("SIM_BATT_VOLTAGE", 10.0, 3.0), BATT_LOW_TIMER=2, BATT_FS_LOW_ACT=action)
    assert client.pilot.mode is mode
    assert "Battery Failsafe" in said(client)


def test_critical_battery_follows_low() -> None:
    """A critical level after a low one tells of itself and takes the more serious action."""

    def body(client: Client) -> None:
        client.set("SIM_BATT_VOLTAGE", 10.0)
        client.advance(3.0)
        assert client.pilot.mode is Mode.RTL
        client.set("SIM_BATT_VOLTAGE", 9.0)
        client.advance(3.0)

    client = flown(body, BATT_LOW_TIMER=2, BATT_FS_LOW_ACT=2, BATT_CRT_VOLT=9.5, BATT_FS_CRT_ACT=1)
    assert client.pilot.mode is Mode.LAND
    assert any(text.startswith("Battery 1 is critical 9.00V") for text in said(client))
    assert client.latest("BATTERY_STATUS").charge_state == dialect.MAV_BATTERY_CHARGE_STATE_CRITICAL


def test_low_charge_needs_no_time() -> None:
    """BATT_LOW_MAH acts at once."""
    client = flown(broken("BATT_LOW_MAH", 3290.0, 0.2), BATT_FS_LOW_ACT=1)
    assert client.pilot.mode is Mode.LAND


def test_voltage_that_recovers_starts_the_timer_again() -> None:
    """A dip shorter than BATT_LOW_TIMER does nothing."""

    def body(client: Client) -> None:
        for _ in range(3):
            client.set("SIM_BATT_VOLTAGE", 10.0)
            client.advance(1.5)
            client.set("SIM_BATT_VOLTAGE", 12.6)
            client.advance(0.5)

    client = flown(body, BATT_LOW_TIMER=2, BATT_FS_LOW_ACT=1)
    assert client.pilot.mode is Mode.GUIDED
    assert said(client) == []


def test_lost_ground_station_on_the_ground_disarms() -> None:
    """An armed drone on the ground stops its motors."""
    client = Client({"FS_GCS_ENABLE": 1})

    def body() -> None:
        client.boot()
        client.beating = False
        client.advance(6.0)

    on_virtual_clock(body)
    assert not client.pilot.armed
    assert "GCS Failsafe - Disarming" in said(client)


def test_other_system_is_no_ground_station() -> None:
    """Heartbeats of another system id than MAV_GCS_SYSID do not count."""

    def body(client: Client) -> None:
        client.codec.system = 200
        client.beating = True
        client.advance(7.0)

    assert flown(body, FS_GCS_ENABLE=1).pilot.mode is Mode.RTL


def test_ground_station_comes_back() -> None:
    """The end of the failsafe is told, the heartbeat is no longer critical, and the mode stays."""

    def body(client: Client) -> None:
        client.beating = False
        client.advance(6.5)
        client.beating = True
        client.advance(3.0)

    client = flown(body, FS_GCS_ENABLE=1)
    assert said(client) == ["GCS Failsafe", "GCS Failsafe Cleared"]
    assert client.pilot.mode is Mode.RTL
    assert client.latest("HEARTBEAT").system_status == dialect.MAV_STATE_ACTIVE


def test_disabled_ground_station_failsafe_does_nothing() -> None:
    """With FS_GCS_ENABLE 0, the default, nothing happens."""

    def body(client: Client) -> None:
        client.beating = False
        client.advance(12.0)

    client = flown(body)
    assert said(client) == []
    assert client.pilot.mode is Mode.GUIDED


def test_radio_option_continues_guided() -> None:
    """Bit 2 of FS_OPTIONS goes on in GUIDED."""
    client = flown(broken("SIM_RC_FAIL", 1.0, 2.0), FS_OPTIONS=4)
    assert said(client) == ["Radio Failsafe - Continuing Guided Mode"]
    assert client.pilot.mode is Mode.GUIDED


def test_radio_comes_back() -> None:
    """The radio's return is told."""

    def body(client: Client) -> None:
        client.set("SIM_RC_FAIL", 2.0)
        client.advance(1.0)
        client.set("SIM_RC_FAIL", 0.0)
        client.advance(1.0)

    assert said(flown(body)) == ["Radio Failsafe", "Radio Failsafe Cleared"]


def test_lost_gps_refuses_modes_that_need_a_place() -> None:
    """Without a position RTL is refused with ArduCopter's text."""

    def body(client: Client) -> None:
        client.set("SIM_GPS1_ENABLE", 0.0)
        client.advance(9.0)
        client.mode(6)
        client.advance(0.2)

    client = flown(body)
    assert client.pilot.mode is Mode.LAND
    assert said(client)[-1] == "Mode change to RTL failed: requires position"


def test_short_loss_of_gps_does_nothing() -> None:
    """Five seconds without GPS pass unnoticed but for the fix, and the place is right again."""

    def body(client: Client) -> None:
        client.set("SIM_GPS1_ENABLE", 0.0)
        client.advance(5.0)
        client.set("SIM_GPS1_ENABLE", 1.0)
        client.advance(5.0)

    client = flown(body)
    assert said(client) == []
    assert client.pilot.estimate_error == (0.0, 0.0, 0.0)
    assert client.latest("GPS_RAW_INT").fix_type == dialect.GPS_FIX_TYPE_RTK_FIXED


def test_gps_that_comes_back_clears_the_failsafe() -> None:
    """After a long loss the estimator says that it uses GPS again, and the failsafe ends."""

    def body(client: Client) -> None:
        client.set("SIM_GPS1_ENABLE", 0.0)
        client.advance(16.0)
        client.set("SIM_GPS1_ENABLE", 1.0)
        client.advance(13.0)

    texts = said(flown(body))
    assert texts[-3:] == ["EKF3 IMU0 is using GPS", "EKF3 IMU1 is using GPS", "EKF Failsafe Cleared"]


def test_ekf_action_alt_hold() -> None:
    """FS_EKF_ACTION 2 holds the height."""
    client = flown(broken("SIM_GPS1_ENABLE", 0.0, 9.0), FS_EKF_ACTION=2)
    assert "EKF Failsafe: changed to ALT_HOLD Mode" in said(client)
    assert client.pilot.mode is Mode.ALT_HOLD


def test_small_jump_of_gps_is_followed() -> None:
    """A jump of three metres is believed at once: the drone moves the other way."""
    client = flown(broken("SIM_GPS1_GLTCH_X", 3.0 / 111319.5, 20.0))
    assert said(client) == []
    assert client.pilot.true_position[0] == pytest.approx(-3.0, abs=0.3)


def test_barometer_drift_takes_the_drone_with_it() -> None:
    """A drone that trusts a drifting barometer sinks while it reports its height unchanged."""
    client = flown(broken("SIM_BARO_DRIFT", 0.05, 60.0))
    assert client.pilot.altitude_home_m == pytest.approx(20.0, abs=0.3)
    assert client.pilot.true_position[2] == pytest.approx(17.0, abs=0.4)


def test_gps_noise_moves_the_drone_and_not_the_report() -> None:
    """With noise the true place wanders by metres; the reported one is held."""
    client = flown(broken("SIM_GPS1_NOISE", 2.0, 60.0))
    wrong = client.pilot.estimate_error
    assert 0.05 < abs(wrong[0]) + abs(wrong[1]) < 15.0
    assert client.pilot.position[0] == pytest.approx(0.0, abs=1.0)


@pytest.mark.parametrize(
    ("texts", "kinds"), [("Circle fence breached", 2), ("Max Alt and Circle fences breached", 3)]
)
def test_breach_texts(texts: str, kinds: int) -> None:
    """One fence or several are named."""
    assert breach_text(kinds) == texts


def test_altitude_fence() -> None:
    """Climbing through FENCE_ALT_MAX breaks the altitude fence."""

    def body(client: Client) -> None:
        client.set("FENCE_ALT_MAX", 15.0)
        client.set("FENCE_TYPE", 1.0)
        client.set("FENCE_ENABLE", 1.0)
        client.advance(0.3)

    client = flown(body)
    assert said(client) == ["Max Alt fence breached", "Manual recovery started"]
    assert client.pilot.mode is Mode.RTL


def test_exclusion_polygon() -> None:
    """Inside an exclusion polygon is a breach; FENCE_ACTION 0 only tells."""

    def body(client: Client) -> None:
        lat, lon = HOME[0], HOME[1]
        corners = [
            (lat - 900, lon - 900),
            (lat - 900, lon + 900),
            (lat + 900, lon + 900),
            (lat + 900, lon - 900),
        ]
        client.autopilot.items.fence.items[:] = [
            WireItem(i, 0, 5002, (4.0, 0.0, 0.0, 0.0), x=x, y=y) for i, (x, y) in enumerate(corners)
        ]
        client.set("FENCE_TYPE", 4.0)
        client.set("FENCE_ENABLE", 1.0)
        client.advance(0.3)

    client = flown(body, FENCE_ACTION=0)
    assert said(client) == ["Polygon fence breached"]
    assert client.pilot.mode is Mode.GUIDED


def test_second_breach_counts_further_out() -> None:
    """Twenty metres beyond a breach that only tells, the next one is counted."""

    def body(client: Client) -> None:
        client.set("FENCE_ENABLE", 1.0)
        client.pilot.goto_ned((80.0, 0.0, -20.0))
        client.advance(20.0)

    client = flown(body, FENCE_TYPE=2, FENCE_RADIUS=50, FENCE_ACTION=0)
    assert client.autopilot.fence.breach.count == 2


def test_guided_target_beyond_the_fence_is_ignored() -> None:
    """A GUIDED target outside an enabled fence does nothing, without any text, as recorded."""

    def body(client: Client) -> None:
        lat_e7 = HOME[0] + round(200.0 / 111319.5 * 1e7)
        client.send(
            dialect.MAVLink_set_position_target_global_int_message(
                0, 1, 1, 6, 0x0DF8, lat_e7, HOME[1], 20.0, *([0.0] * 8)
            )
        )
        client.advance(8.0)

    client = flown(body, FENCE_ENABLE=1, FENCE_TYPE=2, FENCE_RADIUS=60)
    assert said(client) == []
    assert abs(client.pilot.position[0]) < 0.5


def test_motor_loss_brings_it_down() -> None:
    """With a motor gone it sinks at once, tells of lost thrust, and stops its motors on the ground."""
    client = flown(broken("SIM_ENGINE_FAIL", 4.0, 15.0))
    texts = said(client)
    assert texts[0] == "Potential Thrust Loss (3)"
    assert texts[1].startswith("SIM Hit ground at 3")
    assert texts[2].startswith("Crash: Disarming")
    assert not client.pilot.armed


@pytest.mark.parametrize(("failed", "left", "share"), [(1, 0.8, 0.9), (1, 0.0, 0.44), (7, 0.0, 0.0)])
def test_share_of_thrust_left(failed: int, left: float, share: float) -> None:
    """A weak motor costs half of what it lacks; a dead one more than hover needs."""
    assert share_left(failed, left, 0.5) == pytest.approx(share)


def test_dead_compass_is_replaced() -> None:
    """The estimator takes the next compass."""
    client = flown(broken("SIM_MAG1_FAIL", 1.0, 1.0))
    assert said(client) == ["EKF3 IMU0 switching to compass 1", "EKF3 IMU1 switching to compass 1"]


def test_three_dead_compasses_are_not_healthy() -> None:
    """With none left SYS_STATUS shows it."""

    def body(client: Client) -> None:
        for number in (1, 2, 3):
            client.set(f"SIM_MAG{number}_FAIL", 1.0)
        client.advance(1.0)

    health = flown(body).latest("SYS_STATUS").onboard_control_sensors_health
    assert not health & dialect.MAV_SYS_STATUS_SENSOR_3D_MAG


def test_disturbed_compasses_end_in_the_estimators_failsafe() -> None:
    """A disturbance of all compasses shows in EKF_STATUS_REPORT, and once it moves the drone lands."""

    def body(client: Client) -> None:
        for number in (1, 2, 3):
            client.set(f"SIM_MAG{number}_OFS_X", 600.0)
        client.advance(3.0)
        assert client.pilot.mode is Mode.GUIDED
        client.pilot.goto_ned((80.0, 0.0, -20.0))
        client.advance(4.0)

    client = flown(body)
    assert said(client) == ["EKF variance", "EKF Failsafe: changed to LAND Mode"]
    assert client.latest("EKF_STATUS_REPORT").compass_variance > 1.0


def test_vibration_compensation_goes_on_and_off() -> None:
    """High vibration is compensated after a second, and 15 seconds after its end no more; no mode changes."""

    def body(client: Client) -> None:
        client.set("SIM_ACC1_RND", 80.0)
        client.advance(2.0)
        assert client.latest("VIBRATION").vibration_x > 60.0
        client.set("SIM_ACC1_RND", 0.0)
        client.advance(16.0)

    client = flown(body)
    assert said(client) == ["Vibration compensation ON", "Vibration compensation OFF"]
    assert client.pilot.mode is Mode.GUIDED


def test_wind_over_mavlink() -> None:
    """SIM_WIND_SPD makes it lean as recorded: 0.34 rad at 12 m/s."""

    def body(client: Client) -> None:
        client.set("SIM_WIND_DIR", 90.0)
        client.set("SIM_WIND_SPD", 12.0)
        client.advance(20.0)

    client = flown(body)
    assert client.pilot.rpy_rad[0] == pytest.approx(0.34, abs=0.06)
    assert abs(client.pilot.position[1]) < 0.5


def test_same_seed_same_bytes() -> None:
    """Two flights with noise and faults hear the same."""
    fly = partial(flown, broken("SIM_GPS1_NOISE", 1.0, 10.0))
    first, second = fly(), fly()
    assert [m.get_msgbuf() for _, m in first.heard] == [m.get_msgbuf() for _, m in second.heard]


def test_reboot_ends_failsafes() -> None:
    """After a reboot nothing is remembered; what is still broken is found again when it flies."""

    def body(client: Client) -> None:
        client.set("SIM_BATT_VOLTAGE", 10.0)
        client.advance(45.0)
        assert client.latest("HEARTBEAT").system_status == dialect.MAV_STATE_CRITICAL
        client.set("SIM_BATT_VOLTAGE", 12.6)
        client.command(dialect.MAV_CMD_PREFLIGHT_REBOOT_SHUTDOWN, 1.0)
        client.advance(50.0)

    client = flown(body, BATT_LOW_TIMER=2, BATT_FS_LOW_ACT=1)
    assert not client.pilot.armed
    assert client.latest("HEARTBEAT").system_status == dialect.MAV_STATE_STANDBY
