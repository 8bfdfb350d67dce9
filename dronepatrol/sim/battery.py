"""A battery as cells in series under load."""

from __future__ import annotations

from bisect import bisect_right
from math import sqrt

OPEN_CIRCUIT_V = (
    (0.0, 3.00),
    (0.05, 3.35),
    (0.1, 3.52),
    (0.2, 3.62),
    (0.4, 3.73),
    (0.6, 3.86),
    (0.8, 4.02),
    (0.9, 4.10),
    (1.0, 4.20),
)
"""Open-circuit voltage of a lithium cell by state of charge: a typical discharge curve, not one maker's."""
MEAN_CELL_V = 3.8
SAG_AT_HOVER = 0.03
"""Share of the mean voltage that hover drops across the internal resistance."""


class Battery:
    """Energy, voltage and current of one battery.

    The state of charge falls with the energy delivered, so a drone that hovers lands empty exactly after the
    endurance its table promises; voltage and current follow from the cells' curve and resistance.

    Parameters
    ----------
    capacity_wh
        Energy delivered from full to empty.
    cells
        In series.
    resistance_ohm
        Internal resistance of all cells together.
    """

    def __init__(self, capacity_wh: float, *, cells: int = 4, resistance_ohm: float = 0.02) -> None:
        self.capacity_wh = capacity_wh
        self.cells = cells
        self.resistance_ohm = resistance_ohm
        self.consumed_wh = 0.0
        self.consumed_mah = 0.0
        self.current_a = 0.0
        self.voltage_v = self._open_circuit_v()

    @classmethod
    def from_capacity(cls, capacity_wh: float, *, hover_power_w: float, cells: int = 4) -> Battery:
        """Return a full battery whose voltage sags by 3 % in hover."""
        current_a = hover_power_w / (cells * MEAN_CELL_V)
        return cls(capacity_wh, cells=cells, resistance_ohm=SAG_AT_HOVER * cells * MEAN_CELL_V / current_a)

    @property
    def remaining(self) -> float:
        """Share of the charge left, 0 to 1."""
        return max(0.0, 1.0 - self.consumed_wh / self.capacity_wh)

    @property
    def remaining_percent(self) -> int:
        """The same in whole percent."""
        return round(100.0 * self.remaining)

    def draw(self, power_w: float, duration_s: float) -> None:
        """Deliver a power for a time.

        The current solves ``power = current (open circuit voltage - resistance current)``; what the cells
        cannot deliver is cut off at their greatest power.
        """
        open_v, resistance = self._open_circuit_v(), self.resistance_ohm
        root = max(open_v * open_v - 4.0 * resistance * power_w, 0.0)
        self.current_a = (open_v - sqrt(root)) / (2.0 * resistance)
        self.voltage_v = open_v - resistance * self.current_a
        hours = duration_s / 3600.0
        self.consumed_wh += self.voltage_v * self.current_a * hours
        self.consumed_mah += self.current_a * hours * 1000.0

    def _open_circuit_v(self) -> float:
        charge = self.remaining
        index = min(max(bisect_right(OPEN_CIRCUIT_V, (charge, 99.0)), 1), len(OPEN_CIRCUIT_V) - 1)
        (low, low_v), (high, high_v) = OPEN_CIRCUIT_V[index - 1], OPEN_CIRCUIT_V[index]
        return self.cells * (low_v + (high_v - low_v) * (charge - low) / (high - low))
