"""Plan patrol routes, fly them with simulated or real drones over MAVLink, and replay what was seen."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dronepatrol.api import (
        FlightReport,
        check_plan,
        draw_plan,
        fly,
        load_mission,
        open_run,
        plan_mission,
        write_plan,
    )

__version__ = "0.1.0"

__all__ = [
    "FlightReport",
    "__version__",
    "check_plan",
    "draw_plan",
    "fly",
    "load_mission",
    "open_run",
    "plan_mission",
    "write_plan",
]


def __getattr__(name: str) -> Any:
    """Import the main job's calls when they are first used: `import dronepatrol` alone stays quick."""
    if name in __all__:
        return getattr(import_module("dronepatrol.api"), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted(__all__)
