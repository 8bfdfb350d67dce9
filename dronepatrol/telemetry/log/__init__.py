"""Read logs of any format as columns."""

from __future__ import annotations

from dronepatrol.telemetry.log.integrity import Integrity
from dronepatrol.telemetry.log.log import Log, Sender
from dronepatrol.telemetry.log.read import read_log
from dronepatrol.telemetry.log.settings import mission_items, parameters
from dronepatrol.telemetry.log.status import (
    ModeChange,
    Span,
    Text,
    armed_spans,
    mode_changes,
    texts,
    vehicles,
)
from dronepatrol.telemetry.log.tracks import flights, tracks, whole_track

__all__ = [
    "Integrity",
    "Log",
    "ModeChange",
    "Sender",
    "Span",
    "Text",
    "armed_spans",
    "flights",
    "mission_items",
    "mode_changes",
    "parameters",
    "read_log",
    "texts",
    "tracks",
    "vehicles",
    "whole_track",
]
