"""The shipped tables, and what a mission file makes of them."""

from __future__ import annotations

import pytest

from dronepatrol.formats.mission import shipped_tables

OFFICIAL_ENDURANCE_MIN = {"m30t": 41, "m3t": 45, "m3td": 50, "m4t": 49, "m4td": 54, "m350": 55}
"""developer.dji.com, PSDK, choose hardware platform."""
WIDTH_AT_60_M = {"m30t-wide": 85, "m30t-thermal": 51, "m4td-wide": 86, "m4t-thermal": 39}
"""Footprints computed by hand from sensor and focal length."""


@pytest.mark.parametrize(("model", "minutes"), OFFICIAL_ENDURANCE_MIN.items())
def test_hover_lasts_the_official_endurance(model, minutes):
    """A shipped model hovers from full to empty in the time its maker states."""
    battery = shipped_tables().drone_models[model].battery
    assert battery.hover_endurance_s == pytest.approx(minutes * 60.0)
    assert battery.assumed


@pytest.mark.parametrize(("camera", "width_m"), WIDTH_AT_60_M.items())
def test_footprints_of_shipped_cameras(camera, width_m):
    """The width seen from 60 m agrees with a computation by hand."""
    assert shipped_tables().cameras[camera].footprint_width_m(60.0) == pytest.approx(width_m, abs=1.0)


def test_every_shipped_figure_has_a_source():
    """Models and cameras say where their figures come from, and call unverified what is."""
    tables = shipped_tables()
    for entry in [*tables.cameras.values(), *tables.drone_models.values()]:
        assert any(word in entry.source for word in ("official", "unverified", "assumed", "memory"))


def test_generic_model_is_there():
    """A mission can be planned for a drone that nobody has measured."""
    assert shipped_tables().drone_models["quad-generic"].cameras[0].id == "generic-wide"


def test_file_overrides_one_figure(load, values):
    """What a file does not say of a shipped model stays."""
    values["drone_models"] = {"m4td": {"cruise_speed_mps": 8}}
    model = load(values).drone("n1").model
    assert (model.cruise_speed_mps, model.climb_mps, model.name) == (8.0, 2.5, "DJI Matrice 4TD (Dock 3)")


def test_endurance_of_an_older_battery(load, values):
    """A shorter endurance raises the powers and leaves the capacity."""
    values["drone_models"] = {"m4td": {"endurance_min": 27}}
    battery = load(values).drone("n1").model.battery
    assert battery.capacity_wh == 149.9
    assert battery.hover_endurance_s == pytest.approx(27 * 60.0)
    assert battery.climb_power_w == pytest.approx(1.5 * battery.hover_power_w)


def test_measured_powers_are_not_assumed(load, values):
    """All four figures of a battery make it measured."""
    battery = {"capacity_wh": 120, "hover_power_w": 200, "cruise_power_w": 180, "climb_power_w": 260}
    values["drone_models"] = {"m4td": {"battery": battery}}
    found = load(values).drone("n1").model.battery
    assert (found.hover_power_w, found.cruise_power_w, found.climb_power_w) == (200.0, 180.0, 260.0)
    assert not found.assumed


def test_new_model_extends_another(load, values):
    """A model of one's own takes what it does not say from the one it extends, but not its name."""
    values["drone_models"] = {
        "mine": {"extends": "quad-generic", "endurance_min": 20, "cameras": ["m4t-thermal"]}
    }
    values["stations"][0]["drones"] = [{"id": "n1", "model": "mine"}]
    model = load(values).drone("n1").model
    assert (model.id, model.name, model.cameras[0].id) == ("mine", "mine", "m4t-thermal")
    assert model.battery.hover_endurance_s == pytest.approx(1200.0)


def test_model_extends_one_of_the_same_file(load, values):
    """A chain of models is followed as long as each stands below the one it extends."""
    values["drone_models"] = {
        "a": {"extends": "m4t", "cruise_speed_mps": 7},
        "b": {"extends": "a", "climb_mps": 2},
    }
    values["stations"][0]["drones"] = [{"id": "n1", "model": "b"}]
    model = load(values).drone("n1").model
    assert (model.cruise_speed_mps, model.climb_mps) == (7.0, 2.0)


def test_calibrated_camera(load, values):
    """A focal length from a calibration changes the swath of a shipped camera."""
    values["cameras"] = {"m4td-wide": {"focal_length_mm": 9.6}}
    assert load(values).tasks[0].swath_m == pytest.approx(60.0)
