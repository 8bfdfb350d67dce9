"""What a multirotor weighs, how it drags in the air and what power it draws."""

from __future__ import annotations

from dataclasses import dataclass
from math import radians, sqrt, tan

GRAVITY_MPS2 = 9.80665
"""Standard gravity, CGPM 1901."""


@dataclass(frozen=True, slots=True)
class Airframe:
    """Figures of one type of multirotor.

    Attributes
    ----------
    mass_kg
        Take-off mass.
    linear_drag_per_s
        Rotor (momentum) drag in hover: deceleration per m/s of air speed along a body axis, growing with
        the root of thrust.
    quadratic_drag_per_m
        Body drag: deceleration per (m/s)2 of air speed along a body axis.
    lean_rad
        Greatest lean the airframe itself allows; ANGLE_MAX may be less.
    attitude_lag_s
        Lag of the attitude behind what the controller shaped, motors included.
    hover_throttle
        Share of full thrust that hovers.
    hover_power_w, cruise_power_w, climb_power_w, descent_power_w
        Electrical power at rest, at `cruise_speed_mps`, climbing at `climb_mps` and descending at
        `descent_mps`.
    cruise_speed_mps, climb_mps, descent_mps
        Speeds to which those powers belong.
    """

    mass_kg: float = 3.0
    linear_drag_per_s: float = 0.240
    quadratic_drag_per_m: float = 0.0364
    lean_rad: float = radians(80.0)
    attitude_lag_s: float = 0.055
    hover_throttle: float = 0.39
    hover_power_w: float = 354.1
    cruise_power_w: float = 385.6
    climb_power_w: float = 385.6
    descent_power_w: float = 338.9
    cruise_speed_mps: float = 10.0
    climb_mps: float = 2.5
    descent_mps: float = 1.5

    @classmethod
    def reference(cls) -> Airframe:
        """Return the 3 kg "+" frame of ArduCopter's own simulator, fitted to flights of it."""
        return cls()

    @classmethod
    def from_figures(
        cls,
        *,
        cruise_speed_mps: float,
        max_speed_mps: float,
        climb_mps: float,
        descent_mps: float,
        acceleration_mps2: float,
        hover_power_w: float,
        cruise_power_w: float,
        climb_power_w: float,
    ) -> Airframe:
        """Return an airframe that flies and draws power as a data sheet says.

        Drag is set so that the greatest speed needs the lean that gives the figure's acceleration at least
        twice over, between 30 and 45 degrees; the split of linear and quadratic drag is that of the
        reference.
        """
        lean = min(max(2.0 * acceleration_mps2 / GRAVITY_MPS2, tan(radians(30.0))), 1.0)
        reference = cls.reference()
        shape = sqrt(sqrt(1.0 + lean * lean))
        linear, quadratic = reference.linear_drag_per_s * shape, reference.quadratic_drag_per_m
        share = linear / (linear + quadratic * 10.0)
        force = GRAVITY_MPS2 * lean / (1.0 + 0.25 * lean)
        return cls(
            linear_drag_per_s=force * share / max_speed_mps / shape,
            quadratic_drag_per_m=force * (1.0 - share) / max_speed_mps**2,
            hover_power_w=hover_power_w,
            cruise_power_w=cruise_power_w,
            climb_power_w=climb_power_w,
            descent_power_w=0.95 * hover_power_w,
            cruise_speed_mps=cruise_speed_mps,
            climb_mps=climb_mps,
            descent_mps=descent_mps,
        )

    def power_w(self, air_speed_mps: float, climb_mps: float) -> float:
        """Return electrical power at a horizontal air speed and a rate of climb (negative: descent).

        Between hover and cruise the extra power grows with the square of air speed; climb and descent add
        in proportion.
        """
        ratio = air_speed_mps / self.cruise_speed_mps
        power = self.hover_power_w + (self.cruise_power_w - self.hover_power_w) * ratio * ratio
        if climb_mps > 0.0:
            return power + (self.climb_power_w - self.hover_power_w) * climb_mps / self.climb_mps
        change = (self.descent_power_w - self.hover_power_w) * min(-climb_mps / self.descent_mps, 2.0)
        return max(power + change, 0.1 * self.hover_power_w)
