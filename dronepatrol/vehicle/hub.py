"""Several links that lead to the same vehicles, as one line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dronepatrol.errors import LinkError
from dronepatrol.mavlink.dialect import AUTOPILOT_COMPONENT, Message, dialect
from dronepatrol.mavlink.framing import Frame
from dronepatrol.vehicle.connection import Connection
from dronepatrol.vehicle.duplicates import DuplicateFilter
from dronepatrol.vehicle.heard import LinkStatus
from dronepatrol.vehicle.line import Line, Remove
from dronepatrol.vehicle.opening import open_url

FAILOVER_S = 3.0
"""Silence of a vehicle on its link after which another one that hears it takes over."""
WORSE_LOSS = 0.15
"""A link that loses this much more of a vehicle's frames than another is left for that one."""
REVIEW_S = 5.0
"""Between two comparisons of links by loss."""

_STREAMED = frozenset(
    number
    for number, kind in dialect.mavlink_map.items()
    if {"time_boot_ms", "time_usec", "time_unix_usec"} & set(kind.fieldnames)
) | {
    dialect.MAVLINK_MSG_ID_HEARTBEAT,
    dialect.MAVLINK_MSG_ID_SYS_STATUS,
    dialect.MAVLINK_MSG_ID_VFR_HUD,
    dialect.MAVLINK_MSG_ID_BATTERY_STATUS,
    dialect.MAVLINK_MSG_ID_EKF_STATUS_REPORT,
    dialect.MAVLINK_MSG_ID_MISSION_CURRENT,
    dialect.MAVLINK_MSG_ID_NAV_CONTROLLER_OUTPUT,
    dialect.MAVLINK_MSG_ID_POWER_STATUS,
    dialect.MAVLINK_MSG_ID_MEMINFO,
    dialect.MAVLINK_MSG_ID_AHRS,
    dialect.MAVLINK_MSG_ID_AHRS2,
    dialect.MAVLINK_MSG_ID_WIND,
}
_SAID_ONCE = frozenset(
    {
        dialect.MAVLINK_MSG_ID_CAMERA_FEEDBACK,
        dialect.MAVLINK_MSG_ID_CAMERA_IMAGE_CAPTURED,
        dialect.MAVLINK_MSG_ID_HOME_POSITION,
        dialect.MAVLINK_MSG_ID_GPS_GLOBAL_ORIGIN,
        dialect.MAVLINK_MSG_ID_AUTOPILOT_VERSION,
    }
)
STREAMED = _STREAMED - _SAID_ONCE
"""Messages that say how things are now: an older one from a second link would only confuse, so they are taken
from one link at a time. All others are taken from every link, once."""


@dataclass(frozen=True, slots=True)
class LinkReport:
    """How one link serves one vehicle.

    Attributes
    ----------
    chosen
        Whether orders go this way now.
    heard_s
        Loop time of the latest frame.
    loss
        Share of frames lost lately.
    """

    name: str
    chosen: bool
    heard_s: float
    loss: float


class _Route:
    """Which link leads to a vehicle."""

    __slots__ = ("connection", "reviewed_s")

    def __init__(self, connection: Connection, now_s: float) -> None:
        self.connection = connection
        self.reviewed_s = now_s


