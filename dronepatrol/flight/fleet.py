"""Where the executive gets its links from: simulated drones, or others that know the same calls."""

from __future__ import annotations

from typing import Protocol

from dronepatrol.flight.events import Event
from dronepatrol.link.transport import Transport


class Fleet(Protocol):
    """A set of vehicles that can be reached, one link each."""

    def system_of(self, drone_id: str) -> int | None:
        """Return the MAVLink system id of a drone; None takes the first autopilot heard on its link."""

    async def open(self, drone_id: str) -> Transport:
        """Return a link to a drone."""

    def service(self, drone_id: str) -> bool:
        """Give a landed drone a full battery; False where that is for a person or a dock to do."""

    def note(self, event: Event) -> None:
        """Hear each event of the flight as it happens."""

    async def run(self) -> None:
        """Do what keeps the vehicles going, until cancelled."""

    async def close(self) -> None:
        """Stop everything that was started for the links."""
