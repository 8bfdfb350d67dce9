"""Read logs of any format as columns."""

from __future__ import annotations

from dronepatrol.telemetry.log.integrity import Integrity
from dronepatrol.telemetry.log.log import Log, Sender
from dronepatrol.telemetry.log.read import read_log

__all__ = ["Integrity", "Log", "Sender", "read_log"]
