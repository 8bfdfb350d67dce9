"""The failsafes against recordings of the real ArduCopter: texts in order, times, modes, status bits."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.items import WireItem

from .client import RECORDINGS, Client, on_virtual_clock, recorded

pytestmark = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="no recordings of the real ArduCopter here")

CASES: dict[str, tuple[dict[str, float], tuple[str, float] | None, float]] = {
    "fault-batt": ({"BATT_FS_LOW_ACT": 2, "BATT_LOW_TIMER": 5}, ("SIM_BATT_VOLTAGE", 10.2), 45.0),
    "fault-gcs": ({"FS_GCS_ENABLE": 1}, None, 45.0),
    "fault-rc": ({}, ("SIM_RC_FAIL", 1.0), 40.0),
    "fault-gps": ({}, ("SIM_GPS1_ENABLE", 0.0), 44.0),
    "fault-glitch": ({}, ("SIM_GPS1_GLTCH_X", 0.001), 30.0),
}
TEXT_S = 0.35
"""Tolerance of a failsafe's text; the recordings' own stamps are good to 0.1 s."""
LANDING_S = 1.2
"""Tolerance of touch-down and disarming, half a minute later."""

Said = list[tuple[float, int, str]]


def _texts(heard: list[tuple[float, Any]], since_s: float, until_s: float, scale: float = 1.0) -> Said:
    return [
        ((t - since_s) * scale, m.severity, _common(m.text))
        for t, m in heard
        if m.get_type() == "STATUSTEXT" and m.get_srcSystem() == 1 and since_s < t < until_s
    ]


def _common(text: str) -> str:
    """Leave out figures that no two flights have in common."""
    return text.split(" at ")[0] if text.startswith("SIM Hit") else text.split(" used ")[0]


def _modes(heard: list[tuple[float, Any]], since_s: float, scale: float = 1.0) -> list[tuple[float, int]]:
    found: list[tuple[float, int]] = []
    for t, m in heard:
        beat = m.get_type() == "HEARTBEAT" and m.get_srcSystem() == 1
        if beat and t > since_s and (not found or found[-1][1] != m.custom_mode):
            found.append(((t - since_s) * scale, m.custom_mode))
    return found


@cache
def real(name: str) -> tuple[list[tuple[float, Any]], float]:
    """Return a recording and the time of its fault."""
    heard = recorded(name)
    if name == "fault-gcs":
        ours = [t for t, m in heard if m.get_type() == "HEARTBEAT" and m.get_srcSystem() == 255]
        return heard, max(t for t in ours if t < 60.0)
    fault = CASES[name][1]
    assert fault is not None
    return heard, next(
        t for t, m in heard if m.get_type() == "PARAM_SET" and m.param_id == fault[0] and t > 50.0
    )


@cache
def simulated(name: str) -> tuple[Client, float]:
    """Return a simulated flight with the same fault, and its time."""
    parameters, fault, duration_s = CASES[name]
    client = Client(parameters)
    since: list[float] = []

    def fly() -> None:
        client.hover()
        if fault is None:
            client.beating = False
            since.append(client.last_beat_s)
        else:
            client.set(*fault)
            since.append(client.now_s)
        client.advance(duration_s)

    on_virtual_clock(fly)
    return client, since[0]


@pytest.mark.parametrize("name", CASES)
def test_says_the_same_in_order(name: str) -> None:
    """The same texts with the same severities come in the same order."""
    heard, fault_s = real(name)
    client, since_s = simulated(name)
    duration_s = CASES[name][2]
    wanted = [(severity, text) for _, severity, text in _texts(heard, fault_s, fault_s + duration_s)]
    found = [(severity, text) for _, severity, text in _texts(client.heard, since_s, since_s + duration_s)]
    if name == "fault-gps":  # two lanes of the estimator give up 5 ms apart, in either order
        wanted, found = sorted(wanted), sorted(found)
    assert found == wanted


@pytest.mark.parametrize("name", CASES)
def test_says_it_at_the_same_time(name: str) -> None:
    """Each text comes as long after the fault as in the recording."""
    heard, fault_s = real(name)
    client, since_s = simulated(name)
    duration_s = CASES[name][2]
    wanted: dict[str, list[float]] = {}
    for t, _, text in _texts(heard, fault_s, fault_s + duration_s):
        wanted.setdefault(text, []).append(t)
    for t, _, text in _texts(client.heard, since_s, since_s + duration_s):
        late = text.startswith(("SIM Hit", "Disarming"))
        assert t == pytest.approx(wanted[text].pop(0), abs=LANDING_S if late else TEXT_S), text


@pytest.mark.parametrize("name", CASES)
def test_changes_to_the_same_modes(name: str) -> None:
    """The modes of the heartbeats follow each other as recorded."""
    heard, fault_s = real(name)
    client, since_s = simulated(name)
    duration_s = CASES[name][2]
    wanted = [(t, mode) for t, mode in _modes(heard, fault_s) if t < duration_s]
    found = _modes(client.heard, since_s)
    assert [mode for _, mode in found] == [mode for _, mode in wanted]
    for (t, _), (recorded_s, mode) in zip(found[1:], wanted[1:], strict=True):
        assert t == pytest.approx(recorded_s, abs=TEXT_S), mode


@pytest.mark.parametrize("name", ["fault-batt", "fault-gcs", "fault-rc", "fault-gps"])
def test_heartbeat_is_critical_as_recorded(name: str) -> None:
    """The heartbeat says MAV_STATE_CRITICAL from the failsafe to after the landing."""
    heard, fault_s = real(name)
    client, since_s = simulated(name)

    def first_critical(messages: list[tuple[float, Any]], start_s: float) -> float:
        return next(
            t - start_s
            for t, m in messages
            if t > start_s and m.get_type() == "HEARTBEAT" and m.system_status == 5
        )

    assert first_critical(client.heard, since_s) == pytest.approx(first_critical(heard, fault_s), abs=TEXT_S)
    assert client.latest("HEARTBEAT").system_status == 5


@pytest.mark.parametrize(
    ("name", "bit"),
    [
        ("fault-batt", dialect.MAV_SYS_STATUS_SENSOR_BATTERY),
        ("fault-rc", dialect.MAV_SYS_STATUS_SENSOR_RC_RECEIVER),
    ],
)
def test_health_bits_as_recorded(name: str, bit: int) -> None:
    """SYS_STATUS shows in flight what it showed after the failsafe, bit for bit."""
    heard, fault_s = real(name)
    client, since_s = simulated(name)
    wanted = [
        m.onboard_control_sensors_health
        for t, m in heard
        if m.get_type() == "SYS_STATUS" and fault_s + 8.0 < t < fault_s + 20.0
    ]
    found = [
        m.onboard_control_sensors_health for t, m in client.after(since_s, "SYS_STATUS") if 8.0 < t < 20.0
    ]
    assert set(found) == set(wanted)
    assert not found[0] & bit


def test_lost_gps_flags_as_recorded() -> None:
    """The estimator's flags go through the recorded values at the recorded times."""
    heard, fault_s = real("fault-gps")
    client, since_s = simulated("fault-gps")

    def flags(messages: list[tuple[float, Any]], start_s: float) -> list[tuple[float, int]]:
        found: list[tuple[float, int]] = []
        for t, m in messages:
            if t > start_s and m.get_type() == "EKF_STATUS_REPORT" and (not found or found[-1][1] != m.flags):
                found.append((t - start_s, m.flags))
        return found

    wanted, found = flags(heard, fault_s), flags(client.heard, since_s)
    assert [value for _, value in found] == [value for _, value in wanted]
    for (t, _), (recorded_s, value) in zip(found[1:], wanted[1:], strict=True):
        assert t == pytest.approx(recorded_s, abs=0.6), hex(value)


