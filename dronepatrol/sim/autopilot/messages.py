"""Every message type that one autopilot can be asked for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.sim.autopilot import identity, measurements
from dronepatrol.sim.autopilot.measurements import Builder
from dronepatrol.sim.autopilot.snapshot import Snapshot

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot

_NO_ATTITUDE = [math.nan] * 4


class MessageBook:
    """Builders of all messages of one autopilot.

    Attributes
    ----------
    builders
        By message id. A builder returns None while there is nothing to say.
    """

    def __init__(self, autopilot: Autopilot) -> None:
        self._autopilot = autopilot
        self.builders: dict[int, Builder] = {
            **measurements.BUILDERS,
            **autopilot.payload_messages.builders,
            dialect.MAVLINK_MSG_ID_FENCE_STATUS: autopilot.fence.status,
            dialect.MAVLINK_MSG_ID_TERRAIN_REQUEST: autopilot.terrain.request,
            dialect.MAVLINK_MSG_ID_ADSB_VEHICLE: autopilot.traffic.message,
            dialect.MAVLINK_MSG_ID_OPEN_DRONE_ID_BASIC_ID: autopilot.remote_id.basic_id,
            dialect.MAVLINK_MSG_ID_OPEN_DRONE_ID_LOCATION: autopilot.remote_id.location,
            dialect.MAVLINK_MSG_ID_OPEN_DRONE_ID_SYSTEM: autopilot.remote_id.system,
            dialect.MAVLINK_MSG_ID_HEARTBEAT: self._heartbeat,
            dialect.MAVLINK_MSG_ID_AUTOPILOT_VERSION: self._version,
            dialect.MAVLINK_MSG_ID_HOME_POSITION: self._home,
            dialect.MAVLINK_MSG_ID_GPS_GLOBAL_ORIGIN: self._origin,
        }

    def _heartbeat(self, _s: Snapshot) -> Message:
        return self._autopilot.heartbeat()

    def _version(self, _s: Snapshot) -> Message:
        return identity.version_message(self._autopilot.system)

    def _home(self, s: Snapshot) -> Message | None:
        if not s.origin_set:
            return None
        pilot = self._autopilot.pilot
        lat_e7, lon_e7, altitude_m = pilot.home
        return dialect.MAVLink_home_position_message(
            lat_e7,
            lon_e7,
            round(altitude_m * 1e3),
            pilot.home_n,
            pilot.home_e,
            -pilot.home_u,
            _NO_ATTITUDE,
            0.0,
            0.0,
            0.0,
            round(s.boot_s * 1e6),
        )

    def _origin(self, s: Snapshot) -> Message | None:
        if not s.origin_set:
            return None
        lat_e7, lon_e7 = self._autopilot.view.origin
        altitude_mm = round(self._autopilot.view.origin_altitude_m * 1e3)
        return dialect.MAVLink_gps_global_origin_message(lat_e7, lon_e7, altitude_mm, round(s.boot_s * 1e6))
