"""What the exchanges about a vehicle's three lists of items have in common."""

from __future__ import annotations

from abc import abstractmethod

from dronepatrol.errors import ProtocolError
from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.mavlink.exchange import SILENCE_S, Exchange, Target
from dronepatrol.mavlink.items import MissionType
from dronepatrol.mavlink.round_trip import RoundTrip

BUSY_RETRY_S = 1.0
"""Between questions to a vehicle that is busy with another transfer."""


def result_name(result: int) -> str:
    """Return the name of a MAV_MISSION_RESULT, or its number."""
    known = dialect.enums["MAV_MISSION_RESULT"].get(result)
    return known.name if known else f"MAV_MISSION_RESULT {result}"


class Transfer(Exchange):
    """An exchange about one of the three lists."""

    def __init__(
        self,
        target: Target,
        mission_type: MissionType,
        *,
        own_system: int | None = None,
        round_trip: RoundTrip | None = None,
        patience_s: float = SILENCE_S,
    ) -> None:
        super().__init__(target, own_system=own_system, round_trip=round_trip, patience_s=patience_s)
        self.mission_type = mission_type

    @property
    def _kind(self) -> str:
        return self.mission_type.name.lower()

    def _is_ours(self, message: Message) -> bool:
        return super()._is_ours(message) and getattr(message, "mission_type", 0) == self.mission_type

    def cancel(self, now_s: float) -> list[Message]:
        """End the transfer from our side; `error` then says how far it came."""
        if self.finished:
            return []
        self.error = ProtocolError(f"cancelled: {self._progress_text()}")
        return [self._ack(dialect.MAV_MISSION_OPERATION_CANCELLED)]

    @abstractmethod
    def _progress_text(self) -> str:
        """Say how far it came."""

    def _ack(self, result: int) -> Message:
        target = self.target
        return dialect.MAVLink_mission_ack_message(
            target.system, target.component, result, int(self.mission_type)
        )