def test_lost_gps_receiver_as_recorded() -> None:
    """GPS_RAW_INT keeps its place, with fix type 1 and 3 satellites."""
    heard, fault_s = real("fault-gps")
    client, since_s = simulated("fault-gps")
    wanted = next(m for t, m in heard if m.get_type() == "GPS_RAW_INT" and t > fault_s + 3.0)
    found = next(m for t, m in client.after(since_s, "GPS_RAW_INT") if t > 3.0)
    assert (found.fix_type, found.satellites_visible) == (wanted.fix_type, wanted.satellites_visible)
    assert (found.eph, found.epv) == (wanted.eph, wanted.epv)
    assert abs(found.lat - wanted.lat) < 100


def test_glitch_moves_what_is_reported_and_not_the_drone() -> None:
    """After ten seconds the reported place jumps by 111 m; the true one of SIMSTATE stays."""
    client, since_s = simulated("fault-glitch")
    before = [m.x for t, m in client.after(since_s, "LOCAL_POSITION_NED") if t < 9.0]
    after = [m.x for t, m in client.after(since_s, "LOCAL_POSITION_NED") if t > 12.0]
    assert max(map(abs, before)) < 0.5
    assert all(x == pytest.approx(111.2, abs=1.0) for x in after)
    truth = [m.lat for _, m in client.after(since_s, "SIMSTATE")]
    assert max(truth) - min(truth) < 50


