"""The logs that the autopilot itself keeps."""

from __future__ import annotations

from dronepatrol.mavlink.log_client import LogDownload, LogEntry, LogList
from dronepatrol.vehicle.core import VehicleCore


class Logs:
    """Lists and reads the autopilot's own logs: ``await vehicle.logs.list()``."""

    def __init__(self, vehicle: VehicleCore) -> None:
        self._vehicle = vehicle

    async def list(self) -> list[LogEntry]:
        """Read which logs there are.

        Raises
        ------
        ProtocolTimeoutError
            The vehicle does not answer.
        """
        listing = LogList(self._vehicle.target, round_trip=self._vehicle.round_trip)
        await self._vehicle.drive(listing, what="its list of logs")
        return listing.entries

    async def download(self, entry: LogEntry) -> bytes:
        """Read one log.

        Raises
        ------
        ProtocolTimeoutError
            The vehicle stops sending; the text says how far it came.
        """
        download = LogDownload(entry, self._vehicle.target, round_trip=self._vehicle.round_trip)
        await self._vehicle.drive(download, what=f"log {entry.number}")
        return download.data
