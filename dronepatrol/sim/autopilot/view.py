"""Fills the snapshot from the pilot: what its estimator believes, and here and there the truth."""

from __future__ import annotations

from math import degrees

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.sim.autopilot.snapshot import Snapshot
from dronepatrol.sim.motion import Mode, Pilot

_FIX = dialect.GPS_FIX_TYPE_2D_FIX
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

    def measure(self, state: Snapshot, age_s: float = 0.0) -> None:
        """Write into the snapshot what was measured a moment ago, less than a step.

        Between steps the vehicle is taken to have moved evenly: with 3 m/s2 that is wrong by 4 mm in 50 ms.
        """
        pilot = self._pilot
        north, east, down = pilot.position_ned_m
        velocity = pilot.velocity_ned_mps
        roll, pitch, yaw = pilot.rpy_rad
        rates = pilot.rates_radps
        altitude_amsl_m, altitude_home_m = pilot.altitude_amsl_m, pilot.altitude_home_m
        lat_lon_e7 = pilot.lat_lon_e7
        if age_s > 0.0:
            climb_m = velocity[2] * age_s
            north, east, down = north - velocity[0] * age_s, east - velocity[1] * age_s, down - climb_m
            altitude_amsl_m, altitude_home_m = altitude_amsl_m + climb_m, altitude_home_m + climb_m
            roll, pitch, yaw = roll - rates[0] * age_s, pitch - rates[1] * age_s, yaw - rates[2] * age_s
            lat_lon_e7 = pilot.frame.lat_lon_e7(north, east)
        state.true_lat_e7, state.true_lon_e7 = pilot.true_lat_lon_e7
        state.lat_e7, state.lon_e7 = lat_lon_e7 if state.gps_ok else (0, 0)
        state.altitude_amsl_m = altitude_amsl_m if state.gps_ok else 0.0
        state.altitude_home_m = altitude_home_m if state.origin_set else 0.0
        state.ned_m = (north, east, down)
        state.velocity_ned_mps = velocity
        state.rpy_rad = (roll, pitch, yaw)
        state.rates_rps = rates
        self._measure_status(state)
        self._measure_course(state)

    def measure_gps(self, state: Snapshot, offset_m: tuple[float, float, float]) -> None:
        """Write what the receiver says: the true place, wrong by an offset, until the fix is lost."""
        if state.gps_fix < _FIX:
            return
        true_n, true_e, true_u = self._pilot.true_position
        place = self._pilot.frame.lat_lon_e7(true_n + offset_m[0], true_e + offset_m[1])
        state.gps_lat_e7, state.gps_lon_e7 = place
        state.gps_altitude_m = self.origin_altitude_m + true_u + offset_m[2]

    def _measure_status(self, state: Snapshot) -> None:
        pilot = self._pilot
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

    def _measure_course(self, state: Snapshot) -> None:
        pilot = self._pilot
        state.target = None
        if not state.flying:
            state.wp_distance_m = state.altitude_error_m = state.cross_track_m = 0.0
            state.nav_bearing_deg, state.wp_bearing_deg = degrees(state.rpy_rad[2]), 0.0
            state.nav_roll_deg = state.nav_pitch_deg = 0.0
            return
        state.wp_distance_m = pilot.wp_distance_m
        state.wp_bearing_deg = pilot.target_bearing_deg
        state.nav_bearing_deg = pilot.nav_bearing_deg
        state.altitude_error_m = pilot.altitude_error_m
        state.cross_track_m = pilot.cross_track_m
        roll, pitch, _ = state.rpy_rad
        state.nav_roll_deg, state.nav_pitch_deg = degrees(roll), degrees(pitch)
        if pilot.mode in _TARGET_MODES:
            north, east, up = self._target()
            lat_e7, lon_e7 = pilot.frame.lat_lon_e7(north, east)
            state.target = (lat_e7, lon_e7, self.origin_altitude_m + up)

    def _target(self) -> tuple[float, float, float]:
        pilot = self._pilot
        if pilot.nav.active:
            return pilot.nav.destination
        if pilot.mode is Mode.GUIDED and pilot.guided.target is not None:
            return pilot.guided.target
        north, east, down = pilot.target_ned_m
        return north, east, -down
