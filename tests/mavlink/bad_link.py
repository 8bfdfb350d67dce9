"""A link between one client machine and one vehicle's side on a simulated clock, as bad as is asked for."""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Iterable
from typing import Any, Protocol

from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.exchange import Machine
from dronepatrol.mavlink.item_server import ItemServer
from dronepatrol.mavlink.items import WireItem
from dronepatrol.mavlink.log_server import LogServer

CLIENT = (255, 190)


class VehicleSide(Protocol):
    """What answers at the far end."""

    next_wakeup_s: float

    def receive(self, message: Any, now_s: float) -> list[Any]:
        """Take a message."""

    def poll(self, now_s: float) -> list[Any]:
        """Say what is due."""


class ItemVehicle:
    """The real item server as a far end."""

    def __init__(self, server: ItemServer | None = None) -> None:
        self.server = server or ItemServer(system=1, component=1)

    @property
    def next_wakeup_s(self) -> float:
        """When `poll` wants to be called."""
        return self.server.next_wakeup_s

    def receive(self, message: Any, now_s: float) -> list[Any]:
        """Take a message."""
        return [answer.message for answer in self.server.receive(message, CLIENT, now_s)]

    def poll(self, now_s: float) -> list[Any]:
        """Return what is due."""
        return [answer.message for answer in self.server.poll(now_s)]


class LogVehicle:
    """The real log server as a far end."""

    def __init__(self, server: LogServer) -> None:
        self.server = server

    @property
    def next_wakeup_s(self) -> float:
        """When `poll` wants to be called."""
        return self.server.next_wakeup_s

    def receive(self, message: Any, now_s: float) -> list[Any]:
        """Take a message."""
        return self.server.receive(message, now_s)

    def poll(self, now_s: float) -> list[Any]:
        """Return what is due."""
        return self.server.poll(now_s)


class _Idle:
    """A client that only waits."""

    error = None

    def __init__(self, until_s: float) -> None:
        self.next_wakeup_s = until_s
        self.finished = False

    def start(self, now_s: float) -> list[Any]:
        """Send nothing."""
        return []

    def receive(self, message: Any, now_s: float) -> list[Any]:
        """Take no notice."""
        return []

    def poll(self, now_s: float) -> list[Any]:
        """End when the time has come."""
        self.finished = now_s >= self.next_wakeup_s
        return []


