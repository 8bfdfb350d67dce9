"""A compass that fails or is disturbed.

There is no recording of it. The order of events is what EKF3's documentation describes: a lane whose compass
is bad takes the next one; when there is none left, its heading cannot be trusted, its velocity disagrees with
GPS once it moves, and the estimator's failsafe acts.
"""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING

from dronepatrol.mavlink.dialect import dialect

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot
    from dronepatrol.sim.faults.estimate import Estimate

COMPASSES = (1, 2, 3)
USUAL_OFFSET = (5.0, 13.0, -18.0)
"""SIM_MAG*_OFS of a good compass, mgauss: what its calibration takes away."""
GATE_MGAUSS = 150.0
"""A disturbance of this size makes the test ratio 1 (three times EK3_MAG_M_NSE of 50 mgauss)."""
SWITCH_S = 10.0
"""A disturbed compass is given up after this long (magFailTimeLimit); a dead one at once."""
MOVING_MPS = 1.0
"""Above this speed a wrong heading shows against GPS."""


class CompassWatch:
    """Follows SIM_MAG1_FAIL to SIM_MAG3_FAIL and the offsets SIM_MAG1_OFS_X ... SIM_MAG3_OFS_Z.

    Attributes
    ----------
    healthy
        Whether the compass that is used works.
    """

    def __init__(self, autopilot: Autopilot, estimate: Estimate) -> None:
        self._autopilot = autopilot
        self._estimate = estimate
        self._used = 0
        self._since_s: float | None = None
        self.healthy = True

    def step(self) -> None:
        """Look once."""
        value = self._autopilot.parameters
        number = COMPASSES[self._used]
        dead = value[f"SIM_MAG{number}_FAIL"] != 0.0
        ratio = self._disturbance(number) / GATE_MGAUSS
        self.healthy = not dead
        if not dead and ratio < 1.0:
            self._since_s = None
            self._rate(ratio)
            return
        now_s = self._autopilot.boot_s
        if self._since_s is None:
            self._since_s = now_s
        if dead or now_s - self._since_s >= SWITCH_S:
            self._switch()
        if self._since_s is not None:
            self._rate(max(ratio, 1.0))

    def _disturbance(self, number: int) -> float:
        value = self._autopilot.parameters
        return hypot(
            *(
                value[f"SIM_MAG{number}_OFS_{axis}"] - usual
                for axis, usual in zip("XYZ", USUAL_OFFSET, strict=True)
            )
        )

    def _switch(self) -> None:
        """Take the next compass that works."""
        value = self._autopilot.parameters
        for index, number in enumerate(COMPASSES):
            good = value[f"SIM_MAG{number}_FAIL"] == 0.0 and self._disturbance(number) < GATE_MGAUSS
            if good and index != self._used:
                self._used, self._since_s, self.healthy = index, None, True
                for lane in (0, 1):
                    text = f"EKF3 IMU{lane} switching to compass {index}"
                    self._autopilot.text(dialect.MAV_SEVERITY_INFO, text)
                self._rate(0.0)
                return

    def _rate(self, ratio: float) -> None:
        """Let the estimator's test ratios show it: heading, and velocity once the drone moves."""
        ratios = self._estimate.variances
        ratios.compass = ratio
        moving = self._autopilot.pilot.ground_speed_mps > MOVING_MPS
        ratios.velocity = ratio if ratio >= 1.0 and moving else 0.0
