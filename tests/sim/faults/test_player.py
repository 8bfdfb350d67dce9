"""When faults of a scenario begin and end."""

from __future__ import annotations

import pytest

from dronepatrol.model.position import Position
from dronepatrol.sim.faults.fault import Fault, Near, Trigger, glitch_settings
from dronepatrol.sim.faults.player import FaultPlayer
from tests.sim.failsafes.client import Client, on_virtual_clock


def play(fault: Fault, duration_s: float = 30.0, task: str | None = None) -> list[tuple[float, float]]:
    """Return time and value of each change of SIM_RC_FAIL while a drone hovers, then flies 30 m north."""
    client = Client({"FS_THR_ENABLE": 0})
    changes: list[tuple[float, float]] = []
    client.autopilot.parameters.watch("SIM_RC_FAIL", lambda value: changes.append((client.now_s, value)))
    player = FaultPlayer([fault])
    client.autopilot.monitors.insert(0, player)

    def fly() -> None:
        client.hover()
        client.pilot.goto_ned((30.0, 0.0, -20.0))
        if task is not None:
            player.task_started(task)
        client.advance(duration_s)

    on_virtual_clock(fly)
    return changes


SETTINGS = {"SIM_RC_FAIL": 1.0}


def test_at_a_time() -> None:
    """A fault begins at its second and ends after its time, with the old value back."""
    changes = play(Fault("rc_loss", Trigger(at_s=20.0), settings=SETTINGS, for_s=5.0), 1.0)
    assert changes == [(pytest.approx(20.0, abs=0.06), 1.0), (pytest.approx(25.0, abs=0.06), 0.0)]


def test_after_lift_off() -> None:
    """Lift-off is three to four seconds after arming at 42 s; the fault comes five later."""
    changes = play(Fault("rc_loss", Trigger(airborne_s=5.0), settings=SETTINGS), 1.0)
    assert changes == [(pytest.approx(50.6, abs=0.6), 1.0)]


def test_at_a_place() -> None:
    """It waits until the drone is near the place."""
    place = Position(120.87, 30.03 + 30.0 / 111319.5)
    changes = play(Fault("rc_loss", Trigger(near=Near(place, 5.0)), settings=SETTINGS))
    assert len(changes) == 1
    assert 62.0 < changes[0][0] < 75.0


def test_never_at_another_place() -> None:
    """A place that is not reached raises nothing."""
    place = Position(120.87, 30.04)
    assert play(Fault("rc_loss", Trigger(near=Near(place, 5.0)), settings=SETTINGS)) == []


def test_when_a_task_starts() -> None:
    """A task's start is told by the flight; the delay counts from there."""
    fault = Fault("rc_loss", Trigger(task="park", after_s=3.0), settings=SETTINGS)
    assert play(fault, 5.0, task="lake") == []
    changes = play(fault, 5.0, task="park")
    assert changes == [(pytest.approx(63.2, abs=0.2), 1.0)]


def test_battery_loses_its_charge() -> None:
    """A charge is set in the battery itself."""
    client = Client()
    client.autopilot.monitors.insert(
        0, FaultPlayer([Fault("battery_charge", Trigger(at_s=1.0), remaining=0.25)])
    )
    on_virtual_clock(lambda: client.advance(2.0))
    assert client.autopilot.battery.remaining_share == pytest.approx(0.25, abs=0.01)


def test_glitch_in_degrees() -> None:
    """Metres become degrees of latitude, and of longitude at the latitude."""
    settings = glitch_settings(111.32, 55.66, 3.0, 60.0)
    assert settings["SIM_GPS1_GLTCH_X"] == pytest.approx(0.001, rel=1e-3)
    assert settings["SIM_GPS1_GLTCH_Y"] == pytest.approx(0.001, rel=1e-3)
    assert settings["SIM_GPS1_GLTCH_Z"] == 3.0
