"""Where the executive gets its links from: simulated drones, or others that know the same calls."""

from __future__ import annotations

from typing import Protocol

from dronepatrol.link.transport import Transport


class Fleet(Protocol):
    """A set of vehicles that can be reached, one link and one system id each."""

    def system_of(self, drone_id: str) -> int:
        """Return the MAVLink system id of a drone."""

    async def open(self, drone_id: str) -> Transport:
        """Return a link to a drone."""

    def service(self, drone_id: str) -> None:
        """Give a landed drone a full battery, as its dock or its crew does."""

    async def close(self) -> None:
        """Stop everything that was started for the links."""
