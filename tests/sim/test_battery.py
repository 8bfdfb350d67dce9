"""Packs under load."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dronepatrol.errors import InputError
from dronepatrol.sim.battery import Battery, Cell, ReferenceBattery


def drain(battery: Battery, power_w: float, dt_s: float = 1.0) -> float:
    """Return how long a pack lasts under a power."""
    time = 0.0
    while not battery.empty:
        battery.step(power_w, dt_s)
        time += dt_s
    return time


@given(st.floats(50.0, 3000.0), st.floats(300.0, 3600.0))
@settings(max_examples=15, deadline=None)
def test_lasts_as_long_as_the_table_says(power_w: float, endurance_s: float) -> None:
    """A pack made from hover power and time gives that power for that time."""
    battery = Battery.from_endurance(power_w=power_w, endurance_s=endurance_s)
    assert drain(battery, power_w) == pytest.approx(endurance_s, rel=0.01)


def test_voltage_sags_under_load() -> None:
    """More power, less voltage, and what comes out is the power asked for."""
    battery = Battery(5000.0, 6)
    battery.step(0.0, 0.1)
    idle = battery.voltage_v
    battery.step(600.0, 0.1)
    assert battery.voltage_v < idle
    assert battery.voltage_v * battery.current_a == pytest.approx(600.0)


def test_voltage_falls_with_charge() -> None:
    """The open-circuit voltage falls all the way, from 4.20 V to about 3 V a cell."""
    cell = Cell()
    volts = [cell.open_circuit_v(k / 100) for k in range(101)]
    assert all(a >= b for a, b in pairwise(volts))
    assert volts[0] == pytest.approx(4.20)
    assert volts[90] == pytest.approx(3.6, abs=0.02)
    assert 2.8 < volts[100] < 3.2


def test_harder_use_gives_less_energy() -> None:
    """Twice the power lasts less than half as long: the pack's resistance takes its share."""
    soft, hard = (Battery.from_endurance(power_w=300.0, endurance_s=1800.0) for _ in range(2))
    assert drain(hard, 600.0) < 0.5 * drain(soft, 300.0)


def test_empty_gives_nothing() -> None:
    """An empty pack delivers no current."""
    battery = Battery(1000.0, 3)
    drain(battery, 200.0)
    battery.step(200.0, 1.0)
    assert (battery.current_a, battery.remaining_share) == (0.0, 0.0)


def test_fault_lowers_the_reading() -> None:
    """An offset changes what is read, not what is left."""
    battery = Battery(1000.0, 3)
    battery.voltage_offset_v = -2.5
    assert battery.voltage_v == pytest.approx(12.6 - 2.5)


def test_reference_counts_and_flies_on() -> None:
    """The reference's pack stays at 12.60 V, counts 28.1 A of hover, and is never empty."""
    battery = ReferenceBattery()
    for _ in range(600):
        battery.step(354.1, 1.0)
    assert battery.voltage_v == 12.60
    assert battery.used_mah == pytest.approx(28.1 * 600 / 3.6, rel=1e-3)
    assert battery.remaining_share == 0.0
    assert not battery.empty


def test_refuses_nonsense() -> None:
    """A pack without charge is refused."""
    with pytest.raises(InputError, match=r"0\.0 mAh"):
        Battery(0.0, 3)
    with pytest.raises(InputError, match="not between 0 and 1"):
        Battery(1000.0, 3).set_remaining(1.5)
