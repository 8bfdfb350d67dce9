"""The exception tree: every error that dronepatrol raises on purpose.

::

    DronePatrolError
    ├── InputError            something the user wrote cannot be used (file, place, value, remedy)
    │   ├── MissionFileError  the mission file or what it refers to
    │   └── GeometryError     a polygon, line or position
    ├── PlanningError         no plan can be made from valid input
    ├── CheckFailedError      findings forbid the flight
    ├── OutputError           a file or folder cannot be written
    ├── MissingExtraError     an optional library is not installed
    ├── LinkError             bytes cannot be sent or received
    │   ├── ConnectTimeoutError
    │   └── VehicleUnsuitableError  what answers cannot be flown by this package
    ├── ProtocolError         the vehicle broke or refused a MAVLink exchange
    │   ├── UploadRefusedError
    │   ├── CommandRefusedError
    │   │   └── ArmingRefusedError
    │   ├── UnsupportedByAutopilotError  what this autopilot lacks; nothing was sent
    │   └── ProtocolTimeoutError
    │       └── CommandUnconfirmedError  a command that must not be repeated had no answer
    └── FlightError           a flight cannot begin or go on
        └── VehicleRebootedError    the autopilot started again while something was waited for
"""

from __future__ import annotations


class DronePatrolError(Exception):
    """Root of all errors raised on purpose by dronepatrol."""


class InputError(DronePatrolError):
    """Something the user wrote cannot be used.

    Parameters
    ----------
    message
        What is wrong, with the value and the limit: ``"ends 07:10 before it starts 07:40"``.
    file
        The file it stands in, if any.
    place
        Where in the file: ``"tasks[2].windows[0]"``, ``"line 14"``, ``"feature ressun-lukio"``.
    remedy
        What to do: ``"swap them or add a date"``.
    """

    def __init__(self, message: str, *, file: object = None, place: str = "", remedy: str = "") -> None:
        self.message = message
        self.file = None if file is None else str(file)
        self.place = place
        self.remedy = remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        head = ": ".join(part for part in (self.file or "", self.place, self.message) if part)
        return f"{head}; {self.remedy}" if self.remedy else head

    def located(self, *, file: object = None, place: str = "") -> InputError:
        """Return the same error with file and place filled in where they were empty."""
        return type(self)(
            self.message,
            file=self.file if self.file is not None else file,
            place=self.place or place,
            remedy=self.remedy,
        )


class MissionFileError(InputError):
    """The mission file, or a file it refers to, cannot be used."""


class GeometryError(InputError):
    """A polygon, line or position cannot be used."""


class PlanningError(DronePatrolError):
    """No plan can be made from valid input."""


class CheckFailedError(DronePatrolError):
    """Findings of severity error forbid the flight."""


class OutputError(DronePatrolError):
    """A file or folder cannot be written."""


class MissingExtraError(DronePatrolError):
    """A library that only an optional extra installs is missing."""

    def __init__(self, library: str, extra: str, what: str) -> None:
        self.library = library
        self.extra = extra
        super().__init__(
            f"{what} needs {library}, which is not installed; run: pip install 'dronepatrol[{extra}]'"
        )


class LinkError(DronePatrolError):
    """Bytes cannot be sent or received."""


class ConnectTimeoutError(LinkError):
    """No vehicle was heard before the deadline."""


class VehicleUnsuitableError(LinkError):
    """What answers is no multirotor, or its autopilot is too old or unknown."""


class ProtocolError(DronePatrolError):
    """The vehicle broke or refused a MAVLink exchange."""


class UploadRefusedError(ProtocolError):
    """The vehicle refused a mission, fence or rally upload."""


class CommandRefusedError(ProtocolError):
    """The vehicle refused a command."""


class ArmingRefusedError(CommandRefusedError):
    """The vehicle does not arm; its pre-arm checks say why."""


class UnsupportedByAutopilotError(ProtocolError):
    """The autopilot lacks what is asked of it; nothing was sent."""


class ProtocolTimeoutError(ProtocolError):
    """The vehicle did not answer before the deadline."""


class CommandUnconfirmedError(ProtocolTimeoutError):
    """A command that must not be repeated had no answer, and the vehicle's state does not show it."""


class FlightError(DronePatrolError):
    """A flight cannot begin or go on."""


class VehicleRebootedError(FlightError):
    """The autopilot started again: what it was asked to do is not being done."""
