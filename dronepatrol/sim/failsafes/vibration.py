"""Vibration that drowns the accelerometers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dronepatrol.mavlink.dialect import dialect

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot

HIGH_MPS2 = 60.0
"""Accelerometers clip above this, says ArduPilot's documentation of the vibration failsafe."""
ON_S, OFF_S = 1.0, 15.0
"""Before compensation begins, and before it ends."""


class VibrationWatch:
    """Tells when vibration compensation is on; ArduCopter changes no mode for it.

    The level is SIM_ACC1_RND in m/s2, as shaken by the motors.

    Attributes
    ----------
    level_mps2
        What VIBRATION reports on each axis.
    compensating
        Whether compensation is on.
    clips
        Clipped samples so far.
    """

    def __init__(self, autopilot: Autopilot) -> None:
        self._autopilot = autopilot
        self.level_mps2 = 0.0
        self.compensating = False
        self.clips = 0
        self._changed_s = 0.0

    def step(self) -> None:
        """Look once."""
        autopilot = self._autopilot
        flying = autopilot.pilot.armed and not autopilot.pilot.landed
        self.level_mps2 = autopilot.parameters["SIM_ACC1_RND"] if flying else 0.0
        bad = self.level_mps2 >= HIGH_MPS2
        self.clips += int(bad)
        wanted = bad and autopilot.parameters["FS_VIBE_ENABLE"] != 0.0
        if wanted == self.compensating:
            self._changed_s = autopilot.boot_s
            return
        if autopilot.boot_s - self._changed_s > (ON_S if wanted else OFF_S):
            self.compensating = wanted
            word = "ON" if wanted else "OFF"
            autopilot.text(dialect.MAV_SEVERITY_CRITICAL, f"Vibration compensation {word}")
