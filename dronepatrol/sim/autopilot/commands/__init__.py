"""COMMAND_LONG and COMMAND_INT, answered as ArduCopter does; one file per kind of command."""

from __future__ import annotations

from dronepatrol.sim.autopilot.commands.service import CommandService

__all__ = ["CommandService"]
