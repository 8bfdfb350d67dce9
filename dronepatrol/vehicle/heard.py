"""What was heard on a link: nothing, bytes, or heartbeats of which systems."""

from __future__ import annotations

from dataclasses import dataclass, field

from dronepatrol.mavlink.dialect import AUTOPILOT_COMPONENT, Message, dialect
from dronepatrol.mavlink.framing import MAVLINK1, Frame

_WORDS = {
    dialect.MAV_TYPE_GCS: "a ground station",
    dialect.MAV_TYPE_GIMBAL: "a gimbal",
    dialect.MAV_TYPE_ADSB: "an ADS-B receiver",
    dialect.MAV_TYPE_CAMERA: "a camera",
    dialect.MAV_TYPE_ONBOARD_CONTROLLER: "an onboard computer",
    dialect.MAV_TYPE_ANTENNA_TRACKER: "an antenna tracker",
}


def type_name(kind: int) -> str:
    """Return what a MAV_TYPE is called: ``"quadrotor"``, ``"fixed wing"``."""
    known = dialect.enums["MAV_TYPE"].get(kind)
    return known.name.removeprefix("MAV_TYPE_").replace("_", " ").lower() if known else f"type {kind}"


@dataclass(frozen=True, slots=True)
class HeardSystem:
    """Who sent a heartbeat.

    Attributes
    ----------
    kind, autopilot
        MAV_TYPE and MAV_AUTOPILOT.
    mavlink_version
        Of the frame that the latest heartbeat came in, 1 or 2.
    frame
        The latest heartbeat.
    """

    system: int
    component: int
    kind: int
    autopilot: int
    mavlink_version: int
    frame: Frame = field(compare=False, repr=False)

    @property
    def heartbeat(self) -> Message:
        """The latest heartbeat."""
        return self.frame.message

    @property
    def is_vehicle(self) -> bool:
        """Whether this is the autopilot of something that moves, and no gimbal, camera or ground station."""
        return (
            self.autopilot != dialect.MAV_AUTOPILOT_INVALID
            and self.component == AUTOPILOT_COMPONENT
            and self.kind not in _WORDS
        )

    def __str__(self) -> str:
        if self.is_vehicle:
            return f"system {self.system} (a {type_name(self.kind)})"
        what = _WORDS.get(self.kind, f"no autopilot, a {type_name(self.kind)}")
        return f"system {self.system} component {self.component} ({what})"


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """What was heard on one link, or several, so far.

    Attributes
    ----------
    bytes_heard, frames_heard
        In all; frames are those with a right checksum.
    systems
        Who sent heartbeats, by system and component.
    """

    name: str
    bytes_heard: int = 0
    frames_heard: int = 0
    systems: tuple[HeardSystem, ...] = ()

    @property
    def vehicles(self) -> tuple[HeardSystem, ...]:
        """Those of the systems that fly, drive or swim."""
        return tuple(heard for heard in self.systems if heard.is_vehicle)

    def __str__(self) -> str:
        return f"{self.name}: {self.picture}"

    @property
    def picture(self) -> str:
        """What was heard, in words."""
        if self.systems:
            return "heartbeats of " + ", ".join(map(str, self.systems))
        if self.frames_heard:
            return f"{self.frames_heard} MAVLink frames and no heartbeat"
        if self.bytes_heard:
            return f"{self.bytes_heard} bytes that are not MAVLink"
        return "nothing at all"

    def remedy(self, wanted: int | None) -> str:
        """Return what to try when the vehicle that is wanted is not among what was heard."""
        if self.vehicles and wanted is not None:
            return (
                f"ask for system {' or '.join(str(v.system) for v in self.vehicles)}, or change its MAV_SYSID"
            )
        if self.systems:
            return "none of these is a vehicle: connect to the autopilot's own link, or wait until it is on"
        if self.frames_heard:
            return "the link carries only part of the vehicle's messages: let heartbeats through"
        if self.bytes_heard:
            return _NOT_MAVLINK
        return _NOTHING.get(self.name.partition(":")[0], _NOTHING["udpin"])

    def same_picture(self, other: LinkStatus) -> bool:
        """Whether both say the same apart from the counts."""
        return (self.systems, bool(self.frames_heard), bool(self.bytes_heard)) == (
            other.systems,
            bool(other.frames_heard),
            bool(other.bytes_heard),
        )


_NOT_MAVLINK = (
    "check that the baud rate is the vehicle's (57600 and 115200 are usual), that the port's protocol is "
    "MAVLink (SERIALn_PROTOCOL 2), and that nothing else writes to this port"
)
_NOTHING = {
    "udpin": (
        "check that the vehicle is on and sends to this computer and port, and that no firewall is between"
    ),
    "udpout": (
        "check that the vehicle is on and listens at this address; if it is the one that calls, use udpin://"
    ),
    "tcp": (
        "the connection stands and nobody speaks: ArduPilot serves one client per TCP port, so disconnect "
        "the other or use its next port (5762, 5763)"
    ),
    "serial": "check that the vehicle is powered, that TX and RX are the right way round, and the baud rate",
}


@dataclass(slots=True)
class Roster:
    """Keeps who was heard on one link."""

    systems: dict[tuple[int, int], HeardSystem] = field(default_factory=dict)

    def take(self, frame: Frame) -> None:
        """Note a heartbeat."""
        beat = frame.message
        version = 1 if frame.raw[0] == MAVLINK1 else 2
        self.systems[frame.system, frame.component] = HeardSystem(
            frame.system, frame.component, beat.type, beat.autopilot, version, frame
        )

    def sorted(self) -> tuple[HeardSystem, ...]:
        """Return everyone, by system and component."""
        return tuple(self.systems[key] for key in sorted(self.systems))
