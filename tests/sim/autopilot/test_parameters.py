"""The parameter service."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.sim.autopilot.parameters import EQUIPMENT, ParameterStore, definitions
from tests.sim.autopilot.rig import Rig

RECORDED = Path(__file__).resolve().parents[4] / "shared" / "data" / "arducopter" / "survey.params"
INT8, INT16, INT32, REAL32 = 2, 4, 6, 9
_LEARNED = {"MIS_TOTAL", "MOT_THST_HOVER", "SIM_SPEEDUP", "STAT_RUNTIME", "STAT_FLTTIME"}
"""Counted, learned or set for the recording."""


def put(rig: Rig, name: str, value: float) -> object:
    """Set a parameter and return the echo."""
    rig.client.send(dialect.MAVLink_param_set_message(1, 1, name.encode(), value, REAL32))
    echoes = [m for m in rig.client.of("PARAM_VALUE") if m.param_id == name]
    return echoes[-1] if echoes else None


def test_the_list_is_complete_and_paced() -> None:
    """All parameters come once, numbered, within 3 to 4 s, none of them in the first burst alone."""
    rig = Rig()
    rig.client.send(dialect.MAVLink_param_request_list_message(1, 1))
    took_s = rig.run_until(lambda: len(rig.client.of("PARAM_VALUE")) >= len(definitions()), 10.0)
    listed = rig.client.of("PARAM_VALUE")
    assert [m.param_index for m in listed] == list(range(len(definitions())))
    assert {m.param_count for m in listed} == {1333}
    assert [m.param_id for m in listed] == list(definitions())
    assert 3.0 < took_s < 4.0


def test_values_and_types_are_the_recorded_ones() -> None:
    """Every one of the 162 parameters that a client read from the real one has its value and type here."""
    if not RECORDED.exists():
        pytest.skip("the recordings are not here")
    rows = [line.split("\t") for line in RECORDED.read_text().splitlines() if not line.startswith("#")]
    store = ParameterStore()
    checked = 0
    for _, _, name, value, kind in rows:
        if name not in _LEARNED | set(EQUIPMENT):
            assert store[name] == pytest.approx(float(value), rel=1e-6), name
            checked += 1
        assert definitions()[name].kind == int(kind), name
    assert checked > 150


def test_defaults_are_within_their_ranges() -> None:
    """A documented range contains the default, but for values that mean "off"."""
    outside = {d.name for d in definitions().values() if d.default < d.low or d.default > d.high}
    assert outside <= {"PSC_VELZ_I", "WP_NAVALT_MIN"}
    assert sum(not math.isnan(d.low) for d in definitions().values()) > 350


def test_reading_by_name_and_by_index() -> None:
    """A read by name comes back without an index, one by index with it."""
    rig = Rig()
    rig.client.send(dialect.MAVLink_param_request_read_message(1, 1, b"RTL_ALT", -1))
    named = rig.client.last("PARAM_VALUE")
    assert (named.param_id, named.param_value, named.param_type) == ("RTL_ALT", 1500, INT32)
    assert named.param_index == 65535
    index = list(definitions()).index("RTL_ALT")
    rig.client.send(dialect.MAVLink_param_request_read_message(1, 1, b"", index))
    assert rig.client.last("PARAM_VALUE").param_index == index
    assert rig.client.last("PARAM_VALUE").param_id == "RTL_ALT"


@pytest.mark.parametrize("name", ["SYSID_THISMAV", "SR0_POSITION", "NO_SUCH", ""])
def test_a_name_that_does_not_exist_is_not_answered(name: str) -> None:
    """Older names and nonsense are met with silence, for reading and setting."""
    rig = Rig()
    rig.client.send(dialect.MAVLink_param_request_read_message(1, 1, name.encode(), -1))
    rig.client.send(dialect.MAVLink_param_request_read_message(1, 1, b"", 5000))
    assert put(rig, name, 1.0) is None
    assert not rig.client.of("PARAM_VALUE")


def test_a_changed_value_is_told_to_everyone_with_its_type() -> None:
    """The echo of a change has the parameter's own type and goes to all links."""
    rig = Rig()
    other = rig.connect(system=254)
    echo = put(rig, "RTL_ALT", 3000.0)
    assert (echo.param_value, echo.param_type, echo.param_index) == (3000.0, INT32, 65535)
    other.collect()
    assert other.last("PARAM_VALUE").param_id == "RTL_ALT"


def test_an_unchanged_value_is_echoed_as_a_float() -> None:
    """Setting what is set already is answered with REAL32 whatever the type."""
    rig = Rig()
    echo = put(rig, "RTL_ALT", 1500.0)
    assert (echo.param_value, echo.param_type) == (1500.0, REAL32)


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("RTL_ALT", 1999.6, 2000.0),
        ("FENCE_ALT_MIN", -7.25, -7.25),
        ("DISARM_DELAY", 1000.0, 127.0),
        ("DISARM_DELAY", -1e30, -128.0),
        ("LAND_SPEED", 1e9, 32767.0),
        ("WPNAV_SPEED", 1e9, 1e9),
    ],
)
def test_values_are_rounded_and_limited_by_type_alone(name: str, value: float, kept: float) -> None:
    """Integers round and stop at the ends of their type; documented ranges do not bind."""
    rig = Rig()
    assert put(rig, name, value).param_value == kept
    assert rig.autopilot.parameters[name] == kept


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_values_that_are_no_numbers_are_ignored(value: float) -> None:
    """NaN and infinity leave the parameter as it was, without an answer."""
    rig = Rig()
    assert put(rig, "WPNAV_SPEED", value) is None
    assert rig.autopilot.parameters["WPNAV_SPEED"] == 1000.0


def test_storing_on_request_is_denied() -> None:
    """PREFLIGHT_STORAGE is denied: values are kept as they are set."""
    rig = Rig()
    put(rig, "RTL_ALT", 3000.0)
    assert rig.command(dialect.MAV_CMD_PREFLIGHT_STORAGE, 1) == dialect.MAV_RESULT_DENIED
    assert rig.command(dialect.MAV_CMD_PREFLIGHT_REBOOT_SHUTDOWN, 1) == dialect.MAV_RESULT_ACCEPTED
    rig.run(3.0)
    assert rig.autopilot.parameters["RTL_ALT"] == 3000.0


def test_a_new_system_id_acts_at_once() -> None:
    """After MAV_SYSID has been set the drone answers under, and to, its new number."""
    rig = Rig()
    put(rig, "MAV_SYSID", 7.0)
    rig.run(1.5)
    assert rig.client.last("HEARTBEAT").get_srcSystem() == 7
    rig.client.heard.clear()
    rig.client.send(dialect.MAVLink_param_request_read_message(1, 1, b"RTL_ALT", -1))
    assert not rig.client.of("PARAM_VALUE")
    rig.client.send(dialect.MAVLink_param_request_read_message(7, 1, b"RTL_ALT", -1))
    assert rig.client.last("PARAM_VALUE").get_srcSystem() == 7


def test_a_parameter_acts_on_the_flight_at_once() -> None:
    """LAND_SPEED set in the descent changes the rate of descent."""
    rig = Rig()
    rig.take_off(9.0)
    rig.set_mode(dialect.COPTER_MODE_LAND)
    rig.run(5.0)
    assert rig.pilot.velocity_ned_mps[2] == pytest.approx(0.5, abs=0.05)
    put(rig, "LAND_SPEED", 100.0)
    rig.run(2.0)
    assert rig.pilot.velocity_ned_mps[2] == pytest.approx(1.0, abs=0.1)
