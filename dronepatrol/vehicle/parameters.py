"""The parameters of a vehicle."""

from __future__ import annotations

from collections.abc import Mapping

from dronepatrol.mavlink.parameter_client import ParameterDownload, ParameterRead, ParameterSet
from dronepatrol.mavlink.parameter_values import Parameter
from dronepatrol.vehicle.core import VehicleCore


class Parameters:
    """Reads and sets parameters: ``await vehicle.parameters.get("RTL_ALT")``."""

    def __init__(self, vehicle: VehicleCore) -> None:
        self._vehicle = vehicle

    async def all(self) -> dict[str, Parameter]:
        """Read all parameters, by name in the vehicle's order.

        Raises
        ------
        ProtocolTimeoutError
            Some do not come; the text says how many.
        """
        vehicle = self._vehicle
        download = ParameterDownload(
            vehicle.target,
            encoding=vehicle.autopilot.parameter_encoding,
            own_system=vehicle.line.own_system,
            round_trip=vehicle.round_trip,
        )
        await vehicle.drive(download, what="its parameters")
        return download.parameters

    async def get(self, name: str) -> float:
        """Read one parameter.

        Raises
        ------
        ProtocolTimeoutError
            The vehicle has none of this name, which it does not say.
        """
        vehicle = self._vehicle
        read = ParameterRead(
            name,
            vehicle.target,
            encoding=vehicle.autopilot.parameter_encoding,
            own_system=vehicle.line.own_system,
            round_trip=vehicle.round_trip,
        )
        await vehicle.drive(read, what=f"the parameter {name}")
        assert read.parameter is not None
        return read.parameter.value

    async def set(self, name: str, value: float) -> float:
        """Set one parameter, read it back, and return what it was before.

        Raises
        ------
        ProtocolError
            The vehicle has none of this name, refuses the value, or keeps another.
        """
        vehicle = self._vehicle
        change = ParameterSet(
            name,
            value,
            vehicle.target,
            encoding=vehicle.autopilot.parameter_encoding,
            own_system=vehicle.line.own_system,
            round_trip=vehicle.round_trip,
        )
        await vehicle.drive(change, what=f"the parameter {name} to be set")
        assert change.before is not None
        return change.before.value

    async def set_all(self, values: Mapping[str, float]) -> dict[str, float]:
        """Set several parameters one after another, and return what those set were before.

        Raises
        ------
        ProtocolError
            One of them cannot be set; those before it are set.
        """
        return {name: await self.set(name, value) for name, value in values.items()}