class Hub(Line):
    """Routes messages between vehicles and those who deal with them, over any number of links.

    Each vehicle is reached by one of the links that hear it; when it falls silent there, or another link is
    clearly better, that one takes over, and vehicles ask for their streams again. Frames that come by several
    links are handed on once.
    """

    def __init__(self, *connections: Connection) -> None:
        super().__init__()
        self.connections: list[Connection] = []
        self.duplicates = DuplicateFilter()
        self._routes: dict[int, _Route] = {}
        self._stops: dict[Connection, Remove] = {}
        for connection in connections:
            self.add(connection)

    @property
    def name(self) -> str:
        """Names of the links."""
        return " + ".join(connection.name for connection in self.connections) or "a hub without links"

    @property
    def own_system(self) -> int:
        """System id that we send under."""
        return self.connections[0].own_system if self.connections else 255

    async def open(self, url: str, **options: Any) -> Connection:
        """Open one more link; options are those of `Connection`.

        Raises
        ------
        LinkError
            It cannot be opened.
        """
        connection = Connection(await open_url(url), **options)
        try:
            self.add(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def add(self, connection: Connection) -> None:
        """Use one more link.

        Raises
        ------
        LinkError
            It sends under another system id than the others, so that vehicles would see two stations.
        """
        if self.connections and connection.own_system != self.own_system:
            raise LinkError(
                f"{connection.name}: sends as system {connection.own_system}, the other links of this hub as "
                f"{self.own_system}; give all the same"
            )
        number = len(self._stops)
        self.connections.append(connection)
        self._stops[connection] = connection.subscribe(lambda frame: self._take(connection, number, frame))

    def remove(self, connection: Connection) -> None:
        """Use a link no more; it stays open."""
        self._stops.pop(connection)()
        self.connections.remove(connection)
        for system in [s for s, route in self._routes.items() if route.connection is connection]:
            del self._routes[system]
            best = self._best(system)
            if best is not None:
                self._routes[system] = _Route(best, self._loop.time())
                self._announce(system, connection, best)

    def links(self, system: int) -> list[LinkReport]:
        """Return how each link that has heard a system serves it."""
        route = self._routes.get(system)
        reports = []
        for connection in self.connections:
            heard_s, loss = _quality(connection, system)
            if heard_s > float("-inf"):
                chosen = route is not None and route.connection is connection
                reports.append(LinkReport(connection.name, chosen, heard_s, loss))
        return reports

    def status(self) -> LinkStatus:
        """Return what was heard so far on all links together."""
        parts = [connection.status() for connection in self.connections]
        systems = {(heard.system, heard.component): heard for part in parts for heard in part.systems}
        return LinkStatus(
            self.name,
            sum(part.bytes_heard for part in parts),
            sum(part.frames_heard for part in parts),
            tuple(systems[key] for key in sorted(systems)),
        )

    def send(self, message: Message) -> None:
        """Send a message by the link that leads to the system it names; to all by all."""
        for connection in self._towards(getattr(message, "target_system", 0)):
            connection.send(message)

    def send_frame(self, frame: Frame) -> None:
        """Pass on a frame that somebody else made."""
        target = getattr(frame.message, "target_system", 0) if frame.known else 0
        for connection in self._towards(target):
            connection.send_frame(frame)

    def tick(self) -> None:
        """Do on every link what has to be done once a second."""
        for connection in self.connections:
            connection.tick()

    def close(self) -> None:
        """Close every link."""
        super().close()
        for connection in self.connections:
            connection.close()

    def _towards(self, system: int) -> list[Connection]:
        route = self._routes.get(system)
        return list(self.connections) if route is None else [route.connection]

    def _take(self, connection: Connection, number: int, frame: Frame) -> None:
        now_s = self._loop.time()
        route = self._routes.get(frame.system)
        if route is None:
            route = self._routes[frame.system] = _Route(connection, now_s)
        elif route.connection is not connection:
            self._review(frame.system, route, connection, now_s)
        if frame.number in STREAMED:
            if route.connection is connection:
                self.dispatch(frame)
        elif len(self.connections) == 1 or self.duplicates.is_new(frame, number, now_s):
            self.dispatch(frame)

    def _review(self, system: int, route: _Route, other: Connection, now_s: float) -> None:
        """Take another link to a vehicle if it is silent on its own, or much worse there."""
        heard_s, loss = _quality(route.connection, system)
        silent = now_s - heard_s > FAILOVER_S
        if not silent:
            if now_s - route.reviewed_s < REVIEW_S:
                return
            route.reviewed_s = now_s
            if _quality(other, system)[1] + WORSE_LOSS > loss:
                return
        old, route.connection, route.reviewed_s = route.connection, other, now_s
        self._announce(system, old, other)

    def _best(self, system: int) -> Connection | None:
        heard = [c for c in self.connections if _quality(c, system)[0] > float("-inf")]
        return max(heard, key=lambda c: _quality(c, system)[0], default=None)

    def _announce(self, system: int, old: Connection, new: Connection) -> None:
        for listener in tuple(self._switched):
            listener(system, old.name, new.name)


def _quality(connection: Connection, system: int) -> tuple[float, float]:
    """Return when a system's autopilot, or any other part of it, was heard last, and its loss."""
    autopilot = connection.quality.get((system, AUTOPILOT_COMPONENT))
    if autopilot is not None:
        return autopilot.heard_s, autopilot.loss
    found = [(quality.heard_s, quality.loss) for (s, _), quality in connection.quality.items() if s == system]
    return max(found, default=(float("-inf"), 0.0))
