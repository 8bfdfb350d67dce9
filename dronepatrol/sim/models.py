"""A drone model's figures as the simulation takes them: airframe, battery, parameters."""

from __future__ import annotations

from dronepatrol.errors import InputError
from dronepatrol.formats.mission import shipped_tables
from dronepatrol.formats.mission.suggest import suggestion
from dronepatrol.model.drone import DroneModel
from dronepatrol.sim.battery import Battery, ReferenceBattery
from dronepatrol.sim.motion import Airframe

REFERENCE = "reference"
"""Name of the frame that ArduCopter's simulator flies."""


def find_model(name: str) -> DroneModel | None:
    """Return a drone model of the shipped table, None for the reference frame.

    Raises
    ------
    InputError
        There is no such model.
    """
    if name == REFERENCE:
        return None
    models = shipped_tables().drone_models
    if name not in models:
        remedy = suggestion(name, [REFERENCE, *models])
        raise InputError(f"drone model {name!r} is not known", remedy=remedy)
    return models[name]


def model_airframe(model: DroneModel | None) -> Airframe:
    """Return the airframe that flies as a drone model's figures say; None is ArduCopter's simulated frame."""
    if model is None:
        return Airframe.reference()
    return Airframe.from_figures(
        cruise_speed_mps=model.cruise_speed_mps,
        max_speed_mps=model.max_speed_mps,
        climb_mps=model.climb_mps,
        descent_mps=model.descent_mps,
        acceleration_mps2=model.acceleration_mps2,
        hover_power_w=model.battery.hover_power_w,
        cruise_power_w=model.battery.cruise_power_w,
        climb_power_w=model.battery.climb_power_w,
    )


def model_battery(model: DroneModel | None) -> Battery:
    """Return a full battery of a drone model; None is that of ArduCopter's simulator."""
    if model is None:
        return ReferenceBattery()
    figures = model.battery
    return Battery.from_endurance(power_w=figures.hover_power_w, endurance_s=figures.hover_endurance_s)


def model_parameters(model: DroneModel | None) -> dict[str, float]:
    """Return the parameters that give a drone model's speeds, in ArduCopter's units."""
    if model is None:
        return {}
    return {
        "WPNAV_SPEED": model.cruise_speed_mps * 100.0,
        "WPNAV_SPEED_UP": model.climb_mps * 100.0,
        "WPNAV_SPEED_DN": model.descent_mps * 100.0,
        "WPNAV_ACCEL": model.acceleration_mps2 * 100.0,
    }