def _patrol(north_m: float) -> list[WireItem]:
    frame = 3
    lat_e7 = 300300000 + round(north_m / 6378100.0 * 57.29577951308232 * 1e7)
    return [
        WireItem(0, 0, 16),
        WireItem(1, frame, 22, x=300300000, y=1208700000, z=20.0),
        WireItem(2, frame, 16, x=lat_e7, y=1208700000, z=20.0),
        WireItem(3, frame, 20),
    ]


@cache
def breached(name: str) -> tuple[Client, float]:
    """Return a simulated flight over a fence as recorded, and the time of AUTO."""
    polygon = name == "inflight-poly"
    client = Client(
        {"FENCE_TYPE": 4, "FENCE_ACTION": 4}
        if polygon
        else {"FENCE_TYPE": 2, "FENCE_RADIUS": 60, "FENCE_ACTION": 1}
    )
    since: list[float] = []

    def fly() -> None:
        if polygon:
            corners = [(300295495, 1208694813), (300295495, 1208705186), (300304504, 1208705186)]
            corners.append((300304504, 1208694813))
            client.autopilot.items.fence.items[:] = [
                WireItem(i, 0, 5001, (4.0, 0.0, 0.0, 0.0), x=x, y=y) for i, (x, y) in enumerate(corners)
            ]
        client.autopilot.parameters.set("FENCE_ENABLE", 1.0)
        client.boot()
        client.load(_patrol(150.0))
        client.command(dialect.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, 0, 0, 0, 20.0)
        client.advance(12.2)
        client.mode(3)
        since.append(client.now_s)
        client.advance(18.0 if polygon else 69.0)

    on_virtual_clock(fly)
    return client, since[0]


@pytest.mark.parametrize("name", ["inflight-fence", "inflight-poly"])
def test_breach_says_the_same(name: str) -> None:
    """The texts of a breach and of its end come in the recorded order and at the recorded times."""
    heard = recorded(name)
    auto_s = next(t for t, m in heard if m.get_type() == "HEARTBEAT" and m.custom_mode == 3)
    client, since_s = breached(name)
    wanted = _texts(heard, auto_s - 0.02, auto_s + 34.0, scale=2.0)
    found = _texts(client.heard, since_s, since_s + 69.0)
    assert [(s, text) for _, s, text in found] == [(s, text) for _, s, text in wanted]
    for (t, _, text), (recorded_s, _, _) in zip(found, wanted, strict=True):
        late = text.startswith(("Fence breach cleared", "SIM Hit", "Disarming"))
        assert t == pytest.approx(recorded_s, abs=2.5 if late else 0.5), text


@pytest.mark.parametrize(("name", "mode"), [("inflight-fence", 6), ("inflight-poly", 17)])
def test_breach_status_and_mode(name: str, mode: int) -> None:
    """FENCE_STATUS tells of the breach as recorded, with kind 3, and the mode is the fence's action."""
    heard = recorded(name)
    client, since_s = breached(name)
    wanted = [m for _, m in heard if m.get_type() == "FENCE_STATUS" and m.breach_status]
    found = [m for _, m in client.after(since_s, "FENCE_STATUS") if m.breach_status]
    assert {(m.breach_type, m.breach_mitigation) for m in found} == {
        (m.breach_type, m.breach_mitigation) for m in wanted
    }
    assert found[0].breach_count == wanted[0].breach_count == 1
    assert len({m.breach_time for m in found}) == 1
    assert mode in {m.custom_mode for _, m in client.after(since_s, "HEARTBEAT")}


def test_brake_stops_as_far_outside_as_recorded() -> None:
    """BRAKE at a polygon's edge comes to rest where the real one did, within a metre."""
    heard = recorded("inflight-poly")
    client, _ = breached("inflight-poly")
    wanted = [m.x for _, m in heard if m.get_type() == "LOCAL_POSITION_NED"][-1]
    assert client.latest("LOCAL_POSITION_NED").x == pytest.approx(wanted, abs=1.0)


def test_breach_alone_is_not_critical() -> None:
    """The heartbeat stays ACTIVE over a breached fence, and SYS_STATUS loses the fence's bit."""
    client, since_s = breached("inflight-fence")
    assert 5 not in {m.system_status for _, m in client.after(since_s, "HEARTBEAT")}
    health = [m.onboard_control_sensors_health for _, m in client.after(since_s, "SYS_STATUS")]
    assert any(not value & dialect.MAV_SYS_STATUS_GEOFENCE for value in health)
    assert health[-1] & dialect.MAV_SYS_STATUS_GEOFENCE
