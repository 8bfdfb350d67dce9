"""Scales from the units that messages travel in to SI.

Angles in degrees stay degrees and those in radians radians; charge stays mAh, temperature degrees Celsius
and shares percent, as people read them.
"""

from __future__ import annotations

from dataclasses import dataclass

_STANDARD_GRAVITY = 9.80665
"""m/s^2, BIPM, The International System of Units (SI), 9th edition, table 8 note."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What a raw value is multiplied by, and the unit it has then."""

    factor: float
    unit: str

    def __post_init__(self) -> None:
        if self.factor == 0.0:
            msg = "a scale of zero loses the value"
            raise ValueError(msg)


UNSCALED = Scale(1.0, "")

# Units as MAVLink's message definitions write them (mavlink.io/en/guide/xml_schema.html, "units").
_SCALES = {
    "degE7": Scale(1e-7, "deg"),
    "degE5": Scale(1e-5, "deg"),
    "cdeg": Scale(1e-2, "deg"),
    "deg/2": Scale(2.0, "deg"),
    "ddeg/s": Scale(1e-1, "deg/s"),
    "mrad/s": Scale(1e-3, "rad/s"),
    "mm": Scale(1e-3, "m"),
    "cm": Scale(1e-2, "m"),
    "dm": Scale(1e-1, "m"),
    "dam": Scale(10.0, "m"),
    "mm/s": Scale(1e-3, "m/s"),
    "cm/s": Scale(1e-2, "m/s"),
    "dm/s": Scale(1e-1, "m/s"),
    "m/s*5": Scale(0.2, "m/s"),
    "m/s/s": Scale(1.0, "m/s^2"),
    # Accelerations of raw sensors: thousandths of standard gravity.
    "mG": Scale(_STANDARD_GRAVITY * 1e-3, "m/s^2"),
    "cm^2": Scale(1e-4, "m^2"),
    "cm^3": Scale(1e-6, "m^3"),
    "cm^3/min": Scale(1e-6 / 60.0, "m^3/s"),
    "l": Scale(1e-3, "m^3"),
    "ns": Scale(1e-9, "s"),
    "us": Scale(1e-6, "s"),
    "ms": Scale(1e-3, "s"),
    "cs": Scale(1e-2, "s"),
    "ds": Scale(1e-1, "s"),
    "mV": Scale(1e-3, "V"),
    "cV": Scale(1e-2, "V"),
    "mA": Scale(1e-3, "A"),
    "cA": Scale(1e-2, "A"),
    "hJ": Scale(100.0, "J"),
    "hPa": Scale(100.0, "Pa"),
    "kPa": Scale(1000.0, "Pa"),
    "mbar": Scale(100.0, "Pa"),
    "cdegC": Scale(1e-2, "degC"),
    "d%": Scale(1e-1, "%"),
    "c%": Scale(1e-2, "%"),
    "gauss": Scale(1e-4, "T"),
    "mgauss": Scale(1e-7, "T"),
    "g": Scale(1e-3, "kg"),
    "KiB/s": Scale(1024.0, "bytes/s"),
    "MiB": Scale(1048576.0, "bytes"),
    "MiB/s": Scale(1048576.0, "bytes/s"),
}


def mavlink_scale(unit: str) -> Scale:
    """Return the scale of a unit of MAVLink's; one that is SI already, or has no scale, stays."""
    return _SCALES.get(unit) or Scale(1.0, unit)