class BadLink:
    """Frames both ways, lost, repeated, late and out of order by a seed.

    Parameters
    ----------
    loss, repeat, reorder
        Probabilities per frame and direction; a reordered one takes 0.1 s longer.
    delay_s, jitter_s
        Every frame takes the delay and up to the jitter more, one way; jitter alone keeps the order.
    outages_s
        Times since the start between which everything is lost.

    Attributes
    ----------
    sent
        Frames the client sent.
    """

    def __init__(
        self,
        vehicle: VehicleSide,
        seed: int = 0,
        *,
        loss: float = 0.0,
        repeat: float = 0.0,
        reorder: float = 0.0,
        delay_s: float = 0.002,
        jitter_s: float = 0.0,
        outages_s: tuple[tuple[float, float], ...] = (),
    ) -> None:
        self.vehicle = vehicle
        self.start_s = self.now_s = 1000.0
        self.sent = self.heard = 0
        self._random = random.Random(seed)
        self._loss, self._repeat, self._reorder = loss, repeat, reorder
        self._delay_s, self._jitter_s = delay_s, jitter_s
        self._outages_s = outages_s
        self._flying: list[tuple[float, int, bool, bytes]] = []
        self._latest_s = {True: 0.0, False: 0.0}
        self._number = 0
        self._client, self._far = Codec(*CLIENT), Codec(1, 1)
        self._ears = {True: Codec(9, 9), False: Codec(9, 9)}

    @property
    def elapsed_s(self) -> float:
        """Simulated time since the link was made."""
        return self.now_s - self.start_s

    def _post(self, messages: Iterable[Any], *, to_vehicle: bool) -> None:
        for message in messages:
            frame = (self._client if to_vehicle else self._far).pack(message)
            self.sent += to_vehicle
            self._fly(frame, to_vehicle=to_vehicle)

    def _fly(self, frame: bytes, *, to_vehicle: bool) -> None:
        chance = self._random.random
        dead = any(a <= self.elapsed_s < b for a, b in self._outages_s)
        for _ in range(1 + (chance() < self._repeat)):
            lost, late, spread = chance() < self._loss, chance() < self._reorder, chance()
            if lost or dead:
                continue
            arrival_s = max(self.now_s + self._delay_s + self._jitter_s * spread, self._latest_s[to_vehicle])
            if late:
                arrival_s += 0.1
            else:
                self._latest_s[to_vehicle] = arrival_s
            self._number += 1
            heapq.heappush(self._flying, (arrival_s, self._number, to_vehicle, frame))

    def run(self, machine: Machine, *, limit_s: float = 3600.0) -> None:
        """Drive a machine to its end."""
        self._post(machine.start(self.now_s), to_vehicle=True)
        self.go_on(machine, limit_s=limit_s)

    def run_until(self, machine: Machine, until_s: float) -> None:
        """Start a machine and drive it to a time since the link was made."""
        self._post(machine.start(self.now_s), to_vehicle=True)
        self.go_on(machine, until_s=until_s)

    def go_on(self, machine: Machine, *, limit_s: float = 3600.0, until_s: float = math.inf) -> None:
        """Drive a machine that was started, to its end or to a time since the link was made."""
        end_s = self.now_s + limit_s
        idle = 0
        while not machine.finished and self.elapsed_s < until_s:
            before_s = self.now_s
            arrival_s = self._flying[0][0] if self._flying else math.inf
            next_s = min(arrival_s, machine.next_wakeup_s, self.vehicle.next_wakeup_s)
            self.now_s = max(self.now_s, next_s)
            idle = 0 if self.now_s > before_s else idle + 1
            assert idle < 10_000, "the clock stands still"
            assert self.now_s < end_s, "the exchange hangs"
            if self._flying and arrival_s <= self.now_s:
                self._deliver(machine)
            self._post(self.vehicle.poll(self.now_s), to_vehicle=False)
            self._post(machine.poll(self.now_s), to_vehicle=True)

    def wait(self, until_s: float) -> None:
        """Let time pass to a moment since the link was made while the client does nothing."""
        self.go_on(_Idle(self.start_s + until_s))

    def post(self, messages: Iterable[Any]) -> None:
        """Send what a machine gave outside of `run`."""
        self._post(messages, to_vehicle=True)

    def _deliver(self, machine: Machine) -> None:
        _, _, to_vehicle, frame = heapq.heappop(self._flying)
        for message in self._ears[to_vehicle].parse(frame):
            if to_vehicle:
                self._post(self.vehicle.receive(message, self.now_s), to_vehicle=False)
            else:
                self.heard += 1
                self._post(machine.receive(message, self.now_s), to_vehicle=True)


def heard(message: Any, system: int = 1, component: int = 1) -> Any:
    """Return a message as it is heard from a vehicle."""
    (received,) = Codec(9, 9).parse(Codec(system, component).pack(message))
    return received


def route(count: int) -> list[WireItem]:
    """Return a mission of so many items: home, take-off, waypoints with a hold here and there, RTL."""
    items = [WireItem(0, 0, 16, x=300300000, y=1208700000, z=10.0), WireItem(1, 3, 22, z=20.0)]
    for seq in range(2, count - 1):
        hold_s = float(seq % 7)
        items.append(
            WireItem(
                seq,
                6,
                16,
                (hold_s, 0.0, 0.0, 0.0),
                300300000 + 37 * seq,
                1208700000 + 53 * seq,
                20.0 + seq % 5,
            )
        )
    return [*items, WireItem(count - 1, 2, 20)][:count]
