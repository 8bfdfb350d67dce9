"""Fills the snapshot from the pilot: the sensors of a drone whose estimator is right."""

from __future__ import annotations

from math import degrees

from dronepatrol.sim.autopilot.snapshot import Snapshot
from dronepatrol.sim.motion import Mode, Pilot

_TARGET_MODES = (Mode.AUTO, Mode.GUIDED, Mode.RTL, Mode.SMART_RTL)


class View:
    """Reads one pilot."""

    def __init__(self, pilot: Pilot) -> None:
        self._pilot = pilot
        self.origin = (pilot.frame.lat_e7, pilot.frame.lon_e7)
        self.origin_altitude_m = pilot.origin_amsl_m

    @property
    def home(self) -> tuple[int, int, float]:
        """Latitude and longitude (1e-7 degrees) and height above mean sea level of home."""
        return self._pilot.home

    def measure(self, state: Snapshot) -> None:
        """Write what is measured now into the snapshot."""
        pilot = self._pilot
        if state.gps_ok:
            state.lat_e7, state.lon_e7 = pilot.lat_lon_e7
            state.altitude_amsl_m = pilot.altitude_amsl_m
            state.altitude_home_m = pilot.altitude_home_m
        state.ned_m = pilot.position_ned_m
        state.velocity_ned_mps = pilot.velocity_ned_mps
        state.rpy_rad = pilot.rpy_rad
        state.rates_rps = pilot.rates_radps
        state.acceleration_body_mps2 = pilot.specific_force_mps2
        state.throttle = pilot.throttle
        state.motors_us = pilot.motor_outputs_us
        state.armed = pilot.armed
        state.flying = pilot.armed and not pilot.landed
        state.landed_state = int(pilot.landed_state)
        state.custom_mode = int(pilot.mode)
        state.mission_seq = pilot.mission_current
        state.mission_state = int(pilot.mission_state)
        state.mission_mode = 1 if pilot.mode is Mode.AUTO else 0
        self._measure_course(state)

    def _measure_course(self, state: Snapshot) -> None:
        pilot = self._pilot
        state.wp_distance_m = pilot.wp_distance_m
        state.wp_bearing_deg = pilot.target_bearing_deg
        state.nav_bearing_deg = pilot.nav_bearing_deg
        state.altitude_error_m = pilot.altitude_error_m
        state.cross_track_m = pilot.cross_track_m
        roll, pitch, _ = state.rpy_rad
        state.nav_roll_deg, state.nav_pitch_deg = degrees(roll), degrees(pitch)
        if state.flying and pilot.mode in _TARGET_MODES:
            north, east, down = pilot.target_ned_m
            lat_e7, lon_e7 = pilot.frame.lat_lon_e7(north, east)
            state.target = (lat_e7, lon_e7, self.origin_altitude_m - down)
        else:
            state.target = None
