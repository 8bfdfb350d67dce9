"""A GPS position that jumps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dronepatrol.mavlink.dialect import dialect

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot
    from dronepatrol.sim.faults.estimate import Estimate


class GlitchReport:
    """Tells when the estimator holds the GPS position for false, and when it believes it again."""

    def __init__(self, autopilot: Autopilot, estimate: Estimate) -> None:
        self._autopilot = autopilot
        self._estimate = estimate
        self._told = False

    def step(self) -> None:
        """Look once."""
        glitching = self._estimate.glitching
        if glitching == self._told:
            return
        self._told = glitching
        text = "GPS Glitch or Compass error" if glitching else "Glitch cleared"
        self._autopilot.text(dialect.MAV_SEVERITY_CRITICAL, text)
