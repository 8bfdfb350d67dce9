"""What a multirotor weighs, how it drags in the air and what power it draws."""

from __future__ import annotations

from dataclasses import dataclass
from math import radians, sqrt, tan

GRAVITY_MPS2 = 9.80665
"""Standard gravity, CGPM 1901."""

_DRAG_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class Airframe:
    """Figures of one type of multirotor.

    Attributes
    ----------
    linear_drag_per_s
        Rotor (momentum) drag in hover: deceleration per m/s of air speed along a body axis, growing with
        the root of thrust.
    quadratic_drag_per_m
        Body drag: deceleration per (m/s)2 of air speed along a body axis.
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

    linear_drag_per_s: float = 0.240
    quadratic_drag_per_m: float = 0.0364
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

        Drag is set so that the greatest speed needs a lean of 30 degrees, ArduCopter's default ANGLE_MAX,
        or more where the acceleration asks for it; the split of linear and quadratic drag at 10 m/s is the
        reference's.
        """
        lean = max(tan(radians(30.0)), 1.25 * acceleration_mps2 / GRAVITY_MPS2)
        reference = cls.reference()
        linear, quadratic = reference.linear_drag_per_s, reference.quadratic_drag_per_m
        share = linear / (linear + quadratic * 10.0)
        # Along the body axis the air speed is that times the cosine of the lean, and so is gravity's part
        # of the force.
        upright = 1.0 / sqrt(1.0 + lean * lean)
        force = _body_force(lean, share, upright)
        return cls(
            linear_drag_per_s=force * share / (max_speed_mps * upright),
            quadratic_drag_per_m=force * (1.0 - share) / (max_speed_mps * upright) ** 2,
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

        Where cruise takes more than hover, the extra power grows with the cube of air speed, as that of
        drag does. Where it takes less (rotors gain from moving on), power falls smoothly to it and rises
        beyond, with two fifths of it taken for drag. Climb and descent add in proportion.
        """
        ratio = air_speed_mps / self.cruise_speed_mps
        extra = self.cruise_power_w - self.hover_power_w
        if extra >= 0.0:
            power = self.hover_power_w + extra * ratio**3
        elif ratio < 1.0:
            power = self.hover_power_w + extra * ratio * ratio * (3.0 - 2.0 * ratio)
        else:
            power = self.cruise_power_w * (1.0 + _DRAG_SHARE * (ratio**3 - 1.0))
        if climb_mps > 0.0:
            return power + (self.climb_power_w - self.hover_power_w) * climb_mps / self.climb_mps
        change = (self.descent_power_w - self.hover_power_w) * min(-climb_mps / self.descent_mps, 2.0)
        return max(power + change, 0.1 * self.hover_power_w)


def _body_force(lean: float, linear_share: float, upright: float) -> float:
    """Return the drag along the nose (m/s2) in level flight at a lean: gravity's part along the leaning axis.

    Rotor drag grows with the root of thrust, which is more than gravity when leaning, so its figure in
    hover is less.
    """
    along = GRAVITY_MPS2 * lean * upright
    return along / (linear_share / sqrt(upright) + 1.0 - linear_share)
