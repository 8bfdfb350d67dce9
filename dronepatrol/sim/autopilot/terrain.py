"""Terrain over MAVLink: asks the ground station for heights, keeps what comes, reports what is known.

A grid is 28 by 32 heights, sent in 56 blocks of 4 by 4; grids overlap by one block, so that they start
every 24 and 28 spacings from the south-west corner of the degree. Source:
https://mavlink.io/en/services/terrain.html and the recorded TERRAIN_REQUEST of a known place.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.sim.autopilot.channel import Channel
from dronepatrol.sim.autopilot.snapshot import Snapshot

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot

METRES_PER_DEGREE = 111318.84502145034
"""ArduPilot's LATLON_TO_M times 1e7."""
ROWS, COLUMNS = 28, 32
ROW_STEP, COLUMN_STEP = 24, 28
BLOCK = 4
BLOCKS = (ROWS // BLOCK) * (COLUMNS // BLOCK)
ALL_BLOCKS = (1 << BLOCKS) - 1
REPEAT_S = 2.0
"""Between requests for the same grid."""
GRIDS_WANTED = 6
"""Grids that the real one wants around a standing vehicle."""
MOST_GRIDS = 12
"""TERRAIN_CACHE_SZ."""
SPACINGS_M = (10, 1000)

Corner = tuple[int, int]


class Terrain:
    """The terrain service of one drone.

    Heights come from the simulation's height model where there is one, else from what the ground station
    sent.
    """

    def __init__(self, autopilot: Autopilot) -> None:
        self._autopilot = autopilot
        self._grids: dict[Corner, dict[int, tuple[int, ...]]] = {}
        self._asked_s = -math.inf
        self.handlers = {
            dialect.MAVLINK_MSG_ID_TERRAIN_DATA: self._data,
            dialect.MAVLINK_MSG_ID_TERRAIN_CHECK: self._check,
        }

    @property
    def _spacing_m(self) -> int:
        low, high = SPACINGS_M
        return min(max(int(self._autopilot.parameters["TERRAIN_SPACING"]), low), high)

    def corner(self, lat_e7: int, lon_e7: int) -> Corner:
        """Return the south-west corner of the grid that covers a place, in 1e-7 degrees."""
        spacing = self._spacing_m
        lat_deg, lon_deg = math.floor(lat_e7 / 1e7), math.floor(lon_e7 / 1e7)
        north_m = (lat_e7 / 1e7 - lat_deg) * METRES_PER_DEGREE
        shrink = _shrink((lat_e7 / 1e7 + lat_deg) / 2.0)
        east_m = (lon_e7 / 1e7 - lon_deg) * METRES_PER_DEGREE * shrink
        row, column = int(north_m / (spacing * ROW_STEP)), int(east_m / (spacing * COLUMN_STEP))
        south = lat_deg + row * spacing * ROW_STEP / METRES_PER_DEGREE
        shrink = _shrink((south + lat_deg) / 2.0)
        west = lon_deg + column * spacing * COLUMN_STEP / (METRES_PER_DEGREE * shrink)
        return math.floor(south * 1e7), math.floor(west * 1e7)

    def measure(self, state: Snapshot) -> None:
        """Write what is known of the terrain below into a snapshot."""
        height_m = self.height_m(state.lat_e7, state.lon_e7) if state.gps_ok else None
        state.terrain_spacing_m = 0 if height_m is None else self._spacing_m
        state.terrain_height_m = 0.0 if height_m is None else height_m
        held = sum(len(grid) for grid in self._grids.values())
        state.terrain_loaded = held
        wanted = BLOCKS * (GRIDS_WANTED if state.gps_ok else 1)
        state.terrain_pending = max(wanted - held, 0) if self._wanted() else 0

    def height_m(self, lat_e7: int, lon_e7: int) -> float | None:
        """Return the height of the ground above mean sea level at a place, or None where it is not known."""
        model = self._autopilot.pilot.terrain
        if model is not None:
            return model(lat_e7, lon_e7)
        corner = self.corner(lat_e7, lon_e7)
        grid = self._grids.get(corner)
        if grid is None:
            return None
        spacing = self._spacing_m
        shrink = math.cos(math.radians(corner[0] / 1e7))
        row = int((lat_e7 - corner[0]) / 1e7 * METRES_PER_DEGREE / spacing + 0.5)
        column = int((lon_e7 - corner[1]) / 1e7 * METRES_PER_DEGREE * shrink / spacing + 0.5)
        if not (0 <= row < ROWS and 0 <= column < COLUMNS):
            return None
        block = grid.get((row // BLOCK) * (COLUMNS // BLOCK) + column // BLOCK)
        return None if block is None else float(block[(row % BLOCK) * BLOCK + column % BLOCK])

    def _wanted(self) -> bool:
        return bool(self._autopilot.parameters["TERRAIN_ENABLE"]) and self._autopilot.pilot.terrain is None

    def request(self, s: Snapshot) -> Message | None:
        """Return the TERRAIN_REQUEST of blocks that are missing; every 2 s once there is a position."""
        if not self._wanted() or (s.gps_ok and s.boot_s < self._asked_s + REPEAT_S - 1e-6):
            return None
        corner = self.corner(s.true_lat_e7, s.true_lon_e7)
        mask = ALL_BLOCKS
        for bit in self._grids.get(corner, ()):
            mask &= ~(1 << bit)
        if not mask:
            return None
        self._asked_s = s.boot_s
        return dialect.MAVLink_terrain_request_message(corner[0], corner[1], self._spacing_m, mask)

    def _data(self, _channel: Channel, message: Message) -> None:
        if message.grid_spacing != self._spacing_m or message.gridbit >= BLOCKS:
            return
        corner = (message.lat, message.lon)
        if corner != self.corner(*self._autopilot.pilot.lat_lon_e7) and corner not in self._grids:
            return
        if corner not in self._grids and len(self._grids) >= MOST_GRIDS:
            self._grids.pop(next(iter(self._grids)))
        self._grids.setdefault(corner, {})[message.gridbit] = tuple(message.data)

    def _check(self, channel: Channel, message: Message) -> None:
        state = self._autopilot.state
        height_m = self.height_m(message.lat, message.lon) if abs(message.lat) <= 900_000_000 else None
        channel.send(
            dialect.MAVLink_terrain_report_message(
                message.lat,
                message.lon,
                0 if height_m is None else self._spacing_m,
                height_m or 0.0,
                state.altitude_amsl_m - (height_m or 0.0),
                state.terrain_pending,
                state.terrain_loaded,
            )
        )


def _shrink(lat_deg: float) -> float:
    """Return a degree of longitude in degrees of latitude; ArduPilot takes it half-way between two places."""
    return max(math.cos(math.radians(lat_deg)), 0.01)
