"""A battery pack under load: voltage, current, charge and energy used.

A simulated flight knows the electrical power that it needs; the pack says what current and voltage that
takes, and how long it lasts.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, sqrt

from dronepatrol.errors import InputError

_STEPS = 400


@dataclass(frozen=True, slots=True)
class Cell:
    """A lithium-polymer cell without load.

    The open-circuit voltage follows Tremblay, Dessaint and Dekkiche, "A generic battery model for the
    dynamic simulation of hybrid electric vehicles", IEEE VPPC 2007, equations 1 and 4 to 7: ``E0 - K Q / (Q
    - it) + A exp(-B it)``, fixed by three points.

    Attributes
    ----------
    full_v
        Voltage when fully charged.
    knee_v, knee_share
        Voltage at the end of the first fast drop, and the share of charge used by then.
    low_v, low_share
        Voltage before the last fast drop, and the share of charge used by then.
    resistance_ohm_ah
        Internal resistance times capacity: larger cells have less resistance.
    """

    full_v: float = 4.20
    knee_v: float = 3.95
    knee_share: float = 0.10
    low_v: float = 3.60
    low_share: float = 0.90
    resistance_ohm_ah: float = 0.012

    def open_circuit_v(self, used_share: float) -> float:
        """Return the voltage without load after a share of the charge has been used, 0 to 1."""
        drop = self.full_v - self.knee_v
        rate = 3.0 / self.knee_share
        bend = (self.full_v - self.low_v + drop * (exp(-rate * self.low_share) - 1.0)) * (
            (1.0 - self.low_share) / self.low_share
        )
        # The hyperbola of the model goes to minus infinity at the end; a cell is called empty at about 3 V.
        used = min(max(used_share, 0.0), 0.96)
        return self.full_v + bend - drop - bend / (1.0 - used) + drop * exp(-rate * used)


class Battery:
    """A pack of cells in series.

    Parameters
    ----------
    capacity_mah
        Charge from full to empty.
    cells
        Cells in series.
    cell
        What one is like.

    Attributes
    ----------
    voltage_v, current_a
        Of the last step.
    used_mah, used_wh
        Since full.
    voltage_offset_v
        Added to the reported voltage: a fault.
    """

    def __init__(self, capacity_mah: float, cells: int, cell: Cell | None = None) -> None:
        if capacity_mah <= 0.0 or cells < 1:
            raise InputError(
                f"a battery of {cells} cells and {capacity_mah} mAh",
                remedy="give at least one cell and some charge",
            )
        self.capacity_mah = capacity_mah
        self.cells = cells
        self._cell = cell or Cell()
        self._resistance = cells * self._cell.resistance_ohm_ah / (capacity_mah / 1000.0)
        self.current_a = 0.0
        self.used_mah = 0.0
        self.used_wh = 0.0
        self.voltage_offset_v = 0.0
        self._voltage_v = cells * self._cell.open_circuit_v(0.0)

    @classmethod
    def from_endurance(
        cls, *, power_w: float, endurance_s: float, cells: int = 6, cell: Cell | None = None
    ) -> Battery:
        """Return a pack that delivers a constant power for a given time from full to empty.

        That is how a drone's table gives its battery: hover power and hover time. Losses inside the pack
        come on top.
        """
        if power_w <= 0.0 or endurance_s <= 0.0:
            raise InputError(f"{endurance_s} s at {power_w} W", remedy="give a power and a time above 0")
        cell = cell or Cell()
        # Resistance scales with one over capacity, so both are found by repeating the integral.
        capacity_ah = power_w * endurance_s / 3600.0 / (cells * cell.knee_v)
        for _ in range(30):
            resistance = cells * cell.resistance_ohm_ah / capacity_ah
            hours = 0.0
            for k in range(_STEPS):
                open_v = cells * cell.open_circuit_v((k + 0.5) / _STEPS)
                hours += 1.0 / _current(open_v, resistance, power_w)
            capacity_ah = endurance_s / 3600.0 / (hours / _STEPS)
        return cls(capacity_ah * 1000.0, cells, cell)

    @property
    def voltage_v(self) -> float:
        """Voltage at the terminals."""
        return max(self._voltage_v + self.voltage_offset_v, 0.0)

    @property
    def remaining_share(self) -> float:
        """Share of the charge that is left, 0 to 1."""
        return min(max(1.0 - self.used_mah / self.capacity_mah, 0.0), 1.0)

    @property
    def empty(self) -> bool:
        """Whether no charge is left."""
        return self.used_mah >= self.capacity_mah

    def set_remaining(self, share: float) -> None:
        """Set the charge that is left, 0 to 1."""
        if not 0.0 <= share <= 1.0:
            raise InputError(f"remaining charge {share} is not between 0 and 1")
        self.used_mah = (1.0 - share) * self.capacity_mah
        self._voltage_v = self.cells * self._cell.open_circuit_v(1.0 - share)

    def step(self, power_w: float, dt_s: float) -> None:
        """Draw power for a time; an empty pack gives nothing more."""
        open_v = self.cells * self._cell.open_circuit_v(self.used_mah / self.capacity_mah)
        power = 0.0 if self.empty else max(power_w, 0.0)
        current = _current(open_v, self._resistance, power)
        self.current_a = current
        self._voltage_v = open_v - current * self._resistance
        self.used_mah += current * dt_s / 3.6
        self.used_wh += self._voltage_v * current * dt_s / 3600.0


class ReferenceBattery(Battery):
    """The battery of ArduPilot's simulator: 12.60 V and 3300 mAh, and flight goes on when it is empty."""

    def __init__(self, voltage_v: float = 12.60, capacity_mah: float = 3300.0) -> None:
        super().__init__(capacity_mah, 3)
        self._voltage_v = voltage_v

    @property
    def empty(self) -> bool:
        """Never: the simulator flies on."""
        return False

    def set_remaining(self, share: float) -> None:
        """Set the charge that is left; the voltage stays."""
        voltage = self._voltage_v
        super().set_remaining(share)
        self._voltage_v = voltage

    def step(self, power_w: float, dt_s: float) -> None:
        """Count the charge that a power takes at the constant voltage."""
        self.current_a = max(power_w, 0.0) / self._voltage_v
        self.used_mah += self.current_a * dt_s / 3.6
        self.used_wh += max(power_w, 0.0) * dt_s / 3600.0


def _current(open_v: float, resistance_ohm: float, power_w: float) -> float:
    """Return the current that gives a power, or that of the greatest power where the pack cannot give it."""
    room = open_v * open_v - 4.0 * resistance_ohm * power_w
    return (open_v - sqrt(max(room, 0.0))) / (2.0 * resistance_ohm)
