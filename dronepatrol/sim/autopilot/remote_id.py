"""Remote identification: OPEN_DRONE_ID messages while DID_ENABLE is set.

Field encodings from the MAVLink service description, https://mavlink.io/en/services/opendroneid.html, which
follows ASTM F3411. No conformity is claimed.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.sim.autopilot.snapshot import Snapshot

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot

LOCATION_S, STATIC_S = 1.0, 3.0
"""Between locations, and between the identities that do not change."""
UNKNOWN_DIRECTION = 36100
EPOCH_2019_S = datetime(2019, 1, 1, tzinfo=UTC).timestamp()
_NOBODY = [0] * 20


def serial_number(system: int) -> str:
    """Return the serial number of a simulated drone in the form of ANSI/CTA-2063-A: maker, length, number."""
    return f"SIMU9DRONE{system:04d}"


class RemoteId:
    """Tells who the drone is and where."""

    def __init__(self, autopilot: Autopilot) -> None:
        self._autopilot = autopilot
        self._location_s = self._static_s = 0.0

    def restart(self) -> None:
        """Begin again after a reboot."""
        self._location_s = self._static_s = 0.0

    def step(self) -> None:
        """Send what is due."""
        autopilot = self._autopilot
        if not autopilot.parameters["DID_ENABLE"]:
            return
        if autopilot.boot_s >= self._location_s:
            self._location_s = autopilot.boot_s + LOCATION_S
            autopilot.broadcast(self.location(autopilot.state))
        if autopilot.boot_s >= self._static_s:
            self._static_s = autopilot.boot_s + STATIC_S
            autopilot.broadcast(self.basic_id(autopilot.state))
            autopilot.broadcast(self.system(autopilot.state))

    def basic_id(self, _s: Snapshot) -> Message:
        """Return who the drone is."""
        return dialect.MAVLink_open_drone_id_basic_id_message(
            0,
            0,
            _NOBODY,
            dialect.MAV_ODID_ID_TYPE_SERIAL_NUMBER,
            dialect.MAV_ODID_UA_TYPE_HELICOPTER_OR_MULTIROTOR,
            list(serial_number(self._autopilot.system).encode().ljust(20, b"\0")),
        )

    def location(self, s: Snapshot) -> Message:
        """Return where the drone is."""
        north, east, down = s.velocity_ned_mps
        airborne = dialect.MAV_ODID_STATUS_AIRBORNE if s.flying else dialect.MAV_ODID_STATUS_GROUND
        speed = math.hypot(north, east)
        known = s.gps_ok
        direction = round(math.degrees(math.atan2(east, north)) * 100.0) % 36000
        return dialect.MAVLink_open_drone_id_location_message(
            0,
            0,
            _NOBODY,
            airborne,
            direction if known else UNKNOWN_DIRECTION,
            min(round(speed * 100.0), 25425) if known else 25500,
            max(-6200, min(6200, round(-down * 100.0))) if known else 6300,
            s.lat_e7,
            s.lon_e7,
            s.altitude_amsl_m if known else -1000.0,
            s.altitude_amsl_m if known else -1000.0,
            dialect.MAV_ODID_HEIGHT_REF_OVER_TAKEOFF,
            s.altitude_home_m if known else -1000.0,
            dialect.MAV_ODID_HOR_ACC_3_METER if known else dialect.MAV_ODID_HOR_ACC_UNKNOWN,
            dialect.MAV_ODID_VER_ACC_3_METER if known else dialect.MAV_ODID_VER_ACC_UNKNOWN,
            dialect.MAV_ODID_VER_ACC_3_METER if known else dialect.MAV_ODID_VER_ACC_UNKNOWN,
            dialect.MAV_ODID_SPEED_ACC_1_METERS_PER_SECOND if known else dialect.MAV_ODID_SPEED_ACC_UNKNOWN,
            s.unix_s % 3600.0,
            dialect.MAV_ODID_TIME_ACC_0_1_SECOND,
        )

    def system(self, s: Snapshot) -> Message:
        """Return where the operator is taken to be: at home."""
        lat_e7, lon_e7, altitude_m = self._autopilot.pilot.home
        return dialect.MAVLink_open_drone_id_system_message(
            0,
            0,
            _NOBODY,
            dialect.MAV_ODID_OPERATOR_LOCATION_TYPE_TAKEOFF,
            dialect.MAV_ODID_CLASSIFICATION_TYPE_UNDECLARED,
            lat_e7,
            lon_e7,
            1,
            0,
            -1000.0,
            -1000.0,
            0,
            0,
            altitude_m,
            max(0, int(s.unix_s - EPOCH_2019_S)),
        )
