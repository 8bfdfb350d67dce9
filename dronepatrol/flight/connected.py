"""Vehicles that are reached by link URLs: real ones, or simulators that run by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from dronepatrol.errors import InputError
from dronepatrol.flight.events import Event
from dronepatrol.link.transport import Transport
from dronepatrol.link.url import open_link, parse_link_url
from dronepatrol.model.plan import Plan


class OutsideFleet:
    """What vehicles have in common that keep going by themselves.

    Attributes
    ----------
    links
        Opened so far; closed at the end.
    """

    def __init__(self) -> None:
        self.links: list[Transport] = []

    def service(self, drone_id: str) -> bool:
        """Return False: a battery out there is changed by others."""
        return False

    def note(self, event: Event) -> None:
        """Need nothing of what happens."""

    async def run(self) -> None:
        """Wait: these vehicles need no help to go on."""
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Close all links."""
        for link in self.links:
            link.close()
        await asyncio.sleep(0)  # sockets are freed by the loop's next round


class ConnectedFleet(OutsideFleet):
    """One link URL per drone.

    Parameters
    ----------
    urls
        By drone id.
    """

    def __init__(self, urls: Mapping[str, str]) -> None:
        super().__init__()
        self._urls = dict(urls)

    def system_of(self, drone_id: str) -> int | None:
        """Return None: each link has one vehicle, whatever its system id."""
        return None

    async def open(self, drone_id: str) -> Transport:
        """Open a drone's link.

        Raises
        ------
        LinkError
            It cannot be opened.
        """
        link = await open_link(self._urls[drone_id])
        self.links.append(link)
        return link


def assign_urls(plan: Plan, given: Sequence[str]) -> dict[str, str]:
    """Return the link URL of each drone that flies.

    Parameters
    ----------
    given
        ``DRONE=URL`` in any order, or plain URLs in the order in which the drones stand in the plan.

    Raises
    ------
    InputError
        A URL cannot be read, a drone is not known, or a drone that flies has no URL.
    """
    flying = list(dict.fromkeys(sortie.drone_id for sortie in plan.sorties))
    urls: dict[str, str] = {}
    for entry in given:
        name, equals, rest = entry.partition("=")
        named = bool(equals) and "/" not in name and ":" not in name
        if named and name not in flying:
            known = ", ".join(flying)
            raise InputError(f"--connect {entry}: no drone {name} flies in this plan", remedy=f"use {known}")
        drone = name if named else next((d for d in flying if d not in urls), None)
        if drone is None:
            many = f"--connect {entry}: the plan flies only {len(flying)} drones"
            raise InputError(many, remedy="leave it out")
        urls[drone] = rest if named else entry
        parse_link_url(urls[drone])
    missing = [drone for drone in flying if drone not in urls]
    if missing:
        remedy = f"give --connect {missing[0]}=URL for each drone that flies"
        raise InputError(f"no link for {', '.join(missing)}", remedy=remedy)
    return urls
