"""Prints how far simulated flights are from the recorded ones, and what a step costs.

Run: ``python tests/benchmarks/motion_fidelity.py [flight ...]``
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.sim.motion.motion_recordings import RECORDINGS, compare, fly_recorded, reference_wind

FLIGHTS = ("survey", "square-stop", "rtl-high", "mixed", "guided", "survey-wind")


def main() -> None:
    """Compare all flights, or those named."""
    if not RECORDINGS.exists():
        sys.exit("no recordings here")
    names = [a for a in sys.argv[1:] if not a.startswith("-")] or FLIGHTS
    print("flight        worst leg          track p95/max  in time p95/max  height  landing      yaw   ms/s")
    for name in names:
        recording, flight = fly_recorded(name, wind=reference_wind(name))
        c = compare(recording, flight)
        seq, time, error = max(c.leg_errors, key=lambda leg: abs(leg[2]) / leg[1])
        track = f"{c.track_p95_m:5.2f} {c.track_max_m:5.2f}"
        timed = f"{c.synchronous_p95_m:5.2f} {c.synchronous_max_m:5.2f}"
        leg = f"#{seq:2d} {error:+6.2f} s {100 * abs(error) / time:5.2f} %"
        landing = f"{c.landing_error_s:+5.2f} s {100 * c.landing_share:4.1f} %"
        rest = f"{c.altitude_max_m:5.2f}  {landing}  {c.yaw_p95_deg:4.1f}  {flight.cpu_ms_per_s:5.2f}"
        print(f"{name:12s} {leg}   {track}    {timed}   {rest}")
        if "-v" in sys.argv:
            for seq, time, error in c.leg_errors:
                print(f"   item {seq:2d}  {time:6.2f} s  {error:+6.2f} s  {100 * error / time:+5.2f} %")


if __name__ == "__main__":
    main()
